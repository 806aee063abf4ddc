"""Compiled in place: keys that may be None, in dicts and sets."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Word(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


def grouped(rows, names):
    totals = {}
    met = set()
    for number, amount in rows:
        name = None
        for i in range(len(names)):
            if i == number:
                name = names[i]
        if name not in totals:
            totals[name] = 0
        totals[name] = totals[name] + amount
        met.add(name)
    last = None
    if None in totals:
        last = totals[None]
    return totals, met, last


def counted(keys):
    counts = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts
"""

EXAMPLES: dict[str, Make] = {
    "grouped": lambda m: ([(0, 2), (1, 3), (7, 1)], ["a", "b"]),
    "counted": lambda m: ([1, None, 1],),
}


@pytest.fixture(scope="module")
def keys(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.lists(st.text(max_size=2), max_size=4))
def test_none_is_a_key_like_any_other(
    keys: InPlace, rows: list[tuple[int, int]], names: list[str]
) -> None:
    keys.check_fast("grouped", lambda m: (rows, names))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.integers(-2, 1 << 70), st.floats(), st.booleans()), max_size=6)
)
def test_what_is_no_int_is_found_as_python_finds_it(keys: InPlace, given_keys: list[Any]) -> None:
    keys.check("counted", lambda m: (given_keys,))


def test_a_key_that_says_itself_what_it_equals_is_left_to_python(keys: InPlace) -> None:
    keys.check("counted", lambda m: ([m.Word("a"), None, m.Word("b")],))
    keys.check("grouped", lambda m: ([(0, 1), (1, 2), (9, 3)], [m.Word("a"), m.Word("b")]))
