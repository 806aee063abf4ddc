"""Probes as text, and what twins and the agent agree on: the placeholders.

What ``dump --stage probes`` shows of a function::

    def area(r):
        enter()
        try:
            return 3 * r * r
        finally:
            leave()

A generator, a coroutine or an asynchronous generator also says when it is suspended and goes on:
time between is not its own. A generator is captured by ``receive(...)`` in the place of ``begin()``,
when its body begins. ``yield``, ``await``, ``async for`` and ``async with`` stay as they are
in the text; the twin has ``suspend()`` before each instruction that suspends, and ``resume()`` after::

    def numbers(n):
        begin()
        try:
            for i in range(n):
                yield i         # suspend() before, resume() after
        except:
            fail()
            raise
        else:
            end()
"""

import ast
import copy
from typing import Any

from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition, InnerNode

# Constants of a twin that the agent replaces by the bound methods of a probe.
ENTER = "\0selfsame:enter"
LEAVE = "\0selfsame:leave"
CAPTURE = "\0selfsame:capture"
HEARD = "\0selfsame:heard"
BEGIN = "\0selfsame:begin"
RECEIVE = "\0selfsame:receive"
SUSPEND = "\0selfsame:suspend"
RESUME = "\0selfsame:resume"
END = "\0selfsame:end"
FAIL = "\0selfsame:fail"
KINDS = ("time", "capture")
SUSPENDED = ("generator", "coroutine", "asyncgen")

AWAITED = {"coroutine": "coroutine", "asyncgen": "asynchronous generator"}


def refused(definition_kind: str, kind: str) -> str:
    """Why there is no probe of ``kind`` for such a definition; empty where there is one."""
    if definition_kind == "class":
        return "class: only functions are probed"
    if kind == "capture" and definition_kind in AWAITED:
        return (
            f"{AWAITED[definition_kind]}: it is timed, but a call that waits for others cannot be "
            "captured and tried yet"
        )
    return ""


def readable(definition: Definition, kind: str = "time") -> str:
    """The probed function as text, with ``enter()``, ``capture(...)`` and ``leave()`` by name.

    Raises Skipped with the reason where the function is left alone.
    """
    reason = refused(definition.kind, kind)
    if reason:
        raise Skipped(reason)
    node = definition.node
    new = _as_function(node) if isinstance(node, ast.Lambda) else copy.copy(node)
    assert isinstance(new, ast.FunctionDef | ast.AsyncFunctionDef)
    documented = ast.get_docstring(new, clean=False) is not None
    head, rest = new.body[:documented], new.body[documented:]
    opening = _call("capture", parameters(new.args)) if kind == "capture" else _call("enter")
    guarded = ast.Try(rest or [ast.Pass()], [], [], [_call("leave")])
    if definition.kind in SUSPENDED:
        opening = _call("receive", parameters(new.args)) if kind == "capture" else _call("begin")
        failing = ast.ExceptHandler(None, None, [_call("fail"), ast.Raise()])
        guarded = ast.Try(rest or [ast.Pass()], [failing], [_call("end")], [])
    new.body = [*head, opening, guarded]
    return ast.unparse(ast.fix_missing_locations(new))


class _Timed(ast.NodeTransformer):
    def __init__(self, node: ast.AST) -> None:
        self._node = node

    def generic_visit(self, node: ast.AST) -> Any:
        """The node with probes, or another with what is in it visited."""
        if node is not self._node:
            return super().generic_visit(node)
        if isinstance(node, ast.stmt):
            return [_call("enter"), ast.Try([node], [], [], [_call("leave")])]
        assert isinstance(node, ast.expr)
        return ast.Call(ast.Name("timed", ast.Load()), [node], [])


def readable_inner(definition: Definition, node: InnerNode) -> str:
    """The function with ``enter()`` and ``leave()`` around a loop in it; ``timed(...)`` stands for both around
    an expression. Changes the tree.
    """
    return ast.unparse(ast.fix_missing_locations(_Timed(node.node).visit(definition.node)))


def parameters(arguments: ast.arguments) -> list[str]:
    """The parameters' names in the order of ``co_varnames``."""
    plain = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    stars = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [a.arg for a in plain + stars]


def _as_function(lambda_: ast.Lambda) -> ast.FunctionDef:
    body = ast.copy_location(ast.Return(lambda_.body), lambda_.body)
    new = ast.FunctionDef("<lambda>", lambda_.args, [body], [], None)
    if "type_params" in ast.FunctionDef._fields:
        new.type_params = []  # type: ignore[attr-defined, unused-ignore]
    return ast.copy_location(new, lambda_)


def _call(name: str, names: list[str] | None = None) -> ast.stmt:
    values: list[ast.expr] = [ast.Name(n, ast.Load()) for n in names or ()]
    arguments: list[ast.expr] = [] if names is None else [ast.Tuple(values, ast.Load())]
    return ast.Expr(ast.Call(ast.Name(name, ast.Load()), arguments, []))
