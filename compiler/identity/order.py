"""The children of an ``ast`` node in the order of the source, the same on every Python."""

import ast
from collections.abc import Iterator

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Loop = ast.For | ast.AsyncFor | ast.While


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def arguments(node: ast.arguments) -> Iterator[ast.AST]:
    """Parameters, each followed by its default."""
    plain = node.posonlyargs + node.args
    required = len(plain) - len(node.defaults)
    for index, parameter in enumerate(plain):
        yield parameter
        if index >= required:
            yield node.defaults[index - required]
    if node.vararg:
        yield node.vararg
    for parameter, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        yield parameter
        if default is not None:
            yield default
    if node.kwarg:
        yield node.kwarg


def header(node: Scope) -> Iterator[ast.AST]:
    """What a definition evaluates where it stands, in its enclosing scope; decorators left out."""
    yield from getattr(node, "type_params", ())
    if isinstance(node, ast.ClassDef):
        parts: list[ast.AST] = [*node.bases, *node.keywords]
        yield from sorted(parts, key=_place)
        return
    yield from arguments(node.args)
    returns = getattr(node, "returns", None)
    if returns is not None:
        yield returns


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Every direct child, in source order. Definitions: decorators, header, body."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.decorator_list
        yield from header(node)
        yield from node.body
    elif isinstance(node, ast.Lambda):
        yield from header(node)
        yield node.body
    elif isinstance(node, ast.arguments):
        yield from arguments(node)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield key
            yield value
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.test
        yield node.orelse
    elif isinstance(node, ast.Call):
        yield node.func
        if node.keywords and any(isinstance(a, ast.Starred) for a in node.args):
            parts: list[ast.AST] = [*node.args, *node.keywords]
            yield from sorted(parts, key=_place)
        else:
            yield from node.args
            yield from node.keywords
    else:
        yield from ast.iter_child_nodes(node)
