"""The one place that chooses between the agent's compiled parts and what stands in for them."""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SOCK_STREAM
from _socket import socket as Socket
from _thread import get_ident
from errno import EBADF
from time import sleep

from selfsame.runtime.agent import recorder
from selfsame.runtime.link.control import mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from mmap import mmap
    from types import CodeType, FrameType, FunctionType
    from typing import Any

try:
    from selfsame.runtime.agent import native

    _missing = ""
except ImportError as error:
    native = None
    _missing = str(error)

try:
    from selfsame.runtime.agent import looks  # type: ignore[attr-defined]
except ImportError:
    looks = None

READ = 1 << 18  # bytes
HIGH = 512  # the least number of a descriptor of ours, where the program may have so many

COMPILED = bool(recorder.COMPILED)


def describe() -> tuple[bool, str]:
    """Whether the probes are compiled, and a sentence for ``selfsame doctor``."""
    if COMPILED and native is not None:
        return True, "the recorder is compiled"
    if COMPILED:
        return True, f"the recorder is compiled, native is not ({_missing})"
    return False, (
        "the recorder runs uncompiled, about ten times slower: the extensions were not built "
        "(a C compiler and Cython are needed when selfsame is installed)"
    )


def swap(function: FunctionType, expected: CodeType, code: CodeType) -> bool:
    """Give a function another code object if it still has the expected one; whether it had.

    Uncompiled, another thread can come between the look and the change, and 3.13 runs the function
    6 ns a call slower from then on.
    """
    if native is not None:
        return bool(native.swap(function, expected, code))
    if function.__code__ is not expected:
        return False
    function.__code__ = code
    return True


def enter(choose: Callable[[CodeType], CodeType | None]) -> bool:
    """Have ``choose`` be given the code of ``__main__`` when it is about to run, and say what runs instead.

    Whether it will be asked: never uncompiled or with an extension that was built before it could, nor
    where somebody else evaluates frames.
    """
    return hasattr(native, "enter") and bool(native.enter(choose))


def parts(items: range) -> Iterable[range]:
    """A range in parts that take some milliseconds each; anything else as it is, in one.

    Compiled, so that no frame comes between the loop and whoever interrupts it.
    """
    return native.Parts(items) if native is not None else (items,)


def attributes(value: object) -> dict[str, object] | None:
    """The attributes of an instance that has no dict yet, as a new dict; None where it has one.

    To read ``__dict__`` makes one: attributes take about twice as long from then on. Uncompiled,
    nothing else can be done.
    """
    found: dict[str, object] | None = native.attributes(value) if native is not None else None
    return found


def hold(value: object, own: dict[str, object]) -> bool:
    """Set the attributes of an instance that has none without making its dict; whether that was done.

    Not where the class has a descriptor that takes one of them; uncompiled, never.
    """
    return native is not None and bool(native.hold(value, own))


def tools() -> str:
    """Which debugger, coverage tool or profiler is at work in this process; empty where none is."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None:
        for number in range(6):
            name = monitoring.get_tool(number)
            if name is not None:
                return f"{name} uses sys.monitoring"
    threading = sys.modules.get("threading")
    hooks = 0
    if native is not None:
        hooks = native.hooks()
    else:
        hooks = int(_traced())
    if hooks & 1 or getattr(threading, "_trace_hook", None) is not None:
        return "a tracer is set (sys.settrace)"
    if hooks & 2 or getattr(threading, "_profile_hook", None) is not None:
        return "a profiler is set (sys.setprofile)"
    return ""


def _traced() -> bool:
    """Whether a running frame has a local trace function: what Python can see of other threads."""
    for frame in frames().values():
        at = frame
        for _ in range(100):
            if at.f_trace is not None:
                return True
            if at.f_back is None:
                break
            at = at.f_back
    return False


def frames() -> dict[int, FrameType]:
    """The innermost frame of every other thread of this interpreter, by ident.

    Uncompiled it is empty while there are subinterpreters: ``sys._current_frames`` would also make
    frames for their threads, which from 3.12 on corrupts the heap.
    """
    if native is not None:
        found: dict[int, FrameType] = native.frames()
        return found
    module = sys.modules.get("_interpreters") or sys.modules.get("_xxsubinterpreters")
    if module is not None and len(module.list_all()) > 1:
        return {}
    others = sys._current_frames()
    del others[get_ident()]  # a cycle with this frame would keep what all of them hold
    return others


def native_threads() -> dict[int, int]:
    """The kernel's number of each Python thread, by ident; uncompiled, of those that tell it."""
    if native is not None:
        found: dict[int, int] = native.threads()
        return found
    threading = sys.modules.get("threading")
    known: dict[int, Any] = getattr(threading, "_active", {})
    return {
        ident: thread._native_id
        for ident, thread in list(known.items())
        if getattr(thread, "_native_id", None) is not None
    }


