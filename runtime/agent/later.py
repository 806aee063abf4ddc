"""Starts the agent once the process has lived a moment: of those a program starts, most are short.

Until then there is one thread that waits. A fork ends the waiting: what forks is a server or a pool,
and a child could not start what its parent was in the middle of importing. What opens files is done by
a thread with descriptors of its own (where the extensions are there), which ends with it: the program
may count on the lowest that is free.
"""

from __future__ import annotations

import atexit
import os

from selfsame.runtime.agent.thread import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOMENT_S = 0.1
LOADING_S = 0.005
LONGEST_WAIT_S = 0.5


class Later:
    """Waits for ``MOMENT_S``, then starts the agent of ``link``; ``tell`` is given why it does not."""

    def __init__(self, link: str, tell: Callable[[str], object]) -> None:
        self._link = link
        self._tell = tell
        self._thread = Thread(self._wait)
        self._loading = Thread(self._load)
        self._problem = ""
        os.register_at_fork(before=self._before_fork)
        atexit.register(self._at_exit)
        self._thread.start()

    def _wait(self) -> None:
        if self._thread.pause(MOMENT_S):
            return
        self._loading.start()
        while self._loading.running:
            self._thread.pause(LOADING_S)
        if self._problem:
            self._tell(self._problem)
        # That takes long beside a busy program, which may be about to end or to fork by now.
        elif not self._thread.stopping:
            from selfsame.runtime.agent import boot

            if reason := boot.start(self._link):
                self._tell(reason)

    def _load(self) -> None:
        try:
            from selfsame.runtime.agent import looks  # type: ignore[attr-defined]

            looks.own_descriptors()
        except ImportError:
            pass
        try:
            from selfsame.runtime.agent import boot

            self._problem = boot.load(self._link)
        except Exception as error:
            self._problem = f"{type(error).__name__}: {error}"

    def _before_fork(self) -> None:
        """The agent is there, and at rest: its own hooks start it on both sides."""
        if self._thread.stopping:
            return
        try:
            began = not self._thread.running
            if not self._thread.stop(LONGEST_WAIT_S) or began:
                return
            from selfsame.runtime.agent import boot

            if boot.agent is not None:
                boot.agent.rest(LONGEST_WAIT_S)
            elif reason := boot.load(self._link):
                self._tell(reason)
        except Exception:  # os.fork would print it; the program runs unchanged
            pass

    def _at_exit(self) -> None:
        if self._thread.running and self._thread.stop(LONGEST_WAIT_S):
            from sys import modules

            boot = modules.get("selfsame.runtime.agent.boot")
            if boot is not None and boot.agent is not None:
                boot.agent.finish()
