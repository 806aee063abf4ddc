"""``(name := value)``: a local that is bound within an expression."""

import ast
from collections.abc import Iterator


def read_before(statement: ast.stmt) -> ast.NamedExpr | None:
    """What binds a name in the middle of an expression that has read the name before; None where nothing does.

    What was read is written down by its name, and would be read late.
    """
    read: set[str] = set()
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        read.add(statement.target.id)
    for part in _parts(statement):
        for node in _in_order(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                read.add(node.id)
            if isinstance(node, ast.NamedExpr) and node.target.id in read:
                return node
    return None


def _parts(node: ast.AST) -> list[ast.AST]:
    """What a node is made of, in the order in which it is computed; without statements within it."""
    match node:
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
            return [*node.generators, node.elt]
        case ast.DictComp():
            return [*node.generators, node.key, node.value]
        case ast.IfExp():
            return [node.test, node.body, node.orelse]
        case ast.Assign():
            return [node.value, *node.targets]
    return [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.stmt)]


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    for part in _parts(node):
        yield from _in_order(part)
    yield node
