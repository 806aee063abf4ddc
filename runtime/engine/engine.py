"""The engine: one loop thread that listens, judges and rolls out; one worker thread that mutates.

A third asks for calls of the nodes that come next, while the worker is busy with one.

The loop never waits for a build or a trial. If the engine dies, programs go on with the code they
have; what it knows that matters is in the store.
"""

import logging
import os
import socket
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

from selfsame.compiler.analysis.program import hurry
from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.runtime.engine import corpus
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.constraints import Constraints
from selfsame.runtime.engine.deaths import Deaths
from selfsame.runtime.engine.eligibility import Parts
from selfsame.runtime.engine.inbox import Inbox
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.engine.opening import opening
from selfsame.runtime.engine.pace import CAPTURING, CAPTURING_OFFLINE, Pace
from selfsame.runtime.engine.probation import Probation
from selfsame.runtime.engine.rollout import Rollout
from selfsame.runtime.engine.scales import Scales
from selfsame.runtime.engine.schedule import Schedule
from selfsame.runtime.engine.searches import Searches
from selfsame.runtime.engine.server import Server
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.kept import Kept, written
from selfsame.runtime.monitor.seen import Timing
from selfsame.runtime.mutation.mutate import Interrupted
from selfsame.runtime.mutation.workshop import SURVEYED, LiveWorkshop
from selfsame.runtime.versions import clock
from selfsame.runtime.versions.store import Store

TICK_S = 0.1
ASK_S = 0.2
SNAPSHOT_S = 1.0
SURVEY_S = 1.0  # at the end: the program waits for its report
SURVEYING = 9  # a look at what could be tried is followed by a pause of so many times what it took
KEEP_S, KEEPING = 5.0, 20  # at least so long, and times what it takes
GRACE_S = 10.0
YOUNG_LOOKS = 200  # before so many it is not known what is hot
SHORT_S = 5.0  # a program that only lives so long has nothing of what is tried and not let in

logger = logging.getLogger("selfsame.engine")


