"""What watching costs: pyperformance's programs, plain and watched, A B A B in one run.

Each program that needs nothing but ``pyperf`` is run as a script, with a stand-in for ``pyperf``
that runs its work a fixed number of times and notes the process's CPU time, agent and looks
included (the engine is another process). Watched means ``selfsame run --auto --observe-only``. A
watch that sees nothing is cheap: so each program's hottest functions by the watch are compared with
those of a full trace. ``--peers`` measures other ways to watch beside it, ``--instructions`` counts
what the program executes under callgrind.

    python -m benchmarks.overhead --json --peers --instructions
    python -m benchmarks.overhead --short
    python -m benchmarks.overhead richards chaos --rounds 7
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.overhead import instructions
from benchmarks.overhead.peers import TELLS
from benchmarks.overhead.programs import Bench

SHORT = ("chaos", "deltablue", "go", "json_dumps", "richards")  # tiny calls, big ones, native
RESAMPLED = 2000


def main() -> None:
    """Measure; each program's row is printed when it is known, to stderr with ``--json``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("programs", nargs="*", help="their names without bm_; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU of one plain run")
    parser.add_argument("--peers", action="store_true", help="the other ways to watch, too")
    parser.add_argument("--instructions", action="store_true", help="count them under callgrind")
    parser.add_argument("--short", action="store_true", help="five programs, three minutes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.short:
        options.programs = options.programs or SHORT
        options.rounds, options.seconds = min(options.rounds, 3), min(options.seconds, 1.0)
    if options.instructions and (why := instructions.available()):
        parser.error(why)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.seconds)
        programs = bench.programs()
        if unknown := set(options.programs) - set(programs):
            parser.error(f"no such program: {', '.join(sorted(unknown))}")
        if options.peers:
            bench.use_peers()
        rows = {}
        for name in options.programs or programs:
            row = rows[name] = bench.measure(programs[name], options.rounds, options.instructions)
            print(
                name, json.dumps(row), flush=True, file=sys.stderr if options.json else sys.stdout
            )
        result = {"summary": summed_up(rows), "python": platform.python_version()}
        if options.peers:
            reasons = {peer: why for peer, why in bench.peers.items() if why}
            result |= {"tells": TELLS, "not measured": reasons}
    if options.json:
        result["programs"] = rows
    print(json.dumps(result, indent=1))


def summed_up(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Over the programs that ran: geometric means with their intervals, the worst, what was seen."""
    done = {name: row for name, row in rows.items() if "skipped" not in row}
    if not done:
        return {"programs": 0}
    kinds = [k for k in ("plain", "watched", *TELLS) if any(k in row for row in done.values())]
    middle = {name: statistics.median(row["watched"]) for name, row in done.items()}
    worst = max(middle, key=lambda name: middle[name])
    seen = [row["hot"] for row in done.values() if "covered" in row["hot"]]
    result: dict[str, Any] = {
        "programs": len(done),
        "skipped": {name: row["skipped"] for name, row in rows.items() if name not in done},
        "cpu": {k: geometric([row[k] for row in done.values() if k in row]) for k in kinds},
        "worst": [worst, round(middle[worst], 4)],
        "hot": {
            "covered, at least": min((h["covered"] for h in seen), default=None),
            "covered, median": round(statistics.median(h["covered"] for h in seen), 3)
            if seen
            else None,
            "found": sum(h["found"] for h in seen),
            "of": sum(h["of"] for h in seen),
        },
    }
    counts = [[row["instructions"]["at most"]] for row in done.values() if _counted(row)]
    if counts:
        result["instructions, at most"] = geometric(counts) | {"highest": max(counts)[0]}
    return result


def geometric(ratios: list[list[float]]) -> dict[str, float]:
    """The geometric mean over programs of their medians; its interval by drawing rounds again.

    2.5 to 97.5 % of 2,000 means in which each program's rounds are drawn with replacement
    (bootstrap, Efron 1979).
    """
    draw = random.Random(0)
    means = sorted(
        _mean([draw.choices(found, k=len(found)) for found in ratios]) for _ in range(RESAMPLED)
    )
    low, high = means[int(0.025 * RESAMPLED)], means[int(0.975 * RESAMPLED) - 1]
    return {"mean": round(_mean(ratios), 4), "low": round(low, 4), "high": round(high, 4)}


def _mean(ratios: list[list[float]]) -> float:
    return math.exp(statistics.fmean(math.log(statistics.median(found)) for found in ratios))


def _counted(row: dict[str, Any]) -> bool:
    return "at most" in row.get("instructions", {})


if __name__ == "__main__":
    main()
