"""Counter and defaultdict compiled in place: a missing key gives what Python gives, and is taken back."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make
from test_in_place_meaning import site

from selfsame.compiler.errors import Skipped
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.mutation.observe import observe
from selfsame.variants.compiled.in_place_function_to_cython import print_site

TEXT = """
from collections import Counter, defaultdict


class Index:
    def __init__(self):
        self.words = defaultdict(list)
        self.seen = Counter()

    def add(self, text):
        at = 0
        for word in text:
            self.words[word].append(at)
            self.seen[word] += 1
            at += 1
        return at


def tally(counts, words, most):
    for word in words:
        if counts[word] < most:
            counts[word] += 1
    return counts.get("x"), "y" in counts, len(counts)


def grouped(groups, pairs):
    for key, x in pairs:
        groups[key].append(x)
    total = 0
    for key, xs in groups.items():
        total += len(xs)
    return total


def peeked(groups, keys):
    found = 0
    for key in keys:
        found += len(groups[key]) + 10 // (len(groups) - 3)
    return found


def sums(totals, pairs):
    get = totals.get
    for key, x in pairs:
        totals[key] += x * 0.5
        if get(key, 0.0) > 3.0:
            totals[key] = 0.0
    return totals


def made(pairs, text):
    by, kinds, letters = defaultdict(list), defaultdict(set), Counter(text)
    edges = defaultdict(dict)
    for key, x in pairs:
        by[key].append(x)
        kinds[x].add(key)
        edges[key][x] = letters[key]
        letters[key] += x
    del letters["a"]
    return by, kinds, letters, edges, Counter(x for _, x in pairs)


def indexed(index, texts):
    total = 0
    for text in texts:
        total += index.add(text)
    return index.seen["a"], total


def while_looping(groups, n):
    for key in groups:
        groups[key + n]
    return groups


def several(counters, xs):
    for c in counters:
        for x in xs:
            c[x] += 1
    return counters


def maybe(counts, xs):
    total = 0
    for x in xs:
        if counts is not None:
            total += counts[x]
    return total
"""

PAIRS = [("a", 3), ("b", 7), ("a", 5), ("c", 1)]


def index(m: Any, words: str) -> Any:
    made = m.Index()
    for word in words:
        made.words[word].append(7)
        made.seen[word] += 1
    return made


EXAMPLES: dict[str, Make] = {
    "tally": lambda m: (Counter("ab"), ["a", "x", "a", "b", "x", "z"], 2),
    "grouped": lambda m: (defaultdict(list, {"a": [1]}), PAIRS),
    "peeked": lambda m: (defaultdict(list, {1: [1]}), [1, 1]),
    "sums": lambda m: (defaultdict(float, {"b": 2.5}), PAIRS),
    "made": lambda m: (PAIRS, "aabd"),
    "indexed": lambda m: (index(m, "ac"), [["a", "b"], ["a"]]),
    "while_looping": lambda m: (defaultdict(list, {1: [1]}), 0),
    "several": lambda m: ([Counter("a"), Counter()], ["a", "b"]),
    "maybe": lambda m: (Counter("a"), ["a", "b"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


class Own(Counter[str]):
    def __missing__(self, key: str) -> int:
        return 5


calls: list[int] = []


def factory() -> list[int]:
    calls.append(1)
    return [len(calls)]


def own_factory(m: Any) -> tuple[Any, ...]:
    calls.clear()
    return defaultdict(factory, {"a": [1]}), PAIRS


DECLINED: list[tuple[str, Make]] = [
    ("peeked", lambda m: (defaultdict(list, {1: [1]}), [2, 4, 3])),  # 3 entries: all are taken back
    ("while_looping", lambda m: (defaultdict(list, {1: [1], 5: []}), 1)),
    ("tally", lambda m: (Own("ab"), ["a", "q"], 2)),
    ("tally", lambda m: ({"a": 1}, ["a", "q"], 2)),
    ("tally", lambda m: (defaultdict(int), ["a", "q"], 2)),
    ("tally", lambda m: (Counter({"a": 2**63 - 1}), ["q", "a"], 2**70)),
    ("grouped", own_factory),
    ("grouped", lambda m: (defaultdict(None, {"a": [1]}), PAIRS)),
    ("grouped", lambda m: (defaultdict(int), PAIRS)),
    ("sums", lambda m: (defaultdict(int), PAIRS)),
    ("maybe", lambda m: ({"a": 1}, ["a"])),
    ("several", lambda m: ([Counter("a"), Own("b")], ["a", "b"])),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def test_a_counter_that_is_told_otherwise_is_asked(
    bench: InPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counter, "__missing__", lambda self, key: 7)
    before = bench.deopts["maybe"]
    bench.check("maybe", EXAMPLES["maybe"])
    assert bench.deopts["maybe"] == before + 1
    monkeypatch.undo()
    bench.check_fast("maybe", EXAMPLES["maybe"])


PAIR = st.tuples(st.sampled_from("abcd"), st.integers(-4, 4))


@settings(max_examples=60, deadline=None)
@given(st.lists(PAIR, max_size=9), st.text("abcd", max_size=6), st.integers(0, 3))
def test_any_entries(bench: InPlace, pairs: list[tuple[str, int]], text: str, most: int) -> None:
    bench.check("tally", lambda m: (Counter(text), [a for a, _ in pairs], most))
    bench.check("grouped", lambda m: (defaultdict(list, {a: [] for a in text}), list(pairs)))
    bench.check("sums", lambda m: (defaultdict(float, dict.fromkeys(text, 1.5)), list(pairs)))
    bench.check("peeked", lambda m: (defaultdict(list), [x for _, x in pairs]))
    bench.check("made", lambda m: (list(pairs), text))
    bench.check("indexed", lambda m: (index(m, text), [[a for a, _ in pairs], list(text)]))
    bench.check("while_looping", lambda m: (defaultdict(list, {x: [x] for _, x in pairs}), most))
    bench.check("several", lambda m: ([Counter(text), Counter()], list(text)))


REFUSED = {
    "of what no builtin type makes": "    d = defaultdict(len)\n    for x in xs:\n        d[x] += 1\n",
    "calls the method subtract of a collections.Counter": (
        "    d = Counter(xs)\n    for x in xs:\n        d.subtract([x])\n"
    ),
    r"counts what a dict\[int, int\] holds": "    d = Counter({x: x for x in xs})\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_has_no_compiled_form_says_why(reason: str) -> None:
    text = "from collections import Counter, defaultdict\ndef f(xs: list[int]):\n" + REFUSED[reason]
    with pytest.raises(Skipped, match=reason):
        print_site(site(text, {}), also=True)


def test_what_they_hold_and_make_is_known_from_captured_calls() -> None:
    values = (Counter("aab"), defaultdict(list), defaultdict(set, {1: {2}}), defaultdict(None))
    seen = observe([dump({"args": values, "globals": {}}, 1_000_000)], ("a", "b", "c", "d"))
    assert {name: min(found) for name, found in seen.full.items()} == {
        "a": "collections.Counter[str:int]",
        "b": "collections.defaultdict[:list[]]",
        "c": "collections.defaultdict[int:set[]|set[int]]",
        "d": "collections.defaultdict[:]",
    }