def receive(socket: Socket, inode: int) -> bytes | None:
    """What has come at a socket that does not wait; None where nothing has, empty where it has ended.

    Raises OSError where it is broken, or its descriptor is another file by now.
    """
    if native is not None:
        found: bytes | None = native.receive(socket.fileno(), inode)
        return found
    _refuse_another(socket, inode)
    try:
        return socket.recv(READ)
    except (BlockingIOError, InterruptedError):
        return None


def new_socket() -> Socket:
    """A new socket of the host's, out of the way of the program's descriptors. Raises OSError.

    Who closes the standard input and opens another file counts on the lowest number.
    """
    if native is not None:
        return Socket(AF_UNIX, SOCK_STREAM, 0, native.new_socket(HIGH))
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    low = Socket(AF_UNIX, SOCK_STREAM)
    try:
        high = fcntl(low.fileno(), F_DUPFD_CLOEXEC, HIGH)
    except OSError:  # the program may have fewer
        return low
    low.close()
    return Socket(AF_UNIX, SOCK_STREAM, 0, high)


def make_room() -> None:
    """Before there are threads: the first `new_socket` is to hold nobody up."""
    if native is not None:
        native.make_room(HIGH)


def mapped(handle: int, size: int) -> mmap | memoryview:
    """The first bytes of a file, to be read, for good. Raises OSError or ValueError.

    A mapping of Python's keeps a descriptor, which would be the lowest that the program has free.
    """
    if native is None:
        return mapping(handle, size)
    found: memoryview = native.mapped(handle, size)
    return found


def send(socket: Socket, inode: int, data: bytearray) -> int:
    """How many of the first bytes of ``data`` the socket took. Raises OSError as ``receive`` does."""
    with memoryview(data) as whole, whole[:READ] as part:
        if native is not None:
            return int(native.send(socket.fileno(), inode, part))
        _refuse_another(socket, inode)
        try:
            return socket.send(part)
        except (BlockingIOError, InterruptedError):
            return 0


def same(socket: Socket, inode: int) -> bool:
    """Whether its descriptor is still this socket: a program may close all of its own."""
    try:
        return os.fstat(socket.fileno()).st_ino == inode
    except OSError:
        return False


def _refuse_another(socket: Socket, inode: int) -> None:
    if not same(socket, inode):
        raise OSError(EBADF, "the descriptor is another file by now")


def waited(most: int) -> tuple[int, int]:
    """Nanoseconds that threads of this process ran, and waited for a processor, so far.

    By the kernel's own count (``/proc/PID/task/TID/schedstat``; Linux, Documentation/scheduler/
    sched-stats), of ``most`` threads. Raises OSError or ValueError where it cannot be read.
    """
    if native is not None:
        found: tuple[int, int] = native.waited(most)
        return found
    ran = waited = 0
    for thread in os.listdir("/proc/self/task")[:most]:
        with open(f"/proc/self/task/{thread}/schedstat", "rb") as file:
            one, other, _ = map(int, file.read().split())
        ran += one
        waited += other
    return ran, waited


_kept: list[object] = []
run_soon: CodeType | None = None  # of what stands between the interpreter and the callback


def call_soon(callback: Callable[[], None]) -> bool:
    """Have the main thread call it between two of its instructions. False where that cannot be."""
    if native is not None:
        return bool(native.call_soon(callback))
    try:
        import ctypes
    except ImportError:
        return False

    def run(_: object) -> int:
        callback()
        return 0

    global run_soon
    run_soon = run.__code__
    function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(run)
    _kept[:] = [*_kept[-3:], function]  # it must live until it has returned; two may be asked for
    return bool(ctypes.pythonapi.Py_AddPendingCall(function, None) == 0)


def resting() -> Any:
    """A thread that needs nothing of the interpreter before its time has come; None where there is none."""
    return native.Resting() if native is not None else None


def forks(resting: Any, *given: Any) -> Any:
    """Hooks around forks that touch nothing of Python where nothing is to be done; None where there are none."""
    return native.Forks(resting, *given) if native is not None else None


def pause() -> Any:
    """Pauses at whose end the interpreter is handed over; None where it must be asked for."""
    return native.Pause() if native is not None else None


def give(seconds: float) -> None:
    """Give the interpreter up; who wants it has it for so long, or as long as it lets others wait."""
    if native is not None:
        native.give(seconds)
    else:
        sleep(0)


def looks_start(interval_s: float, budget: float, agent_thread: int) -> bool:
    """Have a thread of C look where the program is; False where there is none or it is refused."""
    return looks is not None and looks.start(interval_s, budget, agent_thread) == 0


def looks_stop() -> None:
    """End that thread, also for the kernel."""
    if looks is not None:
        looks.stop()


def looks_forget() -> None:
    """After a fork, in the child: there is no such thread."""
    if looks is not None:
        looks.forget()


def looks_take() -> list[tuple[int, float, tuple[int, ...]]]:
    """What was seen since the last time: ``(state, weight, ids of code, the innermost first)``."""
    return (looks.take() or []) if looks is not None else []


def looks_cost() -> tuple[int, float]:
    """How many looks were taken so far, and the seconds of processor time they cost."""
    return looks.cost() if looks is not None else (0, 0.0)
