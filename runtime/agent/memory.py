"""Weighs one call in the program, by memray: where it cannot be run again elsewhere.

memray is imported only when such a window opens. From the call's first to its last instruction a
tracker is on, for all threads; what it wrote is replayed by the engine. Everything here may fail
and is then said; the call goes on.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident
from time import monotonic, monotonic_ns

from selfsame.runtime.agent.backend import tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LONGEST_S = 2.0  # of a call under the tracker
LARGEST = 256 << 20  # of its file
MARK = (1 << 20) + 0x5E1F  # the size of a block that tells the thread in the file

_imported: Any = None
_ours = False
_abandoned: list[object] = []


def prepare() -> tuple[str, int]:
    """Import memray. Why there is none ("" if there is), and the nanoseconds that it took."""
    global _imported, _ours
    if _abandoned:
        return "this process was forked while a call was weighed", 0
    if "memray" in sys.modules and not _ours:
        return "the program uses memray itself", 0
    began = monotonic_ns()
    if _imported is None:
        try:
            import memray
        except Exception as error:
            return f"memray cannot be imported: {error}", 0
        _imported, _ours = memray, True
    return "", monotonic_ns() - began


class Weigher:
    """The ``enter`` and ``leave`` of a memory window's twin: the first call is weighed.

    ``reason`` says why it was not; ``pause_ns`` is what starting and stopping took.
    """

    def __init__(self, path: str, on_close: Callable[[], None]) -> None:
        self.path = path
        self.on_close: Callable[[], None] | None = on_close
        self.reason = ""
        self.pause_ns = 0
        self.weighed = False
        self.started = False  # from here on a profiler that is seen may be the tracker
        self.on = False  # a call is being weighed, or the tracker is being stopped
        self.began = 0.0
        self._tracker: list[Any] = []  # popped by who stops it: the call, or the agent
        self._pid = os.getpid()
        self._thread = -1
        self._depth = 0
        self._taken = allocate_lock()

    def enter(self) -> None:
        """The first thing the function does."""
        if self._thread == get_ident():
            self._depth += 1
        elif self._taken.acquire(False):
            self._thread, self._depth = get_ident(), 1
            self._start()

    def leave(self) -> None:
        """The last thing it does, also when an exception leaves it."""
        if self._thread != get_ident():
            return
        self._depth -= 1
        if self._depth == 0:
            self.stop("")

    def stop(self, reason: str) -> None:
        """Stop the tracker, from any thread. With a reason the call is not weighed."""
        try:
            tracker = self._tracker.pop()
        except IndexError:
            return
        if os.getpid() != self._pid:
            _abandoned.append(tracker)  # memray has switched itself off in the child
            return
        began = monotonic_ns()
        try:
            tracker.__exit__(None, None, None)
            self.reason = self.reason or reason
            self.weighed = not self.reason
        except Exception as error:
            self.reason = f"memray could not be stopped: {error}"
        self._thread = -1
        self.pause_ns += monotonic_ns() - began
        self.on = False
        self._finish()

    def _finish(self) -> None:
        if self.on_close is not None:
            self.on_close()

    def tick(self) -> None:
        """Look after a call that takes too long, or allocates too much, to be weighed here."""
        if not self.on:
            return
        if monotonic() - self.began > LONGEST_S:
            self.stop(f"a call takes more than {LONGEST_S:.0f} s under memray")
            return
        try:
            if os.stat(self.path).st_size > LARGEST:
                self.stop(f"a call makes more than {LARGEST >> 20} MiB of records")
        except OSError:  # not there yet
            pass

    def _start(self) -> None:
        began = monotonic_ns()
        try:
            self.reason = tools()
            self.started = self.on = not self.reason
            if not self.reason:
                tracker = _imported.Tracker(
                    destination=_imported.FileDestination(
                        self.path, overwrite=True, compress_on_exit=False
                    ),
                    trace_python_allocators=True,
                )
                self.began = monotonic()
                tracker.__enter__()
                self._tracker.append(tracker)
                bytearray(MARK - 1)
        except Exception as error:
            self.reason = f"memray could not be started: {error}"
        self.pause_ns += monotonic_ns() - began
        if self.reason:
            self._thread, self.on = -1, False
            self._finish()
