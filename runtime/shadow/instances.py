"""How `Encoder` writes what is not a plain builtin: instances, exceptions, values of the stdlib.

An instance is its class (`selfsame.runtime.shadow.definitions`), the content of the builtin it derives
from, and its attributes in slots and ``__dict__``, sorted by name. Its class is accepted only where those
are all its state: each class in the chain of bases must be no larger than its own slots make it.
"""

import _random
import builtins
import collections
import copy
import datetime
import decimal
import enum
import functools
import io
import itertools
import pathlib
import re
import struct
import sys
import types
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from selfsame.runtime.agent.naming import HEAP_TYPE
from selfsame.runtime.agent.reduce import STREAMS, counts_ints
from selfsame.runtime.shadow.consume import Consumed
from selfsame.runtime.shadow.definitions import (
    class_name,
    flags_of,
    known,
    namespace_of,
    write_class,
)
from selfsame.runtime.shadow.outcome import CannotCompare, Encoder, writes

_mro = type.__dict__["__mro__"].__get__
_base = type.__dict__["__base__"].__get__
_size = type.__dict__["__basicsize__"].__get__
_WORD = 8
_MISSING = object()


def _contents(encoder: Encoder, value: Any) -> bool:
    """The part of an instance that a builtin base holds; False where that base is not known."""
    for base in _mro(type(value)):
        writer = CONTENTS.get(base)
        if writer is not None:
            writer(encoder, value)
            return True
    return False


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


