"""The living graph as plain data that a later engine goes on from.

An engine that is started again for the same run takes the figures of the one before it; an engine of
a later run takes only what adds up to its minutes, and what the original measured, as the baseline of
relative bounds: what was slow yesterday violates nothing today.
A node is known again by the content hash of its source: the figures of other code are dropped.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from selfsame.runtime.monitor.graph import LiveNode, LivingGraph, ProgramTime
from selfsame.runtime.monitor.seen import Earlier, Minute, Summary, Weighing, Window

FORMAT = 1
MOST_NODES = 5_000
WINDOWS = 8
BASELINE_CALLS = 30
"""So many calls of the original make its figures the baseline of later runs."""
LOOKS = ("own", "native", "total", "waiting")


def written(graph: LivingGraph, run: str, hash_of: Callable[[str], str]) -> dict[str, Any]:
    """The figures of up to 5,000 nodes; ``hash_of`` gives a node's content hash, or empty.

    Times are stored as the age that they had at ``at``, seconds since the epoch.
    """
    now = time.monotonic()
    nodes = {}
    for node in graph.shown(MOST_NODES):
        known = hash_of(node.address)
        if known and (node.earlier or node.windows or node.total or node.waiting or node.weighings):
            nodes[node.address] = _node(node, known, now)
    program = asdict(graph.program)
    return {"format": FORMAT, "run": run, "at": time.time(), "program": program, "nodes": nodes}


class Kept:
    """What an engine before this one knew; each node takes its part when its code is known."""

    def __init__(self, data: Mapping[str, Any] | None, run: str) -> None:
        usable = data if data is not None and data.get("format") == FORMAT else {}
        self.same_run = usable.get("run") == run
        self._nodes: dict[str, Any] = dict(usable.get("nodes", {}))
        self._program: dict[str, Any] = usable.get("program", {}) if self.same_run else {}
        # On the clock of this engine, the moment at which the other one wrote.
        self._at = time.monotonic() - max(0.0, time.time() - float(usable.get("at", 0.0)))

    def program(self, graph: LivingGraph) -> None:
        """Go on with the program's time."""
        for found in fields(ProgramTime):
            if found.name in self._program:
                value = getattr(graph.program, found.name) + self._program[found.name]
                setattr(graph.program, found.name, value)

    def node(self, graph: LivingGraph, address: str, content_hash: str) -> bool:
        """Give a node what was known of it; False where nothing was, or of other code."""
        data = self._nodes.pop(address, None)
        if data is None or data["hash"] != content_hash:
            return False
        node = graph.node(address)
        for age, calls, outermost, total_ns, errors in data["minutes"]:
            number = int((self._at - age) // 60)
            graph.restore_minute(node, Minute(number, calls, outermost, total_ns, errors))
        node.earlier = _earlier(data.get("original"))
        if not self.same_run:
            return True
        for name in LOOKS:
            setattr(node, name, getattr(node, name) + data[name])
        for age, calls, total, own, errors, buckets, span, rewrite, outermost in data["windows"]:
            counts = {int(index): n for index, n in buckets.items()}
            window = Window(
                self._at - age, calls, total, own, errors, counts, span, rewrite, outermost
            )
            graph.restore_window(node, window)
        for age, peaks, allocations, how, rewrite, pause_ns in data["weighings"]:
            node.weighed(
                Weighing(self._at - age, tuple(peaks), tuple(allocations), how, rewrite, pause_ns)
            )
        return True


def _node(node: LiveNode, content_hash: str, now: float) -> dict[str, Any]:
    return {
        "hash": content_hash,
        **{name: getattr(node, name) for name in LOOKS},
        "original": _original(node),
        "minutes": [
            [now - 60.0 * m.number, m.calls, m.outermost, m.total_ns, m.errors]
            for m in node.minutes
        ],
        "windows": [
            [
                now - w.at,
                w.calls,
                w.total_ns,
                w.own_ns,
                dict(w.errors),
                {str(index): n for index, n in w.buckets.items()},
                w.span_ns,
                w.rewrite,
                w.outermost,
            ]
            for w in node.windows[-WINDOWS:]
        ],
        "weighings": [
            [now - w.at, w.peaks, w.allocations, w.how, w.rewrite, w.pause_ns]
            for w in node.weighings
        ],
    }


def _original(node: LiveNode) -> dict[str, Any] | None:
    """What the original measured in this run; where that is too little, what it did before."""
    summary = Summary.of([w for w in node.windows if not w.rewrite][-WINDOWS:])
    earlier = node.earlier
    enough = summary.calls >= BASELINE_CALLS
    if earlier is None or enough:
        found = Earlier(
            time.time(), summary, node.peaks(""), node.allocations(""), node.cpu_times("")
        )
        if earlier is not None:
            found = replace(
                found,
                peaks=found.peaks or earlier.peaks,
                allocations=found.allocations or earlier.allocations,
                cpu_times=found.cpu_times or earlier.cpu_times,
            )
        earlier = found
    if not (earlier.summary.calls or earlier.peaks or earlier.cpu_times):
        return None
    counted = earlier.summary
    plain = replace(counted, errors=dict(counted.errors), buckets=dict(counted.buckets))
    return asdict(replace(earlier, summary=plain))


def _earlier(data: Mapping[str, Any] | None) -> Earlier | None:
    if data is None:
        return None
    summary = data["summary"]
    counts = {int(index): n for index, n in summary["buckets"].items()}
    return Earlier(
        data["at"],
        Summary(**{**summary, "buckets": counts}),
        tuple(data["peaks"]),
        tuple(data["allocations"]),
        tuple(data["cpu_times"]),
    )
