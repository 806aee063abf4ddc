"""Compiled in place: dicts whose keys are written out, copies that are only looked into, and what lists tell."""

import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make, captured, importable

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.errors import Skipped
from selfsame.runtime.mutation.observe import words_of
from selfsame.variants.site import print_observed, read_observed

TEXT = """
LIMIT = 2


class Item:
    def __init__(self, n):
        self.n = n


class Odd:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return True

    def __hash__(self):
        return self.n


class Graph:
    def __init__(self, links):
        self.links = links
        self.log = []

    def nodes(self):
        return list(self.links.keys())

    def around(self, node):
        return list(self.links[node])

    def degree(self, node):
        '''How many there are around a node.'''
        return len(self.around(node))

    def logged(self, node):
        self.log.append(node)
        return list(self.links[node])

    def second(self):
        return list(self.links[LIMIT])


def spent(rows, who):
    total = 0.0
    for row in rows:
        if row["who"] == who:
            total += row["count"] * row["price"]
    return total


def best(rows):
    found = None
    for row in rows:
        if found is None or row["price"] > found["price"]:
            found = row
    return found


def defaulted(rows):
    total, names = 0, []
    for row in rows:
        total += row.get("count", 0)
        names.append(row.get("who"))
    return total, names


def marked(rows):
    for row in rows:
        row["total"] = row["count"] * row["price"]
        row["count"] += 1
        row["tag"] = row["who"].upper()
    return rows


def made(n):
    rows = []
    for k in range(n):
        row = {"id": k, "name": "n" + str(k), "half": k / 2}
        row["sum"] = row["id"] + row["half"]
        rows.append(row)
    return rows


def nested(rows):
    total = 0
    for row in rows:
        for each in row["parts"]:
            total += each["size"] * len(row["name"])
    return total


def by_any_key(row, keys):
    total = 0
    for key in keys:
        if row[key] == "x":
            total += 1
    return total


def copied(rows):
    out = []
    for row in rows:
        new = dict(row)
        new["count"] = 0
        other = row.copy()
        other["who"] = "?"
        out.append((new, other))
    return out


def linked(graph, nodes):
    found = []
    for a in nodes:
        for b in graph.nodes():
            if a in graph.around(b):
                found.append((a, b, graph.degree(b)))
    return found


def known(links, wanted):
    count = 0
    for w in wanted:
        if w in list(links.keys()):
            count += 1
        if w not in links.keys():
            count += 10
        if w in list(links):
            count += 100
        if w in tuple(links):
            count += 1000
    return count, len(list(links.keys())), len(links.keys())


def logging(graph, nodes):
    count = 0
    for a in nodes:
        if a in graph.logged(a):
            count += 1
    return count, len(graph.log)


def hidden(graph, nodes):
    return [LIMIT for LIMIT in nodes if LIMIT in graph.second()]


def bound(n):
    LIMIT = 0
    for k in range(n):
        LIMIT += limited(k)
    return LIMIT


def limited(n):
    return n * LIMIT


def taken(xs, ys):
    places = []
    for y in ys:
        if y in xs:
            places.append((xs.index(y), xs.count(y)))
            xs.remove(y)
    return places, xs


def used(items, wanted):
    places = []
    for w in wanted:
        if w in items:
            places.append(items.index(w))
            items.remove(w)
    return places


def nearest(dist, names):
    found = []
    for k in range(3):
        found.append(min(names, key=lambda n: dist[n]))
        found.append(max(names, key=lambda n: (dist[n], n)))
    return found


def longest(words):
    best = None
    for k in range(2):
        best = max(words, key=len), min((w for w in words if w != "a"), key=len)
    return best


def commonest(counts, xs):
    found = None
    for x in xs:
        if found is None or xs.count(x) > xs.count(found):
            found = x
    return found, max(counts, key=counts.get)


def rounded(rows):
    out = []
    for row in rows:
        out.append(round(row["price"] * row["count"], 2))
        out.append(round(row["count"], -1))
    return out
"""


