"""Which containers that a function makes may be reached by others once it is done.

From the state of an analysis at its end, in the manner of escape analysis by points-to sets (Choi and
others, 1999): what is returned, yielded, raised, put into somebody else's object or kept by a nested
function is out of hand; what only unknown code got hold of may be.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from selfsame.compiler.analysis.frame import Frame
from selfsame.compiler.analysis.names import Function
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.values import Root, Value

MADE = frozenset({"list", "dict", "set", "deque", "Counter", "bytearray", "array"})
"""The types that are looked at: those that can be changed."""


@dataclass(frozen=True, slots=True)
class Container:
    """A place that makes a container: ``escapes`` is no where nobody else can ever reach one.

    Lines count from 1, columns from 0, in bytes, as the standard ``ast`` does.
    """

    line: int
    column: int
    end: tuple[int, int]
    type: str
    escapes: Tri


def containers(frame: Frame) -> tuple[Container, ...]:
    """The containers that a function makes itself, in the order of their places."""
    node = frame.definition.node
    assert not isinstance(node, ast.ClassDef)
    places = {root: place for root, place in frame.places.items() if frame.made[root] in MADE}
    if not places:
        return ()
    out = _reached(frame, _given(frame))
    lost = _reached(frame, [*frame.lost, *_kept_by_functions(frame, node)])
    found = []
    for root, place in places.items():
        escapes = Tri.YES if root in out else Tri.UNKNOWN if root in lost else Tri.NO
        end = (place.end_lineno or place.lineno, place.end_col_offset or place.col_offset)
        found.append(Container(place.lineno, place.col_offset, end, frame.made[root], escapes))
    return tuple(sorted(found, key=lambda c: (c.line, c.column, c.end)))


def carried_out(frame: Frame) -> list[Value]:
    """What iterators go over that others get hold of: it is out of hand with them."""
    out = _reached(frame, _given(frame)) if frame.carries else ()
    return [v for root, values in frame.carries.items() if root in out for v in values]


def _given(frame: Frame) -> list[Value]:
    cells = [
        Value(cell.own, None, cell.refs)
        for root, fields in frame.heap.items()
        if root[0] != "new"
        for cell in fields.values()
    ]
    rebound = [value for values in frame.rebound.values() for value in values]
    return [*frame.returned, *frame.handed, *rebound, *cells]


def _reached(frame: Frame, values: Iterable[Value]) -> frozenset[Root]:
    found: set[Root] = set()
    queue = list(values)
    while queue:
        more = frame.reached(queue.pop()).own - found
        found |= more
        for root in more:
            queue += frame.carries.get(root, ())
    return frozenset(found)


def _kept_by_functions(frame: Frame, node: Function) -> list[Value]:
    """What the variables hold that a nested function, class or generator mentions."""
    names: set[str] = set()
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    for part in body:
        for inner in ast.walk(part):
            if isinstance(
                inner,
                ast.FunctionDef
                | ast.AsyncFunctionDef
                | ast.Lambda
                | ast.ClassDef
                | ast.GeneratorExp,
            ):
                names |= {n.id for n in ast.walk(inner) if isinstance(n, ast.Name)}
    return [value for name in sorted(names) for value in frame.held.get(name, ())]
