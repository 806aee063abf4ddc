"""The fault injection of ``benchmarks/faults``: a few points always, all of them in the slow suite."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def inject(*options: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--json", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode == 1 and "cannot trace here" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["faults"]
    for kind, row in found.items():
        assert row["wrong"] == 0, (kind, row["examples"])
    return found


def test_a_few_points_of_each_kind() -> None:
    found = inject(
        *("--words", "promote,off", "--every", "45"),
        *("--cuts", "8", "--flips", "1", "--racers", "12"),
    )
    assert set(found) == {"killed", "ENOSPC", "EIO", "EROFS", "power cuts", "flips", "racing"}
    for row in found.values():
        assert row["points"] > 1
    assert found["killed"]["old"] and found["power cuts"]["old"]
    assert found["racing"]["new"] == 12


@pytest.mark.slow
def test_every_point_of_every_word() -> None:
    found = inject()
    assert found["killed"]["points"] > 4000
    assert found["killed"]["old"] and found["killed"]["new"]
