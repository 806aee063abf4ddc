"""Probation for good: a small share of a rewrite's calls is captured and compared with the original.

One thread of the engine. The first comparison comes soon, the later ones more rarely, and never do
they take more than a twentieth of one processor. The calls stay in memory, for one comparison.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.engine.captures import Call, Captures
from selfsame.runtime.engine.eligibility import why_never, why_not, world
from selfsame.runtime.mutation.requests import declared, request_for
from selfsame.runtime.shadow.comparison import Comparison, compare
from selfsame.runtime.versions.manifest import NodeEntry

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

LOOK_S = 0.5
BATCH, FIRST_BATCH = 200, 50
PATIENCE_S, FIRST_PATIENCE_S = 10.0, 1.5
"""How long calls are waited for; a canary waits for its first comparison, and fewer calls do."""
FIRST_S = 1.0
LONGEST_S = 60.0
HELD_ROUNDS = 3
URGENT_S = 10.0
"""Trials wait for the first comparison of what was just promoted, which is all that it waits for: so long."""
COST = 20.0
BUDGET_S, FIRST_BUDGET_S = 6.0, 2.5
AMPLIFIED = 60
SEEN = 50_000
KINDS = {"different": "mismatch", "slower": "slower", "leaks": "bounds"}
MOST_BYTES = 64 * 1024 * 1024


@dataclass
class Watch:
    """One rewrite on probation: when it is compared next, and what was compared so far.

    ``hopeless``: its calls cannot be compared, as far as was seen.
    """

    rewrite: str
    due: float = 0.0
    rounds: int = 0
    compared: int = 0
    hopeless: bool = False
    seen: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Finding:
    """A comparison that speaks against a rewrite."""

    address: str
    rewrite: str
    kind: str
    reason: str


class Probation:
    """Compares what runs. ``findings`` is read by the engine's loop thread, which rolls back.

    So is ``learned``: more evidence for a rewrite of a node.
    """

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self.captures = Captures(MOST_BYTES)
        self.findings: queue.SimpleQueue[Finding] = queue.SimpleQueue()
        self.learned: queue.SimpleQueue[tuple[str, str, tuple[str, ...]]] = queue.SimpleQueue()
        self.cancel = threading.Event()
        self._watches: dict[str, Watch] = {}
        self._promoted: dict[str, tuple[str, float]] = {}
        self._compare: Callable[..., Comparison] = compare

    def takes(self, address: str) -> bool:
        """Whether captured calls of a node are for probation: it runs a rewrite, or tries one."""
        rollout = self.engine.rollout
        return address in rollout.entries or address in rollout.canaries

    def holds(self, address: str, rewrite: str) -> bool:
        """Whether a canary is to wait: it can be compared, and was not yet. Three rounds that
        compared nothing, for want of a sandbox say, are enough waiting.
        """
        watch = self._watches.get(address)
        if watch is None or watch.rewrite != rewrite:
            return True
        return not (watch.hopeless or watch.compared or watch.rounds >= HELD_ROUNDS)

    def promoted(self, address: str, rewrite: str) -> None:
        """A canary is about to begin."""
        self._promoted[address] = rewrite, time.monotonic()

    @property
    def urgent(self) -> bool:
        """Whether a canary that began a moment ago waits for its first comparison."""
        since = time.monotonic() - URGENT_S
        begun = list(self._promoted.items())
        return any(at > since and self.holds(a, rewrite) for a, (rewrite, at) in begun)

    def report(self, address: str, rewrite: str, kind: str, reason: str) -> None:
        """Something speaks against a rewrite; ``kind`` as CDL's ``rollback`` names it."""
        self.findings.put(Finding(address, rewrite, kind, reason))

    def add(self, address: str, calls: list[Call], refused: dict[str, int], seen: int) -> None:
        """Calls were captured. Those that were compared before are left out."""
        watch = self._watches.get(address)
        if watch is not None:
            fresh = [call for call in calls if hash(call[0]) not in watch.seen]
            self.captures.add(address, fresh, refused, seen)

    def run(self) -> None:
        """The thread: until the engine stops."""
        while not self.engine.stopping.wait(LOOK_S):
            rollout = self.engine.rollout
            running = {**rollout.canaries, **rollout.entries}
            for address in set(self._watches) - set(running):
                del self._watches[address]
                self._promoted.pop(address, None)
                self.captures.forget(address)
            for entry in self._in_turn(running.values()):
                # A comparison takes seconds: what came meanwhile may wait for its own.
                if self.engine.stopping.is_set() or self._look(entry):
                    break

    def _in_turn(self, entries: Iterable[NodeEntry]) -> list[NodeEntry]:
        """Canaries that wait for their first comparison, then the others."""
        canaries = self.engine.rollout.canaries
        return sorted(
            entries, key=lambda e: not (e.address in canaries and self.holds(e.address, e.rewrite))
        )

    def _look(self, entry: NodeEntry) -> bool:
        """Compare a rewrite where it is due and enough was captured; whether it was compared."""
        address = entry.address
        watch = self._watches.get(address)
        if watch is None or watch.rewrite != entry.rewrite:
            watch = self._watches[address] = Watch(entry.rewrite)
            self.captures.forget(address)
        node = self.engine.modules.find(address)
        if node is None or node.blocked or time.monotonic() < watch.due:
            return False
        # A trial that runs has the processor first, once a rewrite was compared at all, and so has what
        # was not compared yet.
        waits = watch.rounds and time.monotonic() < watch.due + LONGEST_S
        if waits and (self.urgent or self.engine.workshop.trying.is_set()):
            return False
        share = self.engine.candidates.rules(address).probation
        watch.hopeless = share == 0.0 or bool(why_never(node))
        if watch.hopeless:
            watch.due = time.monotonic() + LONGEST_S
            return False
        batch = BATCH if watch.rounds else FIRST_BATCH
        self.captures.want(address, batch)
        calls = self.captures.calls(address)
        patience_s = PATIENCE_S if watch.rounds else FIRST_PATIENCE_S
        patient = self.captures.age(address) < patience_s
        # Calls came, and none of them could be captured.
        watch.hopeless = not (calls or patient) and bool(self.captures.refusals(address))
        if len(calls) < batch and (not calls or patient):
            return False
        self.captures.forget(address)
        held = world(self.engine.modules, node, (payload for payload, _ in calls))
        watch.hopeless = bool(why_not(node, held))
        if watch.hopeless:
            watch.due = time.monotonic() + LONGEST_S
            return False
        began = time.monotonic()
        try:
            variation = self.engine.rollout.variation(entry.rewrite)
        except SelfsameError:
            return False  # the loop thread drops it
        request = request_for(
            node,
            variation,
            calls,
            self.engine.workshop.program,
            self.engine.candidates.constraints(address),
            held,
            # Another seed each time: other inputs are made from the calls.
            content_hash=f"{node.content_hash}:{watch.rounds}",
            amplified=0 if declared(variation) else AMPLIFIED,
            budget_s=BUDGET_S if watch.rounds else FIRST_BUDGET_S,
            promised=entry.promised,
        )
        found = self._compare(request, self.cancel)
        self._note(address, watch, found)
        if watch.rounds == 1 and found.verdict == "same":
            self.engine.searches.add(address, entry.rewrite, request)
        if len(watch.seen) < SEEN:
            watch.seen.update(hash(payload) for payload, _ in calls)
        now = time.monotonic()
        pause = min(LONGEST_S, FIRST_S * 2**watch.rounds)
        if share is not None:
            pause = self._pause(address, share)
        # Never more than a twentieth of a processor, but for the first few; or CDL's share of one.
        most = self.engine.candidates.limits(address).shadow_cpu
        cost = COST * (watch.rounds > 1) if most is None else 1 / max(most, 1e-6)
        watch.due = now + max(pause, cost * (now - began))
        return True

    def _pause(self, address: str, share: float) -> float:
        """Seconds until as many calls were made that a batch is ``share`` of them."""
        seen = self.engine.graph.node(address).recent()
        rate = seen.calls / (seen.span_ns / 1e9) if seen.span_ns else 1.0
        return min(3600.0, BATCH / max(1e-6, share * rate))

    def _note(self, address: str, watch: Watch, found: Comparison) -> None:
        watch.rounds += 1
        watch.compared += found.compared
        numbers = {"rewrite": watch.rewrite, "calls": watch.compared, "rounds": watch.rounds}
        if found.bad:
            reason = f"compared with the original: {found.reason}"
            if found.counterexample:
                reason += f" on {found.counterexample}"
            self.report(address, watch.rewrite, KINDS[found.verdict], reason)
        elif watch.rounds & (watch.rounds - 1) == 0:  # a line for each doubling
            words = f"{watch.compared:,} inputs in {watch.rounds} comparison"
            words += "s" if watch.rounds > 1 else ""
            if found.verdict != "same":
                words += f"; the last was inconclusive: {found.reason}"
            self.engine.log("compared", address, words, **numbers)
