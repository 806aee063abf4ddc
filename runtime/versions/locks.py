"""File locks that end with their process: one publisher of orders, one engine of a store."""

import fcntl
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

from selfsame.runtime.versions.errors import EngineRunning, StoreBusy, StoreRefused

ENGINE_LOCK: Final = "engine.lock"
PUBLISH_LOCK: Final = "publish.lock"


@contextmanager
def publishing(directory: Path, seconds: float = 10.0) -> Iterator[None]:
    """The right to change head and orders, among all threads and processes.

    Raises StoreBusy where it was not free for ``seconds``.
    """
    path = directory / PUBLISH_LOCK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreRefused(
            path, f"cannot be opened for writing: {error.strerror}", "nothing was changed"
        ) from error
    try:
        limit = time.monotonic() + seconds
        while not _try_lock(handle):
            if time.monotonic() > limit:
                raise StoreBusy(
                    directory,
                    f"another process has been changing the store for {seconds:g} s",
                    "try again; a stopped process may hold it",
                )
            time.sleep(random.uniform(0.001, 0.005))
        yield
    finally:
        os.close(handle)


class EngineLock:
    """The right to be the one engine of a store, until ``release`` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        """Take it. Raises EngineRunning where another process has it."""
        self.path = directory / ENGINE_LOCK
        self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for attempt in range(10):
            if _try_lock(self._handle):
                break
            pid, interpreter = _holder(self._handle)
            if pid or attempt == 9:
                os.close(self._handle)
                raise EngineRunning(directory, pid, interpreter)
            time.sleep(0.02)  # somebody only looked, or a new engine has not written its pid yet
        text = json.dumps({"pid": os.getpid(), "interpreter": interpreter_text()})
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)

    def release(self) -> None:
        """Let another engine begin. A second call does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.ftruncate(handle, 0)
            os.close(handle)

    def __enter__(self) -> "EngineLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def engine_holder(directory: Path) -> tuple[int, str] | None:
    """``(pid, interpreter)`` of the engine that runs on a store; None where none does."""
    try:
        handle = os.open(directory / ENGINE_LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # A shared lock: two who ask at once do not take each other for an engine.
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(handle)
        return None
    finally:
        os.close(handle)


def interpreter_text() -> str:
    """Which Python this is, for messages: its path and version."""
    version = ".".join(map(str, sys.version_info[:3]))
    return f"{sys.executable} ({sys.implementation.name} {version})"


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(handle: int) -> tuple[int, str]:
    try:
        data = json.loads(os.pread(handle, 4096, 0))
        return int(data["pid"]), str(data["interpreter"])
    except (ValueError, KeyError, TypeError, OSError):
        return 0, "unknown interpreter"
