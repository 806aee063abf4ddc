"""Keeps bounds on memory and CPU time live: calls of bounded nodes are captured, and run again.

That happens in a shadow worker. What runs there is what the program runs now: the original, or the
rewrite that was promoted. Only nodes that cannot be run again are weighed in the program, one call
at a time; the file that memray writes there is replayed in a process of its own, and removed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.agent.memory import MARK
from selfsame.runtime.engine.eligibility import runs_dry, why_never, why_not, world
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.link.wire import Message
from selfsame.runtime.monitor.seen import Timing, Weighing
from selfsame.runtime.mutation.requests import request_for
from selfsame.runtime.shadow.forkserver import environment
from selfsame.runtime.shadow.records import Weight
from selfsame.runtime.shadow.weigh import time_node, weigh_node

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

METRICS = ("memory_usage", "allocations")
CPU_TIME = "cpu_time"
CALLS = 20
TIMED_CALLS = 200
FEWEST = 3
WAIT_S = 3.0
PATIENCE_S = 30.0
AGAIN_S = (1.0, 15.0, 60.0)
"""Seconds until a node is weighed again: soon the first time, to confirm; then more rarely."""
BUDGET_S = 8.0
KEPT_BYTES = 16 << 20
REPLAY_S = 60.0
LEAST_FREE = 1 << 30

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
        self.results: list[tuple[str, Weighing | Timing | str]] = []
        self._clock = clock
        self._turns: dict[str, Turn] = {}
        self._in_program: tuple[str, ...] = ()
        self._written: list[tuple[Node, Message]] = []
        self._folder = ""
        self._files = 0

    def bounded(self) -> dict[str, frozenset[str]]:
        """The nodes with a bound on memory, allocations or CPU time: the metrics, by address."""
        candidates = self.engine.candidates
        found: dict[str, frozenset[str]] = {}
        for address in candidates.bound():
            constraints = candidates.constraints(address)
            bounds = constraints.bounds if constraints is not None else ()
            metrics = frozenset(b.metric for b in bounds if b.metric in (*METRICS, CPU_TIME))
            if metrics:
                found[address] = metrics
        return found

    def why_not(self, node: Node) -> str:
        """Why calls of a node cannot be run again elsewhere; empty where they can."""
        if node.blocked:
            return node.blocked
        why = why_never(node) or node.module.facts.never_cleared(node.address)
        return f"it cannot be run again: {why}" if why else ""

    def step(self) -> bool:
        """Ask for calls of what is due, and weigh the first node of which enough is there."""
        self._replay_written()
        in_program: list[str] = []
        for address, metrics in self.bounded().items():
            node = self.engine.modules.find(address)
            if node is None:
                continue
            turn = self._turns.setdefault(address, Turn())
            why_not = self.why_not(node)
            if why_not:
                neither = self._not_in_program(node)
                if metrics == {CPU_TIME}:
                    self._say(address, turn, why_not)
                elif neither:
                    self._say(address, turn, f"{why_not}; in the program, because {neither}")
                else:
                    in_program.append(address)
                continue
            calls = self._calls(address, turn, TIMED_CALLS if CPU_TIME in metrics else CALLS)
            if calls:
                self._measure(node, turn, calls, metrics)
                return True
        self._in_program = tuple(in_program)
        return False

    # in the program

    def in_program(self) -> tuple[str, ...]:
        """The nodes that can only be weighed in the program."""
        return self._in_program

    def new_file(self, pid: int) -> str:
        """A new name for memray's file of a process; empty where there is no room for one."""
        if not self._folder:
            self._folder = tempfile.mkdtemp(prefix="selfsame-memory-")
        if shutil.disk_usage(self._folder).free < LEAST_FREE:
            return ""
        self._files += 1
        return os.path.join(self._folder, f"{pid}-{self._files}.memray")

    def take(self, node: Node, message: Message) -> None:
        """An agent's memory window closed."""
        if message["path"]:
            self._written.append((node, message))
        elif message["reason"]:
            self.results.append((node.address, f"in the program {message['reason']}"))

    def forget(self, pid: int) -> None:
        """A process is gone: what it left unfinished is removed."""
        kept = {message["path"] for _, message in self._written}
        for name in os.listdir(self._folder) if self._folder else ():
            path = os.path.join(self._folder, name)
            if name.startswith(f"{pid}-") and path not in kept:
                os.unlink(path)

    def close(self) -> None:
        """The engine ends."""
        self._replay_written()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _not_in_program(self, node: Node) -> str:
        """Why a node cannot be weighed in the program either; empty where it can."""
        if node.blocked:
            return node.blocked
        if node.definition.kind not in ("function", "lambda"):
            return f"it is a {node.definition.kind}: others run between its steps"
        for module in list(self.engine.modules.by_file.values()):
            if "memray" in module.source.text:
                return f"the program uses memray itself ({module.source.path})"
            if "os.fork" in module.source.text or "multiprocessing" in module.source.text:
                return (
                    f"the program forks, and a tracker must not be on then ({module.source.path})"
                )
        return ""

    def _replay_written(self) -> None:
        while self._written:
            node, message = self._written.pop(0)
            found = replay_file(message["path"])
            if isinstance(found, Weight):
                counts = () if found.allocations is None else (found.allocations,)
                weighing = Weighing(
                    time.monotonic(),
                    (found.peak_bytes + self._held(message["rewrite"]),),
                    counts,
                    "window",
                    message["rewrite"],
                    message["pause_ns"],
                )
                self.results.append((node.address, weighing))
            else:
                self.results.append((node.address, f"memray's file is of no use: {found}"))

    # in a worker

    def _calls(self, address: str, turn: Turn, most: int) -> list[Call]:
        """The calls to weigh now; empty where it is not the time yet."""
        now = self._clock()
        rewrite = self._rewrite(address)
        if rewrite != turn.rewrite and turn.calls:
            return turn.calls  # what runs there has changed: the same calls, the new code
        if now < turn.due or rewrite:
            return turn.calls if rewrite and now >= turn.due else []
        captures = self.engine.captures
        turn.since = turn.since or now
        captures.want(address, most)
        have, waited = captures.calls(address), now - turn.since
        if len(have) >= most or (len(have) >= FEWEST and waited > WAIT_S):
            return have[-TIMED_CALLS:]
        if waited > PATIENCE_S:
            refused = captures.refusals(address)
            reason = max(refused, key=lambda r: refused[r]) if refused else ""
            few = f"{len(have)} of {FEWEST} distinct calls could be captured"
            self._say(address, turn, f"{few} ({reason})" if reason else few)
        return []

    def _measure(self, node: Node, turn: Turn, calls: list[Call], metrics: frozenset[str]) -> None:
        engine, address = self.engine, node.address
        rewrite = self._rewrite(address)
        turn.calls, turn.rewrite, turn.since = calls, rewrite, 0.0
        turn.due = self._clock() + AGAIN_S[min(turn.rounds, len(AGAIN_S) - 1)]
        turn.rounds += 1
        seen = world(engine.modules, node, (payload for payload, _ in calls))
        why = why_not(node, seen)
        if not why and runs_dry(node, seen):
            why = node.module.facts.effects(address, seen).told
        if why:
            self._say(address, turn, f"these calls of it cannot be run again: {why}")
            return
        try:
            variation = engine.rollout.variation(rewrite) if rewrite else None
        except (SelfsameError, KeyError) as error:
            self._say(address, turn, f"the rewrite {rewrite} cannot be loaded: {error}")
            return
        program = engine.workshop.program
        if CPU_TIME in metrics:
            # All of them, not the longest: a mean and a quantile are of the calls that come.
            request = request_for(node, variation, calls, program, None, seen, budget_s=BUDGET_S)
            timed = time_node(request, engine.workshop.cancel)
            if timed.nanoseconds:
                timing = Timing(time.monotonic(), timed.nanoseconds, rewrite)
                self.results.append((address, timing))
            elif timed.reason != "cancelled":
                self._say(address, turn, timed.reason or "no call could be run")
        if metrics.isdisjoint(METRICS):
            self._done(address)
            return
        request = request_for(
            node, variation, _chosen(calls), program, None, seen, budget_s=BUDGET_S
        )
        found = weigh_node(request, engine.workshop.cancel)
        self._done(address)
        if not found.weights:
            if found.reason != "cancelled":
                self._say(address, turn, found.reason or "no call could be run")
            return
        held = variation.kept_bytes if variation else 0  # a call finds it there
        peaks = tuple(w.peak_bytes + held for w in found.weights)
        counts = tuple(w.allocations for w in found.weights if w.allocations is not None)
        weighing = Weighing(time.monotonic(), peaks, counts, "replay", rewrite)
        self.results.append((address, weighing))

    def _held(self, rewrite: str) -> int:
        """What a rewrite may hold of results while a call is weighed in the program."""
        try:
            return self.engine.rollout.variation(rewrite).kept_bytes if rewrite else 0
        except (SelfsameError, KeyError):
            return 0

    def _done(self, address: str) -> None:
        engine = self.engine
        if address not in engine.candidates.ready(lambda _: True):
            engine.captures.forget(address)  # the next time with fresh calls

    def _rewrite(self, address: str) -> str:
        live = self.engine.graph.nodes.get(address)
        return live.rewrite if live is not None else ""

    def _say(self, address: str, turn: Turn, reason: str) -> None:
        turn.since, turn.due = 0.0, self._clock() + AGAIN_S[-1]
        self.results.append((address, reason))


def replay_file(path: str) -> Weight | str:
    """The weight in memray's file of one call, found in a process of its own; removes the file.

    A reason, where it cannot be told.
    """
    command = [sys.executable, "-m", "selfsame.runtime.shadow.records"]
    try:
        done = subprocess.run(
            [*command, path, str(MARK)],
            capture_output=True,
            text=True,
            timeout=REPLAY_S,
            env=environment(os.environ),
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        return f"it could not be replayed: {type(error).__name__}"
    finally:
        try:
            os.unlink(path)
        except OSError:  # the program could not write it
            pass
    if done.returncode:
        return done.stderr.strip().rpartition("\n")[2] or "it could not be replayed"
    return Weight(**json.loads(done.stdout))


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
