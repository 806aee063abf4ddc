"""What is asked of the shadow workers about a node: the same for a trial and for what follows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.constraints.bind import ConstraintSet
from selfsame.compiler.instrument.twins import named_of
from selfsame.grammar.model import Equality
from selfsame.runtime.engine.eligibility import outside_calls, runs_dry, sends
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.shadow.loading import Home
from selfsame.runtime.shadow.outcome import Tolerance
from selfsame.runtime.shadow.request import Objective, TrialRequest
from selfsame.variants.variation import Variation

DECLARED = "alternatives"


def request_for(
    node: Node,
    variation: Variation | None,
    calls: Sequence[tuple[bytes, int]],
    program: Mapping[str, Any],
    constraints: ConstraintSet | None,
    held: World | None,
    **more: Any,
) -> TrialRequest:
    """The request about one variation, or the original alone.

    ``program`` is the agent's hello, ``held`` what the calls were seen to hold, ``more`` fields of the request.
    """
    said = constraints.equality if constraints is not None else Equality()
    tolerance = Tolerance(said.rel, said.abs, said.unordered, said.any_message, said.where_succeeds)
    module = node.module
    return TrialRequest(
        module=module.source.module,
        path=module.source.path,
        is_main=module.is_main,
        sys_path=program.get("path", ()),
        cwd=program.get("cwd", "/"),
        optimize=module.optimize,
        key=node.key,  # type: ignore[arg-type]
        address=node.address,
        code=variation.code if variation else b"",
        constants=variation.constants if variation else (),
        captured=calls,
        tolerance=tolerance,
        outside=tuple(named_of(outside_calls(node))),
        outgoing=sends(node, held),
        watched=runs_dry(node, held),
        beside=tuple(
            Home(other.source.module, other.source.path, other.is_main)
            for other in module.others(held.modules if held is not None else ())
        ),
        **{"content_hash": node.content_hash} | more,
    )


def declared(variation: Variation) -> bool:
    """Whether a person named the algorithm, and so accepts that it fails differently."""
    return variation.family == "algorithm" and variation.template == DECLARED


def aim_of(constraints: ConstraintSet | None, failing: Sequence[str]) -> Objective:
    """What a variation must be better at: the metrics that ``failing`` bounds are on, or the objective.

    Errors only where calls in which the original raises need not be the same: otherwise what is
    the same raises as often.
    """
    if constraints is not None and failing and set(failing) == {"error_rate"}:
        return "errors" if constraints.equality.where_succeeds else "time"
    if failing:
        return "memory" if "memory_usage" in failing else "time"
    objective = constraints.objective if constraints is not None else None
    goals = objective.goals if objective is not None else ()
    on_memory = {("memory_usage" in goal or "allocations" in goal) for goal in goals}
    if len(on_memory) > 1:
        return "both"
    return "memory" if True in on_memory else "time"
