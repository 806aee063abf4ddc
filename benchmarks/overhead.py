"""What watching costs: pyperformance's programs, plain and watched, A B A B in one run.

Each program that needs nothing but ``pyperf`` is run as a script, with a stand-in for ``pyperf``
that runs its work a fixed number of times and notes the process's CPU time, agent and looks
included (the engine is another process). Watched means ``selfsame run --auto --observe-only``. A
watch that sees nothing is cheap: so each program's hottest functions by the watch are compared with
those of a full trace (cProfile without builtins, which itself weighs on small functions).

    python -m benchmarks.overhead --json
    python -m benchmarks.overhead richards chaos --rounds 7 --peers
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

PACKAGE = "pyperformance==1.11.0"
HOTTEST = 20
NOTABLE = 0.02  # of the time: functions below are not compared
LONGEST_S = 300
ENDED_S = 20.0  # how long the engine may take to write its last figures

STAND_IN = """
import argparse, asyncio, json, os, time

perf_counter = time.perf_counter

def python_implementation():
    return "cpython"

class Runner:
    def __init__(self, *args, **kwargs):
        self.metadata = {}
        self.args = None
        self.argparser = argparse.ArgumentParser()
        self._done = False
        given = kwargs.get("add_cmdline_args")

    def parse_args(self, args=None):
        self.args = self.argparser.parse_args(args)
        return self.args

    def bench_func(self, name, function, *args, **kwargs):
        def run(loops):
            began = perf_counter()
            for _ in range(loops):
                function(*args)
            return perf_counter() - began
        self._run(run)

    def bench_time_func(self, name, function, *args, **kwargs):
        self._run(lambda loops: function(loops, *args))

    def bench_async_func(self, name, function, *args, **kwargs):
        def run(loops):
            async def all_of_them():
                for _ in range(loops):
                    await function(*args)
            began = perf_counter()
            asyncio.run(all_of_them())
            return perf_counter() - began
        self._run(run)

    def _cpu(self, run, loops):
        began = time.process_time()
        run(loops)
        return max(1e-6, time.process_time() - began)

    def _run(self, run):
        if self._done:
            return
        self._done = True
        wanted, loops = float(os.environ["OVERHEAD_S"]), int(os.environ["OVERHEAD_LOOPS"])
        if not loops:
            loops, spent = 1, self._cpu(run, 1)
            while spent < wanted / 8:
                loops *= 2
                spent = self._cpu(run, loops)
            loops = max(1, int(loops * wanted / spent))
        trace = None
        if os.environ.get("OVERHEAD_TRACE"):
            import cProfile
            trace = cProfile.Profile(builtins=False)
        began, wall = time.process_time(), time.monotonic()
        if trace is not None:
            trace.runcall(run, loops)
        else:
            run(loops)
        result = {"cpu": time.process_time() - began, "wall": time.monotonic() - wall, "loops": loops}
        if trace is not None:
            trace.create_stats()
            result["functions"] = [[f, n, line, s[2]] for (f, line, n), s in trace.stats.items()]
        with open(os.environ["OVERHEAD_RESULT"], "w") as handle:
            json.dump(result, handle)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("programs", nargs="*", help="their names without bm_; default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU of one plain run")
    parser.add_argument("--peers", action="store_true", help="cProfile and tracemalloc too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.seconds)
        rows = {}
        for name, script in bench.programs().items():
            if options.programs and name not in options.programs:
                continue
            row = rows[name] = bench.measure(script, options.rounds, options.peers)
            if not options.json:
                print(name, json.dumps(row), flush=True)
    summary = summed_up(rows)
    if options.json:
        print(json.dumps({"programs": rows, "summary": summary}, indent=1))
    else:
        print(json.dumps(summary, indent=1))


def summed_up(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Geometric means over the programs that ran, and the worst one."""
    done = {name: row for name, row in rows.items() if "skipped" not in row}
    if not done:
        return {"programs": 0}
    kinds = [
        k for k in ("plain", "watched", "cprofile", "tracemalloc") if k in next(iter(done.values()))
    ]
    return {
        "programs": len(done),
        "geomean": {
            k: round(math.exp(statistics.fmean(math.log(r[k]["median"]) for r in done.values())), 4)
            for k in kinds
        },
        "worst": max(done, key=lambda name: done[name]["watched"]["median"]),
        "hot functions found": sum(row["hot"]["found"] for row in done.values()),
        "of": sum(row["hot"]["of"] for row in done.values()),
    }


class Bench:
    """The programs, and how to run one."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        (folder / "pyperf.py").write_text(STAND_IN)

    def programs(self) -> dict[str, Path]:
        """The scripts of all programs that need nothing but pyperf, by name."""
        target = self.folder / "installed"
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target"]
        subprocess.run([*command, str(target), PACKAGE], check=True, stderr=subprocess.DEVNULL)
        found = {}
        for folder in sorted(target.glob("pyperformance/data-files/benchmarks/bm_*")):
            text = (folder / "pyproject.toml").read_text()
            if 'dependencies = ["pyperf"]' in text:
                found[folder.name.removeprefix("bm_")] = folder / "run_benchmark.py"
        return found

    def measure(self, script: Path, rounds: int, peers: bool) -> dict[str, Any]:
        """CPU time over that of the plain run before it, in pairs; ``plain`` is A over A."""
        first = self._run([sys.executable, str(script)], 0)
        if isinstance(first, str):
            return {"skipped": first}
        loops = first["loops"]
        kinds = {
            "plain": [sys.executable, str(script)],
            "watched": [],
            "cprofile": [sys.executable, "-m", "cProfile", "-o", os.devnull, str(script)],
            "tracemalloc": [sys.executable, "-X", "tracemalloc", str(script)],
        }
        chosen = list(kinds)[: 4 if peers else 2]
        ratios: dict[str, list[float]] = {kind: [] for kind in chosen}
        store = ""
        for number in range(rounds):
            for kind in chosen:
                command = kinds[kind]
                if kind == "watched":
                    store = str(self.folder / f"store-{script.parent.name}-{number}")
                    command = [sys.executable, "-m", "selfsame", "run", "--auto", "--observe-only"]
                    command += ["--no-report", "--store", store, str(script)]
                before, after = self._run(kinds["plain"], loops), self._run(command, loops)
                if isinstance(before, str) or isinstance(after, str):
                    return {"skipped": f"{kind}: {before if isinstance(before, str) else after}"}
                ratios[kind].append(after["cpu"] / before["cpu"])
        row: dict[str, Any] = {"loops": loops, "cpu_s": round(first["cpu"], 3)}
        for kind, found in ratios.items():
            row[kind] = {
                "median": round(statistics.median(found), 4),
                "low": round(min(found), 4),
                "high": round(max(found), 4),
            }
        last = last_snapshot(store)
        if last is not None:
            # What the agent counts of itself: its thread and its looks, over the program's own.
            row["agent"] = round(last["program"]["agent_cpu_s"] / last["program"]["cpu_s"], 4)
        row["hot"] = self._compared(script, loops, last)
        return row

    def _run(self, command: list[str], loops: int, **more: str) -> dict[str, Any] | str:
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        environment = os.environ | more
        environment |= {
            "PYTHONPATH": os.pathsep.join(
                [str(self.folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
            ).rstrip(os.pathsep),
            "PYTHONHASHSEED": "0",
            "OVERHEAD_S": str(self.seconds),
            "OVERHEAD_LOOPS": str(loops),
            "OVERHEAD_RESULT": str(result),
        }
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"longer than {LONGEST_S} s"
        if not result.exists():
            return (done.stderr.strip().splitlines() or ["it left no result"])[-1]
        found: dict[str, Any] = json.loads(result.read_text())
        return found

    def _compared(self, script: Path, loops: int, last: dict[str, Any] | None) -> dict[str, Any]:
        """The functions that a full trace finds hottest, and what the watch said of them."""
        traced = self._run([sys.executable, str(script)], loops, OVERHEAD_TRACE="1")
        if isinstance(traced, str):
            return {"found": 0, "of": 0, "skipped": traced}
        exact: Counter[str] = Counter()
        total = sum(spent for *_, spent in traced["functions"])
        for file, name, _, spent in traced["functions"]:
            if file == str(script):
                exact[name] += spent / total
        seen = watched_shares(last)
        hottest = [(n, s) for n, s in exact.most_common(HOTTEST) if s >= NOTABLE]
        best = {name for name, _ in seen.most_common(HOTTEST)}
        return {
            "found": sum(name in best for name, _ in hottest),
            "of": len(hottest),
            "furthest": round(max((abs(s - seen[n]) for n, s in hottest), default=0.0), 3),
            "shares": {n: [round(s, 3), round(seen[n], 3)] for n, s in hottest},
        }


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


def watched_shares(last: dict[str, Any] | None) -> Counter[str]:
    """Function name -> its own share of the running time, as the watch counted it."""
    found: Counter[str] = Counter()
    for row in last["nodes"] if last is not None else ():
        own = row.get("own_samples", 0) + row.get("native_samples", 0)
        found[row["address"].rpartition(":")[2].rpartition(".")[2]] += own
    total = sum(found.values())
    return Counter({name: n / total for name, n in found.items()}) if total else found


if __name__ == "__main__":
    main()
