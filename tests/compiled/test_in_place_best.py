"""Compiled in place: ``min`` and ``max`` with a default or a key."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Node:
    def __init__(self, kids):
        self.kids = kids

    def depth(self):
        return 1 + max((kid.depth() for kid in self.kids), default=0)


def deepest(node):
    return node.depth()


def ends(numbers, limit):
    high = max((n for n in numbers if n > limit), default=limit)
    low = min(numbers, default=None)
    return high, low, min((n * 0.5 for n in numbers), default=-1.0)


def longest(words):
    return max(words, key=len, default=""), min(words, default="none", key=lambda w: w[::-1])


def of_two(pairs):
    out = []
    for a, b in pairs:
        out.append(max(a, b, key=len))
        out.append(min(b, a, "ab", key=lambda w: (len(w) % 2, w)))
    return out


def only_nothing(numbers):
    return max(numbers, key=abs)
"""

EXAMPLES: dict[str, Make] = {
    "deepest": lambda m: (m.Node([m.Node([]), m.Node([m.Node([])])]),),
    "ends": lambda m: ([3, 1, 2], 1),
    "longest": lambda m: (["a", "cb"],),
    "of_two": lambda m: ([("a", "cb"), ("bb", "c")],),
    "only_nothing": lambda m: ([3, -4],),
}
WORDS = st.text("abc", max_size=3)


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.integers(-3, 5), max_size=5),
    st.integers(-3, 5),
    st.lists(st.tuples(WORDS, WORDS), max_size=4),
)
def test_any_inputs(
    made: InPlace, numbers: list[int], limit: int, pairs: list[tuple[str, str]]
) -> None:
    made.check_fast("ends", lambda m: (list(numbers), limit))
    made.check_fast("longest", lambda m: ([a for a, _ in pairs],))
    made.check_fast("of_two", lambda m: (list(pairs),))
    made.check("only_nothing", lambda m: (list(numbers),))


def test_other_kinds_are_left_to_python(made: InPlace) -> None:
    for numbers in ([1, "a"], [None], [1.5], [True, False], [1 << 70, 1]):
        made.check("ends", lambda m, n=numbers: (list(n), 0))
        made.check("only_nothing", lambda m, n=numbers: (list(n),))
    made.check("longest", lambda m: ([["a"], "b"],))
    made.check("longest", lambda m: (["a", 1],))
    made.check("of_two", lambda m: ([("a", None)],))
    made.check("of_two", lambda m: ([([1], "a")],))
