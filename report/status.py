"""``status`` as a screen: the program's time, then a table of its nodes."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from selfsame.grammar.words import counted
from selfsame.report.summary import command_text, ranked, standing, time_lines
from selfsame.runtime.monitor.amounts import show, show_seconds

OUTCOME_STYLES = {"pass": "green", "fail": "bold red", "inconclusive": "yellow"}


def print_status(snapshot: Mapping[str, Any], everything: bool = False) -> None:
    """Print the snapshot to stdout; a table that fits the terminal."""
    console = Console(highlight=False)
    for part in _parts(snapshot, everything):
        console.print(part)


def screen(snapshot: Mapping[str, Any]) -> Group:
    """The same as one thing that can be shown again and again."""
    return Group(*_parts(snapshot, False))


def _parts(snapshot: Mapping[str, Any], everything: bool) -> Iterator[RenderableType]:
    age = time.time() - snapshot["at"]
    state = "runs now" if snapshot["running"] and age < 10 else f"ended {_ago(age)} ago"
    yield (
        f"[bold]{escape(command_text(snapshot['command']))}[/]  {state}, mode {snapshot['mode']}, "
        f"{counted(snapshot['processes'], 'process')}, "
        f"{counted(snapshot['functions'], 'function')} known"
        + (", [bold red]off[/]" if snapshot.get("off") else "")
    )
    yield from time_lines(snapshot)
    rows = snapshot["nodes"] if everything else ranked(snapshot["nodes"])
    if rows:
        yield _table(rows)
        yield "[bold]what can be tried, and what blocks it[/]"
        yield _standings(rows)
    hidden = len(snapshot["nodes"]) - len(rows)
    if hidden > 0:
        yield f"{counted(hidden, 'more node')} under 1 % of the time: --all"
    for reason, count in sorted(snapshot["left_alone"].items(), key=lambda item: -item[1]):
        yield f"left alone: {counted(count, 'function')}: {escape(reason)}"
    for problem in snapshot["problems"]:
        yield f"[yellow]problem:[/] {escape(problem)}"


def _table(rows: list[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("node", overflow="fold")
    weighed = any((row.get("memory") or {}).get("calls") for row in rows)
    peak = ("peak",) if weighed else ()
    for name in ("time", "calls", "mean", "p99", *peak, "errors"):
        table.add_column(name, justify="right")
    table.add_column("verdict", overflow="fold")
    for row in rows:
        errors = sum((row.get("errors") or {}).values())
        table.add_row(
            escape(row["address"]),
            f"{row['share']:.0%}" if row.get("share") else "",
            f"{row['calls']:,}" if row.get("calls") else "",
            show_seconds(row["mean_s"]) if row.get("mean_s") else "",
            show_seconds(row["p99_s"]) if row.get("p99_s") else "",
            *((_peak(row),) if weighed else ()),
            str(errors) if errors else "",
            _verdicts(row),
        )
    return table


def _peak(row: Mapping[str, Any]) -> str:
    peak = (row.get("memory") or {}).get("peak_bytes")
    return show("memory_usage", peak) if peak is not None else ""


def _standings(rows: list[Mapping[str, Any]]) -> Table:
    """A table of its own: the reasons are sentences, and want the width of the terminal."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold", max_width=40)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(escape(row["address"]), escape(standing(row)))
    return table


def _verdicts(row: Mapping[str, Any]) -> str:
    return "\n".join(
        f"[{OUTCOME_STYLES[outcome]}]{escape(text)}[/]"
        for text, outcome in zip(row.get("verdicts", ()), row.get("outcomes", ()), strict=True)
    )


def _ago(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
