"""The living graph: what is known of each node of the running programs, merged over processes.

Written by the engine's loop thread alone; other threads read copies (``snapshot``).
"""

import heapq
import time
from dataclasses import dataclass, field
from typing import Any

from selfsame.runtime.monitor.edges import Edges
from selfsame.runtime.monitor.seen import Earlier, Minute, Newest, Summary, Timing, Weighing, Window

KEPT_WINDOWS = 64
MOST_WINDOWS, MOST_MINUTES = 150_000, 500_000  # of all nodes together
FEW, SHOWN, RANKED = 5_000, 5_000, 64
RANKING = 20  # times as long as ranking took, until it is done again
KEPT_WEIGHINGS = 8
KEPT_MINUTES = 60
SPANS = {"1 min": 1, "5 min": 5, "1 h": 60}
ENOUGH_CALLS = 50
ENOUGH_LOOKS = 50
CALLEES = 0.1
"""What the time in other nodes that a node calls counts for it."""


@dataclass(slots=True)
class LiveNode:
    """The figures of one node. ``own``/``native``/``total``/``waiting`` count looks at the process.

    ``waiting`` is not part of ``total``. ``unweighed`` says why its memory is not measured.
    ``quiet_s`` adds up windows in which no call ended. ``earlier`` is what the original, as it is
    now, measured in an earlier run.
    """

    address: str
    windows: list[Window] = field(default_factory=list)
    own: int = 0
    native: int = 0
    total: int = 0
    waiting: int = 0
    minutes: list[Minute] = field(default_factory=list)
    weighings: list[Weighing] = field(default_factory=list)
    unweighed: str = ""
    timings: list[Timing] = field(default_factory=list)
    rewrite: str = ""
    quiet_s: float = 0.0
    deopts: int = 0
    rewritten_calls: int = 0
    earlier: Earlier | None = None

    def recent(
        self, now: float | None = None, over_s: float | None = None, rewrite: str | None = None
    ) -> Summary:
        """The windows of the last ``over_s`` seconds (all kept, if None) as one summary.

        With ``rewrite``, only windows in which that rewrite ran ("" is the original).
        """
        chosen = [
            w
            for w in list(self.windows)
            if (over_s is None or now is None or now - w.at <= over_s)
            and (rewrite is None or w.rewrite == rewrite)
        ]
        return Summary.of(chosen)

    def saw(self, window: Window, windows: Newest, minutes: Newest) -> None:
        """A time window closed: it is kept, and counted in its minute.

        ``windows`` and ``minutes`` bound what all nodes keep of them.
        """
        windows.add(self.windows, window, KEPT_WINDOWS)
        number = int(window.at // 60)
        if not self.minutes or self.minutes[-1].number != number:
            minutes.add(self.minutes, Minute(number), KEPT_MINUTES)
        minute = self.minutes[-1]
        minute.calls += window.calls
        minute.outermost += window.outermost or window.calls
        minute.total_ns += window.total_ns
        minute.errors += sum(window.errors.values())

    def spans(self, now: float) -> dict[str, dict[str, float]]:
        """The last minute, five minutes and hour: timed calls, errors, mean seconds of a call.

        Whole minutes of the clock, the one that runs included; a span without calls is left out.
        """
        found: dict[str, dict[str, float]] = {}
        for name, length in SPANS.items():
            first = int(now // 60) - length
            chosen = [m for m in list(self.minutes) if m.number > first]
            outermost = sum(m.outermost for m in chosen)
            if outermost:
                found[name] = {
                    "calls": sum(m.calls for m in chosen),
                    "errors": sum(m.errors for m in chosen),
                    "mean_s": sum(m.total_ns for m in chosen) / outermost / 1e9,
                }
        return found

    def weighed(self, weighing: Weighing) -> None:
        """Calls were weighed."""
        self.weighings.append(weighing)
        del self.weighings[:-KEPT_WEIGHINGS]

    def timed(self, timing: Timing) -> None:
        """Captured calls were timed in a worker."""
        self.timings.append(timing)
        del self.timings[:-KEPT_WEIGHINGS]

    def peaks(self, rewrite: str) -> tuple[int, ...]:
        """Peak bytes of the calls weighed while that rewrite ran ("" is the original)."""
        return tuple(p for w in list(self.weighings) if w.rewrite == rewrite for p in w.peaks)

    def allocations(self, rewrite: str) -> tuple[int, ...]:
        """Allocations of the calls weighed while that rewrite ran, where they could be counted."""
        return tuple(n for w in list(self.weighings) if w.rewrite == rewrite for n in w.allocations)

    def cpu_times(self, rewrite: str) -> tuple[float, ...]:
        """CPU seconds of the calls timed while that rewrite ran ("" is the original)."""
        chosen = (w for w in list(self.timings) if w.rewrite == rewrite)
        return tuple(ns / 1e9 for w in chosen for ns in w.nanoseconds)

    def memory(self) -> dict[str, Any]:
        """What is known of the node's memory now, as plain data; empty where nothing is."""
        found = [w for w in self.weighings if w.rewrite == self.rewrite]
        if not found:
            return {"unmeasured": self.unweighed} if self.unweighed else {}
        peaks = sorted(p for w in found for p in w.peaks)
        counts = sorted(n for w in found for n in w.allocations)
        return {
            "peak_bytes": peaks[-1],
            "median_bytes": peaks[len(peaks) // 2],
            "allocations": counts[len(counts) // 2] if counts else None,
            "calls": len(peaks),
            "how": found[-1].how,
            "pause_ns": sum(w.pause_ns for w in found),
            "rewritten": bool(self.rewrite),
            "original_peak_bytes": max(self.peaks(""), default=None),
        }


@dataclass(slots=True)
class ProgramTime:
    """Where the program's time went, over all its processes; seconds, and numbers of samples.

    ``python`` counts samples in the user's own Python, ``foreign`` in other Python code,
    ``native`` inside C calls, ``waiting`` in threads that used no CPU. Of the first, ``once`` were
    at the top level of modules, which runs once.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    agent_cpu_s: float = 0.0
    samples: int = 0
    python: int = 0
    foreign: int = 0
    native: int = 0
    waiting: int = 0
    once: float = 0.0

    def shares(self) -> dict[str, float]:
        """Shares of the sampled time of running threads: own, libraries, native; and waiting."""
        running = self.python + self.foreign + self.native
        everything = running + self.waiting
        if not everything:
            return {}
        return {
            "own_python": self.python / everything,
            "other_python": self.foreign / everything,
            "native": self.native / everything,
            "waiting": self.waiting / everything,
        }

    def once_share(self) -> float | None:
        """Share of the running time that code at the top level of modules took itself."""
        running = self.python + self.foreign + self.native
        return self.once / running if running >= ENOUGH_LOOKS else None

    def ceiling(self) -> float | None:
        """The speed-up if the user's own Python took no time at all, waiting left out (Amdahl)."""
        running = self.python + self.foreign + self.native
        if running < 50:
            return None
        return running / max(1, running - self.python)


class LivingGraph:
    """All nodes by address, and the program's time."""

    def __init__(self) -> None:
        self.nodes: dict[str, LiveNode] = {}
        self.program = ProgramTime()
        self.edges = Edges()
        self._windows, self._minutes = Newest(MOST_WINDOWS), Newest(MOST_MINUTES)
        self._hottest: list[str] = []
        self._ranked_again = 0.0

    def saw(self, address: str, window: Window) -> None:
        """A time window closed on a node."""
        self.node(address).saw(window, self._windows, self._minutes)

    def node(self, address: str) -> LiveNode:
        """The node's figures, made when first asked for."""
        found = self.nodes.get(address)
        if found is None:
            found = self.nodes[address] = LiveNode(address)
        return found

    def share(self, address: str) -> float | None:
        """Share of the running time that is inside the node, callees included; None where unknown.

        From the looks at the program; from the node's windows while there are too few of them.
        """
        node = self.nodes.get(address)
        program = self.program
        running = program.python + program.foreign + program.native
        if running >= ENOUGH_LOOKS:
            return node.total / running if node else 0.0
        if node is not None:
            seen = node.recent()
            if seen.calls >= ENOUGH_CALLS and seen.span_ns:
                return min(1.0, seen.total_ns / seen.span_ns)
        return None

    def weight(self, address: str) -> float:
        """How much it matters that a node gets faster: to choose what is worked on first.

        The share of the running time that it takes with C and library code, and a part of what it takes
        with the user's functions that it calls: those are rewritten by themselves, and called less at best.
        """
        share, node = self.share(address) or 0.0, self.nodes.get(address)
        if node is None or not node.total:
            return share
        return share * (CALLEES + (1 - CALLEES) * min(1.0, (node.own + node.native) / node.total))

    def restore_window(self, node: LiveNode, window: Window) -> None:
        """Keep a window that an engine before this one saw; its minute is counted already."""
        self._windows.add(node.windows, window, KEPT_WINDOWS)

    def restore_minute(self, node: LiveNode, minute: Minute) -> None:
        """Keep a minute that an engine before this one counted."""
        self._minutes.add(node.minutes, minute, KEPT_MINUTES)

    def hottest(self, count: int) -> list[str]:
        """Addresses by their share of the time, most first.

        Of very many nodes they are ranked anew only as often as takes a twentieth of the time.
        """
        began = time.monotonic()
        if len(self.nodes) <= FEW or count > RANKED or began >= self._ranked_again:
            shares = ((self.share(address) or 0.0, address) for address in list(self.nodes))
            ranked = heapq.nlargest(max(count, RANKED), (s for s in shares if s[0]))
            self._hottest = [address for _, address in ranked]
            self._ranked_again = began + RANKING * (time.monotonic() - began)
        return self._hottest[:count]

    def snapshot(self) -> dict[str, Any]:
        """The graph as plain data: what ``status`` shows and the store keeps.

        Of more than 5,000 nodes, those that run a rewrite and the ones that took the most time.
        """
        program = self.program
        return {
            "program": {
                "wall_s": program.wall_s,
                "cpu_s": program.cpu_s,
                "agent_cpu_s": program.agent_cpu_s,
                "samples": program.samples,
                "shares": program.shares(),
                "ceiling": program.ceiling(),
                "once": program.once_share(),
            },
            "nodes": [self._row(node) for node in self.shown()],
            "edges": self.edges.rows(),
        }

    def shown(self, most: int = SHOWN) -> list[LiveNode]:
        """The nodes that are worth a row, in the order in which they became known."""
        nodes = list(self.nodes.values())
        if len(nodes) <= most:
            return nodes
        chosen = heapq.nlargest(
            most, nodes, key=lambda n: (bool(n.rewrite), n.total, n.waiting, len(n.windows))
        )
        kept = {node.address for node in chosen}
        return [node for node in nodes if node.address in kept]

    def _row(self, node: LiveNode) -> dict[str, Any]:
        summary = node.recent()
        running = node.recent(rewrite=node.rewrite)
        original = node.recent(rewrite="")
        shape = self.edges.shapes.get(node.address)
        return {
            "address": node.address,
            "share": self.share(node.address),
            "own_samples": node.own,
            "native_samples": node.native,
            "total_samples": node.total,
            "waiting_samples": node.waiting,
            "calls": summary.calls,
            "errors": dict(summary.errors),
            "mean_s": running.mean_s,
            "p50_s": running.quantile_s(0.5),
            "p99_s": running.quantile_s(0.99),
            "original_mean_s": None if original.nested else original.mean_s,
            "memory": node.memory(),
            "shape": shape.row() if shape is not None else {},
            "spans": node.spans(time.monotonic()),
            "rewrite": node.rewrite,
            "quiet_s": node.quiet_s,
            "deopts": node.deopts,
            "rewritten_calls": node.rewritten_calls,
        }
