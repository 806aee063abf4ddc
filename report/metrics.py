"""The living graph as metrics, for those who keep an eye on services: names, units, labels, values.

What is measured is the engine's; this says what it is called outside, once for every exporter.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from selfsame.runtime.versions.store import Store

Labels = tuple[tuple[str, str], ...]
Found = tuple[str, float | None, Labels]


@dataclass(frozen=True, slots=True)
class Metric:
    """What one metric is called, in words, in which UCUM unit, and whether it only ever grows."""

    name: str
    told: str
    unit: Literal["1", "s", "By"] = "1"
    kind: Literal["gauge", "counter"] = "gauge"


METRICS = (
    Metric("off", "1 where everything runs its original code by `selfsame off`"),
    Metric("entries", "Nodes of the head version, by state"),
    Metric("events", "What selfsame decided, by kind", kind="counter"),
    Metric("program.running", "1 while the program runs"),
    Metric("program.processes", "Processes that were watched"),
    Metric("program.watched", "Wall time that was watched", "s"),
    Metric("program.cpu", "Processor time of what was watched", "s"),
    Metric("program.agent_cpu", "Processor time of selfsame's agents in the program", "s"),
    Metric("program.ceiling", "How many times faster at most, by rewriting"),
    Metric("program.time_share", "Where the running time went"),
    Metric("node.time_share", "Share of the program's running time, with callees"),
    Metric("node.calls", "Recent calls that were timed, in windows"),
    Metric("node.execution_time", "Time of one recent call, with callees", "s"),
    Metric("node.original_execution_time", "Mean time of one call of the original", "s"),
    Metric("node.errors", "Recent calls that raised, of those that were timed"),
    Metric("node.peak_memory", "Peak memory of one call", "By"),
    Metric("node.rewrite", "Share of the time in which a node runs this rewrite"),
    Metric("node.deopts", "Calls that a rewrite handed back to the original"),
    Metric("node.bound", "Whether a bound of CDL is met: 1 yes, 0 no"),
)
COUNTED = ("promoted", "in-full", "rolled-back", "dropped", "suspected", "compared", "inconclusive")
"""The kinds of events that are counted: what was changed, and what spoke for or against it."""


def look(store: Store) -> dict[str, list[tuple[Labels, float]]]:
    """The points of each metric now, by its name; what was not measured has none. Raises StoreError."""
    found: dict[str, list[tuple[Labels, float]]] = {metric.name: [] for metric in METRICS}
    for name, value, labels in _found(store):
        if value is not None:
            found[name].append((labels, float(value)))
    return found


def _found(store: Store) -> Iterator[Found]:
    yield "off", store.is_off(), ()
    states = Counter(entry.state for entry in store.head().manifest.nodes.values())
    for state, count in sorted(states.items()):
        yield "entries", count, (("state", state),)
    kinds = Counter(event.kind for event in store.events())
    for kind in COUNTED:
        yield "events", kinds[kind], (("kind", kind),)
    for snapshot in store.snapshots()[:1]:
        yield from _program(snapshot)
        for row in snapshot["nodes"]:
            yield from _node(row)


def _program(snapshot: Mapping[str, Any]) -> Iterator[Found]:
    program = snapshot["program"]
    yield "program.running", snapshot["running"], ()
    yield "program.processes", snapshot["processes"], ()
    yield "program.watched", program["wall_s"], ()
    yield "program.cpu", program["cpu_s"], ()
    yield "program.agent_cpu", program["agent_cpu_s"], ()
    yield "program.ceiling", program["ceiling"], ()
    for kind, share in (program["shares"] or {}).items():
        yield "program.time_share", share, (("kind", kind),)


def _node(row: Mapping[str, Any]) -> Iterator[Found]:
    node = ("node", row["address"])
    yield "node.time_share", row.get("share"), (node,)
    yield "node.calls", row.get("calls") or None, (node,)
    for statistic in ("mean", "p50", "p99"):
        labels = (node, ("statistic", statistic))
        yield "node.execution_time", row.get(f"{statistic}_s"), labels
    yield "node.original_execution_time", row.get("original_mean_s"), (node,)
    for error, count in (row.get("errors") or {}).items():
        yield "node.errors", count, (node, ("error", error))
    yield "node.peak_memory", (row.get("memory") or {}).get("peak_bytes"), (node,)
    canary = row.get("canary") or {}
    if rewrite := row.get("rewrite") or canary.get("rewrite"):
        yield "node.rewrite", canary.get("share", 1.0), (node, ("rewrite", rewrite))
        yield "node.deopts", row.get("deopts"), (node,)
    for bound, outcome in zip(row.get("verdicts", ()), row.get("outcomes", ()), strict=True):
        if outcome != "inconclusive":
            yield "node.bound", outcome == "pass", (node, ("bound", bound.partition(":")[0]))
