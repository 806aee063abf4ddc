"""Calls of own functions within expressions, in Python's order: such a call may change a list."""

import ast
from collections.abc import Callable, Collection

from selfsame.compiler.emit.cython.iteration import name

_PARTS = ("left", "right", "operand", "value", "slice", "comparators", "args", "elts")
_COMPUTED = (ast.BinOp, ast.Compare, ast.Call, ast.UnaryOp, ast.Subscript, ast.Tuple, ast.List)


class Ordering:
    """``own``: the functions of the unit that are called. ``alone``: calls with nothing beside them.

    ``keep`` stores a value in a new local before the statement, and returns its name.
    """

    def __init__(
        self, own: Collection[str], alone: set[ast.Call], keep: Callable[[ast.expr, str], str]
    ) -> None:
        self.own = own
        self.alone = alone
        self.keep = keep

    def settled(self, node: ast.expr, *, later: bool = False, root: bool = False) -> ast.expr:
        """``node`` with the results of own functions named, in the order of the calls.

        ``later``: such a call follows, and may change what ``node`` reads: it gets a name as well.
        ``root``: the node is all of the statement's value. What is computed on some ways only
        (``and``, ``if`` within an expression) stays as it is.
        """
        for field in _PARTS if isinstance(node, _COMPUTED) else ():
            part = getattr(node, field, None)
            if isinstance(part, list):
                for at, child in enumerate(part):
                    part[at] = self._part(node, child, later)
            elif isinstance(part, ast.expr):
                setattr(node, field, self._part(node, part, later))
        if isinstance(node, ast.Call) and self._is_own(node) and not root:
            self.alone.add(node)
            return self._named(node)
        steady = isinstance(node, ast.Name | ast.Constant)
        return self._named(node) if later and not steady else node

    def _part(self, node: ast.expr, child: ast.expr, later: bool) -> ast.expr:
        children = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
        behind = children[children.index(child) + 1 :]
        more = later or any(self._is_own(n) for c in behind for n in ast.walk(c))
        return self.settled(child, later=more)

    def _is_own(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and getattr(node.func, "id", "") in self.own

    def _named(self, node: ast.expr) -> ast.expr:
        return ast.copy_location(name(self.keep(node, "v")), node)


def fixed(node: ast.expr) -> bool:
    """Whether an index is the same after a change of a list, dict or set: arithmetic on names."""
    if isinstance(node, ast.BinOp):
        return fixed(node.left) and fixed(node.right)
    return isinstance(node, ast.Name | ast.Constant)
