"""Windows that are forced, for tests: a program's own tests then show that probes change nothing.

``SELFSAME_WINDOWS`` says how, in a tree made by ``selfsame compile``:

========  =============================================================================
open      every function runs its probed twin, for good
rotate    a few functions at a time run theirs for some milliseconds, all in turn
swap      every function is exchanged between plain and probed at random times, all the while
========  =============================================================================
"""

from __future__ import annotations

import gc
import os
import sys
from _weakref import ref
from marshal import loads
from time import monotonic_ns
from types import CodeType, FunctionType

from selfsame.runtime.agent.backend import swap
from selfsame.runtime.agent.codes import callees, fingerprint, patch
from selfsame.runtime.agent.forking import Forking
from selfsame.runtime.agent.recorder import Probe
from selfsame.runtime.agent.thread import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HOW = ("open", "rotate", "swap")
ROUND_S = 0.001
AT_ONCE = 64  # functions exchanged in a round


class Rounds:
    """Exchanges code in a thread of its own, until the program ends. Made once."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.pairs: list[tuple[ref[FunctionType], CodeType, CodeType]] = []
        self.swaps = 0
        self._chosen = monotonic_ns() & 0xFFFFFFFF
        self._at = 0
        self._thread = Thread(self._run)
        Forking(self._thread, (), self._thread.stop, self._thread.start, self._child)
        self._thread.start()

    def add(self, function: FunctionType, plain: CodeType, twin: CodeType) -> None:
        """Exchange the code of this function from now on."""
        self.pairs.append((ref(function), plain, twin))

    def _child(self) -> None:
        self._thread.forget()

    def _run(self) -> None:
        opened: list[tuple[ref[FunctionType], CodeType, CodeType]] = []
        while not self._thread.pause(ROUND_S):
            if self.how == "swap":
                for _ in range(min(AT_ONCE, len(self.pairs))):
                    self._chosen = (self._chosen * 1664525 + 1013904223) & 0xFFFFFFFF
                    held, plain, twin = self.pairs[(self._chosen >> 8) % len(self.pairs)]
                    self._put(held, plain, twin) or self._put(held, twin, plain)
                continue
            for held, plain, twin in opened:
                self._put(held, twin, plain)
            pairs = self.pairs
            opened = [pairs[(self._at + n) % len(pairs)] for n in range(min(AT_ONCE, len(pairs)))]
            self._at += len(opened)
            for held, plain, twin in opened:
                self._put(held, plain, twin)

    def _put(self, held: ref[FunctionType], expected: CodeType, code: CodeType) -> bool:
        function = held()
        done = function is not None and swap(function, expected, code)
        self.swaps += done
        return done


_made: list[Rounds] = []


def _rounds(how: str) -> Rounds:
    if not _made:
        _made.append(Rounds(how))
    return _made[0]


def force(namespace: dict[str, Any], file: str, index: dict[str, Any]) -> str:
    """Put the probed twins into all functions of a module; the reason where that failed.

    ``index`` is the module's, as ``loaded.read_index`` gives it.
    """
    how = os.environ.get("SELFSAME_WINDOWS", "")
    if how not in HOW:
        return f"SELFSAME_WINDOWS is one of {', '.join(HOW)}, not {how}"
    rows = index["functions"].get(min(sys.flags.optimize, 2))
    if rows is None:
        return "its index was made for other -O levels"
    forcing = _Forcing(file, rows)
    for function in _functions(namespace):
        code = function.__code__
        if code.co_filename == file:
            new = forcing.code(code)
            if new is code:
                continue
            if how == "open":
                function.__code__ = new
            else:
                _rounds(how).add(function, code, new)
    count = len(forcing.different)
    return f"{count} functions are not those that the index was made from" if count else ""


def _functions(namespace: dict[str, Any]) -> list[FunctionType]:
    """Every live function of a module, wherever it is held: class, wrapper, registry, cell."""
    return [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType and found.__globals__ is namespace
    ]


class _Forcing:
    """Makes the code that a function is to run instead, and that of the functions inside it."""

    def __init__(self, file: str, rows: dict[str, tuple[str, int, int, bytes]]) -> None:
        self.rows = {(qualname, line): (mark, twin) for qualname, line, mark, twin in rows.values()}
        self.made: dict[int, tuple[CodeType, CodeType]] = {}  # the first keeps the id taken
        self.different: set[tuple[str, int]] = set()

    def code(self, plain: CodeType) -> CodeType:
        """The twin of ``plain``, or ``plain`` itself; with the twins of all that is inside."""
        if id(plain) not in self.made:
            self.made[id(plain)] = (plain, self._make(plain))
        return self.made[id(plain)][1]

    def _make(self, plain: CodeType) -> CodeType:
        new = plain
        key = (plain.co_qualname, plain.co_firstlineno)
        if key in self.rows:
            mark, twin = self.rows[key]
            if fingerprint(plain) == mark:
                new = patch(loads(twin), callees(Probe()), plain)
                new = new.replace(co_filename=plain.co_filename)
            else:
                self.different.add(key)
        constants = tuple(self.code(c) if isinstance(c, CodeType) else c for c in new.co_consts)
        if any(a is not b for a, b in zip(constants, new.co_consts, strict=True)):
            new = new.replace(co_consts=constants)
        return new
