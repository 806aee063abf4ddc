"""What a large store costs: ``python -m benchmarks.store [--json] [--versions N] [--nodes N]``.

Two stores, a small one (20 nodes, 20 versions) and a large one (2,000 nodes, 10,000 versions, one
node changed by each), are asked the same in turns, A B A B. Three times are given for each verb, in
milliseconds: ``inside``, the work on a store that was just opened, in this process; ``command``, the
whole command, interpreter and imports included; ``start``, what of it the small store takes too.
``python`` is an interpreter that does nothing: no command can take less. ``commit`` is one node changed,
durably. Medians; ``ratio`` is large over small.
"""

import argparse
import contextlib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from selfsame.cli.verbs.diff import command as diff
from selfsame.cli.verbs.history import command as history
from selfsame.cli.verbs.show import command as show
from selfsame.cli.verbs.why import command as why
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.succession import advance

SMALL: Final = (20, 20)
NODE: Final = "shop.mod3:Class3.method"
VERBS: Final = {
    "history": (history, []),
    "history NODE": (history, [NODE]),
    "history --json": (history, ["--json"]),
    "show": (show, []),
    "show head~19": (show, ["head~19"]),
    "diff": (diff, ["head~1"]),
    "diff head~19": (diff, ["head~19"]),
    "why": (why, [NODE, "--no-source"]),
    "why --json": (why, [NODE, "--json"]),
}


def entry(node: int, version: int) -> NodeEntry:
    """What a version says of a node, as long as real entries are."""
    return NodeEntry(
        f"shop.mod{node % 50}:Class{node}.method",
        f"{node:032x}",
        "active",
        f"{node:08x}{version:08x}",
        template="hoist",
        family="refactor",
        speedup="2.40x (2.10 to 2.70)",
        reason="max_execution_time is violated: 12 ms of 10 ms",
        evidence=("fuzzed 500", f"replayed {version}"),
        dependencies={"shop.cart:price": f"{version:032x}", "python": "3.11"},
    )


def make(directory: Path, nodes: int, versions: int, seconds: float = 1e9) -> bool:
    """Fill a store, or go on filling it: all nodes at once, then one at a time.

    Whether all is there; not so where the seconds are over first.
    """
    limit = time.monotonic() + seconds
    with Store.open(directory) as store:
        if store.head().number == 1:
            every = {one.address: one for one in (entry(n, 0) for n in range(nodes))}
            store.commit(lambda m: replace(m, nodes=every), author="selfsame", reason="all")
            for number in range(min(200, versions)):
                store.add_event("compared", NODE, reason="12 calls agree", calls=number)
        before = store.head()
        with store.transaction() as writer:
            for number in range(before.number, versions):
                if time.monotonic() > limit:
                    break
                new = before.manifest.with_entry(entry(number % nodes, number))
                new = replace(new, parent=before.id, author="selfsame", reason=f"r{number}")
                before = advance(writer, before, new)
        store.publish_orders()
        return before.number >= versions


def median(work: Callable[[], object], times: int) -> float:
    """Milliseconds."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent) * 1e3


def inside(verb: str, directory: Path) -> None:
    """A verb in this process, on a store that is opened for it; what it prints is dropped."""
    command, arguments = VERBS[verb]
    with contextlib.redirect_stdout(io.StringIO()):
        command.main([*arguments, "--store", str(directory)], standalone_mode=False)


def whole(verb: str, directory: Path) -> None:
    """The command, as a person gives it."""
    words = [verb.split()[0], *VERBS[verb][1], "--store", str(directory)]
    subprocess.run([sys.executable, "-m", "selfsame", *words], check=True, capture_output=True)


def nothing() -> None:
    """An interpreter that starts and ends."""
    subprocess.run([sys.executable, "-c", "pass"], check=True, capture_output=True)


def compared(
    work: Callable[[Path], None], small: Path, large: Path, times: int
) -> tuple[float, float]:
    """The medians of both stores, in turns."""
    pairs = [(median(lambda: work(small), 1), median(lambda: work(large), 1)) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def committing() -> Callable[[Path], None]:
    """Opens a store and changes one node of it, another one each time."""
    number = 10**6

    def one(where: Path) -> None:
        nonlocal number
        number += 1
        new = entry(number % 20, number)
        with Store.open(where) as store:
            store.commit(lambda m: m.with_entry(new), author="selfsame", reason="one")

    return one


def main() -> int:
    """Print the times of both stores."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--versions", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--nodes", type=int, default=2_000, help="default: %(default)s")
    parser.add_argument("--keep", type=Path, help="where the large store is made, or gone on with")
    parser.add_argument("--seconds", type=float, default=1e9, help="for making it, in this run")
    parser.add_argument("--times", type=int, default=7, help="turns (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="also time `store check`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), options.keep or Path(folder, "large")
        make(small, *SMALL)
        if not make(large, options.nodes, options.versions, options.seconds):
            print(
                "not all versions are made yet: run it again with the same --keep", file=sys.stderr
            )
            return 2
        rows: dict[str, dict[str, float]] = {"python": {"command": median(nothing, options.times)}}
        for verb in VERBS:
            inner = compared(lambda where, v=verb: inside(v, where), small, large, options.times)  # type: ignore[misc]
            outer = compared(lambda where, v=verb: whole(v, where), small, large, options.times)  # type: ignore[misc]
            rows[verb] = {
                "inside": inner[1],
                "command": outer[1],
                "start": outer[0],
                "ratio": outer[1] / outer[0],
            }
        inner = compared(committing(), small, large, options.times)
        rows["commit"] = {"inside": inner[1], "start": inner[0], "ratio": inner[1] / inner[0]}
        with Store.open(large) as store:
            numbers = iter(range(2 * 10**6, 3 * 10**6))

            def again() -> None:
                new = entry(5, next(numbers))
                store.commit(lambda m: m.with_entry(new), author="selfsame", reason="one")

            again()
            rows["commit, store open"] = {"inside": median(again, 3 * options.times)}
        facts: dict[str, object] = {
            "nodes": options.nodes,
            "versions": options.versions,
            "bytes": (large / "store.db").stat().st_size,
            "verbs": {v: {k: round(x, 2) for k, x in row.items()} for v, row in rows.items()},
        }
        if options.check:
            with Store.open(large) as store:
                facts["seconds to check"] = round(median(store.check, 1) / 1e3, 1)
    if options.json:
        print(json.dumps(facts, indent=2))
        return 0
    print(f"{options.nodes:,} nodes, {options.versions:,} versions, {facts['bytes']:,} bytes")
    print(f"{'milliseconds':20} {'inside':>9} {'command':>9} {'start':>9} {'ratio':>7}")
    for verb, row in rows.items():
        shown = [f"{row[k]:9.1f}" if k in row else " " * 9 for k in ("inside", "command", "start")]
        ratio = f"{row['ratio']:7.2f}" if "ratio" in row else ""
        print(f"{verb:20} {' '.join(shown)} {ratio}".rstrip())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
