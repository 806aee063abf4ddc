"""What a person allows selfsame to do: a mode for the program, and modes for nodes by glob."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from selfsame.runtime.versions.errors import Unknown
from selfsame.runtime.versions.owners import owner_of

MODES: Final = ("watch", "shadow", "approve", "auto")


@dataclass(frozen=True)
class Modes:
    """What was said. Of the patterns that match a node, the one said last counts."""

    program: str | None = None
    patterns: tuple[tuple[str, str], ...] = ()

    def of(self, address: str) -> str | None:
        """The mode for a node; None where nobody said one. What is said of a function is of its loops too."""
        owner = owner_of(address)
        for pattern, mode in reversed(self.patterns):
            if _matches(pattern, address) or (owner and _matches(pattern, owner)):
                return mode
        return self.program

    def said(self, mode: str | None, pattern: str | None = None) -> "Modes":
        """These with ``mode`` for ``pattern`` (None: the program); None takes it back."""
        if mode is not None and mode not in MODES:
            raise Unknown(f"no mode {mode!r}", "one of: " + ", ".join(MODES))
        if pattern is None:
            return Modes(mode, self.patterns)
        others = tuple(row for row in self.patterns if row[0] != pattern)
        return Modes(self.program, others if mode is None else (*others, (pattern, mode)))

    def dumps(self) -> str:
        """As JSON text, for the store."""
        return json.dumps({"program": self.program, "patterns": self.patterns})

    @classmethod
    def loads(cls, text: str) -> "Modes":
        """From what `dumps` wrote."""
        data: dict[str, Any] = json.loads(text)
        return cls(data["program"], tuple((row[0], row[1]) for row in data["patterns"]))


@lru_cache(maxsize=4096)
def _matches(pattern: str, address: str) -> bool:
    """As CDL's globs; without ``:`` the pattern names modules, and all that is in them."""
    # CDL takes a fifth of the time that a command about versions needs to start.
    from selfsame.compiler.constraints.match import matches
    from selfsame.compiler.errors import Place
    from selfsame.grammar.model import Selector

    place = Place("mode", 1)
    whole = pattern if ":" in pattern else f"{pattern}:**"
    return matches(Selector(whole, place), address, ())
