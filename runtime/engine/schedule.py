"""Which windows to open, and when: wanted captures first, then bound nodes, hot ones, the rest in turn.

A window closes itself after its calls; what is decided here is only how often one is opened. Pauses
grow where watching costs more than its budget (``pace.py``): of bound nodes last. A node whose window
closed by time is called rarely: windows that are seldom open would miss it, so its next one opens at
once, and its probe is nearly always on.
"""

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.modules import Key, Modules, Node
from selfsame.runtime.engine.pace import Pace
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import FEWEST_REPLAYS

CALLS = 200
INTERVAL_S, BOUND_INTERVAL_S = 1.0, 0.25
LONGEST_S = 4.0
FIRST_LOOK_S = 1.0
HOT = 12
TURN = 2
SLICE_S = 0.25
SLICE_CALLS = 20
LONGEST_SLICE_S = 10.0
SHORTEST_PAUSE_S = 0.2
CAPTURE_CALLS = 400
CAPTURE_S, CAPTURE_SOON_S, CAPTURE_PAUSE_S = 5.0, 1.0, 0.05
CAPTURE_LENGTHS = 10
BY_WEIGHT = 0.75  # of the time for captures: what matters most is worked on first
SHAPE_CALLS, SHAPE_S = 50, 2.0
SHAPE_PAUSE_S, SHAPE_BOUND_PAUSE_S = 10.0, 0.5
MEMORY_S, MEMORY_SOON_S = 30.0, 5.0
MEMORY_WINDOW_S = 2.0


@dataclass
class Open:
    """One window that an agent has open (or was asked to open)."""

    kind: str
    since: float
    rewrite: str = ""


