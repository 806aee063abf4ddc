"""What a run came to, in words."""

from __future__ import annotations

from typing import Any

from selfsame.report.summary import time_lines

PROGRAM: dict[str, Any] = {
    "shares": {"own_python": 0.0, "other_python": 1.0, "native": 0.0, "waiting": 0.0},
    "wall_s": 20.0,
    "cpu_s": 10.0,
    "samples": 300,
    "ceiling": 1.0,
}


def test_a_program_of_which_nothing_was_watched_is_told_what_to_do() -> None:
    snapshot = {"program": PROGRAM, "functions": 0, "roots": ["/srv/shop", "/srv/lib"]}
    line = time_lines(snapshot)[-1]
    assert "no function was watched" in line
    assert "/srv/shop, /srv/lib" in line and "--include" in line
    assert line not in time_lines({**snapshot, "functions": 1})


def test_of_code_that_runs_once_it_is_said_why_its_loops_stay() -> None:
    left = [f"its loop in line {n} stays: it defines f" for n in range(9)]
    lines = time_lines({"program": {**PROGRAM, "once": 0.4}, "left_loops": left})
    (at,) = (n for n, line in enumerate(lines) if "40% of the running time" in line)
    assert "no re-entry point" in lines[at]
    assert lines[at + 1 :] == [f"  {reason}" for reason in left[:3]]
    assert not any("stays" in line for line in time_lines({"program": PROGRAM, "left_loops": left}))
