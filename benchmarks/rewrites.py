"""Rewrites of a function that are the same for every input, made one at a time.

The counterpart of `benchmarks.mutants`: what people and optimisers do to the shape of code without
changing what it does. Each holds for any Python objects, not only for numbers and strings.
"""

import ast
import builtins
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.mutants import FunctionNode

Change = Callable[[ast.stmt], list[ast.stmt] | None]
"""Gets a statement of a fresh copy, and gives what stands in its place; None where it does not fit."""

LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True, slots=True, eq=False)
class Rewrite:
    """A changed definition that is the same function; ``line`` is where it was changed."""

    kind: str
    line: int
    node: FunctionNode


def rewrites(function: FunctionNode) -> list[Rewrite]:
    """All single rewrites, in the order of the source."""
    found: list[Rewrite] = []
    for position, block in enumerate(_blocks(function)):
        for index, statement in enumerate(block):
            for kind, change in CHANGES.items():
                fresh = copy.deepcopy(function)
                target = list(_blocks(fresh))[position]
                made = change(target[index])
                if made is not None:
                    target[index : index + 1] = made
                    found.append(_rewrite(kind, statement.lineno, fresh))
            if isinstance(statement, ast.If) and _leaves(statement) and block[index + 1 :]:
                fresh = copy.deepcopy(function)
                target = list(_blocks(fresh))[position]
                guard = target[index]
                assert isinstance(guard, ast.If)
                guard.orelse = target[index + 1 :]
                del target[index + 1 :]
                found.append(_rewrite("else added", statement.lineno, fresh))
    bound = _builtins_bound(copy.deepcopy(function))
    if bound is not None:
        found.append(_rewrite("builtin bound to a local", function.lineno, bound))
    return found


def _rewrite(kind: str, line: int, node: FunctionNode) -> Rewrite:
    ast.fix_missing_locations(node)
    return Rewrite(kind, line, node)


def _blocks(function: FunctionNode) -> Iterator[list[ast.stmt]]:
    """Every list of statements that runs in the function's own frame."""
    todo: list[list[ast.stmt]] = [function.body]
    while todo:
        block = todo.pop(0)
        yield block
        for statement in block:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(statement, name, None)
                if isinstance(inner, list) and inner:
                    todo.append(inner)
            for handler in getattr(statement, "handlers", ()):
                todo.append(handler.body)


def _leaves(statement: ast.If) -> bool:
    return isinstance(statement.body[-1], LEAVES) and not statement.orelse


def _name(name: str, store: bool = False) -> ast.Name:
    return ast.Name(name, ast.Store() if store else ast.Load())


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([_name(name, store=True)], value, lineno=value.lineno)


def _turned(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.If) or not statement.orelse:
        return None
    test = ast.UnaryOp(ast.Not(), statement.test)
    return [ast.If(test, statement.orelse, statement.body)]


def _result_named(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.Return) or statement.value is None:
        return None
    return [_assign("result_", statement.value), ast.Return(_name("result_"))]


def _condition_named(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.If):
        return None
    return [
        _assign("condition_", statement.test),
        ast.If(_name("condition_"), statement.body, statement.orelse),
    ]


def _else_dropped(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.If) or not statement.orelse:
        return None
    if not isinstance(statement.body[-1], LEAVES):
        return None
    return [ast.If(statement.test, statement.body, []), *statement.orelse]


def _spelled_out(statement: ast.stmt) -> list[ast.stmt] | None:
    """A conditional expression as a statement."""
    value = getattr(statement, "value", None)
    if not isinstance(value, ast.IfExp):
        return None
    if isinstance(statement, ast.Return):
        return [ast.If(value.test, [ast.Return(value.body)], [ast.Return(value.orelse)])]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        first, second = (
            ast.Assign(statement.targets, value.body),
            ast.Assign(copy.deepcopy(statement.targets), value.orelse),
        )
        return [ast.If(value.test, [first], [second])]
    return None


def _while_true(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.While) or statement.orelse:
        return None
    guard = ast.If(ast.UnaryOp(ast.Not(), statement.test), [ast.Break()], [])
    return [ast.While(ast.Constant(True), [guard, *statement.body], [])]


def _enumerated(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.For):
        return None
    target = ast.Tuple([_name("number_", store=True), statement.target], ast.Store())
    counted = ast.Call(_name("enumerate"), [statement.iter], [])
    return [ast.For(target, counted, statement.body, statement.orelse)]


