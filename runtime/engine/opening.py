"""What an agent is told when a window opens: which code to run, for how long, and what to keep."""

from typing import TYPE_CHECKING

from selfsame.compiler.errors import Skipped
from selfsame.compiler.instrument.twins import named_of
from selfsame.runtime.agent.naming import TOO_LARGE
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.eligibility import globals_wanted, outside_calls
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.engine.rollout import constants_of
from selfsame.runtime.engine.schedule import (
    CALLS,
    CAPTURE_CALLS,
    FIRST_LOOK_S,
    LONGEST_S,
    LONGEST_SLICE_S,
    MEMORY_WINDOW_S,
    SHAPE_CALLS,
    SHAPE_S,
)
from selfsame.runtime.engine.server import Agent

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

FEWEST_CALLS = 20
LEAST_BYTES, GROWN_BYTES, MOST_BYTES = 256 * 1024, 2 * 1024 * 1024, 4 * 1024 * 1024
BYTES_PER_S = 20e6
GROWING = 2
"""So many calls that were too large, and the next may have twice as many bytes."""


def opening(engine: "Engine", agent: Agent, node: Node, kind: str) -> dict[str, object] | None:
    """The ``open`` message for a window, or None where it cannot be opened."""
    address = node.address
    rewrite = engine.graph.node(address).rewrite
    message: dict[str, object] = {"t": "open", "key": node.key, "kind": kind}
    calls, longest = CALLS, look_s(engine, address)
    canary = engine.rollout.canaries.get(address)
    if canary is not None:  # the two take turns
        calls = engine.schedule.slice_calls(address)
    if kind == "slice":
        if rewrite or canary is None:
            return None
        rewrite, kind, longest = canary.rewrite, "time", LONGEST_SLICE_S
        message |= {"kind": kind, "slice": True, "relied": engine.rollout.relied(canary)}
    probe = {"memory": "time", "shape": "capture"}.get(kind, kind)
    listened = outside_calls(node) if kind == "capture" else ()
    message["outside"] = named_of(listened)
    try:
        if rewrite:
            message |= {
                "address": address,
                "rewrite": rewrite,
                "code": engine.rollout.twin(rewrite, probe, named_of(listened)),
                "constants": constants_of(engine.rollout.variation(rewrite)),
            }
        elif kind == "time":
            message["code"], inner = engine.candidates.inner.twin(node)
            message["inner"] = [one.address for one in inner]
        else:
            message["code"] = node.module.twin(node.definition, probe, listened)
    except Skipped as skip:
        if kind != "shape":  # it may be timed all the same
            engine.modules.block(address, skip.reason)
        return None
    if kind == "shape":
        return message | {"calls": SHAPE_CALLS, "max_s": SHAPE_S}
    if kind == "time":
        return message | {"calls": calls, "max_s": longest}
    if kind == "memory":
        path = engine.scales.new_file(agent.pid)
        return message | {"path": path, "max_s": MEMORY_WINDOW_S} if path else None
    every = one_in(engine, address)
    return message | {
        "calls": max(every, captured_calls(engine, address)),
        "max_s": engine.schedule.capture_s(address),
        "rate": every,
        "budget": capture_budget(
            engine.graph.node(address).recent(rewrite="").mean_s,
            captures_of(engine, address).refusals(address).get(TOO_LARGE, 0),
        ),
        "globals": globals_wanted(node),
        **engine.parts.of(address),
    }


def look_s(engine: "Engine", address: str) -> float:
    """How long a time window may last. The first says whether the node matters, and none keeps it from
    being captured for long while it may still be worked on: what is heavy is called rarely.
    """
    progress = engine.candidates.of(address)
    settled = progress.done or engine.mode(address) == "watch"
    if settled and engine.graph.node(address).windows:
        return LONGEST_S
    return FIRST_LOOK_S if not engine.settings.afterwards_s else FIRST_LOOK_S / 4


def captured_calls(engine: "Engine", address: str) -> int:
    """How many calls a capture window has: those that are missing, and a few that may come again."""
    missing = captures_of(engine, address).missing(address)
    return min(CAPTURE_CALLS, max(FEWEST_CALLS, missing + missing // 4))


def captures_of(engine: "Engine", address: str) -> Captures:
    """Where a node's captured calls go."""
    probation = engine.probation
    return probation.captures if probation.takes(address) else engine.captures


def capture_budget(mean_s: float | None, too_large: int) -> int:
    """Bytes that one captured call may have: a heavy call is given more, as it loses less by it.

    And a node of which ``too_large`` calls were refused: no call of it could be tried otherwise. What that
    costs the program is paid for by longer pauses.
    """
    grown = min(GROWN_BYTES, LEAST_BYTES << min(too_large // GROWING, 8))
    return int(min(MOST_BYTES, max(grown, (mean_s or 0.0) * BYTES_PER_S)))


def one_in(engine: "Engine", address: str) -> int:
    """Of how many calls one is captured for trials: CDL's `shadow_rate`, or every one."""
    share = engine.candidates.rules(address).shadow_rate
    if share is None or engine.probation.takes(address):
        return 1
    return max(1, round(1 / max(share, 1e-6)))
