"""What memory templates call in the user's process: the values of a list, a few at a time.

Nothing here changes what code of the user's runs, or in which order: while values are of one of the
interpreter's own types, taking them in cannot be noticed; with the first that is not, the rest is
collected before any is looked at, as the list would have been.
"""

from __future__ import annotations

from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

SIZE = 512
_NUMBERS: tuple[type, ...] = (int, float, bool)
_ORDERED: tuple[type, ...] = (*_NUMBERS, str, bytes)
_SCALARS: tuple[type, ...] = (*_ORDERED, type(None))
_PLAIN_SOURCES: tuple[type, ...] = (
    *(list, tuple, range, dict, set, frozenset, str, bytes, bytearray),
    *(type({}.keys()), type({}.values()), type({}.items()), type(_ for _ in ())),
)
_TOTAL: tuple[type, ...] = (int, bool, str, bytes)  # no NaN among them: sorted agrees with min


def consumed(function: Callable[[Any], Any], each: Callable[[Any], list[Any]], source: Any) -> Any:
    """``function(each(source))`` where ``each`` is a list comprehension, in parts."""
    stopped: list[StopIteration] = []
    result: Any = None
    items = _ended_once(source)
    if function is sum:
        result = sum(chain.from_iterable(_batches(each, items, _NUMBERS, stopped)))
    elif function is len:
        result = sum(map(len, _batches(each, items, _SCALARS, stopped)))
    elif function is any or function is all:
        # All values are made, whatever the first ones are, as they are for the list.
        result = undecided = function is all
        for batch in _batches(each, items, _SCALARS, stopped):
            if result is undecided:
                result = function(batch)
    elif function is min or function is max:
        try:
            result = function(chain.from_iterable(_batches(each, items, _ORDERED, stopped)))
        except ValueError:  # it is empty, or a value of the user's cannot be compared
            if not stopped:
                raise
    else:
        return function(each(items))
    if stopped:
        raise stopped[0]
    return result


def extreme(function: Callable[[Any], Any], values: Any, last: bool) -> Any:
    """``function(values)[-1 if last else 0]``, without the sorted list where that is the same."""
    kind = type(values)
    if function is sorted and (kind is list or kind is tuple) and values:
        first = type(values[0])
        if _one_of(first, _TOTAL) and _all_are(first, values):
            # The last of equal values, as sorting leaves it at the end.
            return max(reversed(values)) if last else min(values)
    return function(values)[-1 if last else 0]


def _batches(
    each: Callable[[Any], list[Any]],
    items: Iterator[Any],
    kinds: tuple[type, ...],
    stopped: list[StopIteration],
) -> Iterator[list[Any]]:
    """Lists of values; the last one is all the rest where a value is of no kind, or of another.

    A StopIteration of the user's goes through a list comprehension, and cannot through this
    generator (PEP 479): it is put into ``stopped``.
    """
    kind: type | None = None
    for first in items:
        try:
            # Items are asked for one by one, as the whole comprehension would.
            batch = each(chain((first,), islice(items, SIZE - 1)))
            if not batch:
                continue
            kind = kind or type(batch[0])
            alike = _one_of(kind, kinds) and _all_are(kind, batch)
            if not alike:
                batch += each(items)
        except StopIteration as stop:
            stopped.append(stop)
            return
        yield batch
        if not alike:
            return


def _ended_once(source: Any) -> Iterator[Any]:
    """An iterator that can be asked again when it has ended, without anybody noticing."""
    items: Iterator[Any] = iter(source)
    return items if _one_of(type(source), _PLAIN_SOURCES) else _asked(items)


def _asked(items: Iterator[Any]) -> Iterator[Any]:
    while True:  # a ``for`` would call ``__iter__`` a second time
        try:
            item = next(items)
        except StopIteration:
            return
        yield item


def _one_of(kind: type, kinds: tuple[type, ...]) -> bool:
    # Not ``in``: a metaclass may have an ``==`` of its own.
    return any(kind is one for one in kinds)


def _all_are(kind: type, values: Iterable[Any]) -> bool:
    for value in values:  # twice as fast as all() over a generator, and asked of every value
        if type(value) is not kind:
            break
    else:
        return True
    return False
