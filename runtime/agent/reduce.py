"""How values of the types that may be captured are pickled, without asking the values."""

from __future__ import annotations

import sys
from copyreg import __newobj_ex__, _reconstructor  # type: ignore[attr-defined]
from sys import getrefcount
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    NotImplementedType,
)

from selfsame.runtime.agent.backend import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A metaclass may answer `kind.anything` itself; these ask ``type``.
_namespace_of = type.__dict__["__dict__"].__get__
_of_type = type.__getattribute__
_get = object.__getattribute__
HEAP_TYPE = 1 << 9
MOST_ARRAY = 1 << 20
MOST_ITEMS = 1 << 14  # of a container that is copied before the pickler can ask for room
OWN_PICKLING = (
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
)
# What a class may have that is asked where a pickle puts attributes into an instance of it.
_ASKED = ("__getattr__", "__getattribute__")
# What an instance of a derived class has of a builtin one, as an exact value of that type.
_CONTENTS: dict[type, Any] = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytearray.__getitem__(value, slice(None)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: list(set.__iter__(value)),
    frozenset: lambda value: list(frozenset.__iter__(value)),
}


class Unpicklable(Exception):
    """A value that is not captured; the message is the reason, with a type but no value in it."""


def reduce(value: Any) -> Any:
    """For ``Pickler.reducer_override``. Raises Unpicklable with the reason."""
    how = _ways.get(id(type(value)))  # by id: a metaclass may have a hash of its own
    return how(value) if how is not None else _way(type(value))(value)


def _way(kind: type) -> Any:
    """How the instances of a class are pickled; found out once a class, until `forget`."""
    how = _global if issubclass(kind, type) else _library(kind)
    if how is not None:
        _kinds.append(kind)  # so its id stays its own; a plan has its class
    else:
        how = _Plan(kind).way()
    _ways[id(kind)] = how
    return how


def forget() -> None:
    """Look at the user's classes anew from here on: one may have got a ``__setstate__`` since."""
    for place, how in list(_ways.items()):
        if type(getattr(how, "__self__", None)) is _Plan:
            _ways.pop(place, None)


def _itself(value: Any) -> Any:
    return NotImplemented  # the pickler knows it


