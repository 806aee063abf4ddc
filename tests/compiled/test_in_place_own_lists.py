"""Compiled in place: lists of a class of the module, and instances of several classes that equal only themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_workbench import Across, Make

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython.inplace.kinds import parse_kind
from selfsame.compiler.emit.cython.inplace.linking import Linked
from selfsame.compiler.emit.cython.refusal import CannotPrint

TEXT = """
class Stack(list):
    '''Nothing of its own.'''

    limit = 3

    def top(self):
        return self[-1]


class Bare(list):
    __slots__ = ()


class Loud(list):
    def append(self, item):
        super().append(item * 2)


class Sized(list):
    def __len__(self):
        return 7


class Deep(Stack):
    pass


class Node:
    def __init__(self, n):
        self.n = n
        self.to = []
        self.by = None

    def link(self, other):
        self.to.append(other)

    def unlink(self, other):
        self.to.remove(other)
        if self.by == other:
            self.by = None


class Leaf(Node):
    pass


def squares(n):
    made = Stack()
    for i in range(n):
        made.append(i * i)
    total = 0
    for each in made:
        total += each
    if made:
        made[0] = total
        made[-1] += 1
    made.insert(1, -1)
    return made, len(made), total in made


def taken(stack, n, big):
    for i in range(n):
        stack.append(i)
    total = 0
    while len(stack):
        total += stack.pop(0) + big
    return total


def bares(stack, n):
    made = Bare([1, 2])
    for i in range(n):
        made.append(i)
        stack.append(i)
    return made, stack[0], 2 in stack


def walked(nodes, n):
    todo = Stack()
    for node in nodes:
        todo.append(node)
    seen = 0
    while todo and seen < n:
        node = todo.pop(0)
        seen += node.n
        collected(node, todo)
    return seen


def collected(node, into):
    for other in node.to:
        if other != node.by:
            into.append(other)


def relinked(nodes, big):
    first = nodes[0]
    total = 0
    for node in nodes:
        first.link(node)
        node.by = first
    for node in nodes:
        first.unlink(node)
        if node.by == first:
            total += node.n
        if node.by != None:
            total += big
    return total


class Hub:
    def __init__(self, n):
        self.n = n
        self.spokes = Stack()
        self.main = None

    def join(self, node):
        self.spokes.append(node)

    def leave(self, node):
        self.spokes.remove(node)
        if self.main == node:
            self.main = None


def hubs(n, big):
    made = Stack()
    for i in range(n):
        hub = Hub(i)
        made.append(hub)
        for each in made:
            each.join(hub)
        hub.main = made[0]
    total = 0
    for hub in made:
        made[0].leave(hub)
        made[-1].join(hub)
        total += len(hub.spokes) + big
        hub.n += total
    return made


def parted(stack, n):
    found = 0
    for i in range(n):
        part = stack[i:]
        part.append(i)
        found += len(part)
    return found


def loud(n):
    made = Loud()
    for i in range(n):
        made.append(i)
    return made


def sized(n):
    made = Sized()
    for i in range(n):
        made.append(i)
    return len(made)


def deep(n):
    made = Deep()
    for i in range(n):
        made.append(i)
    return made
