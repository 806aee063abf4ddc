"""Compiled in place: which list, dict or set it is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
def pulled(bodies, dt):
    for body in bodies:
        force = 0.0
        for other in bodies:
            if other is body:
                continue
            force += other["mass"] / ((other["x"] - body["x"]) ** 2 + 1.0)
        body["speed"] += force * dt
    return [body["speed"] for body in bodies]


def same_rows(grid):
    found = []
    for i, row in enumerate(grid):
        for j in range(i + 1, len(grid)):
            if row is grid[j]:
                found.append((i, j))
    return found


def made(rows, n):
    last = []
    kept = [last]
    for i in range(n):
        new = rows[i % len(rows)] if i % 3 else []
        new.append(i)
        if new is not last:
            kept.append(new)
        last = new
    return kept, last is kept[-1], kept[0] is kept[-1]


def sets(groups, pairs):
    apart = 0
    for a, b in pairs:
        if groups[a] is not groups[b]:
            apart += 1
            joined = groups[a] | groups[b]
            for one in list(joined):
                groups[one] = joined
    return apart, groups


def absent(tables, name):
    found = None
    for table in tables:
        if table.get(name) is not None:
            found = table
            break
    return found is tables[0], found
"""


def shared(rows: list[list[int]], places: list[int]) -> list[list[int]]:
    return [rows[place % len(rows)] for place in places]


EXAMPLES: dict[str, Make] = {
    "pulled": lambda m: ([{"x": float(i), "mass": 1.5, "speed": 0.0} for i in range(4)], 0.5),
    "same_rows": lambda m: (shared([[1, 2], [1, 2]], [0, 1, 0, 1]),),
    "made": lambda m: ([[1], [2]], 7),
    "sets": lambda m: ([{i} for i in range(5)], [(0, 1), (1, 0), (3, 4)]),
    "absent": lambda m: ([{"a": 1}, {"b": 2}], "b"),
}


@pytest.fixture(scope="module")
def identities(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_compiled(identities: InPlace, name: str) -> None:
    identities.check_fast(name, EXAMPLES[name])


SMALL = st.lists(st.integers(0, 3), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(st.lists(SMALL, min_size=1, max_size=4), st.lists(st.integers(0, 9), max_size=8))
def test_equal_rows_are_not_the_same(
    identities: InPlace, rows: list[list[int]], places: list[int]
) -> None:
    def make(m: Any) -> tuple[Any, ...]:
        return (shared([list(row) for row in rows], places),)

    identities.check("same_rows", make)


@settings(deadline=None, max_examples=60)
@given(st.lists(SMALL, min_size=1, max_size=3), st.integers(0, 12))
def test_lists_of_the_call_and_of_the_program(
    identities: InPlace, rows: list[list[int]], n: int
) -> None:
    identities.check("made", lambda m: ([list(row) for row in rows], n))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=9))
def test_sets_that_are_joined(identities: InPlace, pairs: list[tuple[int, int]]) -> None:
    identities.check("sets", lambda m: ([{i} for i in range(6)], pairs))


def test_tables_that_lack_a_name(identities: InPlace) -> None:
    for name in ("a", "b", "c"):
        identities.check("absent", lambda m, name=name: ([{"a": 1}, {"b": 2}], name))
