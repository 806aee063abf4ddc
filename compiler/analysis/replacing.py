"""Which functions of Python's own a module puts something else in place of.

``builtins.sorted = ours``, ``setattr(math, "sqrt", ours)``, ``vars(json).update(...)``: what is known
of a function of that name is then not true of what is called.
"""

import ast
from collections.abc import Iterator

ANY = "*"
_SETTERS = frozenset({"setattr", "delattr"})
_CHANGING = frozenset({"update", "setdefault", "pop", "clear", "popitem", "__setitem__"})


def replaced(tree: ast.Module) -> frozenset[str]:
    """The dotted names that the module binds anew in modules that it imports; ``m.*`` for any of ``m``."""
    known = _imported(tree)
    return frozenset(found for node in ast.walk(tree) for found in _replaced_by(node, known))


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the names stand for that an import binds, wherever it is."""
    known = {"__builtins__": "builtins"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name if alias.asname else alias.name.partition(".")[0]
                known[alias.asname or first] = first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _replaced_by(node: ast.AST, known: dict[str, str]) -> Iterator[str]:
    match node:
        case ast.Attribute(value=owner, attr=name, ctx=ast.Store() | ast.Del()):
            yield from _named(owner, name, known)
        case ast.Subscript(value=space, slice=key, ctx=ast.Store() | ast.Del()):
            yield from _named(_owner(space), _text(key), known)
        case ast.Call(func=ast.Name(id=called), args=[owner, key, *_]) if called in _SETTERS:
            yield from _named(owner, _text(key), known)
        case ast.Call(func=ast.Attribute(value=space, attr=called)) if called in _CHANGING:
            yield from _named(_owner(space), ANY, known)


def _named(owner: ast.expr | None, name: str, known: dict[str, str]) -> Iterator[str]:
    dotted = _dotted(owner, known)
    if dotted:
        yield f"{dotted}.{name}"


def _dotted(node: ast.expr | None, known: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return known.get(name, "")
        case ast.Attribute(value=value, attr=attr):
            owner = _dotted(value, known)
            return f"{owner}.{attr}" if owner else ""
    return ""


def _owner(space: ast.expr) -> ast.expr | None:
    """Whose namespace an expression gives: ``vars(m)``, ``m.__dict__``, ``__builtins__``."""
    match space:
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case ast.Attribute(value=owner, attr="__dict__"):
            return owner
        case ast.Name(id="__builtins__"):
            return space
    return None


def _text(key: ast.expr) -> str:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ANY
