"""What a call leaves behind in the process beside its result, its arguments and captured globals.

Facts cannot follow every call. Where they do not clear one, a worker looks at all that the user's
modules hold before and after it: their names, classes, what functions have of their own (attributes,
defaults, variables), and everything reached from these; of other modules, at what their names stand for.
What is another object than it was has been changed. Objects are told apart by identity, so no code of
the user's runs. What Python keeps for itself is left out, such as the answers of ``lru_cache``.
"""

import array
import contextvars
import gc
import io
import itertools
import random
import sys
import time
import types
from collections.abc import Callable, Collection, Sequence
from functools import _lru_cache_wrapper
from operator import is_
from typing import Any, NamedTuple

from selfsame.runtime.agent.shared import GENERATOR
from selfsame.runtime.shadow.definitions import bases_of, built_in, namespace_of
from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.layouts import own_dict_of
from selfsame.runtime.shadow.live import Live

MOST = 2_000_000
"""Of modules that hold more than so many places it cannot be told in time whether they change."""
SHARE, GRACE_S = 0.3, 2.0
"""The share of a worker's CPU time that looking may take, and seconds beyond that."""

_KEPT_BY_PYTHON = frozenset(
    [
        *("__warningregistry__", "__annotations__", "__slotnames__", "_abc_impl", "__builtins__"),
        *("__spec__", "__loader__", "decimal_context"),
    ]
)
_APART = frozenset(
    ["_frozen_importlib", "_frozen_importlib_external", "importlib", "logging", "typing"]
)
"""Modules whose instances keep caches: what is asked of loggers is refused elsewhere."""
_NOTHING_INSIDE = frozenset(
    [
        *(
            int,
            float,
            complex,
            bool,
            str,
            bytes,
            range,
            type(None),
            type(...),
            type(NotImplemented),
        ),
        *(types.CodeType, types.FrameType, types.TracebackType, types.ModuleType),
        *(types.BuiltinFunctionType, types.WrapperDescriptorType, types.MethodDescriptorType),
        *(types.GetSetDescriptorType, types.MemberDescriptorType, types.ClassMethodDescriptorType),
    ]
)
_WITH_A_STATE: dict[type, Callable[[Any], object]] = {
    bytearray: bytes,
    array.array: array.array.tobytes,
    itertools.count: repr,
    random.Random: random.Random.getstate,
    io.StringIO: lambda stream: stream.closed or (stream.getvalue(), stream.tell()),
    io.BytesIO: lambda stream: stream.closed or (stream.getvalue(), stream.tell()),
}
"""Types that change and hold no objects of the user's, each with what tells the state of one."""

Place = tuple[int, str]
"""A name in a namespace, which is given by its ``id``."""


class _Held(NamedTuple):
    """An object, what reads its parts, what these were, and the module in which it was found."""

    thing: Any
    read: Callable[[Any], Sequence[object]]
    parts: Sequence[object]
    where: str


class Surroundings:
    """The state of a worker's process now, to be held against what it is after a call.

    ``modules`` are the user's, ``skipped`` places that go with each call and are compared with it, with
    ``generator`` the one behind `random` too. Raises OverflowError where there is too much to look at.
    """

    def __init__(
        self, modules: Sequence[types.ModuleType], skipped: Collection[Place], generator: bool
    ) -> None:
        self.skipped = frozenset(skipped)
        self.modules = len(sys.modules)
        self._seen: dict[int, object] = {}
        self._held: list[_Held] = []
        self._states: list[tuple[Any, object, str]] = []
        self._count = 0
        self._names: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        for name, module in list(sys.modules.items()):
            if type(module) is types.ModuleType and name.partition(".")[0] != "selfsame":
                self._names.append((name, vars(module), dict(vars(module))))
        for module in modules:
            inside = self._inside(vars(module), vars(module))
            self._walk(module.__name__, [vars(module)[name] for name in inside])
        self._context = _context()
        self._drawn = None if generator else random.getstate()

    def changed(self) -> str:
        """A module in which something is another than it was; empty where nothing is."""
        for name, names, then in self._names:
            same = _same(_pairs(names), _pairs(then))
            if not same and self._inside(names, names) != self._inside(names, then):
                return name
        for held in self._held:
            if not _same(held.read(held.thing), held.parts):
                return held.where
        for thing, state, where in self._states:
            if _WITH_A_STATE[type(thing)](thing) != state:
                return where
        if not _same(_context(), self._context):
            return "contextvars"
        return "" if self._drawn in (None, random.getstate()) else "random"

    def _inside(self, home: dict[str, Any], names: dict[str, Any]) -> dict[str, int]:
        """Which object each name of a module stands for, without what comes by itself: imports, too."""
        return {
            name: id(value)
            for name, value in names.items()
            if name not in _KEPT_BY_PYTHON
            and type(value) is not types.ModuleType
            and (id(home), name) not in self.skipped
        }

    def _walk(self, where: str, todo: list[object]) -> None:
        """Note all that is reached from some objects, and not from others before."""
        while todo:
            thing = todo.pop()
            kind = type(thing)
            if kind in _NOTHING_INSIDE or id(thing) in self._seen:
                continue
            self._seen[id(thing)] = thing
            if tell := _WITH_A_STATE.get(kind):
                self._states.append((thing, tell(thing), where))
                continue
            parts = self._note(thing, kind, where)
            self._count += len(parts)
            if self._count > MOST:
                raise OverflowError
            todo += parts

    def _note(self, thing: Any, kind: type, where: str) -> Sequence[object]:
        """Note an object where it can change; what is to be looked at with it."""
        if kind is tuple or kind is frozenset:
            return list(thing) if gc.is_tracked(thing) else ()
        if kind is _lru_cache_wrapper:
            return [thing.__wrapped__]
        read: Callable[[Any], Sequence[object]]
        if issubclass(kind, type):
            if not _of_the_user(thing):
                return ()
            read = _of_class
        elif kind is types.FunctionType:
            if not _outside(thing.__globals__.get("__name__")):
                read = _of_function
            else:  # a decorator's: what it wraps is the user's
                cells = thing.__closure__ or ()
                found = [part for cell in cells for part in gc.get_referents(cell)]
                return [part for part in found if callable(part)]
        elif namespace_of(kind).get("__module__") in _APART:
            return ()
        elif issubclass(kind, dict):
            read = _pairs if kind is dict else _of_subclass
        elif gc.is_tracked(thing) or issubclass(kind, (list, set)):
            if own_dict := own_dict_of(kind):
                own_dict(thing)  # the first look makes it, which is no change by a call
            read = gc.get_referents
        else:  # holds nothing
            return ()
        parts = read(thing)
        self._held.append(_Held(thing, read, parts, where))
        return parts


