"""How `Encoder` writes classes, functions and modules: by name where the name leads to them.

What a call makes may have any name: ``type("Z", (), {...})``, a namedtuple, a closure, a wrapper that
took over the name of what it wraps. It is written by what it is: a class by its bases and all that is
in it, a function by its code, defaults, closure and attributes. Other code may do the same, so code
is kept apart, in `Encoder.codes`.
"""

import abc
import builtins
import collections
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from selfsame.runtime.agent.naming import HEAP_TYPE
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, digest, writes

namespace_of = type.__dict__["__dict__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_name = type.__dict__["__name__"].__get__
bases_of = type.__dict__["__bases__"].__get__
flags_of = type.__dict__["__flags__"].__get__
_held_by_module = vars(types.ModuleType)["__dict__"].__get__
_registered = vars(abc)["_get_dump"]
_IMMUTABLE = 1 << 8
_TOLD_ELSEWHERE = frozenset(
    ["__module__", "__qualname__", "__firstlineno__", "__static_attributes__", "_abc_impl"]
)
"""What a class holds that its name tells, or the layout of its source."""
_MADE_BY_LOOKING = frozenset(["__annotations__", "__slotnames__"])
_TOLD: dict[int, tuple[types.CodeType, bytes]] = {}
"""What code does, by id, with the code, so that no other gets its place."""
_MOST_TOLD = 1_000
_LAYOUT = (types.GetSetDescriptorType, types.MemberDescriptorType)

SAME_HOME: dict[str, str] = {}
"""Where two functions of two modules are compared: the second module's name, and the first's."""


def class_name(cls: type) -> str:
    """``module.qualname`` of a class, without its metaclass having a say.

    The function that a class is made in is left out: two are compared that have other names.
    """
    module = namespace_of(cls).get("__module__")  # a descriptor in `type` itself
    home = home_name(module) if isinstance(module, str) else "builtins"
    return f"{home}.{_within(_qualname(cls))}"


def home_name(module: object) -> str:
    """A module's name, that of the original's where it is the variation's (`SAME_HOME`)."""
    return SAME_HOME.get(module, module) if isinstance(module, str) else "?"


def _within(qualname: str) -> str:
    return qualname.rpartition("<locals>.")[2]


def built_in(cls: type) -> bool:
    """Whether a class is of the interpreter's own, which no code of Python's can change."""
    flags = flags_of(cls)
    return bool(flags & _IMMUTABLE or not flags & HEAP_TYPE)


def known(cls: type) -> bool:
    """Whether a class is the one that its name leads to, or is of the interpreter's own."""
    if built_in(cls):
        return True
    return _leads_to(namespace_of(cls).get("__module__"), _qualname(cls), cls)


def write_class(encoder: Encoder, cls: type) -> None:
    """A class: its name, and where that does not lead to it, all that is in it."""
    named = encoder.named.get(id(cls))
    if named is not None:
        encoder.chunks.append(named[1])
        return
    encoder.text(b"C", class_name(cls))
    if known(cls):
        encoder.named[id(cls)] = cls, encoder.chunks[-1]
        return
    if encoder.seen(cls):
        return
    encoder.text(b"C", _name(cls))
    write_class(encoder, type(cls))
    encoder.several(list(bases_of(cls)))
    held = {n: v for n, v in namespace_of(cls).items() if n not in _TOLD_ELSEWHERE}
    if "_abc_impl" in namespace_of(cls) and _registered(cls)[0]:
        raise CannotCompare("a class that others were registered with")
    encoder.several(list(held))
    for value in held.values():
        if type(value) in _LAYOUT:
            encoder.text(b"D", value.__name__)
        else:
            encoder.write(value)


def held_by(values: Iterable[object]) -> list[tuple[type, dict[str, object]]]:
    """What the classes among some values hold now; the interpreter's own cannot be changed."""
    classes: list[Any] = [v for v in values if issubclass(type(v), type)]
    return [
        (cls, {n: v for n, v in namespace_of(cls).items() if n not in _MADE_BY_LOOKING})
        for cls in classes
        if not flags_of(cls) & _IMMUTABLE
    ]


def changed(before: list[tuple[type, dict[str, object]]]) -> bool:
    """Whether one of these classes holds something else by now, or the same in another order."""
    for (_, then), (_, now) in zip(before, held_by(cls for cls, _ in before), strict=True):
        if list(then) != list(now) or any(now[name] is not then[name] for name in then):
            return True
    return False


def _leads_to(module: object, qualname: str, value: object) -> bool:
    """Whether ``qualname`` in a module that is loaded is this very object."""
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    for part in qualname.split("."):
        kind = type(found)
        if issubclass(kind, type):
            found = namespace_of(found).get(part)
        elif issubclass(kind, types.ModuleType):
            found = _held_by_module(found).get(part)
        else:
            return False
        if type(found) in (staticmethod, classmethod):
            found = found.__func__
    return found is value


@writes(type)
def _class(encoder: Encoder, value: type) -> None:
    write_class(encoder, value)


@writes(types.FunctionType)
def _function(encoder: Encoder, value: types.FunctionType) -> None:
    encoder.text(b"D", f"{home_name(value.__module__)} {_within(value.__qualname__)}")
    if _leads_to(value.__module__, value.__qualname__, value) or encoder.seen(value):
        return
    _code(encoder, value.__code__)
    encoder.several([value.__name__, value.__doc__, value.__defaults__, value.__kwdefaults__])
    cells = list(value.__closure__ or ())
    # A builtin that a variable around it holds may be read by its name as well: that is as the code has it.
    known = [_of_builtins(cell) for cell in cells]
    told = zip(value.__code__.co_freevars, cells, known, strict=True)
    encoder.codes += [
        Encoder().whole((name, c.cell_contents)) for name, c, builtin in told if builtin
    ]
    encoder.several([cell for cell, builtin in zip(cells, known, strict=True) if not builtin])
    encoder.several([value.__annotations__, vars(value)])
    space = value.__globals__
    home = space.get("__name__")
    if isinstance(home, str) and _space_of(home) is space:
        if home in SAME_HOME or home in SAME_HOME.values():
            raise CannotCompare("a function made inside a function of one of two modules")
        encoder.text(b"m", home)
        return
    own = space.get("__builtins__", builtins)
    own = vars(own) if isinstance(own, types.ModuleType) else own
    names = sorted(set(_names(value.__code__)))
    spaces = [space] if own is vars(builtins) else [space, own]
    read = {name: s[name] for s in reversed(spaces) for name in names if name in s}
    encoder.several(list(read))
    encoder.several(list(read.values()))


def _of_builtins(cell: types.CellType) -> bool:
    """Whether a variable holds a builtin function or class."""
    try:
        held = cell.cell_contents
    except ValueError:  # nothing is assigned yet
        return False
    kind = type(held)
    return kind in (type, types.BuiltinFunctionType) and held is vars(builtins).get(held.__name__)


def _space_of(name: str) -> dict[str, Any] | None:
    module = sys.modules.get(name)
    return _held_by_module(module) if isinstance(module, types.ModuleType) else None


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


@writes(types.CodeType)
def _code(encoder: Encoder, value: types.CodeType) -> None:
    encoder.put(b"code")
    encoder.codes.append(_told(value))


def _told(code: types.CodeType) -> bytes:
    """What a code object does, wherever in whichever file it is."""
    known = _TOLD.get(id(code))
    if known is not None:
        return known[1]
    told: list[object] = [
        code.co_code,
        code.co_exceptiontable,
        code.co_consts,
        code.co_names,
        code.co_varnames,
    ]
    told += [code.co_cellvars, code.co_freevars, code.co_flags]
    told += [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount]
    found = digest(Encoder().whole(told))
    if len(_TOLD) >= _MOST_TOLD:
        _TOLD.clear()
    _TOLD[id(code)] = code, found
    return found


@writes(types.CellType)
def _cell(encoder: Encoder, value: types.CellType) -> None:
    if not encoder.seen(value):
        try:
            held = [value.cell_contents]
        except ValueError:  # nothing is assigned yet
            held = []
        encoder.text(b"M", "cell")
        encoder.several(held)


@writes(staticmethod, classmethod)
def _bound_later(encoder: Encoder, value: Any) -> None:
    encoder.text(b"M", type(value).__name__)
    encoder.several([value.__func__, vars(value)])


@writes(property)
def _property(encoder: Encoder, value: property) -> None:
    if not encoder.seen(value):
        encoder.text(b"M", "property")
        encoder.several([value.fget, value.fset, value.fdel, value.__doc__])


@writes(type(vars(collections.namedtuple("_Row", "a"))["a"]))
def _field(encoder: Encoder, value: Any) -> None:
    """A field of a namedtuple: its place and its docstring."""
    encoder.text(b"M", "field")
    encoder.several(list(value.__reduce__()[1]))


@writes(types.GenericAlias, type(Callable[[], None]))
def _alias(encoder: Encoder, value: Any) -> None:
    encoder.text(b"M", "alias")
    encoder.several([value.__origin__, value.__args__])


@writes(types.UnionType)
def _union(encoder: Encoder, value: types.UnionType) -> None:
    encoder.text(b"M", "union")
    encoder.several(value.__args__)


@writes(types.ModuleType)
def _module(encoder: Encoder, value: types.ModuleType) -> None:
    held = _held_by_module(value)
    name = held.get("__name__")
    encoder.text(b"m", home_name(name))
    if not (isinstance(name, str) and sys.modules.get(name) is value) and not encoder.seen(value):
        encoder.write(held)
