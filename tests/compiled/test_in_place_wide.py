"""Compiled in place: a local that is a float at first and an int then is one where an int belongs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
def plotted(points, size):
    image = [[0] * size for _ in range(size)]
    for p in points:
        x = p * size
        x = int(x)
        if x == size:
            x -= 1
        image[x][size - x - 1] += 1
    return image


def repeated(xs, scale):
    out = []
    for x in xs:
        n = x * scale
        if n > 2:
            n = int(n)
        out.append([0] * n)
        out.append(list(range(n)))
        out.append(1 << n)
        out.append((n & 5) ^ 2)
    return out


def picked(rows, xs):
    total = 0
    at = 0.5
    for x in xs:
        at = x
        total += rows[at]
    return total
"""

EXAMPLES: dict[str, Make] = {
    "plotted": lambda m: ([0.25, 0.5], 4),
    "repeated": lambda m: ([3, 5], 1.0),
    "picked": lambda m: ([1, 2, 3], [0, 2]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


DECLINED: list[tuple[str, Make]] = [
    ("plotted", lambda m: ([2.0], 4)),
    ("repeated", lambda m: ([3, 1], 1.0)),  # a float where an int belongs, after what was done
    ("picked", lambda m: ([1, 2, 3], [0, 9])),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


BIG = st.integers(-(1 << 60), 1 << 60) | st.integers(-3, 3)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-1, 1), max_size=5), st.lists(BIG, max_size=4), st.integers(1, 6))
def test_any_numbers(bench: InPlace, points: list[float], xs: list[Any], size: int) -> None:
    bench.check("plotted", lambda m: (list(points), size))
    bench.check("picked", lambda m: ([1, 2, 3], list(xs)))
    bench.check("repeated", lambda m: ([x for x in xs if x < 4], float(size)))
