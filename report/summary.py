"""What a run came to, in a few lines: where the time went, what could be won, what was done."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from selfsame.grammar.words import counted
from selfsame.runtime.monitor.amounts import show_seconds
from selfsame.runtime.versions.store import Store

Snapshot = Mapping[str, Any]
MOST_NODES = 8
MOST_PROBLEMS = 5
MOST_LOOPS = 3
NOTABLE, QUIET_S = 0.03, 4.0


def summary_lines(store: Store, run: str, whole: bool) -> list[str]:
    """The end of a run. Without ``whole``, only what went wrong."""
    snapshot = store.snapshot(run)
    if snapshot is None:
        return [f"the engine left no figures; its log is {store.directory / 'engine.log'}"]
    problems = [f"problem: {p}" for p in snapshot["problems"][:MOST_PROBLEMS]]
    if not whole:
        return problems
    return [*time_lines(snapshot), *node_lines(snapshot), *change_lines(store, run), *problems]


def time_lines(snapshot: Snapshot) -> list[str]:
    """Where the program's time went, and the ceiling of what rewriting could give."""
    program = snapshot["program"]
    shares = program["shares"]
    if not shares:
        return [f"watched {program['wall_s']:.1f} s: too short to say where the time went"]
    parts = [
        f"{shares['own_python']:.0%} own Python",
        f"{shares['other_python']:.0%} library Python",
        f"{shares['native']:.0%} native",
        f"{shares['waiting']:.0%} waiting",
    ]
    lines = [
        f"watched {program['wall_s']:.1f} s ({program['cpu_s']:.1f} s CPU, "
        f"{counted(program['samples'], 'sample')}): {', '.join(parts)}"
    ]
    if program["ceiling"]:
        lines.append(
            f"ceiling: {program['ceiling']:.1f} times faster, if the program's own Python took no time"
        )
    else:
        lines.append("ceiling: too few samples to say")
    if (once := program.get("once") or 0.0) >= NOTABLE:
        lines.append(
            f"{once:.0%} of the running time is code at the top level of modules, which runs once: no "
            "re-entry point for a rewrite (in a function that is called again it could have one)"
        )
        lines += [f"  {reason}" for reason in snapshot.get("left_loops", ())[:MOST_LOOPS]]
    return lines + _unwatched(snapshot)


def _unwatched(snapshot: Snapshot) -> list[str]:
    """What to do where no function of the program was seen; nothing where one was."""
    if snapshot.get("functions") or not snapshot.get("roots"):
        return []
    folders = ", ".join(snapshot["roots"])
    return [
        f"no function was watched: those of files below {folders} would be. Start the program from "
        "the folder of its code, or name its modules with --include"
    ]


def command_text(words: Sequence[str]) -> str:
    """The command as it was typed, more or less: the interpreter by its name alone."""
    first, *rest = words
    name = PurePath(first).name
    return " ".join([name if name.startswith("python") else first, *rest])


def node_lines(snapshot: Snapshot) -> list[str]:
    """The nodes that matter: bound, changed, or hot; one line each."""
    return [node_line(row) for row in ranked(snapshot["nodes"])[:MOST_NODES]]


def ranked(rows: Iterable[Snapshot]) -> list[Snapshot]:
    """Nodes with verdicts or rewrites first, then by their share of the time."""
    chosen = [r for r in rows if r.get("verdicts") or _changed(r) or (r.get("share") or 0) > 0.01]
    return sorted(
        chosen,
        key=lambda r: (bool(r.get("verdicts")), _changed(r), r.get("share") or 0.0),
        reverse=True,
    )


def _changed(row: Snapshot) -> bool:
    return bool(row.get("rewrite") or row.get("canary"))


def node_line(row: Snapshot) -> str:
    """``app:slow  41 %  1,204 calls  mean 8.1 ms: what is said of it``."""
    parts = [row["address"]]
    if row.get("share"):
        parts.append(f"{row['share']:.0%} of the time")
    if row.get("calls"):
        parts.append(f"{row['calls']:,} calls timed")
    if row.get("mean_s"):
        parts.append(f"mean {show_seconds(row['mean_s'])}")
    said = standing(row)
    return "  ".join(parts) + (f": {said}" if said else "")


def standing(row: Snapshot) -> str:
    """What can be tried on a node, what was done with it, or what blocks it."""
    if row.get("rewrite"):
        text = f"runs rewrite {row['rewrite']}"
        if row.get("original_mean_s"):
            text += f" (before: mean {show_seconds(row['original_mean_s'])})"
        return text
    if canary := row.get("canary"):
        return f"rewrite {canary['rewrite']} has {canary['share']:.0%} of the time, in canary"
    if row.get("state"):
        return str(row["state"])
    quiet, share = row.get("quiet_s") or 0.0, row.get("share") or 0.0
    if not row.get("calls") and quiet >= QUIET_S and share >= NOTABLE:
        return (
            f"no re-entry point: in {quiet:.0f} s of windows no call of it ended; what would run in "
            "its place begins with the next call"
        )
    if row.get("blocked"):
        return f"left alone: {row['blocked']}"
    if row.get("templates"):
        return f"can be tried, given more calls: {', '.join(row['templates'])}"
    if row.get("refusals"):
        return f"nothing to try: {row['refusals'][0]}"
    return ""


def change_lines(store: Store, run: str) -> list[str]:
    """The versions of this run, and what was refused."""
    lines: list[str] = []
    for event in store.events():
        if event.numbers.get("run") == run and event.kind == "started":
            lines = []
        elif event.kind == "promoted":
            lines.append(f"version {event.version}: {event.address}: {event.reason}")
        elif event.kind == "rolled-back":
            lines.append(f"rolled back {event.address}: {event.reason}")
    return lines
