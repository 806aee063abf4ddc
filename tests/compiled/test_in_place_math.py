"""Compiled in place: functions of ``math`` that only Python's own computes to the last bit."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import math
from math import comb, log


def lengths(points):
    total = 0.0
    for x, y in points:
        total += math.hypot(x, y) + math.copysign(1.5, x) + math.degrees(y)
    return total


def logs(numbers):
    out = []
    for x in numbers:
        out.append(math.log10(x) + math.log2(x) + log(x, 3) + math.log1p(x))
    return out


def ways(n):
    total = 0
    for k in range(n):
        total += comb(n, k) + math.factorial(k) + math.trunc(k * 1.5)
    return total
"""
EXAMPLES: dict[str, Make] = {
    "lengths": lambda m: ([(1.0, 2.0), (-3.5, 0.0)],),
    "logs": lambda m: ([1.0, 10.0, 8.5],),
    "ways": lambda m: (12,),
}
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.fixture(scope="module")
def computed(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6))
def test_the_last_bit_is_the_same(computed: InPlace, points: list[tuple[float, float]]) -> None:
    computed.check_fast("lengths", lambda m: (points,))
    above = [abs(x) + 1e-9 for x, _ in points]
    computed.check_fast("logs", lambda m: (above,))


def test_errors_and_numbers_beyond_64_bits_are_the_originals(computed: InPlace) -> None:
    computed.check_fast("ways", EXAMPLES["ways"])
    before = dict(computed.deopts)
    computed.check("ways", lambda m: (40,))
    computed.check("logs", lambda m: ([1.0, -2.0],))
    computed.check("logs", lambda m: ([math.inf, 0.0],))
    computed.check("lengths", lambda m: ([(1.0, "x")],))
    assert {n: computed.deopts[n] - before[n] for n in before} == {
        "lengths": 1,
        "logs": 2,
        "ways": 1,
    }
