"""The judge: what the living graph says of a constraint set. A pure function of its arguments.

Three answers: pass, fail, inconclusive. Missing or too little data never passes and never fails.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from selfsame.compiler.constraints.bind import ConstraintSet
from selfsame.grammar.model import Bound
from selfsame.runtime.monitor.amounts import show, show_seconds
from selfsame.runtime.monitor.edges import Passed
from selfsame.runtime.monitor.seen import Summary

EXCEEDANCES = 3
"""A ``max_`` bound on time is violated after this many calls over it, never by one outlier."""

FEWEST_CALLS = 30
"""The smallest number of calls that a mean, a quantile or a rate is judged on by default."""

SINGLE = frozenset({"execution_time", "cpu_time", "latency", "volume"})
"""The metrics of which the largest values count together."""

FEWEST_REPLAYS = 3
"""The smallest number of replayed calls that a peak of memory is judged on."""


class Outcome(Enum):
    """The three answers."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bound judged: ``value`` and ``threshold`` in seconds, bytes or as a ratio.

    For a relative bound ``baseline`` is what the original measures, in the same unit.
    """

    bound: str
    metric: str
    outcome: Outcome
    value: float | None
    threshold: float
    n: int
    window_s: float | None
    reason: str
    baseline: float | None = None

    def text(self) -> str:
        """``max_execution_time: fail, 12.1 ms against <= 10 ms over 1,204 calls``."""
        return f"{self.bound}: {self.outcome.value}, {self.reason}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one node: its calls' summary for a window, peaks in bytes, share of time.

    ``unweighed`` says why there are no peaks, where that is known. ``allocations`` are counted call
    by call, where they could be. ``cpu_times`` are seconds of calls that were run again. ``passed``
    gives what passed to a callee (to any where it is empty). ``baseline`` is the same of the original
    code; None where that is what was seen. ``since``: it is of an earlier run, which ended then (seconds
    since the epoch).
    """

    over: Callable[[float | None], Summary]
    peaks: tuple[int, ...] = ()
    unweighed: str = ""
    allocations: tuple[int, ...] = ()
    cpu_times: tuple[float, ...] = ()
    share: float | None = None
    baseline: "Observation | None" = None
    passed: Callable[[str, float | None], Passed] | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A bound's metric as seen: ``value`` in SI (None where nothing was), on ``n`` samples.

    ``needed`` samples make a verdict. A quantile can fail earlier, with ``certain_from`` samples,
    where even ``certain``, the third-slowest call, is outside the bound.
    """

    value: float | None
    n: int
    needed: int
    certain: float | None = None
    certain_from: int = 0
    missing: str = ""
    slowed: float = 1.0


def judge(constraints: ConstraintSet, seen: Observation) -> list[Verdict]:
    """One verdict for each bound of the set, in its order."""
    return [_judge_bound(bound, seen) for bound in constraints.bounds]


def measure(bound: Bound, seen: Observation, window_s: float | None) -> Measured:
    """The bound's metric as seen in the last ``window_s`` seconds, or in all that is kept."""
    summary = seen.over(window_s)
    calls, needed = summary.calls, bound.samples or FEWEST_CALLS
    match bound.metric:
        case "memory_usage":
            value = float(max(seen.peaks)) if seen.peaks else None
            return Measured(value, len(seen.peaks), bound.samples or FEWEST_REPLAYS)
        case "allocations":
            return _allocations(bound, seen.allocations)
        case "time_share":
            return Measured(seen.share, calls, bound.samples or 0)
        case "error_rate":
            return Measured(summary.error_rate_of(bound.subject), calls, needed)
        case "throughput":
            return Measured(summary.throughput, calls, needed)
        case "execution_time":
            return _times(bound, summary)
        case "latency" | "volume" if seen.passed is not None:
            return _passed(bound, seen.passed(bound.subject, window_s))
        case "cpu_time":
            return _cpu_times(bound, sorted(seen.cpu_times))
    return Measured(None, 0, needed)


def _passed(bound: Bound, found: Passed) -> Measured:
    if bound.metric == "latency":
        return replace(_times(bound, found.times), missing=found.why)
    calls = found.times.calls
    value = found.nth_largest(EXCEEDANCES)
    if bound.statistic == "mean":
        value = found.mean_bytes
    return Measured(value, calls, bound.samples or FEWEST_CALLS, missing=found.why)


def _allocations(bound: Bound, seen: tuple[int, ...]) -> Measured:
    value = float(max(seen)) if seen else None
    if seen and bound.statistic == "mean":
        value = sum(seen) / len(seen)
    return Measured(value, len(seen), bound.samples or FEWEST_REPLAYS)


def _times(bound: Bound, summary: Summary) -> Measured:
    calls, needed = summary.calls, bound.samples or FEWEST_CALLS
    if bound.statistic == "max":
        slow = summary.nth_largest_s(EXCEEDANCES)
        return Measured(slow, calls, bound.samples or EXCEEDANCES, slowed=summary.slowed)
    if bound.statistic == "mean":
        return Measured(summary.mean_s, calls, needed, slowed=summary.slowed)
    share = float(bound.statistic[1:]) / 100
    value, certain = summary.quantile_s(share), summary.nth_largest_s(EXCEEDANCES)
    return Measured(value, calls, _enough(bound, share), certain, needed, slowed=summary.slowed)


