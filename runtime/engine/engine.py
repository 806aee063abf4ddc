"""The engine: one loop thread that listens, judges and rolls out; one worker thread that mutates.

The loop never waits for a build or a trial. If the engine dies, programs go on with the code they
have; what it knows that matters is in the store.
"""

import logging
import os
import socket
import threading
import time
from collections import Counter
from typing import Any

from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.constraints import Constraints
from selfsame.runtime.engine.deaths import Deaths
from selfsame.runtime.engine.eligibility import globals_wanted
from selfsame.runtime.engine.modules import Key, Modules, Node
from selfsame.runtime.engine.probation import Probation
from selfsame.runtime.engine.rollout import Rollout, constants_of
from selfsame.runtime.engine.scales import Scales
from selfsame.runtime.engine.schedule import (
    CALLS,
    CAPTURE_BUDGET,
    CAPTURE_CALLS,
    CAPTURE_S,
    FIRST_LOOK_S,
    LONGEST_S,
    LONGEST_SLICE_S,
    MEMORY_WINDOW_S,
    SHAPE_CALLS,
    SHAPE_S,
    Schedule,
)
from selfsame.runtime.engine.server import Agent, Server
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.link.wire import Message
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.kept import Kept, written
from selfsame.runtime.monitor.seen import Timing, Window
from selfsame.runtime.mutation.mutate import Interrupted
from selfsame.runtime.mutation.workshop import SURVEYED, LiveWorkshop
from selfsame.runtime.versions import clock
from selfsame.runtime.versions.store import Store

