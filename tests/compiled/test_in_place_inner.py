"""Compiled in place: inner functions that are only called, and what may be None beside what is compared with it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make, captured

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.in_place_function_to_cython import variations
from selfsame.variants.site import Refusal, Site

TEXT = """
from typing import List, Optional


class Part:
    def __init__(self, name, needs):
        self.name = name
        self.needs = needs
        self.seen = 0

    def weigh(self, table):
        best = None

        def go(part, depth=0):
            nonlocal best
            part.seen += 1
            total = 1
            for need in part.needs:
                total += go(table[need], depth + 1)
            if best is None or total > best:
                best = total
            return total

        go(self)
        return best


def order(deps):
    state = {}
    found = []

    def visit(node: str) -> None:
        if state.get(node) == 2:
            return
        if state.get(node) == 1:
            raise ValueError(f"{node} needs itself")
        state[node] = 1
        for other in deps.get(node, ()):
            visit(other)
        state[node] = 2
        found.append(node)

    for node in sorted(deps):
        visit(node)
    return found


def sums(numbers, wanted):
    result = []

    def go(start: int, left: int, chosen: List[int], most: Optional[int] = None) -> "int | None":
        if left == 0:
            result.append(chosen[:])
            return None
        for i in range(start, len(numbers)):
            if numbers[i] > left:
                break
            chosen.append(numbers[i])
            go(i, left - numbers[i], chosen)
            chosen.pop()

    go(0, wanted, [])
    return result


def ranked(rows, by):
    calls = 0

    def key(row):
        nonlocal calls
        calls += 1
        return row[by]

    def best(some):
        return max(some, key=lambda each: each[by])

    found = []
    for row in rows:
        found.append((key(row), best(rows)[0]))
    return found, calls


def late(rows, n):
    def put(value):
        rows.append(value)
        return 100 // value

    total = 0
    for i in range(n, -1, -1):
        total += put(i)
    return total


def same(rows, sought):
    found = []
    table = {}
    for name, number in rows:
        table[name] = number
    for name, number in rows:
        last = None
        if number > 1:
            last = name
        found.append((table.get(sought) == number, number != table.get(name), last == sought, last != None))
    return found


def shadows(n):
    x = n

    def go(i):
        return sum((lambda x: x + i)(k) for k in range(i))

    total = 0
    for i in range(n):
        total += go(i) + x
    return total
"""

ROWS = [("a", 1), ("b", 2), ("c", 3)]
DEPS = {"a": ["b", "c"], "b": ["c"], "c": [], "d": ["a"]}


def table(m: Any) -> dict[str, Any]:
    parts = {"x": ["y", "z"], "y": ["z"], "z": []}
    return {name: m.Part(name, needs) for name, needs in parts.items()}


EXAMPLES: dict[str, Make] = {
    "order": lambda m: (DEPS,),
    "sums": lambda m: ([2, 3, 5], 12),
    "ranked": lambda m: (list(ROWS), 1),
    "late": lambda m: ([1], 3),
    "same": lambda m: (list(ROWS), "b"),
}


@pytest.fixture(scope="module")
def inner(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n != "late"])
def test_inner_functions_are_compiled_with_what_they_read(inner: InPlace, name: str) -> None:
    inner.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcdef"), max_size=3)),
)
def test_an_inner_function_that_raises_leaves_no_trace(
    inner: InPlace, deps: dict[str, list[str]]
) -> None:
    inner.check("order", lambda m: (deps,))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 9), max_size=4), st.integers(-3, 14))
def test_lists_that_inner_functions_fill(inner: InPlace, numbers: list[int], wanted: int) -> None:
    inner.check_fast("sums", lambda m: (sorted(numbers), wanted))


def test_what_an_inner_function_did_is_taken_back(inner: InPlace) -> None:
    inner.check("late", EXAMPLES["late"])
    assert inner.deopts["late"]
    inner.check("ranked", lambda m: ([("a",), ("b",)], 1))


OPTIONAL = st.tuples(st.sampled_from("abc"), st.integers(-2, 1 << 40))


@settings(deadline=None, max_examples=60)
@given(st.lists(OPTIONAL, max_size=5), st.sampled_from("abcd"))
def test_none_equals_itself_alone(inner: InPlace, rows: list[Any], sought: str) -> None:
    inner.check_fast("same", lambda m: (rows, sought))


def test_what_is_no_number_is_compared_as_python_compares_it(inner: InPlace) -> None:
    for odd in ("b", 2.0, True, None, 1 << 90, [2]):
        inner.check("same", lambda m, odd=odd: ([("a", 1), ("b", odd)], "b"))


def test_a_lambda_that_hides_a_name_is_left_alone(builder: Any) -> None:
    source = Source("sample.py", "sample", TEXT)
    found = {d.address.partition(":")[2]: d for d in definitions(source)}
    (refused,) = variations(Site(source, found["shadows"], None, captured((3,), ("n",))))
    assert isinstance(refused, Refusal)
    assert "has a lambda that takes x as well" in refused.reason


def test_an_inner_function_of_a_method(builder: Any) -> None:
    text = (
        TEXT + "\n\ndef weights(table, names):\n    return [table[n].weigh(table) for n in names]\n"
    )
    made = InPlace(builder, text, {"weights": lambda m: (table(m), ["x", "y"])})
    made.check_fast("weights", lambda m: (table(m), ["x", "y", "z", "x"]))
    made.check("weights", lambda m: (table(m), ["x", "y", "nothing"]))
