"""Compiled in place: methods and properties of classes of named tuples."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import math
from typing import NamedTuple


class Point(NamedTuple):
    x: float
    y: float = 0.0

    def to(self, other: "Point") -> float:
        return math.sqrt((self.x - other.x) ** 2 + (self.y - other.y) ** 2)

    @property
    def size(self):
        return abs(self.x) + abs(self.y)

    def moved(self, dx=1.0, dy=2.0):
        return Point(self.x + dx, self.y + dy)

    def far(self, limit):
        return self.size > limit and not self.near(limit)

    def near(self, limit):
        return self.to(Point(0.0, 0.0)) <= limit

class Cell(NamedTuple):
    row: int
    held: list

    def put(self, value):
        self.held.append(value)
        return len(self.held) * self.row

    def total(self):
        total = 0
        for value in self.held:
            total += value
        return total


def lengths(points, at):
    total = 0.0
    for point in points:
        total += point.to(at) * 2.0 + point.size
    return total


def walked(start, n):
    at, seen = start, []
    for i in range(n):
        at = at.moved(dy=float(i)) if i % 2 else at.moved(0.5)
        seen.append(at)
    return at, seen


def counted(points, limit):
    return sum(1 for point in points if point.far(limit)), [p for p in points if p.near(limit)]


def filled(cells, n):
    found = 0
    for cell in cells:
        for i in range(n):
            found += cell.put(i) + cell.total()
    return found, cells


class Mark(NamedTuple):
    at: int
    name: str = "none"
    weight: float = -1.5
    after: "Mark | None" = None


def marked(numbers, word):
    out = [Mark(number) for number in numbers]
    for number in numbers:
        out.append(Mark(number, word))
        out.append(Mark(weight=number / 2, at=3, after=out[-1] if number else None))
    return out


def replaced(points, rows):
    out = []
    for point in points:
        out.append(point._replace(x=point.y, y=2.0))
        out.append(point._replace()._replace(y=point[-2] + point[-1]))
        out.append(Point._make((point.x, 5.0)))
    out += [Point._make(row) for row in rows]
    return out, list(map(Point._make, rows))
"""


def points(m: Any) -> list[Any]:
    return [m.Point(0.5, -2.0), m.Point(3.0), m.Point(2.5, 1.0)]


EXAMPLES: dict[str, Make] = {
    "lengths": lambda m: (points(m), m.Point(1.0, 1.0)),
    "walked": lambda m: (m.Point(1.0, 2.0), 3),
    "counted": lambda m: (points(m), 2.5),
    "marked": lambda m: ([1, 2], "w"),
    "replaced": lambda m: (points(m), [[1.0, 2.0], [3.0, 4.0]]),
    "filled": lambda m: ([m.Cell(2, [1]), m.Cell(3, [4, 5])], 2),
}
NUMBERS = st.floats(-9, 9)


@pytest.fixture
def named(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def test_each_is_compiled_and_does_the_same(named: InPlace) -> None:
    for name in EXAMPLES:
        named.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=40)
@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5), limit=NUMBERS)
def test_any_inputs(builder: Any, pairs: list[tuple[float, float]], limit: float) -> None:
    named = _shared(builder)
    named.check("lengths", lambda m: ([m.Point(*pair) for pair in pairs], m.Point(limit)))
    named.check("counted", lambda m: ([m.Point(*pair) for pair in pairs], limit))
    named.check("walked", lambda m: (m.Point(limit, limit), len(pairs)))
    named.check("replaced", lambda m: ([m.Point(*p) for p in pairs], [list(p) for p in pairs]))
    whole = [round(a) for a, _ in pairs]
    named.check("marked", lambda m: (list(whole), str(limit)))
    named.check("filled", lambda m: ([m.Cell(n, [n]) for n in whole], 2))


_made: list[InPlace] = []


def _shared(builder: Any) -> InPlace:
    if not _made:
        _made.append(InPlace(builder, TEXT, EXAMPLES))
    return _made[0]


def test_what_is_something_else_runs_the_original(named: InPlace) -> None:
    for other in (
        lambda m: type("Other", (m.Point,), {"to": lambda self, at: 7.0})(1.0, 2.0),
        lambda m: m.Point(1, 2),
        lambda m: tuple.__new__(m.Point, (1.0,)),
    ):
        before = named.deopts["lengths"]
        named.check("lengths", lambda m, other=other: ([other(m)], m.Point(0.0)))
        assert named.deopts["lengths"] == before + 1


@pytest.mark.parametrize("which", ["to", "size"])
def test_a_method_that_was_replaced_runs_the_original(named: InPlace, which: str) -> None:
    for module in (named.original, named.compiled):
        changed = (lambda self, at: 7.0) if which == "to" else property(lambda self: 7.0)
        setattr(module.Point, which, changed)
    named.check("lengths", EXAMPLES["lengths"])
    assert named.deopts["lengths"] == 1
    assert named.compiled.lengths(*EXAMPLES["lengths"](named.compiled)) > 7.0


@pytest.mark.parametrize("which", ["_make", "_replace"])
def test_what_every_named_tuple_has_and_was_replaced_runs_the_original(
    named: InPlace, which: str
) -> None:
    def changed(*given: object, **named: object) -> object:
        return (7.0, 7.0)

    for module in (named.original, named.compiled):
        setattr(module.Point, which, changed if which == "_replace" else staticmethod(changed))
    if which == "_make":  # what it returns has no fields
        named.check("replaced", lambda m: ([], [[1.0, 2.0]]))
    else:
        named.check("replaced", lambda m: ([], []))
    assert named.deopts["replaced"] == 1


def test_too_few_or_too_many_are_the_originals_error(named: InPlace) -> None:
    for row in ([1.0], [1.0, 2.0, 3.0], []):
        named.check("replaced", lambda m, row=row: ([], [row]))
    assert named.deopts["replaced"] == 3


@pytest.mark.parametrize("defaults", [("none", 2.5, None), ("none", -1, None), (-1.5, None), None])
def test_other_defaults_run_the_original(named: InPlace, defaults: Any) -> None:
    for module in (named.original, named.compiled):
        module.Mark.__new__.__defaults__ = defaults
    named.check("marked", EXAMPLES["marked"])
    assert named.deopts["marked"] == 1
