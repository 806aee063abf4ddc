"""A person's words while eight threads call the function: see ``benchmarks/words.py``."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def speak(calls: int) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.words", "--json"),
            *("--calls", str(calls), "--containers", "0"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)["words"]
    return found


def test_every_word_is_taken_and_no_call_sees_a_mixture() -> None:
    found = speak(1)
    assert (found["mixed"], found["failed"]) == (0, 0)
    assert set(found["slowest_s"]) == {
        *("pin", "unpin", "promote", "freeze", "thaw", "off", "on", "revert"),
    }


@pytest.mark.slow
def test_over_ten_million_calls() -> None:
    found = speak(10_000_000)
    assert found["calls"] >= 10_000_000 and found["words"] >= 9
    assert (found["mixed"], found["failed"]) == (0, 0)