def rows(*given: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
    return [{"who": w, "count": c, "price": p} for w, c, p in given]


THREE = (("ann", 3, 1.5), ("bob", 20, 2.25), ("ann", 1, 10.0))
LINKS = {1: {2: 1.0, 3: 0.5}, 2: {1: 1.0}, 3: {}}


def items(m: Any, *which: int) -> tuple[Any, ...]:
    made = [m.Item(k) for k in range(4)]
    return made, [made[k] for k in which] + [m.Item(9)]


EXAMPLES: dict[str, Make] = {
    "spent": lambda m: (rows(*THREE), "ann"),
    "best": lambda m: (rows(*THREE),),
    "defaulted": lambda m: (rows(*THREE),),
    "marked": lambda m: (rows(*THREE),),
    "made": lambda m: (3,),
    "nested": lambda m: ([{"name": "abc", "parts": [{"size": 2, "kind": "k"}]}],),
    "by_any_key": lambda m: ({"a": 1, "b": "x"}, ["b"]),
    "copied": lambda m: (rows(*THREE),),
    "linked": lambda m: (m.Graph({k: dict(v) for k, v in LINKS.items()}), [1, 2, 9]),
    "known": lambda m: ({"a": 1, "b": 2}, ["a", "c"]),
    "logging": lambda m: (m.Graph({1: [1], 2: [3]}), [1, 2]),
    "hidden": lambda m: (m.Graph({1: [1], 2: [3], 3: []}), [1, 3]),
    "bound": lambda m: (4,),
    "taken": lambda m: ([1, 2, 3, 2], [2, 9, 2]),
    "used": lambda m: items(m, 2, 0),
    "nearest": lambda m: ({"a": 2.5, "b": 1.0}, ["a", "b"]),
    "longest": lambda m: (["a", "bcd", "ef", "ghi"],),
    "commonest": lambda m: ({"a": 2, "b": 5, "c": 5}, ["a", "b", "b"]),
    "rounded": lambda m: (rows(*THREE),),
}
REFUSED = {
    "bound": "binds LIMIT, which is called like a global",
}


@pytest.fixture(scope="module")
def bench(builder: Builder) -> InPlace:
    return InPlace(builder, TEXT, {n: e for n, e in EXAMPLES.items() if n not in REFUSED})


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - REFUSED.keys()))
def test_each_is_compiled_and_does_the_same(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


VALUES = st.one_of(
    st.integers(-3, 40),
    st.sampled_from(["ann", "x", "", None, True, 2.5, float("nan"), 10**30]),
)
NAMED = st.dictionaries(
    st.sampled_from(["who", "count", "price", "tag", "other"]), VALUES, max_size=5
)
USUAL = st.fixed_dictionaries(
    {
        "who": st.sampled_from(["ann", "bob"]),
        "count": st.integers(-3, 40),
        "price": st.floats(-9, 9),
    }
)


@settings(max_examples=80, deadline=None)
@given(st.lists(USUAL, max_size=4), st.lists(NAMED, max_size=2))
def test_any_records(bench: InPlace, usual: list[Any], others: list[Any]) -> None:
    for name in ("best", "defaulted", "marked", "copied", "rounded"):
        bench.check(name, lambda m: ([dict(r) for r in [*usual, *others]],))
    bench.check("spent", lambda m: ([*usual, *others], "ann"))
    for row in [*usual, *others]:
        bench.check("by_any_key", lambda m, row=row: (dict(row), ["who", "count"]))
    bench.check("nested", lambda m: ([{"name": "n", "parts": [*usual, {"size": 1}]}],))


KEYS = st.one_of(
    st.integers(0, 3), st.sampled_from(["a", "b", "", 1.0, True, None, (1, 2), b"a", 0.5])
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(KEYS, st.lists(st.integers(0, 3), max_size=3), max_size=4),
    st.lists(KEYS, max_size=4),
    st.lists(st.integers(-1, 3), max_size=6),
)
def test_any_keys_and_items(
    bench: InPlace, links: dict[Any, Any], wanted: list[Any], xs: list[int]
) -> None:
    for name in ("linked", "logging"):
        bench.check(name, lambda m: (m.Graph(dict(links)), list(wanted)))
    bench.check("known", lambda m: (dict(links), list(wanted)))
    bench.check("hidden", lambda m: (m.Graph(dict(links)), list(wanted)))
    bench.check("taken", lambda m: (list(xs), [1, 1, *wanted]))
    bench.check("taken", lambda m: ([*xs, *wanted], [2, *xs]))
    bench.check("used", lambda m: items(m, *(x % 4 for x in xs)))
    names = [w for w in wanted if isinstance(w, str)]
    bench.check("longest", lambda m: (names,))
    bench.check("commonest", lambda m: (dict.fromkeys(names, len(xs)) | {"z": 1}, names))
    bench.check("commonest", lambda m: (dict(links), list(wanted)))
    for odd in (1.0, float("nan"), "x"):
        dist = {"a": odd, "b": 1.0, "": len(xs) - 2.0}
        bench.check("nearest", lambda m, dist=dist: (dist, names))


def test_keys_that_say_what_they_equal_run_the_original(bench: InPlace) -> None:
    bench.check("known", lambda m: ({m.Odd(5): 1, "b": 2}, ["a", "c"]))
    bench.check("linked", lambda m: (m.Graph({1: {m.Odd(7): 1.0}}), [1, 2]))
    bench.check("used", lambda m: ([m.Odd(1), m.Item(2)], [m.Item(3)]))
    bench.check("used", lambda m: ([m.Item(1), m.Odd(2)], [m.Item(3)]))


def test_a_method_of_the_instance_itself_is_called(bench: InPlace) -> None:
    def other(m: Any) -> tuple[Any, ...]:
        graph = m.Graph({1: {1: 1.0}})
        graph.around = lambda node: [7]
        return graph, [1, 7]

    found = []
    for module in (bench.original, bench.compiled):
        found.append(module.linked(*other(module)))
    assert found[0] == found[1] == [(7, 1, 1)]


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_form_is_refused(builder: Builder, name: str) -> None:
    with pytest.raises(Skipped, match=REFUSED[name]):
        InPlace(builder, TEXT, {name: EXAMPLES[name]})


def seen(given: Any, *words: str) -> str:
    module = types.ModuleType("sample")
    with importable(module):
        observed = captured((given,), ("x",), set(words))
    assert read_observed(print_observed(observed)).full == observed.full
    return " and ".join(sorted(observed.full["x"]))


def test_what_is_seen_of_records() -> None:
    words = ("a", "b", "c", "d", "c-d", "a b", *(f"k{k}" for k in range(25)))
    assert seen({"a": 1, "b": "x"}, *words) == "record[a:int,b:str]"
    assert seen([{"a": 1, "b": "x"}, {"b": None, "c-d": 1.5}], *words) == (
        "list[record[a:int,b:NoneType|str,c-d:float]]"
    )
    assert seen([{"a": 1, "b": "x"}, {}], *words) == "list[dict[:]|record[a:int,b:str]]"
    assert seen({"a": 1, "b": 2}, *words) == "dict[str:int]"
    assert seen({"a b": 1, "c": "x"}, *words) == "record[*:int,c:str]"
    assert seen({f"k{k}": k if k % 2 else "x" for k in range(25)}, *words) == "dict[str:int|str]"
    assert seen({"a": {"b": 1, "c": ""}, "d": 1}, *words) == "record[a:record[b:int,c:str],d:int]"


def test_keys_that_the_source_does_not_have_are_not_told() -> None:
    secret = {"token-4711": 1, "ann": "x", "price": 2.5}
    assert seen([secret], "price") == "list[record[*:int|str,price:float]]"
    assert seen(secret) == "dict[str:float|int|str]"
    assert words_of(Source("m.py", "m", "x = d['price'] + f'{y:>4} b'")) == {"price", ">4", " b"}