def _cpu_times(bound: Bound, ranked: Sequence[float]) -> Measured:
    """The same of single times, the shortest first."""
    calls, needed = len(ranked), bound.samples or FEWEST_CALLS
    slow = ranked[-EXCEEDANCES] if calls >= EXCEEDANCES else None
    if bound.statistic == "max":
        return Measured(slow, calls, bound.samples or EXCEEDANCES)
    if bound.statistic == "mean":
        return Measured(sum(ranked) / calls if calls else None, calls, needed)
    share = float(bound.statistic[1:]) / 100
    value = ranked[math.ceil(share * calls) - 1] if calls else None
    return Measured(value, calls, _enough(bound, share), slow, needed)


def _enough(bound: Bound, share: float) -> int:
    """How many calls a quantile needs: with fewer, less than three lie beyond it."""
    return bound.samples or max(FEWEST_CALLS, math.ceil(EXCEEDANCES / (1 - share) - 1e-6))


def _judge_bound(bound: Bound, seen: Observation) -> Verdict:
    found = measure(bound, seen, bound.window_s)
    missing = _missing(bound, found, seen.unweighed)
    baseline: float | None = None
    limit, slowed = bound.value, found.slowed
    if bound.relative:
        original = measure(bound, seen.baseline, None) if seen.baseline is not None else found
        baseline = original.value
        limit = bound.value * (baseline or 0.0)
        lacking = _missing(bound, original, seen.unweighed)
        if lacking:
            missing = missing or f"of the original, {lacking}"
        elif not baseline:
            missing = "the original measures 0, of which there is no multiple"
        slowed /= original.slowed
    since = seen.baseline.since if seen.baseline is not None else None
    compared = _compared(bound, found, limit, _baseline_text(bound, baseline, since))
    outcome = _outcome(bound, found, baseline, missing)
    if outcome is Outcome.FAIL and _noise(bound, found, slowed, baseline):
        outcome = Outcome.INCONCLUSIVE
        missing = f"{compared}, while the machine was {slowed:.2g} x slower"
    reason = missing if outcome is Outcome.INCONCLUSIVE else compared
    return Verdict(
        bound.property,
        bound.metric,
        outcome,
        found.value,
        limit,
        found.n,
        bound.window_s,
        reason,
        baseline,
    )


def _noise(bound: Bound, found: Measured, slowed: float, baseline: float | None) -> bool:
    """Whether a bound on time fails only because everything took longer meanwhile."""
    if bound.comparator not in ("<", "<=") or slowed <= 1.0 or found.value is None:
        return False
    return bound.holds(found.value / slowed, baseline)


def _outcome(bound: Bound, found: Measured, baseline: float | None, missing: str) -> Outcome:
    """What the measured value says; with data missing, a fail where it is certain all the same."""
    if found.value is None or (missing and bound.relative):
        return Outcome.INCONCLUSIVE
    holds = bound.holds(found.value, baseline)
    if not missing:
        return Outcome.PASS if holds else Outcome.FAIL
    upper = bound.comparator in ("<", "<=")
    if upper and not holds and found.certain is not None and found.n >= found.certain_from:
        return Outcome.INCONCLUSIVE if bound.holds(found.certain) else Outcome.FAIL
    return Outcome.INCONCLUSIVE


def _baseline_text(bound: Bound, baseline: float | None, since: float | None) -> str:
    """``(0.5 x the original's 20 ms, measured on 2026-05-04 at 12:30)``; empty where not relative."""
    if baseline is None:
        return ""
    text = f"{bound.value:g} x the original's {show(bound.metric, baseline)}"
    if since is not None:
        text += time.strftime(", measured on %Y-%m-%d at %H:%M", time.localtime(since))
    return f" ({text})"


def _compared(bound: Bound, found: Measured, limit: float, of_what: str) -> str:
    unit = "weighed calls" if bound.metric in ("memory_usage", "allocations") else "calls"
    if bound.metric == "cpu_time":
        unit = "captured calls"
    value = show(bound.metric, found.value or 0.0)
    text = f"{value} against {bound.comparator} {show(bound.metric, limit)}"
    text += of_what
    text += f" over {found.n:,} {unit}"
    if bound.window_s is not None:
        text += f" in {show_seconds(bound.window_s)}"
    if bound.statistic == "max" and bound.metric in SINGLE:
        most = "largest" if bound.metric == "volume" else "slowest"
        text += f" (the {EXCEEDANCES} {most} count together)"
    return text


def _missing(bound: Bound, found: Measured, unweighed: str) -> str:
    """Why there is no verdict; empty where there is enough for one."""
    if found.value is not None and found.n >= found.needed:
        return ""
    match bound.metric:
        case "memory_usage" | "allocations":
            if unweighed and not found.n:
                return f"memory is not measured here, because {unweighed}"
            return f"{found.n} of {found.needed} calls weighed"
        case "cpu_time":
            if unweighed and not found.n:
                return f"CPU time is not measured here, because {unweighed}"
            return f"{found.n} of {found.needed} captured calls timed"
        case "volume" | "latency":
            edge = f"along the edge to {bound.subject}" if bound.subject else "along its edges"
            return found.missing or f"{found.n} of {found.needed} calls looked at {edge}"
        case "time_share" if found.value is None:
            return "too few samples of the program yet"
    window = f" in {show_seconds(bound.window_s)}" if bound.window_s is not None else ""
    return f"{found.n:,} of {found.needed:,} calls seen{window}"
