"""Compiled in place: slices with any step, read and stored to, of lists, texts and bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
def read(items, text, low, high, step):
    found = []
    for _ in range(2):
        found.append((items[low:high:step], items[::step], items[low::step], items[:high:step]))
        found.append((list(text[low:high:step]), list(text[::step]), [], []))
    return found


def stored(items, other, low, high, step, by):
    for _ in range(2):
        items[low:high:step] = other
        items.append(by)
    items[::-2] = [by] * len(items[::-2])
    return 100 // by


def sieved(n):
    marks = [True] * (n + 1)
    flags = bytearray([1]) * (n + 1)
    flags[0:2] = b"\\0\\0"
    marks[0] = marks[1] = False
    for p in range(2, int(n**0.5) + 1):
        if marks[p]:
            marks[p * p :: p] = [False] * len(range(p * p, n + 1, p))
            flags[p * p :: p] = bytes(len(flags[p * p :: p]))
    same = flags[:1] == b"\\x00" and flags != b"" and flags[::-1][-1] == 0
    return [i for i, m in enumerate(marks) if m], sum(flags), same


def told(order, n):
    order.append(n)
    return n


def asked_in_order(items, order):
    found = []
    for n in range(1, 4):
        found.append(items[told(order, n) : told(order, n + 4) : told(order, n)])
        items[told(order, 0) : told(order, 2) : told(order, 1)] = [n, n]
    return found, order


def patched(data, low, high, step, new):
    made = bytearray(data)
    for _ in range(2):
        made[low:high:step] = new
    return made, made[::step], made == data, made == new
"""

EXAMPLES: dict[str, Make] = {
    "read": lambda m: ([1, 2, 3, 4], "abcd", 1, 3, 2),
    "stored": lambda m: ([1, 2, 3, 4], [7, 8], 0, 4, 2, 1),
    "sieved": lambda m: (30,),
    "asked_in_order": lambda m: ([1, 2, 3, 4, 5, 6, 7, 8], []),
    "patched": lambda m: (b"abcd", 0, 4, 2, b"xy"),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


ENDS = st.one_of(st.integers(-9, 9), st.sampled_from([1 << 40, -(1 << 63), (1 << 63) - 1]))
STEPS = st.one_of(st.integers(-4, 4), st.sampled_from([1 << 31, -(1 << 62), 1 << 70]))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 9), max_size=8), st.text("ab\u00e9", max_size=8), ENDS, ENDS, STEPS)
def test_parts(made: InPlace, items: list[int], text: str, low: int, high: int, step: int) -> None:
    made.check("read", lambda m: (list(items), text, low, high, step))
    made.check("read", lambda m: (tuple(items), text, low, high, step))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 9), max_size=8),
    st.lists(st.integers(0, 9), max_size=4),
    ENDS,
    ENDS,
    STEPS,
    st.integers(0, 1),
)
def test_what_is_stored_to_a_part_is_taken_back(
    made: InPlace, items: list[int], other: list[int], low: int, high: int, step: int, by: int
) -> None:
    made.check("stored", lambda m: (list(items), list(other), low, high, step, by))

    def alias(m: Any) -> tuple[Any, ...]:
        one = list(items)
        return one, one, low, high, step, by

    made.check("stored", alias)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=6), ENDS, ENDS, STEPS, st.binary(max_size=3))
def test_parts_of_bytes(
    made: InPlace, data: bytes, low: int, high: int, step: int, new: bytes
) -> None:
    made.check("patched", lambda m: (data, low, high, step, new))
    made.check("patched", lambda m: (data, low, high, step, list(new)))


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 200))
def test_primes(made: InPlace, n: int) -> None:
    made.check_fast("sieved", lambda m: (n,))
