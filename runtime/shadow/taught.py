"""Classes learn which attributes their instances have before many of these are made.

CPython keeps attributes in the instance itself as long as its class has a place for them (PEP 412), and a class
takes new ones only from the first thirty instances or so. The pickle of a graph makes all that hang on one another
before it fills the first: their classes would know no attribute, and each would get a dict of its own, as none has
in the program. What was compiled then takes several times as long.
"""

import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from selfsame.runtime.agent import backend, plans
from selfsame.runtime.shadow.definitions import namespace_of
from selfsame.runtime.shadow.inputs import SAFE, RestrictedUnpickler
from selfsame.runtime.shadow.layouts import mro_of

LOOKED_AT = 50
"""Payloads of one message that are looked at."""
SMALLEST = 500
"""Bytes: in less there are not so many instances."""


class _Standing:
    """What stands for an instance while it is looked which attributes it has; of a class for each class."""

    kind: type

    def __new__(cls, *_: object, **__: object) -> "_Standing":
        return object.__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass


class _Survey(RestrictedUnpickler):
    """Reads a payload without an instance of the program's: ``names`` has the attributes of each class, in order."""

    def __init__(self, payload: io.BytesIO, renames: Mapping[str, str]) -> None:
        super().__init__(payload, renames)
        self.names: dict[type, dict[str, None]] = {}
        self._standing: dict[type, type[_Standing]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """As it is read otherwise, but for classes of the program's, and what fills their instances."""
        if (module, name) == (plans.__name__, "attributed"):
            return self._filled
        if (module, name) == ("copyreg", "_reconstructor"):
            return lambda kind, *_: kind()
        found = super().find_class(module, name)
        if not isinstance(found, type) or module in SAFE:
            return found
        return self._standing.setdefault(found, type("_Standing", (_Standing,), {"kind": found}))

    def _filled(self, value: object, own: dict[str, Any]) -> None:
        if isinstance(value, _Standing):
            self.names.setdefault(value.kind, {}).update(dict.fromkeys(own))


def teach(payloads: Iterable[bytes], renames: Mapping[str, str], taught: set[type]) -> None:
    """Let the classes in some payloads know their attributes; ``taught`` are those that do, and gets the new ones."""
    names: dict[type, dict[str, None]] = {}
    for payload in [p for p in payloads if len(p) >= SMALLEST][:LOOKED_AT]:
        survey = _Survey(io.BytesIO(payload), renames)
        try:
            survey.load()
        except Exception:  # something in it asks more of an instance than what stands for it has
            pass
        for kind, own in survey.names.items():
            names.setdefault(kind, {}).update(own)
    for kind, own in names.items():
        # The one that is made for it goes at once: nothing of the program's may run for that.
        if kind not in taught and not any("__del__" in namespace_of(base) for base in mro_of(kind)):
            with suppress(AttributeError, TypeError):  # then its instances have dicts
                backend.hold(object.__new__(kind), dict.fromkeys(own))
        taught.add(kind)
