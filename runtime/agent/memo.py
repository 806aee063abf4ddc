"""What memoised functions keep from one call to the next: results by their arguments, within bounds.

A `Memory` belongs to one rewrite in one process. The rewrite asks it first (``recall``); on a miss
the original body runs, and what it returns is kept where it cannot be told from what a later call
would make. Nothing here runs code of the user's, waits, or raises into the program.
"""

from __future__ import annotations

import sys
from _operator import is_
from _thread import allocate_lock
from _weakref import ref
from sys import getsizeof

from selfsame.runtime.agent.handlers import raised_by_program
from selfsame.runtime.agent.helpers import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

FUNCTION = type(lambda: None)
MOST_RESULTS = 100_000
LONGEST, DEEPEST = 512, 4
"""Containers with more items in all, or nested deeper, have no key: making it would take too long."""
LARGEST = 8
"""One result may take this part of the whole, and no more."""
PLACE = 120
"""Bytes of a result's place in the table, with the tuple that is its key; on the safe side."""
NEVER = -1
LARGEST_LOOK = 1 << 14  # bytes
MOST_LOOKS = 16
"""Lists and dicts of which the last look is remembered, which keeps them alive: globals, most of them."""
_looks: dict[int, tuple[object, list[object], object]] = {}
_steady_ones: dict[int, Callable[[], object]] = {}


class Unkeyed(Exception):
    """A value has no key: another that looks like it may behave differently."""


