"""How instances of classes that Python code made are pickled: their attributes, without asking them.

None of what a class says about copying or pickling itself is run: what its instances hold is taken as
it is, from slots, ``__dict__`` and the builtin type that it derives from, and put back the same way.
"""

from __future__ import annotations

import sys
from copyreg import __newobj_ex__, _reconstructor  # type: ignore[attr-defined]
from sys import getrefcount
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType

from selfsame.runtime.agent.backend import attributes, hold
from selfsame.runtime.agent.naming import (
    HEAP_TYPE,
    Unpicklable,
    bounded,
    by_name,
    name_of,
    namespace_of,
    of_type,
    told,
)
from selfsame.runtime.agent.newness import makes_anew

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAKERS = (__newobj_ex__, _reconstructor)
"""What makes an instance without its attributes."""
_get = object.__getattribute__
_size_of = type.__dict__["__basicsize__"].__get__
_base_of = type.__dict__["__base__"].__get__
IMMUTABLE = 1 << 8
WORD = 8
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


def placed(value: object, state: tuple[dict[str, Any] | None, dict[str, Any]]) -> None:
    """Put captured attributes and slots where they were, without asking the class for a way."""
    own, slots = state
    if own and hold(value, own):
        own = None
    for base in of_type(type(value), "__mro__"):
        for name, entry in namespace_of(base).items():
            if type(entry) is MemberDescriptorType and name in slots:
                entry.__set__(value, slots[name])
            elif own and name == "__dict__" and type(entry) is GetSetDescriptorType:
                entry.__get__(value).update(own)
                own = None


def attributed(value: object, own: dict[str, Any]) -> None:
    """Put captured attributes where an instance kept them itself, without a dict.

    A pickle's own way is by its ``__dict__``: from then on attributes take about twice as long to read.
    """
    if not hold(value, own):
        placed(value, (own, {}))


def gathered() -> list[None]:
    """What putting the attributes of all instances gives, one after the other."""
    return []