def _iterator_named(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.For):
        return None
    made = _assign("iterator_", statement.iter)
    made.value = ast.Call(_name("iter"), [statement.iter], [])
    return [made, ast.For(statement.target, _name("iterator_"), statement.body, statement.orelse)]


def _nested(statement: ast.stmt) -> list[ast.stmt] | None:
    """``if a and b`` as two."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return None
    test = statement.test
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return None
    rest = test.values[1] if len(test.values) == 2 else ast.BoolOp(ast.And(), test.values[1:])
    return [ast.If(test.values[0], [ast.If(rest, statement.body, [])], [])]


def _comprehension_as_loop(statement: ast.stmt) -> list[ast.stmt] | None:
    value = getattr(statement, "value", None)
    if not isinstance(statement, (ast.Return, ast.Assign)) or not isinstance(value, ast.ListComp):
        return None
    if len(value.generators) != 1 or value.generators[0].is_async:
        return None
    scopes = (ast.Lambda, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    inner = [node for node in ast.walk(value) if node is not value]
    if any(isinstance(node, (*scopes, ast.Await)) for node in inner):
        return None
    (generator,) = value.generators
    own = {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
    if any(isinstance(n, ast.Name) and n.id in own for n in ast.walk(generator.iter)):
        return None
    for node in inner:  # a loop's variable outlives it, a comprehension's does not
        if isinstance(node, ast.Name) and node.id in own:
            node.id = f"{node.id}_each"
    appended = ast.Call(ast.Attribute(_name("gathered_"), "append", ast.Load()), [value.elt], [])
    body: list[ast.stmt] = [ast.Expr(appended)]
    for condition in reversed(generator.ifs):
        body = [ast.If(condition, body, [])]
    statement.value = _name("gathered_")
    empty = _assign("gathered_", value)
    empty.value = ast.List([], ast.Load())
    return [empty, ast.For(generator.target, generator.iter, body, []), statement]


def _finally(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, (ast.For, ast.While)):
        return None
    return [ast.Try([statement], [], [], [ast.Pass()])]


def _is_turned(statement: ast.stmt) -> list[ast.stmt] | None:
    """``x is None`` as ``None is x``, and ``x not in y`` as ``not x in y``."""
    changed = False
    for node in ast.walk(statement):
        test = getattr(node, "test", None)
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            continue
        if isinstance(test.ops[0], ast.NotIn):
            inside = ast.Compare(test.left, [ast.In()], test.comparators)
            node.test = ast.UnaryOp(ast.Not(), inside)  # type: ignore[attr-defined]
            changed = True
        elif isinstance(test.ops[0], (ast.Is, ast.IsNot)) and isinstance(
            test.comparators[0], ast.Constant
        ):
            test.left, test.comparators = test.comparators[0], [test.left]
            changed = True
    return [statement] if changed and isinstance(statement, ast.If) else None


CHANGES: dict[str, Change] = {
    "branches turned": _turned,
    "result named": _result_named,
    "condition named": _condition_named,
    "else dropped": _else_dropped,
    "conditional spelled out": _spelled_out,
    "while true": _while_true,
    "enumerated": _enumerated,
    "iterator named": _iterator_named,
    "nested ifs": _nested,
    "comprehension as loop": _comprehension_as_loop,
    "finally nothing": _finally,
    "comparison turned": _is_turned,
}


def _builtins_bound(function: FunctionNode) -> FunctionNode | None:
    """Builtin functions looked up once, as defaults of nothing: locals at the top of the body."""
    names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
    stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    stored |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    inner = any(isinstance(n, (ast.Global, ast.Nonlocal, ast.ClassDef)) for n in ast.walk(function))
    used = sorted({n.id for n in names if callable(getattr(builtins, n.id, None))} - stored)
    used = [name for name in used if name not in ("super", "locals", "globals", "vars", "eval")]
    if inner or not used:
        return None
    body = function.body
    start = 1 if ast.get_docstring(function) is not None else 0
    wanted = set(used)
    for node in [n for statement in body[start:] for n in ast.walk(statement)]:
        if isinstance(node, ast.Name) and node.id in wanted:
            node.id = f"{node.id}_"
    bound: list[ast.stmt] = [
        ast.Assign([_name(f"{name}_", store=True)], _name(name), lineno=function.lineno)
        for name in used
    ]
    function.body = [*body[:start], *bound, *body[start:]]
    return function
