"""What memory templates call in the user's process: the values of a list, a few at a time.

Nothing here changes what code of the user's runs, or in which order: while values are of one of the
interpreter's own types, taking them in cannot be noticed; with the first that is not, the rest is
collected before any is looked at, as the list would have been.
"""

from __future__ import annotations

from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from typing import Any

SIZE = 512
_NUMBERS: tuple[type, ...] = (int, float, bool)
_ORDERED: tuple[type, ...] = (*_NUMBERS, str, bytes)
_SCALARS: tuple[type, ...] = (*_ORDERED, type(None))
_TOTAL: tuple[type, ...] = (int, bool, str, bytes)  # no NaN among them: sorted agrees with min


def consumed(function: Callable[[Any], Any], values: Generator[Any, None, None]) -> Any:
    """``function([*values])`` for a generator expression; some builtins get a few at a time."""
    stopped: list[BaseException] = []
    result: Any = None
    if function is sum:
        result = sum(chain.from_iterable(_batches(values, _NUMBERS, stopped)))
    elif function is len:
        result = sum(map(len, _batches(values, _SCALARS, stopped)))
    elif function is any or function is all:
        # All values are made, whatever the first ones are, as they are for the list.
        result = undecided = function is all
        for batch in _batches(values, _SCALARS, stopped):
            if result is undecided:
                result = function(batch)
    elif function is min or function is max:
        try:
            result = function(chain.from_iterable(_batches(values, _ORDERED, stopped)))
        except ValueError:  # it is empty, or a value of the user's cannot be compared
            if not stopped:
                raise
    else:
        whole = _taken(values, values, stopped)
        if not stopped:
            result = function(whole)
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
    values: Generator[Any, None, None], kinds: tuple[type, ...], stopped: list[BaseException]
) -> Iterator[list[Any]]:
    """Lists of values; the last one is all the rest where a value is of no kind, or of another."""
    kind: type | None = None
    while True:
        batch = _taken(values, islice(values, SIZE), stopped)
        if stopped or not batch:
            return
        kind = kind or type(batch[0])
        if not _one_of(kind, kinds) or not _all_are(kind, batch):
            batch += _taken(values, values, stopped)
            if not stopped:
                yield batch
            return
        yield batch


def _taken(
    values: Generator[Any, None, None], some: Iterable[Any], stopped: list[BaseException]
) -> list[Any]:
    """A list of ``some`` of the values.

    What a list's expression lets through, a generator turns into RuntimeError (PEP 479): such a
    StopIteration is put into ``stopped``.
    """
    code = values.gi_code
    try:
        return list(some)
    except RuntimeError as error:
        cause, trace = error.__cause__, error.__traceback__
        inner = trace.tb_next if trace is not None else None
        turned = inner is None or (inner.tb_frame.f_code is code and inner.tb_next is None)
        if type(error) is not RuntimeError or type(cause) is not StopIteration or not turned:
            raise
        stopped.append(cause)
    return []


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
