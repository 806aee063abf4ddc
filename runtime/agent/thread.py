"""The agent's thread: started without ``threading``, unseen by signals, gone around a fork."""

from __future__ import annotations

import os
from _signal import (  # type: ignore[import-not-found]  # signal would import enum
    SIG_BLOCK,
    pthread_sigmask,
    valid_signals,
)
from _thread import allocate_lock, get_native_id, start_new_thread
from time import monotonic, sleep

from selfsame.runtime.agent import backend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_AGAIN_S = 0.0002


class Pause:
    """What stands in for ``native.Pause``: at its end the thread asks for the interpreter as all do."""

    def __init__(self) -> None:
        self.forget()

    def wait(self, seconds: float) -> bool:
        """Until so much time has passed or ``end``. False: nobody handed over."""
        self._wake.acquire(timeout=seconds)
        return False

    def end(self) -> None:
        """End the pause, or else the next one."""
        try:
            self._wake.release()
        except RuntimeError:  # it is not waiting
            pass

    def forget(self) -> None:
        """After a fork nobody waits in the child."""
        self._wake = allocate_lock()
        self._wake.acquire()


def gone(number: int, seconds: float) -> bool:
    """Whether the kernel has no thread of this number any more, within ``seconds``; 0 never had."""
    deadline = monotonic() + seconds
    while number and os.path.exists(f"/proc/self/task/{number}"):
        if monotonic() > deadline:
            return False
        sleep(LOOK_AGAIN_S)
    return True


class Thread:
    """Runs ``body`` until it returns. ``body`` waits with ``pause`` and ends when that says so."""

    def __init__(self, body: Callable[[], None]) -> None:
        self._body = body
        self._pause = backend.pause() or Pause()
        self._number = 0
        self.handed = False  # the interpreter, at the end of the last pause, by who ran Python
        self._here = self._starting = False
        self._told = self._again = False  # to end; and to be there all the same
        self.resting = backend.resting()
        self.stopping = False

    @property
    def running(self) -> bool:
        """Whether there is one, and be it at rest."""
        return self.resting.is_there if self.resting is not None else self._here

    def start(self, after: float = 0.0) -> None:
        """Start the thread, which runs its body ``after`` so many seconds.

        All signals are blocked in it: they are the program's. One that was told to end, and has not yet,
        goes on or begins anew.
        """
        self._again = True
        if self._starting:
            return  # another thread does it
        # Up to the `try` no other thread runs and no handler of a signal, which might raise.
        self._starting = True
        try:
            if self.running:
                self.stopping = False
                return
            self._again = self._told = self.stopping = False
            self._number = 0
            if self.resting is not None:
                self.resting.begin(after, self._run)
            else:
                self._here = True
                start_new_thread(self._wait_first, (after,))
        finally:
            self._starting = False

    def pause(self, seconds: float) -> bool:
        """Wait; True where the thread is to end."""
        self.handed = self._pause.wait(seconds)
        self._told = self.stopping
        return self._told

    def stop(self, seconds: float) -> bool:
        """End the thread, also for the kernel; whether it ended within ``seconds``."""
        deadline = monotonic() + seconds
        while self.running:
            self._again, self.stopping = False, True  # each time: another may have started it
            if self.resting is not None and self.resting.end():
                return True
            self.poke()
            if monotonic() > deadline:
                return False
            sleep(LOOK_AGAIN_S)
        return gone(self._number, deadline - monotonic())

    @property
    def children(self) -> int:
        """How many forks it went through at rest, between this process and the first."""
        return self.resting.children if self.resting is not None else 0

    def grown(self) -> None:
        """In a child that has lived a moment: who told the parent's thread to end did not mean it."""
        self.stopping = False
        if self.resting is not None:
            self.resting.grown()

    def poke(self) -> None:
        """End the current pause."""
        self._pause.end()

    def forget(self) -> None:
        """After a fork the child has no such thread."""
        self._pause.forget()
        self._here = self._starting = False
        if self.resting is not None:
            self.resting.forget()
        self._number = 0

    def _wait_first(self, after: float) -> None:
        """Where there is no extension the thread itself waits."""
        pthread_sigmask(SIG_BLOCK, valid_signals())
        self._number = get_native_id()
        if after and self.pause(after):
            self._over()
        else:
            self._run()

    def _run(self) -> None:
        self._number = get_native_id()
        try:
            self._body()
        finally:
            self._over()

    def _over(self) -> None:
        if self.resting is not None:
            self.resting.over()
        else:
            self._here = False
        if self._told and self._again:
            self.start()
