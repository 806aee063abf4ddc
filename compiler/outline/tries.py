"""What a ``try`` around a loop may do once the loop has failed.

An error holds the frame that it came from: the loop's own, with what the loop had, where it is outlined.
"""

import ast

from selfsame.compiler.outline.once import inside
from selfsame.compiler.outline.scope import Try, uses_of

SAYS = frozenset(
    {"print", "str", "repr", "type", "isinstance", "exit", "format_exception", "print_exception"}
    | {"debug", "info", "warning", "error", "exception", "critical", "log"}
)
"""Functions, and methods of loggers, that keep no error that they are given."""


def assigned_by_handlers(statement: Try, loop: ast.stmt) -> set[str]:
    """The names that a ``try`` around a loop assigns to once that has failed."""
    found = [*statement.finalbody]
    for handler in statement.handlers:
        found += handler.body
    return uses_of(s for s in found if not any(n is loop for n in inside([s]))).stores


def kept_error(statement: Try) -> str:
    """The name of an error that a ``try`` may keep; empty where it only says what it is."""
    for handler in statement.handlers:
        said: set[int] = set()
        for node in inside(handler.body):
            if isinstance(node, ast.FormattedValue | ast.Attribute):
                said.add(id(node.value))
            elif isinstance(node, ast.Raise):
                said.update(map(id, (node.exc, node.cause)))
            elif isinstance(node, ast.Call) and _says(node.func):
                said.update(map(id, node.args))
        names = [n for n in ast.walk(ast.Module(handler.body, [])) if isinstance(n, ast.Name)]
        if any(n.id == handler.name and id(n) not in said for n in names):
            return str(handler.name)
    return ""


def _says(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):  # of a logger
        return function.attr in SAYS
    return isinstance(function, ast.Name) and function.id in SAYS
