"""Weighs a node alone: captured calls run in a worker, under memray or timed in CPU time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from selfsame.runtime.shadow.bench import Bench, Input, Name, NodeRefused, remaining
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.records import Weight
from selfsame.runtime.shadow.request import TrialRequest
from selfsame.runtime.shadow.timing import WARM_NS

CALL_S = 5.0
TRACED = 200
"""Tracing every allocation may make a call this many times slower, and more is not waited for."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the calls took, in the order of the captured ones; ``reason`` says why not all did.

    ``refused``: it cannot be weighed this way at all, however often it is tried.
    """

    weights: tuple[Weight, ...]
    reason: str = ""
    refused: bool = False


def weigh_node(request: TrialRequest, cancel: threading.Event | None = None) -> Weighing:
    """The weight of each captured call: of the variation's where the request has one.

    Blocks for about ``budget_s`` at most; never raises for what a worker does. Every call has fresh
    copies of its inputs, which do not count; the first call is run once before, so that what a
    process makes only once does not count either.
    """
    weights: list[Weight] = []

    def weigh(bench: Bench, side: Name, which: Input, ns: int) -> None:
        each_s = CALL_S + TRACED * ns / 1e9
        if not weights:
            bench.memory(side, which, each_s)
        weights.append(bench.memory(side, which, each_s, counted=True))

    reason, refused = _each(request, cancel, weigh, memory=True)
    return Weighing(tuple(weights), reason, refused)


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU nanoseconds of the calls, with their callees; ``reason`` says why not all were timed."""

    nanoseconds: tuple[int, ...]
    reason: str = ""


def time_node(request: TrialRequest, cancel: threading.Event | None = None) -> Timing:
    """The thread CPU time of each captured call: of the variation's where the request has one.

    Blocks for about ``budget_s`` at most; never raises for what a worker does. Short calls are
    warmed up by one before, which is not counted.
    """
    spent: list[int] = []

    def clock(bench: Bench, side: Name, which: Input, ns: int) -> None:
        each_s = CALL_S + 20 * ns / 1e9
        spent.extend(bench.time(side, which, [side], 1, ns < WARM_NS, each_s))

    reason, _ = _each(request, cancel, clock, memory=False)
    return Timing(tuple(spent), reason)


def _each(
    request: TrialRequest,
    cancel: threading.Event | None,
    measure: Callable[[Bench, Name, Input, int], None],
    memory: bool,
) -> tuple[str, bool]:
    """Measure each captured call; why not all were, and whether it is in vain to try again."""
    side: Name = "variation" if request.code else "original"
    payloads = [payload for payload, _ in request.captured]
    reason = ""
    try:
        with Bench(request, payloads, cancel, memory=memory, names=(side,)) as bench:
            deadline = time.monotonic() + request.budget_s
            for number, (_, ns) in enumerate(request.captured):
                if not remaining(deadline):
                    break
                try:
                    measure(bench, side, ("captured", number), ns)
                except WorkerFailed as error:
                    reason = str(error)
    except (NodeRefused, WorkerFailed) as refusal:
        return str(refusal), True
    except WorkerLost as lost:
        return f"a worker {lost}", False
    except Cancelled:
        return "cancelled", False
    except OSError as error:
        return f"no worker could be started: {type(error).__name__}", False
    return reason, False
