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
