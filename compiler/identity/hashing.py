"""The content hash: over a serialisation of the ``ast`` that is the same on every Python.

Layout, comments and string prefixes do not count, nor do the names of locals that are not
parameters: they are numbered in the order in which they first occur. Docstrings count, because a
program can read them. ``ast.dump`` and ``ast.unparse`` differ between Pythons and are not used.
"""

import ast
import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from selfsame.compiler.identity.order import Comprehension, Scope
from selfsame.compiler.identity.scopes import Names

# A function that can look at its locals by name keeps their names.
_SEES_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir", "breakpoint"})
_SEES_FRAMES = frozenset({"_getframe", "currentframe", "f_locals"})
_IGNORED = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_NAME_FIELDS = {
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
    ast.Nonlocal: "names",
}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}

_Local = tuple["Names", str]
_Item = Any  # text; 0, the end of a node; a local; or (what is to be written, its scope, None)


def content_hash(node: ast.AST) -> str:
    """32 hex digits over ``node``, normalised: the same on every Python for the same text."""
    return Hashes(node).of(node)


class Hashes:
    """The content hashes of ``root`` and of all statements and expressions inside it but names
    and constants: one serialisation, cut at their places.

    A local of a function around the node that is asked for is named, one of a function inside it
    is numbered, as if that node alone had been written.
    """

    def __init__(self, root: ast.AST) -> None:
        self._written: list[str | _Local] = []
        self._places: dict[int, tuple[int, int]] = {}
        self._scopes: dict[int, int] = {}
        self._looks: list[int] = []  # where something that sees locals by name is written
        self._names: list[Names] = []  # kept alive: they are known by their ids
        self._serialise(root)

    def of(self, node: ast.AST) -> str:
        """The hash of a node of the tree."""
        return self._digest(*self._places[id(node)])

    def of_all(self, nodes: Sequence[ast.AST]) -> str:
        """One hash over neighbours in a body."""
        return self._digest(self._places[id(nodes[0])][0], self._places[id(nodes[-1])][1])

    def of_parts(self, head: Sequence[ast.AST], body: Sequence[ast.AST]) -> str:
        """One hash over some nodes and the neighbours in a body, whatever stands between them."""
        whole = self.of_all(body)
        return self.of_text(" ".join([*map(self.of, head), whole])) if head else whole

    @staticmethod
    def of_text(text: str) -> str:
        """The hash of what is made of hashes."""
        return _hash(text)

    def _digest(self, start: int, end: int) -> str:
        looks = self._looks
        at = bisect_left(looks, start)
        sees_locals = at < len(looks) and looks[at] < end
        numbers: dict[_Local, int] = {}
        parts = []
        for item in self._written[start:end]:
            if item.__class__ is str:
                parts.append(item)
            elif sees_locals or self._scopes[id(item[0])] < start:
                parts.append(_string(item[1]))
            else:
                parts.append(f"%{numbers.setdefault(item, len(numbers))}")  # type: ignore[arg-type]
        return _hash("".join(parts))

    def _serialise(self, root: ast.AST) -> None:
        """An explicit stack: a sum of ten thousand terms is a tree that deep."""
        out, places = self._written, self._places
        starts: list[tuple[int, int]] = []
        stack: list[_Item] = [(root, None, None)]
        while stack:
            item = stack.pop()
            if item.__class__ is str:
                out.append(item)
                continue
            if item.__class__ is int:  # the end of a node
                out.append(")")
                key, start = starts.pop()
                places[key] = start, len(out)
                continue
            if len(item) == 2:
                out.append(item)
                continue
            value, names, _ = item
            kind = value.__class__
            if kind is ast.Name:
                if value.id in _SEES_LOCALS:
                    self._looks.append(len(out))
                places[id(value)] = len(out), len(out) + 1
                if names is None:
                    out.append(f"(Name id={_string(value.id)})")
                else:
                    out.append("(Name id=")
                    out.append(_named(value.id, names))
                    out.append(")")
                    places[id(value)] = len(out) - 3, len(out)
            elif kind is ast.Constant:
                places[id(value)] = len(out), len(out) + 1
                out.append(f"(Constant value={_atom(value.value)})")
            elif issubclass(kind, ast.AST):
                if kind is ast.Attribute and value.attr in _SEES_FRAMES:
                    self._looks.append(len(out))
                starts.append((id(value), len(out)))
                out.append("(" + kind.__name__)
                stack.append(0)
                fields = self._fields(value, names)
                fields.reverse()
                stack += fields
            elif kind is list:
                out.append("[")
                stack.append("]")
                stack += [(element, names, None) for element in reversed(value)]
            else:
                out.append(_atom(value))

    def _fields(self, node: Any, names: "Names | None") -> list[_Item]:
        kind = node.__class__
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = tuple(sorted(f for f in kind._fields if f not in _IGNORED))
        inner = names
        if isinstance(node, Scope | Comprehension):
            inner = Names(node, names)
            self._names.append(inner)
            self._scopes[id(inner)] = len(self._written) - 1
        name_field = _NAME_FIELDS.get(kind)
        written: list[_Item] = []
        for field in fields:
            value = getattr(node, field, None)
            if value is None:
                continue
            if value.__class__ is list:
                if field == "values" and kind is ast.JoinedStr:
                    value = _merged(value)
                if not value:
                    continue
            elif field == "format_spec" and not _merged(getattr(value, "values", [value])):
                continue  # f"{x:}" is f"{x}"
            written.append(f" {field}=")
            if field == name_field:
                listed: Any = value if value.__class__ is list else [value]
                written += [_named(n, names) for n in listed]
            elif inner is names:
                written.append((value, names, None))
            elif isinstance(node, Comprehension):
                written += _comprehension_field(value, names, inner)
            else:
                written.append((value, inner if field == "body" else names, None))
        return written


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _comprehension_field(
    value: object, names: "Names | None", inner: "Names | None"
) -> list[_Item]:
    # The first iterable is evaluated outside, everything else in the comprehension's own scope.
    if not isinstance(value, list):
        return [(value, inner, None)]
    written: list[_Item] = []
    for index, generator in enumerate(value):
        written += [
            "(comprehension async=" + str(generator.is_async) + " target=",
            (generator.target, inner, None),
            " iter=",
            (generator.iter, inner if index else names, None),
            " ifs=",
            (generator.ifs, inner, None),
            ")",
        ]
    return written


def _named(name: str, names: "Names | None") -> str | _Local:
    """A name as text, or with its scope where it is a local that may be numbered."""
    owner = names.owner(name) if names is not None else None
    if owner is None or owner.is_class:
        return _string(name)
    bound = owner.bound
    if name in bound.params or name in bound.fixed:
        return _string(name)
    return owner, name


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
