"""The audit hook of a worker: stops effects on the outside, and remembers that they were tried.

A hook can be escaped from C, so it is diagnosis first: it says *why* a node may not be shadowed.
The layers of `selfsame.runtime.shadow.sandbox` are what holds.
"""

import functools
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

OF_PROCESS = (
    *("chroot", "umask", "nice", "setpriority", "sched_setaffinity"),
    *("setuid", "setgid", "setsid", "setpgid"),
)

EFFECTS = {
    "open": "opens a file",
    "socket": "uses the network",
    "http": "uses the network",
    "urllib": "uses the network",
    "ftplib": "uses the network",
    "smtplib": "uses the network",
    "imaplib": "uses the network",
    "subprocess": "starts a process",
    "pty": "starts a process",
    "ctypes": "calls C through ctypes",
    "shutil": "changes files",
    "tempfile": "makes a temporary file",
    "sqlite3": "opens a database",
    "dbm": "opens a database",
    "signal": "sends a signal",
    "syslog": "writes to the system log",
    "webbrowser": "opens a browser",
    "fcntl": "locks or changes a file",
    "msvcrt": "locks or changes a file",
    "time.sleep": "sleeps",
    "builtins.input": "reads the terminal",
    "_thread": "starts a thread",
    "os.fork": "forks",
    "os.forkpty": "forks",
    "os.exec": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.spawn": "starts a process",
    "os.system": "starts a process",
    "os.kill": "sends a signal",
    "os.killpg": "sends a signal",
    "os.putenv": "changes the environment",
    "os.unsetenv": "changes the environment",
    "os.chdir": "changes the working directory",
    "os.listdir": "reads a directory",
    "os.scandir": "reads a directory",
    "os.walk": "reads a directory",
    "glob": "reads a directory",
    "pathlib": "reads a directory",
    **{f"os.{name}": "changes the process that it runs in" for name in OF_PROCESS},
    "os": "changes files",
    "sys.settrace": "sets a tracer",
    "sys.setprofile": "sets a profiler",
    "resource": "changes limits",
    "mmap": "maps memory",
    "object": "changes the code of a function or class",
}
"""By event, or by the part of its name before the dot: what it means in words."""

HARMLESS_CALL = frozenset(
    [
        "import",
        "compile",
        "exec",
        "marshal.loads",
        "marshal.dumps",
        "pickle.find_class",
        "array.__new__",
        "builtins.id",
        "sys._getframe",
        "sys._getframemodulename",
        "sys._current_frames",
        "object.__getattr__",
        "code.__new__",
        "function.__new__",
        "sys.unraisablehook",
        "sys.excepthook",
        "gc.get_objects",
        "gc.get_referrers",
        "gc.get_referents",
        "builtins.breakpoint",
        "re.compile",
    ]
)
"""Events of a shadowed call that touch nothing outside it. Any other event is an outside effect."""

ATTRIBUTES = frozenset({"object.__setattr__", "object.__delattr__"})
CODE_ATTRIBUTES = frozenset({"__code__", "__bases__", "__globals__", "__closure__"})

IMPORTS_READ = frozenset({"open", "os.listdir", "os.scandir", "sys.addaudithook"})
"""Harmless where the import system is what does it."""

REFUSED_AT_IMPORT = frozenset(
    [
        "socket",
        "http",
        "urllib",
        "ftplib",
        "smtplib",
        "imaplib",
        "subprocess",
        "pty",
        "shutil",
        "tempfile",
        "sqlite3",
        "dbm",
        "signal",
        "syslog",
        "webbrowser",
        "_thread",
        "os.fork",
        "os.forkpty",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "os.kill",
        "os.killpg",
        "os.remove",
        "os.rename",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "os.chown",
        "os.chflags",
        "os.utime",
        "os.setxattr",
        "os.removexattr",
        "os.lockf",
        "fcntl",
        "builtins.input",
        "sys.settrace",
        "sys.setprofile",
        "time.sleep",
    ]
)


