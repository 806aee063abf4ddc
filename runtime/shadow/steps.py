"""Reads what a generator function gives step by step: what happens when is part of its meaning.

A generator that is asked for an item may take things from its arguments, change them or raise, and
the caller sees which of it happens before which item. So the arguments are looked at after each of
the first steps; and a second copy of the call is not read to its end but treated as callers may:
it is closed, thrown into, sent something, or finds its arguments changed.
"""

import collections
import dis
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import CO_GENERATOR
from itertools import pairwise
from types import CodeType
from typing import Any, Literal

from selfsame.runtime.shadow.consume import Consumed, consumed
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, digest
from selfsame.runtime.shadow.order import in_one_order
from selfsame.runtime.shadow.outcome import Tolerance, coded

MOST = 2_000
FIRST_LOOKS = 8
LATEST = 7
"""The most steps before a call is treated otherwise than by reading on."""

Way = Literal["closed", "changed", "thrown", "sent"]
WAYS: tuple[Way, ...] = ("changed", "closed", "changed", "thrown", "sent")
READ_ONLY: tuple[Way, ...] = ("changed",)
TOLD: dict[Way, str] = {
    "closed": "behaviour when it is closed early",
    "changed": "course after a change of its arguments",
    "thrown": "answer to an exception that is thrown in",
    "sent": "answer to a value that is sent",
}
_AFTER_YIELD = 1  # of RESUME's argument
Look = Callable[[object], bytes]


