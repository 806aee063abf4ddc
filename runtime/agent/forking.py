"""``os.fork``: the agent's thread is gone before it and comes back after it, on both sides.

From 3.12 on ``os.fork`` warns where the process has more than one thread. It counts after the
hooks of the parent, so there the thread may only come back once the call has returned. Elsewhere it
comes at once: what is touched after a fork is copied page by page. And there a thread that still rests
since the last fork, and so has nothing of the interpreter that a child could miss, is left as it is.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.thread import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

LONGEST_WAIT_S = 0.5


class Forking:
    """Registers the hooks once; what they call are the thread's owner's.

    ``stays()`` says whether the thread rests, and holds it then until ``thread.release``.
    """

    def __init__(
        self,
        thread: Thread,
        stays: Callable[[], bool],
        stop: Callable[[float], bool],
        start: Callable[[], None],
        child: Callable[[], None],
    ) -> None:
        self._thread = thread
        self._stays = stays
        self._held: set[int] = set()  # by which threads, which are about to fork
        self._stop = stop
        self._start = start
        self._child = child
        self._frame: FrameType | None = None
        self._at = -1
        os.register_at_fork(
            before=self._before, after_in_parent=self._parent, after_in_child=self._in_child
        )

    def _before(self) -> None:
        try:
            if sys.version_info < (3, 12) and self._stays():
                self._held.add(get_ident())
            else:
                self._stop(LONGEST_WAIT_S)
        except Exception:  # os.fork would print it; the child starts afresh anyway
            pass

    def _parent(self) -> None:
        try:
            if get_ident() in self._held:
                self._held.discard(get_ident())
                self._thread.release()
                return
            if sys.version_info < (3, 12):
                self._start()
                return
            self._frame = sys._getframe(1)
            self._at = self._frame.f_lasti
            self._soon()
            # Twice: where one call asks for itself again and again, 3.13 forgets it in the end, until
            # something else interrupts the program.
            self._soon()
        except Exception:
            self._frame = None

    def _in_child(self) -> None:
        try:
            self._held.clear()
            self._child()
            self._start()
        except Exception:  # os.fork would print it
            pass

    def _soon(self) -> None:
        if not backend.call_soon(self._resume):
            self._frame = None

    def _resume(self) -> None:
        """Start again, unless ``os.fork`` has not returned: then a hook of the program's runs."""
        try:
            if self._inside():
                self._soon()
                return
            self._frame = None
            self._start()
        except Exception:
            self._frame = None

    def _inside(self) -> bool:
        frame: FrameType | None = sys._getframe(2)
        # Where the extension is missing, Python code of ours is in between. It is no hook: from
        # 3.13 on the call may come while ours is still running.
        if frame is not None and frame.f_code is backend.run_soon:
            frame = frame.f_back
        if frame is self._frame:
            return False
        while frame is not None and frame is not self._frame:
            frame = frame.f_back
        return frame is not None and frame.f_lasti == self._at
