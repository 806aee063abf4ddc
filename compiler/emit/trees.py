"""Changed copies of a shared ``ast``: only the nodes above a change are copied."""

import ast
import copy
from typing import TypeVar

from selfsame.compiler.errors import Skipped

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
N = TypeVar("N", bound=ast.AST)
Spot = tuple[type[ast.AST], int, int, int | None, int | None]


def spot(node: ast.AST) -> Spot:
    """What names a definition within one text: two definitions never share type and span."""
    return (
        type(node),
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0),
        getattr(node, "end_lineno", None),
        getattr(node, "end_col_offset", None),
    )


def shallow(node: N) -> N:
    """A copy of one node whose lists may be changed; its children are shared."""
    new = copy.copy(node)
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, name, list(value))
    return new


def replaced(tree: ast.Module, old: ast.AST, new: ast.AST) -> ast.Module:
    """``tree`` with the definition at ``old``'s place replaced; Skipped where none is there."""
    wanted = spot(old)
    # Depth first without recursion: a long chain of operators is deeper than Python's stack.
    above: dict[int, tuple[ast.AST, str, int | None]] = {}
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if type(node) is wanted[0] and spot(node) == wanted:
            return _climb(tree, node, new, above)
        for name, value in ast.iter_fields(node):
            for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                # Load, Store and the operators are shared singletons without a place.
                if isinstance(child, ast.AST) and child._fields:
                    above[id(child)] = (node, name, index)
                    stack.append(child)
    raise Skipped("its definition is not in this source")


def _climb(
    tree: ast.Module,
    old: ast.AST,
    new: ast.AST,
    above: dict[int, tuple[ast.AST, str, int | None]],
) -> ast.Module:
    while old is not tree:
        parent, name, index = above[id(old)]
        changed = shallow(parent)
        if index is None:
            setattr(changed, name, new)
        else:
            getattr(changed, name)[index] = new
        old, new = parent, changed
    assert isinstance(new, ast.Module)
    return new
