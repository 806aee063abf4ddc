"""What rewriting gives whole programs: ``python -m benchmarks.gain [NAME…] [--seconds S] [--json]``.

The programs are those of `benchmarks.overhead`; none knows of selfsame. Each repeats its work a quarter of a
second at a time: for a few seconds plainly, for S seconds under ``run --auto``, and plainly again. Given is
the processor time of a round of the plain program over that of the watched one, at the end of its run, when what
was found is in, and over all of it, looked for and tried included; ``plain`` is the second plain run, the
same way. What engine and workers take is another process's. A program whose work takes longer than a few
seconds for one round is not measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.overhead.programs import Bench
from selfsame.runtime.versions.store import Store

ROUND_S: Final = 0.25
PLAIN_S: Final = 4.0
FEWEST: Final = 4
"""Rounds of a run."""
LAST: Final = 5
"""The share of the rounds that are its end: one in so many."""


def main() -> None:
    """Measure; each program's row is printed when it is known, to stderr with ``--json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("programs", nargs="*", help="their names without bm_; default: all")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the watched run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), ROUND_S)
        programs = bench.programs()
        if unknown := set(options.programs) - set(programs):
            parser.error(f"no such program: {', '.join(sorted(unknown))}")
        for name in options.programs or programs:
            row = rows[name] = measured(bench, programs[name], options.seconds)
            told = sys.stderr if options.json else sys.stdout
            print(name, json.dumps(row), file=told, flush=True)
    gains = [row["end"] for row in rows.values() if "end" in row]
    result: dict[str, Any] = {"programs": len(gains)}
    if gains:
        result["geometric mean at the end"] = round(statistics.geometric_mean(gains), 3)
        result["slower by more than a tenth"] = sorted(
            n for n, r in rows.items() if r.get("end", 1) < 0.9
        )
    if options.json:
        result["by program"] = rows
    print(json.dumps(result, indent=1))


def measured(bench: Bench, program: list[str], seconds: float) -> dict[str, Any]:
    """One program's row, or why there is none."""
    plain = [sys.executable, *program]
    before = bench.repeated(plain, 0, PLAIN_S)
    if isinstance(before, str):
        return {"skipped": before}
    store = bench.new_store()
    watched = bench.repeated(bench.rewritten(store, plain), before["loops"], seconds)
    after = bench.repeated(plain, before["loops"], PLAIN_S)
    for run in (watched, after):
        if isinstance(run, str):
            return {"skipped": run}
    rounds = watched["rounds"]
    if min(len(rounds), len(before["rounds"])) < FEWEST:
        return {"skipped": "its work takes too long for one round"}
    usual = statistics.median(before["rounds"] + after["rounds"])
    return {
        "end": round(usual / statistics.median(rounds[-max(2, len(rounds) // LAST) :]), 3),
        "all": round(usual * len(rounds) / sum(rounds), 3),
        "plain": round(statistics.median(before["rounds"]) / statistics.median(after["rounds"]), 3),
        "promoted": promoted(store),
    }


def promoted(store: str) -> list[str]:
    """What was let in, in order, as the history has it."""
    with Store.open(Path(store), create=False) as opened:
        return [f"{e.address}: {e.reason}" for e in opened.events() if e.kind == "promoted"]


if __name__ == "__main__":
    main()
