"""Inputs that come to a changed place, made from some that do: what differs there shows near them.

They are cut down as far as they still come there, and mutated; what comes there is mutated in turn.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.payloads import anew
from selfsame.runtime.shadow.reach import Span


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
    pool = list(payloads)  # what is cut away may be what shows a difference
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
    return anew(call, parameters)
