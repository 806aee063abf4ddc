"""Instructions under callgrind: what the program's own threads execute, plain and watched.

A program is some fifty times slower there, while windows are opened by the clock: they are as many
times denser as in life, so the ratio is an upper bound. The agent's and the looks' threads go by the
clock too and are left out: their share is measured in the timed runs (``agent``). What is done once,
at the start, falls out by taking the difference of two runs of unlike length, and is shown apart.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEAST = 10_000_000  # of what a run of some 50 ms executes
CALLGRIND = ("valgrind", "--tool=callgrind", "--separate-threads=yes")


def available() -> str:
    """Why instructions cannot be counted here; empty where they can."""
    return "" if shutil.which("valgrind") else "valgrind is not installed"


def counted(
    folder: Path, run: Callable[[bool, list[str], int], dict[str, Any] | str], loops: int
) -> dict[str, Any]:
    """``run(watched, prefix, loops)`` runs the program behind ``prefix``; a row of figures."""
    figures: dict[tuple[bool, int], int] = {}
    for times in (loops, 3 * loops):
        for watched in (False, True):
            out = folder / "callgrind.out"
            for old in folder.glob("callgrind.out*"):
                old.unlink()
            done = run(watched, [*CALLGRIND, f"--callgrind-out-file={out}"], times)
            if isinstance(done, str):
                return {"skipped": done}
            found = re.search(r"^totals: (\d+)", Path(f"{out}-01").read_text(), re.MULTILINE)
            if found is None:
                return {"skipped": "callgrind left no total"}
            figures[watched, times] = int(found[1])
    plain = figures[False, 3 * loops] - figures[False, loops]
    if plain < LEAST:
        return {"skipped": "its work is done by other processes"}
    watched_more = figures[True, 3 * loops] - figures[True, loops]
    return {
        "loops": 2 * loops,
        "plain": plain,
        "at most": round(watched_more / plain, 4),
        "start": figures[True, loops] - figures[False, loops],
    }
