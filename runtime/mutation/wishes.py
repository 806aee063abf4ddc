"""What a constraint set allows, as templates ask for it."""

from dataclasses import dataclass

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.runtime.mutation.requests import DECLARED
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.variants.catalogue import template_named, templates
from selfsame.variants.site import CACHE_BYTES, names_template


@dataclass(frozen=True)
class CdlWishes:
    """What a constraint set allows, in the form that templates ask for it."""

    constraints: ConstraintSet
    only_declared: bool = False

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The functions that ``algorithm: [...]`` names."""
        return tuple(n for n in self.constraints.algorithms if not names_template(n))

    @property
    def cache_bytes(self) -> int:
        """`cache_memory`, or its default."""
        said = self.constraints.budget.cache_bytes
        return CACHE_BYTES if said is None else said

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used; ``only_declared`` leaves no others."""
        if self.only_declared and template != DECLARED:
            return False
        if template == DECLARED:
            return bool(self.algorithms) and not self.constraints.forbids(template)
        return self.constraints.permits(family, template)


def still_allowed(constraints: ConstraintSet, entry: NodeEntry) -> bool:
    """Whether constraints allow what a node runs, and each template that it is made of."""
    if entry.template == DECLARED:
        taken_over = entry.parameters.get("alternative", DECLARED)
        return constraints.permits("algorithm", taken_over) and not constraints.forbids(DECLARED)
    if constraints.untouchable or constraints.forbids(entry.template):
        return False
    known = {template.family for template in templates()}  # not of a selfsame that knows others
    if entry.family in known and not constraints.permits(entry.family, entry.template):
        return False
    parts = entry.parameters.get("templates", "").split(", ")
    found = [template for part in parts if (template := template_named(part)) is not None]
    return all(constraints.permits(part.family, part.name) for part in found)
