"""Trees to code objects: whole modules, one function found in them, one function exchanged."""

import ast
import copy
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

from selfsame.compiler.cst.source import Source, unwarned
from selfsame.compiler.emit.trees import Function, replaced
from selfsame.compiler.errors import Diagnostic, Place, Skipped, UserError
from selfsame.compiler.identity import Definition
from selfsame.compiler.identity.outlined import PREFIX, owner_name

KIND = 0x20 | 0x80 | 0x100 | 0x200  # generator, coroutine, iterable coroutine, async generator
STARS = 0x4 | 0x8  # *args, **kwargs


def compile_tree(tree: ast.Module, path: str, optimize: int = -1) -> CodeType:
    """The module's code object; no SyntaxWarning is shown or raised.

    ``optimize`` is that of ``compile``: 0, 1 (``-O``), 2 (``-OO``), -1 for this interpreter's own.
    Raises UserError with CPython's message where the tree is not a valid program.
    """
    try:
        with unwarned():
            made: CodeType = compile(tree, path, "exec", dont_inherit=True, optimize=optimize)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        column = getattr(error, "offset", None) or 1
        message = getattr(error, "msg", None) or str(error) or type(error).__name__
        raise UserError(
            Diagnostic(Place(path, max(1, line), max(1, column)), f"does not compile: {message}")
        ) from error
    return _named_as_owners(made)


def _named_as_owners(module: CodeType) -> CodeType:
    """The functions of outlined loops get the name of what they are written in: tracebacks show it."""
    constants = tuple(
        _named(c, c.co_name, owner_name(c.co_name))
        if isinstance(c, CodeType) and c.co_name.startswith(PREFIX)
        else c
        for c in module.co_consts
    )
    if all(new is old for new, old in zip(constants, module.co_consts, strict=True)):
        return module
    return module.replace(co_consts=constants)


def _named(code: CodeType, name: str, owner: str) -> CodeType:
    inside = "" if owner == "<module>" else f"{owner}.<locals>."
    return code.replace(
        co_name=owner if code.co_name == name else code.co_name,
        co_qualname=code.co_qualname.replace(f"{name}.<locals>.", inside),
        co_consts=tuple(
            _named(c, name, owner) if isinstance(c, CodeType) else c for c in code.co_consts
        ),
    )


@lru_cache(maxsize=8)
def plain_code(source: Source, optimize: int = -1) -> CodeType:
    """The module's code as CPython makes it, kept for the few modules in work."""
    return compile_tree(source.tree, source.path, optimize)


def all_codes(code: CodeType) -> Iterator[CodeType]:
    """``code`` and every code object below it."""
    stack = [code]
    while stack:
        code = stack.pop()
        yield code
        stack += [c for c in code.co_consts if isinstance(c, CodeType)]


def function_code(module_code: CodeType, qualname: str, line: int) -> CodeType:
    """The function's code object. Raises Skipped where there is none, or more than one."""
    found = [
        c for c in all_codes(module_code) if c.co_firstlineno == line and c.co_qualname == qualname
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Skipped("the compiler drops it: it is in code that never runs")
    raise Skipped(f"line {line} has two definitions with this name, which cannot be told apart")


def with_function(
    source: Source, definition: Definition, new: ast.AST, optimize: int = -1
) -> CodeType:
    """The code of ``new``, compiled in the place of the original: same scopes, cells and mangling.

    ``new`` takes the original's name, decorators and position; its body is the caller's. It is not
    changed. Raises Skipped where the result could not be put into the live function.
    """
    old = definition.node
    if not isinstance(old, Function):
        raise Skipped("only a function's code can be exchanged")
    plain = function_code(plain_code(source, optimize), definition.qualname, definition.line)
    placed = _placed(old, new)
    code = _compiled(source, definition, placed, optimize)
    lost = [name for name in plain.co_freevars if name not in code.co_freevars]
    if lost and not isinstance(placed, ast.Lambda):
        # A function keeps its closure when its code changes, so every cell must stay referenced.
        placed.body.append(_dead_reference(lost))
        ast.fix_missing_locations(placed)
        code = _compiled(source, definition, placed, optimize)
    check_exchangeable(plain, code)
    return code


def check_exchangeable(plain: CodeType, code: CodeType) -> None:
    """Raises Skipped where a function that runs ``plain`` cannot run ``code`` instead."""
    if code.co_freevars != plain.co_freevars:
        raise Skipped(
            "it would need other variables of the enclosing function: "
            f"{', '.join(code.co_freevars) or 'none'} instead of "
            f"{', '.join(plain.co_freevars) or 'none'}"
        )
    if (code.co_flags ^ plain.co_flags) & KIND:
        raise Skipped("it would change between function, generator and coroutine")
    if _parameters(code) != _parameters(plain):
        raise Skipped("its parameters would change")


def _parameters(code: CodeType) -> tuple[object, ...]:
    stars = code.co_flags & STARS
    count = code.co_argcount + code.co_kwonlyargcount + bool(stars & 4) + bool(stars & 8)
    return (
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        stars,
        code.co_varnames[:count],
    )


def _placed(old: Function, new: ast.AST) -> Function:
    if isinstance(old, ast.Lambda) is not isinstance(new, ast.Lambda) or not isinstance(
        new, Function
    ):
        raise Skipped("a function can only be exchanged for a function, a lambda for a lambda")
    placed = copy.deepcopy(new)
    if not isinstance(old, ast.Lambda) and not isinstance(placed, ast.Lambda):
        placed.name = old.name
        placed.decorator_list = old.decorator_list
    ast.copy_location(placed, old)
    ast.fix_missing_locations(placed)
    return placed


def _compiled(source: Source, definition: Definition, placed: Function, optimize: int) -> CodeType:
    tree = replaced(source.tree, definition.node, placed)
    try:
        code = compile_tree(tree, source.path, optimize)
    except UserError as error:
        raise Skipped(error.diagnostics[0].message) from error
    return function_code(code, definition.qualname, definition.line)


def _dead_reference(names: list[str]) -> ast.stmt:
    """``if False: (a, b)``: no instruction, but the names stay the function's free variables."""
    loads: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    return ast.If(ast.Constant(False), [ast.Expr(ast.Tuple(loads, ast.Load()))], [])
