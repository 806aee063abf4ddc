"""The constraint set of a node: what all the constraints that name it say together."""

from dataclasses import dataclass
from typing import Final

from selfsame.grammar.model import (
    ANY,
    NONE,
    Allowance,
    Bound,
    Constraint,
    Equality,
    Every,
    Names,
    Selector,
)
from selfsame.grammar.text import print_constraint
from selfsame.grammar.vocabulary import FAMILIES, Family, Mode

#: The folder of a family of templates, where it is not called as the property is.
_OTHER_NAMES: Final = {"compiled": "compile"}


@dataclass(frozen=True, slots=True)
class ConstraintSet:
    """What CDL says of one node, merged property by property.

    ``origins`` gives for each property (``max_execution_time``, ``algorithm``, ``mode``) the
    constraint it comes from. ``mode`` is None where no constraint says: the program's then holds.
    """

    address: str
    bounds: tuple[Bound, ...]
    allowances: tuple[Allowance, ...]
    never: Names
    partial: bool
    mode: Mode | None
    equality: Equality
    origins: tuple[tuple[str, Constraint], ...]

    def origin(self, name: str) -> Constraint | None:
        """The constraint that a property comes from; None where none states it."""
        return dict(self.origins).get(name)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The functions that ``algorithm: [...]`` names; empty where it names none."""
        names = self.allowed("algorithm")
        return names if isinstance(names, tuple) else ()

    def allowed(self, family: str) -> tuple[str, ...] | Every:
        """What may be used of a family: names, ANY or NONE. Raises KeyError on an unknown family.

        Where constraints allow something of some families, nothing of the others is allowed. Where
        they allow nothing by name, everything is, but for what they forbid. Templates that
        ``never`` lists are out also under ANY: ``permits`` answers for one template.
        """
        name = _family(family)
        if self.never is ANY or name in self._forbidden():
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
        return allowed is ANY and template not in self._forbidden()

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
        place = self.origins[0][1].place
        never = None if self.never is NONE else self.never
        equality = None if self.equality.exact else self.equality
        merged = Constraint(
            (Selector(self.address, place),),
            self.bounds,
            self.allowances,
            never,
            True if self.partial else None,
            self.mode,
            equality,
            place,
        )
        return print_constraint(merged)

    def _forbidden(self) -> set[str]:
        if not isinstance(self.never, tuple):
            return set()
        return {_OTHER_NAMES.get(name.text, name.text) for name in self.never}


def _family(name: str) -> Family:
    wanted = _OTHER_NAMES.get(name, name)
    for family in FAMILIES:
        if family == wanted:
            return family
    raise KeyError(name)
