"""Reads what a call returned lazily: iterators, generators and coroutines, up to a limit.

Of what a generator function yields, and otherwise only where that was asked for (`selfsame trial`):
consuming is more than the caller may ever do.
"""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST = 400
DEPTH = 3


@dataclass(slots=True)
class Consumed:
    """What an iterator gave, and how it ended: "end", "more" beyond the limit, or its error.

    ``read`` is the iterator itself, where its class is somebody's own and it may hold more.
    """

    kind: str
    items: list[Any]
    ended: str
    error: BaseException | None = None
    read: object = None


def consumed(value: Any, depth: int = DEPTH) -> Any:
    """``value`` with every iterator in it read. Errors of an iterator are part of what it gave."""
    kind = type(value)
    if kind is types.CoroutineType:
        return _awaited(value)
    if isinstance(value, Iterator) and not hasattr(value, "fileno"):
        return _read(value, depth)
    if depth > 0 and kind in (tuple, list) and any(isinstance(x, Iterator) for x in value):
        return kind(consumed(item, depth - 1) for item in value)
    return value


def _read(iterator: Iterator[Any], depth: int) -> Consumed:
    plain = _plain(type(iterator))
    name = "iterator" if plain else type(iterator).__name__
    found = Consumed(name, [], "more", read=None if plain else iterator)
    try:
        for _ in range(MOST):
            item = next(iterator)
            found.items.append(consumed(item, depth - 1) if depth > 0 else item)
    except StopIteration as stop:
        found.ended = "end"
        if stop.value is not None:
            found.items.append(("returned", stop.value))
    except Exception as error:
        found.ended, found.error = "error", error
    return found


def _plain(kind: type) -> bool:
    """A generator or an iterator of the interpreter's: which one it is is nobody's business."""
    return kind is types.GeneratorType or not kind.__flags__ & (1 << 9)


def _awaited(coroutine: "types.CoroutineType[Any, Any, Any]") -> Any:
    """The result of a coroutine that never waits; one that does stays what it is, and is refused."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return Consumed("coroutine", [stop.value], "end")
    return coroutine
