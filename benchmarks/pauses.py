"""How long a program is held up: ``python -m benchmarks.pauses [--json] [--seconds S] [--rounds N]``.

A program works in small steps and notes how long each took by the clock and by its thread's own processor
time. What a step took by the clock alone is time in which the thread did not run (``waits``): it waited for
a processor that others had, which the kernel counts (schedstat), or for another thread that held the
interpreter (``held``: what is left of a wait of more than a quarter of a millisecond; of a kernel that does
not count, all of it). The program runs plain, watched, and watched with calls captured and tried (``--auto
--observe-only``), in turn; what the plain program shows as well is the machine's. Of the captures, which
are taken in the program's own thread, the steps' processor time tells.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = """
import json, os, random, sys, time

class Order:
    def __init__(self, name, amount, tags):
        self.name, self.amount, self.tags = name, amount, tags

    def weight(self):
        return self.amount * len(self.tags)

def made(rng, count):
    return [Order(f"o{rng.randrange(999)}", rng.randrange(50), ["a", "b"]) for _ in range(count)]

def heaviest(orders):
    best = None
    for order in orders:
        if best is None or order.weight() > best.weight():
            best = order
    return best.amount

def shared(left, right):
    return sum(1 for value in left if value in right)

def step(rng):
    orders = made(rng, 12)
    left = [rng.randrange(200) for _ in range(20)]
    return heaviest(orders) + shared(left, left[5:])

def unserved():
    # Nanoseconds that this thread could have run and had no processor, so far.
    try:
        with open("/proc/thread-self/schedstat") as file:
            return int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return 0

def main(seconds, path):
    rng, waits, works, held = random.Random(3), [], [], []
    wall, own = time.perf_counter_ns, time.thread_time_ns
    for _ in range(2000):
        step(rng)
    end, counted = wall() + int(seconds * 1e9), unserved()
    while (began := wall()) < end:
        before = own()
        step(rng)
        worked = own() - before
        waited = wall() - began - worked
        waits.append(waited)
        works.append(worked)
        # Seldom: who reads a file gives the interpreter up.
        if waited > 250_000:
            last, counted = counted, unserved()
            held.append(max(0, waited - (counted - last)))
        else:
            held.append(0)
            if len(waits) % 1000 == 0:
                counted = unserved()
    with open(path, "w") as file:
        json.dump({"waits": waits, "works": works, "held": held}, file)

main(float(sys.argv[1]), sys.argv[2])
"""
WATCHED: Final = {
    "plain": None,
    "watch": ("run", "--no-report"),
    "observe": ("run", "--no-report", "--auto", "--observe-only"),
}
LONG_MS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


def run(folder: Path, kind: Sequence[str] | None, seconds: float) -> dict[str, list[int]]:
    """Nanoseconds of each step: ``waits``, ``works`` and ``held``."""
    path = folder / "steps.json"
    command = [sys.executable, "app.py", str(seconds), str(path)]
    if kind is not None:
        store = tempfile.mkdtemp(dir=folder)
        own = [sys.executable, "-m", "selfsame", *kind, "--store", store, "--"]
        command = own + command
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found: dict[str, list[int]] = json.loads(path.read_text())
    return found


def row(steps: Sequence[int], seconds: float) -> dict[str, Any]:
    """Milliseconds of the steps: where the percentiles are, and how many a minute take longer."""
    last = len(steps) - 1
    data: dict[str, Any] = {
        f"p{share}": round(steps[int(last * share / 100)] / 1e6, 4)
        for share in (50, 99, 99.9, 99.99)
    }
    data["max"] = round(steps[-1] / 1e6, 3)
    data["a minute over"] = {
        f"{limit:g} ms": round(sum(step > limit * 1e6 for step in steps) * 60 / seconds, 1)
        for limit in LONG_MS
    }
    return data


def main(arguments: list[str]) -> int:
    """Measure in turn, and print a row for each way to run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pauses", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--seconds", type=float, default=10.0, help="of one run")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    steps: dict[str, dict[str, list[int]]] = {
        k: {"waits": [], "works": [], "held": []} for k in WATCHED
    }
    with tempfile.TemporaryDirectory(prefix="selfsame-pauses-") as name:
        folder = Path(name)
        (folder / "app.py").write_text(PROGRAM)
        for _ in range(options.rounds):
            for kind, words in WATCHED.items():
                for which, values in run(folder, words, options.seconds).items():
                    steps[kind][which] += values
    spent = options.seconds * options.rounds
    rows = {
        kind: {which: row(sorted(values), spent) for which, values in found.items()}
        | {"steps": len(found["works"]), "mean_us": round(statistics.mean(found["works"]) / 1e3, 3)}
        for kind, found in steps.items()
    }
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        for kind, facts in rows.items():
            print(kind, json.dumps(facts), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
