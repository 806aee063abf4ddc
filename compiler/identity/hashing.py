"""The content hash: over a serialisation of the ``ast`` that is the same on every Python.

Layout, comments and string prefixes do not count, nor do the names of locals that are not
parameters: they are numbered in the order in which they first occur. Docstrings count, because a
program can read them. ``ast.dump`` and ``ast.unparse`` differ between Pythons and are not used.
"""

import ast
import hashlib
from collections.abc import Iterator
from typing import Any

from selfsame.compiler.identity.order import Comprehension, Scope
from selfsame.compiler.identity.scopes import Names

# A function that can look at its locals by name keeps their names.
_SEES_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir", "breakpoint"})
_SEES_FRAMES = frozenset({"_getframe", "currentframe", "f_locals"})
_IGNORED = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_NAME_FIELDS = {
    ast.Name: "id",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
    ast.Nonlocal: "names",
}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}

_Local = tuple["Names", str]
_Item = str | _Local | tuple[object, "Names | None", None]


def content_hash(node: ast.AST) -> str:
    """32 hex digits over ``node``, normalised: the same on every Python for the same text."""
    written, sees_locals = _serialise(node)
    numbers: dict[_Local, int] = {}
    parts = []
    for item in written:
        if isinstance(item, str):
            parts.append(item)
        elif sees_locals:
            parts.append(_string(item[1]))
        else:
            parts.append(f"%{numbers.setdefault(item, len(numbers))}")
    text = "".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _serialise(root: ast.AST) -> tuple[list[str | _Local], bool]:
    """Text, with ``(scope, name)`` where a local is named; and whether locals are read by name.

    An explicit stack: a sum of ten thousand terms is a tree that deep.
    """
    out: list[str | _Local] = []
    sees_locals = False
    stack: list[_Item] = [(root, None, None)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        if len(item) == 2:
            out.append(item)
            continue
        value, names, _ = item
        if isinstance(value, ast.AST):
            if isinstance(value, ast.Name):
                sees_locals = sees_locals or value.id in _SEES_LOCALS
            elif isinstance(value, ast.Attribute):
                sees_locals = sees_locals or value.attr in _SEES_FRAMES
            out.append("(" + type(value).__name__)
            stack.append(")")
            stack.extend(reversed(list(_fields(value, names))))
        elif isinstance(value, list):
            out.append("[")
            stack.append("]")
            stack.extend((element, names, None) for element in reversed(value))
        else:
            out.append(_atom(value))
    return out, sees_locals


def _fields(node: ast.AST, names: "Names | None") -> Iterator[_Item]:
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(sorted(f for f in kind._fields if f not in _IGNORED))
    inner = Names(node, names) if isinstance(node, Scope | Comprehension) else names
    name_field = _NAME_FIELDS.get(kind) if names is not None else None
    for field in fields:
        value = getattr(node, field, None)
        if value is None and field != "value":
            continue
        if isinstance(value, list):
            if field == "values" and isinstance(node, ast.JoinedStr):
                value = _merged(value)
            if not value:
                continue
        elif value is None and kind is not ast.Constant:
            continue
        elif field == "format_spec" and not _merged(getattr(value, "values", [value])):
            continue  # f"{x:}" is f"{x}"
        yield f" {field}="
        if field == name_field and names is not None:
            yield from _named(value, names)
        elif inner is names:
            yield value, names, None
        elif isinstance(node, Comprehension):
            yield from _comprehension_field(value, names, inner)
        else:
            yield value, inner if field == "body" else names, None


def _comprehension_field(
    value: object, names: "Names | None", inner: "Names | None"
) -> Iterator[_Item]:
    # The first iterable is evaluated outside, everything else in the comprehension's own scope.
    if not isinstance(value, list):
        yield value, inner, None
        return
    for index, generator in enumerate(value):
        yield "(comprehension async=" + str(generator.is_async) + " target="
        yield generator.target, inner, None
        yield " iter="
        yield generator.iter, inner if index else names, None
        yield " ifs="
        yield generator.ifs, inner, None
        yield ")"


def _named(value: Any, names: "Names") -> Iterator[_Item]:
    for name in value if isinstance(value, list) else [value]:
        owner = names.owner(name)
        bound = owner.bound if owner is not None and not owner.is_class else None
        if bound is None or name in bound.params or name in bound.fixed or owner is None:
            yield _string(name)
        else:
            yield owner, name


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string with neighbouring texts joined and empty ones left out."""
    merged: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            last = merged[-1] if merged else None
            if not value.value:
                continue
            if isinstance(last, ast.Constant):
                assert isinstance(last.value, str)
                merged[-1] = ast.Constant(last.value + value.value)
                continue
        merged.append(value)
    return merged


def _string(text: str) -> str:
    return f"s{len(text)}:{text}"


def _atom(value: object) -> str:
    """A constant or an identifier; values that compare equal (``1``, ``True``) stay apart."""
    if isinstance(value, str):
        return _string(value)
    if value is None or value is True or value is False or value is ...:
        return f"<{value}>"
    if isinstance(value, int):
        return f"i{value:x};"
    if isinstance(value, float):
        return f"f{value.hex()};"
    if isinstance(value, complex):
        return f"c{value.real.hex()},{value.imag.hex()};"
    if isinstance(value, bytes):
        return f"b{value.hex()};"
    raise TypeError(f"an ast holds a constant of type {type(value).__name__}")
