"""Guarded versioning: a rewrite beside its original, in one function body.

``ok = False``; ``try: if GUARDS: PREPARE; ok = True`` ``except Exception: if interrupted(): raise``; then
``if ok: AFTER`` ``else: deopt(); BEFORE``. The original runs in its own frame, on its own lines.
"""

import ast
from collections.abc import Sequence

from selfsame.compiler.rewrite.clone import Instance
from selfsame.compiler.rewrite.placeholders import deopt_call, unless_interrupted


def versioned(
    instance: Instance,
    guards: Sequence[ast.expr],
    prepare: list[ast.stmt],
    after: list[ast.stmt],
    before: list[ast.stmt],
) -> list[ast.stmt]:
    """The statements of both versions; only ``after`` where nothing can fail at run time."""
    if not guards and not prepare:
        return after
    ok = instance.words.fresh_name("ok")
    ready: list[ast.stmt] = [*prepare, _assign(ok, True)]
    if guards:
        test = guards[0] if len(guards) == 1 else ast.BoolOp(ast.And(), list(guards))
        ready = [ast.If(test, ready, [])]
    attempt = ast.Try(ready, [unless_interrupted()], [], [])
    choice = ast.If(ast.Name(ok, ast.Load()), after, [deopt_call(), *before])
    statements: list[ast.stmt] = [_assign(ok, False), attempt, choice]
    return [instance.at_place(statement) for statement in statements]


def versioned_expression(
    instance: Instance, guards: Sequence[ast.expr], after: ast.expr, before: ast.expr
) -> ast.expr:
    """``after if GUARDS else (deopt() or before)``; deopt() returns None."""
    if not guards:
        return after
    test = guards[0] if len(guards) == 1 else ast.BoolOp(ast.And(), list(guards))
    counted = ast.BoolOp(ast.Or(), [deopt_call().value, before])
    return instance.at_place(ast.IfExp(test, after, counted))


def _assign(name: str, value: bool) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value))
