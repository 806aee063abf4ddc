"""What is asked of the shadow workers about a node: the same for a trial and for what follows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from selfsame.compiler.constraints.bind import ConstraintSet
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.shadow.outcome import Tolerance
from selfsame.runtime.shadow.request import TrialRequest
from selfsame.variants.variation import Variation

DECLARED = "alternatives"


def request_for(
    node: Node,
    variation: Variation | None,
    calls: Sequence[tuple[bytes, int]],
    program: Mapping[str, Any],
    constraints: ConstraintSet | None,
    **more: Any,
) -> TrialRequest:
    """The request about one variation, or the original alone; ``program`` is the agent's hello, ``more`` fields of it."""
    tolerance = Tolerance()
    if constraints is not None and not constraints.equality.exact:
        tolerance = Tolerance(constraints.equality.rel, constraints.equality.abs)
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
        **{"content_hash": node.content_hash} | more,
    )


def declared(variation: Variation) -> bool:
    """Whether a person named the algorithm, and so accepts that it fails differently."""
    return variation.family == "algorithm" and variation.template == DECLARED
