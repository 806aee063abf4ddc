"""Whether a rewrite does in the running program what it promised: its windows against the original's.

Small differences are for the trial: here only what is beyond the noise of a busy machine counts.
"""

import math
import time
from dataclasses import dataclass, field

from selfsame.runtime.monitor.amounts import show_seconds
from selfsame.runtime.monitor.graph import LiveNode
from selfsame.runtime.mutation.sample import LONG_CALL_S

WATCHED_CALLS = 100
COMPARED_CALLS = 30
SLOWER = 1.25
ERRS_MORE = 0.001
WAITED = 0.01
"""So many of the calls may have waited for something else, which a mean over short calls does not bear."""
DEOPT_CALLS = 200
DEOPT_SHARE = 0.5
MISSED_SHARE = 0.8
"""The same of a function that keeps results: where so few calls come again, it hardly pays."""
FORGOTTEN_CALLS = 4_000
"""Of the calls that deopts are counted in, those of long ago count half."""
CANARY_SLICES = 3
HOLD_S = 3.0
HELD_CALLS_S = 600.0
"""Calls times seconds of a canary: 200 calls in 3 s, 60 in 10 s, 20 in 30 s."""
RARE_CALLS = 20
LONG_CALLS, LONG_S = 8, 3.0
"""Of a node whose calls take long, so few will do, which take the original so long together."""


@dataclass
class Slices:
    """What a canary has run so far; `enough` says when that is enough."""

    calls: int = 0
    number: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, calls: int) -> None:
        """A slice closed."""
        self.calls += calls
        self.number += calls > 0

    def enough(self, live: LiveNode, rewrite: str, hold_s: float = 0.0) -> str:
        """Why the rewrite may run in full, in words; empty where too little was seen.

        200 calls in 3 slices over 3 s; of a node that is called more rarely, fewer over a longer time,
        but 20, and 8 where each takes long. As many of the original's calls must be known to compare
        with. ``hold_s`` is the least time.
        """
        age = time.monotonic() - self.since
        if age < max(HOLD_S, hold_s) or self.number < CANARY_SLICES:
            return ""
        after, before = live.recent(rewrite=rewrite), live.recent(rewrite="")
        known, long_s = min(self.calls, before.calls), before.mean_s or 0.0
        long = long_s >= LONG_CALL_S and known * long_s >= LONG_S
        if known < (LONG_CALLS if long else RARE_CALLS):
            return ""
        if not long and self.calls * age < HELD_CALLS_S:
            return ""
        words = f"{self.calls:,} calls in {self.number} slices of its canary"
        if after.mean_s and before.mean_s and not before.nested:
            words += f", mean {_told(after.mean_s, before.mean_s)}"
            usual, usual_before = after.trimmed_s(WAITED), before.trimmed_s(WAITED)
            if usual and usual_before and (after.mean_s > before.mean_s) != (usual > usual_before):
                words += f" ({_told(usual, usual_before)} but for the slowest 1 %)"
        return words


def _told(after_s: float, before_s: float) -> str:
    return f"{show_seconds(after_s)}, the original {show_seconds(before_s)}"


@dataclass(frozen=True)
class Disappointment:
    """Why a rewrite should go: ``kind`` as CDL's ``rollback`` names it, and a sentence.

    ``certain``: one look is enough to say so.
    """

    kind: str
    reason: str
    certain: bool = False


def disappoints(
    live: LiveNode, rewrite: str, promised: float = 1.0, memoises: bool = False
) -> Disappointment | None:
    """Why a rewrite should go; None where it should not.

    ``promised`` is the speed-up of its trial: what was to need less memory may have been slower.
    One that ``memoises`` runs the original where it finds no result, and pays all the same.
    """
    share = MISSED_SHARE if memoises else DEOPT_SHARE
    after = live.recent(rewrite=rewrite)
    before = live.recent(rewrite="")
    if live.rewritten_calls >= DEOPT_CALLS and live.deopts > share * live.rewritten_calls:
        what = "found no result that was kept" if memoises else "deoptimised"
        reason = f"{live.deopts:,} of {live.rewritten_calls:,} calls {what}"
        return Disappointment("deopts", reason, certain=True)
    if after.calls >= COMPARED_CALLS and before.calls >= COMPARED_CALLS:
        failed, failed_before = sum(after.errors.values()), sum(before.errors.values())
        table = (failed, after.calls, failed_before, before.calls)
        if chance_of_more(*table) < ERRS_MORE:
            reason = f"{failed} of {after.calls:,} calls failed, before {failed_before} of "
            return Disappointment("errors", f"{reason}{before.calls:,}", certain=True)
    if after.calls < WATCHED_CALLS or after.nested or before.nested:
        # A window that opens inside a recursion takes inner calls for whole ones, and what is compiled
        # has none of those: comparing in shadow tells whether it is slower.
        return None
    slower = SLOWER / min(1.0, promised)
    slow, slow_before = after.mean_s, before.mean_s
    if slow and slow_before and before.calls >= COMPARED_CALLS and slow > slower * slow_before:
        usual, usual_before = after.trimmed_s(WAITED), before.trimmed_s(WAITED)
        if usual and usual_before and usual <= slower * usual_before:
            return None  # only in a few calls: they waited for another thread, most likely
        reason = f"mean {show_seconds(slow)}, before {show_seconds(slow_before)}"
        return Disappointment("slower", reason)
    return None


def chance_of_more(failed: int, calls: int, failed_before: int, calls_before: int) -> float:
    """The chance of so many failures or more if the rewrite fails like the original.

    The hypergeometric tail of Fisher's exact test (Fisher 1922), one-sided.
    """
    from scipy.special import betaln

    def log_choose(n: int, k: int) -> float:
        return float(-betaln(n - k + 1, k + 1) - math.log(n + 1))

    both, everything = failed + failed_before, calls + calls_before
    whole = log_choose(everything, both)
    least = max(failed, both - calls_before)
    return sum(
        math.exp(log_choose(calls, k) + log_choose(calls_before, both - k) - whole)
        for k in range(least, min(both, calls) + 1)
    )
