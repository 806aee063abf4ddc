"""Weighs a node alone: captured calls run in a worker under memray, pymalloc's blocks traced."""

import threading
import time
from dataclasses import dataclass

from selfsame.runtime.shadow.bench import Bench, Input, Name, NodeRefused, remaining
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.records import Weight
from selfsame.runtime.shadow.request import TrialRequest

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
    side: Name = "variation" if request.code else "original"
    payloads = [payload for payload, _ in request.captured]
    weights: list[Weight] = []
    try:
        with Bench(request, payloads, cancel, memory=True, names=(side,)) as bench:
            deadline = time.monotonic() + request.budget_s
            reason = ""
            for number, (_, ns) in enumerate(request.captured):
                if not remaining(deadline):
                    break
                which: Input = ("captured", number)
                each_s = CALL_S + TRACED * ns / 1e9
                try:
                    if not weights:
                        bench.memory(side, which, each_s)
                    weights.append(bench.memory(side, which, each_s, counted=True))
                except WorkerFailed as error:
                    reason = str(error)
    except NodeRefused as refusal:
        return Weighing((), str(refusal), refused=True)
    except WorkerFailed as failed:
        return Weighing((), str(failed), refused=True)
    except WorkerLost as lost:
        return Weighing(tuple(weights), f"a worker {lost}")
    except Cancelled:
        return Weighing(tuple(weights), "cancelled")
    except OSError as error:
        return Weighing((), f"no worker could be started: {type(error).__name__}")
    return Weighing(tuple(weights), reason)
