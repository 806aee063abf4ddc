"""What CDL text says, as values: documents of constraints with bounds and allowed variations.

Places take no part in equality, so that a document equals the one that its printed text gives.
"""

import enum
from dataclasses import dataclass, field
from typing import Final, Literal

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.vocabulary import Comparator, Family, Metric, Mode, Statistic, property_of


class Every(enum.Enum):
    """The two lists that need no names: ``any`` and ``none``."""

    ANY = "any"
    NONE = "none"

    def __repr__(self) -> str:
        return self.name


ANY: Final = Every.ANY
NONE: Final = Every.NONE


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a list: a function (``sort_a``, ``shop.sorting:sort_a``), template or family."""

    text: str
    place: Place = field(compare=False, repr=False)


Names = tuple[Name, ...] | Every


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on a measurement. ``value`` is in SI units: seconds, bytes, or a ratio.

    ``unit_text`` is the unit as written (``"ms"``, ``"%"``, ``""``). ``window_s`` is the window in
    seconds, ``samples`` the least number of samples; None where the text does not say.
    """

    metric: Metric
    statistic: Statistic
    comparator: Comparator
    value: float
    unit_text: str
    window_s: float | None
    samples: int | None
    place: Place = field(compare=False, repr=False)

    @property
    def property(self) -> str:
        """The name of the property that states it: ``max_execution_time``."""
        return property_of(self.metric, self.statistic)

    def holds(self, measured: float) -> bool:
        """Whether a measured value, in the same SI unit, is within the bound."""
        if self.comparator == "<":
            return measured < self.value
        if self.comparator == "<=":
            return measured <= self.value
        if self.comparator == ">":
            return measured > self.value
        return measured >= self.value


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a constraint allows of one family of variations."""

    family: Family
    names: Names
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Equality:
    """When two results count as equal: exactly, or floats within tolerances (both ratios >= 0).

    ``rel`` and ``abs`` mean what they mean to ``math.isclose``; both 0 is exact.
    """

    rel: float = 0.0
    abs: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether no difference is tolerated."""
        return self.rel == 0.0 and self.abs == 0.0


SelectorKind = Literal["label", "address", "glob"]


@dataclass(frozen=True, slots=True)
class Selector:
    """What names nodes: a label (``node_1``), an address (``app:slow``), a glob (``app:*``)."""

    text: str
    place: Place = field(compare=False, repr=False)

    @property
    def kind(self) -> SelectorKind:
        """Which of the three it is."""
        if "*" in self.text:
            return "glob"
        return "address" if ":" in self.text else "label"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One ``constraint`` block. None means that it does not say; see ConstraintSet for defaults.

    ``never`` is ANY where the nodes are never to be touched, else templates or families that are
    never to be used.
    """

    selectors: tuple[Selector, ...]
    bounds: tuple[Bound, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    never: Names | None = None
    partial: bool | None = None
    mode: Mode | None = None
    equality: Equality | None = None
    place: Place = field(default=Place("", 1), compare=False, repr=False)

    @property
    def title(self) -> str:
        """How messages name it: ``constraint node_1``."""
        return "constraint " + ", ".join(s.text for s in self.selectors)


@dataclass(frozen=True, slots=True)
class Document:
    """The constraints of one CDL file, in the order of the text."""

    constraints: tuple[Constraint, ...]
    path: str
