"""The heart of selfsame in one function: a node that violates its constraint becomes a better one."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from selfsame.runtime.engine.modules import Node
from selfsame.runtime.monitor.judge import Verdict
from selfsame.runtime.mutation.promotion import Decision
from selfsame.runtime.mutation.spending import Postponed
from selfsame.runtime.shadow.trial import Trial
from selfsame.variants.variation import Variation


class Interrupted(Exception):
    """The engine ends while a node is worked on; nothing was found out about what was tried."""


class Workshop(Protocol):
    """What ``mutate_node`` needs of the engine: variations, trials, the rule, the swap, a log."""

    def generate_variations(self, node: Node) -> Iterable[Variation]:
        """Every variation that the templates make of the node and that is allowed for it."""
        ...

    def shadow(self, node: Node, variation: Variation, to_beat: float) -> Trial:
        """Run original and variation side by side on captured calls.

        ``to_beat``: the gain with which it would take the place of what passed already, at least 1.
        """
        ...

    def decide(self, trial: Trial, node: Node, violated: Sequence[Verdict]) -> Decision:
        """The promotion rule: a significant improvement, and within the constraints."""
        ...

    def promote(
        self,
        node: Node,
        variation: Variation,
        trial: Trial,
        decision: Decision,
        instead_of: Variation | None,
    ) -> str | None:
        """Record a new version and swap the code in; returns the version's id.

        ``instead_of`` is what was promoted a moment ago. None where that is not what the node runs by
        now: it was rolled back, or a person decided.
        """
        ...

    def log(self, kind: str, node: Node, reason: str, **numbers: object) -> None:
        """One structured event."""
        ...


SCALES = 3.0
"""What a gain that grows with the input is worth, against one that does not.

Calls with the largest inputs are over the budget of a capture, so a trial sees too little of it.
"""


BETTER = 1.1
"""By so much what takes the place of another must be better: for its own canary the original runs again."""
REPEATS = 0.5
"""What a gain that lasts only as long as calls repeat is worth, against one that does not need them."""


def worth(variation: Variation, trial: Trial) -> float:
    """What the choice among variations that may be promoted goes by."""
    return trial.gain * _weight(variation)


def _weight(variation: Variation) -> float:
    return REPEATS if variation.kept_bytes else SCALES if variation.scales else 1.0


def together(variation: Variation) -> list[str]:
    """The templates that a variation combines; none for most."""
    return variation.parameters.get("templates", "").split(", ")


def mutate_node(node: Node, violated: Sequence[Verdict], workshop: Workshop) -> str | None:
    """Try the variations of a node, and promote each that is better than what it has.

    What passed first runs while the others are tried: a trial takes seconds, and may find nothing.
    Returns the id of the last new version, or None where the original stays.
    """
    workshop.log("mutating", node, "; ".join(v.text() for v in violated) or "hot")
    best: tuple[Variation, float] | None = None
    version: str | None = None
    for variation in workshop.generate_variations(node):
        if best is not None and variation.template in together(best[0]):
            workshop.log(
                "left out", node, "it is a part of what passed", template=variation.template
            )
            continue
        needed = BETTER * best[1] if best is not None else 0.0
        try:
            trial = workshop.shadow(node, variation, max(1.0, needed / _weight(variation)))
        except (Interrupted, Postponed):
            if best is None:
                raise
            break  # the rest is not tried
        decision = workshop.decide(trial, node, violated)
        if not decision.promote:
            workshop.log("rejected", node, decision.reason, template=variation.template)
            continue
        if worth(variation, trial) <= needed:
            continue
        made = workshop.promote(node, variation, trial, decision, best and best[0])
        if made is None:
            break
        best, version = (variation, worth(variation, trial)), made
        workshop.log(
            "promoted", node, decision.reason, template=variation.template, version=version
        )
    if version is None:
        workshop.log("unchanged", node, "no variation improves it within its constraints")
    return version
