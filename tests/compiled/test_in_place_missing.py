"""Compiled in place: what Python itself raises is caught, where a handler is for it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
from collections import deque


class Row:
    def __init__(self, n):
        self.n = n


def ratios(pairs, log):
    for a, b in pairs:
        try:
            log.append(a)
            log.append(a / b)
            log.append(a // b)
            log.append(a % b)
        except ZeroDivisionError:
            log.append(None)
    return log


def summed(words):
    total, bad = 0, []
    for word in words:
        try:
            n = int(word)
            total += 1
            if n < 0:
                raise ValueError("negative")
            total += 100 // n + float(word)
        except ValueError:
            bad.append(word)
        except ArithmeticError:
            total += 7
    return total, bad


def looked_up(table, keys):
    found, missing = 0, []
    for key in keys:
        try:
            missing.append(key)
            found += second(table, key)
            missing.pop()
        except KeyError:
            found -= 1
        except IndexError:
            found -= 10
    return found, missing


def second(table, key):
    row = table[key]
    return row[1] + row[-2]


def told(table, keys):
    said = []
    for key in keys:
        try:
            v = table[key]
            said.append(v[2])
            v[3] = key
            said.append("abc"[len(v)])
        except LookupError as e:
            said.append(str(e))
            said.append(str(e.args[0]))
    return said, table


def rpn(tokens):
    stack = []
    try:
        for t in tokens:
            if t == "+":
                stack.append(stack.pop() + stack.pop())
            elif t == "/":
                b = stack.pop()
                stack.append(stack.pop() // b)
            else:
                stack.append(int(t))
    except (IndexError, ZeroDivisionError, ValueError):
        return None, stack
    return stack.pop(), stack


def drained(numbers, n):
    queue, seen = deque(numbers), []
    try:
        while True:
            first = queue.popleft()
            seen.append(first)
            if first == n:
                queue.append(queue.pop() + queue.pop())
    except Exception:
        seen.append(-1)
    return seen, len(queue)


def positive(numbers):
    found, log = 0, []
    for n in numbers:
        try:
            assert n > 0, "not positive"
            log.append(n)
            assert n < 9
        except AssertionError as e:
            found += len(e.args)
            log.append(str(e))
    return found, log


def stored(lists, places):
    failed = 0
    for which, place, n in places:
        try:
            lists[which][place] = n
            lists[which][place] += 10 % n
            lists[which][n] -= 1
        except LookupError:
            failed += 1
        except ZeroDivisionError:
            failed += 100
    return failed, lists


def either(rows, d):
    found = 0
    for row in rows:
        try:
            found += d[row.n] if row.n % 2 else 10 // row.n
            found += d[row.n] and d[row.n + 1]
        except (KeyError, ZeroDivisionError):
            found += 1000
    return found
"""

EXAMPLES: dict[str, Make] = {
    "ratios": lambda m: ([(1.0, 2.0), (3.0, 0.0)], [0.5]),
    "summed": lambda m: (["1", "x", "0", "-3"],),
    "looked_up": lambda m: ({"a": [1, 2], "b": [1]}, ["a", "b", "c"]),
    "told": lambda m: ({"a": [1, 2], "b": [1, 2, 3]}, ["a", "b", "c"]),
    "rpn": lambda m: (["1", "2", "+", "0", "/"],),
    "drained": lambda m: ([1, 2, 3], 2),
    "positive": lambda m: ([1, -1, 9],),
    "stored": lambda m: ([[1, 2], [3]], [(0, 1, 1), (2, 0, 1), (1, 0, 0)]),
    "either": lambda m: ([m.Row(1), m.Row(0), m.Row(4)], {1: 5, 4: 0}),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


FLOATS = st.sampled_from([0.0, -0.0, 1.5, -2.0, float("inf"), float("nan"), 1e308])
SMALL = st.integers(-3, 4)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(FLOATS, FLOATS), max_size=4),
    st.lists(st.sampled_from(["1", "0", "-4", "x", "", " 7 ", "1_0", "\u0663", "1e3", "9" * 30])),
    st.lists(st.sampled_from(["1", "2", "+", "/", "0", "x", ""]), max_size=7),
    st.lists(st.integers(-2, 11), max_size=6),
)
def test_numbers_and_texts(
    made: InPlace, pairs: list[Any], words: list[str], tokens: list[str], numbers: list[int]
) -> None:
    made.check("ratios", lambda m: (list(pairs), [0.5]))
    made.check("summed", lambda m: (list(words),))
    made.check("rpn", lambda m: (list(tokens),))
    made.check("drained", lambda m: (list(numbers), 2))
    made.check("positive", lambda m: (list(numbers),))


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(SMALL, max_size=4), max_size=3),
    st.lists(st.sampled_from("abcd"), max_size=5),
    st.lists(st.tuples(SMALL, SMALL, SMALL), max_size=5),
    st.dictionaries(SMALL, SMALL, max_size=5),
)
def test_items(
    made: InPlace, table: Any, keys: list[str], places: list[Any], numbers: dict[int, int]
) -> None:
    def copied() -> dict[str, list[int]]:
        return {key: list(row) for key, row in table.items()}

    made.check_fast("looked_up", lambda m: (copied(), list(keys)))
    made.check("told", lambda m: (copied(), list(keys)))
    made.check_fast("stored", lambda m: (list(copied().values()), list(places)))
    made.check("either", lambda m: ([m.Row(n) for _, n, _ in places], dict(numbers)))


class Missing(dict[Any, Any]):
    def __missing__(self, key: str) -> list[int]:
        return [5, 6, 7]


class Short(list[int]):
    def __getitem__(self, at: Any) -> Any:
        return 1


def test_what_says_itself_what_is_missing(made: InPlace) -> None:
    made.check("looked_up", lambda m: (Missing(a=[1]), ["a", "b"]))
    made.check("looked_up", lambda m: ({"a": Short([1]), "b": [1]}, ["b", "a"]))
    made.check("looked_up", lambda m: ({"a": None, "b": [1, 2.5]}, ["b", "a"]))
    made.check("looked_up", lambda m: ({1: [1, 2]}, [1, True, 1.0, 2]))
    made.check("told", lambda m: ({"a": (1, 2, 3), "b": "xyz"}, ["a", "b", 4, None]))
    made.check("ratios", lambda m: ([(1, 0), (True, False), (1 << 70, 0), (5, 2)], []))
    made.check("ratios", lambda m: ([("a", 0), (2.0, None)], []))
    made.check("summed", lambda m: (["1", None, b"2"],))
    made.check("positive", lambda m: ([1.5, True, -(1 << 70), 1 << 70],))
    made.check("stored", lambda m: ([Short([1]), [2]], [(1, 0, 1), (0, 0, 1), (1, True, 1 << 70)]))
    made.check("stored", lambda m: ([(1, 2), [2]], [(1, 0, 1), (0, 0, 1)]))
