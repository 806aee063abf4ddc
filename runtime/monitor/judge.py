"""The judge: what the living graph says of a constraint set. A pure function of its arguments.

Three answers: pass, fail, inconclusive. Missing or too little data never passes and never fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from selfsame.compiler.constraints.bind import ConstraintSet
from selfsame.grammar.model import Bound
from selfsame.runtime.monitor.graph import Summary

EXCEEDANCES = 3
"""A ``max_`` bound on time is violated after this many calls over it, never by one outlier."""

FEWEST_CALLS = 30
"""The smallest number of calls that a mean, a quantile or a rate is judged on by default."""

FEWEST_REPLAYS = 3
"""The smallest number of replayed calls that a peak of memory is judged on."""


class Outcome(Enum):
    """The three answers."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bound judged: ``value`` and ``threshold`` in seconds, bytes or as a ratio."""

    bound: str
    metric: str
    outcome: Outcome
    value: float | None
    threshold: float
    n: int
    window_s: float | None
    reason: str

    def text(self) -> str:
        """``max_execution_time: fail, 12.1 ms against <= 10 ms over 1,204 calls``."""
        return f"{self.bound}: {self.outcome.value}, {self.reason}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one node: its calls' summary for a window, peaks in bytes, share of time.

    ``unweighed`` says why there are no peaks, where that is known.
    """

    over: Callable[[float | None], Summary]
    peaks: tuple[int, ...] = ()
    unweighed: str = ""
    share: float | None = None


def judge(constraints: ConstraintSet, seen: Observation) -> list[Verdict]:
    """One verdict for each bound of the set, in its order."""
    return [_judge_bound(bound, seen) for bound in constraints.bounds]


def measure(bound: Bound, seen: Observation) -> tuple[float | None, int, int]:
    """The bound's metric as seen: value (or None), number of samples, number needed."""
    summary = seen.over(bound.window_s)
    needed = bound.samples or FEWEST_CALLS
    if bound.metric == "memory_usage":
        value = float(max(seen.peaks)) if seen.peaks else None
        return value, len(seen.peaks), bound.samples or FEWEST_REPLAYS
    if bound.metric == "time_share":
        return seen.share, summary.calls, 0
    if bound.metric == "error_rate":
        return summary.error_rate, summary.calls, needed
    if bound.metric != "execution_time":
        return None, 0, needed
    if bound.statistic == "max":
        return summary.nth_largest_s(EXCEEDANCES), summary.calls, bound.samples or EXCEEDANCES
    if bound.statistic == "mean":
        return summary.mean_s, summary.calls, needed
    return summary.quantile_s(float(bound.statistic[1:]) / 100), summary.calls, needed


def _judge_bound(bound: Bound, seen: Observation) -> Verdict:
    value, n, needed = measure(bound, seen)
    name = bound.property
    if value is None or n < needed:
        reason = _missing(bound, n, needed, seen.unweighed)
        outcome = Outcome.INCONCLUSIVE
    else:
        outcome = Outcome.PASS if bound.holds(value) else Outcome.FAIL
        unit = "weighed calls" if bound.metric == "memory_usage" else "calls"
        reason = (
            f"{show(bound.metric, value)} against {bound.comparator} "
            f"{show(bound.metric, bound.value)} over {n:,} {unit}"
        )
        if bound.statistic == "max" and bound.metric == "execution_time":
            reason += f" (the {EXCEEDANCES} slowest count together)"
    return Verdict(name, bound.metric, outcome, value, bound.value, n, bound.window_s, reason)


def _missing(bound: Bound, n: int, needed: int, unweighed: str) -> str:
    if bound.metric == "memory_usage":
        if unweighed and not n:
            return f"memory is not measured here, because {unweighed}"
        return f"{n} of {needed} calls weighed"
    if bound.metric == "cpu_time":
        return "CPU time of a node is not measured yet: use execution_time"
    if bound.metric == "time_share":
        return "too few samples of the program yet"
    return f"{n:,} of {needed:,} calls seen"


def show(metric: str, value: float) -> str:
    """A value with a unit that reads well."""
    if metric == "memory_usage":
        for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
            if value >= size:
                return f"{value / size:.3g} {unit}"
        return f"{value:.0f} B"
    if metric in ("error_rate", "time_share"):
        return f"{value * 100:.3g} %"
    return show_seconds(value)


def memory_text(memory: Mapping[str, Any]) -> str:
    """What is known of a node's memory (`LiveNode.memory`) in one sentence; empty if nothing."""
    if memory.get("unmeasured"):
        return f"memory is not measured here, because {memory['unmeasured']}"
    if not memory.get("calls"):
        return ""
    show_bytes = partial(show, "memory_usage")
    text = f"peak {show_bytes(memory['peak_bytes'])}, median {show_bytes(memory['median_bytes'])}"
    if memory["allocations"] is not None:
        text += f", {memory['allocations']:,} allocations"
    text += f" a call ({memory['calls']} calls weighed by {memory['how']})"
    if memory["how"] == "window":
        text += f", for which the program paused {memory['pause_ns'] / 1e6:.0f} ms in all"
    before = memory["original_peak_bytes"]
    return f"{text}; the original {show_bytes(before)}" if memory["rewritten"] and before else text


def show_seconds(value: float) -> str:
    """Seconds as s, ms, us or ns."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.0f} ns"
