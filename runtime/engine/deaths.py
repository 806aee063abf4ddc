"""How processes end that the engine did not start: whether of a crash, which a rewrite may have caused.

An agent that leaves without a word has been killed, has crashed, or has called ``os._exit``. The
kernel tells which by the process's descriptor (``PIDFD_GET_INFO``, Linux 6.15), or as long as the
process is not waited for, in ``/proc/PID/stat``. Where neither says it, nothing is suspected.
"""

import fcntl
import os
import select
import signal
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CRASHES = frozenset(
    (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGSYS)
)
PATIENCE_S = 5.0
INFO = struct.Struct("=QQ11Ii")
GET_INFO = 0xC000FF0B | INFO.size << 16
EXIT = 8


@dataclass
class Leaving:
    """A process whose agent is gone: its descriptor, its number, what it ran."""

    handle: int
    pid: int
    rewrites: Mapping[str, str]
    since: float


class Deaths:
    """Watches processes by descriptor; `crashes` gives those that died of a crash."""

    def __init__(self) -> None:
        self._handles: dict[int, int] = {}
        self._leaving: list[Leaving] = []

    def watch(self, pid: int) -> None:
        """An agent came. Without a descriptor (another namespace, too many files) it is not watched."""
        if pid not in self._handles:
            try:
                self._handles[pid] = os.pidfd_open(pid)
            except OSError:
                return

    def left(self, pid: int, rewrites: Mapping[str, str]) -> None:
        """An agent is gone without a word; ``rewrites`` (id by address) ran in its process."""
        handle = self._handles.pop(pid, -1)
        if handle >= 0:
            self._leaving.append(Leaving(handle, pid, dict(rewrites), time.monotonic()))

    def forget(self, pid: int) -> None:
        """An agent said that its program ends."""
        handle = self._handles.pop(pid, -1)
        if handle >= 0:
            os.close(handle)

    @property
    def pending(self) -> bool:
        """Whether there are processes of which it is not known yet how they ended."""
        return bool(self._leaving)

    def crashes(self) -> Iterator[tuple[int, str, Mapping[str, str]]]:
        """Process, signal's name and rewrites of each that crashed since the last call."""
        for leaving in list(self._leaving):
            number = _ended(leaving)
            if number is None and time.monotonic() - leaving.since < PATIENCE_S:
                continue
            self._leaving.remove(leaving)
            os.close(leaving.handle)
            if number in CRASHES:
                yield leaving.pid, signal.Signals(number).name, leaving.rewrites


def _ended(leaving: Leaving) -> int | None:
    """The signal that ended a process, 0 where none did; None where it is not known (yet)."""
    poll = select.poll()
    poll.register(leaving.handle, select.POLLIN)
    if not poll.poll(0):
        return None
    info = bytearray(INFO.size)
    INFO.pack_into(info, 0, EXIT, *[0] * 13)
    try:
        fcntl.ioctl(leaving.handle, GET_INFO, info)
    except OSError:
        return _from_stat(leaving.pid)
    mask, *_, status = INFO.unpack(info)
    return status & 0x7F if mask & EXIT else _from_stat(leaving.pid)


def _from_stat(pid: int) -> int | None:
    """The same of a process that nobody has waited for yet; see proc(5), ``exit_code``."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[49]) & 0x7F if fields[0] == b"Z" else None
