"""The other ways to watch a program: how each is run, and what it can tell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OPENTELEMETRY = "opentelemetry-sdk==1.36.0"

#: What each can say of a running program without being told where to look.
TELLS = {
    "selfsame": "each function's share of the time, own, native and waiting; calls, errors and "
    "quantiles in windows; not every call",
    "cprofile": "own and total time and calls of each function and its callers, at the end; no "
    "errors, quantiles or waiting, and small functions look dearer than they are",
    "tracemalloc": "where memory that still lives was allocated; no time",
    "monitoring": "every call's begin and end; what is made of them is the callback's affair",
    "opentelemetry": "the begin, end and exception of each call as a tree of spans",
}

#: Run with fewer loops by this factor: they take hundreds of times as long.
SLOW = {"opentelemetry": 50}

CALLBACKS = """
from cpython.dict cimport PyDict_GetItem
cdef extern from "time.h":
    struct timespec:
        long tv_sec
        long tv_nsec
    int clock_gettime(int clock, timespec *found)

cdef long long now():
    cdef timespec found
    clock_gettime(1, &found)
    return found.tv_sec * 1000000000 + found.tv_nsec

cdef class Totals:
    cdef public long long calls
    cdef public long long total

cdef list stack = []
cdef dict totals = {}

def started(code, offset):
    stack.append(now())

def returned(code, offset, value):
    cdef Totals found
    if not stack:
        return
    known = totals.get(code)
    if known is None:
        known = totals[code] = Totals()
    found = known
    found.calls += 1
    found.total += now() - <long long>stack.pop()
"""


def prepared(folder: Path) -> dict[str, str]:
    """Make what the peers need in ``folder``; peer -> why it cannot be measured, or empty."""
    reasons = {"cprofile": "", "tracemalloc": "", "monitoring": "", "opentelemetry": ""}
    if sys.version_info < (3, 12):
        reasons["monitoring"] = "sys.monitoring came with Python 3.12"
    else:
        (folder / "compiled_callbacks.pyx").write_text(CALLBACKS)
        command = [sys.executable, "-m", "Cython.Build.Cythonize", "-i", "-q", "-3"]
        reasons["monitoring"] = _failure([*command, "compiled_callbacks.pyx"], folder)
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "spans")]
    reasons["opentelemetry"] = _failure([*command, OPENTELEMETRY], folder)
    return reasons


def command(peer: str, program: list[str]) -> list[str]:
    """How a program, its script and its arguments, is run beneath a peer."""
    match peer:
        case "cprofile":
            return [sys.executable, "-m", "cProfile", "-o", os.devnull, *program]
        case "tracemalloc":
            return [sys.executable, "-X", "tracemalloc", *program]
    return [sys.executable, *program]


def environment(peer: str, folder: Path) -> dict[str, str]:
    """What a peer needs in the environment; ``path`` is put in front of PYTHONPATH."""
    match peer:
        case "monitoring":
            return {"OVERHEAD_WITH": peer}
        case "opentelemetry":
            return {"OVERHEAD_WITH": peer, "path": str(folder / "spans")}
    return {}


def _failure(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or ["it cannot be built"])[-1]
