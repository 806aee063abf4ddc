"""Compiled in place: whole numbers of which only the low bits count."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
MASK = 0xFFFFFFFF
MODULUS = 1 << 61


class Own:
    def __init__(self, n):
        self.n = n

    def __mul__(self, other):
        return Own(self.n + other)

    def __and__(self, other):
        return self.n


def mixed(numbers, a, s):
    found = []
    h = 0
    for n in numbers:
        h = (h * 0xCC9E2D51 + n) & MASK
        h = ((h << 13) | (h >> 19)) & 0xFFFFFFFF
        found.append((n * a * 31 - h) % MODULUS)
        found.append(0x7FFFFFFFFFFFFFFF & (n + a))
        found.append((n << s ^ a << 3) & MASK)
        found.append((n * a) % 1 + ((n - a) & 0))
        found.append((n * a * n) % 10 if -99 < n < 99 > a > -99 else 0)
        found.append((True + n * True) & 7)
    return h, found


def others(values, a):
    found = []
    for value in values:
        found.append((value * a) & 255)
    return found


def unions(sets, a):
    found = []
    for held in sets:
        found.append(sorted((held - {a}) & {1, 2, 3}))
    return found
"""

EXAMPLES: dict[str, Make] = {
    "mixed": lambda m: ([1, 2, 300], 7, 5),
    "others": lambda m: ([1, 2], 3),
    "unions": lambda m: ([{1, 2}, {3}], 1),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


WHOLE = st.one_of(st.integers(-9, 9), st.integers(-(1 << 63), (1 << 63) - 1))


@settings(deadline=None, max_examples=200)
@given(st.lists(WHOLE, max_size=4), WHOLE, st.integers(0, 80))
def test_any_bits(made: InPlace, numbers: list[int], a: int, s: int) -> None:
    made.check_fast("mixed", lambda m: (list(numbers), a, s))


@settings(deadline=None, max_examples=80)
@given(st.lists(st.one_of(WHOLE, st.booleans(), st.just(1 << 64), st.just(2.0))), WHOLE)
def test_what_is_not_whole_or_longer(made: InPlace, numbers: list[Any], a: int) -> None:
    made.check("mixed", lambda m: (list(numbers), a, -1))
    made.check("others", lambda m: (list(numbers), a))
    made.check("mixed", lambda m: ([1], 1 << 70, 1))


def test_a_shift_that_python_has_no_memory_for(made: InPlace) -> None:
    made.check_fast("mixed", lambda m: ([1], 3, 4000))
    made.check("mixed", lambda m: ([1], 3, 1 << 62))


def test_what_says_itself_what_a_product_is(made: InPlace) -> None:
    made.check("others", lambda m: ([m.Own(3), 4], 1 << 62))
    made.check("others", lambda m: (["ab"], 3))
    made.check("unions", lambda m: ([{1, 2, 9}, {7}], 2))
