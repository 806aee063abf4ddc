"""What one process cannot put in runs on in the others: the store bars nothing for it."""

import time
from pathlib import Path

from selfsame.runtime.versions.store import Store

from .planted import plant, start, stop

WORK = """
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total

child = len(sys.argv) > 1
if child:
    work = None  # no such function is left in this process
else:
    import subprocess
    other = subprocess.Popen([sys.executable, __file__, "child"])
"""
FAST = "def work(n):\n    m = len(range(n))\n    return m * (m - 1) // 2"
CALL = "time.sleep(0.01) if child else work(rng.randrange(100, 3000))"


def test_a_process_without_the_function_does_not_bar_its_rewrite(tmp_path: Path) -> None:
    planted = plant(tmp_path, WORK, FAST, CALL, state="active")
    process = start(tmp_path)
    try:
        with Store.open(tmp_path / "store", create=False) as store:
            kinds: set[str] = set()
            end = time.monotonic() + 120
            while not {"installed", "left-out"} <= kinds:
                assert time.monotonic() < end and process.poll() is None, kinds
                kinds = {e.kind for e in store.events(address="app:work")}
                time.sleep(0.1)
    finally:
        error = stop(tmp_path, process)
    assert process.returncode == 0, error
    with Store.open(tmp_path / "store", create=False) as store:
        entry = store.head().manifest.nodes["app:work"]
        assert (entry.state, entry.rewrite) == ("active", planted)
        (told,) = {e.reason.partition(": ")[2] for e in store.events() if e.kind == "left-out"}
        assert told == "no live function object can be reached in this process"
