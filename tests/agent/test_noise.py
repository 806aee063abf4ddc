"""The machine's noise as the agent sees it."""

import subprocess
import sys

import pytest

from selfsame.runtime.agent import backend, noise
from selfsame.runtime.agent.noise import Machine


def test_what_threads_waited_for_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(noise, "_go", lambda: 1000)
    monkeypatch.setattr(noise, "FRESH_S", -1.0)
    monkeypatch.setattr(machine, "waited", lambda: (3_000, 1_500))
    assert machine.slowed((1_000, 500)) == (1.0, 1.5)
    assert machine.slowed((3_000, 1_500)) == (1.0, 1.0)  # nothing ran
    assert machine.slowed((0, 0)) == (1.0, 1.0)  # the first reading failed: nothing is known


def test_a_canary_that_is_slower_than_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    machine, times = Machine(), iter([1200, 1000, 1100, 5000, 1300, 2000, 900, 950, 990])
    monkeypatch.setattr(noise, "_go", lambda: next(times))
    monkeypatch.setattr(machine, "waited", lambda: (0, 0))
    monkeypatch.setattr(noise, "FRESH_S", -1.0)
    assert [machine.slowed((0, 0)) for _ in range(3)] == [(1.0, 1.0), (1.3, 1.0), (1.0, 1.0)]


def test_windows_of_one_tick_share_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.001, 11.0])
    read = iter([(1, 2), (3, 4)])
    monkeypatch.setattr(noise, "monotonic", lambda: next(clock))
    monkeypatch.setattr(noise, "_waited", lambda: next(read))
    machine = Machine()
    assert [machine.waited() for _ in range(3)] == [(1, 2), (1, 2), (3, 4)]


def test_both_ways_of_counting_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    before = backend.waited(1)
    monkeypatch.setattr(backend, "native", None)
    between = backend.waited(1)
    monkeypatch.undo()
    assert (0, 0) < before <= between <= backend.waited(1)


def test_a_machine_that_is_shared_is_seen() -> None:
    """Two programs on one processor: each waits about as long as it runs."""
    program = (
        "import os, time\n"
        "from selfsame.runtime.agent.noise import Machine\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "child = os.fork()\n"
        "machine = Machine()\n"
        "since = machine.waited()\n"
        "end = time.process_time() + 0.5\n"
        "while time.process_time() < end: pass\n"
        "ran, waited = (now - then for now, then in zip(machine.waited(), since))\n"
        "if child: os.waitpid(child, 0); print(waited / ran)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert float(done.stdout) > 0.3
