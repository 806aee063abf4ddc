"""What CDL can say and the engine does not act on yet: users are told, never left to believe.

Whoever makes the engine act on a property takes it out of the table here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import (
    Bound,
    Constraint,
    Document,
    Profile,
    Setting,
    Statement,
)

#: Metrics that are not measured: bounds on them stay inconclusive.
_METRICS: Final = {
    "cpu_time": "the CPU time of a node is not measured, execution_time is",
}
#: Settings that change nothing.
_SETTINGS: Final = {
    "cache_memory": "no template keeps results",
}


@dataclass(frozen=True, slots=True)
class Unheeded:
    """A property that is understood and not acted on: where it stands, and what holds instead."""

    name: str
    instead: str
    place: Place

    def text(self) -> str:
        """``parsed, not acted on yet: canary (a new version …)``."""
        return f"parsed, not acted on yet: {self.name} ({self.instead})"


def standing() -> list[tuple[str, str]]:
    """Every property that is not acted on, and what holds instead; for the reference page."""
    bounds = [(f"bounds on {metric}", instead) for metric, instead in _METRICS.items()]
    return [*bounds, *_SETTINGS.items()]


def unheeded(documents: Iterable[Document]) -> list[Unheeded]:
    """Every property of constraints and profiles that the engine does not act on."""
    found: list[Unheeded] = []
    for document in documents:
        for declared in document.declarations:
            if isinstance(declared, Constraint | Profile):
                for statement in declared.statements:
                    found += _unheeded(statement)
    return found


def _unheeded(statement: Statement) -> Iterable[Unheeded]:
    place = statement.place
    if isinstance(statement, Bound):
        if statement.metric in _METRICS:
            yield Unheeded(statement.property, _METRICS[statement.metric], place)
    elif isinstance(statement, Setting) and statement.name in _SETTINGS:
        yield Unheeded(statement.name, _SETTINGS[statement.name], place)
