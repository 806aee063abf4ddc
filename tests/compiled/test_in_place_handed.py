"""Compiled in place: lambdas that a local is bound to, and inner functions handed to ``map``, ``filter`` or a sort."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython import CannotPrint

TEXT = """
def local(xs, k):
    near = lambda x, by=2: x * by + k
    return [near(x) for x in xs], near(3, 4), near(by=k, x=1)


def handed(xs, k):
    def scale(x):
        return x * k

    def big(x):
        return x > k

    low = lambda x: (x % 3, -x)
    found = list(filter(big, xs))
    found.sort(key=low, reverse=True)
    return sum(map(scale, xs)), found, sorted(xs, key=low), max(xs, key=scale), list(map(low, xs))


def late(xs):
    n = 1
    plus = lambda x: x + n
    found = []
    for x in xs:
        n += 1
        found.append(plus(x))
    return found


def counting(xs):
    met = []

    def seen(x):
        met.append(x)
        return len(met)

    found = []
    for y in map(seen, xs):
        found.append((y, len(met)))
        if y > 3:
            break
    return found, met


def own_map(xs, map):
    double = lambda x: x * 2
    total = 0
    for x in xs:
        total += map(double, x)
    return total


def bound_twice(xs):
    turn = lambda x: x
    found = []
    for x in xs:
        found.append(turn(x))
        turn = lambda x: -x
    return found


def kept(xs):
    turn = lambda x: -x
    for x in xs:
        turn(x)
    return turn


def items(xs):
    turn = lambda x: -x
    found = []
    for turn_item in xs:
        found.append(sum(map(turn, [turn_item, 1])))
    return found
"""

EXAMPLES: dict[str, Make] = {
    "local": lambda m: ([1, 2], 3),
    "handed": lambda m: ([1, 5, 2, 7], 2),
    "late": lambda m: ([1, 2],),
    "counting": lambda m: ([4, 5, 6, 7, 8],),
    "items": lambda m: ([1, 2],),
}


@pytest.fixture(scope="module")
def bench(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=8), st.integers(-3, 3))
def test_what_is_handed_on_is_called_as_often(bench: InPlace, xs: list[int], k: int) -> None:
    bench.check_fast("handed", lambda m: (xs, k))
    bench.check_fast("counting", lambda m: (xs,))
    bench.check_fast("late", lambda m: (xs,))


def test_an_error_in_one_is_the_originals(bench: InPlace) -> None:
    bench.check("handed", lambda m: ([1, "a"], 2))
    bench.check("handed", lambda m: ([], 2))
    bench.check("local", lambda m: ([1 << 62, 2], 3))


REFUSED: dict[str, tuple[str, Make]] = {
    "own_map": ("calls len on a function", lambda m: ([1], len)),
    "bound_twice": ("has a Lambda", lambda m: ([1, 2],)),
    "kept": ("does more with its inner function turn", lambda m: ([1],)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_more_than_called_is_refused(builder: Any, name: str) -> None:
    said, make = REFUSED[name]
    with pytest.raises(CannotPrint, match=said):
        InPlace(builder, TEXT, {name: make})