class Plan:
    """How the instances of one class are pickled; found out once a class."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.reason = ""
        self.slots: list[tuple[str, Any]] = []
        self.asked = self.own = False
        self.tuple = False
        self.exception = False
        self.base: type = object
        # Not __newobj__: for that the pickler asks the value for its __class__. The same for all of
        # them, so a payload has it once.
        self.made: Any = (__newobj_ex__, (kind, (), {}))
        self.enum = self._is_enum()
        if not of_type(kind, "__flags__") & HEAP_TYPE:
            self.exception = _is_exception(kind)
            if self.exception:
                self._look()
                return
            self.reason = f"a {told(kind)}"
            return
        try:
            by_name(kind)
        except Unpicklable as refused:
            self.reason = f"an instance of {refused}"
            return
        if not self.enum:
            self._look()
            self.reason = self.reason and f"an instance of {told(kind)}, {self.reason}"

    def way(self) -> Any:
        """The quickest function that does it."""
        if self.reason:
            return self._refuse
        if self.enum:
            return self._member
        if self.tuple:
            return self._named_tuple
        self.names = names_of_instances(self.kind)
        return self._found_or_copied if self.names else self._quickest

    @property
    def _quickest(self) -> Any:
        if self.exception or self.base is not object or self.asked or self.slots:
            return self._instance
        return self._of_dict if self.dict is not None else self._bare

    def _refuse(self, value: Any) -> Any:
        raise Unpicklable(self.reason)

    def _found_or_copied(self, value: Any) -> Any:
        """Of an instance that its module has under a name: that one, where all that counts is which it is."""
        made = self._quickest(value)
        name = self.names.get(id(value))
        if name is None or self.base is not object or self.exception:
            return made
        if made == (*self.made, None):
            return held, (self.kind, name)
        if self.own:  # which may say that a copy is the same one
            raise Unpicklable(f"an instance of {told(self.kind)} that its module has as {name}")
        return made

    def _named_tuple(self, value: Any) -> Any:
        return __newobj_ex__, (self.kind, tuple(tuple.__iter__(value)), {})

    def _bare(self, value: Any) -> Any:
        return *self.made, None

    def _of_dict(self, value: Any) -> Any:
        own = attributes(value)
        if own is None:
            own = self.dict.__get__(value)
            if type(own) is not dict or getrefcount(own) > _OWN:
                raise Unpicklable(
                    f"an instance of {told(self.kind)} whose attributes are in a dict that others have"
                )
            return *self.made, own or None
        return (*self.made, own, None, None, attributed) if own else (*self.made, None)

    def _instance(self, value: Any) -> Any:
        made: Any = self.made
        if self.exception:
            made = (__newobj_ex__, (self.kind, _exception(value), {}))
        elif self.base is not object:
            # By the builtin type, which asks nothing of the class.
            length = namespace_of(self.base).get("__len__")
            if length is not None:
                bounded(length(value))
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
        members = namespace_of(self.kind).get("_member_map_", {})
        if type(name) is not str or members.get(name) is not value:
            raise Unpicklable("an enum value without a name")
        return self.kind, (_get(value, "_value_"),)

    def _look(self) -> None:
        """Find where the instances have what they hold, and whether that is all of their state."""
        self.dict: Any = None
        sets = False
        makes: list[Any] = []
        bases = of_type(self.kind, "__mro__")[:-1]
        if bases[1:] == (tuple,) and _is_namedtuple(self.kind):
            self.tuple = True
            return
        for base in bases:
            namespace = namespace_of(base)
            if not of_type(base, "__flags__") & HEAP_TYPE:
                if base in _CONTENTS:
                    self.base = base
                    break
                if _is_exception(base):
                    self.exception = True
                    break
                self.reason = f"which derives from {told(base)}"
                return
            if _is_namedtuple(base):
                continue
            if _keeps_more(base):
                self.reason = "which keeps state in C"
                return
            if namespace.get("__module__") != "typing":
                self.own |= any(name in namespace for name in OWN_PICKLING)
                makes += [namespace["__new__"]] if "__new__" in namespace else []
            self.asked |= self.own or any(name in namespace for name in _ASKED)
            sets |= "__setattr__" in namespace
            for name, entry in namespace.items():
                if type(entry) is MemberDescriptorType:
                    if any(name == other for other, _ in self.slots):
                        self.reason = "a class with two slots of one name"
                    self.slots.append((name, entry))
                elif name == "__dict__" and type(entry) is GetSetDescriptorType:
                    self.dict = entry
                elif name == "__dict__":
                    self.reason = "a class with a __dict__ of its own"
        if self.exception:
            self.dict = namespace_of(BaseException)["__dict__"]
            sets = True  # its own way takes no slots
        self.asked |= sets and bool(self.slots)
        if makes and self.base is object:
            if (
                self.exception
                or not all(makes_anew(new, self.kind) for new in makes)
                or self._has_one()
            ):
                self.reason = "a class with a __new__ of its own"  # often the only one of its kind
            self.own = True
            self.made = (_reconstructor, (self.kind, object, None))

    def _has_one(self) -> bool:
        """Whether one of the classes holds an instance."""
        spaces = map(namespace_of, of_type(self.kind, "__mro__"))
        return any(type(value) is self.kind for space in spaces for value in space.values())


def _exception(value: BaseException) -> tuple[Any, ...]:
    """The arguments of an exception that was not raised yet, and that no other one led to."""
    for name in ("__cause__", "__context__", "__traceback__"):
        if namespace_of(BaseException)[name].__get__(value) is not None:
            raise Unpicklable("an exception that was raised")
    arguments: tuple[Any, ...] = namespace_of(BaseException)["args"].__get__(value)
    return arguments


def _is_exception(kind: type) -> bool:
    """Whether a builtin type is one of the exceptions that hold their arguments and nothing else."""
    size = of_type(kind, "__basicsize__")
    return issubclass(kind, Exception) and size == of_type(Exception, "__basicsize__")


def _is_namedtuple(kind: type) -> bool:
    """Made by ``collections.namedtuple``: nothing in it was written by the user."""
    namespace = namespace_of(kind)
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


def _keeps_more(base: type) -> bool:
    """Whether the instances of a class have room for more than its slots: it was made by C code."""
    if of_type(base, "__flags__") & IMMUTABLE:
        return True
    namespace = namespace_of(base)
    members = sum(type(entry) is MemberDescriptorType for entry in namespace.values())
    words = members + ("__dict__" in namespace) + ("__weakref__" in namespace)
    grown = _size_of(base) - _size_of(_base_of(base))
    return grown > words * WORD or (members > 0 and "__slots__" not in namespace)


def names_of_instances(kind: type) -> dict[int, str]:
    """The instances of a class, by id, that its module has under a name."""
    home = sys.modules.get(name_of(kind)[0])
    if type(home) is not ModuleType:
        return {}
    found = _in_modules.get(id(home))
    if found is None:
        found = _in_modules[id(home)] = {}
        for name, value in list(home.__dict__.items()):
            if of_type(type(value), "__flags__") & HEAP_TYPE:
                found.setdefault(id(type(value)), {})[id(value)] = name
    return found.get(id(kind), {})


def held(kind: type, name: str) -> object:
    """A captured instance without state that its module has under a name. Raises Unpicklable where it has not."""
    home = sys.modules.get(name_of(kind)[0])
    found = home.__dict__.get(name) if home is not None else None
    if type(found) is not kind or getattr(found, "__dict__", None):
        raise Unpicklable(f"an instance of {told(kind)} that its module does not have as {name}")
    return found


def forget() -> None:
    """Look at modules anew from here on."""
    _in_modules.clear()


class _Probe:
    pass


def _count_of_own() -> int:
    """How many references the dict of an instance has in `Plan._of_dict` where nobody else has it."""
    value = _Probe()
    own = namespace_of(_Probe)["__dict__"].__get__(value)
    return getrefcount(own)


_OWN = _count_of_own()
_in_modules: dict[int, dict[int, dict[int, str]]] = {}
