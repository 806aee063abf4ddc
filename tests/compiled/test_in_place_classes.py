"""Compiled in place: classes as programs write them, ``self`` of several classes, and branches left to the original."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_workbench import Across, Make

from selfsame.compiler.emit.build import Builder

TEXTS = {
    "words": """
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Rule:
    def __init__(self, text, result, method=None):
        self.text = text
        self.result = result
        self.method = method


class Holder(Generic[T]):
    if True:
        seen = 0

    class Inner:
        pass

    @overload
    def pick(self, n: int) -> int: ...

    @overload
    def pick(self, n: str) -> int: ...

    def pick(self, n):
        return self.base(n) + 1

    @staticmethod
    def base(n):
        return n * 2

    @property
    def width(self):
        return self._width

    @width.setter
    def width(self, value):
        self._width = value

    def __init__(self, width):
        self._width = width
""",
    "app": """
from dataclasses import dataclass, field
from words import Holder, Rule

NOTHING = None
SQUARES = [n * n for n in range(64)]
TABLE = {k: (k, k + 1) for k in range(8)}
RULES = [Rule("ab", 3), Rule("b", 5)]
PLACES = dict.fromkeys(range(5), 1.5)


class Stemmer:
    rules = ()
    limit = 4

    def __init__(self, word):
        self.word = word
        self.cursor = 0

    def find(self, rules, n):
        found = 0
        for _ in range(n):
            for rule in rules:
                if self.word.startswith(rule.text):
                    self.cursor += len(rule.text)
                    if rule.method is None and rule.result == 9:
                        return self.cursor
                    if rule.method is not None:
                        if not rule.method(self):
                            return -1
                    found += rule.result * self.weight()
        return found

    def stem(self, n):
        return self.find(self.rules, n) + self.limit

    def weight(self):
        return 1


class German(Stemmer):
    rules = [Rule("a", 1), Rule("ab", 2)]
    limit = 6


class French(Stemmer):
    rules = [Rule("b", 1)]

    def weight(self):
        return super().weight() * 3 + self.cursor

    def find(self, rules, n):
        return super().find(rules, n) * 2


class Wide(Holder[int]):
    def pick(self, n):
        return super().pick(n) + Holder.base(n) + self.base(n)


@dataclass
class Point:
    x: int
    y: float = 1.5


@dataclass
class Named(Point):
    name: str = "p"
    tags: list = field(default_factory=list)


@dataclass
class Moved(Named):
    y: float = 2.5

    def sum(self):
        return self.x + self.y + len(self.tags)


def picks(holders, n):
    total = 0
    for k in range(n):
        for holder in holders:
            total += holder.pick(k) + holder.width
    return total


def points(n):
    made = [Moved(k, name="q" * k) for k in range(n)]
    made.append(Moved(1, 0.5, "r", [1, 2]))
    total = 0.0
    for m in made:
        total += m.sum()
    return total, made


def tables(keys):
    total = 0.0
    for key in keys:
        a, b = TABLE[key % 8]
        total += SQUARES[key] * a - b + PLACES[key % 5]
        if NOTHING is None:
            total += RULES[key % 2].result
    return total


def report(value, *more):
    return {"value": value, "more": more}


def guarded(xs, log):
    total = 0
    for x in xs:
        if x < 0:
            log.append(str(type(x)) + repr(report(x, total)))
            total -= 1
        elif x > 100:
            described(x, log)
        else:
            total += x
    return total


def described(x, log):
    log.append([*range(x % 3)])


def cut(xs, log):
    total = 0
    for x in xs:
        if x > 10:
            log.append(x)
            if x < 20:
                continue
            log.append(report(x))
        total += x
    return total
""",
}


EXAMPLES: dict[str, Make] = {
    "picks": lambda m: ([m.words.Holder(2), m.app.Wide(3)], 4),
    "points": lambda m: (4,),
    "tables": lambda m: ([1, 2, 30, 7],),
    "guarded": lambda m: ([1, 2, 3], []),
    "cut": lambda m: ([1, 12, 3], [0]),
}
ON_SEVERAL: dict[str, list[Make]] = {
    "Stemmer.find": [
        lambda m: (m.app.German("abc"), m.app.RULES, 2),
        lambda m: (m.app.French("bcd"), m.app.RULES, 2),
    ],
    "Stemmer.stem": [lambda m: (m.app.German("abc"), 2), lambda m: (m.app.French("bcd"), 2)],
}


@pytest.fixture(scope="module")
def across(builder: Builder) -> Across:
    return Across(builder, TEXTS, {**EXAMPLES, **ON_SEVERAL})


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same(across: Across, name: str) -> None:
    across.check_fast(name, EXAMPLES[name])
    across.check_fast(name, EXAMPLES[name])


@pytest.mark.parametrize("name", ON_SEVERAL)
@pytest.mark.parametrize("which", [0, 1])
def test_self_is_of_several_classes(across: Across, name: str, which: int) -> None:
    across.check_fast(name, ON_SEVERAL[name][which])


def test_self_of_a_class_that_was_not_seen(across: Across) -> None:
    across.check_redone("Stemmer.find", lambda m: (m.app.Stemmer("abc"), m.app.RULES, 2))


def test_a_branch_without_a_compiled_form_is_the_originals(across: Across) -> None:
    assert across.units["guarded"].declined
    across.check_redone("cut", lambda m: ([1, 12, 30], [0]))
    across.check_redone("guarded", lambda m: ([1, 2, -3, 4], [5]))
    across.check_redone("guarded", lambda m: ([1, 2, 300, 4], []))
    across.check_redone(
        "Stemmer.find",
        lambda m: (m.app.German("abc"), [m.words.Rule("a", 1, lambda s: s.cursor > 1)], 2),
    )


def test_a_static_method_that_is_replaced(across: Across) -> None:
    across.check_fast("picks", EXAMPLES["picks"])
    for side in (across.original, across.compiled):
        side.app.Wide.base = staticmethod(lambda n: n * 7)
    across.check_redone("picks", EXAMPLES["picks"])
    for side in (across.original, across.compiled):
        del side.app.Wide.base
    across.check_fast("picks", EXAMPLES["picks"])


@pytest.mark.parametrize("value", [0, 3.5, [1], "x"])
def test_a_global_that_is_none_is_another(across: Across, value: object) -> None:
    for side in (across.original, across.compiled):
        side.app.NOTHING = value
    across.check_redone("tables", EXAMPLES["tables"])
    for side in (across.original, across.compiled):
        side.app.NOTHING = None


@pytest.mark.parametrize("value", [True, 2.5, 2**70, None, "a"])
def test_what_a_global_holds_is_asked_where_it_is_read(across: Across, value: object) -> None:
    for side in (across.original, across.compiled):
        side.app.SQUARES[3] = value
    across.check("tables", lambda m: ([1, 3],))
    for side in (across.original, across.compiled):
        side.app.SQUARES[3] = 9
    across.check_fast("tables", EXAMPLES["tables"])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "ab", ""]), st.integers(-9, 2**63)), max_size=5),
    st.text("abc", max_size=4),
    st.sampled_from(["German", "French", "Stemmer"]),
    st.integers(0, 3),
)
def test_any_rules(
    across: Across, rules: list[tuple[str, int]], word: str, cls: str, n: int
) -> None:
    across.check(
        "Stemmer.find",
        lambda m: (getattr(m.app, cls)(word), [m.words.Rule(*rule) for rule in rules], n),
    )
