"""What a constraint set allows, as templates ask for it."""

from dataclasses import dataclass

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.runtime.mutation.requests import DECLARED
from selfsame.variants.site import CACHE_BYTES


@dataclass(frozen=True)
class CdlWishes:
    """What a constraint set allows, in the form that templates ask for it."""

    constraints: ConstraintSet
    only_declared: bool = False

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The names of ``algorithm: [...]``."""
        return self.constraints.algorithms

    @property
    def cache_bytes(self) -> int:
        """`cache_memory`, or its default."""
        said = self.constraints.budget.cache_bytes
        return CACHE_BYTES if said is None else said

    def allows(self, template: str, family: str) -> bool:
        """Whether a template of a family may be used; ``only_declared`` leaves no others."""
        if self.only_declared and template != DECLARED:
            return False
        if family == "algorithm" and self.constraints.algorithms:
            return True
        return self.constraints.permits(family, template)
