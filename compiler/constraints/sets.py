"""The constraint set of a node: what all the constraints that name it say together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import (
    ANY,
    NONE,
    Allowance,
    Bound,
    Canary,
    Constraint,
    Equality,
    Every,
    Freeze,
    Name,
    Names,
    Objective,
    Profile,
    Selector,
    Setting,
    Statement,
)
from selfsame.grammar.resolve import BUILT_IN
from selfsame.grammar.text import print_declaration
from selfsame.grammar.vocabulary import FAMILIES, MODES, Family, Mode

#: The folder of a family of templates, where it is not called as the property is.
_OTHER_NAMES: Final = {"compiled": "compile"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a property of a node comes from: the constraint, and the profile it extends, if any.

    ``statement`` is the property as it was said there; ``overrides`` are the weaker constraints
    that say something else, the weakest first.
    """

    statement: Statement
    constraint: Constraint
    profile: Profile | None = None
    overrides: tuple[Constraint, ...] = ()

    @property
    def place(self) -> Place:
        """Where it is written: of what a built-in profile says, the constraint that extends it."""
        written = self.statement.place
        return self.constraint.place if written.path == BUILT_IN else written


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a new version is let in; None, or empty, where CDL does not say.

    ``shadow_samples`` calls a trial needs at least; ``shadow_rate`` and ``probation`` are shares of
    the calls (0 to 1); ``rollback`` are reasons of ROLLBACKS, all of them where nothing is said.
    """

    shadow_samples: int | None = None
    shadow_rate: float | None = None
    canary: Canary | None = None
    probation: float | None = None
    rollback: Names = ANY
    freeze: tuple[Freeze, ...] = ()

    def rolls_back(self, reason: str) -> bool:
        """Whether a reason of ROLLBACKS makes a version be rolled back."""
        if isinstance(self.rollback, tuple):
            return reason in {name.text for name in self.rollback}
        return self.rollback is ANY

    def frozen(self, weekday: int, minute: int) -> bool:
        """Whether nothing may be swapped in now. ``weekday`` from Monday = 0, ``minute`` of the day."""
        return any(window.contains(weekday, minute) for window in self.freeze)


@dataclass(frozen=True, slots=True)
class Budget:
    """What work on a node may cost; None where CDL does not say.

    Seconds, bytes, and for ``shadow_cpu`` a share of a core.
    """

    candidates: int | None = None
    build_time_s: float | None = None
    shadow_cpu: float | None = None
    cache_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ConstraintSet:
    """What CDL says of one node, merged property by property.

    ``origins`` gives for each property (``max_execution_time``, ``algorithm``, ``mode``) where it
    comes from. ``mode`` is None where no constraint says: the program's then holds.
    """

    address: str
    bounds: tuple[Bound, ...]
    allowances: tuple[Allowance, ...]
    never: Names
    partial: bool
    mode: Mode | None
    equality: Equality
    origins: Mapping[str, Origin]
    objective: Objective | None = None
    timing_preserved: bool = False
    tenants: tuple[str, ...] = ()
    irreversible: bool = False
    rollout: Rollout = field(default_factory=Rollout)
    budget: Budget = field(default_factory=Budget)

    def origin(self, name: str) -> Origin | None:
        """Where a property comes from; None where nothing states it."""
        return self.origins.get(name)

    def at(self, address: str) -> "ConstraintSet":
        """The same for another node."""
        return replace(self, address=address)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The functions that ``algorithm: [...]`` names; empty where it names none."""
        names = self.allowed("algorithm")
        return names if isinstance(names, tuple) else ()

    def mode_within(self, program: str) -> str:
        """The mode that holds where the program's is ``program``.

        What is irreversible is never changed without a person: ``auto`` becomes ``approve``.
        """
        mode: str = self.mode or program
        return "approve" if self.irreversible and mode == "auto" else mode

    def allowed(self, family: str) -> tuple[str, ...] | Every:
        """What may be used of a family: names, ANY or NONE. Raises KeyError on an unknown family.

        Where constraints allow something of some families, nothing of the others is allowed. Where
        they allow nothing by name, everything is, but for what they forbid. Templates that
        ``never`` lists are out also under ANY: ``permits`` answers for one template. Where timing
        is to be preserved nothing is allowed, and where there are tenants nothing is memoised.
        """
        name = _family(family)
        if self.never is ANY or self.timing_preserved or name in self._forbidden():
            return NONE
        if self.tenants and name == "memoise":
            return NONE
        stated = {allowance.family: allowance.names for allowance in self.allowances}
        if name in stated:
            names = stated[name]
            if not isinstance(names, tuple):
                return names
            left = tuple(n.text for n in names if n.text not in self._forbidden())
            return left or NONE
        return NONE if any(names is not NONE for names in stated.values()) else ANY

    def permits(self, family: str, template: str) -> bool:
        """Whether the template (or algorithm) called ``template`` of a family may be used."""
        allowed = self.allowed(family)
        if isinstance(allowed, tuple):
            return template in allowed
        return allowed is ANY and not self.forbids(template)

    def forbids(self, template: str) -> bool:
        """Whether ``never`` lists the template, whatever it says of its family."""
        return template in self._forbidden()

    @property
    def untouchable(self) -> bool:
        """Whether no variation at all may be used."""
        return all(self.allowed(family) is NONE for family in FAMILIES)

    def explain(self) -> str:
        """What it means, in words: one line for each property, with where it was said."""
        # explain.py is about this class, so it imports this module.
        from selfsame.compiler.constraints.explain import explain

        return explain(self)

    def text(self) -> str:
        """The same as one CDL constraint on this node's address."""
        place = next(iter(self.origins.values())).constraint.place
        statements = tuple(origin.statement for origin in self.origins.values())
        merged = Constraint((Selector(self.address, place),), statements, place)
        return print_declaration(merged)

    def _forbidden(self) -> set[str]:
        if not isinstance(self.never, tuple):
            return set()
        return {_OTHER_NAMES.get(name.text, name.text) for name in self.never}