@dataclass
class Schedule:
    """Keeps the windows of all agents. ``tick`` is called a few times a second."""

    modules: Modules
    graph: LivingGraph
    captures: Captures
    probation: Captures
    open: dict[tuple[int, Key], Open] = field(default_factory=dict)
    closed_at: dict[tuple[int, Key], float] = field(default_factory=dict)
    slice_due: dict[tuple[int, Key], float] = field(default_factory=dict)
    capture_due: dict[tuple[int, Key], float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    _bound: frozenset[str] = frozenset()
    _ticks: int = 0
    weighed_at: dict[str, float] = field(default_factory=dict)
    edges: Sequence[str] = ()
    shaped_at: dict[str, float] = field(default_factory=dict)
    _turn: int = 0

    def tick(
        self,
        agents: Sequence[Agent],
        bound: Iterable[str],
        twin: "TwinOf",
        heavy: Iterable[str] = (),
    ) -> None:
        """Open what is due in every agent; of ``heavy``, one memory window in one of them."""
        now = time.monotonic()
        self._ticks += 1
        self._bound = frozenset(bound)
        self._expire(now)
        self._open_memory(agents, heavy, now, twin)
        for address in self.shares:
            self._open_all(agents, address, "slice", now, twin)
        capturing = [*self.captures.wanted(), *self.probation.wanted()]
        self._open_captures(agents, capturing, now, twin)
        busy = set(capturing)
        hottest, in_turn = self.graph.hottest(HOT), self._in_turn(agents)
        shaped = (*self.edges, *hottest, *in_turn)
        for address in sorted(dict.fromkeys(shaped), key=self._shape_due):
            if address not in busy:
                self._open_all(agents, address, "shape", now, twin)
        for address in itertools.chain(self.shares, self._bound, hottest, in_turn):
            if address not in busy:
                busy.add(address)
                self._open_all(agents, address, "time", now, twin)

    def _open_captures(
        self, agents: Iterable[Agent], addresses: Iterable[str], now: float, twin: "TwinOf"
    ) -> None:
        """Capture windows: what time a process has for them goes to each by how much it matters."""
        nodes = {n.key: n for a in addresses if (n := self.modules.find(a)) and not n.blocked}
        weights = {key: self.graph.weight(node.address) for key, node in nodes.items()}
        whole, equal = sum(weights.values()) or 1.0, 1 / max(1, len(nodes))
        shares = {
            key: (1 - BY_WEIGHT) * equal + BY_WEIGHT * weight / whole
            for key, weight in weights.items()
        }
        for agent in agents:
            for key in self.pace.in_turn(id(agent), shares):
                self._open_capture(agent, nodes[key], shares[key], now, twin)

    def _open_capture(
        self, agent: Agent, node: Node, share: float, now: float, twin: "TwinOf"
    ) -> None:
        if not self._is_free(agent, node) or not self._is_due(agent, node, "capture", now):
            return
        seconds = self.pace.promise(id(agent), node.key, share, now)
        most_ns = int(seconds * 1e9)
        if seconds and not self._open(agent, node, "capture", now, twin, most_ns=most_ns):
            self.pace.captured(id(agent), node.key, 0.0, now)

    def _open_memory(
        self, agents: Sequence[Agent], heavy: Iterable[str], now: float, twin: "TwinOf"
    ) -> None:
        """A memory window, where one is due: it slows the whole program, so there is one at most."""
        if any(window.kind == "memory" for window in self.open.values()):
            return
        for address in heavy:
            live, node = self.graph.node(address), self.modules.find(address)
            few = len(live.peaks(live.rewrite)) < FEWEST_REPLAYS
            due = self.weighed_at.get(address, 0.0) + (MEMORY_SOON_S if few else MEMORY_S)
            if node is None or now < due:
                continue
            free = [agent for agent in agents if self._is_free(agent, node)]
            if not free:
                continue
            self.weighed_at[address] = now
            self._open(free[self._turn % len(free)], node, "memory", now, twin)
            return

    def closed(
        self, agent: Agent, key: Key, calls: int = 0, why: str = "", passes: int = 0
    ) -> Open | None:
        """An agent says that a window closed after so many calls, which ran on so often; returns what it was."""
        slot, now = (id(agent), key), time.monotonic()
        window = self.open.pop(slot, None)
        self.pace.closed(id(agent), passes)
        if window is not None and window.kind == "shape":
            return window
        if window is None or window.kind != "slice":
            rare = why == "time" and calls
            self.closed_at[slot] = 0.0 if rare else now
            return window
        node = self.modules.keys.get(key)
        share = self.shares.get(node.address, 0.0) if node is not None else 0.0
        # The time that was waited for the message counts as the rewrite's: the share is a most.
        # Of a node that is called in bursts, the time between them is nobody's.
        ran = now - window.since
        if node is not None and why == "time":
            ran = min(ran, SLICE_S * calls / self.slice_calls(node.address))
        pause = ran * (1 - share) / share if share else 0.0
        self.slice_due[slot] = now + max(SHORTEST_PAUSE_S, pause)
        return window

    def capture_s(self, address: str) -> float:
        """How long a capture window stays open: what it took is known when it closes, so not longer
        than some calls need; a call that has not ended by then is lost.
        """
        mean_s = self.graph.node(address).recent(rewrite="").mean_s
        needed = CAPTURE_S if mean_s is None else CAPTURE_LENGTHS * mean_s
        return min(CAPTURE_S, max(CAPTURE_SOON_S, needed))

    def rest(self, agent: Agent, key: Key, pause_s: float) -> None:
        """Open no capture of a node for a while: its share of the calls is used up."""
        self.capture_due[id(agent), key] = time.monotonic() + pause_s

    def slice_calls(self, address: str) -> int:
        """How many calls a slice has: a quarter of a second of them, 5 to 200."""
        live = self.graph.node(address).recent(rewrite="")
        rate = live.calls / (live.span_ns / 1e9) if live.span_ns else SLICE_CALLS / SLICE_S
        return max(5, min(CALLS, int(rate * SLICE_S)))

    def rewrites(self, agent: Agent) -> dict[str, str]:
        """The rewrites that windows of an agent run, or were asked to run: id by address."""
        return {
            self.modules.keys[key].address: window.rewrite
            for (number, key), window in self.open.items()
            if number == id(agent) and window.rewrite and key in self.modules.keys
        }

    def forget(self, agent: Agent) -> None:
        """An agent is gone, and its windows with it."""
        self.pace.forget(id(agent))
        for table in (self.open, self.closed_at, self.slice_due, self.capture_due):
            for entry in [e for e in table if e[0] == id(agent)]:
                del table[entry]

    def _in_turn(self, agents: Sequence[Agent]) -> list[str]:
        addresses = list(self.modules.nodes)
        slowest = max((self.pace.stretch(id(agent)) for agent in agents), default=1.0)
        if not addresses or self._ticks % round(slowest):
            return []
        self._turn = (self._turn + TURN) % len(addresses)
        return [addresses[(self._turn + i) % len(addresses)] for i in range(TURN)]

    def _expire(self, now: float) -> None:
        """Forget windows whose closing message never came."""
        for entry, window in list(self.open.items()):
            if now - window.since > LONGEST_SLICE_S * 2:
                del self.open[entry]
                if window.kind == "capture":
                    self.pace.captured(*entry, 0.0, now)

    def _open_all(
        self, agents: Sequence[Agent], address: str, kind: str, now: float, twin: "TwinOf"
    ) -> None:
        node = self.modules.find(address)
        if node is None or node.blocked:
            return
        for agent in agents:
            if self._is_free(agent, node) and self._is_due(agent, node, kind, now):
                self._open(agent, node, kind, now, twin)

    def _open(
        self, agent: Agent, node: Node, kind: str, now: float, twin: "TwinOf", **more: object
    ) -> bool:
        """Ask an agent to open a window; whether there is a twin for it."""
        message = twin(agent, node, kind)
        if kind == "shape":
            self.shaped_at[node.address] = now
        if message is None:
            return False
        self.open[id(agent), node.key] = Open(kind, now, str(message.get("rewrite", "")))
        agent.send(message | more)
        return True

    def _is_free(self, agent: Agent, node: Node) -> bool:
        return agent.hello is not None and (id(agent), node.key) not in self.open

    def _is_due(self, agent: Agent, node: Node, kind: str, now: float) -> bool:
        """Whether a window may be opened now: it has paused long enough, within its budget."""
        number, slot = id(agent), (id(agent), node.key)
        closed_at = self.closed_at.get(slot, 0.0)
        match kind:
            case "slice":
                return now >= self.slice_due.get(slot, 0.0)
            case "shape":
                return self._may_shape(number, node.address, now)
            case "capture":
                due = max(self.capture_due.get(slot, 0.0), closed_at + CAPTURE_PAUSE_S)
                return now >= due
            case _:
                return now >= closed_at + self._pause_s(number, node.address)

    def _pause_s(self, number: int, address: str) -> float:
        """Seconds between time windows on a node: its share of what watching may cost."""
        # Original and rewrite are compared as they are now, so both are timed as often.
        pause = SHORTEST_PAUSE_S if address in self.shares else INTERVAL_S
        if address in self._bound:
            return min(pause, BOUND_INTERVAL_S)
        return pause if address in self.shares else pause * self.pace.stretch(number)

    def _may_shape(self, number: int, address: str, now: float) -> bool:
        """Whether a shape window is due: one at a time in a process, and within its budget."""
        if any(w.kind == "shape" and process == number for (process, _), w in self.open.items()):
            return False
        wanted = address in self.edges
        return self.pace.may_shape(number, now, wanted) and now >= self._shape_due(address)

    def _shape_due(self, address: str) -> float:
        pause = SHAPE_BOUND_PAUSE_S if address in self.edges else SHAPE_PAUSE_S
        return self.shaped_at.get(address, -pause) + pause


TwinOf = Callable[[Agent, Node, str], dict[str, object] | None]
