"""Compiled in place: what is made of other containers, keys of many types, sets among each other, text in pieces."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import string
from string import digits


class Thing:
    def __init__(self, n):
        self.n = n


class Says:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        MET.append(self.n)
        return True

    def __hash__(self):
        MET.append(self.n)
        return 1


class Lift:
    IDLE, UP, DOWN = range(3)
    FAST, SLOW = "fast", "slow"

    def __init__(self):
        self.state = self.IDLE


MET = []


def report(rows):
    totals = {}
    for row in rows:
        entry = totals.setdefault((row["a"], row["b"]), {"n": 0, "all": []})
        entry["n"] += 1
        entry["all"].append(row["c"])
    found = []
    for (a, b), entry in sorted(totals.items(), reverse=True):
        found.append(f"{a:<4}|{b!r:>3}|{entry['n']:04d}|{len(entry['all'])}{{}}")
    return found, [k for k, _ in sorted(totals.items())]


def settings(text):
    found = {}
    for line in text.splitlines():
        name, sep, value = line.partition("=")
        last = line.rpartition("=")[2]
        if sep:
            found[name.strip(string.punctuation)] = value + last
    return found


def dicts(key, value, pairs, old):
    made = []
    for n in range(2):
        one = dict(zip(key, value))
        two = dict((k, v * n) for k, v in zip(key, value))
        three = dict(pairs)
        made.append({"n": n, **one, **old, "last": three, **two})
    return made


def stars(rows):
    made = []
    for first, *rest in rows:
        *most, last = rest
        a, *between, b = [first, *()] + rest
        made.append((first, rest, most, last, a, between, b))
    return made


def keys(rows, x):
    counts = {}
    for row in rows:
        counts[tuple(row)] = counts.get(tuple(row), 0) + 1
    sums = {}
    for row in rows:
        for value in row:
            sums[value + x] = value
    met = {x}
    for row in rows:
        met.add((x, (x, len(row))))
    return counts, sums, met, x in sums, (x, (x, 1)) in met


def orders(given, n):
    a = set()
    for x in given:
        a.add(x * n)
    found = []
    for x in set(a):
        found.append(x)
    table = {x: n for x in a}
    for x in set(table) if n < 9 else a.copy():
        found.append(x)
    return found


def sets(a, b, more):
    own = set(a)
    own.update(b)
    own |= a
    tests = [a <= b, a == b, a.issubset(more), a.isdisjoint(b), own > b]
    both = [a & b, a | b, a - b, a ^ b, a.union(more), a.intersection(more), own]
    own = own - a
    own.difference_update(more)
    return tests, [list(s) for s in both], list(own)


def tries(words, sought):
    root = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node["end"] = len(word)
        node["n"] = node.get("n", 0) + 1
    found = []
    for word in sought:
        node = root
        for letter in word:
            if letter not in node:
                break
            node = node[letter]
        else:
            found.append((word, "end" in node, len(node)))
    return found


def lifts(n):
    lift = Lift()
    seen = []
    for i in range(n):
        if lift.state == Lift.IDLE:
            lift.state = lift.UP
        elif lift.state == Lift.UP:
            lift.state = Lift.DOWN
        else:
            lift.state = Lift.IDLE
        seen.append(f"{lift.state}{Lift.FAST}{digits[i]}")
    return seen
"""

ROWS = [{"a": "x", "b": 2, "c": 1.5}, {"a": "x", "b": 1, "c": 2.5}, {"a": "y", "b": 1, "c": 0.5}]

EXAMPLES: dict[str, Make] = {
    "report": lambda m: (ROWS,),
    "settings": lambda m: ("a = 1\n[b]=2=3\nc",),
    "dicts": lambda m: (["a", "b"], [1, 2], [("x", 1), ("y", 2)], {"a": 5, "z": 6}),
    "stars": lambda m: ([[1, 2, 3], [4, 5]],),
    "keys": lambda m: ([[0.5, 1.5], [2.5]], 0.25),
    "orders": lambda m: ([3, 1, 2], 7),
    "sets": lambda m: ({1, 2, 3}, {2, 3, 4}, [3, 9]),
    "tries": lambda m: (["ab", "abc", "b"], ["a", "ab", "c"]),
    "lifts": lambda m: (5,),
}


