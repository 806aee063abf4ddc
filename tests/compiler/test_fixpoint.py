"""Values that hang on one another: as few passes as it takes, in any order, and nothing half made."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from selfsame.compiler.analysis.fixpoint import Fixpoint

Graph = dict[str, list[str]]
Set = frozenset[str]


class Reached:
    """What is reached from each node of a graph, itself included."""

    def __init__(self, graph: Graph, most: int = 12) -> None:
        self.graph = graph
        self.passes: Counter[str] = Counter()
        self.closed: list[str] = []
        self.fails = ""
        self.values: Fixpoint[Set] = Fixpoint(self.find, set, frozenset(), most, self.closed.append)

    def find(self, key: str, passes: int, ask: Callable[[str], Set]) -> Set:
        found = {key}.union(*(ask(other) for other in self.graph[key]))
        if key == self.fails:
            self.fails = ""
            raise ZeroDivisionError
        self.passes[key] += 1
        return frozenset(found)

    def __getitem__(self, key: str) -> str:
        return "".join(sorted(self.values.value(key)))


GRAPHS: list[Graph] = [
    {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []},
    {"a": ["b"], "b": ["a", "c"], "c": []},
    {"a": ["b"], "b": ["c", "d"], "c": ["b"], "d": ["e"], "e": ["d", "a"]},
    {"a": ["a", "b"], "b": ["c"], "c": ["d", "b"], "d": ["c", "e"], "e": ["e"]},
    {key: list("abcdef") for key in "abcdef"},
    {"a": ["f", "b"], "b": ["c", "a"], "c": ["d"], "d": ["e", "b"], "e": ["c"], "f": ["e"]},
]


def expected(graph: Graph, key: str) -> str:
    seen = [key]
    for each in seen:
        seen += [other for other in graph[each] if other not in seen]
    return "".join(sorted(seen))


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_values_are_the_same_in_every_order(graph: Graph) -> None:
    for first in graph:
        found = Reached(graph)
        for key in [first, *graph]:
            assert found[key] == expected(graph, key)
        assert sorted(found.closed) == sorted(graph)


def test_what_is_in_no_cycle_is_followed_once_and_a_cycle_before_those_that_ask_for_it() -> None:
    found = Reached({"a": ["b"], "b": ["c"], "c": ["d"], "d": ["c", "e"], "e": []})
    assert found["a"] == "abcde"
    assert found.passes == {"a": 1, "b": 1, "c": 2, "d": 2, "e": 1}
    assert found.closed == ["e", "c", "d", "b", "a"]


def test_where_all_ask_for_each_other_each_is_followed_a_few_times() -> None:
    names = [f"n{n}" for n in range(40)]
    found = Reached(dict.fromkeys(names, names))
    assert found.values.value("n0") == set(names)
    assert max(found.passes.values()) <= 4


def test_a_long_chain_does_not_fill_the_stack() -> None:
    names = [str(n) for n in range(3000)]
    chain = {name: [after] for name, after in pairwise(names)}
    found = Reached({**chain, "2999": ["1500"]})
    assert len(found.values.value("0")) == 3000
    assert "0" in found.values and len(found.values.known()) == 3000


@pytest.mark.parametrize("graph", GRAPHS)
def test_after_an_error_what_was_left_open_is_followed_to_its_end(graph: Graph) -> None:
    for fails in graph:
        for first in graph:
            found = Reached(graph)
            found.fails = fails
            try:
                found[first]
            except ZeroDivisionError:
                assert first not in found.values
            for key in graph:
                try:
                    assert found[key] == expected(graph, key)
                except ZeroDivisionError:
                    assert found[key] == expected(graph, key)


def test_what_has_nothing_to_do_with_what_an_error_left_open_does_not_wait_for_it() -> None:
    found = Reached({"a": ["b"], "b": ["a"], "c": ["d"], "d": []})
    found.fails = "b"
    with pytest.raises(ZeroDivisionError):
        found["a"]
    assert found["c"] == "cd"
    assert not found.passes["a"] and "a" not in found.values
    assert found["b"] == "ab"


def test_what_is_dropped_is_found_from_the_beginning_and_who_asked_for_it_is_known() -> None:
    graph = {"a": ["b"], "b": ["c", "d"], "c": [], "d": ["e"], "e": ["b"]}
    found = Reached(graph)
    found.fails = "e"
    with pytest.raises(ZeroDivisionError):
        found["a"]
    assert sorted(found.values.all_asking("e")) == ["a", "b", "d", "e"]
    found.values.drop()
    assert found.values.met() == {"c"}
    for key in graph:
        assert found[key] == expected(graph, key)


def test_a_value_that_never_stays_is_followed_so_many_times_only() -> None:
    def find(key: str, passes: int, ask: Callable[[str], int]) -> int:
        return ask("b" if key == "a" else "a") + 1

    found: Fixpoint[int] = Fixpoint(find, lambda value: value, 0, 5, lambda key: None)
    assert found.value("a") and found.value("b")


def test_a_change_that_nobody_sees_is_no_reason_to_follow_anybody_again() -> None:
    passes: Counter[str] = Counter()

    def find(key: str, count: int, ask: Callable[[str], tuple[int, int]]) -> tuple[int, int]:
        passes[key] += 1
        seen, _ = ask("b" if key == "a" else "a")
        return max(seen, 1), count

    found = Fixpoint(find, lambda value: value[0], (0, 0), 12, lambda key: None)
    assert found.value("a")[0] == 1
    assert max(passes.values()) <= 2
