"""Where an instance has its state: what a builtin base holds, slots and ``__dict__``, read without user code.

A class is accepted only where those are all its state: each class in the chain of bases must be no
larger than its own slots make it.
"""

import _random
import builtins
import collections
import struct
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selfsame.runtime.agent.naming import HEAP_TYPE
from selfsame.runtime.shadow.definitions import class_name, flags_of, namespace_of
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, Writer

mro_of = type.__dict__["__mro__"].__get__
_base = type.__dict__["__base__"].__get__
_size = type.__dict__["__basicsize__"].__get__
_WORD = 8
_MISSING = object()


def _content_of_dict(encoder: Encoder, value: Any) -> None:
    encoder.several(list(dict.keys(value)))
    encoder.several(list(dict.values(value)))


def _content_of_ordered(encoder: Encoder, value: Any) -> None:
    # Its order is its own: a dict's view of it does not follow move_to_end.
    names = list(collections.OrderedDict.keys(value))
    encoder.several(names)
    encoder.several([dict.__getitem__(value, name) for name in names])


def _content_of_defaultdict(encoder: Encoder, value: Any) -> None:
    encoder.write(_slot(collections.defaultdict, "default_factory", value))
    _content_of_dict(encoder, value)


def _content_of_deque(encoder: Encoder, value: Any) -> None:
    encoder.write(_slot(collections.deque, "maxlen", value))
    encoder.several(list(collections.deque.__iter__(value)))


def _content_of_numbers(encoder: Encoder, value: Any) -> None:
    encoder.write(struct.pack("<625I", *_random.Random.getstate(value)))


def _slot(cls: type, name: str, value: object) -> object:
    try:
        return namespace_of(cls)[name].__get__(value, cls)
    except AttributeError:
        return _MISSING


def _exception(encoder: Encoder, value: BaseException) -> None:
    if not encoder.any_message:
        encoder.write(_slot(BaseException, "args", value))
    encoder.write(_slot(BaseException, "__cause__", value))
    if issubclass(type(value), OSError):
        encoder.several([_slot(OSError, n, value) for n in ("filename", "filename2")])


CONTENTS: dict[type, Writer] = {
    object: lambda e, v: None,
    int: lambda e, v: e.write(int.__int__(v)),
    float: lambda e, v: e.write(float.__float__(v)),
    complex: lambda e, v: e.write(complex.__pos__(v)),
    str: lambda e, v: e.write("".join(str.__iter__(v))),
    bytes: lambda e, v: e.write(bytes(bytes.__iter__(v))),
    bytearray: lambda e, v: e.write(bytes(bytearray.__iter__(v))),
    list: lambda e, v: e.several(list(list.__iter__(v))),
    tuple: lambda e, v: e.several(list(tuple.__iter__(v))),
    set: lambda e, v: e.unordered(list(set.__iter__(v))),
    frozenset: lambda e, v: e.unordered(list(frozenset.__iter__(v))),
    dict: _content_of_dict,
    collections.OrderedDict: _content_of_ordered,
    collections.defaultdict: _content_of_defaultdict,
    collections.deque: _content_of_deque,
    _random.Random: _content_of_numbers,
    BaseException: _exception,
}
"""By builtin base: how what it holds is written, through the base's own methods."""


KNOWN_BASES = frozenset(CONTENTS) | {
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


OwnDict = Callable[[object], dict[str, object]]


def own_dict_of(kind: type) -> OwnDict | None:
    """What gives the ``__dict__`` of an instance of a class; None where its instances have none."""
    for klass in mro_of(kind):
        member = namespace_of(klass).get("__dict__")
        if type(member) is types.GetSetDescriptorType:
            found: OwnDict = member.__get__
            return found
    return None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the instances of a class have their attributes: slots by label, and the ``__dict__``."""

    slots: tuple[tuple[str, type, str], ...]
    own: OwnDict | None

    @classmethod
    def of(cls, kind: type) -> "Layout":
        """That of a class. Raises CannotCompare where instances may keep state elsewhere."""
        slots: list[tuple[str, type, str]] = []
        for place, klass in enumerate(mro_of(kind)):  # several may have one name
            own = namespace_of(klass)
            if klass in KNOWN_BASES:
                continue
            if not flags_of(klass) & HEAP_TYPE and not class_name(klass).startswith("builtins."):
                raise CannotCompare(f"{class_name(kind)} keeps state in C")
            members = [n for n, m in own.items() if type(m) is types.MemberDescriptorType]
            slots += [(f"{place}.{name}", klass, name) for name in members]
            words = len(members) + ("__dict__" in own) + ("__weakref__" in own)
            if _size(klass) - _size(_base(klass)) > words * _WORD:
                raise CannotCompare(f"{class_name(kind)} keeps state in C")
        return cls(tuple(slots), own_dict_of(kind))

    def attributes(self, value: object) -> dict[str, object]:
        """All attributes of an instance. Raises CannotCompare where they have odd names."""
        found: dict[str, object] = {}
        for label, klass, name in self.slots:
            slot = _slot(klass, name, value)
            if slot is not _MISSING:
                found[label] = slot
        own = list(dict.items(self.own(value))) if self.own is not None else []
        for name, held in own:
            if not issubclass(type(name), str) or (self.slots and name in found):
                raise CannotCompare("an instance with attributes of odd names")
            found[name] = held
        return found


def attributes(value: object) -> dict[str, object]:
    """All attributes in ``__dict__`` and slots, read without user code.

    Raises CannotCompare where the class may keep state elsewhere.
    """
    return Layout.of(type(value)).attributes(value)


CODE = (type, types.ModuleType, types.FunctionType)


def own_state(value: Any) -> dict[str, Any] | None:
    """The ``__dict__`` of an instance, to be varied; None of classes, functions and modules, which all calls share."""
    if isinstance(value, CODE):
        return None
    state = getattr(value, "__dict__", None)
    return state if type(state) is dict else None
