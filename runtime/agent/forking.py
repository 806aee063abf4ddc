"""``os.fork``: the agent's thread is gone before it and comes back after it, on both sides.

From 3.12 on ``os.fork`` warns where the process has more than one thread. It counts after the
hooks of the parent, so there the thread may only come back once the call has returned. Elsewhere it
comes at once. And there a thread that still rests since the last fork, and so has nothing of the
interpreter that a child could miss, is left as it is.

What is touched after a fork is copied page by page. So where the thread rests and nothing else is to be
done, the hooks are C alone (`native.Forks`); these here are for all else, a program's first fork above all.
"""

from __future__ import annotations

import gc
import os
import sys

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.swap import lock
from selfsame.runtime.agent.thread import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sized
    from types import FrameType

LONGEST_WAIT_S = 0.5
FORKED_S = 0.1  # most children are short: their first moment is their own
LONGEST_QUIET_S = 1.0  # however many forks follow each other


class Forking:
    """Registers the hooks once; what they call are the thread's owner's.

    ``busy`` are the dicts that say, by not being empty, that a fork takes more than the thread.
    """

    def __init__(
        self,
        thread: Thread,
        busy: tuple[Sized, ...],
        stop: Callable[[float], bool],
        start: Callable[[], None],
        child: Callable[[], None],
    ) -> None:
        self._thread = thread
        self._stop = stop
        self._start = start
        self._child = child
        self._children = 0
        stays = sys.version_info < (3, 12)
        given = (busy, lock, self, gc.callbacks, stays, FORKED_S, LONGEST_QUIET_S)
        hooks = backend.forks(thread.resting, *given) or _Hooks(self, stays)
        os.register_at_fork(
            before=hooks.before, after_in_parent=hooks.parent, after_in_child=hooks.child
        )

    @property
    def children(self) -> int:
        """How many forks lie between this process and the first."""
        return self._children + self._thread.children

    def before(self) -> None:
        """In the parent, before the fork. As the others it may raise: the child starts afresh anyway."""
        self._stop(LONGEST_WAIT_S)

    def start(self) -> None:
        """In the parent, after it, once the thread may be there again."""
        self._start()

    def child(self) -> None:
        """In the child."""
        if lock.locked():
            lock.release()  # who held it is a thread of the parent
        self._children += 1
        self._child()
        self._start()


class _Hooks:
    """`native.Forks` where the extension is missing. What raises in them, ``os.fork`` prints."""

    def __init__(self, forking: Forking, stays: bool) -> None:
        self._forking = forking
        self._frame: FrameType | None = None
        self._at = -1
        self.before = forking.before
        self.parent = forking.start if stays else self.later
        self.child = forking.child

    def later(self) -> None:
        """Start again once the call has returned."""
        try:
            self._frame = sys._getframe(1)
            self._at = self._frame.f_lasti
            self._soon()
            # Twice: where one call asks for itself again and again, 3.13 forgets it in the end, until
            # something else interrupts the program.
            self._soon()
        except Exception:
            self._frame = None

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
            self._forking.start()
        except Exception:
            self._frame = None

    def _inside(self) -> bool:
        frame: FrameType | None = sys._getframe(2)
        # Python code of ours is in between. It is no hook: from 3.13 on the call may come while ours
        # is still running.
        if frame is not None and frame.f_code is backend.run_soon:
            frame = frame.f_back
        if frame is self._frame:
            return False
        while frame is not None and frame is not self._frame:
            frame = frame.f_back
        return frame is not None and frame.f_lasti == self._at
