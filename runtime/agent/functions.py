"""Finds the live functions of the user's modules, wherever a namespace reaches them.

Only exact types are looked at, never an attribute that a class of the user's could answer: finding
functions runs no code of the user's.
"""

from __future__ import annotations

import sys
from types import (
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from selfsame.runtime.agent.swap import Key

DEEPEST = 12
MOST_ITEMS = 2_000
_namespace_of = type.__dict__["__dict__"].__get__
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def kind_of(code: CodeType) -> str:
    """``function generator coroutine asyncgen lambda``."""
    flags = code.co_flags
    if flags & 0x200:
        return "asyncgen"
    if flags & 0x80:
        return "coroutine"
    if flags & 0x20:
        return "generator"
    return "lambda" if code.co_name == "<lambda>" else "function"


def key_of(module: str, code: CodeType) -> Key | None:
    """What time in ``code`` is counted for; None in a comprehension, which is its function's."""
    if code.co_name in COMPREHENSIONS:
        return None
    return (module, code.co_qualname, code.co_firstlineno)


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code objects of the functions inside a function, at any depth."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)
            if constant.co_name not in COMPREHENSIONS and constant.co_flags & 0x2:
                yield constant


def module_name(module: ModuleType) -> str | None:
    """What the engine calls a module: ``__main__`` by the stem of its file, or its ``-m`` name."""
    namespace = module.__dict__
    name = namespace.get("__name__")
    if name not in ("__main__", "__mp_main__"):
        return name if type(name) is str else None
    spec = namespace.get("__spec__")
    if spec is not None and type(getattr(spec, "name", None)) is str and spec.name != name:
        return str(spec.name)
    file = namespace.get("__file__")
    if type(file) is not str or file.startswith("<"):
        return None
    base = file.rpartition("/")[2]
    return base.removesuffix(".py") or None


def functions(namespace: dict[str, Any], file: str, name: str) -> list[FunctionType]:
    """The live functions that ``namespace`` reaches and whose code comes from ``file``.

    ``name`` is the namespace's ``__name__``: classes of other modules are not entered.
    """
    return _Walk(file, name).all(namespace)


class _Walk:
    def __init__(self, file: str, name: str) -> None:
        self.file = file
        self.name = name
        self.seen: set[int] = set()
        self.kept: list[object] = []  # what `seen` names must stay alive while we look
        self.found: list[FunctionType] = []
        functools = sys.modules.get("functools")
        self.cached_property = getattr(functools, "cached_property", None)
        self.partial = getattr(functools, "partial", None)
        self.partialmethod = getattr(functools, "partialmethod", None)
        self.lru = getattr(functools, "_lru_cache_wrapper", None)

    def all(self, namespace: dict[str, Any]) -> list[FunctionType]:
        for value in list(namespace.values()):
            self.visit(value, 0)
        return self.found

    def visit(self, value: Any, depth: int, inside: bool = False) -> None:
        kind = type(value)
        if kind in (int, str, float, bool, bytes, type(None)) or depth > DEEPEST:
            return
        if id(value) in self.seen:
            return
        if kind is FunctionType:
            self._function(self._take(value), depth)
        elif kind is staticmethod or kind is classmethod:
            self.visit(self._take(value).__func__, depth + 1)
        elif kind is property:
            for part in (value.fget, value.fset, value.fdel):
                self.visit(part, depth + 1)
        elif kind is MethodType:
            self.visit(value.__func__, depth + 1)
        elif kind is CellType:
            try:
                content = value.cell_contents
            except ValueError:  # not filled yet
                return
            self.visit(content, depth + 1)
        elif kind is self.cached_property or kind is self.partial or kind is self.partialmethod:
            self.visit(self._take(value).func, depth + 1)
        elif kind is self.lru:
            self.visit(self._take(value).__wrapped__, depth + 1)
        elif issubclass(kind, type):
            self._class(value, depth)
        elif kind in (list, tuple, dict, set, frozenset, MappingProxyType) and not inside:
            items = value.values() if kind in (dict, MappingProxyType) else value
            if len(items) <= MOST_ITEMS:
                for item in list(items):
                    self.visit(item, depth + 1, inside=True)

    def _take(self, value: Any) -> Any:
        self.seen.add(id(value))
        self.kept.append(value)
        return value

    def _function(self, function: FunctionType, depth: int) -> None:
        if function.__code__.co_filename == self.file:
            self.found.append(function)
        for cell in function.__closure__ or ():
            self.visit(cell, depth + 1)
        self.visit(function.__dict__.get("__wrapped__"), depth + 1)

    def _class(self, cls: type, depth: int) -> None:
        namespace = _namespace_of(cls)
        if namespace.get("__module__") != self.name:
            return
        self._take(cls)
        for value in list(namespace.values()):
            self.visit(value, depth + 1)