class Same:
    """In a key, for what never changes and may behave unlike another that is equal: itself alone."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.value is self.value

    def __hash__(self) -> int:
        return object.__hash__(self.value)


def frozen(values: tuple[object, ...], called: int = 0) -> tuple[object, ...]:
    """A key for values: two have the same only where types and contents are exactly the same.

    ``1``, ``1.0`` and ``True``, ``0.0`` and ``-0.0``, and the orders of two dicts are told apart.
    A frozenset of what never changes (its order may differ from an equal one's), a range and a
    compiled pattern are told apart by identity. The last ``called`` values are the functions that
    were looked at. NaN, subclasses, sets, other functions (which may read anything) and all that
    is not known here have none. Raises Unkeyed.

    >>> frozen((1, "a")), frozen((True, 1.0)) == frozen((1, 1))
    ((1, 'a'), False)
    """
    parts: list[object] = []
    for value in values[: len(values) - called]:
        kind = type(value)
        if kind is str or kind is int or value is None:
            parts.append(value)
        else:
            parts.append(_part(value, DEEPEST, LONGEST))
    for value in values[len(values) - called :]:
        if type(value) is not FUNCTION:
            raise Unkeyed
        parts.append(value)  # the same only where it is the same object
    return tuple(parts)


def _part(value: Any, depth: int, room: int) -> object:
    """The part of a key for a value that has at most ``room`` items, those of its items among them."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is float:
        if value != value:
            raise Unkeyed
        return (kind, value or repr(value))
    if kind is bool or kind is bytes:  # bytes alone would be compared with texts
        return (kind, value)
    if kind is complex:
        return (kind, _part(value.real, 0, 0), _part(value.imag, 0, 0))
    if depth and (kind is tuple or kind is list or kind is dict) and len(value) <= room:
        if kind is tuple:
            return _whole(kind, value, depth, room)
        return _look(value, kind, depth, room)
    if kind is frozenset:
        return _steady(value)
    if kind is range or kind is getattr(sys.modules.get("re"), "Pattern", None):
        return Same(value)
    raise Unkeyed


def _whole(
    kind: type, items: tuple[Any, ...] | list[Any], depth: int, room: int
) -> tuple[object, ...]:
    """The part of a key for a container of ``items``, which share its room."""
    each = room // (len(items) or 1) - 1
    return (kind, *[_part(item, depth - 1, each) for item in items])


def _steady(value: Any) -> Same:
    """The part of a key for a frozenset, whose items are looked at once: they may be anything that has a hash."""
    place = object.__hash__(value)
    known = _steady_ones.get(place)
    if known is None or known() is not value:
        for item in value:
            if not plain(item):
                raise Unkeyed
        if len(_steady_ones) >= MOST_LOOKS:
            _steady_ones.clear()
        _steady_ones[place] = ref(value)
    return Same(value)


def _look(value: Any, kind: type, depth: int, room: int) -> object:
    """The part of a key for a list or dict: that of the last time where it holds the very same things.

    What it holds must be flat for that: a list in it may have changed while it is still the same.
    """
    held = [*value, *value.values()] if kind is dict else list(value)
    place = object.__hash__(value)
    known = _looks.get(place)
    same = known is not None and known[0] is value and len(known[1]) == len(held)
    if known is not None and same and all(map(is_, known[1], held)):
        return known[2]
    part = _whole(kind, held, depth, room)
    if (
        not any(type(item) is tuple or type(item) is list or type(item) is dict for item in held)
        and sum(map(getsizeof, held)) <= LARGEST_LOOK
    ):
        if len(_looks) >= MOST_LOOKS:
            _looks.clear()
        _looks[place] = (value, held, part)
    return part


def _changeable(values: tuple[Any, ...]) -> bool:
    """Whether a value of a key, or one inside it, is a list or dict."""
    for value in values:
        kind = type(value)
        if kind is list or kind is dict or (kind is tuple and _changeable(value)):
            return True
    return False


def again(result: Any) -> Any:
    """What a caller gets of a kept result: a list or dict is copied, as a call would make a new one."""
    kind = type(result)
    return result.copy() if kind is list or kind is dict else result


class Memory:
    """The results of one function, the oldest half of which go where there are too many.

    ``recall(key, default)`` is that of a dict. ``results`` is changed under a lock that hardly
    anybody waits for: where it is taken, a result is not kept. ``epoch`` counts how often all was
    forgotten: a call that began before does not bring back what it found.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.results: dict[object, object] = {}
        self.recall = self.results.get
        self.bytes = 0
        self.shared = 0  # how much of each key is what modules hold
        self.epoch = 0
        self.broken: Callable[[], str] | None = None  # whether what it relies on is another now
        self._lock = allocate_lock()

    def missed(self) -> int:
        """The body of the function begins: what is to be given to ``keep``."""
        return NEVER if self.broken is not None and self.broken() else self.epoch

    def keep(
        self, began: int, key: object, given: Any, called: int, result: Any, now: tuple[Any, ...]
    ) -> Any:
        """``result``, which is kept where it is plain.

        ``given`` is what the key was made of, the last of it data and then ``called`` functions of
        modules; ``now`` is what their names mean after the call.
        """
        if key is not None and began == self.epoch and plain(result):
            self._try(began, key, given, called, result, now)
        return result

    def keep_new(
        self, began: int, key: object, given: Any, called: int, result: Any, now: tuple[Any, ...]
    ) -> Any:
        """As ``keep``, of a result that the call has made: a list or dict of plain values, too."""
        kind = type(result)
        if kind is not list and kind is not dict:
            return self.keep(began, key, given, called, result, now)
        if key is not None and began == self.epoch:
            copied = result.copy()
            parts = list(copied)
            if kind is dict:
                parts += copied.values()
            if all(map(plain, parts)):
                self._try(began, key, given, called, copied, now)
        return result

    def forget(self) -> None:
        """Everything: what it relied on is another now, or the rewrite is taken out."""
        _looks.clear()
        held = self._lock.acquire(True, 1.0)
        self.epoch += 1
        self.results.clear()
        self.bytes = 0
        if held:
            self._lock.release()

    def forked(self) -> None:
        """In a child: who holds the lock may be a thread of the parent's."""
        self._lock = allocate_lock()

    def _try(
        self,
        began: int,
        key: Any,
        given: Any,
        called: int,
        result: object,
        now: tuple[Any, ...],
    ) -> None:
        try:
            # What another thread bound anew or changed meanwhile is not what the result is of.
            if not all(map(is_, given[len(given) - len(now) :], now)) or not _alike(result):
                return
            if key is given or not _changeable(given) or frozen(given, called) == key:
                self.shared = len(now)
                self._keep(began, key, result)
        except Exception as error:  # too little memory, say: the program has its result anyway
            if raised_by_program(error):
                raise

    def _keep(self, began: int, key: Any, result: object) -> None:
        if self.broken is not None and self.broken():
            return
        size = self._takes(key, result)
        if size * LARGEST > self.most_bytes or self._lock.locked():
            return
        with self._lock:  # no handler of a signal comes between: what is taken is given back
            if began != self.epoch or key in self.results:
                return
            if self.bytes + size > self.most_bytes or len(self.results) >= MOST_RESULTS:
                self._make_room()
            self.results[key] = result
            self.bytes += size

    def _make_room(self) -> None:
        oldest = list(self.results)[: len(self.results) // 2 + 1]
        for key in oldest:
            self.bytes -= self._takes(key, self.results.pop(key))

    def _takes(self, key: Any, result: object) -> int:
        """Bytes of a result and its key, without what the program's modules hold anyway."""
        first = len(key) - self.shared
        own = [part for n, part in enumerate(key) if n < first or type(part) is not Same]
        return PLACE + _size(tuple(own)) + _size(result)


def _alike(value: Any) -> bool:
    """Whether a result is equal to another like it: NaN in a container is only to itself."""
    kind = type(value)
    if kind is list or kind is tuple:
        return all(map(_alike, value))
    if kind is dict:
        return all(map(_alike, value)) and all(map(_alike, value.values()))
    return bool(value == value)


def _size(value: Any) -> int:
    """Bytes of a value of a key or a result, with what it holds; on the safe side."""
    size, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is tuple or kind is list:
            waiting += one
        elif kind is dict:
            waiting += one
            waiting += one.values()
        elif kind is frozenset:
            waiting += one
        elif kind is Same:
            waiting.append(one.value)
        elif kind is type or kind is FUNCTION:
            continue  # not this result's
        size += getsizeof(one)
    return size


memories: dict[tuple[str, str], Memory] = {}


def memory(address: str, digest: str, most_bytes: int) -> Memory:
    """The memory of a rewrite in this process: the same one in full, in canary and in windows."""
    known = memories.get((address, digest))
    if known is None or known.most_bytes != most_bytes:
        known = memories[address, digest] = Memory(most_bytes)
    return known


def rely(address: str, broken: Callable[[], str]) -> None:
    """From now on what ``broken`` tells of is asked before a result of the node is kept."""
    for (owner, _), known in list(memories.items()):
        if owner == address:
            known.broken = broken


def forget(address: str) -> None:
    """Forget all results of a node."""
    for (owner, _), known in list(memories.items()):
        if owner == address:
            known.forget()


def keep_only(addresses: Iterable[str]) -> None:
    """Forget all results of other nodes."""
    wanted = set(addresses)
    for (owner, _), known in list(memories.items()):
        if owner not in wanted and known.results:
            known.forget()


def forked() -> None:
    """In a child process."""
    for known in list(memories.values()):
        known.forked()