def placed(value: object, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
    """Put captured attributes and slots where they were, without asking the class for a way."""
    own, slots = state
    for base in _of_type(type(value), "__mro__"):
        for name, entry in _namespace_of(base).items():
            if type(entry) is MemberDescriptorType and name in slots:
                entry.__set__(value, slots[name])
            elif own and name == "__dict__" and type(entry) is GetSetDescriptorType:
                entry.__get__(value).update(own)
                own = None


def _library(kind: type) -> Any:
    """The way for a type of the standard library's, None for another; names alone can lie."""
    if issubclass(kind, BuiltinFunctionType):  # that of methods that know their class, as Pattern's
        return _builtin
    for (module, name), how in _LIBRARY.items():
        if _is_of(kind, module, name):
            return how
    numpy = sys.modules.get("numpy")
    if numpy is not None and str(_of_type(kind, "__module__")).partition(".")[0] == "numpy":
        bases = _of_type(kind, "__mro__")
        if any(numpy.__dict__.get(name) in bases for name in ("dtype", "generic")):
            return _by_type  # float64(1.5), dtype("int32"): all in C
    return None


def _global(value: Any) -> Any:
    """By reference, where the name leads to this very value."""
    for base in _of_type(type(value), "__mro__"):
        if _of_type(base, "__flags__") & HEAP_TYPE and "__getattribute__" in _namespace_of(base):
            raise Unpicklable("a class whose metaclass answers for it")
    module, qualname = _name(value)
    home = sys.modules.get(module) if type(module) is str else None
    if home is None or type(qualname) is not str or not _leads(home, qualname, value):
        raise Unpicklable(f"a {_called(value)} that is not found under its name")
    return NotImplemented


def _name(named: Any) -> tuple[Any, Any]:
    if issubclass(type(named), type):
        module = _namespace_of(named).get("__module__")
        if not _of_type(named, "__flags__") & HEAP_TYPE:
            module = _of_type(named, "__module__")
        return module, _of_type(named, "__qualname__")
    return named.__module__, named.__qualname__


def _leads(home: ModuleType, qualname: str, value: Any) -> bool:
    found: Any = home
    for part in qualname.split("."):
        if type(found) is ModuleType:
            namespace = found.__dict__
        elif issubclass(type(found), type):
            namespace = _namespace_of(found)
        else:
            return False
        if part not in namespace:
            return False
        found = namespace[part]
    return found is value or (type(found) is staticmethod and found.__func__ is value)


def _called(value: Any) -> str:
    return "class" if issubclass(type(value), type) else "function"


def _exception(value: BaseException) -> tuple[Any, ...]:
    """The arguments of an exception that was not raised yet, and that no other one led to."""
    for name in ("__cause__", "__context__", "__traceback__"):
        if _namespace_of(BaseException)[name].__get__(value) is not None:
            raise Unpicklable("an exception that was raised")
    arguments: tuple[Any, ...] = _namespace_of(BaseException)["args"].__get__(value)
    return arguments


def _is_exception(kind: type) -> bool:
    """Whether a builtin type is one of the exceptions that hold their arguments and nothing else."""
    size = _of_type(kind, "__basicsize__")
    return issubclass(kind, Exception) and size == _of_type(Exception, "__basicsize__")


def _builtin(value: Any) -> Any:
    owner = value.__self__
    if type(owner) is ModuleType:
        return _global(value)
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
    for base in _of_type(owner, "__mro__"):
        if name in (namespace := _namespace_of(base)):
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
    raise Unpicklable("a module")  # a worker imports nothing for a payload


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
    _bounded(type(value).__length_hint__(value))
    return _by_type(value)


def _bounded(items: int) -> None:
    if items > MOST_ITEMS:
        raise Unpicklable("larger than the budget")


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
    id(FunctionType): _global,
    id(BuiltinFunctionType): _builtin,
    id(MethodType): _method,
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
    if factory is not None and not (type(factory) is type and _is_builtin(factory)):
        raise Unpicklable("a defaultdict whose factory is not a built-in type")
    return type(value), (factory,), None, None, iter(value.items())


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
    _bounded(len(value.string))  # it is looked for again
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
        raise Unpicklable("larger than the budget")
    return _by_type(value)


def _is_builtin(kind: type) -> bool:
    return not kind.__flags__ & HEAP_TYPE and kind.__module__ == "builtins"


_LIBRARY: dict[tuple[str, str], Any] = {
    ("collections", "deque"): _deque,
    ("collections", "OrderedDict"): _ordered,
    ("collections", "defaultdict"): _defaultdict,
    ("collections", "Counter"): _counter,
    ("datetime", "date"): _by_type,
    ("datetime", "time"): _by_type,
    ("datetime", "datetime"): _by_type,
    ("datetime", "timedelta"): _by_type,
    ("datetime", "timezone"): _by_type,
    ("decimal", "Decimal"): _by_type,
    ("fractions", "Fraction"): _fraction,
    ("random", "Random"): _numbers,
    ("re", "Match"): match,
    ("re", "Pattern"): _pattern,
    ("uuid", "UUID"): _uuid,
    ("pathlib", "PurePosixPath"): _by_type,
    ("pathlib", "PosixPath"): _by_type,
    ("types", "SimpleNamespace"): _by_type,
    ("array", "array"): _by_type,
    ("numpy", "ndarray"): _array,
}


class _Plan:
    """How the instances of one class are pickled; found out once a class."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.reason = ""
        self.slots: list[tuple[str, Any]] = []
        self.asked = False
        self.tuple = False
        self.exception = False
        self.base: type = object
        # Not __newobj__: for that the pickler asks the value for its __class__. The same for all of
        # them, so a payload has it once.
        self.made: Any = (__newobj_ex__, (kind, (), {}))
        self.enum = self._is_enum()
        if not _of_type(kind, "__flags__") & HEAP_TYPE:
            self.exception = _is_exception(kind)
            if self.exception:
                self._look()
                return
            self.reason = f"a {_of_type(kind, '__name__')}"
            return
        try:
            _global(kind)
        except Unpicklable as refused:
            self.reason = f"an instance of {refused}"
            return
        if not self.enum:
            self._look()

    def way(self) -> Any:
        """The quickest function that does it."""
        if self.reason:
            return self._refuse
        if self.enum:
            return self._member
        if self.tuple:
            return self._named_tuple
        if self.exception or self.base is not object or self.asked or self.slots:
            return self._instance
        return self._of_dict if self.dict is not None else self._bare

    def _refuse(self, value: Any) -> Any:
        raise Unpicklable(self.reason)

    def _named_tuple(self, value: Any) -> Any:
        return __newobj_ex__, (self.kind, tuple(tuple.__iter__(value)), {})

    def _bare(self, value: Any) -> Any:
        return *self.made, None

    def _of_dict(self, value: Any) -> Any:
        own = attributes(value)
        if own is None:
            own = self.dict.__get__(value)
            if type(own) is not dict or getrefcount(own) > _OWN:
                raise Unpicklable("an instance whose attributes are in a dict that others have")
        return *self.made, own or None

    def _instance(self, value: Any) -> Any:
        made: Any = self.made
        if self.exception:
            made = (__newobj_ex__, (self.kind, _exception(value), {}))
        elif self.base is not object:
            # By the builtin type, which asks nothing of the class.
            length = _namespace_of(self.base).get("__len__")
            if length is not None:
                _bounded(length(value))
            made = (_reconstructor, (self.kind, self.base, _CONTENTS[self.base](value)))
        names = {}
        for name, descriptor in self.slots:
            try:
                names[name] = descriptor.__get__(value)
            except AttributeError:  # not set
                continue
        own = self._of_dict(value)[2] if self.dict is not None else None
        if self.asked and (own or names):
            return *made, (own, names), None, None, placed
        return *made, (own, names) if names else own

    def _is_enum(self) -> bool:
        enum = sys.modules.get("enum")
        return enum is not None and issubclass(type(self.kind), enum.EnumMeta)

    def _member(self, value: Any) -> Any:
        name = _get(value, "__dict__").get("_name_")
        members = _namespace_of(self.kind).get("_member_map_", {})
        if type(name) is not str or members.get(name) is not value:
            raise Unpicklable("an enum value without a name")
        return self.kind, (_get(value, "_value_"),)

    def _look(self) -> None:
        """Decide whether the class is plain: nothing of its own takes part in pickling."""
        self.dict: Any = None
        made = sets = False
        bases = _of_type(self.kind, "__mro__")[:-1]
        if bases[1:] == (tuple,) and _is_namedtuple(self.kind):
            self.tuple = True
            return
        for base in bases:
            namespace = _namespace_of(base)
            if not _of_type(base, "__flags__") & HEAP_TYPE:
                if base in _CONTENTS:
                    self.base = base
                    break
                if _is_exception(base):
                    self.exception = True
                    break
                name = _of_type(base, "__name__")
                self.reason = f"an instance of a class derived from {name}"
                return
            if _is_namedtuple(base):
                continue
            own = [name for name in OWN_PICKLING if name in namespace]
            if own == ["__getstate__", "__setstate__"] and _by_dataclass(namespace):
                self.asked = True
            elif own and namespace.get("__module__") != "typing":
                self.reason = f"an instance of a class with a {own[0]} of its own"
                return
            made |= "__new__" in namespace and namespace.get("__module__") != "typing"
            self.asked |= any(name in namespace for name in _ASKED)
            sets |= "__setattr__" in namespace
            for name, entry in namespace.items():
                if type(entry) is MemberDescriptorType:
                    if any(name == other for other, _ in self.slots):
                        self.reason = "an instance of a class with two slots of one name"
                    self.slots.append((name, entry))
                elif name == "__dict__" and type(entry) is GetSetDescriptorType:
                    self.dict = entry
                elif name == "__dict__":
                    self.reason = "an instance of a class with a __dict__ of its own"
        if self.exception:
            self.dict = _namespace_of(BaseException)["__dict__"]
            sets = True  # its own way takes no slots
        self.asked |= sets and bool(self.slots)
        if made and self.base is object:  # often the only one of its kind
            self.reason = "an instance of a class with a __new__ of its own"


def _is_namedtuple(kind: type) -> bool:
    """Made by ``collections.namedtuple``: nothing in it was written by the user."""
    namespace = _namespace_of(kind)
    collections = sys.modules.get("collections")
    get = namespace.get("__getnewargs__")
    new: Any = namespace.get("__new__")
    new = new.__func__ if type(new) is staticmethod else new
    return (
        collections is not None
        and type(get) is FunctionType
        and get.__code__.co_filename == getattr(collections, "__file__", None)
        and type(new) is FunctionType
        and new.__code__.co_filename.startswith("<")
    )


def _by_dataclass(namespace: Any) -> bool:
    """Frozen and slotted dataclasses bring a ``__getstate__`` of the library's."""
    module = sys.modules.get("dataclasses")
    return (
        module is not None
        and namespace["__getstate__"] is getattr(module, "_dataclass_getstate", None)
        and "__dataclass_fields__" in namespace
    )


class _Probe:
    pass


def _count_of_own() -> int:
    """How many references the dict of an instance has in `_Plan._of_dict` where nobody else has it."""
    value = _Probe()
    own = _namespace_of(_Probe)["__dict__"].__get__(value)
    return getrefcount(own)


_OWN = _count_of_own()
_kinds: list[type] = []
