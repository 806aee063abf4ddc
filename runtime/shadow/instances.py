"""How `Encoder` writes what is not a plain builtin: instances, exceptions, functions, the stdlib.

An instance is its class by name, the content of the builtin it derives from, and its attributes in
``__dict__`` and slots, sorted by name. Its class is accepted only where those are all its state:
each class in the chain of bases must be no larger than its own slots make it.
"""

import collections
import datetime
import decimal
import enum
import functools
import pathlib
import re
import sys
import types
import zoneinfo
from collections.abc import Iterable
from typing import Any

from selfsame.runtime.shadow.outcome import CannotCompare, Encoder, writes

_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_base = type.__dict__["__base__"].__get__
_size = type.__dict__["__basicsize__"].__get__
_flags = type.__dict__["__flags__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_HEAP = 1 << 9
_WORD = 8
_MISSING = object()


def class_name(cls: type) -> str:
    """``module.qualname`` of a class, without its metaclass having a say."""
    module = _namespace(cls).get("__module__", "builtins")
    return f"{module if isinstance(module, str) else '?'}.{_qualname(cls)}"


def _contents(encoder: Encoder, value: Any) -> bool:
    """The part of an instance that a builtin base holds; False where that base is not known."""
    for base in _mro(type(value)):
        if base is object:
            return True
        if base in (int, float, complex, str, bytes):
            plain: Any = {
                int: int.__int__, float: float.__float__, complex: complex.__complex__,
                str: lambda s: str.__getitem__(s, slice(None)),
                bytes: lambda b: bytes.__getitem__(b, slice(None)),
            }[base](value)  # fmt: skip
            encoder.write(base.__add__(plain, base()) if type(plain) is not base else plain)
            return True
        if base in (list, tuple, collections.deque):
            encoder.several(list(base.__iter__(value)))
            if base is collections.deque:
                encoder.write(collections.deque.maxlen.__get__(value))  # type: ignore[attr-defined]
            return True
        if base in (dict, collections.OrderedDict):
            encoder.several(list(base.keys(value)))
            encoder.several([dict.__getitem__(value, k) for k in base.keys(value)]
                            if base is collections.OrderedDict else list(dict.values(value)))  # fmt: skip
            return True
        if base is collections.defaultdict:
            encoder.write(_slot(collections.defaultdict, "default_factory", value))
            continue  # then as the dict that it is
        if base in (set, frozenset):
            encoder.unordered(list(base.__iter__(value)))
            return True
        if base is bytearray:
            encoder.put(b"B", bytes(bytearray.__getitem__(value, slice(None))))
            return True
        if base is BaseException:
            _exception(encoder, value)
            return True
    return False


def _slot(cls: type, name: str, value: object) -> object:
    try:
        return _namespace(cls)[name].__get__(value, cls)
    except AttributeError:
        return _MISSING


def _exception(encoder: Encoder, value: BaseException) -> None:
    encoder.several(list(BaseException.args.__get__(value)))  # type: ignore[attr-defined]
    cause = BaseException.__cause__.__get__(value)  # type: ignore[attr-defined]
    encoder.write(cause)
    if isinstance(value, OSError):
        encoder.several([_slot(OSError, n, value) for n in ("filename", "filename2")])


def attributes(value: object) -> dict[str, object]:
    """All attributes in ``__dict__`` and slots, read without user code.

    Raises CannotCompare where the class may keep state elsewhere.
    """
    cls = type(value)
    found: dict[str, object] = {}
    for klass in _mro(cls):
        own = _namespace(klass)
        if klass in KNOWN_BASES:
            continue
        if not _flags(klass) & _HEAP and not class_name(klass).startswith("builtins."):
            raise CannotCompare(f"{class_name(cls)} keeps state in C")
        words = 0
        for name, member in own.items():
            if type(member) is types.MemberDescriptorType:
                words += 1
                slot = _slot(klass, name, value)
                if slot is not _MISSING:
                    found[f"{_qualname(klass)}.{name}"] = slot
        words += ("__dict__" in own) + ("__weakref__" in own)
        if _size(klass) - _size(_base(klass)) > words * _WORD:
            raise CannotCompare(f"{class_name(cls)} keeps state in C")
    for klass in _mro(cls):
        member = _namespace(klass).get("__dict__")
        if type(member) is types.GetSetDescriptorType:
            found.update(dict.items(member.__get__(value)))
            break
    return found


KNOWN_BASES = frozenset(
    {object, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, bytearray}
    | {collections.deque, collections.OrderedDict, collections.defaultdict}
    | {
        kind
        for kind in vars(sys.modules["builtins"]).values()
        if isinstance(kind, type) and issubclass(kind, BaseException)
    }
)


def write_instance(encoder: Encoder, value: object) -> None:
    """A value of a type without a writer of its own."""
    cls = type(value)
    if issubclass(cls, pathlib.PurePath):
        encoder.text(b"P", f"{class_name(cls)} {value}")
    elif issubclass(cls, enum.Enum):
        encoder.text(b"E", class_name(cls))
        state = types.MappingProxyType(attributes(value))
        encoder.several([state.get("_name_"), state.get("_value_")])
    elif issubclass(cls, type):
        _class(encoder, value)
    elif not _numpy(encoder, value):
        _object(encoder, value)


def _object(encoder: Encoder, value: object) -> None:
    state = attributes(value)
    immutable = issubclass(type(value), (int, float, complex, str, bytes, tuple, frozenset))
    if not (immutable and not state) and encoder.seen(value):
        return
    encoder.text(b"o", class_name(type(value)))
    if not _contents(encoder, value):
        raise CannotCompare(f"values of {class_name(type(value))}")
    names = sorted(state)
    encoder.several(names)
    encoder.several([state[name] for name in names])


def _numpy(encoder: Encoder, value: Any) -> bool:
    """Arrays and scalars of numpy: type, shape and memory; without importing it."""
    numpy = sys.modules.get("numpy")
    array, generic = getattr(numpy, "ndarray", None), getattr(numpy, "generic", None)
    if array is None or generic is None or not isinstance(value, (array, generic)):
        return False
    if type(value) is not array and not isinstance(value, generic):
        raise CannotCompare(f"values of {class_name(type(value))}")
    if value.dtype.hasobject:
        raise CannotCompare("numpy arrays of objects")
    if isinstance(value, array) and encoder.seen(value):
        return True
    encoder.text(b"n", f"{class_name(type(value))} {value.dtype.descr} {value.shape}")
    if encoder.tolerant and value.dtype.kind in "fc":
        flat = value.ravel()
        parts = [flat.real, flat.imag] if value.dtype.kind == "c" else [flat]
        for part in parts:
            encoder.floats.extend(part.astype("f8").tolist())
    else:
        encoder.put(b"n", value.tobytes())
    return True


@writes(type)
def _class(encoder: Encoder, value: Any) -> None:
    if "<locals>" in _qualname(value):
        raise CannotCompare("a class made inside a function")
    encoder.text(b"C", class_name(value))


@writes(types.FunctionType)
def _function(encoder: Encoder, value: types.FunctionType) -> None:
    if "<locals>" in value.__qualname__:
        raise CannotCompare("a function made inside a function")
    line = value.__code__.co_firstlineno if "<lambda>" in value.__qualname__ else 0
    encoder.text(b"D", f"{value.__module__} {value.__qualname__} {line}")


@writes(types.BuiltinFunctionType, types.MethodWrapperType)
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


@writes(types.ModuleType)
def _module(encoder: Encoder, value: types.ModuleType) -> None:
    encoder.text(b"m", value.__name__)


@writes(functools.partial)
def _partial(encoder: Encoder, value: "functools.partial[object]") -> None:
    if not encoder.seen(value):
        encoder.put(b"p")
        encoder.several([value.func, value.args, value.keywords])


@writes(re.Pattern)
def _pattern(encoder: Encoder, value: "re.Pattern[Any]") -> None:
    encoder.put(b"R")
    encoder.several([value.pattern, value.flags])


@writes(re.Match)
def _match(encoder: Encoder, value: "re.Match[Any]") -> None:
    encoder.put(b"G")
    encoder.several([value.re, value.string, value.regs, value.pos, value.endpos])


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
refuses(
    [
        type(iter(x))
        for x in ([], (), {}, set(), "", "é", b"", bytearray(), range(0), range(1 << 70))
    ]
    + [type(reversed([])), type(reversed({})), type(iter({}.values())), type(iter({}.items()))]
    + [map, filter, zip, enumerate, type(iter(int, 1))],
    "an iterator, which comparing would use up",
)
refuses([types.FrameType, types.TracebackType], "frames")
