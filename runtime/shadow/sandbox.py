"""The layers between a shadowed call and the world: what this host offers, and what it does not."""

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass

MEMORY = 1 << 30
FILE_SIZE = 256 << 20
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: whether workers have it here, and the reason where they do not."""

    name: str
    available: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use: bytes beyond what it starts with, CPU seconds, and its nice value.

    With ``scratch``, a folder for memray's file, the filter lets it open files for writing.
    """

    memory: int = MEMORY
    cpu_s: int = 120
    nice: int = 10
    scratch: str = ""


def enclose(limits: Limits) -> list[Layer]:
    """Put all layers that are possible on this process, for good; says which are on."""
    return [
        Layer("audit hook", True),
        _try("resource limits", lambda: _limit(limits)),
        _try("network namespace", _leave_network),
        _try("seccomp filter", lambda: _filter(bool(limits.scratch))),
    ]


def _try(name: str, act: Callable[[], None]) -> Layer:
    try:
        act()
    except KeyError:
        return Layer(name, False, "not on this kind of machine")
    except (OSError, ValueError, ImportError, AttributeError) as error:
        return Layer(name, False, f"{type(error).__name__}: {error}")
    return Layer(name, True)


def _limit(limits: Limits) -> None:
    if limits.nice:
        os.nice(limits.nice)
    with open("/proc/self/statm", "rb") as statm:
        held = int(statm.read().split()[0]) * resource.getpagesize()
    _lower(resource.RLIMIT_AS, held + limits.memory)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits.cpu_s)
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(what: int, value: int) -> None:
    """Set a limit for good, never above the one that the host already set."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _leave_network() -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWNET if uid == 0 else CLONE_NEWNET | CLONE_NEWUSER
    if libc.unshare(flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if flags & CLONE_NEWUSER:  # stay the same user inside the new user namespace
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def _filter(writes: bool) -> None:
    from selfsame.runtime.shadow import seccomp

    seccomp.install(writes)


def layers() -> list[Layer]:
    """The layers that a worker gets on this host, found by starting one that does nothing else."""
    from selfsame.runtime.shadow.process import Worker, WorkerLost

    if sys.platform != "linux":
        return [Layer("shadow workers", False, "only Linux is supported")]
    try:
        with Worker.start(Limits(), deadline_s=20.0) as worker:
            return worker.layers
    except (WorkerLost, OSError) as error:
        return [Layer("shadow workers", False, str(error))]
