"""``run`` with constraints on what lies inside functions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import time

def work(n):
    total = 0
    for i in range(n):
        for j in range(20):
            total += i * j
    squares = [k * k for k in range(n)]
    return total + sum(squares) + sum(k for k in squares)

def numbers(n):
    for i in range(n):
        yield i

table = [n for n in range(3)]

def main():
    end, rounds = time.monotonic() + 4.0, 0
    while time.monotonic() < end:
        assert work(50) == 50 * 49 // 2 * 190 + 2 * sum(k * k for k in range(50))
        assert len(list(numbers(5))) == 5
        rounds += 1
    print(rounds > 0)

main()
"""
CDL = """
constraint app:work/loop[1] { mean_execution_time: 1ns }
constraint app:work/comp[0], app:work/call[sum][0] { mean_execution_time: 10s }
constraint app:work/comp[1], app:numbers/loop[0] { mean_execution_time: 10s }
constraint app:<module>/comp[0] { mean_execution_time: 10s }
constraint app:** { error_rate: < 50% }
selection rows { nodes: [app:work/loop[0]] }
constraint @rows { mean_execution_time: 10s }
"""


def test_what_is_named_inside_a_function_is_timed_there(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "app.cdl").write_text(CDL)
    words = [sys.executable, "-m", "selfsame", "run", "--cdl", "app.cdl", "--mode", "watch"]
    done = subprocess.run(
        [*words, "app.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "True\n")
    status = subprocess.run(
        [sys.executable, "-m", "selfsame", "status", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = json.loads(status.stdout)
    rows = {row["address"]: row for row in found["nodes"]}
    calls = {a: row["calls"] for a, row in rows.items()}
    timed = calls["app:work"]
    assert timed and calls["app:work/loop[1]"] == 50 * timed
    assert calls["app:work/comp[0]"] == calls["app:work/call[sum][0]"] == timed
    assert calls["app:work/loop[0]"] == timed
    assert rows["app:work/loop[1]"]["outcomes"] == ["pass", "fail"]
    assert rows["app:work/comp[0]"]["outcomes"] == ["pass", "pass"]
    assert "app:work/call[range][0]" not in rows
    problems = "\n".join(found["problems"])
    assert "app:work/comp[1] is not timed by itself: a generator expression runs where" in problems
    assert "app:<module>/comp[0] is not timed by itself: it is in no function" in problems
    assert "app:numbers/loop[0] is not timed by itself: it can be suspended inside" in problems
