"""What passes along edges: types, lengths and approximate sizes of arguments, who calls, for how long.

Nothing here runs code of the user's: sizes are asked of the interpreter's own types alone, and of
whatever else only what its instances take without what they refer to. No value is kept: whether
arguments come again is told by a digest of their pickle, which stays in this process.
"""

from __future__ import annotations

import sys
from _blake2 import blake2b
from itertools import islice
from time import monotonic_ns

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.handlers import raised_by_program
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.swap import placed
from selfsame.runtime.link.histogram import bucket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from selfsame.runtime.agent.registry import Registry
    from selfsame.runtime.agent.swap import Key

MOST_NS = 2_000_000  # what one window may take of the program's time, a last call more or less
DIGESTED = 16_384  # bytes; larger arguments are not compared
LOOKED_AT = (16, 4, 4)  # items of a container, of those inside it, and so on
FARTHEST = 32  # frames of others between a function and the user's that called it
MOST_TYPES, MOST_EDGES = 8, 64  # of a parameter; of a function in one window

# By id: a metaclass may have an ``==`` and a ``hash`` of its own.
_LEAVES = {id(t) for t in (int, float, complex, bool, type(None), str, bytes, bytearray, range)}
_CONTAINERS = {id(t) for t in (list, tuple, set, frozenset, dict)}
_SIZED = {id(t) for t in (str, bytes, bytearray, range)} | _CONTAINERS
_type_name = type.__dict__["__name__"].__get__
_module_name = type.__dict__["__module__"].__get__
_dictionary = type.__dict__["__dict__"].__get__


def size_of(value: object, depth: int = 0) -> int:
    """About how many bytes a value takes, with what it holds as far as it is looked into.

    Of a container, 16 items stand for all, of one inside it 4; of an instance of a class, attributes do not count.
    """
    kind = type(value)
    if id(kind) in _LEAVES:
        return sys.getsizeof(value)
    if id(kind) in _CONTAINERS:
        size = sys.getsizeof(value)
        count = len(value)  # type: ignore[arg-type]
        if not count or depth == len(LOOKED_AT):
            return size
        most = LOOKED_AT[depth]
        try:
            some: list[Any] = list(islice(value, most))  # type: ignore[call-overload]
            if kind is dict:
                some += islice(value.values(), most)  # type: ignore[attr-defined]
        except RuntimeError as error:  # changed by another thread meanwhile
            if raised_by_program(error):
                raise
            return size
        held = sum(size_of(item, depth + 1) for item in some)
        return size + held * count // min(count, most)
    if _module_name(kind) == "numpy" and _type_name(kind) == "ndarray":
        return int(_dictionary(kind)["nbytes"].__get__(value))
    return object.__sizeof__(value)


def type_of(value: object) -> str:
    """The name of a value's exact type, with that of the first item: ``list[int]``."""
    kind = type(value)
    name = str(_type_name(kind))
    if id(kind) in _CONTAINERS and value:
        try:
            first = next(iter(value))  # type: ignore[call-overload]
        except (RuntimeError, StopIteration) as error:
            if raised_by_program(error):
                raise
            return name
        inside = str(_type_name(type(first)))
        if kind is dict:
            inside += f", {_type_name(type(value.get(first)))}" if type(first) is str else ""  # type: ignore[attr-defined]
        return f"{name}[{inside}]"
    return name


def _frame() -> FrameType | None:
    """The frame that a call is looked at for; None where an audit hook of the program's forbids to ask."""
    try:
        return sys._getframe(2)
    except Exception:
        return None


class Parameter:
    """What one parameter was: types with how often, lengths, bytes."""

    def __init__(self) -> None:
        self.types: dict[str, int] = {}
        self.sized = self.length = self.longest = self.bytes = self.largest = 0

    def saw(self, value: object) -> int:
        """Take one value; returns its size."""
        name = type_of(value)
        if name in self.types or len(self.types) < MOST_TYPES:
            self.types[name] = self.types.get(name, 0) + 1
        if id(type(value)) in _SIZED:
            length = len(value)  # type: ignore[arg-type]
            self.sized += 1
            self.length += length
            self.longest = max(self.longest, length)
        size = size_of(value)
        self.bytes += size
        self.largest = max(self.largest, size)
        return size


