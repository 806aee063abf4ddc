"""What a living graph of very many nodes takes: memory, and the time to rank, show and write it.

``python -m benchmarks.living_graph [--nodes N] [--json]``. In a process of its own, every node of N
(a million) was looked at; windows close one after another on nodes drawn at random, some of them far
hotter than the rest, over two hours of a simulated clock. Memory is the resident set's growth.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.kept import written
from selfsame.runtime.monitor.seen import Window

HOURS, WINDOWS_S = 2, 100  # windows a second: more than a schedule opens in one process
SPREAD = 20  # buckets that the calls of a window fall into


def main() -> None:
    """Measure in a fresh process, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.nodes)))
        return
    command = [sys.executable, "-m", __spec__.name, "--inside", "--nodes", str(options.nodes)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        print(f"{name:24} {value}")


def measure(count: int) -> dict[str, Any]:
    """The figures of a graph with ``count`` nodes."""
    draw = random.Random(0)
    before = resident()
    graph = LivingGraph()
    addresses = [f"package{n // 1000}.module{n // 50}:Class.method{n}" for n in range(count)]
    texts = resident() - before
    for number, address in enumerate(addresses):
        node = graph.node(address)
        node.total = node.own = 1 + (number % 997 == 0) * (number % 89)
        graph.program.python += node.total
    nodes = resident() - before
    # Now is the end: the windows have come since boot, however long ago that was.
    start = time.monotonic() - HOURS * 3600
    closed = HOURS * 3600 * WINDOWS_S
    for number in range(closed):
        graph.saw(
            addresses[int(count * draw.random() ** 4)], window(start + number / WINDOWS_S, draw)
        )
    everything = resident() - before
    now = time.monotonic()
    spans = [graph.node(a).spans(now) for a in addresses[:100]]
    return {
        "nodes": count,
        "windows closed": closed,
        "windows kept": sum(len(n.windows) for n in graph.nodes.values()),
        "minutes kept": sum(len(n.minutes) for n in graph.nodes.values()),
        "MiB of addresses": round(texts / 2**20, 1),
        "MiB of nodes": round(nodes / 2**20, 1),
        "MiB in all": round(everything / 2**20, 1),
        "spans seen": sorted({name for found in spans for name in found}),
        "s to rank": timed(lambda: graph.hottest(12)),
        "s to snapshot": timed(graph.snapshot),
        "s to write": timed(lambda: json.dumps(written(graph, "run", lambda a: "0" * 32))),
        "MiB after that": round((resident() - before) / 2**20, 1),
    }


def window(at: float, draw: random.Random) -> Window:
    """A window of 200 calls, each of its own time."""
    slowest = draw.randrange(1_000, 10_000_000)
    buckets: dict[int, int] = {}
    for _ in range(SPREAD):
        index = bucket(draw.randrange(slowest // 2, slowest))
        buckets[index] = buckets.get(index, 0) + 10
    total = 200 * slowest * 3 // 4
    return Window(at, 200, total, total, {}, buckets, total, "", 200)


def timed(work: Any) -> float:
    """Seconds that a call takes, to the millisecond."""
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
