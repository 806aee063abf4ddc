"""Instances that are called: by what gave them, or as what another one holds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Scale:
    def __init__(self, by):
        self.by = by
        self.calls = 0

    def __call__(self, x, plus=0):
        self.calls += 1
        return x * self.by + plus


class Shift:
    def __init__(self, by):
        self.by = by
        self.calls = 0

    def __call__(self, x, plus=0):
        self.calls += 1
        return x + self.by - plus


class Chain:
    def __init__(self, steps, last):
        self.steps = steps
        self.last = last

    def one(self, xs):
        return sum([self.last(x, plus=1) for x in xs])

    def swapped(self, xs):
        return [self.last(self.after(x)) for x in xs]

    def after(self, x):
        self.last = self.steps[0]
        return x


def by_place(steps, xs):
    total = 0
    for x in xs:
        total += steps[x % len(steps)](x, plus=2)
        total -= steps[0](x)
    return total


def by_key(steps, xs):
    total = 0
    for x in xs:
        total += steps["a" if x > 0 else "b"](plus=x, x=3)
    return total


def by_call(steps, xs):
    total = 0
    for x in xs:
        total += chosen(steps, x)(x)
    return total


def chosen(steps, x):
    return steps[-1] if x > 1 else steps[0]


def nested(chains, xs):
    total = 0
    for chain in chains:
        for x in xs:
            total += chain.last(x) + chain.steps[0](x)
    return total


def one(chain, xs):
    return chain.one(xs)


def swapped(chain, xs):
    return chain.swapped(xs)
"""


def steps(m: Any, *shift: int) -> list[Any]:
    return [m.Scale(2), *map(m.Shift, shift)]


def chain(m: Any) -> Any:
    return m.Chain(steps(m, 5), m.Shift(7))


EXAMPLES: dict[str, Make] = {
    "by_place": lambda m: (steps(m, 3, 4), [1, 2, 3]),
    "by_key": lambda m: ({"a": m.Scale(2), "b": m.Shift(3)}, [1, -1]),
    "by_call": lambda m: (steps(m, 3, 4), [1, 2, 3]),
    "nested": lambda m: ([chain(m), chain(m)], [1, 2]),
    "one": lambda m: (chain(m), [1, 2]),
    "swapped": lambda m: (chain(m), [1, 2]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


def without(m: Any) -> list[Any]:
    return [m.Scale(2), m.Chain([], None)]


def shadowed(m: Any) -> list[Any]:
    made = chain(m)
    made.last.__call__ = print  # of no account: Python asks the class
    made.one = m.Scale(3)
    return [made]


DECLINED: list[tuple[str, Make]] = [
    ("by_place", lambda m: (without(m), [0, 1])),  # cannot be called, and two calls are taken back
    ("by_place", lambda m: ([m.Scale(2)], [0, "a"])),
    ("by_key", lambda m: ({"a": m.Scale(2)}, [1, -1])),
    ("nested", lambda m: ([chain(m), m.Chain([], None)], [1])),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def test_what_an_instance_holds_by_that_name_is_not_called(bench: InPlace) -> None:
    bench.check("nested", lambda m: (shadowed(m), [1, 2]))


INTS = st.lists(st.integers(-5, 5), max_size=8)


@settings(max_examples=60, deadline=None)
@given(INTS, st.lists(st.integers(-3, 3), max_size=3))
def test_any_numbers(bench: InPlace, xs: list[int], shift: list[int]) -> None:
    bench.check("by_place", lambda m: (steps(m, *shift), list(xs)))
    bench.check("by_call", lambda m: (steps(m, *shift), list(xs)))
    bench.check("swapped", lambda m: (chain(m), list(xs)))