class Edge:
    """Calls from one function: their number, the bytes passed, the time they took."""

    def __init__(self) -> None:
        self.calls = self.bytes = self.total_ns = 0
        self.sizes: dict[int, int] = {}
        self.times: dict[int, int] = {}

    def row(self, caller: Key | None) -> list[object]:
        """As it is sent."""
        return [caller, self.calls, self.bytes, dict(self.sizes), self.total_ns, dict(self.times)]


class Shapes:
    """The taker of a shape window."""

    def __init__(self, names: tuple[str, ...], registry: Registry) -> None:
        self.names = names
        self.registry = registry
        self.parameters = [Parameter() for _ in names]
        self.edges: dict[Key | None, Edge] = {}
        self.seen: set[bytes] = set()
        self.calls = self.repeats = self.digested = 0
        self.spent = 0
        self._begun: dict[int, tuple[Key | None, int]] = {}

    @property
    def full(self) -> bool:
        """Whether it has taken as much of the program's time as it may."""
        return self.spent >= MOST_NS

    @property
    def pending(self) -> int:
        """How many calls are waited for: none, what came of one that has not ended is not asked."""
        return 0

    def take(self, arguments: tuple[object, ...]) -> int:
        """Look at one call before it runs: its token, or -1 where it is not looked at."""
        if self.full:
            return -1
        began = monotonic_ns()
        try:
            size = sum(
                parameter.saw(value)
                for parameter, value in zip(self.parameters, arguments, strict=False)
            )
            if size <= DIGESTED:
                self._compare(arguments)
            token = self.calls = self.calls + 1
            self._begun[token] = (self._caller(_frame()), size)
            return token
        except Exception as error:  # of this call nothing is known; the program goes on
            if raised_by_program(error):
                raise
            return -1
        finally:
            self.spent += monotonic_ns() - began

    def done(self, token: int, nanoseconds: int, outermost: bool = True) -> None:
        """The call ended."""
        caller, size = self._begun.pop(token)
        edge = self.edges.get(caller)
        if edge is None:
            if len(self.edges) >= MOST_EDGES:
                return
            edge = self.edges[caller] = Edge()
        edge.calls += 1
        edge.bytes += size
        edge.total_ns += nanoseconds
        for counts, value in ((edge.sizes, size), (edge.times, nanoseconds)):
            index = bucket(value)
            counts[index] = counts.get(index, 0) + 1

    def fields(self) -> dict[str, object]:
        """What a ``shaped`` message says of the window."""
        return {
            "calls": self.calls,
            "digested": self.digested,
            "repeats": self.repeats,
            "parameters": [
                [n, dict(p.types), p.sized, p.length, p.longest, p.bytes, p.largest]
                for n, p in zip(self.names, self.parameters, strict=True)
            ],
            "edges": [edge.row(caller) for caller, edge in list(self.edges.items())],
            "spent_ns": self.spent,
        }

    def _compare(self, arguments: tuple[object, ...]) -> None:
        """Count whether these arguments came before in this window."""
        try:
            digest = blake2b(dump(arguments, DIGESTED), digest_size=16).digest()
        except Unpicklable:
            return
        self.digested += 1
        if digest in self.seen:
            self.repeats += 1
        else:
            self.seen.add(digest)

    def _caller(self, frame: FrameType | None) -> Key | None:
        """The user's function that called: the nearest one above, through others' frames."""
        probed = False
        for _ in range(FARTHEST):
            if frame is None:
                return None
            number = id(frame.f_code)
            entry = placed.get(number) or self.registry.codes.get(number)
            if entry is not None and entry[1] is not None:
                if probed:
                    return entry[1]
                probed = True  # the first one is the function that the window is on
            frame = frame.f_back
        return None
