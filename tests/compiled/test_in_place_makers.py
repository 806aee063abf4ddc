"""Compiled in place: defaultdicts whose entries a lambda makes."""

import gc
import pickle
import tracemalloc
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython import CannotPrint

TEXT = """
from collections import Counter, defaultdict, deque


def pairs(words):
    found = defaultdict(lambda: [0, 0])
    for word in words:
        found[word][0] += 1
        found[word][1] += len(word)
    return dict(found), len(found)


def nested(edges):
    graph = defaultdict(lambda: defaultdict(int))
    for a, b in edges:
        graph[a][b] += 1
    return {a: dict(bs) for a, bs in graph.items()}


def least(edges):
    best = defaultdict(lambda: float("inf"))
    for a, b in edges:
        best[a] = min(best[a], b * 0.5)
    return sorted(best.items())


def several(words):
    text = defaultdict(lambda: "none")
    number = defaultdict(lambda: -1)
    nothing = defaultdict(lambda: None)
    both = defaultdict(lambda: (0, [], {}, set(), list()))
    tally, last = defaultdict(lambda: Counter()), defaultdict(lambda: deque())
    found = []
    for word in words:
        found.append((text[word], number[word], nothing[word]))
        both[word][1].append(word)
        both[word][2][word] = len(word)
        both[word][3].add(word)
        tally[word[0]][word] += 1
        last[word[0]].append(word)
    return found, both["a"], dict(tally), dict(last), number, list(nothing)


def given_back(words):
    found = defaultdict(lambda: [1, 2])
    for word in words:
        found[word].append(3)
    return found


def late_failure(words, n):
    found = defaultdict(lambda: 0)
    for word in words:
        found[word] += 1
    return found[1 // n], found["x"]


def again(words):
    found = []
    for word in words:
        one = defaultdict(lambda: 0)
        one[word] += 1
        found.append(one)
    return found


def calls_itself(words):
    found = defaultdict(lambda: 0)
    for word in words:
        found[word] += 1
    return [calls_itself(words[1:])] if words else []


def outer(words):
    found = []
    for word in words:
        found.append(given_back(word))
    return found


def reads(words, n):
    found = defaultdict(lambda: n)
    for word in words:
        found[word] += 1
    return dict(found)


def computes(words):
    found = defaultdict(lambda: len(MET))
    for word in words:
        found[word] += 1
    return dict(found)


MET = []
"""

EXAMPLES: dict[str, Make] = {
    "pairs": lambda m: (["a", "bc", "a"],),
    "nested": lambda m: ([("a", "b"), ("a", "c")],),
    "least": lambda m: ([("a", 1), ("b", 2)],),
    "several": lambda m: (["a", "bc", "a"],),
    "late_failure": lambda m: (["a", "b"], 1),
}


@pytest.fixture(scope="module")
def bench(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES | {"given_back": lambda m: (["a", "b", "a"],)})


def outcome(module: Any, name: str, *arguments: Any) -> Any:
    return getattr(module, name)(*arguments)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {"several"}))
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


def test_whatever_a_lambda_may_give_is_made(bench: InPlace) -> None:
    made = [outcome(m, "several", ["a", "bc", "a"]) for m in (bench.original, bench.compiled)]
    assert repr(made[0][:4]) == repr(made[1][:4]) and made[0] == made[1]
    assert not bench.deopts["several"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=3), max_size=8))
def test_any_words(bench: InPlace, words: list[str]) -> None:
    bench.check_fast("pairs", lambda m: (words,))
    bench.check_fast("nested", lambda m: ([(w, w[0]) for w in words],))


def test_the_lambda_is_the_functions_own(bench: InPlace) -> None:
    made = [outcome(m, "given_back", ["a", "b", "a"]) for m in (bench.original, bench.compiled)]
    assert not bench.deopts["given_back"]
    assert made[0] == made[1] and [type(d) for d in made] == [type(made[0])] * 2
    first, second = (d.default_factory for d in made)
    assert isinstance(second, types.FunctionType)
    assert first.__qualname__ == second.__qualname__ == "given_back.<locals>.<lambda>"
    assert first.__code__ == second.__code__
    assert list(first.__code__.co_positions()) == list(second.__code__.co_positions())
    assert second.__globals__ is vars(bench.compiled)
    assert made[1]["new"] == [1, 2] and "new" in made[1]
    other = outcome(bench.compiled, "given_back", ["a"])
    assert other.default_factory is not second


def test_an_error_after_entries_were_made_is_the_originals(bench: InPlace) -> None:
    before = bench.deopts["late_failure"]
    bench.check("late_failure", lambda m: (["a", "b"], 0))
    assert bench.deopts["late_failure"] == before + 1


def test_calls_keep_nothing(bench: InPlace) -> None:
    function = bench.compiled.nested
    inputs = [pickle.dumps([("a" * k, "b") for k in range(60)]) for _ in range(50)]

    def call_all() -> int:
        for each in inputs:
            function(pickle.loads(each))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    call_all()
    tracemalloc.start(1)
    try:
        before = call_all()
        grown = [-before + (before := call_all()) for _ in range(3)]
    finally:
        tracemalloc.stop()
    assert not bench.deopts["nested"]
    assert min(grown) < 300 and grown[0] < 1000, grown


REFUSED: dict[str, tuple[str, Make]] = {
    "again": ("again and again", lambda m: (["a"],)),
    "outer": ("again and again", lambda m: ([["a"]],)),
    "calls_itself": ("calls itself", lambda m: (["a"],)),
    "reads": ("a lambda that computes", lambda m: (["a"], 1)),
    "computes": ("a lambda that computes", lambda m: (["a"],)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_lambdas_are_refused(builder: Any, name: str) -> None:
    said, make = REFUSED[name]
    with pytest.raises(CannotPrint, match=said):
        InPlace(builder, TEXT, {name: make})
