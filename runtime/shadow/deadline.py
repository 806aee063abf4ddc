"""A budget of CPU time for a call in a worker: what runs when it is spent is interrupted."""

import signal
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType

REPEAT_S = 0.05


class OutOfTime(BaseException):
    """Raised in a call whose CPU budget is spent; not an Exception, so that few catch it."""


class Deadline:
    """One budget at a time. ``late`` says whether the last one was spent.

    ``over`` are functions that put a call away: Python runs handlers of signals where a function
    begins, and what would be raised in one of these nobody would catch.
    """

    def __init__(self, *over: Callable[..., object]) -> None:
        self.late = False
        self._armed = False
        self._over: frozenset[CodeType] = frozenset(
            function.__code__ for function in over if isinstance(function, FunctionType)
        )
        self.watch()

    def watch(self) -> None:
        """Take the signal, again where a call took it away."""
        signal.signal(signal.SIGPROF, self._on_time)

    def begin(self, budget_s: float) -> None:
        """Have `OutOfTime` raised after so many seconds of this process's CPU time."""
        self._armed = True
        # Again and again: the first one may be swallowed by an except clause of the user's.
        signal.setitimer(signal.ITIMER_PROF, max(budget_s, 1e-3), REPEAT_S)

    def end(self) -> None:
        """Raise nothing any more."""
        self._armed = False
        signal.setitimer(signal.ITIMER_PROF, 0.0)

    def _on_time(self, _signal: int, frame: FrameType | None) -> None:
        if self._armed and not self._is_over(frame):
            self.late = True
            raise OutOfTime

    def _is_over(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in self._over:
                return True
            frame = frame.f_back
        return False
