"""The living graph as a picture in text, and as notes on the ICO."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from selfsame.report.summary import command_text, time_lines
from selfsame.runtime.monitor.amounts import show, show_seconds

BAR = 20
SHOWN_EDGES, SHOWN_TYPES = 20, 3
FULL, EMPTY = "█", "·"
MARKS = {"fail": "✗ violates", "inconclusive": "? undecided", "pass": "✓ within bounds"}


def notes(snapshot: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What is known of each node in a few words: metric -> value, as the ICO's text shows it.

    ``from CALLER`` is what passes along an edge that leads to the node, ``takes NAME`` what a
    parameter was.
    """
    found = {row["address"]: {**_note(row), **_taken(row)} for row in snapshot["nodes"]}
    for edge in snapshot.get("edges", ()):
        found.setdefault(edge["to"], {})[f"from {edge['from']}"] = _passed(edge)
    return {address: note for address, note in found.items() if note}


def picture(snapshot: Mapping[str, Any]) -> Iterator[str]:
    """Modules and their functions as a tree; a bar is the share of the time, callees included."""
    yield command_text(snapshot["command"])
    for line in time_lines(snapshot):
        yield f"  {line}"
    modules: dict[str, list[Mapping[str, Any]]] = {}
    for row in snapshot["nodes"]:
        modules.setdefault(row["address"].partition(":")[0], []).append(row)
    ranked = sorted(modules.items(), key=lambda item: -max(_share(r) for r in item[1]))
    for module, rows in ranked:
        yield f"{module}"
        rows = sorted(rows, key=lambda row: (-_share(row), row["address"]))
        width = max(len(row["address"].partition(":")[2]) for row in rows)
        for number, row in enumerate(rows):
            branch = "└─" if number == len(rows) - 1 else "├─"
            filled = round(BAR * min(1.0, _share(row)))
            bar = FULL * filled + EMPTY * (BAR - filled)
            name = row["address"].partition(":")[2].ljust(width)
            found = "  ".join(f"{k} {v}" for k, v in _note(row).items())
            outcomes = row.get("outcomes", ())
            mark = next((MARKS[o] for o in MARKS if o in outcomes), "")
            yield f"{branch} {name}  {bar}  {found}  {mark}".rstrip()
    yield from _edges(snapshot.get("edges", ()))


def _edges(edges: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What passes between nodes: the edges that take the most time first."""
    if edges:
        yield "edges: calls that were looked at, what one passes, how long it takes"
    ranked = sorted(edges, key=lambda e: (-(e["mean_s"] or 0.0) * e["calls"], e["from"], e["to"]))
    for edge in ranked[:SHOWN_EDGES]:
        yield f"  {edge['from']} → {edge['to']}  {_passed(edge)}"
    if len(ranked) > SHOWN_EDGES:
        yield f"  and {len(ranked) - SHOWN_EDGES} more"


def _passed(edge: Mapping[str, Any]) -> str:
    mean, largest = (show("volume", edge[k] or 0.0) for k in ("mean_bytes", "largest_bytes"))
    times = f"{show_seconds(edge['mean_s'] or 0.0)}, p95 {show_seconds(edge['p95_s'] or 0.0)}"
    return f"{edge['calls']:,} calls of {mean} (largest {largest}), {times}"


def _taken(row: Mapping[str, Any]) -> dict[str, str]:
    """What the node's parameters were, and how often its arguments came again."""
    shape = row.get("shape") or {}
    found: dict[str, str] = {}
    for parameter in shape.get("parameters", ()):
        types = parameter["types"]
        count = sum(types.values())
        if not count:
            continue
        ranked = list(types)
        text = ranked[0]
        if len(ranked) > 1:
            text = ", ".join(f"{name} {types[name] / count:.0%}" for name in ranked[:SHOWN_TYPES])
        if parameter["longest"] is not None:
            text += f" of {parameter['mean_length']:.3g} items (at most {parameter['longest']:,})"
        found[f"takes {parameter['name']}"] = text
    if shape.get("repeat_rate") is not None:
        found["repeats"] = f"{shape['repeat_rate']:.0%}"
    return found


def _note(row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    if _share(row) >= 0.001:
        found["time"] = f"{_share(row):.1%}"
    if row.get("calls"):
        found["calls"] = f"{row['calls']:,}"
    for name, key in (("mean", "mean_s"), ("p99", "p99_s")):
        if row.get(key):
            found[name] = show_seconds(row[key])
    memory = row.get("memory") or {}
    if memory.get("calls"):
        found["peak"] = show("memory_usage", memory["peak_bytes"])
    errors = sum((row.get("errors") or {}).values())
    if errors:
        found["errors"] = f"{errors:,}"
    if row.get("rewrite"):
        found["rewrite"] = str(row["rewrite"])
    return found


def _share(row: Mapping[str, Any]) -> float:
    return float(row.get("share") or 0.0)
