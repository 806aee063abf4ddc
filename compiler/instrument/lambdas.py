"""Lambdas as functions, for the compile that makes their twins.

A lambda's body is an expression, and a probe needs statements. So a copy of the module is compiled
in which each lambda also stands, as a ``def`` of the name ``<lambda>``, right before the statement
that holds it: in the same scope, so with the same cells, mangling and qualified name. Only the code
objects of these functions are used; the rest of that compile is thrown away.
"""

import ast
from collections.abc import Callable, Iterator

from selfsame.compiler.emit.trees import mapped
from selfsame.compiler.instrument.probes import as_function

Change = Callable[[ast.Lambda, ast.FunctionDef], ast.FunctionDef | None]

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def hoisted(tree: ast.Module, change: Change) -> ast.Module:
    """``tree`` with ``change(lambda, def)`` before each statement; None leaves the lambda alone.

    Lambdas inside comprehensions are left out: no statement can stand in their scope.
    """

    def before(statement: ast.stmt) -> list[ast.stmt]:
        return [*_definitions(statement, change), statement]

    return mapped(tree, before)


def _definitions(statement: ast.stmt, change: Change) -> Iterator[ast.FunctionDef]:
    if getattr(statement, "type_params", None):
        return  # what it evaluates may stand in the scope of its type parameters
    for found in _own_lambdas(statement):
        function = as_function(found)
        # The lambdas inside its body belong to the scope that this function is.
        function.body = [*_definitions(function.body[0], change), *function.body]
        changed = change(found, function)
        if changed is not None:
            yield changed


def _own_lambdas(statement: ast.stmt) -> Iterator[ast.Lambda]:
    """The lambdas that ``statement`` evaluates in the scope it stands in, in source order."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Lambda):
            yield node
            stack += [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        elif isinstance(node, _COMPREHENSIONS):
            stack.append(node.generators[0].iter)
        else:
            stack += [c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt)][::-1]
