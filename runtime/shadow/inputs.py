"""Captured calls in a worker: a restricted unpickler, and the call that a payload stands for."""

import _bisect
import _heapq
import builtins
import io
import math
import operator
import pickle
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import Any

from selfsame.runtime.agent import closures, plans, reduce
from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.shadow import recreated

PLAIN: frozenset[Any] = frozenset(
    {set, frozenset, bytearray, range, slice, complex, object, int, float, str, bytes, bool, list}
    | {tuple, dict, type(None), abs, all, any, chr, hash, len, max, min, ord, repr, round, sorted}
    | {sum, iter, reversed, type, divmod, pow, callable, isinstance, issubclass, enumerate, zip}
)
ERRORS = {n for n, v in vars(builtins).items() if isinstance(v, type) and issubclass(v, Exception)}
PATHS = frozenset(f"{pure}{kind}Path" for pure in ("", "Pure") for kind in ("", "Posix", "Windows"))
OPERATORS = frozenset(dir(operator)) - {"attrgetter", "methodcaller", "call", "setitem", "delitem"}
NUMPY = {
    f"numpy.{core}.{part}": names
    for core in ("core", "_core")
    for part, names in (
        ("multiarray", frozenset({"_reconstruct", "scalar"})),
        ("numeric", frozenset({"_frombuffer"})),
    )
}
SAFE: Mapping[str, frozenset[str]] = {
    "builtins": frozenset({v.__name__ for v in PLAIN} | ERRORS | {"Ellipsis", "NotImplemented"}),
    "collections": frozenset({"OrderedDict", "deque", "defaultdict", "Counter", "ChainMap"}),
    "decimal": frozenset({"Decimal"}),
    "fractions": frozenset({"Fraction"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "zoneinfo": frozenset({"ZoneInfo._unpickle"}),
    "uuid": frozenset({"UUID", "SafeUUID"}),
    "pathlib": PATHS,
    "pathlib._local": PATHS,
    "re": frozenset({"_compile", "RegexFlag"}),
    "array": frozenset({"array", "_array_reconstructor"}),
    "itertools": frozenset({"count"}),
    "types": frozenset({"GenericAlias", "SimpleNamespace"}),
    "io": frozenset({"StringIO", "BytesIO"}),
    "_io": frozenset({"StringIO", "BytesIO"}),
    **dict.fromkeys(("operator", "_operator"), OPERATORS),
    **{of.__name__: frozenset(dir(of)) for of in (math, _bisect, _heapq)},  # nothing outside
    "copyreg": frozenset({"__newobj__", "__newobj_ex__", "_reconstructor"}),
    reduce.__name__: frozenset(
        {
            "bound",
            "builtin_method",
            "class_method",
            "maker",
            "matched",
            "numbers",
            "stream",
            "variable",
        }
    ),
    closures.__name__: frozenset({"cell", "filled", "filled_cell"}),
    plans.__name__: frozenset({"attributed", "gathered", "held", "placed"}),
    "numpy": frozenset({"ndarray", "dtype"}),
    **NUMPY,
}
"""What may be named by a payload beyond classes and functions of modules that are loaded."""


NO_RENAMES: Mapping[str, str] = {}


class Refused(Exception):
    """A payload that names what a capture never names."""


class RestrictedUnpickler(pickle.Unpickler):
    """Reads only what the agent's pickler writes; it imports nothing."""

    def __init__(self, payload: io.BytesIO, renames: Mapping[str, str]) -> None:
        super().__init__(payload)
        self._renames = renames

    def find_class(self, module: str, name: str) -> Any:
        """A class or function that is safe by name, or a plain class of a module loaded already."""
        other = sys.modules.get(self._renames.get(module, ""))
        if other is not None and name.partition(".")[0] in vars(other):
            module = other.__name__
        if (module, name) == (reduce.__name__, "module"):
            return self._module
        if (module, name) == (closures.__name__, "made"):
            return self._function
        name = sys.intern(name)  # Python's cache of look-ups keeps every name that it meets
        if name in SAFE.get(module, ()):
            __import__(module)  # the stdlib's own, from the table
            return super().find_class(module, name)
        owner = sys.modules.get(module)
        if owner is None or module in SAFE or module in sys.builtin_module_names:
            raise Refused(f"was given a payload that names {module}.{name}")
        found: Any = owner
        for part in name.split("."):
            found = vars(found).get(part)
            if isinstance(found, (staticmethod, classmethod)):
                found = found.__func__
        own = getattr(found, "__module__", None) in (module, *self._renames)
        if isinstance(found, type) or (own and type(found) is types.FunctionType):
            return found
        raise Refused(f"was given a payload that names {module}.{name}")

    def _module(self, name: str) -> types.ModuleType:
        """A module that is loaded, the other one in the place of one that is renamed."""
        try:
            return reduce.module(self._renames.get(name, name))
        except Unpicklable as missing:
            raise Refused(f"was given {missing}") from None

    def _function(self, *origin: Any) -> types.FunctionType:
        """A function that no name leads to."""
        try:
            return recreated.function(*origin)
        except LookupError as missing:
            raise Refused(f"was given {missing.args[0]}") from None


def unpickle(payload: bytes, renames: Mapping[str, str] = NO_RENAMES) -> dict[str, Any]:
    """A payload as its dict. Raises Refused or what pickle raises on bytes that are no payload.

    ``renames``: modules in whose place others are asked for classes, where these have them.
    """
    stream = io.BytesIO(payload)
    content = RestrictedUnpickler(stream, renames).load()
    if type(content) is not dict or type(content.get("args")) is not tuple:
        raise Refused("was given a payload without arguments")
    if stream.tell() < len(payload):
        content["given"] = _given(RestrictedUnpickler(stream, renames).load())
    return content


def _given(record: object) -> tuple[tuple[str, float | int], ...]:
    if type(record) is not list:
        raise Refused("was given a payload with a record that is none")
    for one in record:
        if type(one) is not tuple or list(map(type, one)) not in ([str, float], [str, int]):
            raise Refused("was given a payload with a record that is none")
    return tuple(record)


@dataclass(slots=True)
class Call:
    """One call to make: parameters in the order of ``co_varnames``, and the globals it reads.

    ``partly``: instances in it may lack attributes, which the function is not to touch. ``given``: what
    outside functions gave to it in the program, in order, with their names; None where nobody listened.
    """

    parameters: tuple[Any, ...]
    globals: dict[tuple[str, str], Any]
    partly: bool = False
    given: tuple[tuple[str, float | int], ...] | None = None

    @classmethod
    def of(cls, payload: bytes, renames: Mapping[str, str] = NO_RENAMES) -> "Call":
        """A fresh copy of a captured call."""
        content = unpickle(payload, renames)
        live = dict(content.get("globals") or {})
        return cls(content["args"], live, bool(content.get("partly")), content.get("given"))

    def arguments(self, code: types.CodeType) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments for the function whose code this is.

        Raises Refused where the number of parameters is not the function's, or what was made for
        ``*`` or ``**`` is nothing that a function has there.
        """
        values = self.parameters
        names = parameters(code)
        if len(values) != len(names):
            raise Refused(f"was given a payload with {len(values)} parameters for {len(names)}")
        regular = code.co_argcount
        named = regular + code.co_kwonlyargcount
        positional = list(values[:regular])
        keywords = dict(zip(names[regular:named], values[regular:named], strict=True))
        rest = iter(values[named:])
        if code.co_flags & CO_VARARGS:
            positional += _exactly(tuple, next(rest))
        if code.co_flags & CO_VARKEYWORDS:
            keywords.update(_exactly(dict, next(rest)))
        return tuple(positional), keywords


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise Refused(f"was given a {type(value).__name__} for all that remains")
    return value
