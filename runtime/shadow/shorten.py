"""Cuts what was captured down to a size at which a difference shows as well, and a call takes little.

A call on ten thousand rows takes a thousand times as long as one on ten, and hardly ever finds more:
of a trial's time it would leave none for the other inputs.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.outcome import PLAIN
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.reach import Span

LENGTHS: Final = (1, 2, 3, 5, 8, 13)
RECORD: Final = 16
"""Dicts and sets up to this size are left whole: they may be records, whose parts all belong."""
TEXT: Final = 25
"""Characters of a text for each element that is kept of a list."""
DEEPEST: Final = 8


def shortened(parameters: list[Any], keep: int) -> None:
    """Cut every list in the parameters, and in what they hold, to its first ``keep`` elements.

    In place, so that what is shared stays shared, and lists that belong together stay of one length.
    Deques, and dicts and sets that are no records, are cut as well; of texts only parameters are.
    """
    seen: set[int] = set()
    for index, value in enumerate(parameters):
        if type(value) in (str, bytes):
            parameters[index] = value[: keep * TEXT]
        else:
            _cut(value, keep, seen, 0)


def smallest(payload: bytes, holds: Callable[[bytes], bool]) -> bytes:
    """A payload with as little in the texts and lists among its parameters as ``holds`` lets.

    Pieces are left out, half of it first and single elements last (Zeller and Hildebrandt,
    "Simplifying and Isolating Failure-Inducing Input", 2002).
    """
    for index, value in enumerate(Call.of(payload).parameters):
        if type(value) not in (str, bytes, list):
            continue
        length = size = len(value)
        while size > 1:
            size, start = (size + 1) // 2, 0
            while start < length:
                shorter = _without(payload, index, start, start + size)
                if holds(shorter):
                    payload, length = shorter, length - min(size, length - start)
                else:
                    start += size
    return payload


def staying(
    payloads: Sequence[bytes],
    coming: Callable[[bytes], set[Span]],
    mutations: Callable[[list[bytes]], Iterator[bytes]],
    seconds: float,
) -> list[bytes]:
    """Inputs that come to a place, made from some that do: cut down, then mutated again and again.

    ``coming`` says which places an input comes to, ``mutations`` goes on from what the list that it is
    given has by then. Takes so many seconds of CPU time, half of them for cutting down at most.
    """
    begun = time.process_time()
    pool: list[bytes] = []
    for payload in payloads:
        there = coming(payload)

        def holds(shorter: bytes, there: set[Span] = there) -> bool:
            early = time.process_time() < begun + seconds / 2
            return early and there <= coming(shorter)

        pool.append(smallest(payload, holds))
    found = dict.fromkeys(pool)
    for payload in mutations(pool):
        if time.process_time() > begun + seconds:
            break
        if payload not in found and coming(payload):
            found[payload] = None
            pool.append(payload)
    return list(found)


def _without(payload: bytes, index: int, start: int, end: int) -> bytes:
    call = Call.of(payload)
    parameters = list(call.parameters)
    parameters[index] = parameters[index][:start] + parameters[index][end:]
    return dump(tuple(parameters), call.globals, call.partly)


def _cut(value: Any, keep: int, seen: set[int], depth: int) -> None:
    if id(value) in seen or depth > DEEPEST:
        return
    kind = type(value)
    inside: list[Any] = []
    if kind is list:
        del value[keep:]
        inside = value
    elif kind is deque:
        while len(value) > keep:
            value.pop()
        inside = list(value)
    elif issubclass(kind, dict):
        if len(value) > RECORD:
            for name in list(value)[keep:]:
                del value[name]
        inside = list(value.values())
    elif kind is set:
        if len(value) > RECORD and PLAIN.issuperset(map(type, value)):
            # Ordered, since two workers must keep the same.
            value.difference_update(sorted(value, key=repr)[keep:])
    elif kind is tuple:
        inside = list(value)
    else:
        state = getattr(value, "__dict__", None)
        if type(state) is dict and not isinstance(value, type):
            inside = list(state.values())
    seen.add(id(value))
    for item in inside:
        _cut(item, keep, seen, depth + 1)
