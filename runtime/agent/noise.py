"""How much slower than usual the machine was during a window: its noise is no one's violation.

Two signs. What threads waited for a processor while they could run, by the kernel's own count. And a
canary, work that never changes: the quickest of three goes, over the quickest ever.
"""

from __future__ import annotations

from time import monotonic, perf_counter_ns

from selfsame.runtime.agent import backend

MOST_THREADS = 16
STEPS = 200
FRESH_S = 0.002  # windows that open and close in one tick share a reading


class Machine:
    """Remembers how quick the canary can be. One for a process."""

    def __init__(self) -> None:
        self.quickest = 0
        self._read_at = self._went_at = 0.0
        self._read, self._slower = (0, 0), 1.0

    def slowed(self, since: tuple[int, int]) -> tuple[float, float]:
        """By which factors things took longer since ``waited()`` gave ``since``: the canary, and what
        threads waited for a processor, for whomever."""
        ran, waited = (now - then for now, then in zip(self.waited(), since, strict=True))
        # Where the first reading failed, what was counted since is of the process's whole life.
        counted = any(since) and ran > 0 and waited > 0
        factor = (ran + waited) / ran if counted else 1.0
        return round(self._canary(), 3), round(factor, 3)

    def waited(self) -> tuple[int, int]:
        """Nanoseconds that threads of this process ran, and waited for a processor, so far."""
        now = monotonic()
        if now - self._read_at > FRESH_S:
            self._read, self._read_at = _waited(), now
        return self._read

    def _canary(self) -> float:
        now = monotonic()
        if now - self._went_at > FRESH_S:
            took = min(_go(), _go(), _go())
            if not self.quickest or took < self.quickest:
                self.quickest = took
            self._slower, self._went_at = took / self.quickest, now
        return self._slower


def _waited() -> tuple[int, int]:
    try:
        return backend.waited(MOST_THREADS)
    except (OSError, ValueError):  # a thread ended, or the kernel does not count
        return 0, 0


def _go() -> int:
    began = perf_counter_ns()
    total = 0
    for number in range(STEPS):
        total += number & 7
    return max(1, perf_counter_ns() - began)