class Engine:
    """Everything of one store: agents, living graph, schedule, rollout, mutation."""

    def __init__(self, settings: Settings, store: Store, listener: socket.socket) -> None:
        self.settings = settings
        self.store = store
        self.graph = LivingGraph()
        self.kept = Kept(store.living(), settings.run)
        self.kept.program(self.graph)
        self._keep_due = time.monotonic() + KEEP_S
        self._survey_due = 0.0
        self.modules = Modules(settings.roots)
        self.captures = Captures()
        self.parts = Parts(self.modules)
        self.constraints = Constraints(settings.cdl, self.modules)
        self.candidates = Candidates(self.modules, self.graph, None, settings.hot)
        self.probation = Probation(self)
        self.searches = Searches(self)
        self.deaths = Deaths()
        self._offline = bool(settings.afterwards_s) or settings.keep_inputs
        self.schedule = Schedule(
            self.modules,
            self.graph,
            self.captures,
            self.probation.captures,
            pace=Pace(CAPTURING_OFFLINE if self._offline else CAPTURING),
        )
        self.changed = threading.Event()
        self.rollout = Rollout(
            store,
            self.modules,
            self.graph,
            self.log,
            self.candidates.violated_for_good,
            self.candidates.rules,
            self.candidates.forbids,
            self.changed.set,
            self.probation.holds,
        )
        self.inbox = Inbox(self)
        self.server = Server(listener, self.inbox.take, self.inbox.gone)
        self.stopping = threading.Event()
        self.leaving = threading.Event()
        self.hurried = threading.Event()
        self.workshop = LiveWorkshop(self)
        self.scales = Scales(self)
        self._started = time.monotonic()

    def run(self) -> None:
        """Serve until told to leave and no agent is left, or none has come back for a while."""
        self.rollout.refresh()
        if self.settings.from_last:
            corpus.load(self, self.store.directory)
        self.log("started", "", f"mode {self.settings.mode}", run=self.settings.run)
        worker = threading.Thread(target=self._mutate, name="mutation", daemon=True)
        worker.start()
        asking = threading.Thread(target=self._ask, name="asking", daemon=True)
        asking.start()
        comparing = threading.Thread(target=self.probation.run, name="probation", daemon=True)
        comparing.start()
        searching = threading.Thread(target=self.searches.run, name="searches", daemon=True)
        searching.start()
        last_tick = last_snapshot = alone_since = time.monotonic()
        generation = self.store.generation()
        while True:
            self.server.step(TICK_S / 2)
            now = time.monotonic()
            if self.server.agents or self.deaths.pending:
                alone_since = now
                self.workshop.alone.clear()
            elif (
                self.leaving.is_set() or (now - alone_since > GRACE_S and self._orphaned())
            ) and not self._works_on(now - alone_since):
                break
            if now - last_tick < TICK_S:
                continue
            last_tick = now
            if self.changed.is_set() or self.store.generation() != generation:
                generation = self.store.generation()
                self._converge()
            for pid, name, rewrites in self.deaths.crashes():
                self.rollout.died(f"process {pid} died of {name} at {clock.now()}", rewrites)
            if not self.store.is_off():
                self._tick()
            if now - last_snapshot >= SNAPSHOT_S:
                last_snapshot = now
                self.snapshot()
        self.stopping.set()
        hurry(True)
        self.workshop.cancel.set()
        self.probation.cancel.set()
        self.searches.cancel.set()
        worker.join(timeout=5.0)
        comparing.join(timeout=5.0)
        searching.join(timeout=5.0)
        asking.join(timeout=5.0)
        hurry(False)
        self._survey_at_the_end()
        if self.candidates.binding is None:  # a program without functions: no constraint has a node
            self.candidates.binding = self.constraints.bind()
        self.scales.close()
        self._keep_inputs()
        self.snapshot(final=True)
        self.log("stopped", "", "no program is left", run=self.settings.run)
        self.server.close()

    def log(self, kind: str, address: str, reason: str, **numbers: object) -> None:
        """One structured event, in the store and in the engine's log."""
        logger.info("%s %s: %s", kind, address, reason)
        version = str(numbers.pop("version", ""))
        try:
            self.store.add_event(kind, address=address, version=version, reason=reason, **numbers)
        except SelfsameError as error:
            logger.error("an event could not be stored: %s", error)

    def snapshot(self, final: bool = False) -> None:
        """Write the living graph to the store."""
        data = self.graph.snapshot()
        for row in data["nodes"]:
            row.update(self._standing(row["address"]))
        known = {row["address"] for row in data["nodes"]}
        data["nodes"] += [
            {"address": a, "calls": 0, **self._standing(a)}
            for a in (*self.candidates.bound(), *self.candidates.inner.addresses())
            if a not in known
        ]
        data.update(
            run=self.settings.run,
            command=list(self.settings.command),
            mode=self.mode(),
            cdl=list(self.settings.cdl),
            agents=[agent.pid for agent in self.server.agents],
            processes=self.inbox.agents_seen,
            functions=len(self.modules.nodes),
            roots=list(self.settings.roots),
            left_alone=Counter(n.blocked for n in self.modules.nodes.values() if n.blocked),
            left_loops=self.modules.left_at_top(),
            outside=sorted(self.inbox.outside),
            wanting=self.captures.wanted(),
            young=self.graph.program.samples < YOUNG_LOOKS,
            ended=self.inbox.ended,
            problems=[
                *self.modules.problems[-20:],
                *self.constraints.problems,
                *self.candidates.inner.problems,
            ],
            at=time.time(),
            running=not final,
        )
        now = time.monotonic()
        try:
            self.store.put_snapshot(self.settings.run, data)
            if final or now >= self._keep_due:
                self.store.put_living(written(self.graph, self.settings.run, self._hash_of))
                took = time.monotonic() - now
                self._keep_due = now + max(KEEP_S, KEEPING * took)
        except SelfsameError as error:
            logger.error("the living graph could not be stored: %s", error)

    def _hash_of(self, address: str) -> str:
        node = self.modules.find(address)
        return node.content_hash if node is not None else ""

    def mode(self, address: str = "") -> str:
        """The mode for a node: a person's word in the store, then CDL, then the command line."""
        said = self.store.mode(address or None)
        constraints = self.candidates.constraints(address) if address else None
        if constraints is not None and constraints.irreversible and said == "auto":
            return "approve"  # what cannot be undone is never changed without a person
        if said is not None:
            return said
        if constraints is None:
            return self.settings.mode
        return constraints.mode_within(self.settings.mode)

    def may_work(self, address: str) -> bool:
        """Whether a node may be worked on now, by its mode and by what is on."""
        mode = self.mode(address)
        idle = mode == "watch" or self.rollout.frozen or self.store.is_off()
        return not idle and not (mode == "shadow" and self._is_short())

    def _is_short(self) -> bool:
        """Whether the program may be over soon: workers beside it would cost it more than they find."""
        return not self._offline and time.monotonic() < self._started + SHORT_S

    def leave(self) -> None:
        """End when no program is left; said twice, end without the work that is left."""
        if self.leaving.is_set():
            self.hurried.set()
            self.workshop.cancel.set()
        self.leaving.set()

    def _works_on(self, alone_s: float) -> bool:
        """Whether there is work left, and leave to do it, now that no program is left."""
        if self.hurried.is_set() or alone_s >= self.settings.afterwards_s or self.store.is_off():
            return False
        if not self.workshop.alone.is_set():
            self.workshop.idle.clear()
            self.workshop.alone.set()
            self.candidates.hasten()
        return not self.workshop.idle.is_set()

    def _orphaned(self) -> bool:
        return os.getppid() != self.settings.parent

    def _tick(self) -> None:
        bound = self.candidates.watched()
        self._take_weighings()
        self.schedule.shares = self.rollout.shares()
        self.schedule.edges = self.candidates.callees()
        self.schedule.pace.patient = not self._offline and self.mode() == "shadow"
        self.schedule.tick(
            self.server.agents, bound, partial(opening, self), self.scales.in_program()
        )
        self.candidates.judge()
        self.rollout.watch()
        while not self.probation.findings.empty():
            found = self.probation.findings.get()
            self.rollout.found(found.address, found.rewrite, found.kind, found.reason)
        while not self.probation.learned.empty():
            self.rollout.learned(*self.probation.learned.get())
        if self.changed.is_set():
            self._converge()

    def _take_weighings(self) -> None:
        results, self.scales.results = self.scales.results, []
        for address, found in results:
            live = self.graph.node(address)
            if isinstance(found, str):
                live.unweighed = found
            elif isinstance(found, Timing):
                live.timed(found)
            else:
                live.weighed(found)
                live.unweighed = ""

    def _converge(self) -> None:
        self.changed.clear()
        self.rollout.refresh()
        self.rollout.sync(self.server.agents)
        for agent in self.server.agents:
            agent.send({"t": "converge"})

    def _standing(self, address: str) -> dict[str, Any]:
        progress = self.candidates.of(address)
        node = self.modules.find(address)
        return {
            "verdicts": [v.text() for v in progress.verdicts],
            "outcomes": [v.outcome.value for v in progress.verdicts],
            "state": progress.state or self.candidates.inner.within(address),
            "canary": self.rollout.in_canary(address),
            "blocked": node.blocked if node else "",
            "templates": self.workshop.possible.get(address, []),
            "refusals": self.workshop.refusals.get(address, []),
        }

    def _keep_inputs(self) -> None:
        if not self.settings.keep_inputs:
            return
        try:
            held = corpus.write(self, self.store.directory)
        except OSError as error:
            self.modules.problems.append(f"captured calls are not kept: {error}")
            return
        self.log("kept", "", f"captured calls of {held} functions", run=self.settings.run)

    def _ask(self) -> None:
        """Ask for calls of all hot nodes, while the worker is busy with one of them."""
        while not self.stopping.wait(ASK_S):
            try:
                ready = self.candidates.ready(self.may_work)
                if self.settings.keep_inputs and not self.store.is_off():
                    ready = self.candidates.ready(lambda _: True, hot=True)
                self.workshop.choice.ask(ready)
            except Exception as error:
                logger.exception("while asking for calls")
                self.log("internal-error", "", f"{type(error).__name__}: {error}")

    def _mutate(self) -> None:
        """The worker thread: one node at a time, until the engine stops."""
        while not self.stopping.wait(0.25):
            try:
                self._work()
            except Exception as error:
                logger.exception("while choosing a node")
                self.log("internal-error", "", f"{type(error).__name__}: {error}")

    def _work(self) -> None:
        if not self.store.is_off():
            self._weigh()
        node = self.workshop.choice.choose(self.candidates.ready(self.may_work))
        if node is None:
            if self.workshop.alone.is_set():
                self.workshop.idle.set()
            self._survey()
            return
        address = node.address
        try:
            self.workshop.work_on(node)
        except Skipped as skip:
            self.candidates.of(address).state = skip.reason
            self.log("refused", address, skip.reason)
        except Interrupted as end:
            self.candidates.of(address).state = str(end)
            self.log("interrupted", address, str(end))
        except Exception as error:
            self.candidates.finished(address)
            self.candidates.of(address).state = f"an error inside selfsame: {error}"
            logger.exception("while working on %s", address)
            self.log("internal-error", address, f"{type(error).__name__}: {error}")

    def _survey(self) -> None:
        began = time.monotonic()
        if began >= self._survey_due:
            self.workshop.survey()
            self._survey_due = time.monotonic() + SURVEYING * (time.monotonic() - began)

    def _survey_at_the_end(self) -> None:
        """What could be tried on the nodes that matter: facts that take too long are given up."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            hurry(True)

        timer = threading.Timer(SURVEY_S, give_up)
        timer.start()
        try:
            for _ in range(SURVEYED):
                if late.is_set():
                    break
                self.workshop.survey(late.is_set)
        finally:
            timer.cancel()
            timer.join()
            hurry(False)

    def _weigh(self) -> None:
        try:
            self.scales.step()
        except Exception as error:
            logger.exception("while weighing")
            self.log("internal-error", "", f"{type(error).__name__}: {error}")
