"""Compiled in place: deques with a bound, turned and looked into; products that repeat, folds by operators, bytes made."""

from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import operator
from collections import deque
from functools import reduce
from itertools import product
from operator import mul


def bounded(xs, most):
    last = deque(maxlen=3)
    given = deque(xs, maxlen=most)
    other = deque(xs, None)
    found = []
    for x in xs:
        last.append(x)
        given.appendleft(x)
        found.append(last[0] + last[-1])
    return last, given, other, found


def turned(line, by, more):
    for x in more:
        line.rotate(by)
        line.rotate()
        line.append(line[0] + x)
    line.extend(more)
    line.extendleft(more)
    line.reverse()
    return line[1], 100 // (len(line) - 9)


def josephus(n, k):
    circle = deque(range(n))
    while len(circle) > 1:
        circle.rotate(-k)
        circle.popleft()
    return circle[0]


def products(xs, n):
    total = 0
    for a, b in product(range(n), repeat=2):
        total += a * b
    return total, [p for p in product(xs, "ab", repeat=2)]


def folded(xs, ys):
    found = []
    for x in xs:
        found.append(reduce(operator.add, ys, x))
    return found, reduce(mul, xs, 1), reduce(operator.xor, ys), reduce(operator.sub, ys)


def bytes_made(data, by):
    out = bytearray()
    for x in data:
        out.append(x ^ by)
    return bytes(out), data.hex(), out.hex()
"""

EXAMPLES: dict[str, Make] = {
    "bounded": lambda m: ([1, 2, 3, 4], 2),
    "turned": lambda m: (deque([1, 2, 3]), 2, [5, 6, 7]),
    "josephus": lambda m: (7, 2),
    "products": lambda m: ([1, 2], 4),
    "folded": lambda m: ([1, 2, 3], [4, 5]),
    "bytes_made": lambda m: (b"abc", 85),
}


@pytest.fixture(scope="module")
def bench(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-5, 5), max_size=5),
    st.integers(-2, 5),
    st.lists(st.integers(-5, 5), max_size=4),
)
def test_deques(bench: InPlace, xs: list[int], n: int, more: list[int]) -> None:
    bench.check("bounded", lambda m: (xs, n))
    bench.check("turned", lambda m: (deque(xs), n, more))
    bench.check("turned", lambda m: (deque(xs, 4), n, more))
    bench.check("josephus", lambda m: (n, 2))


DECLINED: list[tuple[str, Make]] = [
    (
        "turned",
        lambda m: (deque([1, 2, 3, 4, 5, 6]), 2, [5]),
    ),  # fails at the end: all is taken back
    ("turned", lambda m: (deque(), 2, [5])),
    ("josephus", lambda m: (0, 2)),
    ("bounded", lambda m: ([1], -1)),
    ("folded", lambda m: ([1], [])),
    ("folded", lambda m: ([1 << 62], [1 << 62])),
    ("bytes_made", lambda m: (b"a", 256)),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_fails_is_taken_back(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1
