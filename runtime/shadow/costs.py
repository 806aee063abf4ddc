"""Measures one side of a node in a worker: thread CPU time, and peak memory by memray."""

import gc
import os
import tempfile
import time
from collections.abc import Callable, Sequence

from selfsame.runtime.shadow.calls import Caller
from selfsame.runtime.shadow.inputs import Call


def time_pair(
    caller: Caller, make: Callable[[], Call], order: Sequence[str], calls: int, warm: bool
) -> list[int]:
    """Thread CPU nanoseconds of ``calls`` calls for each side in ``order``.

    Every call has a fresh copy of the input, made before the clock starts. A ``warm`` call comes
    first, because a code object that was just swapped in is not specialised yet.
    """
    spent = []
    for side in order:
        copies = [caller.prepare(make(), side) for _ in range(calls + warm)]
        function = copies[0][0]
        ready = [(positional, keywords) for _, positional, keywords in copies]
        if warm:
            positional, keywords = ready.pop()
            try:
                function(*positional, **keywords)
            except Exception:  # inputs that raise are timed like any other
                pass
        gc.collect(0)
        begun = time.thread_time_ns()
        for positional, keywords in ready:
            try:
                function(*positional, **keywords)
            except Exception:
                pass
        spent.append(time.thread_time_ns() - begun)
        del copies, ready
    return spent


def peak_memory(caller: Caller, make: Callable[[], Call], side: str) -> int:
    """Peak bytes that one call allocates beyond its own inputs, pymalloc's pools traced."""
    import memray

    function, positional, keywords = caller.prepare(make(), side)
    with tempfile.TemporaryDirectory(prefix="selfsame-") as folder:
        path = os.path.join(folder, "peak")
        with memray.Tracker(path, native_traces=False, trace_python_allocators=True):
            try:
                function(*positional, **keywords)
            except Exception:
                pass
        with memray.FileReader(path) as reader:
            return int(reader.metadata.peak_memory)
