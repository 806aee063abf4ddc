"""The loops of the script that are functions of their own here, and the code that calls them.

Made before the script began, by ``compiler/outline``. It runs only where the interpreter has compiled
exactly the code that it was made from; otherwise that runs, and a line says so.
"""

from __future__ import annotations

import sys
from marshal import loads
from types import CodeType, FunctionType

from selfsame.runtime.agent.backend import enter, parts
from selfsame.runtime.agent.codes import patch
from selfsame.runtime.agent.sums import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MARK = "\0selfsame:"
SHORTEST_NS = 5_000  # of a mean run: below it a call, of some 0.15 us, is more than may be won
ENOUGH_CALLS = 20


class Gate(list[None]):
    """A constant of the code: with an item in it the function is called, without the loop runs as it stands."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]


class Outlined:
    """What a file of outlined loops holds; ``problem`` says why it cannot be used."""

    def __init__(self, path: str, digest: str) -> None:
        self.problem = ""
        self.functions: list[FunctionType] = []
        self.gates: dict[str, Gate] = {}  # by the qualified name of the function
        self.shut: dict[str, str] = {}  # for good, and why
        self.is_open = False
        self._made: tuple[CodeType, CodeType, tuple[tuple[str, CodeType], ...]] | None = None
        try:
            with open(path, "rb") as file:
                data = file.read()
            if sha256(data) != digest:
                raise ValueError("it is not the file that was written")
            tag, *made = loads(data)
            if tag == (sys.implementation.cache_tag, sys.hexversion, sys.flags.optimize):
                self._made = tuple(made)
        except (OSError, ValueError, TypeError, EOFError) as error:
            self.problem = f"{path}: {error}"

    def begin(self) -> None:
        """Have the script's code looked at when it is about to run."""
        if self._made is not None and not enter(self._chosen):
            self.problem = "another tool evaluates frames, or the extension is missing"

    def open(self, wanted: bool) -> None:
        """Have the functions called from now on, or the loops run as they stand."""
        self.is_open = wanted
        for name, gate in self.gates.items():
            gate[:] = [None] if wanted and name not in self.shut else []

    def timed(self, qualname: str, seen: dict[str, Any]) -> str:
        """Take in a window on the plain function; why its loop is left alone from now on, if it is."""
        gate = self.gates.get(qualname)
        calls, total_ns = seen["outermost"], seen["total_ns"]
        if gate is None or calls < ENOUGH_CALLS or total_ns >= calls * SHORTEST_NS:
            return ""
        gate.clear()
        reason = self.shut[qualname] = (
            f"a run of the loop takes {total_ns / calls / 1000:.1f} us: calls of it would cost more "
            "than they could win"
        )
        return reason

    def end(self) -> None:
        """The program ends: its code lets go of the functions.

        They hold its globals, as these hold its code, and the collector does not see into code: nothing
        of the program would be let go of.
        """
        self.open(False)
        mine = set(map(id, self.functions))
        for function in list(self.functions[0].__globals__.values()) if mine else ():
            if type(function) is FunctionType and mine & set(map(id, function.__code__.co_consts)):
                code = function.__code__
                left = tuple(None if id(c) in mine else c for c in code.co_consts)
                function.__code__ = code.replace(co_consts=left)
        self.functions.clear()

    def _chosen(self, code: CodeType) -> CodeType | None:
        """The code that runs in the place of the script's; None where it is not the one that was read."""
        if self._made is None:
            return None
        plain, changed, loops = self._made
        self._made = None
        if code != plain:
            self.problem = "the script is not the one that was read"
            return None
        if changed.co_nlocals != plain.co_nlocals or changed.co_cellvars:
            self.problem = "its top level has comprehensions that would be laid out otherwise"
            return None
        self.functions[:], self.gates, code = put_in(
            changed, loops, code.co_filename, sys.modules["__main__"].__dict__
        )
        return code


def put_in(
    changed: CodeType, loops: tuple[tuple[str, CodeType], ...], file: str, space: dict[str, Any]
) -> tuple[list[FunctionType], dict[str, Gate], CodeType]:
    """The functions of the loops, their gates, which are shut, and the code of the script that has both."""
    functions = [FunctionType(_in_file(inner, file), space) for _, inner in loops]
    gates = {name: Gate() for name, _ in loops}
    meaning: dict[str, object] = {MARK + "drop": drop, MARK + "range": range, MARK + "parts": parts}
    for (name, _), function in zip(loops, functions, strict=True):
        meaning[f"{MARK}loop:{name}"] = function
        meaning[f"{MARK}gate:{name}"] = gates[name]
    return functions, gates, patch(_in_file(changed, file), meaning)


def drop() -> None:
    """Take the entry of the code that called a loop out of the traceback: its own is there already."""
    error = sys.exception()
    at = error.__traceback__ if error is not None else None
    if error is not None and at is not None and at.tb_next is not None:
        error.__traceback__ = at.tb_next


def _in_file(code: CodeType, name: str) -> CodeType:
    if code.co_filename == name:
        return code
    constants: Iterator[Any] = (
        _in_file(c, name) if isinstance(c, CodeType) else c for c in code.co_consts
    )
    return code.replace(co_filename=name, co_consts=tuple(constants))
