"""Where a template is asked to apply: one function, with all that is known and wished of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from selfsame.compiler.analysis.flow import CalleeFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Place
from selfsame.compiler.identity import Definition


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen while the program ran; empty where nothing was.

    ``types``: parameter -> names of the exact types (``list[int]`` with elements). ``sizes``:
    parameter -> the median length.
    """

    types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)


class Wishes(Protocol):
    """What a constraint set says about variations."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The names of ``algorithm: [...]``, in order; empty where there is none."""
        ...

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used here."""
        ...


@dataclass(frozen=True, slots=True)
class AnyTemplate:
    """Wishes where no constraint speaks: everything but ``never``; no algorithms of the user's.

    ``families`` and ``never`` hold names of families or of templates; None allows all families.
    """

    algorithms: tuple[str, ...] = ()
    families: frozenset[str] | None = None
    never: frozenset[str] = frozenset()

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used here."""
        if template in self.never or family in self.never:
            return False
        return self.families is None or bool(self.families & {template, family})


@dataclass(frozen=True, slots=True)
class Site:
    """One function and what is known of it.

    ``registered``: name -> address of functions elsewhere that carry ``@selfsame.algorithm``.
    ``optimize`` is that of ``compile``, as the program runs (``-O``).
    """

    source: Source
    definition: Definition
    facts: CalleeFacts | None = None
    observed: Observed = field(default_factory=Observed)
    constraints: Wishes = field(default_factory=AnyTemplate)
    registered: Mapping[str, str] = field(default_factory=dict)
    optimize: int = -1


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a template does not apply: a sentence for people, and where in the source."""

    template: str
    reason: str
    place: Place | None = None
