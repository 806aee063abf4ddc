"""The probe as a change of the tree: ``enter()`` first, the body in ``try``/``finally: leave()``.

Before::

    def area(r):
        return 3 * r * r

After (what ``dump --stage probes`` shows; the callees are placeholders in the code object)::

    def area(r):
        enter()
        try:
            return 3 * r * r
        finally:
            leave()
"""

import ast
import copy
from typing import TypeVar

from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition

ENTER = "\0selfsame:enter"
LEAVE = "\0selfsame:leave"
CAPTURE = "\0selfsame:capture"
KINDS = ("time", "capture")

N = TypeVar("N", ast.Constant, ast.Call, ast.Expr, ast.Name, ast.Tuple, ast.Try)
Position = tuple[int, int, int, int]

# An instruction without a place takes that of the one before it, or has none: in tracing, in
# tracebacks and in coverage it does not exist.
NOWHERE: Position = (-1, -1, -1, -1)


_SUSPENDED = "time while it is suspended is not its own; not probed yet"
REFUSED = {
    "generator": f"generator: {_SUSPENDED}",
    "coroutine": f"coroutine: {_SUSPENDED}",
    "asyncgen": f"asynchronous generator: {_SUSPENDED}",
    "class": "class: only functions are probed",
}


def probe(function: ast.FunctionDef, kind: str, first: Position = NOWHERE) -> ast.FunctionDef:
    """A copy of ``function`` with the probe in; ``first`` is where its first instruction stands.

    The opening call stands there too, so that a tracer sees no line that it did not see before.
    """
    if kind not in KINDS:
        raise ValueError(f"no such kind of probe: {kind!r}")
    documented = ast.get_docstring(function, clean=False) is not None
    head, rest = function.body[:documented], function.body[documented:]
    arguments: list[ast.expr] = []
    if kind == "capture":
        names: list[ast.expr] = [
            _at(ast.Name(name, ast.Load()), first) for name in parameters(function.args)
        ]
        arguments = [_at(ast.Tuple(names, ast.Load()), first)]
    opening = _call(CAPTURE if kind == "capture" else ENTER, arguments, first)
    closing = _call(LEAVE, [], NOWHERE)
    new = copy.copy(function)
    if rest:
        guarded = _at(ast.Try(body=rest, handlers=[], orelse=[], finalbody=[closing]), NOWHERE)
        new.body = [*head, opening, guarded]
    else:
        new.body = [*head, opening, closing]
    return new


def parameters(arguments: ast.arguments) -> list[str]:
    """The parameters' names in the order of ``co_varnames``."""
    plain = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    stars = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [a.arg for a in plain + stars]


def as_function(lambda_: ast.Lambda) -> ast.FunctionDef:
    """The ``def`` whose code object is the lambda's: same name, parameters, line and positions."""
    body = ast.copy_location(ast.Return(lambda_.body), lambda_.body)
    new = ast.FunctionDef(
        name="<lambda>", args=lambda_.args, body=[body], decorator_list=[], returns=None
    )
    if "type_params" in ast.FunctionDef._fields:
        new.type_params = []  # type: ignore[attr-defined, unused-ignore]
    return ast.copy_location(new, lambda_)


def readable(definition: Definition, kind: str = "time") -> str:
    """The probed function as text, with ``enter()``, ``capture()`` and ``leave()`` by name.

    Raises Skipped with the reason where the function is left alone.
    """
    if definition.kind in REFUSED:
        raise Skipped(REFUSED[definition.kind])
    node = definition.node
    shown = as_function(node) if isinstance(node, ast.Lambda) else node
    assert isinstance(shown, ast.FunctionDef)
    return ast.unparse(_Named().visit(copy.deepcopy(probe(shown, kind))))


class _Named(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Constant) and node.func.value in (ENTER, LEAVE, CAPTURE):
            node.func = ast.Name(str(node.func.value).partition(":")[2], ast.Load())
        return node


def _call(placeholder: str, arguments: list[ast.expr], position: Position) -> ast.stmt:
    callee = _at(ast.Constant(placeholder), position)
    return _at(ast.Expr(_at(ast.Call(callee, arguments, []), position)), position)


def _at(node: N, position: Position) -> N:
    node.lineno, node.end_lineno, node.col_offset, node.end_col_offset = position
    return node
