"""Objects that lead from one to the next are compared however many there are."""

from itertools import pairwise
from typing import Any

import pytest

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
