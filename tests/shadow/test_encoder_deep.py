"""Objects that lead from one to the next are compared however many there are."""

import copy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.shadow.encoder import CannotCompare, Encoder

MANY = 20_000


class Node:
    def __init__(self, value: object) -> None:
        self.value = value
        self.next: Any = None


class Slim:
    __slots__ = ("next", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self.next: Any = None


def chain(kind: Any, many: int = MANY, last: object = None, other: int = -1) -> Any:
    nodes = [kind(n if n != other else -n) for n in range(many)]
    for node, after in pairwise(nodes):
        node.next = after
    nodes[-1].next = last
    return nodes[0]


def grid(size: int, other: int = -1) -> list[list[Any]]:
    """Each is reached from each, by lists of two to four."""
    cells = [[Node([]) for _ in range(size)] for _ in range(size)]
    for y in range(size):
        for x in range(size):
            around = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
            near = [cells[b][a] for a, b in around if 0 <= a < size and 0 <= b < size]
            cells[y][x].value = near[::-1] if y * size + x == other else near
    return cells


def written(value: object, tolerant: bool = False) -> bytes:
    return Encoder(tolerant).whole(value)


@pytest.mark.parametrize("kind", [Node, Slim])
@pytest.mark.parametrize("tolerant", [True, False])
def test_long_lists(kind: Any, tolerant: bool) -> None:
    first = written(chain(kind), tolerant)
    assert first == written(chain(kind), tolerant)
    assert first != written(chain(kind, other=MANY - 1), tolerant)
    assert first != written(chain(kind, other=MANY // 2), tolerant)
    assert first != written(chain(kind, MANY - 1), tolerant)
    assert first != written(chain(kind, last=2.5), tolerant)


def test_what_a_long_list_leads_back_to_counts() -> None:
    found = []
    for at in (0, 3, MANY - 2):
        first = chain(Node)
        node, last = first, first
        for _ in range(at):
            node = node.next
        while last.next is not None:
            last = last.next
        last.next = node
        found.append(written(first))
    assert len(set(found)) == 3


def test_many_that_all_know_each_other() -> None:
    first = written(grid(60)[7][9])
    assert first == written(grid(60)[7][9]) != written(grid(60, other=3_500)[7][9])
    assert written(grid(60)) == written(grid(60)) != written(grid(60, other=3_500))


def test_what_is_in_a_set_is_written_in_one_piece() -> None:
    """In any order; so it is the stack that says how deep that may be."""
    sets = [
        {*made} for made in ([chain(Node, 9), chain(Node, 8)], [chain(Node, 8), chain(Node, 9)])
    ]
    below = [chain(Node, last=found) for found in sets]
    assert written(below[0]) == written(below[1])
    with pytest.raises(CannotCompare, match="nested too deeply"):
        written({chain(Node)})


class Rows(list[Any]):
    label: Any = None


KINDS = [Node, Slim, Rows, ValueError]
SPECS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40), st.integers(0, 2)),
    min_size=1,
    max_size=40,
)


def linked(specs: list[tuple[int, int, int, int]]) -> list[Any]:
    """Objects of several classes, not all of them with the same attributes, each of which leads to others."""
    made: list[Any] = [
        Rows() if kind == 2 else ValueError("x") if kind == 3 else KINDS[kind](at)
        for at, (kind, *_) in enumerate(specs)
    ]
    for each, (kind, one, other, more) in zip(made, specs, strict=True):
        a, b = made[one % len(made)], made[other % len(made)]
        if kind == 2:
            each += [a, (b, more)]
        elif kind == 3:
            each.args, each.about = (more,), b
        else:
            each.next, each.value = a, [b, more] if more else {"b": b, more: {1}}
        if more == 2 and kind != 1:
            each.label = a
    return made


@given(SPECS, st.integers(0, 40), st.booleans())
def test_any_graph(specs: list[tuple[int, int, int, int]], at: int, tolerant: bool) -> None:
    made = linked(specs)
    assert written(made[0], tolerant) == written(copy.deepcopy(made[0]), tolerant)
    assert written(made[0], tolerant) == written(linked(specs)[0], tolerant)
    reached = {id(value) for value in all_of(made[0])}
    other = copy.deepcopy(made)
    changed = made[at % len(made)]
    found = other[at % len(made)]
    if isinstance(found, Slim):
        found.value = "another"
    else:
        found.another = None
    differs = id(changed) in reached
    assert (written(made[0], tolerant) != written(other[0], tolerant)) is differs


def all_of(value: Any) -> list[Any]:
    found: dict[int, Any] = {}
    todo = [value]
    while todo:
        one = todo.pop()
        if id(one) in found or isinstance(one, (int, str, type(None))):
            continue
        found[id(one)] = one
        todo += one if isinstance(one, list | tuple | set) else []
        todo += one.values() if isinstance(one, dict) else []
        todo += getattr(one, "__dict__", {}).values()
        todo += [getattr(one, name) for name in getattr(one, "__slots__", ())]
    return list(found.values())