class OutsideEffect(PermissionError):
    """What a stopped action raises inside a worker."""


class Audit:
    """The one hook of a worker. ``phase`` is None (its own work), "import" or "call"."""

    def __init__(self) -> None:
        self.phase: str | None = None
        self.flags: list[str] = []
        self._inside = False

    def install(self) -> None:
        """Add the hook; it stays for the life of the process."""
        sys.addaudithook(self._hook)

    @contextmanager
    def watching(self, phase: str) -> Iterator[list[str]]:
        """Watch a block; yields the list to which what was stopped is added, each once."""
        self.flags = []
        self.phase = phase
        try:
            yield self.flags
        finally:
            self.phase = None

    def flag(self, what: str) -> None:
        """Remember an effect."""
        if what not in self.flags:
            self.flags.append(what)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        phase = self.phase
        if phase is None or self._inside:
            return
        self._inside = True
        try:
            stopped = _at_import(event, args) if phase == "import" else _in_call(event, args)
        finally:
            self._inside = False
        if stopped:
            what = meaning(event)
            self.flag(what)
            raise OutsideEffect(f"selfsame: a shadow worker {what}")


UNAUDITED = ("mkfifo", "mknod", *OF_PROCESS)
"""Functions of `os` that change something outside and are no audit events."""


def watch_unaudited() -> None:
    """Make audit events of what changes something outside and is none by itself."""
    import posix

    for name in UNAUDITED:
        function = getattr(posix, name, None)
        if function is None:
            continue

        @functools.wraps(function)
        def watched(*arguments: Any, _name: str = name, _call: Any = function, **rest: Any) -> Any:
            sys.audit(f"os.{_name}")
            return _call(*arguments, **rest)

        setattr(os, name, watched)
        setattr(posix, name, watched)


def watch_threads() -> None:
    """Make the start of a thread an audit event where this Python has none (before 3.12)."""
    import _thread
    import threading

    start = _thread.start_new_thread

    def watched(*arguments: Any, **keywords: Any) -> int:
        sys.audit("_thread.start_new_thread")
        return start(*arguments, **keywords)

    for module in (_thread, threading):
        for name in ("start_new_thread", "_start_new_thread", "start_new"):
            if getattr(module, name, None) is start:
                setattr(module, name, watched)


def meaning(event: str) -> str:
    """An audit event in words; only its name is looked at, never its arguments."""
    return EFFECTS.get(event) or EFFECTS.get(event.split(".")[0]) or f"does {event}"


def _in_call(event: str, args: tuple[Any, ...]) -> bool:
    if event in HARMLESS_CALL:
        return False
    if event in ATTRIBUTES:  # of a function or class: only what changes code counts
        return args[1] in CODE_ATTRIBUTES and not _anyones(args[0])
    return not (event in IMPORTS_READ and _importing())


def _anyones(thing: object) -> bool:
    """A function of the user's, such as one that compiles itself when it is first called."""
    if type(thing) is not types.FunctionType:
        return False
    return not str(thing.__globals__.get("__name__", "selfsame")).startswith("selfsame")


def _importing() -> bool:
    """Whether the import system is among the callers."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib._bootstrap"):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _at_import(event: str, args: tuple[Any, ...]) -> bool:
    if event == "open":
        path, mode, flags = (*args, None, None, None)[:3]
        if path == os.devnull:
            return False
        if isinstance(mode, str) and set(mode) & set("wax+"):
            return True
        return bool(isinstance(flags, int) and flags & WRITING)
    if event == "ctypes.dlopen":  # importing ctypes itself opens None, the program as it is
        return bool(args and args[0] is not None)
    if event in ("ctypes.call_function", "ctypes.cdata", "ctypes.string_at"):
        return True
    return event in REFUSED_AT_IMPORT or event.split(".")[0] in REFUSED_AT_IMPORT
