"""Keeps `max_memory_usage` live: calls of memory-bounded nodes are captured, and run under memray.

That happens in a shadow worker, never in the program. What runs there is what the program runs
now: the original, or the rewrite that was promoted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.monitor.graph import Weighing
from selfsame.runtime.shadow.request import TrialRequest
from selfsame.runtime.shadow.weigh import weigh_node

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

METRICS = ("memory_usage", "allocations")
CALLS = 20
FEWEST = 3
WAIT_S = 3.0
PATIENCE_S = 30.0
AGAIN_S = (1.0, 15.0, 60.0)
"""Seconds until a node is weighed again: soon the first time, to confirm; then more rarely."""
BUDGET_S = 8.0
KEPT_BYTES = 16 << 20

Call = tuple[bytes, int]


@dataclass(slots=True)
class Turn:
    """How often a node was weighed, when it is due, and the calls that the last time had."""

    rounds: int = 0
    due: float = 0.0
    since: float = 0.0
    rewrite: str = ""
    calls: list[Call] = field(default_factory=list)


class Scales:
    """Used by the engine's worker thread; ``results`` are taken by the loop thread."""

    def __init__(self, engine: "Engine", clock: Callable[[], float] = time.monotonic) -> None:
        self.engine = engine
        self.results: list[tuple[str, Weighing | str]] = []
        self._clock = clock
        self._turns: dict[str, Turn] = {}

    def bounded(self) -> list[str]:
        """The nodes with a bound on memory or allocations."""
        candidates = self.engine.candidates
        return [
            address
            for address in candidates.bound()
            if (found := candidates.constraints(address)) is not None
            and any(bound.metric in METRICS for bound in found.bounds)
        ]

    def why_not(self, node: Node) -> str:
        """Why calls of a node cannot be run again elsewhere; empty where they can."""
        if node.blocked:
            return node.blocked
        effects = node.module.facts.effects(node.address)
        if effects.shadowable:
            return ""
        return f"it cannot be run again: {'; '.join(effects.reasons[:2]) or 'unknown effects'}"

    def step(self) -> bool:
        """Ask for calls of what is due, and weigh the first node of which enough is there."""
        for address in self.bounded():
            node = self.engine.modules.find(address)
            if node is None:
                continue
            turn = self._turns.setdefault(address, Turn())
            why_not = self.why_not(node)
            if why_not:
                self._say(address, turn, why_not)
                continue
            calls = self._calls(address, turn)
            if calls:
                self._weigh(node, turn, calls)
                return True
        return False

    def _calls(self, address: str, turn: Turn) -> list[Call]:
        """The calls to weigh now; empty where it is not the time yet."""
        now = self._clock()
        rewrite = self._rewrite(address)
        if rewrite != turn.rewrite and turn.calls:
            return turn.calls  # what runs there has changed: the same calls, the new code
        if now < turn.due or rewrite:
            return turn.calls if rewrite and now >= turn.due else []
        captures = self.engine.captures
        turn.since = turn.since or now
        captures.want(address, CALLS)
        have, waited = captures.calls(address), now - turn.since
        if len(have) >= CALLS or (len(have) >= FEWEST and waited > WAIT_S):
            return _chosen(have)
        if waited > PATIENCE_S:
            refused = captures.refusals(address)
            reason = max(refused, key=lambda r: refused[r]) if refused else ""
            few = f"{len(have)} of {FEWEST} distinct calls could be captured"
            self._say(address, turn, f"{few} ({reason})" if reason else few)
        return []

    def _weigh(self, node: Node, turn: Turn, calls: list[Call]) -> None:
        engine, address = self.engine, node.address
        rewrite = self._rewrite(address)
        turn.calls, turn.rewrite, turn.since = calls, rewrite, 0.0
        turn.due = self._clock() + AGAIN_S[min(turn.rounds, len(AGAIN_S) - 1)]
        turn.rounds += 1
        try:
            request = self._request(node, calls, rewrite)
        except (SelfsameError, KeyError) as error:
            self._say(address, turn, f"the rewrite {rewrite} cannot be loaded: {error}")
            return
        found = weigh_node(request, engine.workshop.cancel)
        if address not in engine.candidates.ready(lambda _: True):
            engine.captures.forget(address)  # the next time with fresh calls
        if not found.weights:
            if found.reason != "cancelled":
                self._say(address, turn, found.reason or "no call could be run")
            return
        peaks = tuple(w.peak_bytes for w in found.weights)
        counts = tuple(w.allocations for w in found.weights if w.allocations is not None)
        weighing = Weighing(time.monotonic(), peaks, counts, "replay", rewrite)
        self.results.append((address, weighing))

    def _request(self, node: Node, calls: list[Call], rewrite: str) -> TrialRequest:
        module, program = node.module, self.engine.workshop.program
        variation = self.engine.rollout.variation(rewrite) if rewrite else None
        return TrialRequest(
            module=module.source.module,
            path=module.source.path,
            is_main=module.is_main,
            sys_path=program.get("path", ()),
            cwd=program.get("cwd", "/"),
            optimize=module.optimize,
            key=node.key,  # type: ignore[arg-type]
            address=node.address,
            content_hash=node.content_hash,
            captured=calls,
            code=variation.code if variation else b"",
            constants=variation.constants if variation else (),
            budget_s=BUDGET_S,
        )

    def _rewrite(self, address: str) -> str:
        live = self.engine.graph.nodes.get(address)
        return live.rewrite if live is not None else ""

    def _say(self, address: str, turn: Turn, reason: str) -> None:
        turn.since, turn.due = 0.0, self._clock() + AGAIN_S[-1]
        self.results.append((address, reason))


def _chosen(calls: list[Call]) -> list[Call]:
    """The calls that took longest, for a maximum, and the newest of the others; a few MB of them."""
    longest = sorted(calls, key=lambda call: -call[1])[: CALLS // 4]
    others = [call for call in reversed(calls) if call not in longest]
    kept: list[Call] = []
    held = 0
    for call in [*longest, *others][:CALLS]:
        held += len(call[0])
        if held > KEPT_BYTES and len(kept) >= FEWEST:
            break
        kept.append(call)
    return kept
