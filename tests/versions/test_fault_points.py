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
        *("--words", "promote,off,open", "--beginnings", "closed,older,nothing", "--every", "60"),
        *("--cuts", "4", "--flips", "1", "--racers", "12"),
    )
    assert set(found) == {
        *("killed", "ENOSPC", "EIO", "EROFS", "power cuts", "flips", "racing"),
        *("EIO on reads", "newer schema", "two engines"),
    }
    for row in found.values():
        assert row["points"] > 1
    assert found["killed"]["old"] and found["power cuts"]["old"]
    assert found["racing"]["new"] == 12


def test_a_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    out = tmp_path / "units"
    options = ("--words", "off", "--beginnings", "closed", "--every", "300", "--cuts", "1")
    options += ("--flips", "1", "--racers", "2", "--out", str(out))
    first = inject(*options, "--seconds", "0.001")
    done = out.read_text().splitlines()
    assert len(done) == 1 and list(first) == ["racing"]
    assert set(inject(*options)) > {"racing", "killed", "EIO"}
    assert out.read_text().splitlines()[0] == done[0]
    assert len(
        {tuple(json.loads(x)[k] for k in ("kind", "beginning", "word")) for x in out.open()}
    ) == len(out.read_text().splitlines())


@pytest.mark.slow
def test_every_point_of_every_word() -> None:
    found = inject()
    assert found["killed"]["points"] > 10_000
    assert found["killed"]["old"] and found["killed"]["new"]
