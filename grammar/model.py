"""What CDL text says, as values: documents of constraints, profiles, selections and imports.

Places take no part in equality, so that a document equals the one that its printed text gives.
"""

import enum
from dataclasses import dataclass, field
from typing import Final, Literal

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.vocabulary import Comparator, Family, Metric, Statistic, property_of


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
    """A bound on a measurement. ``value`` is in SI: seconds, bytes, a ratio, a number, per second.

    ``unit_text`` is the unit as written (``"ms"``, ``"%"``, ``""``). ``window_s`` is the window in
    seconds, ``samples`` the least number of samples; None where the text does not say. ``subject``
    is what stands in brackets: an exception's name, or the callee of an edge. Where ``relative``,
    ``value`` is a multiple of the baseline: what the original code measures.
    """

    metric: Metric
    statistic: Statistic
    comparator: Comparator
    value: float
    unit_text: str
    window_s: float | None
    samples: int | None
    place: Place = field(compare=False, repr=False)
    subject: str = ""
    relative: bool = False

    @property
    def measured(self) -> str:
        """The property without what stands in brackets: ``error_rate``; a key of MEASURES."""
        return property_of(self.metric, self.statistic)

    @property
    def property(self) -> str:
        """The property that states it: ``max_execution_time``, ``error_rate[ValueError]``."""
        return f"{self.measured}[{self.subject}]" if self.subject else self.measured

    def holds(self, measured: float, baseline: float | None = None) -> bool:
        """Whether a measured value, in the same SI unit, is within the bound.

        A relative bound needs ``baseline``, in that unit too. Raises ValueError without.
        """
        limit = self.value
        if self.relative:
            if baseline is None:
                raise ValueError("a relative bound holds for a baseline")
            limit *= baseline
        match self.comparator:
            case "<":
                return measured < limit
            case "<=":
                return measured <= limit
            case ">":
                return measured > limit
        return measured >= limit


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a constraint allows of one family of variations."""

    family: Family
    names: Names
    place: Place = field(compare=False, repr=False)

    @property
    def property(self) -> str:
        """The property that states it: the family."""
        return self.family


@dataclass(frozen=True, slots=True)
class Equality:
    """When two results count as equal: exactly, or floats within tolerances (both ratios >= 0).

    ``rel`` and ``abs`` mean what they mean to ``math.isclose``; both 0 is exact. With ``unordered``
    the order of a result's items does not count, with ``any_message`` the text of an exception
    does not, and with ``where_succeeds`` only calls in which the original raised nothing count.
    """

    rel: float = 0.0
    abs: float = 0.0
    unordered: bool = False
    any_message: bool = False
    where_succeeds: bool = False

    @property
    def exact(self) -> bool:
        """Whether no difference at all is tolerated."""
        return self == Equality()


@dataclass(frozen=True, slots=True)
class Objective:
    """What is improved where all bounds are met: the first goal, or both (Pareto) of two.

    Each goal is a property of MEASURES, to be minimised or (throughput) maximised.
    """

    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Canary:
    """Shares of the calls, rising, that a new version gets; each step is held ``hold_s`` seconds.

    ``hold_s`` is None where the text does not say.
    """

    steps: tuple[float, ...]
    hold_s: float | None = None


@dataclass(frozen=True, slots=True)
class Freeze:
    """Hours in which nothing is swapped in, from ``start`` to ``end`` (exclusive).

    Both are minutes: of the day where ``daily``, else of the week, which starts on Monday. Where
    the end lies before the start, the window goes over midnight, or over Sunday.
    """

    start: int
    end: int
    daily: bool

    def contains(self, weekday: int, minute: int) -> bool:
        """Whether a time lies inside. ``weekday`` counts from Monday = 0, ``minute`` from 0:00."""
        now = minute if self.daily else weekday * 1440 + minute
        if self.start <= self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end


SettingValue = str | bool | float | Names | Equality | Objective | Canary | tuple[Freeze, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Any other property: ``mode: auto``. The form of ``value`` is that of its Shape.

    word: str; flag: bool; amount: float (SI); number: float (whole); names: Names; equality, steps
    and objective: their classes; windows: a tuple of Freeze. ``unit_text`` is an amount's unit.
    """

    name: str
    value: SettingValue
    place: Place = field(compare=False, repr=False)
    unit_text: str = ""

    @property
    def property(self) -> str:
        """The property that states it."""
        return self.name


Statement = Bound | Allowance | Setting
SelectorKind = Literal["label", "address", "glob", "selection"]


@dataclass(frozen=True, slots=True)
class Selector:
    """What names nodes: a label (``node_1``), an address (``app:slow``), a glob (``app:*``).

    Or a selection (``@checkout``); with ``!`` in front, what it names is left out.
    """

    text: str
    place: Place = field(compare=False, repr=False)

    @property
    def excludes(self) -> bool:
        """Whether it leaves out what it names."""
        return self.text.startswith("!")

    @property
    def pattern(self) -> str:
        """The text without ``!`` and ``@``."""
        return self.text.removeprefix("!").removeprefix("@")

    @property
    def kind(self) -> SelectorKind:
        """Which of the four it is."""
        if self.text.removeprefix("!").startswith("@"):
            return "selection"
        if "*" in self.text:
            return "glob"
        return "address" if ":" in self.text else "label"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One ``constraint`` block: its nodes, and what it says of them in the order of the text."""

    selectors: tuple[Selector, ...]
    statements: tuple[Statement, ...] = ()
    place: Place = field(default=Place("", 1), compare=False, repr=False)

    @property
    def title(self) -> str:
        """How messages name it: ``constraint node_1``."""
        return "constraint " + ", ".join(s.text for s in self.selectors)

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The bounds that it states itself, without those of its profiles."""
        return tuple(s for s in self.statements if isinstance(s, Bound))


@dataclass(frozen=True, slots=True)
class Profile:
    """One ``profile`` block: properties under a name, for constraints to extend."""

    name: str
    statements: tuple[Statement, ...]
    place: Place = field(compare=False, repr=False)

    @property
    def title(self) -> str:
        """How messages name it: ``profile interactive``."""
        return f"profile {self.name}"


@dataclass(frozen=True, slots=True)
class Selection:
    """One ``selection`` block: nodes under a name, for constraints to name as ``@name``."""

    name: str
    nodes: tuple[Selector, ...]
    place: Place = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    """One ``import``: the paths of other CDL files, relative to this one."""

    paths: tuple[Name, ...]
    place: Place = field(compare=False, repr=False)


Declaration = Constraint | Profile | Selection | Import


@dataclass(frozen=True, slots=True)
class Document:
    """What one CDL file declares, in the order of the text."""

    declarations: tuple[Declaration, ...]
    path: str

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """Its constraints."""
        return tuple(d for d in self.declarations if isinstance(d, Constraint))

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Its profiles."""
        return tuple(d for d in self.declarations if isinstance(d, Profile))

    @property
    def selections(self) -> tuple[Selection, ...]:
        """Its selections."""
        return tuple(d for d in self.declarations if isinstance(d, Selection))

    @property
    def imports(self) -> tuple[Import, ...]:
        """Its imports."""
        return tuple(d for d in self.declarations if isinstance(d, Import))


def extended(statements: tuple[Statement, ...]) -> tuple[Name, ...]:
    """The profiles that statements extend, in the order of the text: a later one is stronger."""
    for statement in statements:
        if isinstance(statement, Setting) and statement.name == "extends":
            value = statement.value
            return (
                tuple(n for n in value if isinstance(n, Name)) if isinstance(value, tuple) else ()
            )
    return ()
