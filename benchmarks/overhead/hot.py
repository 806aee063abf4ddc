"""Whether the watch names the functions that a full trace finds hottest."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

HOTTEST = 20
NOTABLE = 0.02  # of the time: single shares below are not compared
ROUNDS = 100  # of handing time on to callers
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
ENDED_S = 20.0  # how long the engine may take to write its last figures


def compared(script: str, trace: dict[str, Any], plain_cpu_s: float, seen: Any) -> dict[str, Any]:
    """The trace's shares beside the watch's.

    ``covered`` is the share of the time, by the trace, in the 20 functions that the watch calls
    hottest, over that in the trace's own 20: 0.9 and more is within 10 % of a full trace.
    ``furthest`` is the largest difference of a single notable share.
    """
    exact = own_shares(script, trace, plain_cpu_s)
    watched = watched_shares(Path(script).stem, seen)
    hottest = exact.most_common(HOTTEST)
    named = [name for name, _ in watched.most_common(HOTTEST)]
    best = sum(share for _, share in hottest)
    notable = [(n, s) for n, s in hottest if s >= NOTABLE]
    return {
        "covered": round(sum(exact[n] for n in named) / best, 3) if best else 0.0,
        "found": sum(name in named for name, _ in notable),
        "of": len(notable),
        "furthest": round(max((abs(s - watched[n]) for n, s in notable), default=0.0), 3),
        "shares": {n: [round(s, 3), round(watched[n], 3)] for n, s in notable},
    }


def own_shares(script: str, trace: dict[str, Any], plain_cpu_s: float) -> Counter[str]:
    """Function -> its share of the script's time, by a trace of every call.

    As the watch counts it: with the C code, the library's functions and the comprehensions that a
    function calls, up to the next function of the script. A trace takes time itself, and about half
    of it at each side of the clock: it is taken off the function for each of its calls, and off the
    caller, by what the whole run took longer.
    """
    functions = trace["functions"]
    calls = sum(row[2] for row in functions)
    each = max(0.0, trace["cpu"] - plain_cpu_s) / calls / 2 if calls else 0.0
    own = [row[3] - each * row[2] for row in functions]
    for row in functions:
        for caller, times, _ in row[4]:
            own[caller] -= each * times
    mine = [row[0] == script and row[1] not in COMPREHENSIONS for row in functions]
    _hand_on(functions, own, mine)
    found: Counter[str] = Counter()
    for row, spent, kept in zip(functions, own, mine, strict=True):
        if kept and not row[1].startswith("<module"):
            found[row[1]] += max(0.0, spent)  # type: ignore[assignment]
    total = sum(found.values())
    return Counter({n: s / total for n, s in found.items()}) if total else found  # type: ignore[misc]


def _hand_on(functions: list[Any], own: list[float], mine: list[bool]) -> None:
    """Give the time of what is not the script's to who called it, by the time of each caller's calls.

    What calls itself in a ring hands a part on in each round; what nobody of the script's called is lost.
    """
    own[:] = [max(0.0, spent) for spent in own]
    others = [n for n, kept in enumerate(mine) if not kept]
    callers: dict[int, list[tuple[int, float]]] = {}
    for n in others:
        rows = [(caller, weight) for caller, _, weight in functions[n][4] if caller != n]
        total = sum(weight for _, weight in rows)
        callers[n] = [(caller, weight / total) for caller, weight in rows] if total else []
    for _ in range(ROUNDS):
        moved = [(n, own[n]) for n in others if own[n]]
        for n, _ in moved:
            own[n] = 0.0
        for n, spent in moved:
            for caller, share in callers[n]:
                own[caller] += spent * share


def watched_shares(module: str, last: dict[str, Any] | None) -> Counter[str]:
    """Function -> its own share of the module's running time, as the watch counted it."""
    found: Counter[str] = Counter()
    for row in last["nodes"] if last is not None else ():
        home, _, qualname = row["address"].rpartition(":")
        if home == module:
            own = row.get("own_samples", 0) + row.get("native_samples", 0)
            found[qualname.rpartition(".")[2]] += own
    total = sum(found.values())
    return Counter({n: s / total for n, s in found.items()}) if total else found  # type: ignore[misc]


def last_snapshot(store: str) -> dict[str, Any] | None:
    """The living graph as the engine left it; None where it left none."""
    from selfsame.runtime.versions.store import Store

    deadline = time.monotonic() + ENDED_S
    while True:
        snapshots = Store.open(Path(store)).snapshots()
        if snapshots and not snapshots[0].get("running"):
            return dict(snapshots[0])
        if time.monotonic() > deadline:
            return dict(snapshots[0]) if snapshots else None
        time.sleep(0.2)