CONTENTS: dict[type, Callable[[Encoder, Any], None]] = {
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


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the instances of a class have their attributes: slots by label, and the ``__dict__``."""

    slots: tuple[tuple[str, type, str], ...]
    own: Callable[[object], dict[str, object]] | None

    @classmethod
    def of(cls, kind: type) -> "Layout":
        """That of a class. Raises CannotCompare where instances may keep state elsewhere."""
        slots: list[tuple[str, type, str]] = []
        for place, klass in enumerate(_mro(kind)):  # several may have one name
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
        for klass in _mro(kind):
            member = namespace_of(klass).get("__dict__")
            if type(member) is types.GetSetDescriptorType:
                return cls(tuple(slots), member.__get__)
        return cls(tuple(slots), None)

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


SPECIAL = (type, enum.Enum, pathlib.PurePath)
"""Classes whose instances are written otherwise."""
KNOWN_BASES = frozenset(CONTENTS) | {
    kind
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


def write_instance(encoder: Encoder, value: Any) -> None:
    """A value of a type without a writer of its own."""
    cls = type(value)
    for name in STREAMS:
        if value is vars(sys).get(name):
            encoder.text(b"K", name)
            return
    if issubclass(cls, pathlib.PurePath):
        encoder.text(b"P", str(value))
        write_class(encoder, cls)
    elif issubclass(cls, enum.Enum):
        encoder.put(b"E")
        write_class(encoder, cls)
        state = types.MappingProxyType(attributes(value))
        encoder.several([state.get("_name_"), state.get("_value_")])
    elif issubclass(cls, type):
        write_class(encoder, value)
    elif not (_numpy(encoder, value) or _element(encoder, value)):
        _object(encoder, value)


def write_instances(encoder: Encoder, values: list[object]) -> bool:
    """A run of instances of one class, attribute by attribute; False where they are not alike.

    Of a class that has all in ``__dict__`` and derives from no builtin.
    """
    cls = type(values[0])
    if next(base for base in _mro(cls) if base in CONTENTS) is not object or issubclass(
        cls, SPECIAL
    ):
        return False
    try:
        layout = Layout.of(cls)
    except CannotCompare:  # unless it has a way of its own, as arrays of numpy have
        return False
    if layout.slots or layout.own is None or not known(cls):
        return False
    held = [layout.own(value) for value in values]
    if set(map(type, held)) != {dict}:
        return False  # one that was put there may give out something else than it holds
    if set(map(type, chain.from_iterable(held))) != {str}:
        return False  # none at all, or names that could have a say in what equals them
    names = held[0].keys()
    if any(own.keys() != names for own in held) or not encoder.all_fresh(values):
        return False
    encoder.text(b"=O", class_name(cls))
    ordered = sorted(names)
    encoder.put(b"#", b"%d" % len(values))
    encoder.several(ordered)
    for name in ordered:
        encoder.several([own[name] for own in held])
    return True


def _object(encoder: Encoder, value: object) -> None:
    state = attributes(value)
    immutable = issubclass(type(value), (int, float, complex, str, bytes, tuple, frozenset))
    if not (immutable and not state) and encoder.seen(value):
        return
    encoder.put(b"o")
    write_class(encoder, type(value))
    if not _contents(encoder, value):
        raise CannotCompare(f"values of {class_name(type(value))}")
    names = sorted(state)
    if encoder.any_message and issubclass(type(value), BaseException):
        names = [name for name in names if not _message(name, state[name])]
    encoder.several(names)
    encoder.several([state[name] for name in names])


def _message(name: str, value: object) -> bool:
    """Whether an attribute of an exception is (part of) what it says to people."""
    return name == "__notes__" or type(value) is str


def _element(encoder: Encoder, value: Any) -> bool:
    """An element of a tree that C code made; without importing it."""
    home = sys.modules.get("xml.etree.ElementTree")
    if home is None or type(value) is not vars(home).get("Element"):
        return False
    if not encoder.seen(value):
        encoder.text(b"K", "Element")
        encoder.several([value.tag, value.text, value.tail, value.attrib])
        encoder.several(list(value))
    return True


def _numpy(encoder: Encoder, value: Any) -> bool:
    """Arrays and scalars of numpy: type, shape and memory; without importing it."""
    cls = type(value)  # never isinstance, which asks the value for its __class__
    numpy = sys.modules.get("numpy")
    array, generic = getattr(numpy, "ndarray", None), getattr(numpy, "generic", None)
    if array is None or generic is None or not issubclass(cls, (array, generic)):
        return False
    if cls is not array and not issubclass(cls, generic):
        raise CannotCompare(f"values of {class_name(cls)}")
    if value.dtype.hasobject:
        raise CannotCompare("numpy arrays of objects")
    if cls is array and encoder.seen(value):
        return True
    encoder.text(b"n", f"{class_name(cls)} {value.dtype.descr} {value.shape}")
    if encoder.tolerant and value.dtype.kind in "fc":
        flat = value.ravel()
        parts = [flat.real, flat.imag] if value.dtype.kind == "c" else [flat]
        for part in parts:
            encoder.floats.extend(part.astype("f8").tolist())
    else:
        encoder.put(b"n", value.tobytes())
    return True


@writes(types.BuiltinFunctionType, type(re.compile("").match), types.MethodWrapperType)
def _builtin(encoder: Encoder, value: Any) -> None:
    encoder.text(b"D", f"{value.__qualname__}")
    encoder.write(value.__self__)


@writes(types.MethodDescriptorType, types.WrapperDescriptorType)
def _descriptor(encoder: Encoder, value: Any) -> None:
    encoder.text(b"D", f"{class_name(value.__objclass__)}.{value.__name__}")


@writes(types.MethodType)
def _method(encoder: Encoder, value: types.MethodType) -> None:
    encoder.put(b"M")
    encoder.write(value.__func__)
    encoder.write(value.__self__)


@writes(functools.partial)
def _partial(encoder: Encoder, value: "functools.partial[object]") -> None:
    if not encoder.seen(value):
        encoder.put(b"p")
        encoder.several([value.func, value.args, value.keywords, vars(value)])


@writes(re.Pattern)
def _pattern(encoder: Encoder, value: "re.Pattern[Any]") -> None:
    encoder.put(b"R")
    encoder.several([value.pattern, value.flags])


@writes(re.Match)
def _match(encoder: Encoder, value: "re.Match[Any]") -> None:
    encoder.put(b"G")
    encoder.several([value.re, value.string, value.regs, value.pos, value.endpos])


@writes(Consumed)
def _consumed(encoder: Encoder, value: Consumed) -> None:
    encoder.text(b"I", f"{value.kind} {value.ended}")
    encoder.several(value.items)
    encoder.write(value.error)
    if value.read is None:
        return
    write_class(encoder, type(value.read))
    try:
        state = attributes(value.read)
    except CannotCompare:  # what it keeps in C is told by what it gives
        return
    # What it goes over is told by what it gives, too.
    names = [name for name in sorted(state) if not isinstance(state[name], Iterator)]
    encoder.several(names)
    encoder.several([state[name] for name in names])


@writes(type(iter([])), type(iter(())), type(reversed([])), type(iter(range(0))), type(iter("")))
def _started(encoder: Encoder, value: Any) -> None:
    """An iterator over a plain collection: what is left of it, which asking does not use up."""
    if not encoder.seen(value):
        encoder.text(b"J", type(value).__name__)
        encoder.several(list(copy.copy(value)))


@writes(enumerate, zip)
def _joined(encoder: Encoder, value: Any) -> None:
    """An iterator over iterators: what it holds of these, and where it is."""
    if not encoder.seen(value):
        encoder.text(b"J", type(value).__name__)
        encoder.several(list(value.__reduce__()[1:]))


@writes(itertools.count)
def _count(encoder: Encoder, value: "itertools.count[Any]") -> None:
    if not counts_ints(value):
        raise CannotCompare("a count of something else than ints")
    if not encoder.seen(value):
        encoder.text(b"J", repr(value))


@writes(io.StringIO, io.BytesIO)
def _stream(encoder: Encoder, value: Any) -> None:
    if not encoder.seen(value):
        encoder.text(b"K", type(value).__name__)
        closed = value.closed
        encoder.several([closed] if closed else [value.getvalue(), value.tell()])


@writes(types.SimpleNamespace)
def _simple(encoder: Encoder, value: types.SimpleNamespace) -> None:
    if not encoder.seen(value):
        encoder.put(b"O")
        encoder.several(list(vars(value)))
        encoder.several(list(vars(value).values()))


@writes(decimal.Decimal)
def _decimal(encoder: Encoder, value: decimal.Decimal) -> None:
    encoder.text(b"X", str(value))  # tells 1.0 from 1.00, and one NaN from another


@writes(datetime.date, datetime.timedelta)
def _date(encoder: Encoder, value: datetime.date) -> None:
    encoder.text(b"Y", repr(value))


@writes(datetime.datetime, datetime.time)
def _time(encoder: Encoder, value: Any) -> None:
    encoder.text(b"Y", f"{value.replace(tzinfo=None)!r} {value.fold}")
    encoder.write(value.tzinfo)


@writes(datetime.timezone, zoneinfo.ZoneInfo)
def _zone(encoder: Encoder, value: datetime.tzinfo) -> None:
    encoder.text(b"Y", repr(value))


def refuses(types_: Iterable[type], what: str) -> None:
    """Registers types whose values cannot be compared at all."""

    def refuse(_encoder: Encoder, _value: object) -> None:
        raise CannotCompare(what)

    writes(*types_)(refuse)


refuses(
    [types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType],
    "a generator or coroutine, which has not run yet",
)
ITERABLES: tuple[Any, ...] = ({}, {}.values(), {}.items(), set(), "é", b"", bytearray())
refuses(
    [type(iter(x)) for x in (*ITERABLES, range(1 << 70), reversed({}))]
    + [map, filter, type(iter(int, 1))],
    "an iterator, which comparing would use up",
)
refuses([types.FrameType, types.TracebackType], "frames")