@pytest.fixture(scope="module")
def gathering(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(gathering: InPlace, name: str) -> None:
    gathering.check_fast(name, EXAMPLES[name])


def test_a_sort_that_looks_behind_the_first_items_is_left_to_python(gathering: InPlace) -> None:
    rows = [{"a": a, "b": b, "c": 1.0} for a, b in (("x", 1), ("y", 2), ("x", 3), ("x", 1))]
    gathering.check_fast("report", lambda m: (rows,))
    gathering.check("report", lambda m: ([*rows, {"a": "x", "b": 1.0, "c": 1.0}],))
    gathering.check("report", lambda m: ([*rows, {"a": "x", "b": None, "c": 1.0}],))


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="a=\n [b", max_size=20))
def test_parts_of_text(gathering: InPlace, text: str) -> None:
    gathering.check_fast("settings", lambda m: (text,))


NAMES = st.lists(st.sampled_from("abcd"), max_size=4)
NUMBERS = st.lists(st.integers(-2, 3), max_size=4)


@settings(deadline=None, max_examples=60)
@given(NAMES, NUMBERS, st.dictionaries(st.sampled_from("abn"), st.integers(0, 2)))
def test_dicts_of_other_things(
    gathering: InPlace, key: list[str], value: list[int], old: dict[str, int]
) -> None:
    pairs = list(zip(key, value, strict=False))
    gathering.check_fast("dicts", lambda m: (key, value, pairs, old))


def test_dicts_that_are_left_to_python(gathering: InPlace) -> None:
    gathering.check("dicts", lambda m: (["a"], [1], [("x", 1, 2)], {}))
    gathering.check("dicts", lambda m: (["a"], [1], ["xy"], {}))
    gathering.check("dicts", lambda m: ([m.Says(1), m.Says(2)], [1, 2], [], {m.Says(3): 4}))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 1 << 70), max_size=5), max_size=4))
def test_what_a_star_takes(gathering: InPlace, rows: list[list[int]]) -> None:
    gathering.check("stars", lambda m: (rows,))


NAN = float("nan")
FLOATS = st.sampled_from([0.0, -0.0, 1.5, 1.0, 1e300, NAN, float("inf")])


@settings(deadline=None, max_examples=80)
@given(st.lists(st.lists(FLOATS, max_size=3), max_size=4), FLOATS)
def test_floats_and_tuples_are_keys(gathering: InPlace, rows: list[list[float]], x: float) -> None:
    gathering.check("keys", lambda m: (rows, x))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-5, 1 << 40), max_size=60), st.integers(1, 99))
def test_sets_of_sets_are_in_their_own_order(
    gathering: InPlace, numbers: list[int], n: int
) -> None:
    gathering.check("orders", lambda m: (numbers, n))


SET = st.sets(st.integers(0, 40), max_size=30)


@settings(deadline=None, max_examples=80)
@given(SET, SET, st.lists(st.integers(0, 40), max_size=9))
def test_sets_among_each_other(gathering: InPlace, a: Any, b: Any, more: list[int]) -> None:
    gathering.check_fast("sets", lambda m: (set(a), set(b), more))


@pytest.mark.parametrize("cls", ["Says", "Thing"])
def test_items_that_say_what_they_equal_are_asked_once(gathering: InPlace, cls: str) -> None:
    told = []
    for module in (gathering.original, gathering.compiled):
        made = getattr(module, cls)
        given_sets = {made(1)}, {made(2)}, [made(3)]
        module.MET.clear()
        tests, both, left = module.sets(*given_sets)
        told.append((module.MET[:], tests, [sorted(x.n for x in part) for part in [*both, left]]))
    assert told[0] == told[1]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("abe", max_size=3), max_size=6), st.lists(st.text("abe", max_size=3)))
def test_nested_dicts(gathering: InPlace, words: list[str], sought: list[str]) -> None:
    gathering.check("tries", lambda m: (words, sought))


def test_a_class_whose_names_change(gathering: InPlace) -> None:
    for module in (gathering.original, gathering.compiled):
        module.Lift.DOWN = "down"
    gathering.check("lifts", lambda m: (5,))
    for module in (gathering.original, gathering.compiled):
        module.Lift.DOWN = 2


def test_what_has_no_hash_is_looked_for_in_no_set(builder: Any) -> None:
    from selfsame.compiler.emit.cython import CannotPrint

    text = "def few(rows):\n    return [row in {1, 2, (3, 4)} for row in rows]\n"
    with pytest.raises(CannotPrint, match=r"looks for a list\[int\]"):
        InPlace(builder, text, {"few": lambda m: ([[1], [2]],)})
    for rows in ([1, 5], [(3, 4), (1, 2)], [([1], 2), ([3], 4)]):
        bench = InPlace(builder, text, {"few": lambda m, rows=rows: (rows,)})
        for other in (rows, [1, [1]], [(3, 4), ([], 1, 2)]):
            bench.check("few", lambda m, other=other: (other,))
