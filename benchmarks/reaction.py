"""How soon a violation becomes a rewrite: ``python -m benchmarks.reaction [--json] [--seconds S]``.

A service in small: a function that takes about a millisecond is called so many times a second with fresh
inputs, and breaks a bound from the start. Told are the seconds from the program's first line to its being
worked on, to the promotion, and to its running in full: with three ways to be slow, each another family.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from selfsame.runtime.versions.store import Store

PROGRAM: Final = """
import random, sys, time

{function}

def main(seconds, rate):
    rng = random.Random(11)
    began = time.monotonic()
    calls = 0
    while (now := time.monotonic() - began) < seconds:
        work(*given(rng))
        calls += 1
        time.sleep(max(0.0, calls / rate - (time.monotonic() - began)))

main(float(sys.argv[1]), float(sys.argv[2]))
"""
FUNCTIONS: Final = {
    "membership": """
        def given(rng):
            return [rng.randrange(9_000) for _ in range(330)], [rng.randrange(9_000) for _ in range(330)]

        def work(left, right):
            return [value for value in left if value in right]
        """,
    "queue": """
        def given(rng):
            return rng.randrange(5_000), rng.randrange(2, 9)

        def work(start, step):
            queue = [start + i for i in range(4_000)]
            total = 0
            while queue:
                total += queue.pop(0) % step
            return total
        """,
    "arithmetic": """
        def given(rng):
            return rng.randrange(10_000, 20_000), rng.randrange(3, 99)

        def work(n, k):
            total = 0
            for i in range(n):
                total = (total * k + i) % 1_000_003
            return total
        """,
}
CDL: Final = "constraint app:work { mean_execution_time: 400us }\n"
STEPS: Final = ("mutating", "promoted", "in-full")


def measured(folder: Path, function: str, seconds: float, rate: float) -> dict[str, Any]:
    """Seconds from the start of the program to each step that came; the speed-up of the trial."""
    (folder / "app.py").write_text(PROGRAM.format(function=textwrap.dedent(function)))
    (folder / "app.cdl").write_text(CDL)
    command = [sys.executable, "-m", "selfsame", "run", "--mode", "auto", "--cdl", "app.cdl"]
    command += ["--store", "store", "--no-report", "app.py", str(seconds), str(rate)]
    began = time.time()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    row: dict[str, Any] = {}
    with Store.open(folder / "store", create=False) as store:
        for event in store.events():
            if event.kind in STEPS:
                row.setdefault(
                    event.kind, round(datetime.fromisoformat(event.created).timestamp() - began, 1)
                )
        entry = store.head().manifest.nodes.get("app:work")
        if entry is not None:
            row |= {"template": entry.template, "speedup": entry.speedup}
    return row


def main(arguments: list[str]) -> int:
    """Measure each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reaction", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--seconds", type=float, default=75.0, help="for each program")
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second")
    options = parser.parse_args(arguments)
    rows = {}
    for name, function in FUNCTIONS.items():
        with tempfile.TemporaryDirectory(prefix="selfsame-reaction-") as folder:
            rows[name] = measured(Path(folder), function, options.seconds, options.rate)
        if not options.json:
            print(name, rows[name], flush=True)
    if options.json:
        print(json.dumps(rows, indent=1))
    return 0 if all("promoted" in row for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
