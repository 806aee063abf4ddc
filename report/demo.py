"""The demo's live screen: files a second climbing, nodes and their verdicts, what is being tried."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from selfsame.compiler.errors import SelfsameError
from selfsame.report.story import TOLD
from selfsame.report.summary import standing
from selfsame.runtime.monitor.amounts import show_seconds
from selfsame.runtime.versions.store import Store

BARS = "▁▂▃▄▅▆▇█"
EVENTS = 8
SHOWN = {"mutating", "trying", "rejected", "promoted", "in-full", "unchanged"}
SHOWN |= {"rolled-back", "refused"}
STYLES = {"promoted": "bold green", "in-full": "green", "rejected": "yellow"}
STYLES |= {"rolled-back": "bold red"}


class DemoScreen:
    """A context in which the screen is live; where there is no terminal, events are plain lines."""

    def __init__(self, console: Console, folder: Path, plain: Sequence[Mapping[str, Any]]) -> None:
        self._console = console
        self._folder = folder
        self._plain = {row["batch"]: row for row in plain}
        self._events: deque[Text] = deque(maxlen=EVENTS)
        self._ratios: list[float] = []
        self._line = ""
        self._nodes: list[Mapping[str, Any]] = []
        self._trouble = ""
        self._stop = threading.Event()
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._began = time.monotonic()

    def __enter__(self) -> "DemoScreen":
        if self._live:
            self._live.start()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(5)
        if self._live:
            self._live.update(self._render())
            self._live.stop()
        if self._trouble:
            self._console.print(f"   [bold red]what selfsame did was not seen:[/] {self._trouble}")

    def progress(self, line: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """The program printed a line; ``rows`` are the batches it has done."""
        self._line = line
        self._ratios = [
            self._plain[row["batch"]]["seconds"] / row["seconds"]
            for row in rows
            if row["batch"] in self._plain and row["seconds"]
        ]
        if self._live:
            self._live.update(self._render())
        elif self._ratios:
            self._console.print(f"   {line}  ({self._ratios[-1]:.1f} times the plain program)")

    def _follow(self) -> None:
        """Read the store until the screen is left."""
        seen, store = 0, None
        while not self._stop.wait(0.2) or store is not None:
            try:
                if store is None:
                    if (self._folder / "control").exists():
                        store = Store.open(self._folder)
                        seen = 0
                    continue
                for event in store.events(after=seen):
                    seen = event.id
                    if event.kind in SHOWN:
                        self._tell(event.kind, event.address, event.reason, event.numbers)
                snapshots = store.snapshots()
                if snapshots:
                    self._nodes = [r for r in snapshots[0]["nodes"] if r.get("verdicts")]
                self._trouble = ""
            except SelfsameError as error:
                # While the store is written for the first time the next look will do.
                self._trouble = str(error).partition("\n")[0]
            if self._stop.is_set():
                break
        if store is not None:
            store.close()

    def _tell(self, kind: str, address: str, reason: str, numbers: Mapping[str, Any]) -> None:
        template = f" [{numbers['template']}]" if numbers.get("template") else ""
        text = Text(f"{time.monotonic() - self._began:5.1f} s  ")
        text.append(f"{TOLD.get(kind, kind)}{template}", STYLES.get(kind, "bold"))
        text.append(f"  {address.rpartition(':')[2]}: {reason}")
        self._events.append(text)
        if self._live is None:
            self._console.print(Text("   ") + text, soft_wrap=True)

    def _render(self) -> Panel:
        now = f"{self._ratios[-1]:.1f}" if self._ratios else "?"
        head = Text.assemble(
            self._line, "   ", (f"{now} times the plain program", "bold"), " on this batch"
        )
        climbing = Text(sparkline(self._ratios, 100), "green", no_wrap=True)
        events = [Text.assemble(event) for event in self._events]
        for event in events:
            event.no_wrap, event.overflow = True, "ellipsis"
        body = Group(head, climbing, Text(""), self._table(), Text(""), *events)
        return Panel(body, title="selfsame", title_align="left", border_style="cyan")

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
        for name in ("node", "bound", "verdict", "mean"):
            table.add_column(name, no_wrap=True)
        table.add_column("", no_wrap=True, overflow="ellipsis", ratio=1)
        for row in self._nodes:
            said = False
            for text, outcome in zip(row["verdicts"], row["outcomes"], strict=True):
                bound, _, rest = text.partition(": ")
                style = {"pass": "green", "fail": "bold red"}.get(outcome, "yellow")
                node = row["address"].rpartition(":")[2]
                mean = show_seconds(row["mean_s"]) if row.get("mean_s") else ""
                standing_now = Text(standing(row), "green" if row.get("rewrite") else "")
                table.add_row(
                    Text("" if said else node, "bold"),
                    bound,
                    Text(rest.partition(" over ")[0], style),
                    "" if said else mean,
                    "" if said else standing_now,
                )
                said = True
        return table


def sparkline(values: Sequence[float], width: int = 72) -> str:
    """The last values as bars, the largest full."""
    shown = values[-width:]
    top = max(shown, default=0.0)
    if not top:
        return ""
    return "".join(BARS[min(len(BARS) - 1, int(v / top * len(BARS)))] for v in shown)


def before_and_after(store: Store) -> Table:
    """A table of the replaced nodes: what runs now, the mean before and after, the evidence."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("node", "family", "template", "mean before", "after", "evidence"):
        table.add_column(name, overflow="fold")
    snapshots = store.snapshots()
    rows = {row["address"]: row for row in snapshots[0]["nodes"]} if snapshots else {}
    for address, entry in store.head().manifest.nodes.items():
        if not entry.runs:
            continue
        row = rows.get(address, {})
        before, after = row.get("original_mean_s"), row.get("mean_s")
        table.add_row(
            address,
            entry.family,
            entry.template,
            show_seconds(before) if before else "",
            show_seconds(after) if after else "",
            "; ".join(entry.evidence),
        )
    return table
