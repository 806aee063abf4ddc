"""What agents report: each kind of message, and where in the engine it goes."""

import logging
import time
from typing import TYPE_CHECKING, Any

from selfsame.runtime.engine.modules import Key
from selfsame.runtime.engine.opening import one_in
from selfsame.runtime.engine.pace import PROBE_S
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.engine.watch import FORGOTTEN_CALLS
from selfsame.runtime.link.wire import Message, whole
from selfsame.runtime.monitor.seen import Window

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

logger = logging.getLogger("selfsame.engine")

REST_S = 1.0  # of a node of which a capture window had nothing
WINDOW_S = 0.001  # that a capture window takes the agent, besides capturing: code comes, is put in and taken out


class Inbox:
    """Takes the messages of all agents, on the engine's loop thread."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self.agents_seen = 0
        self.ended = 0
        self.outside: set[str] = set()
        self._handlers = {
            "hello": self._hello,
            "path": self._path,
            "functions": self._functions,
            "samples": self._samples,
            "window": self._window,
            "piece": self._piece,
            "captured": self._captured,
            "shaped": self._shaped,
            "weighed": self._weighed,
            "installed": self._installed,
            "removed": self._removed,
            "deopts": self._deopts,
            "outside": self._outside,
            "problem": self._problem,
            "bye": self._bye,
        }

    def take(self, agent: Agent, message: Message) -> None:
        """One message; what goes wrong with it is logged."""
        handler = self._handlers.get(message["t"])
        if handler is None:
            return
        try:
            handler(agent, message)
        except Exception:
            logger.exception("on a %r message of process %d", message["t"], agent.pid)

    def gone(self, agent: Agent) -> None:
        """The connection is closed: the process has ended, or its agent has."""
        self._engine.scales.forget(agent.pid)
        opened = self._engine.schedule.rewrites(agent)
        self._engine.schedule.forget(agent)
        self._engine.rollout.forget(agent)
        if agent.hello is not None:
            self._engine.deaths.left(
                agent.pid, {**self._engine.rollout.tried(), **agent.rewrites, **opened}
            )

    def _hello(self, agent: Agent, message: Message) -> None:
        agent.hello = message
        self._engine.schedule.pace.began(id(agent), time.monotonic())
        self._engine.deaths.watch(agent.pid)
        self.agents_seen += 1
        self._engine.workshop.program = message
        self._looks_in(message)
        agent.send(
            {
                "t": "welcome",
                "tick_s": 0.02,
                "mode": self._engine.settings.mode,
                "roots": list(self._engine.settings.roots),
                "leave": list(self._engine.settings.leave),
            }
        )

    def _path(self, agent: Agent, message: Message) -> None:
        if agent.hello is not None:
            agent.hello["path"] = message["path"]
            self._looks_in(agent.hello)

    def _looks_in(self, hello: Message) -> None:
        """Where the program looks for modules: what is not there is never imported."""
        self._engine.modules.installed.path = (hello.get("path", []), hello.get("cwd", ""))

    def _functions(self, agent: Agent, message: Message) -> None:
        hello = agent.hello or {}
        is_main = message["module"] == hello.get("main")
        fresh = self._engine.modules.register(
            message["module"], message["file"], message["rows"], hello.get("optimize", 0), is_main
        )
        for node in fresh:
            self._engine.kept.node(self._engine.graph, node.address, node.content_hash)
        if fresh:
            self._engine.candidates.binding = self._engine.constraints.bind()
        self._engine.rollout.sync(self._engine.server.agents)
        agent.send({"t": "converge"})

    def _samples(self, agent: Agent, message: Message) -> None:
        self._engine.schedule.pace.spent(
            id(agent), message["agent_cpu"], message["cpu"], message["span"]
        )
        program = self._engine.graph.program
        program.wall_s += message["span"]
        program.cpu_s += message["cpu"]
        program.agent_cpu_s += message["agent_cpu"]
        program.samples += message["n"]
        program.python += message["python"]
        program.native += message["native"]
        program.waiting += message["waiting"]
        program.foreign += message["foreign"]
        for key, own, total, native, waiting in message["rows"]:
            node = self._engine.modules.keys.get(tuple(key))
            if node is None and key is not None and key[1] == "<module>":
                program.once += own
            if node is not None:
                live = self._engine.graph.node(node.address)
                live.own += own
                live.total += total
                live.native += native
                live.waiting += waiting

    def _window(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        opened = self._engine.schedule.closed(
            agent, key, message["calls"], str(message["closed"]), message["passes"]
        )
        node = self._engine.modules.keys.get(key)
        if node is None:
            return
        if str(message.get("closed", "")).startswith("stood down"):
            self._engine.modules.block(node.address, message["closed"])
        if opened is not None and opened.kind == "slice":
            self._engine.rollout.saw(node.address, opened.rewrite, message["calls"])
        if not message["calls"] and message["closed"] == "time":
            self._engine.graph.node(node.address).quiet_s += message["span_ns"] / 1e9
        slowed = self._engine.schedule.pace.slowed(message["canary"], message["waited"])
        rewrite = opened.rewrite if opened else ""
        for address, seen in ((node.address, message), *message.get("inner", {}).items()):
            if seen["calls"]:
                self._engine.graph.saw(
                    address,
                    Window(
                        time.monotonic(),
                        seen["calls"],
                        seen["total_ns"],
                        seen["own_ns"],
                        seen["errors"],
                        seen["buckets"],
                        seen["span_ns"],
                        rewrite,
                        seen.get("outermost", 0),
                        slowed,
                    ),
                )

    def _piece(self, agent: Agent, message: Message) -> None:
        agent.pieces += message["data"]

    def _captured(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        parts, agent.pieces = agent.pieces, []
        opened = self._engine.schedule.closed(agent, key)
        schedule = self._engine.schedule
        spent_s = WINDOW_S + message["spent_ns"] / 1e9 + message["passes"] * PROBE_S
        vain = bool(message["refused"] and not message["calls"])
        schedule.pace.captured(id(agent), key, spent_s, time.monotonic(), vain)
        node = self._engine.modules.keys.get(key)
        if node is not None:
            payloads = whole(parts, [size for size, _ in message["calls"]])
            calls = [(p, int(ns)) for p, (_, ns) in zip(payloads, message["calls"], strict=True)]
            engine, refused = self._engine, message["refused"]
            # Those that came when the window had taken its time were not looked at.
            if engine.probation.takes(node.address):
                engine.probation.add(node.address, calls, refused, len(calls))
            else:
                nested = frozenset(message["nested"])
                engine.captures.add(node.address, calls, refused, len(calls), nested)
            looked_at = len(calls) + sum(message["refused"].values())
            unseen = looked_at * one_in(self._engine, node.address) - message["seen"]
            if not message["seen"]:  # no call came, or there is no function to put a probe into
                schedule.rest(agent, key, REST_S)
            elif opened is not None and unseen > 0:
                # A window begins with a captured call, however few follow.
                a_call_s = (time.monotonic() - opened.since) / message["seen"]
                schedule.rest(agent, key, unseen * a_call_s)

    def _shaped(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        self._engine.schedule.closed(agent, key)
        self._engine.schedule.pace.shaped(id(agent), message["spent_ns"] / 1e9, time.monotonic())
        node = self._engine.modules.keys.get(key)
        if node is not None and message["calls"]:
            self._engine.graph.edges.saw(node.address, message, time.monotonic(), self._caller)

    def _caller(self, key: Any) -> tuple[str, str] | None:
        """The address of a caller, and the rewrite that it runs."""
        node = self._engine.modules.keys.get(tuple(key)) if key is not None else None
        return (
            (node.address, self._engine.graph.node(node.address).rewrite)
            if node is not None
            else None
        )

    def _weighed(self, agent: Agent, message: Message) -> None:
        key: Key = tuple(message["key"])
        self._engine.schedule.closed(agent, key)
        node = self._engine.modules.keys.get(key)
        if node is not None:
            self._engine.scales.take(node, message)

    def _installed(self, agent: Agent, message: Message) -> None:
        address, rewrite = message["address"], message["rewrite"]
        if message["ok"]:
            self._engine.graph.node(address).rewrite = agent.rewrites[address] = rewrite
            self._engine.log("installed", address, f"in process {agent.pid}", rewrite=rewrite)
        elif message.get("here"):
            kind = "waiting" if message.get("waits") else "left-out"
            self._engine.log(
                kind, address, f"in process {agent.pid}: {message['reason']}", rewrite=rewrite
            )
        else:
            self._engine.rollout.failed(address, rewrite, message["reason"])
            self._engine.changed.set()

    def _removed(self, agent: Agent, message: Message) -> None:
        live = self._engine.graph.node(message["address"])
        live.rewrite = ""
        agent.rewrites.pop(message["address"], None)
        live.deopts = live.rewritten_calls = 0
        self._engine.log(
            "removed", message["address"], message["reason"], rewrite=message["rewrite"]
        )

    def _deopts(self, agent: Agent, message: Message) -> None:
        live = self._engine.graph.node(message["address"])
        live.deopts += message["deopts"]
        live.rewritten_calls += message["calls"]
        if live.rewritten_calls > FORGOTTEN_CALLS:
            live.deopts, live.rewritten_calls = live.deopts // 2, live.rewritten_calls // 2

    def _outside(self, agent: Agent, message: Message) -> None:
        self.outside.update(message["effects"])

    def _bye(self, agent: Agent, message: Message) -> None:
        self.ended += 1
        self._engine.deaths.forget(agent.pid)

    def _problem(self, agent: Agent, message: Message) -> None:
        self._engine.log(
            "problem", "", f"process {agent.pid}: {message['what']}: {message['reason']}"
        )
