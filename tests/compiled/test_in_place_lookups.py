"""Compiled in place: ranges looked into and handed on, frozensets, groups, tables of text, arrays compared."""

import string
from array import array
from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
import itertools
import string
from collections import Counter, defaultdict
from itertools import groupby
from operator import itemgetter

MET = []


class Says:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        MET.append(self.n)
        return True

    def __hash__(self):
        MET.append(self.n)
        return 1


def within(xs, a, b, step):
    rows = range(a, b, step)
    found = []
    for x in xs:
        found.append((x in rows, x in range(b), x not in range(a, b)))
    return found


def handed_on(n, step):
    rows = range(n)
    return totals(rows, 3), totals(range(n, -n, -step), 2), deeper(range(1, n), n)


def totals(over, by):
    total = 0
    for x in over:
        total += x * by
    for x in reversed(over):
        total = total * 2 + x
        if total > 10000:
            break
    return total, len(over), list(over), 3 in over


def deeper(over, n):
    if n <= 0:
        return []
    return [x + n for x in over] + deeper(range(n - 1), n - 2)


def plain_dicts(words, given):
    counts = defaultdict(int)
    for word in words:
        counts[word] += 1
    made = dict(counts)
    other = dict(given)
    other["new"] = 7
    return made, other, dict(Counter(words))


def kept_once(rows):
    seen = set()
    counts = {}
    for row in rows:
        key = frozenset(row)
        counts[key] = counts.get(key, 0) + 1
        if (key, len(row)) not in seen:
            seen.add((key, len(row)))
    return len(seen), [(sorted(k), v) for k, v in counts.items()], frozenset(x + 1 for x in rows[0])


def orders(given, n):
    a = frozenset([x * n for x in given])
    b = frozenset(a)
    c = frozenset({x: n for x in given})
    d = frozenset(set(given))
    return [x for x in a], [x for x in b], [x for x in c], [x for x in d], [a, b, c], frozenset()


def runs(xs):
    found = []
    for key, group in groupby(xs):
        found.append((key, len(list(group))))
    return found


def letters(text):
    return "".join(f"{k}{sum(1 for _ in g)}" for k, g in itertools.groupby(text))


def by_item(rows):
    rows = sorted(rows)
    first = {k: [v for _, v in g] for k, g in groupby(rows, key=lambda row: row[0])}
    second = []
    for k, g in groupby(rows, itemgetter(1)):
        for row in g:
            if row[0] == "b":
                break
            second.append((k, row))
    return first, second


def grows(xs, n):
    found = []
    for key, group in groupby(xs):
        if len(xs) < n:
            xs.append(key + 1)
            xs.append(key + 1)
        found.append((key, list(group)))
    return found


def translated(words, old, new):
    table = str.maketrans(old, new)
    bare = str.maketrans("", "", string.punctuation)
    return [w.translate(table) for w in words], [w.translate(bare) for w in words]


def with_table(words, table):
    return [w.translate(table) for w in words]


def arrays(a, b, xs):
    found = []
    for x in xs:
        found.append((x in a, x not in b, a == b, a != b, a < b, a[1:] == b[:2]))
    return found
