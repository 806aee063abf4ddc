"""What a call reads beside its arguments: the globals that came with it, and what classes hold.

The globals are put in place before each call, so that it finds them as they were in the program, and
compared after it, as its arguments are. What classes hold comes from the import alone: a call that
changes that is refused.
"""

import sys
from types import ModuleType
from typing import Any

from selfsame.runtime.agent.shared import GENERATOR, put
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.sides import Sides

_CHANGEABLE = (list, dict, set, bytearray)
_ATOMS = (int, float, complex, bool, str, bytes, type(None))
_FIXED = (*_ATOMS, tuple, frozenset, range, type)
_MOST_HELD = 20_000
"""So many parts of what classes hold are looked at around each call; the node's own module comes first."""

Namespace = dict[str, Any]


class Live:
    """The globals of calls and the classes of the user's modules, in one worker."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._places: dict[tuple[str, str, str], list[tuple[Namespace, str]]] = {}
        self._classes: list[tuple[str, type]] = []
        self.changing: bool | None = (
            None  # whether calls change the globals, once that was looked at
        )

    def put(self, call: Call, side: str) -> None:
        """Put the globals that came with a call where ``side`` reads them, under all their names."""
        for (module, name), value in call.globals.items():
            if (module, name) == GENERATOR:
                put(value)
                continue
            for namespace, known_as in self._named(module, name, side):
                namespace[known_as] = value

    def places(self, call: Call) -> set[tuple[int, str]]:
        """Where the globals that came with a call are: names in namespaces, those by their ``id``."""
        return {
            (id(namespace), known_as)
            for module, name in call.globals
            for side in ("original", "variation")
            for namespace, known_as in self._named(module, name, side)
        }

    def now(self, call: Call, side: str) -> list[object]:
        """The globals that came with a call, as they are now, in the order of their names."""
        found: list[object] = []
        for module, name in sorted(call.globals):
            for namespace, known_as in self._named(module, name, side)[:1]:
                found.append(namespace.get(known_as, _GONE))
        return found

    def state(self, call: Call, side: str) -> bytes:
        """The globals that came with a call, as they are now, as bytes to compare."""
        return encoded(self.now(call, side))

    def classes(self) -> list[bytes]:
        """What the attributes of the user's classes hold that a call could change."""
        found: list[bytes] = []
        left = _MOST_HELD
        for name, class_ in self._of_the_user():
            for attribute, value in sorted(vars(class_).items()):
                if attribute.startswith("__") or type(value) not in (*_CHANGEABLE, *_ATOMS):
                    continue
                left -= 1 if type(value) in _ATOMS else 1 + len(value)
                if left < 0:
                    return found
                found.append(encoded((name, attribute, value)))
        return found

    def _named(self, module: str, name: str, side: str) -> list[tuple[Namespace, str]]:
        """Where a global is, and under which names other modules hold the same object."""
        key = (module, name, side)
        if key not in self._places:
            home = self._home(module, name, side)
            found = [(home, name)] if home is not None else []
            value = home.get(name) if home is not None else None
            if not isinstance(value, _FIXED):
                for namespace in map(vars, self.modules()):
                    for alias, held in list(namespace.items()):
                        if held is value and (namespace is not home or alias != name):
                            found.append((namespace, alias))
            self._places[key] = found
        return self._places[key]

    def _home(self, module: str, name: str, side: str) -> Namespace | None:
        loaded, other = self._sides.loaded, self._sides.other_home
        if module in ("__main__", loaded.name):
            if side == "variation" and other is not None and name in other:
                return other
            return vars(loaded.module)
        found = loaded.beside.get(module) or sys.modules.get(module)
        return vars(found) if found is not None else None

    def modules(self) -> list[ModuleType]:
        """The user's modules, the node's own first."""
        loaded = self._sides.loaded
        return [loaded.module, *(m for m in loaded.imported if m is not loaded.module)]

    def _of_the_user(self) -> list[tuple[str, type]]:
        if not self._classes:
            for module in self.modules():
                self._classes += [
                    (f"{module.__name__}.{name}", thing)
                    for name, thing in sorted(vars(module).items())
                    if issubclass(type(thing), type) and thing.__module__ == module.__name__
                ]
        return self._classes


def encoded(value: object) -> bytes:
    """The bytes of a value, to compare; ``?`` where it cannot be compared."""
    try:
        return Encoder().whole(value)
    except CannotCompare:
        return b"?"


_GONE = ("deleted",)
