"""The agent's thread: started without ``threading``, unseen by signals, gone around a fork."""

from __future__ import annotations

import os
from _signal import (  # type: ignore[import-not-found]  # signal would import enum
    SIG_BLOCK,
    SIG_SETMASK,
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
        self._wake = allocate_lock()
        self._wake.acquire()
        self._number = 0
        self.resting = backend.resting()
        self._after = 0.0  # what is still to be waited by the thread itself
        self.running = False
        self.stopping = False

    def start(self, after: float = 0.0) -> None:
        """Start the thread, which runs its body ``after`` so many seconds.

        All signals are blocked in it: they are the program's.
        """
        if self.running:
            return
        self.running = True
        self.stopping = False
        self._number = 0
        before = pthread_sigmask(SIG_BLOCK, valid_signals())
        try:
            if self.resting is not None:
                self.resting.begin(after, self._run)
            else:
                self._after = after
                start_new_thread(self._run, ())
        except BaseException:
            self.running = False
            raise
        finally:
            pthread_sigmask(SIG_SETMASK, before)

    def pause(self, seconds: float) -> bool:
        """Wait; True where the thread is to end."""
        self._wake.acquire(timeout=seconds)
        return self.stopping

    def stop(self, seconds: float) -> bool:
        """End the thread, also for the kernel; whether it ended within ``seconds``."""
        if not self.running:
            return True
        self.stopping = True
        if self.resting is not None and self.resting.end():
            self.running = False
            return True
        self.poke()
        deadline = monotonic() + seconds
        while self.running:
            if monotonic() > deadline:
                return False
            sleep(LOOK_AGAIN_S)
        return gone(self._number, deadline - monotonic())

    @property
    def children(self) -> int:
        """How many forks it went through at rest, between this process and the first."""
        return self.resting.children if self.resting is not None else 0

    def grown(self) -> None:
        """In a child that has lived a moment."""
        if self.resting is not None:
            self.resting.grown()

    def poke(self) -> None:
        """End the current pause."""
        try:
            self._wake.release()
        except RuntimeError:  # it is not waiting
            pass

    def forget(self) -> None:
        """After a fork the child has no such thread."""
        self._wake = allocate_lock()
        self._wake.acquire()
        if self.resting is not None:
            self.resting.forget()
        self.running = False
        self._number = 0

    def _run(self) -> None:
        self._number = get_native_id()
        try:
            if not self._after or not self.pause(self._after):
                self._body()
        finally:
            self.running = False
