"""Compiled in place: handlers of a missing key or item run where it is missing, as in Python."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
from collections import deque


class Store:
    def __init__(self, counts):
        self.counts = counts
        self.misses = 0


def tally(words, counts):
    for word in words:
        try:
            counts[word] += 1
        except KeyError:
            counts[word] = 1
    return len(counts)


def looked_up(store, keys, other):
    total = 0
    for key in keys:
        try:
            total = total + store.counts[key]
        except (ValueError, LookupError):
            store.misses += 1
            continue
        else:
            total += 1
        total += other
    return total


def neighbours(xs, n):
    found = []
    for k in range(n):
        try:
            found.append(xs[k - 2])
            late = k
        except IndexError:
            late = -k
        found.append(late)
    return found


def emptied(xs, most):
    total = 0
    while True:
        try:
            x = xs.pop()
        except IndexError:
            break
        total += x
        if total > most:
            return total


def queued(n):
    todo = deque()
    done = 0
    for k in range(n):
        if k % 3:
            todo.append(k)
        try:
            done += todo.popleft()
        except IndexError:
            done += 1000
    return done


def moved(d, keys):
    seen = []
    for k in keys:
        try:
            if d[k] > 2:
                seen.append(k)
        except KeyError:
            pass
        try:
            pair = (d[k + 1], d[k])
            seen.append(pair[0])
        except TypeError:
            seen.append(-1)
        except Exception:
            seen.append(-2)
    return seen


def found(d, e, k, n):
    for i in range(n):
        if i == 2:
            x = 0
        try:
            y = x + d[k]
        except (KeyError, NameError):
            y = e[i]
    return y


def ended(xs, n):
    for k in range(n):
        if xs[0] == k:
            return k
    try:
        return xs[n]
    except IndexError:
        xs.append(n)
"""

EXAMPLES: dict[str, Make] = {
    "tally": lambda m: (["a", "b", "a"], {"b": 1}),
    "looked_up": lambda m: (m.Store({"a": 1}), ["a", "z"], 5),
    "neighbours": lambda m: ([1, 2], 6),
    "emptied": lambda m: ([1, 2], 9),
    "queued": lambda m: (9,),
    "moved": lambda m: ({1: 5, 2: 1, 3: 3}, [1, 2, 3, 9]),
    "found": lambda m: ({"a": 1}, [5, 6, 7], "a", 0),
    "ended": lambda m: ([7], 3),
}


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n != "found"])
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


CASES: list[tuple[str, Make]] = [
    ("found", lambda m: ({"a": 1}, [5, 6, 7], "z", 2)),  # x is not bound: that is what is handled
    ("found", lambda m: ({"a": 1}, [5, 6, 7], "z", 3)),
    ("found", lambda m: ({"a": 1}, [5], "z", 3)),  # the handler raises
    ("tally", lambda m: (["a", None, "b"], {"b": 1})),
    ("tally", lambda m: (["a", "b"], {"b": "x"})),
    ("looked_up", lambda m: (m.Store(None), ["a"], 5)),
    ("looked_up", lambda m: (m.Store({"a": "x"}), ["z", "a"], 5)),
    ("emptied", lambda m: ([1, "x"], 9)),
    ("emptied", lambda m: ([], 9)),
    ("ended", lambda m: ([], 0)),
    ("ended", lambda m: ([], 3)),
]


@pytest.mark.parametrize(("name", "make"), CASES)
def test_other_ways_to_fail(bench: InPlace, name: str, make: Make) -> None:
    bench.check(name, make)


values = st.one_of(st.integers(-3, 5), st.sampled_from([1 << 62, None]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("abz"), max_size=6),
    st.dictionaries(st.sampled_from("abn"), values, max_size=3),
    st.lists(st.integers(-3, 5), max_size=5),
    st.integers(0, 4),
)
def test_any_values(bench: InPlace, keys: list[str], d: Any, xs: list[int], n: int) -> None:
    bench.check("tally", lambda m: (list(keys), dict(d)))
    bench.check("looked_up", lambda m: (m.Store(dict(d)), list(keys), n))
    bench.check("neighbours", lambda m: (list(xs), n + 2))
    bench.check("emptied", lambda m: (list(xs), n))
    bench.check("queued", lambda m: (n * 3,))
    bench.check("moved", lambda m: ({x: x + n for x in xs}, [*xs, n]))
    bench.check("found", lambda m: (dict(d), list(xs), "a", n))
    bench.check("ended", lambda m: (list(xs), n))
