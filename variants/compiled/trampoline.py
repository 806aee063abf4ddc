"""The code object that tries a compiled function first and runs the original where it declines."""

import ast
import copy
import marshal
from collections.abc import Sequence

from selfsame.compiler.emit.build import Built
from selfsame.compiler.emit.cython.renaming import assigned_names
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.emit.trees import shallow
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.placeholders import (
    DEOPT,
    FRESH,
    LAMBDA,
    MARK,
    deopt_call,
    own_lambda,
)
from selfsame.variants.site import Site
from selfsame.variants.variation import Constant

RESULT = f"{FRESH}result"


def trampoline(
    site: Site, function: ast.FunctionDef, built: Built, entry: str, extra: Sequence[str]
) -> tuple[bytes, tuple[Constant, ...]]:
    """The function's code with the compiled one in front, marshalled, and its constants.

    Before:
        def f(a, b):
            BODY

    After:
        def f(a, b):
            result = compiled(a, b)
            if result is not DEOPT:
                return result
            deopt()
            BODY

    ``extra`` are names that the compiled function takes after the parameters, or placeholders of what
    is imported. The body keeps its
    positions, so an exception that it raises looks as it always did. Raises Skipped.
    """
    hidden = {*extra} & assigned_names(function)
    if hidden:
        raise Skipped(f"binds {min(hidden)}, which is called like a global that it needs")
    compiled = _constant(built, entry)
    sentinel = _constant(built, "DEOPT")
    arguments = function.args
    taken = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs] + list(
        extra
    )
    values: list[ast.expr] = [
        ast.Constant(n) if n.startswith(MARK) else ast.Name(n, ast.Load()) for n in taken
    ]
    call = ast.Call(ast.Constant(compiled.placeholder), values, [])
    head: list[ast.stmt] = [
        ast.Assign([ast.Name(RESULT, ast.Store())], call),
        ast.If(
            ast.Compare(
                ast.Name(RESULT, ast.Load()),
                [ast.IsNot()],
                [ast.Constant(sentinel.placeholder)],
            ),
            [ast.Return(ast.Name(RESULT, ast.Load()))],
            [],
        ),
        deopt_call(),
    ]
    documented = ast.get_docstring(function, clean=False) is not None
    first = function.body[0]
    for statement in head:
        for node in ast.walk(statement):
            ast.copy_location(node, first)
    for at, given in enumerate(taken):
        if given.startswith(LAMBDA):
            call.args[at] = _lambda_at(function, given)
    new = shallow(function)
    new.body = function.body[:documented] + head + function.body[documented:]
    code = with_function(site.source, site.definition, new, site.optimize)
    helpers = [
        Constant(placeholder, *placeholder[len(MARK) :].split(":"))
        for placeholder in extra
        if placeholder.startswith(MARK) and not placeholder.startswith(LAMBDA)
    ]
    return marshal.dumps(code), (compiled, sentinel, Constant(DEOPT, "deopt"), *helpers)


def _lambda_at(function: ast.FunctionDef, placeholder: str) -> ast.Lambda:
    found = (n for n in ast.walk(function) if isinstance(n, ast.Lambda))
    return copy.deepcopy(next(n for n in found if own_lambda(n) == placeholder))


def _constant(built: Built, attribute: str) -> Constant:
    placeholder = f"{MARK}extension:{built.module}:{attribute}"
    return Constant(placeholder, "extension", built.module, attribute, built.path, built.digest)
