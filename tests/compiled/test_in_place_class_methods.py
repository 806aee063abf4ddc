"""Compiled in place: class methods, what a class is given behind its text, and super with its arguments."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_workbench import Across, Make

from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython.refusal import CannotPrint

TEXT = """
class Grade:
    TOP = None
    LOW = None
    step = 1

    def __init__(self, level):
        super(Grade, self).__init__()
        self.level = level

    @classmethod
    def above(cls, one, other):
        return one.level > other.level

    @classmethod
    def best(cls, one, other):
        if cls.above(one, other):
            return one
        return other

    @classmethod
    def made(cls, level):
        return cls(level * cls.step)

    def next(self):
        order = {0: self.__class__.LOW, 1: type(self).TOP}
        return order[self.level % 2]

    def made_like(self, level):
        return self.made(level)


Grade.TOP = Grade(9)
Grade.LOW = Grade(0)


class Half(Grade):
    step = 2

    def __init__(self, level):
        super(Half, self).__init__(level + 1)
        self.more = 0.5


def ranked(grades, n):
    best = grades[0]
    for grade in grades:
        best = Grade.best(best, grade)
    found = 0
    for i in range(n):
        found += Grade.made(i).level + Half.made(i).level
        if best is Grade.TOP:
            found += 1
    return best, found


def walked(grade, n):
    seen = []
    for i in range(n):
        grade = grade.next()
        seen.append(grade)
        grade.level += 1
    return seen


def likes(grades, n):
    found = []
    for grade in grades:
        for i in range(n):
            found.append(grade.made_like(i))
    return found


class Rebinds:
    @classmethod
    def made(cls, n):
        cls = Grade
        return cls(n)

    @classmethod
    def up(cls, n):
        return super().made(n)

    @classmethod
    def hidden(cls, Rebinds):
        return cls.made(Rebinds)


def rebinds(n):
    for i in range(n):
        Rebinds.made(i)


def ups(n):
    for i in range(n):
        Rebinds.up(i)


def hidden(n):
    for i in range(n):
        Rebinds.hidden(i)
"""


def _grades(m: Any, *levels: Any) -> list[Any]:
    return [(m.app.Half if at % 2 else m.app.Grade)(level) for at, level in enumerate(levels)]


def _plain(m: Any, *levels: Any) -> list[Any]:
    return [m.app.Grade(level) for level in levels]


EXAMPLES: dict[str, Make] = {
    "ranked": lambda m: (_plain(m, 3, 1, 7), 5),
    "walked": lambda m: (m.app.Grade(3), 6),
    "likes": lambda m: (_grades(m, 3, 1, 7), 3),
}


@pytest.fixture(scope="module")
def across(builder: Builder) -> Across:
    return Across(builder, {"app": TEXT}, EXAMPLES)


def _anew(across: Across) -> None:
    for side in (across.original, across.compiled):
        side.app.Grade.TOP, side.app.Grade.LOW = side.app.Grade(9), side.app.Grade(0)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_examples(across: Across, name: str) -> None:
    _anew(across)
    across.check_fast(name, EXAMPLES[name])


def test_what_the_class_holds_now(across: Across) -> None:
    for side in (across.original, across.compiled):
        side.app.Grade.TOP = side.app.Grade(40)
    across.check_fast("ranked", lambda m: ([m.app.Grade.TOP, m.app.Grade(2)], 3))
    across.check_fast("walked", lambda m: (m.app.Grade(2), 5))
    for side in (across.original, across.compiled):
        side.app.Grade.TOP = side.app.Half(4)
    across.check("walked", lambda m: (m.app.Grade(1), 5))
    for value in (None, 7, "x"):
        for side in (across.original, across.compiled):
            side.app.Grade.TOP = value
        across.check("walked", lambda m: (m.app.Grade(1), 5))
    _anew(across)


@pytest.mark.parametrize(
    "other",
    [
        lambda m: classmethod(lambda cls, one, other: False),
        lambda m: staticmethod(lambda one, other: True),
        lambda m: staticmethod(m.Grade.__dict__["above"].__func__),
        lambda m: m.Grade.__dict__["above"].__func__,
        lambda m: property(m.Grade.__dict__["above"].__func__),
    ],
)
def test_a_class_method_that_is_replaced(across: Across, other: Any) -> None:
    _anew(across)
    before = {}
    for side in (across.original, across.compiled):
        before[side] = side.app.Grade.__dict__["above"]
        side.app.Grade.above = other(side.app)
    across.check_redone("ranked", EXAMPLES["ranked"])
    for side in (across.original, across.compiled):
        side.app.Grade.above = before[side]
    across.check_fast("ranked", EXAMPLES["ranked"])


def test_an_instance_with_a_method_of_its_own(across: Across) -> None:
    def grades(m: Any) -> list[Any]:
        found = _grades(m, 3, 1)
        found[0].made = m.app.Half
        return found

    across.check("likes", lambda m: (grades(m), 2))


def test_a_subclass_that_was_not_seen(across: Across) -> None:
    def other(m: Any) -> Any:
        class Third(m.app.Half):  # type: ignore[misc, name-defined]
            step = 5

        return Third(2)

    across.check_redone("likes", lambda m: ([m.app.Grade(1), m.app.Half(2), other(m)], 2))
    across.check_redone("walked", lambda m: (other(m), 2))


@pytest.mark.parametrize("name", ["rebinds", "ups", "hidden"])
def test_refused(builder: Builder, name: str) -> None:
    with pytest.raises(CannotPrint):
        Across(builder, {"app": TEXT}, {name: lambda m: (2,)})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-3, 2**63) | st.floats() | st.booleans(), min_size=1, max_size=5),
    st.integers(-1, 4),
)
def test_any_levels(across: Across, levels: list[Any], n: int) -> None:
    _anew(across)
    across.check("ranked", lambda m: (_plain(m, *levels), n))
    across.check("likes", lambda m: (_grades(m, *levels), n))
    across.check("walked", lambda m: (m.app.Grade(levels[0]), n))
