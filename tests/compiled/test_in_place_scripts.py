"""Compiled in place: what scripts have: switches that are off, ranges under a name, classes that are given more."""

from typing import Any

import pytest
from test_in_place import InPlace, Make

from selfsame.compiler.errors import Skipped

TEXT = """
TRACING = False
VERBOSE = 0
FULL = True
STEPS = range(4)
LONG = range(100_000)


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def plus(self, other):
        return Vector(self.x + other.x, self.y + other.y)


Vector.ZERO = Vector(0.0, 0.0)
Vector.UNIT = Vector(1.0, 1.0)


class Shared:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n


Shared.__hash__ = None
Shared.limit = 3


def trace(*words):
    print(*words)


def stepped(n):
    total = 0
    while n > 0:
        if TRACING:
            print("n =", n)
        if VERBOSE and n > 3:
            trace(n)
        for i in STEPS:
            total += i * n
        if not FULL:
            total = trace("never")
        elif FULL or trace(n):
            total += 1
        n -= 1
    return total


def longest(n):
    total = 0
    for i in LONG:
        total += i * n
    return total


def summed(vectors):
    total = Vector.ZERO
    for vector in vectors:
        total = total.plus(vector).plus(Vector.UNIT)
    return total.x, total.y


def limited(items):
    found = 0
    for item in items:
        found += item.n < Shared.limit
    return found


def picked(limit, cells):
    found = []
    for start in range(limit):
        some = range(start) if start % 2 else cells
        for cell in some:
            found.append(cell)
    return found
"""

EXAMPLES: dict[str, Make] = {
    "stepped": lambda m: (6,),
    "longest": lambda m: (2,),
    "summed": lambda m: ([m.Vector(1.5, 2.0), m.Vector(3.0, -1.0)],),
}


@pytest.fixture
def scripts(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", ["stepped", "summed"])
def test_the_same(scripts: InPlace, name: str) -> None:
    scripts.check_fast(name, EXAMPLES[name])


@pytest.mark.parametrize(
    ("name", "value"), [("TRACING", True), ("TRACING", 0), ("VERBOSE", 2), ("FULL", False)]
)
def test_a_switch_that_is_on_runs_the_original(
    scripts: InPlace, name: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts.check_fast("stepped", EXAMPLES["stepped"])
    for module in (scripts.original, scripts.compiled):
        setattr(module, name, value)
    before = scripts.deopts["stepped"]
    if name == "FULL":
        with pytest.raises(TypeError):
            scripts.compiled.stepped(6)
    else:
        scripts.check("stepped", EXAMPLES["stepped"])
        assert capsys.readouterr().out.count("6") == (2 if value else 0)
    assert scripts.deopts["stepped"] == before + 1


@pytest.mark.parametrize("value", [range(2), range(9, 0, -4), [1, 5], (7,), [], range(0)])
def test_a_row_under_a_name_may_be_another(scripts: InPlace, value: object) -> None:
    for module in (scripts.original, scripts.compiled):
        module.STEPS = value
    scripts.check_fast("stepped", EXAMPLES["stepped"])


@pytest.mark.parametrize("value", [{1, 2}, "ab", range(10**6), None, iter([1, 2])])
def test_what_is_no_short_row_is_the_originals(scripts: InPlace, value: object) -> None:
    scripts.compiled.STEPS = value
    before = scripts.deopts["stepped"]
    try:
        scripts.compiled.stepped(1)
    except TypeError:
        pass
    assert scripts.deopts["stepped"] == before + 1


def test_a_long_range_is_the_originals(scripts: InPlace) -> None:
    scripts.check("longest", EXAMPLES["longest"])
    assert scripts.deopts["longest"] == 1


def test_what_a_class_was_given_is_read_from_it(scripts: InPlace) -> None:
    for module in (scripts.original, scripts.compiled):
        module.Vector.UNIT = module.Vector(10.0, 20.0)
    scripts.check_fast("summed", EXAMPLES["summed"])
    for module in (scripts.original, scripts.compiled):
        module.Vector.UNIT = module.Vector(10, 20)
    scripts.check("summed", EXAMPLES["summed"])
    for module in (scripts.original, scripts.compiled):
        module.Vector.plus = lambda self, other: self
    scripts.check("summed", EXAMPLES["summed"])
    assert scripts.deopts["summed"] == 2


def test_a_class_that_is_given_a_special_method_is_not_plain(builder: Any) -> None:
    with pytest.raises(Skipped):
        InPlace(builder, TEXT, {"limited": lambda m: ([m.Shared(1), m.Shared(5)],)})


def test_a_range_or_a_list_is_gone_over(builder: Any) -> None:
    bench = InPlace(builder, TEXT, {"picked": lambda m: (3, [1, 2])})
    bench.check_fast("picked", lambda m: (5, [3, 4]))