class ThrownIn(Exception):
    """What is thrown into a generator to see what it does."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """After ``after`` items something else is done than to ask for the next one."""

    way: Way
    after: int

    @classmethod
    def of(cls, digest: bytes, steps: int, ways: Sequence[Way]) -> "Interruption":
        """One of ``ways`` that follows from the input, so that it is the same for both sides."""
        return cls(ways[digest[0] % len(ways)], digest[1] % (1 + min(steps, LATEST)))


def ways(original: CodeType, other: CodeType | None) -> tuple[Way, ...]:
    """How callers may treat what both sides give.

    An iterator that is no generator can only be read, and nobody sends anything to a generator whose
    own ``yield`` is nowhere an expression with a use.
    """
    if other is not None and not other.co_flags & CO_GENERATOR:
        return READ_ONLY
    code = list(dis.get_instructions(original))
    used = any(
        a.opname == "RESUME" and (a.arg or 0) & 3 == _AFTER_YIELD and b.opname != "POP_TOP"
        for a, b in pairwise(code)
    )
    return WAYS if used else tuple(way for way in WAYS if way != "sent")


def stepped(iterator: Any, look: Look) -> tuple[Consumed, list[bytes]]:
    """What it gives, up to `MOST` items, and the looks after its first steps, then ever more rarely.

    What goes on after the last item is closed. Raises nothing that the iterator raises but what is
    no Exception.
    """
    given, looks = Consumed("iterator", [], "more"), []
    for number in range(MOST):
        if not _step(given, iterator):
            break
        if number < FIRST_LOOKS or not number & (number - 1):
            looks.append(look(given.items[-1]))
    else:
        _close(given, iterator)
    return given, looks


class Looks:
    """Reads a generator step by step, and looks at the arguments ``parameters`` meanwhile.

    ``spent`` are the nanoseconds of thread CPU that the looks took. ``lazily``: of an iterator that is
    yielded counts what it gives, read at once; else it cannot be compared, for when it is read is
    the caller's.
    """

    def __init__(
        self, parameters: tuple[Any, ...], tolerance: Tolerance, lazily: bool = False
    ) -> None:
        self.spent = 0
        self.steps = 0
        self._parameters = parameters
        self._tolerance = tolerance
        self._lazily = lazily
        self._given: Consumed | None = None
        self._failed = False
        self._found: list[bytes] = []
        self._codes: list[bytes] = []

    def read(self, result: object) -> tuple[object, BaseException | None]:
        """What it gave, and the exception that ended it; ``result`` where it is no iterator."""
        if not isinstance(result, Iterator):
            return result, None
        given, self._found = stepped(result, self._look)
        error, given.error = given.error, None
        self._given, self._failed, self.steps = given, error is not None, len(given.items)
        return given, error

    def parts(self) -> tuple[tuple[str, bytes], ...]:
        """The parts of an outcome that the steps are. Raises CannotCompare."""
        if self._given is None:
            return (("first step", digest(b"")),)  # it raised in the call, or gave no iterator
        if not self._lazily and _holds_iterator(self._given.items):
            raise CannotCompare("an iterator that it yields")
        between = ("state between its steps", digest(b"".join(self._found)))
        if not self._failed:  # what it gave is the result
            return between, *coded(self._codes)
        encoder = Encoder(self._tolerance.floats, self._tolerance.any_message)
        given = in_one_order(encoder, self._given) if self._tolerance.unordered else self._given
        items = digest(encoder.part(given))
        return ("items before the exception", items), between, *coded(self._codes + encoder.codes)

    def _look(self, item: object) -> bytes:
        begun = time.thread_time_ns()
        encoder = Encoder(self._tolerance.floats, self._tolerance.any_message)
        seen = (None if self._tolerance.unordered else item, self._parameters)
        try:
            return digest(encoder.part(seen))
        except CannotCompare:  # what it gave is refused as a whole
            return b"?"
        finally:
            self._codes += encoder.codes
            self.spent += time.thread_time_ns() - begun


def _holds_iterator(items: Iterable[object]) -> bool:
    return any(
        isinstance(item, Consumed) or (isinstance(item, tuple | list) and _holds_iterator(item))
        for item in items
    )


def interrupted(
    iterator: Any, parameters: tuple[Any, ...], interruption: Interruption
) -> list[object]:
    """What it gives before and after it is interrupted, up to `MOST` items."""
    before = Consumed("iterator", [], "more")
    for _ in range(interruption.after):
        if not _step(before, iterator):
            return [before]
    after = Consumed("iterator", [], "more")
    match interruption.way:
        case "closed":
            _close(after, iterator)
            return [before, after]
        case "thrown":
            goes_on = _step(after, iterator, lambda: iterator.throw(ThrownIn()))
        case "sent":
            goes_on = _step(
                after, iterator, lambda: iterator.send(1 if interruption.after else None)
            )
        case "changed":
            for value in parameters:
                _change(value)
            goes_on = True
    if goes_on:
        for _ in range(MOST):
            if not _step(after, iterator):
                return [before, after]
        _close(after, iterator)
    return [before, after]


def _step(given: Consumed, iterator: Iterator[Any], ask: Callable[[], Any] | None = None) -> bool:
    """Take one item; False where there was none."""
    try:
        given.items.append(consumed(ask() if ask is not None else next(iterator)))
    except StopIteration as stop:
        given.ended = "end"
        if stop.value is not None:
            given.items.append(("returned", stop.value))
        return False
    except Exception as error:
        given.ended, given.error = "error", error
        return False
    return True


def _close(given: Consumed, iterator: Any) -> None:
    close = getattr(iterator, "close", None)
    if close is None:
        return
    try:
        close()
    except Exception as error:
        given.ended, given.error = "error", error


def _change(value: Any, depth: int = 2) -> None:
    """Change what is reached from an argument and can be changed, always in the same way."""
    kind = type(value)
    if kind is list or kind is bytearray or kind is collections.deque:
        if len(value) % 2:
            value.append(value[-1])
        elif value:
            value.pop()
    elif kind in (dict, set):
        value.clear()
    elif kind is tuple and depth:
        for item in value:
            _change(item, depth - 1)
    elif kind in _POSITIONS:
        next(value, None)


_POSITIONS: tuple[type, ...] = (
    type(iter([])),
    type(iter(())),
    type(iter(range(0))),
    type(iter("")),
)
