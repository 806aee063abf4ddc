"""What goes on while a canary does: every input of a small space, many mutations, and a search by symbols.

One thread of the engine, one rewrite at a time, once each, and only while no trial and no first comparison
waits: these say what runs at all. What it finds takes the rewrite back; what it can claim goes to its evidence.
"""

import queue
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from selfsame.runtime.shadow.further import SYMBOLIC_S, further
from selfsame.runtime.shadow.request import Trial, TrialRequest

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

LOOK_S: Final = 0.5
BOUNDED: Final = 1_000
BOUNDED_S: Final = 3.0
MUTATED_S: Final = 10.0
MOST_WAITING: Final = 8
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the calls that are held for one."""


class Searches:
    """Rewrites that passed their first comparison, with the request of it."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self.cancel = threading.Event()
        self._waiting: queue.SimpleQueue[tuple[str, str, TrialRequest]] = queue.SimpleQueue()

    def add(self, address: str, rewrite: str, request: TrialRequest) -> None:
        """A rewrite agreed on calls of the program; a person's own alternative may differ on others."""
        bounded = self.engine.candidates.limits(address).shadow_cpu is not None
        held = sum(len(payload) for payload, _ in request.captured)
        many = held > MOST_BYTES or self._waiting.qsize() >= MOST_WAITING
        if request.amplified and not bounded and not many:
            self._waiting.put((address, rewrite, request))

    def run(self) -> None:
        """The thread: until the engine stops."""
        while not self.engine.stopping.wait(LOOK_S):
            if self._waiting.empty() or self._others_wait():
                continue
            address, rewrite, request = self._waiting.get()
            if self._is_there(address, rewrite):
                self.search(address, rewrite, request)

    def search(self, address: str, rewrite: str, request: TrialRequest) -> None:
        """Go further with one rewrite, and say what came of it."""
        found = further(
            Trial(address, "same", "inconclusive", ""),
            request,
            bounded=BOUNDED,
            seconds=BOUNDED_S,
            mutated_s=MUTATED_S,
            symbolic_s=SYMBOLIC_S if find_spec("crosshair") is not None else 0.0,
            cancel=self.cancel,
        )
        if self.cancel.is_set() and found.same != "different":
            return
        if found.same == "different":
            reason = f"searched further: {found.reason} on {found.counterexample}"
            self.engine.probation.report(address, rewrite, "mismatch", reason)
            return
        if found.evidence:
            self.engine.probation.learned.put((address, rewrite, found.evidence))
        if told := "; ".join([*found.evidence, *found.notes]):
            self.engine.log("searched", address, told, rewrite=rewrite)

    def _others_wait(self) -> bool:
        return self.engine.probation.urgent or self.engine.workshop.trying.is_set()

    def _is_there(self, address: str, rewrite: str) -> bool:
        rollout = self.engine.rollout
        entry = rollout.canaries.get(address) or rollout.entries.get(address)
        return entry is not None and entry.rewrite == rewrite
