"""Rows of lists of lists that stay the same in a loop are looked up once, before it.

``while k < n: s = s + g[i][k]`` becomes ``row = g[i]`` and ``while k < n: s = s + row[k]``. A row
that is not there is read as an empty one, so that nothing is declined before it would be read.
"""

import ast
from collections.abc import Callable

from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.ranging import CHANGERS
from selfsame.compiler.emit.cython.types import Type

# Helpers that change which rows a list has; a callee that changes a list may do so too.
_CHANGERS = CHANGERS | {"sf_cell"}


class Hoisting(ast.NodeTransformer):
    """Replaces such rows in one loop. ``found``: name of the row -> what it is."""

    def __init__(self, loop: ast.While, function: Inferred, fresh: Callable[[str], str]) -> None:
        self.function = function
        self.fresh = fresh
        self.found: dict[str, ast.Subscript] = {}
        self._known: dict[str, str] = {}
        self.stored: set[str] = set()
        self.rows_change = False
        for node in ast.walk(loop):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=which, ctx=ast.Store()):
                self.stored.add(which)
            case ast.Assign(targets=[ast.Subscript(value=base)]) if self._has_rows(base):
                self.rows_change = True
            case ast.Call(func=ast.Name(id=which), args=[base, *_]) if which in _CHANGERS:
                self.rows_change |= self._has_rows(base)
            case ast.Call(func=ast.Name(id=which)) if which in self.function.small.callees:
                self.rows_change = True

    def _has_rows(self, base: ast.expr) -> bool:
        kind = self.function.types.get(base)
        return kind is None or (kind.kind == "list" and kind.item.kind == "list")

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """The row of an element, where nothing in the loop can make it another."""
        self.generic_visit(node)
        base = node.value
        if not isinstance(base, ast.Subscript) or not isinstance(base.value, ast.Name):
            return node
        kind = self.function.types[base.value]
        if kind.kind != "list" or kind.boxed or kind.item.kind != "list":
            return node
        if self.rows_change or base.value.id in self.stored or not self._steady(base.slice):
            return node
        text = ast.unparse(base)
        if text not in self._known:
            made = self._known[text] = self.fresh("row")
            self.found[made] = base
        row = ast.Name(self._known[text], ast.Load())
        self.function.types[row] = kind.item
        node.value = row
        return node

    def _steady(self, index: ast.expr) -> bool:
        if isinstance(index, ast.BinOp):
            simple = isinstance(index.op, ast.Add | ast.Sub)
            return simple and self._steady(index.left) and self._steady(index.right)
        if isinstance(index, ast.Name):
            return index.id not in self.stored
        return isinstance(index, ast.Constant)


def hoist(
    loop: ast.While, function: Inferred, fresh: Callable[[str], str]
) -> list[tuple[str, Type, ast.Subscript]]:
    """Change the loop; what is to be computed before it, as name, type and value."""
    hoisting = Hoisting(loop, function, fresh)
    hoisting.visit(loop)
    return [(k, function.types[v], v) for k, v in hoisting.found.items()]
