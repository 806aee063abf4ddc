"""Capturing calls: parameters and globals as bytes, without running any code of the user's.

A payload is one pickle of ``{"args": tuple, "globals": {(module, name): value}, "partly": True}``. What is
not on the list of types below is refused with a reason, and so is what is larger than the budget.
Behind it is a second one where the call asked outside functions (`hearing.py`): what they gave, in order.
With ``partly``, instances of some classes have only the attributes that the function can touch. Of objects
that lead from one to the next, as a list's nodes or a graph's, attributes come ``later`` than the objects.
"""

from __future__ import annotations

import sys
from _pickle import Pickler
from itertools import count
from time import thread_time_ns
from types import ModuleType

from selfsame.runtime.agent.closures import told_by
from selfsame.runtime.agent.functions import module_name
from selfsame.runtime.agent.handlers import raised_by_program
from selfsame.runtime.agent.naming import TOO_LARGE, Unpicklable, namespace_of, of_type
from selfsame.runtime.agent.plans import MAKERS, attributed, gathered, placed
from selfsame.runtime.agent.reduce import forget, reduce
from selfsame.runtime.agent.shared import GENERATOR, state
from selfsame.runtime.agent.turns import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from selfsame.runtime.agent.hearing import Hearing
    from selfsame.runtime.agent.registry import Registry

FRAME = 64 * 1024  # bytes that the pickler has together when it writes, if it is not the end
CHANGED = "changed by another thread meanwhile"
MOST_BYTES = 16 * 1024 * 1024
MOST_NS = 20_000_000  # of processor time that one window may take, a last capture more or less


class _Bounded:
    """A file that takes ``budget`` bytes and raises at the next. Other threads go on between its parts."""

    def __init__(self, budget: int) -> None:
        self.left = budget
        self.parts: list[bytes] = []
        self._turn = Turn()

    def write(self, data: bytes | bytearray) -> int:
        size = len(data)
        if type(data) is bytearray and self.parts[-1][-8:] != size.to_bytes(8, "little"):
            raise Unpicklable(CHANGED)  # since its length was written
        self.left -= size
        if self.left < 0:
            raise Unpicklable(TOO_LARGE)
        self.parts.append(bytes(data))
        if size >= FRAME:  # else what it is the head of follows
            self._turn.give()
        return size


class Part:
    """What of instances is captured: of those of ``classes`` (module and name), only ``attributes``."""

    def __init__(self, attributes: frozenset[str], classes: frozenset[tuple[str, str]]) -> None:
        self.attributes = attributes
        self.classes = classes
        self._meant: dict[int, bool] = {}

    def of(self, value: object, made: Any) -> Any:
        """How a value is pickled, less what is not captured of it."""
        if type(made) is not tuple or len(made) < 3 or not self._means(type(value)):
            return made
        state, how = made[2], made[3:]
        if how and how[-1] is not attributed:
            return made
        own, slots = state if type(state) is tuple else (state, {})
        own = {k: v for k, v in own.items() if k in self.attributes} if own else None
        slots = {k: v for k, v in slots.items() if k in self.attributes}
        if slots:
            return *made[:2], (own, slots)
        return (*made[:2], own, *how) if own else (*made[:2], None)

    def _means(self, kind: type) -> bool:
        """Whether all that an instance does is written in classes that were looked at."""
        found = self._meant.get(id(kind))
        if found is None:
            bases = [base for base in type.__dict__["__mro__"].__get__(kind) if base is not object]
            found = type(kind) is type and all(self._named(base) in self.classes for base in bases)
            self._meant[id(kind)] = found
        return found

    @staticmethod
    def _named(kind: type) -> tuple[str, str]:
        module = sys.modules.get(kind.__module__)
        name = module_name(module) if module is not None else None
        return name or "", kind.__qualname__


class _Strict(Pickler):
    """Pickles what is listed. An instance, so that its way of doing it can be a bare function."""

    reducer_override: Any