"""

EXAMPLES: dict[str, Make] = {
    "within": lambda m: ([1, 4, 9, -3], 1, 9, 3),
    "handed_on": lambda m: (5, 2),
    "plain_dicts": lambda m: (["a", "b", "a"], defaultdict(int, {"z": 1})),
    "kept_once": lambda m: ([[1, 2], [2, 1], [3], [1, 2, 2]],),
    "orders": lambda m: ([3, 1, 2], 7),
    "runs": lambda m: ([1, 1, 2, 1],),
    "letters": lambda m: ("aab",),
    "by_item": lambda m: ([("a", 1), ("b", 1), ("a", 2)],),
    "grows": lambda m: ([1, 1, 2], 9),
    "translated": lambda m: (["a.b", "cab!"], "abc", "xyz"),
    "with_table": lambda m: (["abc"], {97: "xx", 98: None, 99: 100}),
    "arrays": lambda m: (array("i", [1, 2, 3]), array("i", [1, 2]), [1, 5]),
}


@pytest.fixture(scope="module")
def bench(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


SMALL = st.integers(-9, 9)
EDGES = st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63), 2**62])


@settings(deadline=None, max_examples=150)
@given(st.lists(SMALL | EDGES, max_size=4), SMALL | EDGES, SMALL | EDGES, SMALL | EDGES)
def test_what_is_in_a_range(bench: InPlace, xs: list[int], a: int, b: int, step: int) -> None:
    bench.check("within", lambda m: (xs, a, b, step))


@settings(deadline=None, max_examples=40)
@given(st.integers(-2, 12), st.integers(-3, 3))
def test_ranges_that_are_handed_on(bench: InPlace, n: int, step: int) -> None:
    bench.check("handed_on", lambda m: (n, step))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-40, 40), max_size=30), st.integers(-3, 9))
def test_frozensets_have_the_order_that_python_gives_them(
    bench: InPlace, xs: list[int], n: int
) -> None:
    bench.check_fast("orders", lambda m: (xs, n))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=1, max_size=6))
def test_frozensets_as_keys(bench: InPlace, rows: list[list[int]]) -> None:
    bench.check_fast("kept_once", lambda m: (rows,))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2), max_size=8), st.integers(0, 12))
def test_groups(bench: InPlace, xs: list[int], n: int) -> None:
    bench.check_fast("runs", lambda m: (xs,))
    bench.check_fast("grows", lambda m: (list(xs), n))
    bench.check_fast("letters", lambda m: ("".join(map(str, xs)),))
    bench.check_fast("by_item", lambda m: ([("ab"[x % 2], x) for x in xs],))


NAN = float("nan")
DECLINED: list[tuple[str, Make]] = [
    ("within", lambda m: ([1.0], 1, 9, 3)),
    ("within", lambda m: ([1], 1, 9, 0)),
    ("within", lambda m: ([1 << 70], 1, 9, 3)),
    ("kept_once", lambda m: ([[1, "a"], [m.Says(1)], [m.Says(1)]],)),
    ("kept_once", lambda m: ([[NAN], [NAN]],)),
    ("kept_once", lambda m: ([[[1]]],)),
    ("runs", lambda m: ([m.Says(1), 1, m.Says(2)],)),
    ("runs", lambda m: ([NAN, NAN, 1.0],)),
    ("by_item", lambda m: ([("a", m.Says(1)), ("b", 2)],)),
    ("by_item", lambda m: ([("a",), ("b", 2)],)),
    ("grows", lambda m: ([1, "a"], 9)),
    ("translated", lambda m: (["a"], "ab", "x")),
    ("with_table", lambda m: (["abc"], {97: "x", "b": 1})),
    ("with_table", lambda m: (["abc"], defaultdict(lambda: "q"))),
    ("with_table", lambda m: (["abc"], {m.Says(97): "x"})),
    ("arrays", lambda m: (array("d", [1.0]), array("i", [1, 2]), [1])),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_told_is_the_originals(bench: InPlace, name: str, make: Make) -> None:
    for module in (bench.original, bench.compiled):
        module.MET.clear()
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1
    assert bench.original.MET == bench.compiled.MET


def test_other_keys_of_a_dict_are_asked_as_python_asks(bench: InPlace) -> None:
    bench.check("plain_dicts", lambda m: (["a"], Counter("ab")))
    bench.check_fast("translated", lambda m: ([string.punctuation, "\U0001f600a"], "a", "b"))


def test_a_group_or_a_range_does_not_get_out(builder: Any) -> None:
    from selfsame.compiler.emit.cython import CannotPrint

    kept = "from itertools import groupby\ndef f(xs):\n    found = []\n"
    kept += "    for k, g in groupby(xs):\n        found.append(g)\n    return found\n"
    given = "def f(n):\n    for k in range(n):\n        pass\n    return range(n)\n"
    with pytest.raises(CannotPrint, match="iterator"):
        InPlace(builder, kept, {"f": lambda m: ([1, 2],)})
    with pytest.raises(CannotPrint, match="returns a range"):
        InPlace(builder, given, {"f": lambda m: (3,)})