TICK_S = 0.1
SNAPSHOT_S = 1.0
KEEP_S, KEEPING = 5.0, 20  # at least so long, and times what it takes
GRACE_S = 10.0

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
        self.modules = Modules(settings.roots)
        self.captures = Captures()
        self.constraints = Constraints(settings.cdl, self.modules)
        self.candidates = Candidates(self.modules, self.graph, None, settings.hot)
        self.probation = Probation(self)
        self.deaths = Deaths()
        self.schedule = Schedule(self.modules, self.graph, self.captures, self.probation.captures)
        self.changed = threading.Event()
        self.rollout = Rollout(
            store,
            self.modules,
            self.graph,
            self.log,
            self.candidates.violated_for_good,
            self.candidates.rules,
            self.changed.set,
            self.probation.holds,
        )
        self.server = Server(listener, self._on_message, self._on_gone)
        self.stopping = threading.Event()
        self.leaving = threading.Event()
        self.hurried = threading.Event()
        self.workshop = LiveWorkshop(self)
        self.scales = Scales(self)
        self._handlers = {
            "hello": self._hello,
            "functions": self._functions,
            "samples": self._samples,
            "window": self._window,
            "captured": self._captured,
            "shaped": self._shaped,
            "weighed": self._weighed,
            "installed": self._installed,
            "removed": self._removed,
            "deopts": self._deopts,
            "problem": self._problem,
            "bye": self._bye,
        }
        self._seen_agents = 0
        self._started = time.monotonic()

    def run(self) -> None:
        """Serve until told to leave and no agent is left, or none has come back for a while."""
        self.rollout.refresh()
        self.log("started", "", f"mode {self.settings.mode}", run=self.settings.run)
        worker = threading.Thread(target=self._mutate, name="mutation", daemon=True)
        worker.start()
        comparing = threading.Thread(target=self.probation.run, name="probation", daemon=True)
        comparing.start()
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
        self.workshop.cancel.set()
        self.probation.cancel.set()
        worker.join(timeout=5.0)
        comparing.join(timeout=5.0)
        for _ in range(SURVEYED):
            self.workshop.survey()
        if self.candidates.binding is None:  # a program without functions: no constraint has a node
            self.candidates.binding = self.constraints.bind()
        self.scales.close()
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
            for a in self.candidates.bound()
            if a not in known
        ]
        data.update(
            run=self.settings.run,
            command=list(self.settings.command),
            mode=self.mode(),
            cdl=list(self.settings.cdl),
            agents=[agent.pid for agent in self.server.agents],
            processes=self._seen_agents,
            functions=len(self.modules.nodes),
            left_alone=Counter(n.blocked for n in self.modules.nodes.values() if n.blocked),
            problems=self.modules.problems[-20:] + self.constraints.problems,
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
        bound = self.candidates.bound()
        self._take_weighings()
        self.schedule.shares = self.rollout.shares()
        self.schedule.edges = self.candidates.callees()
        self.schedule.tick(self.server.agents, bound, self._open_message, self.scales.in_program())
        self.candidates.judge()
        self.rollout.watch()
        while not self.probation.findings.empty():
            found = self.probation.findings.get()
            self.rollout.found(found.address, found.rewrite, found.kind, found.reason)
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
            "state": progress.state,
            "canary": self.rollout.in_canary(address),
            "blocked": node.blocked if node else "",
            "templates": self.workshop.possible.get(address, []),
            "refusals": self.workshop.refusals.get(address, []),
        }

    def _mutate(self) -> None:
        """The worker thread: one node at a time, until the engine stops."""
        while not self.stopping.wait(0.25):
            if not self.store.is_off():
                self._weigh()
            node = self.workshop.choose(self.candidates.ready(self._may_work))
            if node is None:
                if self.workshop.alone.is_set():
                    self.workshop.idle.set()
                self.workshop.survey()
                continue
            address = node.address
            try:
                self.workshop.work_on(node)
            except Skipped as skip:
                self.candidates.finished(address)
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

    def _weigh(self) -> None:
        try:
            self.scales.step()
        except Exception as error:
            logger.exception("while weighing")
            self.log("internal-error", "", f"{type(error).__name__}: {error}")

    def _may_work(self, address: str) -> bool:
        idle = self.mode(address) == "watch" or self.rollout.frozen
        return not idle and not self.store.is_off()

    # messages

    def _on_message(self, agent: Agent, message: Message) -> None:
        handler = self._handlers.get(message["t"])
        if handler is None:
            return
        try:
            handler(agent, message)
        except Exception:
            logger.exception("on a %r message of process %d", message["t"], agent.pid)

    def _on_gone(self, agent: Agent) -> None:
        self.scales.forget(agent.pid)
        opened = self.schedule.rewrites(agent)
        self.schedule.forget(agent)
        self.rollout.forget(agent)
        if agent.hello is not None:
            self.deaths.left(agent.pid, {**self.rollout.tried(), **agent.rewrites, **opened})

    def _hello(self, agent: Agent, message: Message) -> None:
        agent.hello = message
        self.deaths.watch(agent.pid)
        self._seen_agents += 1
        self.workshop.program = message
        agent.send(
            {
                "t": "welcome",
                "tick_s": 0.02,
                "mode": self.settings.mode,
                "roots": list(self.settings.roots),
                "leave": list(self.settings.leave),
            }
        )

    def _functions(self, agent: Agent, message: Message) -> None:
        hello = agent.hello or {}
        is_main = message["module"] == hello.get("main")
        fresh = self.modules.register(
            message["module"], message["file"], message["rows"], hello.get("optimize", 0), is_main
        )
        for node in fresh:
            self.kept.node(self.graph, node.address, node.content_hash)
        if fresh:
            self.candidates.binding = self.constraints.bind()
        self.rollout.sync(self.server.agents)
        agent.send({"t": "converge"})

    def _samples(self, agent: Agent, message: Message) -> None:
        self.schedule.pace.spent(id(agent), message["agent_cpu"], message["cpu"], message["span"])
        program = self.graph.program
        program.wall_s += message["span"]
        program.cpu_s += message["cpu"]
        program.agent_cpu_s += message["agent_cpu"]
        program.samples += message["n"]
        program.python += message["python"]
        program.native += message["native"]
        program.waiting += message["waiting"]
        program.foreign += message["foreign"]
        for key, own, total, native, waiting in message["rows"]:
            node = self.modules.keys.get(tuple(key))
            if node is None and key is not None and key[1] == "<module>":
                program.once += own + native
            if node is not None:
                live = self.graph.node(node.address)
                live.own += own
                live.total += total
                live.native += native
                live.waiting += waiting

    def _window(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        opened = self.schedule.closed(agent, key, message["calls"], str(message["closed"]))
        node = self.modules.keys.get(key)
        if node is None:
            return
        if str(message.get("closed", "")).startswith("stood down"):
            self.modules.block(node.address, message["closed"])
        if opened is not None and opened.kind == "slice":
            self.rollout.saw(node.address, opened.rewrite, message["calls"])
        if not message["calls"] and message["closed"] == "time":
            self.graph.node(node.address).quiet_s += message["span_ns"] / 1e9
        if message["calls"]:
            self.graph.saw(
                node.address,
                Window(
                    time.monotonic(),
                    message["calls"],
                    message["total_ns"],
                    message["own_ns"],
                    message["errors"],
                    message["buckets"],
                    message["span_ns"],
                    opened.rewrite if opened else "",
                    message.get("outermost", 0),
                    message.get("slowed", 1.0),
                ),
            )

    def _captured(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        opened = self.schedule.closed(agent, key)
        spent_s = message["spent_ns"] / 1e9
        self.schedule.pace.captured(id(agent), spent_s, time.monotonic())
        node = self.modules.keys.get(key)
        if node is not None:
            calls = [(bytes(payload), int(ns)) for payload, ns in message["calls"]]
            taken = self.probation if self.probation.takes(node.address) else self.captures
            taken.add(node.address, calls, message["refused"], message["seen"])
            looked_at = len(calls) + sum(message["refused"].values())
            unseen = looked_at * self._one_in(node.address) - message["seen"]
            if opened is not None and unseen > 0 and message["seen"]:
                # A window begins with a captured call, however few follow.
                a_call_s = (time.monotonic() - opened.since) / message["seen"]
                self.schedule.rest(agent, key, unseen * a_call_s)

    def _shaped(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        self.schedule.closed(agent, key)
        self.schedule.pace.shaped(id(agent), message["spent_ns"] / 1e9, time.monotonic())
        node = self.modules.keys.get(key)
        if node is not None and message["calls"]:
            self.graph.edges.saw(node.address, message, time.monotonic(), self._caller)

    def _caller(self, key: Any) -> tuple[str, str] | None:
        """The address of a caller, and the rewrite that it runs."""
        node = self.modules.keys.get(tuple(key)) if key is not None else None
        return (node.address, self.graph.node(node.address).rewrite) if node is not None else None

    def _weighed(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        self.schedule.closed(agent, key)
        node = self.modules.keys.get(key)
        if node is not None:
            self.scales.take(node, message)

    def _installed(self, agent: Agent, message: Message) -> None:
        address, rewrite = message["address"], message["rewrite"]
        if message["ok"]:
            self.graph.node(address).rewrite = agent.rewrites[address] = rewrite
            self.log("installed", address, f"in process {agent.pid}", rewrite=rewrite)
        elif message.get("here"):
            kind = "waiting" if message.get("waits") else "left-out"
            self.log(kind, address, f"in process {agent.pid}: {message['reason']}", rewrite=rewrite)
        else:
            self.rollout.failed(address, rewrite, message["reason"])
            self.changed.set()

    def _removed(self, agent: Agent, message: Message) -> None:
        live = self.graph.node(message["address"])
        live.rewrite = ""
        agent.rewrites.pop(message["address"], None)
        live.deopts = live.rewritten_calls = 0
        self.log("removed", message["address"], message["reason"], rewrite=message["rewrite"])

    def _deopts(self, agent: Agent, message: Message) -> None:
        live = self.graph.node(message["address"])
        live.deopts += message["deopts"]
        live.rewritten_calls += message["calls"]

    def _bye(self, agent: Agent, message: Message) -> None:
        self.deaths.forget(agent.pid)

    def _problem(self, agent: Agent, message: Message) -> None:
        self.log("problem", "", f"process {agent.pid}: {message['what']}: {message['reason']}")

    def _open_message(self, agent: Agent, node: Node, kind: str) -> dict[str, object] | None:
        """The ``open`` message for a window, or None where it cannot be opened."""
        address = node.address
        rewrite = self.graph.node(address).rewrite
        message: dict[str, object] = {"t": "open", "key": node.key, "kind": kind}
        # The first look at a node says whether it matters: what is heavy is soon worked on.
        calls, longest = CALLS, LONGEST_S if self.graph.node(address).windows else FIRST_LOOK_S
        if kind == "slice":
            entry = self.rollout.canaries.get(address)
            if rewrite or entry is None:
                return None
            rewrite, kind = entry.rewrite, "time"
            message |= {"kind": kind, "slice": True, "relied": self.rollout.relied(entry)}
            calls, longest = self.schedule.slice_calls(address), LONGEST_SLICE_S
        probe = {"memory": "time", "shape": "capture"}.get(kind, kind)
        try:
            if rewrite:
                message |= {
                    "address": address,
                    "rewrite": rewrite,
                    "code": self.rollout.twin(rewrite, probe),
                    "constants": constants_of(self.rollout.variation(rewrite)),
                }
            else:
                message["code"] = node.module.twin(node.definition, probe)
        except Skipped as skip:
            if kind != "shape":  # it may be timed all the same
                self.modules.block(address, skip.reason)
            return None
        if kind == "shape":
            return message | {"calls": SHAPE_CALLS, "max_s": SHAPE_S}
        if kind == "time":
            return message | {"calls": calls, "max_s": longest}
        if kind == "memory":
            path = self.scales.new_file(agent.pid)
            return message | {"path": path, "max_s": MEMORY_WINDOW_S} if path else None
        one_in = self._one_in(address)
        return message | {
            "calls": max(CAPTURE_CALLS, one_in),
            "max_s": CAPTURE_S,
            "rate": one_in,
            "budget": CAPTURE_BUDGET,
            "globals": globals_wanted(node),
        }

    def _one_in(self, address: str) -> int:
        """Of how many calls one is captured for trials: CDL's `shadow_rate`, or every one."""
        share = self.candidates.rules(address).shadow_rate
        if share is None or self.probation.takes(address):
            return 1
        return max(1, round(1 / max(share, 1e-6)))
