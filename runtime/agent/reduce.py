"""How values of the types that may be captured are pickled, without asking the values."""

from __future__ import annotations

import sys
from gc import get_referents
from types import (
    BuiltinFunctionType,
    CellType,
    EllipsisType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    NotImplementedType,
)

from selfsame.runtime.agent import closures, plans
from selfsame.runtime.agent.backend import attributes
from selfsame.runtime.agent.naming import (
    HEAP_TYPE,
    TOO_LARGE,
    Unpicklable,
    bounded,
    by_name,
    namespace_of,
    of_type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_get = object.__getattribute__
MOST_ARRAY = 1 << 20
STREAMS = ("stdin", "stdout", "stderr")


def reduce(value: Any) -> Any:
    """For ``Pickler.reducer_override``. Raises Unpicklable with the reason."""
    how = _ways.get(id(type(value)))  # by id: a metaclass may have a hash of its own
    return how(value) if how is not None else _way(type(value))(value)


def _way(kind: type) -> Any:
    """How the instances of a class are pickled; found out once a class, until `forget`."""
    how = by_name if issubclass(kind, type) else _library(kind)
    if how is not None:
        _kinds.append(kind)  # so its id stays its own; a plan has its class
    else:
        how = plans.Plan(kind).way()
    _ways[id(kind)] = how
    return how


def forget() -> None:
    """Look at the user's classes anew from here on: one may have got a ``__setstate__`` since."""
    plans.forget()
    for place, how in list(_ways.items()):
        if type(getattr(how, "__self__", None)) is plans.Plan:
            _ways.pop(place, None)


def _itself(value: Any) -> Any:
    return NotImplemented  # the pickler knows it


def _library(kind: type) -> Any:
    """The way for a type of the standard library's, None for another; names alone can lie."""
    if issubclass(kind, BuiltinFunctionType):  # that of methods that know their class, as Pattern's
        return _builtin
    for (module, name), how in _LIBRARY.items():
        if _is_of(kind, module, name):
            return how
    numpy = sys.modules.get("numpy")
    if numpy is not None and str(of_type(kind, "__module__")).partition(".")[0] == "numpy":
        bases = of_type(kind, "__mro__")
        if any(numpy.__dict__.get(name) in bases for name in ("dtype", "generic")):
            return _by_type  # float64(1.5), dtype("int32"): all in C
    return None


def _builtin(value: Any) -> Any:
    owner = value.__self__
    if type(owner) is ModuleType:
        return by_name(value)
    if not _has_known_methods(type(owner)):
        raise Unpicklable("a bound method of a built-in type")
    return builtin_method, (owner, value.__qualname__)


def _method(value: Any) -> Any:
    function, owner = value.__func__, value.__self__
    if type(function) is not FunctionType:
        raise Unpicklable("a method that is no function")
    if issubclass(type(owner), type) and _class_method(owner, function.__name__) is function:
        return class_method, (owner, function.__name__)
    return bound, (function, owner)


def _class_method(owner: type, name: str) -> object:
    """The function of a class method by the name that a class knows it by; None where it is none."""
    for base in of_type(owner, "__mro__"):
        if name in (namespace := namespace_of(base)):
            found = namespace[name]
            return found.__func__ if type(found) is classmethod else None
    return None


def class_method(owner: type, name: str) -> MethodType:
    """A captured class method, bound to its class again. Raises Unpicklable where there is none."""
    function = _class_method(owner, name)
    if type(function) is not FunctionType:
        raise Unpicklable("a method that its class does not have")
    return MethodType(function, owner)


def bound(function: FunctionType, owner: object) -> MethodType:
    """A captured bound method, made again."""
    return MethodType(function, owner)


def builtin_method(owner: object, qualname: str) -> object:
    """A captured method of a builtin value, ``list.append`` say, made again.

    Raises Unpicklable where ``owner`` is of another type.
    """
    if not _has_known_methods(type(owner)):
        raise Unpicklable("a bound method of a built-in type")
    return getattr(owner, qualname.rpartition(".")[2])


def _has_known_methods(kind: type) -> bool:
    if kind in _WITH_METHODS:
        return True
    return any(_is_of(kind, module, name) for module, name in _MORE_WITH_METHODS)


def _is_of(kind: type, module: str, name: str) -> bool:
    home = sys.modules.get(module)
    return home is not None and home.__dict__.get(name) is kind


def _module(value: ModuleType) -> Any:
    """By name, where that leads to this very module."""
    name = value.__dict__.get("__name__")
    if type(name) is not str or sys.modules.get(name) is not value:
        raise Unpicklable("a module that is not found under its name")
    return module, (name,)


def module(name: str) -> ModuleType:
    """A captured module. Raises Unpicklable where it is not imported: nothing is for a payload."""
    found = sys.modules.get(name)
    if type(found) is not ModuleType:
        raise Unpicklable(f"the module {name}, which a worker does not import")
    return found


def _generator(value: Any) -> Any:
    raise Unpicklable(f"a generator of {value.gi_code.co_qualname}")


def _slice(value: slice) -> Any:
    return slice, (value.start, value.stop, value.step)


def _range(value: range) -> Any:
    return range, (value.start, value.stop, value.step)


def _complex(value: complex) -> Any:
    return complex, (value.real, value.imag)


def _by_type(value: Any) -> Any:
    reduce_ex: Any = type(value).__reduce_ex__
    return reduce_ex(value, 5)


def _iterator(value: Any) -> Any:
    """One over a dict or a set gives what is left of it as a list."""
    bounded(type(value).__length_hint__(value))
    return _by_type(value)


# Iterators whose own ``__reduce__``, in C, gives what they go over and where they are.
_OTHERS: tuple[type, ...] = (type(reversed([])), enumerate, zip)
_COPYING: tuple[Any, ...] = ({}, {}.values(), {}.items(), set())
_REFERRING: tuple[Any, ...] = ([], (), "", "\xe9", b"", bytearray(), range(0))

_WITH_METHODS = frozenset({list, dict, set, frozenset, str, bytes, bytearray, tuple})
_MORE_WITH_METHODS = (("re", "Pattern"), ("collections", "deque"))
_ways: dict[int, Any] = {
    **{id(type(iter(each))): _iterator for each in _COPYING},
    **{id(type(iter(each))): _by_type for each in _REFERRING},
    **{id(kind): _by_type for kind in _OTHERS},
    id(EllipsisType): _itself,
    id(NotImplementedType): _itself,
    id(CellType): closures.reduced_cell,
    id(FunctionType): closures.reduced,
    id(BuiltinFunctionType): _builtin,
    id(MethodType): _method,
    id(GeneratorType): _generator,
    id(ModuleType): _module,
    id(slice): _slice,
    id(range): _range,
    id(complex): _complex,
}


def _deque(value: Any) -> Any:
    return type(value), ((), value.maxlen), None, iter(value)


def _ordered(value: Any) -> Any:
    return type(value), (), None, None, iter(value.items())


def _defaultdict(value: Any) -> Any:
    factory = value.default_factory
    plain = factory is None or (type(factory) is type and _is_builtin(factory))
    return type(value) if plain else maker, (factory,), None, None, iter(value.items())


def maker(factory: Any) -> object:
    """A captured defaultdict that runs code for what it does not hold, made again without its items."""
    from collections import defaultdict

    return defaultdict(factory)


def _counter(value: Any) -> Any:
    if _get(value, "__dict__"):
        raise Unpicklable("a Counter with attributes of its own")
    return type(value), (), None, None, iter(dict.items(value))


def _fraction(value: Any) -> Any:
    return type(value), (_get(value, "_numerator"), _get(value, "_denominator"))


def _pattern(value: Any) -> Any:
    return sys.modules["re"]._compile, (value.pattern, value.flags)


def match(value: Any) -> Any:
    """A match: its pattern and text, and where it begins, from where it looks the same again."""
    bounded(len(value.string))  # it is looked for again
    begin, end = value.start(), value.endpos
    for how, place in (("match", begin), ("fullmatch", begin), ("search", value.pos)):
        asked = (value.re, value.string, how, place, end)
        try:
            if matched(*asked).regs == value.regs:
                return matched, asked
        except Unpicklable:
            continue
    raise Unpicklable("a match that is not found again")


def matched(pattern: Any, text: Any, how: str, begin: int, end: int) -> Any:
    """A captured match, made again. Raises Unpicklable where nothing is found."""
    found = getattr(sys.modules["re"].Pattern, how)(pattern, text, begin, end)
    if found is None:
        raise Unpicklable("a match that is not found again")
    return found


def _uuid(value: Any) -> Any:
    return type(value), (None, None, None, None, _get(value, "int"))


def _numbers(value: Any) -> Any:
    """A generator of random numbers: its state. That behind the functions of ``random`` is theirs."""
    if value is sys.modules["random"]._inst:
        raise Unpicklable("the generator that the functions of random draw from")
    return numbers, drawn(value)


def drawn(value: Any) -> tuple[bytes, Any]:
    """The state of a ``random.Random``: its 625 words, and the second of a pair of normal numbers."""
    own = attributes(value)
    own = _get(value, "__dict__") if own is None else own
    if list(own) != ["gauss_next"]:
        raise Unpicklable("a random.Random with attributes of its own")
    from struct import pack  # in C; a program that has random has it, or nearly

    state = sys.modules["random"]._random.Random.getstate(value)
    return pack("<625I", *state), own["gauss_next"]


def numbers(state: bytes, gauss_next: float | None) -> object:
    """A captured ``random.Random``, made again: it draws the same numbers from here on.

    Raises struct.error where ``state`` is not its 625 words.
    """
    from random import Random
    from struct import unpack

    made = Random(0)
    made.setstate((Random.VERSION, unpack("<625I", state), gauss_next))
    return made


def _array(value: Any) -> Any:
    if value.nbytes > MOST_ARRAY:  # the pickler would copy it before it asks for room
        raise Unpicklable(TOO_LARGE)
    return _by_type(value)


def _variable(value: Any) -> Any:
    """A type variable: nothing but itself."""
    home, name = sys.modules.get(value.__module__), value.__name__
    if type(home) is not ModuleType or home.__dict__.get(name) is not value:
        raise Unpicklable("a type variable that is not found under its name")
    return variable, (value.__module__, name)


def variable(home: str, name: str) -> object:
    """A captured type variable. Raises Unpicklable where it is not there."""
    found = module(home).__dict__.get(name)
    if type(found).__module__ != "typing":
        raise Unpicklable("a type variable that is not found under its name")
    return found


def _memory_file(value: Any) -> Any:
    if sys.getsizeof(value) > MOST_ARRAY:
        raise Unpicklable(TOO_LARGE)
    return _by_type(value)


def _stream(value: Any) -> Any:
    for name in STREAMS:
        if sys.__dict__.get(name) is value:
            return stream, (name,)
    raise Unpicklable("a _io.TextIOWrapper")


def stream(name: str) -> object:
    """A captured standard stream: that of this process. Raises Unpicklable for another name."""
    if name not in STREAMS:
        raise Unpicklable("a stream that is none of the standard ones")
    found: object = sys.__dict__.get(name)
    return found


def _element(value: Any) -> Any:
    bounded(len(value))
    return _by_type(value)


def counts_ints(value: Any) -> bool:
    """Whether an ``itertools.count`` holds nothing but ints, and its class where the interpreter says so."""
    try:
        parts = get_referents(value)
    except Exception:  # an audit hook of the program's forbids to ask
        return False
    return all(type(part) is int or part is type(value) for part in parts)


def _count(value: Any) -> Any:
    """By its text, which C makes of plain numbers: its own way to be pickled warns."""
    if not counts_ints(value):
        raise Unpicklable("a count of something else than ints")
    start, _, step = repr(value)[6:-1].partition(", ")
    return type(value), (int(start), int(step or 1))


def _is_builtin(kind: type) -> bool:
    return not kind.__flags__ & HEAP_TYPE and kind.__module__ == "builtins"


_LIBRARY: dict[tuple[str, str], Any] = {
    ("collections", "deque"): _deque,
    ("collections", "OrderedDict"): _ordered,
    ("collections", "defaultdict"): _defaultdict,
    ("collections", "Counter"): _counter,
    ("collections.abc", "_CallableGenericAlias"): _by_type,
    ("datetime", "date"): _by_type,
    ("datetime", "time"): _by_type,
    ("datetime", "datetime"): _by_type,
    ("datetime", "timedelta"): _by_type,
    ("datetime", "timezone"): _by_type,
    ("decimal", "Decimal"): _by_type,
    ("_io", "BytesIO"): _memory_file,
    ("_io", "StringIO"): _memory_file,
    ("_io", "TextIOWrapper"): _stream,
    ("fractions", "Fraction"): _fraction,
    ("functools", "partial"): _by_type,
    ("itertools", "count"): _count,
    ("random", "Random"): _numbers,
    ("re", "Match"): match,
    ("re", "Pattern"): _pattern,
    ("uuid", "UUID"): _uuid,
    ("pathlib", "PurePosixPath"): _by_type,
    ("pathlib", "PosixPath"): _by_type,
    ("types", "GenericAlias"): _by_type,
    ("typing", "TypeVar"): _variable,
    ("typing", "ParamSpec"): _variable,
    ("types", "SimpleNamespace"): _by_type,
    ("array", "array"): _by_type,
    ("xml.etree.ElementTree", "Element"): _element,
    ("numpy", "ndarray"): _array,
}


_kinds: list[type] = []