"""


def _nodes(m: Any, *values: Any) -> list[Any]:
    made = [(m.app.Leaf if at % 2 else m.app.Node)(n) for at, n in enumerate(values)]
    for at, node in enumerate(made):
        node.to.extend(made[at + 1 : at + 3])
        node.by = made[at - 1] if at else None
    return made


EXAMPLES: dict[str, Make] = {
    "squares": lambda m: (6,),
    "taken": lambda m: (m.app.Stack([5, 6]), 4, 1),
    "bares": lambda m: (m.app.Bare([4]), 3),
    "walked": lambda m: (_nodes(m, 1, 2, 3, 4), 40),
    "relinked": lambda m: (_nodes(m, 1, 2, 3, 4), 1),
    "hubs": lambda m: (5, 1),
    "parted": lambda m: (m.app.Stack([1, 2, 3]), 3),
}


@pytest.fixture(scope="module")
def across(builder: Builder) -> Across:
    return Across(builder, {"app": TEXT}, EXAMPLES)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_examples(across: Across, name: str) -> None:
    across.check_fast(name, EXAMPLES[name])


def test_a_class_of_a_script_is_the_one_that_was_seen() -> None:
    linked = Linked(Source("app.py", "app", TEXT), lambda _: None)
    kind = linked.with_named(parse_kind("__main__.Stack|NoneType", linked.class_called))
    assert str(kind) == "Stack[nothing] or None"
    assert linked.class_called("__main__.Loud") == ""


@pytest.mark.parametrize("name", ["loud", "sized", "deep"])
def test_lists_that_say_what_they_do_are_left_alone(builder: Builder, name: str) -> None:
    with pytest.raises(CannotPrint):
        Across(builder, {"app": TEXT}, {name: lambda m: (2,)})


@pytest.mark.parametrize("cls", ["Deep", "Loud", "Sized", "Bare", "list"])
def test_another_class_of_list(across: Across, cls: str) -> None:
    across.check_redone("taken", lambda m: (getattr(m.app, cls, list)([1, 2]), 3, 1))


def test_a_list_with_a_method_of_its_own(across: Across) -> None:
    def stack(m: Any) -> Any:
        made = m.app.Stack([1, 2])
        made.extra = made.pop
        made.pop = lambda at: made.extra(at) + 100
        return made

    across.check_redone("taken", lambda m: (stack(m), 3, 1))


METHODS: list[tuple[str, Callable[..., Any]]] = [
    ("append", lambda self, item: list.append(self, item + 1)),
    ("pop", lambda self, at: list.pop(self)),
    ("__len__", lambda self: max(0, list.__len__(self) - 1)),
    ("__iter__", lambda self: iter([1, 2])),
    ("__getitem__", lambda self, at: 5),
    ("__setitem__", lambda self, at, value: None),
    ("__bool__", lambda self: False),
    ("__contains__", lambda self, item: False),
    ("__init__", lambda self, *given: list.__init__(self, [9])),
    ("__new__", lambda cls, *given: list.__new__(cls)),
    ("__getattribute__", lambda self, name: list.__getattribute__(self, name)),
    ("__setattr__", lambda self, name, value: None),
]


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_a_class_that_says_it_later(
    builder: Builder, name: str, method: Callable[..., Any]
) -> None:
    texts = {"app": TEXT}
    across = Across(builder, texts, {n: EXAMPLES[n] for n in ("squares", "taken", "parted")})
    for side in (across.original, across.compiled):
        setattr(side.app.Stack, name, method)
    across.check_redone("squares", EXAMPLES["squares"])
    across.check_redone("taken", EXAMPLES["taken"])
    across.check_redone("parted", EXAMPLES["parted"])


def test_one_that_is_looked_at_when_it_goes(builder: Builder) -> None:
    across = Across(builder, {"app": TEXT}, {"squares": EXAMPLES["squares"]})
    gone = []
    for side in (across.original, across.compiled):
        side.app.Stack.__del__ = lambda self: gone.append(len(self))
        side.app.squares(3)
    assert gone == [4, 4]


def test_an_equality_that_comes_later(builder: Builder) -> None:
    across = Across(builder, {"app": TEXT}, {"relinked": EXAMPLES["relinked"]})
    across.check_fast("relinked", EXAMPLES["relinked"])
    for side in (across.original, across.compiled):
        side.app.Leaf.__eq__ = lambda self, other: True
        side.app.Leaf.__hash__ = object.__hash__
    across.check_redone("relinked", EXAMPLES["relinked"])


@pytest.mark.parametrize("big", [0, (1 << 62) - 1, 1 << 70])
def test_given_up_half_way(across: Across, big: int) -> None:
    across.check("taken", lambda m: (m.app.Stack([5, 6, 7, 8]), 4, big))
    across.check("relinked", lambda m: (_nodes(m, 1, 2, 3, 4, 5), big))
    for n in range(6):
        across.check("hubs", lambda m, n=n: (n, big))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-9, 9) | st.floats() | st.none() | st.text(max_size=2), max_size=5),
    st.integers(-1, 5),
    st.sampled_from([0, 1, 1 << 61, 0.5]),
)
def test_any_items(across: Across, items: list[Any], n: int, big: Any) -> None:
    across.check("taken", lambda m: (m.app.Stack(items), n, big))
    across.check("bares", lambda m: (m.app.Bare(items), n))
    across.check("parted", lambda m: (m.app.Stack(items), n))
    across.check("walked", lambda m: (_nodes(m, *items), n))
    across.check("relinked", lambda m: (_nodes(m, 1, *items), big))
