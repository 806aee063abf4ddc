"""``report``: a run, its nodes, what was tried and every version, as one page that needs nothing else.

The page is a single file: no script, no font, no picture comes from elsewhere, so it can be
attached to a ticket and read years later. It holds what the store holds: no captured values.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from selfsame.compiler.errors import SelfsameError
from selfsame.grammar.words import counted
from selfsame.report.story import story_data
from selfsame.report.summary import command_text, ranked, standing, time_lines
from selfsame.runtime.monitor.amounts import show_seconds
from selfsame.runtime.versions.differences import told
from selfsame.runtime.versions.known import known_nodes
from selfsame.runtime.versions.store import Store

MOST_VERSIONS = 200
TIMES_SHOWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
KINDS_OF_TIME = (
    ("own_python", "own Python"),
    ("other_python", "library Python"),
    ("native", "native"),
    ("waiting", "waiting"),
)


@dataclass(frozen=True)
class Interval:
    """A speed-up with its interval, placed on a logarithmic scale. ``left`` .. are percentages."""

    text: str
    left: float
    right: float
    median: float
    promotable: bool


def page(store: Store) -> str:
    """The HTML of the newest run of a store. Raises NothingWatched where there is none."""
    snapshots = store.snapshots()
    if not snapshots:
        raise NothingWatched
    snapshot = snapshots[0]
    rows = ranked(snapshot["nodes"])
    stories = [_story(store, address) for address in _told(store, rows)]
    trials = [trial for story in stories for trial in story["trials"]]
    scale = Scale.over(trials)
    for trial in trials:
        trial["interval"] = scale.interval(trial)
    template = files("selfsame.report").joinpath("page.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["seconds"] = show_seconds
    environment.filters["counted"] = counted
    history = told(store.steps(MOST_VERSIONS + 1))
    return environment.from_string(template).render(
        run=snapshot,
        command=command_text(snapshot["command"]),
        off=store.is_off(),
        head=store.head().id,
        time=[
            (name, label, snapshot["program"]["shares"][name])
            for name, label in KINDS_OF_TIME
            if snapshot["program"]["shares"]
        ],
        time_lines=time_lines(snapshot),
        nodes=[_node(row) for row in rows],
        others=len(snapshot["nodes"]) - len(rows),
        stories=stories,
        scale=scale.marks(),
        versions=history[:MOST_VERSIONS],
        cut=len(history) > MOST_VERSIONS,
    )


class NothingWatched(Exception):
    """The store holds no run."""


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale of speed-ups that all trials of the page share."""

    low: float
    high: float

    @classmethod
    def over(cls, trials: Sequence[Mapping[str, Any]]) -> "Scale":
        """From the slowest to the fastest that was measured, and 1 always on it."""
        ends = [t["speedup"][end] for t in trials if t.get("speedup") for end in ("low", "high")]
        ends = [end for end in ends if end and end > 0]
        return cls(min([0.8, *ends]), max([2.0, *ends]) * 1.1)

    def at(self, value: float) -> float:
        """Where a speed-up lies, in percent of the width."""
        place = (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return round(100 * min(1.0, max(0.0, place)), 2)

    def interval(self, trial: Mapping[str, Any]) -> Interval | None:
        """A trial's interval; None where nothing was timed."""
        speed = trial.get("speedup")
        if not speed or not speed["median"] > 0:
            return None
        low, high = speed["low"] or speed["median"], speed["high"] or speed["median"]
        return Interval(
            f"{speed['median']:.2f}x ({low:.2f} to {high:.2f})",
            self.at(low),
            self.at(high),
            self.at(speed["median"]),
            bool(trial.get("promotable")),
        )

    def marks(self) -> list[tuple[int, float]]:
        """The round numbers on the scale, with their places."""
        return [(n, self.at(n)) for n in TIMES_SHOWN if self.low <= n <= self.high]


def _told(store: Store, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The nodes whose story the page tells: those on which something was tried or said."""
    head = store.head().manifest.nodes
    shown = [row["address"] for row in rows]
    others = sorted(set(known_nodes(store)) - set(shown))
    return [a for a in [*shown, *others] if a in head or store.trials(a)]


def _story(store: Store, address: str) -> dict[str, Any]:
    data = story_data(store, address)
    data["source"] = ""
    entry = data["entry"]
    if entry is not None and entry["rewrite"] != "original":
        try:
            data["source"] = store.get_rewrite(entry["rewrite"]).source
        except SelfsameError as error:
            data["source"] = f"(cannot be read: {error})"
    return data


def _node(row: Mapping[str, Any]) -> dict[str, Any]:
    before, now = row.get("original_mean_s"), row.get("mean_s")
    return {
        "address": row["address"],
        "share": row.get("share"),
        "calls": row.get("calls"),
        "mean": now,
        "p99": row.get("p99_s"),
        "before": before if row.get("rewrite") else None,
        "times": before / now if row.get("rewrite") and before and now else None,
        "errors": sum((row.get("errors") or {}).values()),
        "verdicts": list(zip(row.get("verdicts", ()), row.get("outcomes", ()), strict=True)),
        "standing": standing(row),
        "rewritten": bool(row.get("rewrite")),
    }
