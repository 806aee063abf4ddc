"""The heart of selfsame in one function: a node that violates its constraint becomes a better one."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from selfsame.runtime.engine.modules import Node
from selfsame.runtime.monitor.judge import Verdict
from selfsame.runtime.mutation.promotion import Decision
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

        ``to_beat``: the gain with which it would be better than what passed already, at least 1.
        """
        ...

    def decide(self, trial: Trial, node: Node, violated: Sequence[Verdict]) -> Decision:
        """The promotion rule: a significant improvement, and within the constraints."""
        ...

    def promote(self, node: Node, variation: Variation, trial: Trial, decision: Decision) -> str:
        """Record a new version and swap the code in; returns the version's id."""
        ...

    def log(self, kind: str, node: Node, reason: str, **numbers: object) -> None:
        """One structured event."""
        ...


SCALES = 3.0
"""What a gain that grows with the input is worth, against one that does not.

Calls with the largest inputs are over the budget of a capture, so a trial sees too little of it.
"""


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
    """Find the best variation of a violating node that may be promoted, and promote it.

    Returns the new version's id, or None where the original stays.
    """
    workshop.log("mutating", node, "; ".join(v.text() for v in violated) or "hot")
    best: tuple[Variation, Trial, Decision] | None = None
    for variation in workshop.generate_variations(node):
        if best is not None and variation.template in together(best[0]):
            workshop.log(
                "left out", node, "it is a part of what passed", template=variation.template
            )
            continue
        to_beat = worth(*best[:2]) / _weight(variation) if best is not None else 1.0
        try:
            trial = workshop.shadow(node, variation, max(1.0, to_beat))
        except Interrupted:
            if best is None:
                raise
            break  # what passed is taken; the rest was not tried
        decision = workshop.decide(trial, node, violated)
        if not decision.promote:
            workshop.log("rejected", node, decision.reason, template=variation.template)
        elif best is None or worth(variation, trial) > worth(*best[:2]):
            best = variation, trial, decision
    if best is None:
        workshop.log("unchanged", node, "no variation improves it within its constraints")
        return None
    version = workshop.promote(node, *best)
    workshop.log("promoted", node, best[2].reason, template=best[0].template, version=version)
    return version
