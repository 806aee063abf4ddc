"""Stands in, in a worker, for the outside functions that a node calls: gives what a record says.

A captured call has a record of what they gave in the program. The original must ask for just that, in
that order, or the call cannot be replayed; what a variation asks is compared with what the original
did. Inputs that were made have no record: for them both sides are given the same invented results,
clocks that go on unevenly, which depend on nothing but how often was asked.
"""

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

Given = tuple[tuple[str, float | int], ...]
GOLDEN = 0.6180339887498949
"""Multiples of it, less their integers, lie evenly in [0, 1)."""
BEGIN_NS = 1_000_000_000_000_000
MOST = 100_000
"""So many calls are told apart; more are in nobody's record."""


class Replay:
    """Bound in place of outside functions in the namespace of a node's module, for good.

    ``functions``: the global's name, the attribute of a module that it is ("" where the global is the
    function itself), and the dotted name. ``asked`` are the functions that were called since `start`.
    """

    def __init__(
        self, functions: Sequence[tuple[str, str, str]], namespace: dict[str, Any]
    ) -> None:
        for module in {dotted.rpartition(".")[0] for _, _, dotted in functions}:
            __import__(module)  # the stdlib's own; the node's module has it, or imports it later
        self.asked: list[str] = []
        self._given: Given | None = None
        self._next = 0
        copies: dict[str, ModuleType] = {}
        for name, attribute, dotted in functions:
            if not attribute:
                namespace[name] = self._player(dotted)
                continue
            if name not in copies:  # everybody else goes on with the module itself
                copies[name] = ModuleType(name)
                vars(copies[name]).update(vars(sys.modules[dotted.rpartition(".")[0]]))
                namespace[name] = copies[name]
            setattr(copies[name], attribute, self._player(dotted))

    def start(self, given: Given | None) -> None:
        """From here on give what this record says, again from its start where it was given."""
        self.asked = []
        self._given = given
        self._next = 0

    @property
    def strayed(self) -> str:
        """Why what was asked since `start` is not what the record says; empty where it is."""
        if self._given is None or self.asked == [dotted for dotted, _ in self._given]:
            return ""
        return "cannot be replayed: it calls outside functions other than in the program"

    def _player(self, dotted: str) -> Callable[[], float | int]:
        whole = dotted.endswith("_ns")

        def play() -> float | int:
            asked = self.asked
            if len(asked) < MOST:
                asked.append(dotted)
            given = self._given
            if given:
                at = self._next
                self._next = at + 1 if at + 1 < len(given) else 0  # a batch of calls is timed
                name, result = given[at]
                if name == dotted:
                    return result
            count = len(asked)
            part = count * GOLDEN % 1.0
            nanoseconds = BEGIN_NS + int((count + part / 2) * 1e8)
            return nanoseconds if whole else nanoseconds / 1e9

        return play
