"""What rewrites of pure functions call: things made once in front of a loop and asked in it.

Each of these does its part exactly as the code that it stands for, or raises ``Declined``: the
function is then run from its start as it was written, so nothing here needs a second way. As in
``helpers``, nothing runs code of the user's but what the user's code runs at that place anyway.
"""

import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from selfsame.runtime.agent.helpers import membership_index, plain

CONTAINERS = (list, tuple, dict, set, frozenset, range, str, bytes, bytearray)
FUNCTION = type(lambda: None)
LASTING = ("collections", "enum")
"""Modules whose classes in Python give the same whenever one goes over them."""
VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


class Declined(BaseException):
    """The original must run. No error of the user's, so no handler of the user's takes it."""


def whole(value: Any) -> Any:
    """``value``, unless going over it may use it up: what was taken is gone for the original.

    That is so of iterators, and of what a class of somebody's own goes over, with an ``__iter__`` or
    ``__getitem__`` in Python: a queue, say, or the lines of a file that it holds.
    """
    kind = type(value)
    for known in CONTAINERS:
        if kind is known:
            return value
    if hasattr(kind, "__next__"):
        raise Declined
    goes = getattr(kind, "__iter__", None)
    if goes is None or getattr(goes, "__module__", "") == "_collections_abc":
        goes = getattr(kind, "__getitem__", None)
    if type(goes) is FUNCTION and goes.__module__ not in LASTING:
        raise Declined
    return value


def steady(value: Any) -> Any:
    """``value``, unless looking for an item that it lacks gives it one: a ``defaultdict``.

    What a ``__missing__`` in Python does, the facts have followed.
    """
    kind = type(value)
    for known in CONTAINERS:
        if kind is known:
            return value
    missing = getattr(kind, "__missing__", None)
    if missing is not None and type(missing) is not FUNCTION:
        raise Declined
    return value


def kept(value: Any) -> Any:
    """``value`` where it is one that cannot be told from another that is made later."""
    if plain(value):
        return value
    raise Declined


def read(value: Any) -> Any:
    """``value`` that is only read: plain, or an exact container of plain values."""
    kind = type(value)
    if kind is list or kind is set or kind is frozenset:
        parts: Iterable[object] = value
    elif kind is dict:
        parts = [*value.keys(), *value.values()]
    else:
        return kept(value)
    for part in parts:
        if not plain(part):
            raise Declined
    return value


MOST_REMEMBERED = 100_000


def forgetful(function: object) -> dict[object, object]:
    """What the results of a function are kept in, by its arguments, while a loop runs.

    ``function`` keeps those of two functions apart: what is made once is told by its text.
    """
    return {}


def remembered(results: dict[object, object], key: object, result: Any) -> Any:
    """``result``, which is kept for the next time where there is room."""
    if len(results) < MOST_REMEMBERED:
        results[key] = kept(result)
    return result


def _each(sequence: Any, *kinds: type) -> Any:
    """``sequence`` of one of the kinds, whose elements may be looked up instead of compared."""
    kind = type(sequence)
    if sys.flags.bytes_warning or not any(kind is known for known in kinds):
        raise Declined
    return sequence


def declined() -> bool:
    """Give up, where an expression is needed."""
    raise Declined


def searched(container: Any) -> Any:
    """In what this gives, ``x in container`` is looked up, for plain x."""
    kind = type(container)
    if kind is list or kind is tuple:
        try:
            return membership_index(container)
        except TypeError:
            raise Declined from None
    if kind is set or kind is frozenset or kind is dict or kind is str:
        return container
    raise Declined


def lasting(value: Any) -> Any:
    """What may be iterated over twice, with the same elements each time."""
    kind = type(value)
    if kind is list or kind is tuple or kind is range or kind is dict:
        return value
    for view in VIEWS:
        if kind is view:
            return value
    raise Declined


class Joined:
    """``[row for row in rows if key(row) == x]`` for many x: made of all (key, row)."""

    __slots__ = ("_index",)

    def __init__(self, pairs: list[tuple[object, Any]]) -> None:
        index: dict[object, list[Any]] = {}
        for key, row in _each(pairs, list):
            kind = type(key)
            if kind is not str and kind is not int:
                if not plain(key):
                    raise Declined
                if key != key:
                    continue  # NaN equals nothing, itself neither
            index.setdefault(key, []).append(row)
        self._index = index

    def matching(self, key: object) -> Sequence[Any]:
        """The rows with an equal key, in their order."""
        kind = type(key)
        if kind is str or kind is int or plain(key):
            return self._index.get(key, ())
        raise Declined


class Slots:
    """``[i for i in range(a, b) if sequence[i] == x]`` for many a, b and x."""

    __slots__ = ("_count", "_joined")

    def __init__(self, sequence: Any) -> None:
        pairs = [(key, place) for place, key in enumerate(_each(sequence, list, tuple, str))]
        self._joined, self._count = Joined(pairs), len(pairs)

    def matching(self, key: object, places: object) -> Sequence[int]:
        """The places with an equal value that are in the range, in order."""
        if type(places) is not range or places.step != 1:
            raise Declined
        if places and (places.start < 0 or places.stop > self._count):
            raise Declined
        found = self._joined.matching(key)
        return found[bisect_left(found, places.start) : bisect_left(found, places.stop)]


class Counted:
    """``sequence.count(x)`` for many x."""

    __slots__ = ("_counts", "_kind")

    def __init__(self, sequence: Any) -> None:
        counts: dict[object, int] = {}
        for value in _each(sequence, list, tuple, str):
            if type(value) is not str and not plain(value):
                raise Declined
            counts[value] = counts.get(value, 0) + 1
        self._counts, self._kind = counts, type(sequence)

    def count(self, value: Any) -> int:
        """How often an equal value occurs."""
        kind = type(value)
        if self._kind is str:
            if kind is str and len(value) == 1:
                return self._counts.get(value, 0)
            raise Declined
        if kind is str or kind is int or plain(value):
            return self._counts.get(value, 0)
        raise Declined


class Placed:
    """``sequence.index(x)`` for many x that are in it."""

    __slots__ = ("_kind", "_places")

    def __init__(self, sequence: Any) -> None:
        places: dict[object, int] = {}
        for place, value in enumerate(_each(sequence, list, tuple, str)):
            if type(value) is not str and not plain(value):
                raise Declined
            places.setdefault(value, place)
        self._kind, self._places = type(sequence), places

    def index(self, value: Any) -> int:
        """The place of the first equal value."""
        kind = type(value)
        one = kind is str and (self._kind is not str or len(value) == 1)
        if one or (self._kind is not str and (kind is int or plain(value))):
            place = self._places.get(value)
            if place is not None:
                return place
        raise Declined


class Summed:
    """``sum(sequence[a:b])`` for many a and b, of whole numbers."""

    __slots__ = ("_count", "_totals")

    def __init__(self, sequence: Any) -> None:
        totals = [0]
        total = 0
        for value in _each(sequence, list, tuple, range):
            if type(value) is not int:
                raise Declined
            total += value
            totals.append(total)
        self._totals, self._count = totals, len(totals) - 1

    def between(self, start: object, stop: object) -> int:
        """The sum of ``sequence[start:stop]``; None as in a slice."""
        for bound in (start, stop):
            if bound is not None and type(bound) is not int:
                raise Declined
        first, last, _ = slice(start, stop).indices(self._count)
        return self._totals[last] - self._totals[first] if last > first else 0
