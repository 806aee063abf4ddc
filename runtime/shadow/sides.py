"""The two sides of a trial inside one worker: the original function, and its variation.

A variation that is a code object is swapped into the original's own function object, as it would
be in the program, so that recursion and closures meet it too. Another function is called as it is.
"""

import importlib.util
import marshal
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from inspect import CO_GENERATOR
from pathlib import Path
from typing import Any

from selfsame.runtime.agent import memo
from selfsame.runtime.agent.codes import patch, placeholders
from selfsame.runtime.shadow.loading import Loaded
from selfsame.runtime.shadow.steps import Way, ways


class CannotPrepare(Exception):
    """The variation cannot be put in; that says nothing about the node."""


Constants = Sequence[tuple[str, str, str, str, str, str]]


@dataclass
class Sides:
    """Which function to call for a side, and how often the variation gave up (deopts).

    ``compiled``: the variation calls what was built for it, or for others like it.
    """

    function: Any  # a function; typed so, mypy would bind it as a method
    loaded: Loaded
    original: types.CodeType
    variation: types.CodeType | None = None
    other: Any = None
    other_home: dict[str, Any] | None = None
    deopts: list[int] = field(default_factory=lambda: [0])
    memories: list[memo.Memory] = field(default_factory=list)
    compiled: bool = False

    @property
    def suspends(self) -> bool:
        """Whether the node is a generator function, whose calls are read step by step."""
        return bool(self.original.co_flags & CO_GENERATOR)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """How a generator is treated that is not read to its end."""
        return ways(self.original, self.variation if self.other is None else self.other.__code__)

    def forget(self) -> None:
        """What the variation kept of earlier calls."""
        for memory in self.memories:
            memory.forget()

    def use(self, side: str) -> Any:
        """The function to call for ``side``, with that side's code in it."""
        if side == "original":
            code = self.original
        elif self.other is not None:
            return self.other
        elif self.variation is not None:
            code = self.variation
        else:
            raise CannotPrepare("there is no variation in this worker")
        if self.function.__code__ is not code:
            self.function.__code__ = code
        return self.function

    def add_code(self, data: bytes, constants: Constants) -> None:
        """Prepare a variation's marshalled code. Raises CannotPrepare where it cannot be put in."""

        def count() -> None:
            self.deopts[0] += 1

        try:
            code = marshal.loads(data)
            found = {row[0]: _constant(row, count) for row in constants}
            kept = {row[4:]: row for row in constants if row[1] == "memory"}
            self.compiled = any(_of_extension(row) for row in constants)
            self.memories = [memo.memory(r[4], r[5], int(r[2])) for r in kept.values()]
        except CannotPrepare:
            raise
        except Exception as error:
            raise CannotPrepare(f"the variation does not load: {type(error).__name__}") from None
        code = patch(code, found)
        if placeholders(code):
            raise CannotPrepare("the variation has placeholders that nothing is given for")
        if code.co_freevars != self.original.co_freevars:
            raise CannotPrepare("the variation's closure is not the original's")
        self.variation = code


def _constant(row: Sequence[str], count: Callable[[], None]) -> object:
    _, kind, module, attribute, path, digest = row
    if kind == "deopt":
        return count
    if kind == "import":
        owner: Any = importlib.import_module(module)
    elif kind == "memory":
        owner = memo.memory(path, digest, int(module))
    elif kind == "extension":
        data = Path(path).read_bytes()
        if digest and sha256(data).hexdigest() != digest:
            raise CannotPrepare("the variation's extension is not the one that was built")
        owner = _extension(module, path)
    else:
        raise CannotPrepare(f"the variation needs a constant of the unknown kind {kind!r}")
    for part in attribute.split(".") if attribute else ():
        owner = getattr(owner, part)
    return owner


def _of_extension(row: Sequence[str]) -> bool:
    """Whether a constant is from a module that was compiled: built here, or baked into a wheel."""
    _, kind, module, *_ = row
    file = getattr(sys.modules.get(module), "__file__", None) or "" if kind == "import" else ""
    return kind == "extension" or file.endswith(tuple(EXTENSION_SUFFIXES))


def _extension(module: str, path: str) -> types.ModuleType:
    loader = ExtensionFileLoader(module, path)
    spec = importlib.util.spec_from_file_location(module, path, loader=loader)
    assert spec is not None
    known = sys.modules.get(module)
    if known is not None and getattr(known, "__file__", None) == path:
        return known
    loaded = importlib.util.module_from_spec(spec)
    loader.exec_module(loaded)
    return loaded
