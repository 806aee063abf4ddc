"""Compiled in place: what itertools makes of whole containers, columns of rows, and bisect."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import bisect
import itertools
from bisect import bisect_left, insort
from itertools import combinations


def combined(items, words, n):
    found, least = [], None
    for order in itertools.permutations(items):
        cost = sum(abs(a - b) for a, b in zip(order, order[1:]))
        if least is None or cost < least:
            least, best = cost, order
            found.append(best)
    for a, b in combinations(items, 2):
        found.append((a * b,))
    for i, word in itertools.product(range(n), words):
        found.append((i, word))
        items.append(i)
    some = list(itertools.permutations(words, n))
    return found, least, some, list(itertools.combinations_with_replacement(words, 2))


def columns(rows, words, n):
    turned = [list(column) for column in zip(*rows)]
    totals = [sum(column) for column in zip(*rows)]
    letters = ["".join(column) for column in zip(*words)]
    found = []
    for column in zip(*rows):
        found.append(column)
        if len(found) == n:
            rows[-1].pop()
            rows.append([1])
            rows[0][-1] = 77
    return turned, totals, letters, found, list(zip(*rows))


def placed(numbers, names, x):
    tails, order = [], []
    for number in numbers:
        at = bisect_left(tails, number)
        if at == len(tails):
            tails.append(number)
        else:
            tails[at] = number
        insort(order, number)
    bisect.insort_left(names, "m")
    found = [bisect.bisect(names, name) for name in names]
    return tails, order, found, bisect.bisect_right(order, x), bisect.bisect_left(numbers, x), names


def bits(numbers, text):
    found = []
    for n in numbers:
        found.append((bin(n).count("1"), hex(n), oct(n)[2:], n.bit_length(), n.bit_count()))
    for part in text.split():
        found.append((str(int(part, 16)), part, "", int(part, 36), 0))
    return found
"""

EXAMPLES: dict[str, Make] = {
    "combined": lambda m: ([3, 1, 2], ["a", "b"], 2),
    "columns": lambda m: ([[1, 2, 3], [4, 5, 6]], ["ab", "cd"], 1),
    "placed": lambda m: ([3, 1, 2], ["a", "x"], 2),
    "bits": lambda m: ([5, 255], "ff 1"),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(-4, 1 << 20), min_size=2, max_size=4),
    st.lists(st.sampled_from(["a", "\u00e9", "bb"]), max_size=3),
    st.integers(0, 3),
)
def test_all_orders(made: InPlace, items: list[int], words: list[str], n: int) -> None:
    made.check_fast("combined", lambda m: (list(items), words, n))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 1 << 40), min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(st.text(max_size=3), max_size=3),
    st.integers(1, 4),
)
def test_columns_of_rows_that_change(
    made: InPlace, rows: list[list[int]], words: list[str], n: int
) -> None:
    made.check("columns", lambda m: ([row[:] for row in rows], words, n))


def test_rows_of_other_kinds_are_left_to_python(made: InPlace) -> None:
    for rows in ([[1, 2], (3, 4)], [[1, 2], b"ab"], [], [[1], {2: 3}], [[1], None], [["a"], [1]]):
        made.check("columns", lambda m, rows=rows: ([*rows, [5, 6]], ["ab"], 9))
    made.check("combined", lambda m: ([1, 2], ["a"], -1))
    made.check("combined", lambda m: ([1, "x"], ["a"], 1))


NUMBERS = st.one_of(st.integers(-9, 9), st.sampled_from([1 << 70, 2.5, float("nan"), True]))


@settings(deadline=None, max_examples=60)
@given(st.lists(NUMBERS, max_size=8), st.lists(st.text(max_size=2), max_size=4), st.integers(-9, 9))
def test_where_values_belong(made: InPlace, numbers: list[Any], names: list[str], x: int) -> None:
    made.check("placed", lambda m: (list(numbers), list(names), x))
    if all(type(number) is int and abs(number) < 10 for number in numbers):
        made.check_fast("placed", lambda m: (list(numbers), list(names), x))


def test_numbers_as_text(made: InPlace) -> None:
    made.check_fast("bits", lambda m: ([0, -5, 1 << 62, -(1 << 62)], "7fff a0"))
    made.check("bits", lambda m: ([1 << 80, True], "zz"))
    made.check("bits", lambda m: ([1.5], ""))
