"""The story of a node: what it runs, what speaks for that, what was tried, what was refused."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from selfsame.compiler.errors import SelfsameError
from selfsame.report.summary import standing
from selfsame.runtime.monitor.amounts import memory_text, show_seconds
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store

TOLD = {
    "mutating": "worked on",
    "interrupted": "interrupted",
    "rejected": "rejected",
    "unchanged": "left as it is",
    "promoted": "promoted",
    "proposed": "proposed",
    "installed": "swapped in",
    "removed": "taken out",
    "wider": "canary",
    "in-full": "runs in full",
    "rolled-back": "rolled back",
    "dropped": "dropped",
    "suspected": "suspected",
    "compared": "compared with the original",
    "searched": "searched further",
    "refused": "refused",
    "waiting": "waiting",
    "left-out": "not put in",
    "pinned": "pinned",
    "internal-error": "our error",
}


def story_data(store: Store, address: str) -> dict[str, Any]:
    """All that the story is told from, as plain data."""
    entry = _entry(store, address)
    row = _row(store, address)
    return {
        "node": address,
        "head": store.head().id,
        "entry": _entry_data(entry),
        "now": row,
        "trials": store.trials(address),
        "events": [
            {
                "at": event.created,
                "kind": event.kind,
                "reason": event.reason,
                "version": event.version,
                **event.numbers,
            }
            for event in store.events(address=address)
        ],
    }


def story(store: Store, address: str, source: bool = True) -> Iterator[str]:
    """The lines of the story."""
    entry, row = _entry(store, address), _row(store, address)
    yield address
    yield f"  now: {_now(entry, row)}"
    spans = (row or {}).get("spans") or {}
    if spans:
        means = (
            f"{name} {show_seconds(s['mean_s'])} over {s['calls']:,} timed calls"
            for name, s in spans.items()
        )
        yield f"  mean in the last {'; '.join(means)}"
    memory = memory_text((row or {}).get("memory") or {})
    if memory:
        yield f"  memory: {memory}"
    for verdict in (row or {}).get("verdicts", ()):
        yield f"  bound: {verdict}"
    if entry is not None:
        yield from _evidence(entry)
    yield from _trials(store, address)
    events = list(store.events(address=address))
    if events:
        yield ""
        yield "History"
    for event in events:
        told = TOLD.get(event.kind, event.kind)
        template = event.numbers.get("template")
        told += f" ({template})" if template else ""
        version = f"  [version {event.version}]" if event.version else ""
        yield f"  {_clock(event.created)}  {told}: {event.reason}{version}"
    if row and row.get("refusals"):
        yield ""
        yield "What was not tried, and why"
        for refusal in row["refusals"]:
            yield f"  {refusal}"
    if source and entry is not None and entry.rewrite != "original":
        yield from _source(store, entry)


def _evidence(entry: NodeEntry) -> Iterator[str]:
    yield ""
    yield f"Evidence for {entry.template or 'the original'} ({entry.state})"
    yield f"  reason: {entry.reason}"
    for death in entry.suspected:
        yield f"  suspected: {death}"
    for item in entry.evidence:
        yield f"  {item}"
    for guard in entry.guards:
        yield f"  guard: {guard} (where it fails, the original runs)"
    relied = [f"{name}" for name in entry.dependencies if name != entry.address]
    if relied:
        yield f"  relies on (dropped if one changes): {', '.join(sorted(relied))}"


def _trials(store: Store, address: str) -> Iterator[str]:
    trials = store.trials(address)
    if not trials:
        return
    yield ""
    yield "Trials"
    for trial in trials:
        speed = trial.get("speedup") or {}
        ratio = (
            f", {speed['median']:.2f}x (between {speed['low']:.2f}x and {speed['high']:.2f}x)"
            if speed.get("median")
            else ""
        )
        weight = trial.get("memory") or {}
        if weight.get("median"):
            ratio += (
                f", peak memory {weight['median']:.2f} times smaller "
                f"(between {weight['low']:.2f} and {weight['high']:.2f})"
            )
        yield (
            f"  {trial.get('template', '?')}: {trial['same']}, {trial['faster']}{ratio}; "
            f"{', '.join(trial.get('evidence', ())) or 'no evidence'}"
        )
        yield f"    {trial['reason']}"
        if trial.get("counterexample"):
            yield f"    counterexample (types and shapes only): {trial['counterexample']}"


def _source(store: Store, entry: NodeEntry) -> Iterator[str]:
    yield ""
    yield f"Source of rewrite {entry.rewrite}"
    try:
        text = store.get_rewrite(entry.rewrite).source
    except SelfsameError as error:
        text = f"(cannot be read: {error})"
    for line in text.splitlines():
        yield f"  {line}"


def _now(entry: NodeEntry | None, row: dict[str, Any] | None) -> str:
    if entry is not None and entry.rewrite != "original":
        what = f"rewrite {entry.rewrite} ({entry.template})"
        if entry.tries:
            return f"{what} for {entry.canary} of the time, in canary; the original otherwise"
        if entry.state == "proposed":
            return f"the original; {what} is proposed: `selfsame approve {entry.address}`"
        return f"{what}, {entry.state}"
    said = standing(row) if row else ""
    if entry is not None:
        return f"the original, {entry.state}: {entry.reason}"
    return f"the original{': ' + said if said else ''}"


def _entry(store: Store, address: str) -> NodeEntry | None:
    return store.head().entry(address)


def _row(store: Store, address: str) -> dict[str, Any] | None:
    for snapshot in store.snapshots():
        for row in snapshot["nodes"]:
            if row["address"] == address:
                return dict(row)
    return None


def _entry_data(entry: NodeEntry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "rewrite": entry.rewrite,
        "template": entry.template,
        "state": entry.state,
        "reason": entry.reason,
        "evidence": list(entry.evidence),
        "guards": list(entry.guards),
        "dependencies": dict(entry.dependencies),
    }


def _clock(created: str) -> str:
    """The time of day of a UTC time stamp, as the clock on the wall here says it."""
    return datetime.fromisoformat(created).astimezone().strftime("%H:%M:%S")
