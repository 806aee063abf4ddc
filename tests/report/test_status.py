"""The screen of `status`: what it prints is what is meant, whatever characters are in it."""

import time
from typing import Any

import pytest

from selfsame.grammar.words import counted
from selfsame.report.status import print_status

PROBLEM = "a.cdl:1:12: there is no node\n  constraint a { algorithm: [sort_a, sort_b] }"


def snapshot(address: str) -> dict[str, Any]:
    row = {
        "address": address, "share": 0.5, "verdicts": ["max: fail [late]"], "outcomes": ["fail"],
        "state": "nothing to try: xs[i] = [/x]",
    }  # fmt: skip
    program = {"wall_s": 1.0, "cpu_s": 1.0, "samples": 1, "shares": {}, "ceiling": None}
    return {
        "program": program, "nodes": [row], "command": ["/usr/bin/python3.11", "app.py", "[red]"],
        "mode": "watch", "processes": 1, "functions": 1204, "left_alone": {"[bold] code": 1},
        "problems": [PROBLEM], "at": time.time(), "running": True,
    }  # fmt: skip


def test_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(snapshot("app:f/call[sorted][0]"))
    printed = capsys.readouterr().out
    assert "python3.11 app.py [red]  runs now, mode watch, 1 process," in printed
    assert "1,204 functions known" in printed.replace("\n", " ")
    assert printed.count("app:f/call[sorted][0]") == 2
    for text in ("max: fail [late]", "xs[i] = [/x]", "[bold] code", "[sort_a, sort_b]"):
        assert text in printed
    assert "1 function: " in printed


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "process", "1 process"), (2, "process", "2 processes"), (0, "byte", "0 bytes"),
     (1204, "more node", "1,204 more nodes")],
)  # fmt: skip
def test_a_number_with_its_noun(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text
