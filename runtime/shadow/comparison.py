"""What goes on after a promotion: a rewrite against its original, on calls that the program made now.

Not a trial: nothing is to be won here, so only what is certain counts. A difference is one; so is a
lost worker. Slower and leaking must show in each of several passes.
"""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from selfsame.runtime.shadow.bench import NAMES, Bench, Input, NodeRefused, remaining
from selfsame.runtime.shadow.equality import (
    Mismatch,
    Replay,
    Untold,
    replay_amplified,
    replay_captured,
)
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.request import TrialRequest

Verdict = Literal["same", "different", "slower", "leaks", "inconclusive"]

PASSES = 3
FEWEST_TIMED = 20
TOGETHER = 8
"""So many pairs are timed for one message."""
SLOWER = 1.25
LONGEST_SHARE = 10
LONGEST_SLOWER = 1.5
LONGEST_NS = 100_000
RETAINED_CALLS = 50
RETAINED_BYTES = 6.0
"""A call: half of the least object that a list or a dict can keep, with its place in it."""


@dataclass(frozen=True)
class Comparison:
    """What one comparison found; ``compared`` inputs agreed. No value of the program's is in it."""

    verdict: Verdict
    reason: str
    compared: int = 0
    counterexample: str = ""

    @property
    def bad(self) -> bool:
        """Whether the rewrite should go."""
        return self.verdict in ("different", "slower", "leaks")


def compare(request: TrialRequest, cancel: threading.Event | None = None) -> Comparison:
    """Compare on the captured calls of ``request``, and on inputs made from them.

    Blocks for at most about ``budget_s``. Never raises for what a worker does.
    """
    replay = Replay()
    try:
        return _compare(request, replay, cancel)
    except Mismatch as mismatch:
        compared = replay.captured + replay.amplified
        return Comparison("different", str(mismatch), compared, mismatch.counterexample)
    except (NodeRefused, Untold, WorkerFailed) as error:
        return Comparison("inconclusive", str(error))
    except WorkerLost as lost:
        return Comparison("inconclusive", f"a worker {lost}")
    except Cancelled:
        return Comparison("inconclusive", "cancelled")
    except OSError as error:
        return Comparison("inconclusive", f"no worker could be started: {type(error).__name__}")


def _compare(request: TrialRequest, replay: Replay, cancel: threading.Event | None) -> Comparison:
    distinct = dict(request.captured)
    begun = time.monotonic()
    with Bench(request, list(distinct), cancel) as bench:
        replay_captured(bench, list(distinct.values()), begun + 0.5 * request.budget_s, replay)
        replay_amplified(bench, request.amplified, begun + 0.7 * request.budget_s, replay)
        compared = replay.captured + replay.amplified
        if not compared:
            return Comparison("inconclusive", replay.unanswered or "no call could be compared")
        slower = _slower(bench, replay.kept, begun + request.budget_s, request.promised)
        if slower:
            return Comparison("slower", slower, compared)
        leaks = _leaks(bench, len(distinct), begun + 1.5 * request.budget_s)
        if leaks:
            return Comparison("leaks", leaks, compared)
    return Comparison("same", f"{compared} calls agree", compared)


def _slower(
    bench: Bench, kept: Sequence[tuple[Input, int]], deadline: float, promised: float
) -> str:
    """How the rewrite is slower, in every one of several passes; empty where it is not.

    Over all calls, or over the tenth that takes the original longest: a rewrite that pays for short
    calls with long ones changes what users wait for. Where the trial ``promised`` less than the
    original's speed, for another gain, so much slower is as it should be.
    """
    slower, longest_slower = (limit / min(1.0, promised) for limit in (SLOWER, LONGEST_SLOWER))
    if len(kept) < FEWEST_TIMED:
        return ""
    each_s = 1.0 + 50 * max(ns for _, ns in kept) / 1e9
    passes: list[tuple[float, float, float]] = []
    for _ in range(PASSES):
        pairs = []
        for turn, start in enumerate(range(0, len(kept), TOGETHER)):
            if not remaining(deadline):
                return ""
            order = NAMES if turn % 2 else NAMES[::-1]
            some = [(which, 1, False) for which, _ in kept[start : start + TOGETHER]]
            for spent in bench.time_all("variation", some, order, each_s):
                by_side = dict(zip(order, spent, strict=True))
                pairs.append((by_side["original"], by_side["variation"]))
        pairs.sort(reverse=True)
        longest = pairs[: max(2, len(pairs) // LONGEST_SHARE)]
        passes.append((_ratio(pairs), _ratio(longest), statistics.fmean(p[0] for p in longest)))
        if passes[-1][0] <= slower and (
            passes[-1][1] <= longest_slower or passes[-1][2] < LONGEST_NS
        ):
            return ""
    if all(row[0] > slower for row in passes):
        return f"it takes {min(row[0] for row in passes):.1f} times as long over {len(kept)} calls"
    if all(row[1] > longest_slower for row in passes):
        least = min(row[1] for row in passes)
        return f"it takes {least:.1f} times as long over the tenth of the calls that take longest"
    return ""


def _ratio(pairs: Sequence[tuple[int, int]]) -> float:
    return sum(pair[1] for pair in pairs) / max(1, sum(pair[0] for pair in pairs))


def _leaks(bench: Bench, calls: int, deadline: float) -> str:
    """How much more the rewrite keeps of each call than the original; empty where it does not."""
    number = min(calls, RETAINED_CALLS)
    if number < FEWEST_TIMED:
        return ""
    # What a run of the collector, or of the allocator, adds does not come every time: the fewest count.
    few = RETAINED_BYTES * number
    variation = bench.retained("variation", number, 1.0, few) if remaining(deadline) else 0
    if variation < few or not remaining(deadline):
        return ""
    original = max(0, bench.retained("original", number, 1.0, 0.0))
    if variation - original < few:
        return ""
    return (
        f"each call keeps {variation / number:,.0f} bytes for good,"
        f" the original {original / number:,.0f}"
    )
