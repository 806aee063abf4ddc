"""Compiled in place: a list is empty for all who look at it while it is sorted by a key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Owner:
    def __init__(self):
        self.items = []


class Item:
    def __init__(self, owner, x):
        self.owner = owner
        self.x = x
        owner.items.append(self)


def by_another_name(xs, ys, n):
    total = 0
    for _ in range(n):
        ys.sort(key=lambda v: v * (2 - len(xs)))
        total += ys[0]
    return total


def by_a_local(xs, n):
    ys = xs
    for _ in range(n):
        ys.sort(key=lambda v: v * len(xs))
    return xs[0]


def by_its_owner(owner, n):
    for k in range(n):
        owner.items.sort(key=lambda one: one.x * (len(one.owner.items) - 1))
    return owner.items[0].x


def grown(owner, n):
    for k in range(n):
        owner.items.sort(key=lambda one: one.owner.items.append(one) or one.x)
    return len(owner.items)


def by_truths(xs, n):
    rows = [(x > n, x % 2 == 0, x) for x in xs]
    rows.sort(reverse=True)
    tests = sorted([x > n for x in xs])
    return rows, tests, sorted(rows)
"""


def owner(m: Any) -> tuple[Any, ...]:
    made = m.Owner()
    for x in (3, 1, 2):
        m.Item(made, x)
    return made, 2


EXAMPLES: dict[str, Make] = {
    "by_another_name": lambda m: ([4, 5, 6, 2], [3, 1, 2], 2),
    "by_a_local": lambda m: ([3, 1, 2], 1),
    "by_its_owner": owner,
    "grown": owner,
    "by_truths": lambda m: ([3, 1, 2], 1),
}


def same_list(m: Any) -> tuple[Any, ...]:
    xs = [3, 1, 2, 9]
    return xs, xs, 2


@pytest.mark.parametrize("name", ["by_another_name", "by_a_local", "by_its_owner"])
def test_what_a_key_sees(bench: InPlace, name: str) -> None:
    bench.check(name, EXAMPLES[name])
    assert bench.deopts[name] == 0


def test_a_list_that_its_key_makes_longer(bench: InPlace) -> None:
    bench.check("grown", owner)


def test_two_names_of_one_list(bench: InPlace) -> None:
    bench.check("by_another_name", same_list)


@given(st.lists(st.integers(-4, 4) | st.booleans(), max_size=8), st.integers(-2, 2))
def test_numbers_and_truths(bench: InPlace, xs: list[int], n: int) -> None:
    bench.check("by_truths", lambda m: (list(xs), n))


def test_truths_alone_are_sorted_by_compiled_code(bench: InPlace) -> None:
    bench.check_fast("by_truths", lambda m: ([5, -1, 2, 0], 1))