def merged(address: str, origins: Mapping[str, Origin]) -> ConstraintSet:
    """The constraint set that properties give together; ``origins`` has each property's own."""
    statements = [origin.statement for origin in origins.values()]
    settings = {s.name: s for s in statements if isinstance(s, Setting)}
    freeze = settings["freeze"].value if "freeze" in settings else ()
    objective = settings["objective"].value if "objective" in settings else None
    equality = settings["equality"].value if "equality" in settings else Equality()
    canary = settings["canary"].value if "canary" in settings else None
    samples, candidates = _number(settings, "shadow_samples"), _number(settings, "candidates")
    cache = _number(settings, "cache_memory")
    word = settings["mode"].value if "mode" in settings else None
    tenants = _names(settings, "tenants", NONE)
    return ConstraintSet(
        address,
        tuple(s for s in statements if isinstance(s, Bound)),
        tuple(s for s in statements if isinstance(s, Allowance)),
        _names(settings, "never", NONE),
        _flag(settings, "partial"),
        next((mode for mode in MODES if mode == word), None),
        cast(Equality, equality),
        origins,
        cast("Objective | None", objective),
        "timing" in settings and settings["timing"].value == "preserve",
        tuple(name.text for name in tenants) if isinstance(tenants, tuple) else (),
        _flag(settings, "irreversible"),
        Rollout(
            int(samples) if samples is not None else None,
            _number(settings, "shadow_rate"),
            cast("Canary | None", canary),
            _number(settings, "probation"),
            _names(settings, "rollback", ANY),
            cast("tuple[Freeze, ...]", freeze),
        ),
        Budget(
            int(candidates) if candidates is not None else None,
            _number(settings, "build_time"),
            _number(settings, "shadow_cpu"),
            int(cache) if cache is not None else None,
        ),
    )


def _number(settings: Mapping[str, Setting], name: str) -> float | None:
    value = settings[name].value if name in settings else None
    return value if isinstance(value, float) else None


def _flag(settings: Mapping[str, Setting], name: str) -> bool:
    return name in settings and settings[name].value is True


def _names(settings: Mapping[str, Setting], name: str, default: Names) -> Names:
    if name not in settings:
        return default
    value = settings[name].value
    if isinstance(value, tuple):
        return tuple(part for part in value if isinstance(part, Name))
    return value if isinstance(value, Every) else default


def _family(name: str) -> Family:
    wanted = _OTHER_NAMES.get(name, name)
    for family in FAMILIES:
        if family == wanted:
            return family
    raise KeyError(name)
