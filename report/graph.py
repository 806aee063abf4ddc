"""The living graph as a picture in text, and as notes on the ICO."""

from collections.abc import Iterator, Mapping
from typing import Any

from selfsame.report.summary import time_lines
from selfsame.runtime.monitor.judge import show, show_seconds

BAR = 20
FULL, EMPTY = "█", "·"
MARKS = {"fail": "✗ violates", "inconclusive": "? undecided", "pass": "✓ within bounds"}


def notes(snapshot: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What is known of each node in a few words: metric -> value, as the ICO's text shows it."""
    return {row["address"]: found for row in snapshot["nodes"] if (found := _note(row))}


def picture(snapshot: Mapping[str, Any]) -> Iterator[str]:
    """Modules and their functions as a tree; a bar is the share of the time, callees included."""
    yield " ".join(snapshot["command"])
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
