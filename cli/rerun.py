"""Whether `optimize --rerun` runs a workload once more: what is wanted, what is left, and what it did."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 10.0
LOOK_S: Final = 0.2


def again(directory: Path, run: str, runs: int, until: float, say: Callable[[str], None]) -> bool:
    """Whether to run it again after ``runs`` runs: calls are wanted, and it had no effects outside.

    ``until`` is on the monotonic clock. Waits for what the engine says of the run that has ended; what
    was not seen to its end may have had effects.
    """
    from selfsame.grammar.words import counted
    from selfsame.runtime.versions.store import Store

    ended, asked = time.time(), time.monotonic()
    with Store.open(directory) as store:
        while True:
            seen = store.snapshot(run)
            known = seen is not None and seen["at"] > ended and seen["ended"] >= runs
            if seen is not None and known and not seen["agents"]:
                break
            if time.monotonic() > asked + PATIENCE_S:
                say("--rerun is refused: what the program did outside was not seen to its end")
                return False
            time.sleep(LOOK_S)
    if seen["outside"]:
        effects = ", ".join(seen["outside"])
        say(f"--rerun is refused: the program {effects}; what was captured once is worked on")
        return False
    wanting = len(seen["wanting"])
    if not (wanting or seen["young"]) or time.monotonic() >= until:
        return False
    if runs == 1:
        what = f"calls of {counted(wanting, 'function')}" if wanting else "looks at what it does"
        say(f"run again until the time is up: more {what} are wanted")
    return True
