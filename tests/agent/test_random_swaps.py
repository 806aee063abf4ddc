"""Threads and tasks call functions that are swapped at random: see ``benchmarks/swaps.py``."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def called(number: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.swaps", "--json", "--calls", str(number)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["mixed"], found["wrong"], found["failed"]) == (0, 0, 0)
    return found


def test_no_call_sees_a_mixture() -> None:
    found = called(1_000_000)
    assert found["calls"] >= 1_000_000 and found["swaps"] and found["in tasks"]
    assert found["tags"] == ["first", "original", "second"]


@pytest.mark.slow
def test_over_a_hundred_million_calls() -> None:
    assert called(100_000_000)["calls"] >= 100_000_000
