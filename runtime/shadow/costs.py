"""Measures one side of a node in a worker: thread CPU time, and peak memory by memray."""

import collections
import gc
import os
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from selfsame.runtime.shadow.calls import Caller
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.records import MOST_RECORDS, Weight, replay
from selfsame.runtime.shadow.steps import MOST

PASSES = 3


def time_pair(
    caller: Caller, make: Callable[[str], Call], order: Sequence[str], calls: int, warm: bool
) -> list[int]:
    """Thread CPU nanoseconds of ``calls`` calls for each side in ``order``.

    Every call has a fresh copy of the input, made before the clock starts, and finds the globals that
    came with it: where calls change those, each is timed by itself. A ``warm`` call comes
    first, because a code object that was just swapped in is not specialised yet.
    """
    if caller.live.changing is None:
        caller.live.changing = _changes(caller, make(order[0]), order[0])
    if caller.live.changing:
        return [_time_one_by_one(caller, make, side, calls, warm) for side in order]
    spent = []
    for side in order:
        copies = [caller.prepare(make(side), side) for _ in range(calls + warm)]
        function = copies[0][0]
        ready = [(positional, keywords) for _, positional, keywords in copies]
        if warm:
            positional, keywords = ready.pop()
            _attempt(caller, function, positional, keywords)
        gc.collect(0)
        drop = collections.deque[Any](maxlen=0).extend
        begun = time.thread_time_ns()
        for positional, keywords in ready:
            try:
                result = function(*positional, **keywords)
                if caller.steps:
                    drop(islice(result, MOST))
            except Exception:  # written out, because a call of a helper would be timed as well
                pass
        spent.append(time.thread_time_ns() - begun)
        del copies, ready
    return spent


def time_sequence(
    caller: Caller,
    make: Callable[[int, str], Call],
    order: Sequence[str],
    numbers: Sequence[int],
    each: bool,
    globals_of: dict[int, bytes],
) -> list[list[int]]:
    """Thread CPU nanoseconds of a sequence of inputs, for each side in ``order``.

    One sum for a side, or with ``each`` the time of every call. Every call has a copy of its own, made
    before the clock starts; where globals came with the calls and differ, they are put in place between
    two calls, outside the clock. ``globals_of`` keeps what is known of them by input.
    """
    spent = []
    for side in order:
        calls = [make(number, side) for number in numbers]
        ready = []
        known: bytes | None = None
        for number, call in zip(numbers, calls, strict=True):
            function, positional, keywords = caller.prepare(call, side)
            if number not in globals_of:
                globals_of[number] = caller.globals_read(call)
            alone = each or caller.replay is not None
            if alone or known is None or globals_of[number] != known or known == b"?":
                ready.append((call, list[Any]()))
            known = globals_of[number]
            ready[-1][1].append((positional, keywords))
        gc.collect(0)
        times = []
        for call, group in ready:
            caller.prepare(call, side)
            begun = time.thread_time_ns()
            for positional, keywords in group:
                try:
                    function(*positional, **keywords)
                except Exception:
                    pass
            times.append(time.thread_time_ns() - begun)
        spent.append(times if each else [sum(times)])
    return spent


def _changes(caller: Caller, call: Call, side: str) -> bool:
    """Whether a call changes the globals that came with it."""
    function, positional, keywords = caller.prepare(call, side)
    before = caller.live.state(call, side)
    _attempt(caller, function, positional, keywords)
    return caller.live.state(call, side) != before


def _time_one_by_one(
    caller: Caller, make: Callable[[str], Call], side: str, calls: int, warm: bool
) -> int:
    """All are made first: what making one leaves of the processor's caches would be most of a short call."""
    made = [make(side) for _ in range(calls + warm)]
    spent = [_time_one(caller, one, side) for one in made]
    return sum(spent[warm:])


def _time_one(caller: Caller, call: Call, side: str) -> int:
    function, positional, keywords = caller.prepare(call, side)
    begun = time.thread_time_ns()
    try:
        result = function(*positional, **keywords)
        if caller.steps:
            collections.deque(islice(result, MOST), maxlen=0)
    except Exception:
        pass
    return time.thread_time_ns() - begun


def weigh(
    caller: Caller, make: Callable[[], Call], side: str, scratch: str, counted: bool
) -> Weight:
    """What one call allocates beyond its own inputs, pymalloc's blocks traced.

    Only if ``counted`` are its records replayed, which takes longer than the call.

    The inputs are made before tracing starts, so what they hold does not count. ``scratch`` is the
    folder for memray's file.
    """
    import memray

    function, positional, keywords = caller.prepare(make(), side)
    path = os.path.join(scratch, f"{os.getpid()}.memray")
    target = memray.FileDestination(path, overwrite=True, compress_on_exit=False)
    with memray.Tracker(destination=target, trace_python_allocators=True):
        _attempt(caller, function, positional, keywords)
    return replay(path, most=MOST_RECORDS if counted else 0)


def retained(
    caller: Caller, make: Callable[[int], Call], number: int, side: str, least: float
) -> int:
    """Bytes that stay allocated after a pass over ``number`` inputs: the fewest of `PASSES` passes.

    After one with fewer than ``least`` no other follows. The first pass, which fills what a function may
    keep for good, is not counted. What the calls return is dropped, and cycles are collected. Source:
    ``tracemalloc``.
    """
    import _tracemalloc as tracemalloc  # built in: the sandbox lets nothing be opened

    def call_all() -> int:
        for index in range(number):
            function, positional, keywords = caller.prepare(make(index), side)
            _attempt(caller, function, positional, keywords)
            del function, positional, keywords
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start(1)
    try:
        before = call_all()
        grown: list[int] = []
        for _ in range(PASSES):
            after = call_all()
            grown.append(after - before)
            before = after
            if grown[-1] < least:
                break
    finally:
        tracemalloc.stop()
    return min(grown)


def _attempt(
    caller: Caller, function: Any, positional: tuple[Any, ...], keywords: dict[str, Any]
) -> bool:
    """Call, and tell whether it raised: inputs that raise are measured like any other."""
    try:
        result = function(*positional, **keywords)
        if caller.steps:
            collections.deque(islice(result, MOST), maxlen=0)
    except Exception:
        return True
    return False
