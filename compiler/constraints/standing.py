"""What CDL can say and the engine does not act on yet: users are told, never left to believe.

Whoever makes the engine act on a property takes it out of the table here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import Constraint, Document, Profile, Setting

#: Settings that change nothing, and what holds instead.
_SETTINGS: Final = {
    "cache_memory": "no template keeps results from one call to the next",
}


@dataclass(frozen=True, slots=True)
class Unheeded:
    """A property that is understood and not acted on: where it stands, and what holds instead."""

    name: str
    instead: str
    place: Place

    def text(self) -> str:
        """``parsed, not acted on yet: cache_memory (no template …)``."""
        return f"parsed, not acted on yet: {self.name} ({self.instead})"


def standing() -> list[tuple[str, str]]:
    """Every property that is not acted on, and what holds instead; for the reference page."""
    return list(_SETTINGS.items())


def unheeded(documents: Iterable[Document]) -> list[Unheeded]:
    """Every property of constraints and profiles that the engine does not act on."""
    return [
        Unheeded(statement.name, _SETTINGS[statement.name], statement.place)
        for document in documents
        for declared in document.declarations
        if isinstance(declared, Constraint | Profile)
        for statement in declared.statements
        if isinstance(statement, Setting) and statement.name in _SETTINGS
    ]
