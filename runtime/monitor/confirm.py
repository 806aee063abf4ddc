"""Whether a violation is confirmed: a bound fails again on data that was not there before.

A bound on time is looked at again with each new window, a bound on memory with each new weighing, a
bound on an edge with each new shape window, a bound on CPU time when calls were run again: one
weighing is not confirmed by the time windows that close after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from selfsame.runtime.monitor.judge import Outcome, Verdict

WEIGHED = frozenset({"memory_usage", "allocations"})
PASSED = frozenset({"volume", "latency"})


@dataclass
class Confirmation:
    """One node's bounds: how often in a row each failed. Times are monotonic seconds."""

    _streaks: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, float] = field(default_factory=dict)

    def take(
        self,
        verdicts: Iterable[Verdict],
        timed_at: float,
        weighed_at: float,
        passed_at: float = 0.0,
        replayed_at: float = 0.0,
    ) -> int:
        """New verdicts, and when the newest window, weighing, shape window and replay were.

        Returns the longest run of fails.
        """
        bounds = set()
        for verdict in verdicts:
            bounds.add(verdict.bound)
            at = weighed_at if verdict.metric in WEIGHED else timed_at
            if verdict.metric in PASSED:
                at = passed_at
            elif verdict.metric == "cpu_time":
                at = replayed_at
            if at <= self._seen.get(verdict.bound, 0.0):
                continue
            self._seen[verdict.bound] = at
            failed = verdict.outcome is Outcome.FAIL
            self._streaks[verdict.bound] = self._streaks.get(verdict.bound, 0) + 1 if failed else 0
        for gone in set(self._streaks) - bounds:
            del self._streaks[gone]
        return max(self._streaks.values(), default=0)
