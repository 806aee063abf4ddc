"""Compiled in place: loops over what is there, or over nothing where it is not."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython import CannotPrint

TEXT = """
class Edge:
    def __init__(self, to, cost):
        self.to, self.cost = to, cost


class Node:
    def __init__(self, edges):
        self.edges = edges


def found(graph, names):
    total = 0
    for name in names:
        for edge in graph.get(name, ()):
            total += edge.to
        total += sum(edge.cost for edge in graph.get(name + 1, ()))
    return total, [[e.to for e in graph.get(n, ())] for n in names]


def lines(table, names):
    return [[x + 1 for x in table.get(name, ())] for name in names]


def either(nodes):
    total = 0
    for node in nodes:
        for edge in node.edges or ():
            total += edge.to
        for edge in (node.edges or []):
            total -= 2 * edge.cost
    return total


def where(nodes, least):
    total = []
    for node in nodes:
        for edge in node.edges if least < 3 else ():
            total.append(edge.to)
        for edge in [] if least < 2 else node.edges:
            total.append(edge.cost)
    return total


def grown(queue):
    seen = []
    for x in queue or ():
        seen.append(x)
        if x > 0:
            queue.append(x - 1)
    return seen


def letters(words):
    return [letter for word in words for letter in word or ""]


def kept(graph, names):
    found = []
    for name in names:
        edges = graph.get(name, ())
        found.append(edges)
    return found


def members(sets):
    return [x for s in sets for x in s or ()]
"""


def edges(m: Any, *numbers: int) -> list[Any]:
    return [m.Edge(n, n % 3) for n in numbers]


def graph(m: Any) -> dict[int, list[Any]]:
    return {1: edges(m, 4, 2), 2: [], 4: edges(m, 7)}


def nodes(m: Any) -> list[Any]:
    return [m.Node(edges(m, 1, 2)), m.Node(None), m.Node([]), m.Node(edges(m, 9))]


EXAMPLES: dict[str, Make] = {
    "found": lambda m: (graph(m), [1, 2, 3, 4]),
    "lines": lambda m: ({"a": (1, 2), "b": (3,)}, ["a", "x", "b"]),
    "either": lambda m: (nodes(m),),
    "where": lambda m: ([n for n in nodes(m) if n.edges is not None], 2),
    "grown": lambda m: ([3, 0, 1],),
    "letters": lambda m: (["ab", None, "", "c"],),
    "kept": lambda m: (graph(m), [3, 1]),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.integers(0, 5), st.lists(st.integers(-3, 3), max_size=3)), st.integers(0, 5)
)
def test_whatever_is_there(made: InPlace, drawn: dict[int, list[int]], least: int) -> None:
    names = [0, 1, 2, 3, 4, 5]
    made.check_fast("found", lambda m: ({k: edges(m, *v) for k, v in drawn.items()}, names))
    some = [drawn.get(name) for name in names]
    made.check_fast(
        "either", lambda m: ([m.Node(None if v is None else edges(m, *v)) for v in some],)
    )
    made.check_fast("where", lambda m: ([m.Node(edges(m, *v)) for v in drawn.values()], least))


def test_what_is_not_as_it_was_seen_is_left_to_python(made: InPlace) -> None:
    made.check("found", lambda m: ({1: tuple(edges(m, 1)), 2: None}, [1, 2, 3]))
    made.check("found", lambda m: ({1: 5}, [1]))
    made.check("lines", lambda m: ({"a": [1], "b": "xy"}, ["a", "b"]))
    made.check("either", lambda m: ([m.Node(tuple(edges(m, 1))), m.Node(0), m.Node({3: 1})],))
    made.check("where", lambda m: ([m.Node(None)], 2))
    made.check("where", lambda m: ([m.Node(None)], 5))
    made.check("letters", lambda m: (["ab", b"cd", ["e"]],))
    made.check("grown", lambda m: (None,))


def test_a_loop_over_nothing_leaves_its_list_alone(made: InPlace) -> None:
    made.check_fast("grown", lambda m: ([],))
    made.check_fast("grown", lambda m: ([2, 2],))


def test_nothing_that_is_handed_on_stays_a_tuple(made: InPlace) -> None:
    made.check_fast("kept", lambda m: (graph(m), [1, 2, 3, 4, 5]))


def test_sets_perhaps_are_refused(builder: Any) -> None:
    with pytest.raises(CannotPrint, match="loops over"):
        InPlace(builder, TEXT, {"members": lambda m: ([{1}, None],)})
