"""An engine that is killed in the middle of a trial: nothing is promoted by it, and the next one tries again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from selfsame.runtime.versions.store import Store

PROGRAM = """
import os, random, time

def work(rows, known):
    found = []
    for row in rows:
        if row in known:
            found.append(row)
    return found

rng = random.Random(3)
while not os.path.exists("stop"):
    known = [rng.randrange(10_000) for _ in range(400)]
    rows = [rng.randrange(10_000) for _ in range(400)]
    kept = set(known)
    assert work(rows, known) == [row for row in rows if row in kept]
    time.sleep(0.001)
"""
PATIENCE_S = 240


def _children(pid: int) -> set[int]:
    """The processes below one, itself left out."""
    found: set[int] = set()
    queue = [pid]
    while queue:
        parent = queue.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                queue += (new := {int(n) for n in task.read_text().split()} - found)
            except OSError:
                continue
            found |= new
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(there: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_engine_that_is_killed_in_a_trial_promotes_nothing_and_the_next_one_tries_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "selfsame", "run", "--store", "store", "--auto", "app.py"]
    process = subprocess.Popen(
        command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    def engine() -> int:
        try:
            return int(json.loads((tmp_path / "store" / "engine.json").read_text())["pid"])
        except (OSError, ValueError):
            return 0

    try:
        _until(lambda: engine() != 0, process)
        with Store.open(tmp_path / "store", create=False) as store:

            def kinds() -> list[str]:
                return [event.kind for event in store.events(address="app:work")]

            _until(lambda: "trying" in kinds(), process)
            first = engine()
            _until(lambda: bool(_children(first)), process)
            workers = _children(first)
            assert "promoted" not in kinds()
            os.kill(first, signal.SIGKILL)
            _until(lambda: not any(map(_alive, workers)), process)
            before = kinds()
            assert "promoted" not in before
            assert "app:work" not in store.head().manifest.nodes
            # The engine that is started in its place begins the trial anew, and answers it.
            _until(lambda: engine() not in (0, first), process)
            _until(lambda: "trying" in kinds()[len(before) :], process)
            _until(lambda: "promoted" in kinds()[len(before) :], process)
            assert "app:work" in store.head().manifest.nodes
    finally:
        (tmp_path / "stop").touch()
        try:
            _, error = process.communicate(timeout=90)
        finally:
            process.kill()
    assert process.returncode == 0, error
    assert "SIGKILL" in error
