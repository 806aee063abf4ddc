"""How long bad rewrites run: ``python -m benchmarks.planted [--json] [--out FILE]``.

Rewrites that no trial should have passed are put into a store as if one had: wrong for a rare input,
slow for large inputs alone, keeping memory, ending the process. Each is left to be found by the
program that runs it. Given are the seconds from its being let in to its being taken out, and what
it was taken out for; then the program runs once more, and it must not be tried again. Run from the
root of the source tree; a rewrite is a line of FILE, and what is there is not done again.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.rows import Rows
from selfsame.runtime.versions.store import Store
from tests.run.planted import CALL, CRASH, PLANTED, SUM, plant, start, stop, wait_for

AGAIN_S: Final = 10.0
LONGEST_S: Final = 300.0
AT_WORK: Final = ("installed", "proposed", "promoted", "wider", "in-full")


def rolled_back(folder: Path, rewrite: str, call: str) -> dict[str, Any]:
    """Run the program until its rewrite was taken out."""
    planted = plant(folder, SUM, rewrite, call, state="active")
    began = time.monotonic()
    process = start(folder, "--auto")
    try:
        wait_for(folder, lambda e: e is not None and e.state == "barred", LONGEST_S)
        seconds = time.monotonic() - began
    finally:
        stop(folder, process)
    with Store.open(folder / "store", create=False) as store:
        (event,) = [e for e in store.events() if e.kind == "rolled-back"]
    after, why = event.numbers["after_s"], event.reason
    return {"rewrite": planted, "after_s": after, "with_start_s": round(seconds, 1), "why": why}


def crashed(folder: Path) -> dict[str, Any]:
    """Start the program again whenever it has died, until the rewrite is barred."""
    planted = plant(folder, SUM, CRASH, CALL, state="active")
    began, deaths = time.monotonic(), 0
    state = ""
    while state != "barred" and time.monotonic() - began < LONGEST_S:
        start(folder, "--auto").communicate(timeout=LONGEST_S)
        deaths += 1
        with Store.open(folder / "store", create=False) as store:
            entry = store.head().manifest.nodes["app:work"]
            state = entry.state
    seconds = round(time.monotonic() - began, 1)
    return {"rewrite": planted, "deaths": deaths, "with_start_s": seconds, "why": entry.reason}


def again(folder: Path, rewrite: str) -> bool:
    """Whether the rewrite is tried in another run of the program, or that one fails."""
    with Store.open(folder / "store", create=False) as store:
        last = store.last_event()
    process = start(folder, "--auto")
    time.sleep(AGAIN_S)
    stop(folder, process)
    with Store.open(folder / "store", create=False) as store:
        seen = [e for e in store.events(last) if e.numbers.get("rewrite") == rewrite]
        barred = store.head().manifest.nodes["app:work"].state == "barred"
    return process.returncode != 0 or not barred or any(e.kind in AT_WORK for e in seen)


def main(arguments: list[str]) -> int:
    """Plant all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--out", type=Path, help="a line for each rewrite")
    options = parser.parse_args(arguments)
    kept = Rows(options.out)
    known = {row["name"] for row in kept.rows}
    for name in (*PLANTED, "ends the process"):
        if name in known:
            continue
        with tempfile.TemporaryDirectory(prefix="selfsame-planted-") as scratch:
            folder = Path(scratch)
            if name in PLANTED:
                rewrite, call, _ = PLANTED[name]
                found = rolled_back(folder, rewrite, call)
            else:
                found = crashed(folder)
            row = {"name": name, **found, "tried_again": again(folder, found["rewrite"])}
        kept.add(row)
        if not options.json:
            print(row, flush=True)
    if options.json:
        print(json.dumps(kept.rows, indent=1))
    return 1 if any(row["tried_again"] for row in kept.rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
