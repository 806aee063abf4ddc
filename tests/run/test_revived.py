"""An engine that is killed is started again, and the figures go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from selfsame.runtime.versions.store import Store

PROGRAM = """
import json, os, signal, sqlite3, time

def work(n):
    return sum(range(n))

def engine():
    with open("store/engine.json") as file:
        return json.load(file)["pid"]

def shown():
    '''Calls of work that the living graph shows, and whether they were kept for a later engine.'''
    try:
        with sqlite3.connect("file:store/store.db?mode=ro", uri=True) as store:
            rows = dict(store.execute("select run, data from snapshots"))
    except sqlite3.Error:
        return 0, False
    kept = '"revived:work"' in rows.pop("(living)", "")
    nodes = [n for data in rows.values() for n in json.loads(data)["nodes"]]
    return sum(n["calls"] for n in nodes if n["address"] == "revived:work"), kept

def until(there):
    deadline = time.monotonic() + 60
    while not there():
        assert time.monotonic() < deadline
        for _ in range(20):
            work(50)
            time.sleep(0.002)

until(lambda: shown()[0] >= 400 and shown()[1])
first = engine()
os.kill(first, signal.SIGKILL)
until(lambda: engine() != first)
before = shown()[0]
until(lambda: shown()[0] > before)
print(before, shown()[0])
"""


@pytest.mark.slow
def test_figures_go_on_after_the_engine_was_killed(tmp_path: Path) -> None:
    (tmp_path / "revived.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "selfsame", "run", "--store", "store", "revived.py"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    assert after > before >= 400
    assert "1 time before the program, of SIGKILL, and started again" in done.stderr
    with Store.open(tmp_path / "store") as store:
        (snapshot,) = store.snapshots()
    (row,) = [n for n in snapshot["nodes"] if n["address"] == "revived:work"]
    assert row["spans"]["1 h"]["calls"] >= after
