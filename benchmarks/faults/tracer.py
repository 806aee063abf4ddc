"""Runs a function in a child, stopped before and after each of its system calls (ptrace)."""

import contextlib
import ctypes
import os
import platform
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass

TRACEME, PEEK_REGS, POKE_REGS, SYSCALL, SETOPTIONS = 0, 12, 13, 24, 0x4200
SYSGOOD_EXITKILL = 1 | 1 << 20
REGISTERS = struct.Struct("=27Q")
RAX, RDX, RSI, RDI, ORIG_RAX, R10 = 10, 12, 13, 14, 15, 7
NAMES = {
    0: "read",
    1: "write",
    2: "open",
    17: "pread64",
    18: "pwrite64",
    20: "writev",
    74: "fsync",
    75: "fdatasync",
    76: "truncate",
    77: "ftruncate",
    82: "rename",
    83: "mkdir",
    87: "unlink",
    257: "openat",
    258: "mkdirat",
    263: "unlinkat",
    264: "renameat",
    285: "fallocate",
    316: "renameat2",
}
READERS = frozenset(("read", "pread64"))
WRITERS = frozenset(NAMES.values()) - READERS - {"open", "openat"}
O_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def supported() -> str:
    """Why nothing can be traced here; empty where it can."""
    return "" if platform.machine() == "x86_64" else f"not on {platform.machine()}"


@dataclass
class Call:
    """One system call of the child: its place in the run, its name ('' where it cannot write)."""

    pid: int
    index: int
    name: str
    arguments: tuple[int, int, int, int]
    result: int = 0

    @property
    def writes(self) -> bool:
        """Whether it changes a file: a disk that fails makes it fail."""
        if self.name in ("open", "openat"):
            flags = self.arguments[2 if self.name == "openat" else 1]
            return bool(flags & O_WRITES)
        return self.name in WRITERS and not (self.name == "write" and self.arguments[0] == 2)

    def reads(self, directory: str) -> bool:
        """Whether it reads from a file below ``directory``: a disk that fails makes it fail."""
        return self.name in READERS and self.path(0).startswith(directory)

    def path(self, argument: int) -> str:
        """The file that a descriptor argument means."""
        try:
            return os.readlink(f"/proc/{self.pid}/fd/{self.arguments[argument]}")
        except OSError:
            return ""

    def text(self, argument: int) -> str:
        """The string at an address argument."""
        found = self.bytes(self.arguments[argument], 4096)
        return os.fsdecode(found.split(b"\0", 1)[0])

    def bytes(self, address: int, size: int) -> bytes:
        """Memory of the child."""
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            got = memory.read(min(size, 4096 - address % 4096))
            while len(got) < size and (more := self._more(memory, size - len(got))):
                got += more
        return got

    @staticmethod
    def _more(memory: object, size: int) -> bytes:
        try:
            return memory.read(size)  # type: ignore[attr-defined,no-any-return]
        except OSError:
            return b""


Before = Callable[[Call], int]
"""Told of each call before it is made: 0 lets it be, -1 kills the process, an errno fails it."""
After = Callable[[Call], None]


def run(child: Callable[[], int], before: Before, after: After | None = None) -> int:
    """The exit code of ``child`` (negative: the signal that ended it)."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            libc.ptrace(TRACEME, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            code = child()
        finally:
            os._exit(code)
    os.waitpid(pid, 0)
    libc.ptrace(SETOPTIONS, pid, None, SYSGOOD_EXITKILL)
    buffer = ctypes.create_string_buffer(REGISTERS.size)
    inside: Call | None = None
    failing = index = 0
    deliver = 0
    while True:
        if libc.ptrace(SYSCALL, pid, None, deliver) < 0:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        deliver = 0
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
            deliver = os.WSTOPSIG(status)
            continue
        libc.ptrace(PEEK_REGS, pid, None, ctypes.addressof(buffer))
        registers = list(REGISTERS.unpack(buffer.raw))
        if inside is None:
            arguments = (registers[RDI], registers[RSI], registers[RDX], registers[R10])
            inside = Call(pid, index, NAMES.get(registers[ORIG_RAX], ""), arguments)
            index += 1
            failing = before(inside)
            if failing < 0:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if failing:
                registers[ORIG_RAX] = 2**64 - 1
                _poke(pid, buffer, registers)
        else:
            if failing:
                registers[RAX] = 2**64 - failing
                _poke(pid, buffer, registers)
            value = registers[RAX]
            inside.result = value - 2**64 if value >= 2**63 else value
            if after is not None:
                after(inside)
            inside = None


def _poke(pid: int, buffer: "ctypes.Array[ctypes.c_char]", registers: list[int]) -> None:
    buffer.raw = REGISTERS.pack(*registers)
    libc.ptrace(POKE_REGS, pid, None, ctypes.addressof(buffer))
