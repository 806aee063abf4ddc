"""Objects that lead from one to the next are captured however many there are."""

import pickle
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.agent.capture import Capture, Later, TooDeep, dump
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.engine.eligibility import named
from selfsame.runtime.mutation.observe import observe
from selfsame.runtime.shadow import payloads
from selfsame.runtime.shadow.encoder import Encoder
from selfsame.runtime.shadow.inputs import Call

ROOM = 1 << 24
MANY = 20_000


class Node:
    def __init__(self, value: object) -> None:
        self.value = value
        self.next: Any = None
        self.others: list[Any] = []


class Slim:
    __slots__ = ("next", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self.next: Any = None


class Careful(Node):
    """Would refuse to be given an attribute, or asked for one that is not there."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "forbidden":
            raise AttributeError(name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


@dataclass(frozen=True)
class Key:
    name: str
    at: Any


class Rows(list[Any]):
    label: Any = None


def chain(kind: Any, many: int) -> Any:
    first = last = kind(0)
    for n in range(1, many):
        last.next = kind(n)
        last = last.next
    return first


def taken(value: object) -> bytes:
    capture = Capture([], ROOM, Registry([]))
    token = capture.take((value,))
    assert (token, capture.refused) == (0, {})
    capture.done(token, 1)
    ((payload, _),), _ = capture.calls()
    return payload


def values(node: Any) -> list[object]:
    found = []
    while node is not None:
        found.append(node.value)
        node = node.next
    return found


@pytest.mark.parametrize("kind", [Node, Slim, Careful])
def test_a_long_list_comes_back(kind: Any) -> None:
    with pytest.raises(TooDeep):
        dump({"args": (chain(kind, MANY),)}, ROOM)
    payload = taken(chain(kind, MANY))
    (back,) = Call.of(payload).parameters
    assert type(back) is kind and values(back) == [*range(MANY)]
    assert pickle.loads(payload)["args"][0].value == 0


def test_a_graph_comes_back_with_all_that_is_shared() -> None:
    nodes = [Node(n) for n in range(MANY)]
    for n, node in enumerate(nodes):
        node.others = [nodes[n - 1], nodes[(n * 7) % MANY], node]
        node.next = nodes[(n + 1) % MANY]
    (back,) = Call.of(taken({"all": nodes[:3]})).parameters
    at, met = back["all"][0], 0
    while met < MANY:
        assert at.value == met and at.others[0].next is at and at.others[2] is at
        at, met = at.next, met + 1
    assert at is back["all"][0]


def test_what_a_dict_asks_for_its_hash_is_there_in_time() -> None:
    first = chain(Node, MANY)
    first.others = [{Key("a", 1): 2}, {Key("b", (3,))}, Rows([4])]
    first.others[2].label = first
    (back,) = Call.of(taken(first)).parameters
    assert back.others == [{Key("a", 1): 2}, {Key("b", (3,))}, [4]]
    assert back.others[2].label is back and type(back.others[2]) is Rows


class ByNode:
    """Hashed by what another object has."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def __hash__(self) -> int:
        return hash(self.node.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByNode) and other.node.value == self.node.value


@pytest.mark.parametrize("held", [{}, set(), frozenset()])
def test_what_is_hashed_by_another_object_is_whole_or_not_captured(held: Any) -> None:
    key = ByNode(Node("z"))
    found = {key: 1} if held == {} else type(held)([key])
    (back,) = Call.of(taken(found)).parameters
    assert next(iter(back)) in back
    first = chain(Node, MANY)
    first.others = [found]
    capture = Capture([], ROOM, Registry([]))
    assert capture.take((first,)) == -1 and capture.refused == {"nested too deeply": 1}


def test_what_is_shallow_is_captured_as_ever() -> None:
    capture = Capture([], ROOM, Registry([]), most_ns=1 << 40)
    values_of = [chain(Node, MANY), Node(1), {ByNode(Node(2)): 3}]
    assert [capture.take((value,)) for value in values_of] == [0, 1, 2]
    for token in range(3):
        capture.done(token, 1)
    contents = [pickle.loads(payload) for payload, _ in capture.calls()[0]]
    assert ["later" in content for content in contents] == [True, False, False]


def test_what_is_seen_of_them_is_the_same() -> None:
    deep, flat = dump({"args": (chain(Node, 9),)}, ROOM), dump_later((chain(Node, 9),))
    told = [observe([each], ("first",), frozenset()) for each in (deep, flat)]
    assert told[0] == told[1]
    assert {(n.module, n.name) for n in named([flat])} - {
        (n.module, n.name) for n in named([deep])
    } == {("selfsame.runtime.agent.plans", "gathered")}


def dump_later(args: tuple[object, ...]) -> bytes:
    later = Later()
    return dump({"args": args, "globals": {}, "later": later}, ROOM, later=later)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), max_size=30))
def test_any_graph_is_the_same_either_way(rows: list[tuple[int, int, int]]) -> None:
    nodes: list[Any] = [(Node, Slim, Careful)[kind](at) for at, (kind, _, _) in enumerate(rows)]
    for node, (kind, one, other) in zip(nodes, rows, strict=True):
        node.next = nodes[one % len(nodes)]
        node.value = (kind, [nodes[other % len(nodes)]], {"k": nodes[one % len(nodes)]})
    whole = dump({"args": (nodes,), "globals": {}}, ROOM)
    texts = [Encoder().whole(Call.of(p).parameters) for p in (whole, dump_later((nodes,)))]
    assert texts[0] == texts[1] == Encoder().whole((nodes,))


def test_payloads_that_are_made_in_a_worker_are_too() -> None:
    made = payloads.dump((chain(Node, MANY),), {})
    assert values(Call.of(made).parameters[0]) == [*range(MANY)]


def test_containers_alone_may_be_too_deep() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    capture = Capture([], ROOM, Registry([]))
    assert capture.take((nested,)) == -1
    assert capture.refused == {"nested too deeply": 1}
