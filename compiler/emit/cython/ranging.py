"""Inner loops whose subscripts can all be checked at once, before the loop.

In ``for j in range(n): s += a[j + 1] * b[j]`` every index grows steadily with the counter: where its
first and its last value are inside the list, so are all between. Such a loop is printed twice, as it
is and without the checks, and the check before it says which of the two runs.
"""

import ast
from dataclasses import dataclass, field

from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.types import INT, Type

CHANGERS = frozenset(
    {"sf_append", "sf_insert", "sf_splice", "sf_pop", "sf_pop_at", "sf_reverse", "sf_sort"}
)
"""Helpers that change how many items a list has, or their order."""
_TEXTS = frozenset({"str", "bytes"})


@dataclass
class Steady:
    """``accesses``: subscripts that the check covers. ``ends``: index -> first and last value."""

    accesses: set[ast.Subscript] = field(default_factory=set)
    ends: list[tuple[ast.expr, ast.expr, ast.expr]] = field(default_factory=list)
    written: set[str] = field(default_factory=set)


class _Loop:
    """One innermost loop over a counter."""

    def __init__(self, loop: ast.While, function: Inferred) -> None:
        self.function = function
        self.stores: dict[str, int] = {}
        self.items: dict[str, ast.expr] = {}
        self.changes = False
        self.accesses: list[ast.Subscript] = []
        for node in (n for s in loop.body for n in ast.walk(s)):
            self._note(node)
        self.counter = ""
        self.stop: ast.expr | None = None
        match loop.test:
            case ast.Compare(left=ast.Name(id=which), ops=[ast.Lt()], comparators=[stop]):
                if isinstance(stop, ast.Name | ast.Constant) and self.stores.get(which) == 1:
                    self.counter, self.stop = which, stop
        for statement in loop.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=item)], value=value):
                    self.items[item] = value
                case _:
                    break

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.While():
                self.changes = True
            case ast.Name(id=which, ctx=ast.Store()):
                self.stores[which] = self.stores.get(which, 0) + 1
            case ast.Call(func=ast.Name(id=which)):
                self.changes |= which in CHANGERS or which in self.function.small.callees
            case ast.Subscript(value=ast.Name() as base) if self._flat(self.function.types[base]):
                self.accesses.append(node)
            case ast.BinOp() if node in self.function.small.in_place:
                self.changes |= self.function.types[node].kind == "list"

    def _flat(self, kind: Type) -> bool:
        if kind.kind in _TEXTS:
            return True
        return kind.kind == "list" and not kind.boxed and kind.item.kind != "list"

    def steady(self) -> Steady:
        found = Steady()
        if self.changes or not self.counter or self.stop is None:
            return found
        if isinstance(self.stop, ast.Name) and self.stop.id in self.stores:
            return found
        before_stop = self.whole(ast.BinOp(self.stop, ast.Sub(), ast.Constant(1)))
        for access in self.accesses:
            base = access.value
            assert isinstance(base, ast.Name)
            first = self.at(access.slice, self.whole(ast.Name(self.counter, ast.Load())))
            last = self.at(access.slice, before_stop)
            if base.id in self.stores or first is None or last is None:
                continue
            found.accesses.add(access)
            found.ends.append((base, first, last))
            if isinstance(access.ctx, ast.Store):
                found.written.add(base.id)
        return found

    def at(self, index: ast.expr, counter: ast.expr) -> ast.expr | None:
        """The index when the counter has a value; None where it is not steady."""
        match index:
            case ast.Constant(value=int()):
                return index
            case ast.Name(id=which) if which == self.counter:
                # The counter itself is counted up at the head of the body.
                return None
            case ast.Name(id=which) if which not in self.stores:
                return index if self.function.types.get(index) == INT else None
            case ast.Name(id=which) if self.stores[which] == 1 and which in self.items:
                match self.items[which]:
                    case ast.Name(id=item) if item == self.counter:
                        return counter
                    case ast.Call(func=ast.Name(id="sf_span") as span, args=[start, _, step]):
                        if self._fixed(start) and self._fixed(step):
                            return self.whole(ast.Call(span, [start, counter, step], []))
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                left, right = self.at(index.left, counter), self.at(index.right, counter)
                if left is not None and right is not None:
                    return self.whole(ast.BinOp(left, index.op, right))
            case ast.BinOp(op=ast.Mult()):
                # One side at least stays the same, so that the product grows or falls steadily.
                if self._fixed(index.left) or self._fixed(index.right):
                    left, right = self.at(index.left, counter), self.at(index.right, counter)
                    if left is not None and right is not None:
                        return self.whole(ast.BinOp(left, index.op, right))
        return None

    def _fixed(self, node: ast.expr) -> bool:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        parts = (ast.Name, ast.Constant, ast.BinOp, ast.operator, ast.expr_context)
        return not names & set(self.stores) and all(isinstance(n, parts) for n in ast.walk(node))

    def whole(self, node: ast.expr) -> ast.expr:
        """The node, known as an int."""
        self.function.types[node] = INT
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.Constant | ast.Name) and part not in self.function.types:
                self.function.types[part] = INT
        return node


def steady(loop: ast.While, function: Inferred) -> Steady:
    """What can be checked before the loop; empty where nothing can."""
    return _Loop(loop, function).steady()
