"""What a rewrite relied on, looked at in the running program: a name bound anew takes it out.

``mock.patch``, a global or a callee that is replaced, a method set on a class, a callee's defaults:
each is a change of an object's identity in a namespace, and is looked at on every tick.
"""

from __future__ import annotations

import builtins
from types import BuiltinFunctionType, FunctionType, ModuleType

from selfsame.runtime.agent.swap import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from selfsame.runtime.agent.registry import Registry

    Rows = Iterable[tuple[str, str, str]]
    Getter = Callable[[str, Any], Any]

MISSING = object()
FIXED = (FunctionType, BuiltinFunctionType, ModuleType, type)


class Elsewhere(Refused):
    """Something is not here as the source says; that says nothing of other processes."""


class Binding:
    """A name in a namespace with the object that it must mean; for a function, its parts too."""

    __slots__ = ("code", "defaults", "get", "keywords", "label", "name", "value")

    def __init__(self, label: str, get: Getter, name: str, value: object) -> None:
        self.label = label
        self.get = get
        self.name = name
        self.value = value
        if type(value) is FunctionType:
            self.code = value.__code__
            self.defaults = value.__defaults__
            self.keywords = value.__kwdefaults__

    def holds(self, registry: Registry) -> bool:
        """Whether the name still means the object, and a function its own code or ours."""
        value = self.get(self.name, MISSING)
        if value is not self.value:
            return False
        if type(value) is not FunctionType:
            return True
        if value.__defaults__ is not self.defaults or value.__kwdefaults__ is not self.keywords:
            return False
        return value.__code__ is self.code or registry.ours(value)


class Relied:
    """The bindings that one rewrite relied on. Made while they are as the source says."""

    def __init__(self, rows: Rows, registry: Registry) -> None:
        """Raises Elsewhere where a function is not the source's: it was replaced before."""
        self.registry = registry
        self.bindings: list[Binding] = []
        for kind, module, path in rows:
            namespace = registry.namespace(module)
            if namespace is not None:
                self._add(kind, module, path, namespace)

    def broken(self) -> str:
        """Which name means something else now; empty where all hold."""
        for binding in self.bindings:
            if not binding.holds(self.registry):
                return binding.label
        return ""

    def _add(self, kind: str, module: str, path: str, namespace: Mapping[str, Any]) -> None:
        *outer, name = path.split(".")
        label = f"{module}:{path}"
        get: Getter = namespace.get
        for part in outer:
            owner = get(part, MISSING)
            if not isinstance(owner, type):
                return  # an inner function: made anew by each call of the outer one
            self.bindings.append(Binding(label, get, part, owner))
            get = type.__dict__["__dict__"].__get__(owner).get
        value = get(name, MISSING)
        if kind == "function":
            self._check(label, path, value, str(namespace.get("__file__")))
        elif value is MISSING:
            self.bindings.append(
                Binding(label, builtins.__dict__.get, name, builtins.__dict__.get(name, MISSING))
            )
        elif kind == "name" and not isinstance(value, FIXED):
            return  # data that the program binds anew itself
        self.bindings.append(Binding(label, get, name, value))

    def _check(self, label: str, path: str, value: object, file: str) -> None:
        inner = (
            getattr(value, "__func__", value)
            if type(value) in (staticmethod, classmethod)
            else value
        )
        if type(inner) is FunctionType:
            code = inner.__code__
            if code.co_qualname == path and code.co_filename == file:
                return
        elif type(inner).__module__ not in ("unittest.mock", "mock") and value is not MISSING:
            return  # decorated: what it does is not known from its code
        raise Elsewhere(f"it relies on {label}, which is not the function of the source here")


def rows_of(message: Mapping[str, Any]) -> Rows:
    """The rows of an ``install`` or ``open`` message."""
    return [(str(a), str(b), str(c)) for a, b, c in message.get("relied", ())]