class Lookout:
    """Looks at the surroundings after calls, as often as that takes `SHARE` of the time at most."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._before: Surroundings | None = None
        self._known = frozenset(sys.modules)
        self._begun = time.thread_time()
        self._spent = 0.0

    def begin(self, call: Call) -> None:
        """Before a call, whose globals are in place: note what there is. Raises `Refused`."""
        places = self._live.places(call)
        before = self._before
        if before is None or not places <= before.skipped or before.modules != len(sys.modules):
            begun = time.thread_time()
            try:
                self._before = Surroundings(self._modules(), places, GENERATOR in call.globals)
            except OverflowError:
                raise Refused("the program holds more than can be looked at for changes") from None
            self._spent += time.thread_time() - begun

    def changed(self, always: bool) -> str:
        """What a call changed, in words; empty where it changed nothing, or there is no time to look."""
        begun = time.thread_time()
        late = self._spent > GRACE_S + SHARE * (begun - self._begun)
        if self._before is None or (late and not always):
            return ""
        where = self._before.changed()
        self._spent += time.thread_time() - begun
        if where:
            self._before = None
        return f"changes what {where} holds" if where else ""

    def forget(self) -> None:
        """Other work was done meanwhile, and what it changed is no call's doing."""
        self._before = None

    def _modules(self) -> list[types.ModuleType]:
        """The user's modules, those too that were imported by calls."""
        found = {id(module): module for module in self._live.modules()}
        for name in [*sys.modules]:
            module = sys.modules[name]
            if name not in self._known and type(module) is types.ModuleType and not _outside(name):
                found.setdefault(id(module), module)
        return list(found.values())


def _same(now: Sequence[object], then: Sequence[object]) -> bool:
    return len(now) == len(then) and all(map(is_, now, then))


def _pairs(held: dict[Any, Any]) -> list[object]:
    """Keys and values, whatever the class of the dictionary would say."""
    return [*dict.__iter__(held), *dict.values(held)]


def _of_subclass(held: dict[Any, Any]) -> list[object]:
    return [*_pairs(held), *gc.get_referents(held)]


def _of_class(cls: type) -> list[object]:
    names = namespace_of(cls)
    parts = [part for name in names if name not in _KEPT_BY_PYTHON for part in (name, names[name])]
    return [*parts, *bases_of(cls)]


def _of_function(function: types.FunctionType) -> list[object]:
    """All but its code: the original's and the variation's take turns in one function."""
    own = function.__defaults__, function.__kwdefaults__, function.__dict__
    return [*own, *(function.__closure__ or ())]


def _of_the_user(cls: type) -> bool:
    return not (built_in(cls) or _outside(namespace_of(cls).get("__module__")))


def _outside(module: object) -> bool:
    """Whether a module is of Python's own library or selfsame's."""
    top = module.partition(".")[0] if isinstance(module, str) else ""
    return top == "selfsame" or (top in sys.stdlib_module_names and top != "__main__")


def _context() -> list[object]:
    found = contextvars.copy_context()
    return [part for var in found if var.name not in _KEPT_BY_PYTHON for part in (var, found[var])]
