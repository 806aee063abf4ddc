"""The layers between a shadowed call and the world: what this host offers, and what it does not."""

import os
import resource
import sys
from collections.abc import Callable, Sequence
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
    """What a worker may use: bytes beyond what it starts with, and CPU seconds. It is as nice as its engine.

    With ``scratch``, a folder for memray's file, the filter lets it open files for writing.
    ``without`` names layers to leave away, to see what the others hold. With ``symbolic`` it loads CrossHair
    before it is enclosed, where that is installed.
    """

    memory: int = MEMORY
    cpu_s: int = 120
    scratch: str = ""
    symbolic: bool = False
    without: tuple[str, ...] = ()


HOLDING = ("resource limits", ("Landlock", "seccomp filter"))
"""Nothing is shadowed without limits, or with neither of what keeps files and processes safe."""


def lacking(layers: Sequence[Layer]) -> str:
    """Why nothing may be shadowed behind these layers; empty where it may."""
    there = {layer.name for layer in layers if layer.available}
    limits, either = HOLDING
    if limits in there and there.intersection(either):
        return ""
    reasons = {layer.name: f" ({layer.reason})" for layer in layers if not layer.available}
    missing = [name for name in (limits, *either) if name not in there]
    told = ", ".join(f"{name}{reasons.get(name, '')}" for name in missing)
    return f"this host cannot enclose a worker: it lacks {told}"


def enclose(limits: Limits) -> list[Layer]:
    """Put all layers that are possible on this process, for good; says which are on."""
    layers: dict[str, Callable[[], None]] = {
        "resource limits": lambda: _limit(limits),
        "network namespace": _leave_network,
        "Landlock": lambda: _landlock(limits.scratch),
        "seccomp filter": lambda: _filter(bool(limits.scratch)),
    }
    found = [Layer("audit hook", True)]  # the session's own, on before anything is loaded
    found += [_try(name, act) for name, act in layers.items() if name not in limits.without]
    return [layer for layer in found if layer.name not in limits.without]


def _try(name: str, act: Callable[[], None]) -> Layer:
    try:
        act()
    except KeyError:
        return Layer(name, False, "not on this kind of machine")
    except (OSError, ValueError, ImportError, AttributeError) as error:
        return Layer(name, False, f"{type(error).__name__}: {error}")
    return Layer(name, True)


def _limit(limits: Limits) -> None:
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


def _landlock(writable: str) -> None:
    from selfsame.runtime.shadow import landlock

    landlock.install(writable)


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