def _reducer(
    markers: frozenset[int], part: Part | None, later: Later | None
) -> Callable[[Any], Any]:
    """What the pickler asks for each value: where there is none of them, that is `reduce` itself."""
    if part is None and later is None and not markers:
        return reduce

    def reducer(value: Any) -> Any:
        if type(value) is object and id(value) in markers:
            return object, ()
        made = reduce(value)
        return made if part is None else part.of(value, made)

    return reducer if later is None else later.reducer(reducer)


class Attributes:
    """What an instance holds, which is put into it by ``put`` once all are there."""

    def __init__(self, of: object, state: object, put: Any) -> None:
        self.of = of
        self.state = state
        self.put = put


class Later:
    """The attributes of instances that were pickled without them: no instance is pickled within another."""

    def __init__(self) -> None:
        self._left: list[Attributes] = []
        self._waits: dict[int, bool] = {}

    def reducer(self, whole: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """What the pickler asks for each value, where ``whole`` says how one is pickled with all that it has."""

        def reducer(value: Any) -> Any:
            if value is self:
                return gathered, (), None, iter(self)
            if type(value) is Attributes:
                return value.put, (value.of, value.state)
            return self.of(value, whole(value))

        return reducer

    def of(self, value: object, made: Any) -> Any:
        """How a value is pickled, but for what comes later."""
        if type(made) is not tuple or len(made) < 3 or made[2] is None or made[0] not in MAKERS:
            return made
        if not self._can_wait(type(value)):
            if not _plain(made[2]):  # which its hash may ask, and then it must all be there
                raise TooDeep("nested too deeply")
            return made
        put = placed if type(made[2]) is tuple else attributed
        self._left.append(Attributes(value, made[2], put))
        return *made[:2], None

    def _can_wait(self, kind: type) -> bool:
        """Whether a dict or set that holds an instance asks nothing of what it has."""
        found = self._waits.get(id(kind))
        if found is None:
            spaces = map(namespace_of, of_type(kind, "__mro__"))
            hashed = next(space["__hash__"] for space in spaces if "__hash__" in space)
            found = self._waits[id(kind)] = hashed is None or hashed is object.__hash__
        return found

    def __iter__(self) -> Iterator[object]:
        """As long as there are more, which pickling what was given may add to: the pickler may ask for two at once."""
        while True:
            yield None
            if not self._left:
                return
            yield self._left.pop()


def dump(
    value: object,
    budget: int,
    markers: frozenset[int] = frozenset(),
    part: Part | None = None,
    later: Later | None = None,
) -> bytes:
    """The pickle of a value. Raises Unpicklable with the reason where there is none, TooDeep among others.

    ``markers`` are the ids of bare objects that may be in it: such a one is nothing but itself, so what
    it is compared with must be in the value too.

    Each time the pickler has 64 KiB together, the budget is looked at, so no huge value is walked to its
    end, and a turn may be over: what other threads change meanwhile is captured as it is met.
    """
    file = _Bounded(budget)
    try:
        pickler = _Strict(file, 5)
        pickler.reducer_override = _reducer(markers, part, later)
        pickler.dump(value)
    except Exception as error:
        if isinstance(error, Unpicklable) or raised_by_program(error):
            raise
        raise _refusal(error) from None
    return b"".join(file.parts)


def _namespace(module: object) -> dict[str, object]:
    """What is in a module; nothing where something else has its place, which might answer itself."""
    return module.__dict__ if type(module) is ModuleType else {}


def _refusal(error: Exception) -> Unpicklable:
    if isinstance(error, RecursionError):
        return TooDeep("nested too deeply")
    if isinstance(error, RuntimeError):
        return Unpicklable(CHANGED)
    return Unpicklable(f"cannot be pickled: {type(error).__name__}")


def _plain(state: object) -> bool:
    """Whether attributes hold atoms alone, and tuples of them."""
    if type(state) is dict:
        return all(map(_plain, state.values()))
    if type(state) is tuple:
        return all(map(_plain, state))
    return state is None or type(state) in (int, str, float, bool, bytes)


class TooDeep(Unpicklable):
    """What leads from one object to the next is longer than the pickler can follow."""


class Capture:
    """The taker of a capture window: payloads with their calls' times, refusals by reason."""

    def __init__(
        self,
        names: list[tuple[str, str]],
        budget: int,
        registry: Registry,
        part: Part | None = None,
        hearing: Hearing | None = None,
        most_ns: int = MOST_NS,
    ) -> None:
        self.part = part
        self.hearing = hearing
        self.deaf = False
        self.names = names
        self.budget = budget
        self.most_ns = most_ns  # of processor time, a last call more or less
        self.registry = registry
        self.payloads: dict[int, bytes] = {}
        self.tokens = count()  # of several threads at once
        self.times: dict[int, int] = {}
        self.inside: set[int] = set()
        self.refused: dict[str, int] = {}
        self.bytes = 0
        self.spent = 0
        forget()
        told_by(registry.origin)

    def take(self, arguments: tuple[object, ...]) -> int:
        """Take one call before it runs: its token, or -1 where it is not taken. Raises nothing of ours."""
        if self.full:
            return -1
        began = thread_time_ns()
        try:
            return self._take(arguments)
        finally:
            self.spent += thread_time_ns() - began

    def _take(self, arguments: tuple[object, ...]) -> int:
        try:
            if self.bytes >= MOST_BYTES:
                raise Unpicklable("the window has all that it may hold")
            found = self._globals()
            markers = frozenset(id(value) for value in found.values() if type(value) is object)
            content: dict[str, object] = {"args": arguments, "globals": found}
            if self.part is not None:
                content["partly"] = True
            payload = self._dumped(content, markers)
            token = next(self.tokens)
            if self.hearing is not None:
                self.hearing.begin(token)
        except Exception as error:
            self._refuse(error)
            return -1
        self.bytes += len(payload)
        self.payloads[token] = payload
        return token

    def _dumped(self, content: dict[str, object], markers: frozenset[int]) -> bytes:
        try:
            return dump(content, self.budget, markers, self.part)
        except TooDeep:
            later = Later()
            return dump({**content, "later": later}, self.budget, markers, self.part, later)

    def _refuse(self, error: Exception) -> None:
        if raised_by_program(error):
            raise error
        own = isinstance(error, Unpicklable)
        reason = str(error) if own else f"an error inside selfsame: {type(error).__name__}"
        self.refused[reason] = self.refused.get(reason, 0) + 1

    @property
    def full(self) -> bool:
        """Whether it has taken as much of the processor as it may."""
        return self.spent >= self.most_ns

    @property
    def pending(self) -> int:
        """How many calls that were taken have not ended: they count only when they have."""
        return len(self.payloads) - len(self.times)

    def heard(self, number: int, result: object) -> None:
        """An outside function gave this to a call."""
        if self.hearing is not None:
            self.hearing.heard(number, result)

    def done(self, token: int, nanoseconds: int, outermost: bool = True) -> None:
        """The call ended. It is not ``outermost`` where another of the function went on in its thread."""
        if self.hearing is not None:
            try:
                self._append(token, self.hearing)
            except Exception as error:
                del self.payloads[token]
                self._refuse(error)
                return
        if not outermost:
            self.inside.add(token)
        self.times[token] = nanoseconds

    def _append(self, token: int, hearing: Hearing) -> None:
        """Put what outside functions gave to a call behind its payload. Raises Unpicklable."""
        given = hearing.end(token)
        if self.deaf:
            raise Unpicklable("what an outside function gave was missed")
        record = dump(given, self.budget)
        self.bytes += len(record)
        self.payloads[token] += record

    def calls(self) -> tuple[list[tuple[bytes, int]], list[int]]:
        """The captured calls that have ended, in the order in which they began; and the places of those that
        were made inside another call of the function.
        """
        ended = sorted(self.times)
        calls = [(self.payloads[token], self.times[token]) for token in ended]
        return calls, [place for place, token in enumerate(ended) if token in self.inside]

    def _globals(self) -> dict[tuple[str, str], object]:
        found: dict[tuple[str, str], object] = {}
        for module, name in self.names:
            known = self.registry.by_name.get(module)
            if known is not None:
                namespace = known.namespace
            elif module in sys.modules:
                namespace = _namespace(sys.modules[module])
            else:
                continue
            if (module, name) == GENERATOR:
                found[GENERATOR] = state()
            elif name in namespace:
                found[module, name] = namespace[name]
        return found
