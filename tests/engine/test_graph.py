"""The living graph as a picture, as notes on the ICO, and on a live screen."""

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfsame.cli.verbs import graph as graph_verb
from selfsame.cli.verbs import top as top_verb
from selfsame.compiler.ir import parse
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.seen import Weighing, Window
from selfsame.runtime.versions.store import Store

SHOP = "def total(rows):\n    return sum(rows)\n\n\ndef rare(n):\n    return n\n"


def snapshot() -> dict[str, Any]:
    living = LivingGraph()
    program = living.program
    program.python, program.native, program.samples, program.wall_s = 90, 10, 100, 4.0
    node = living.node("shop:total")
    node.total = 80
    node.windows.append(Window(1.0, 200, 400_000_000, 1, {"KeyError": 2}, {300: 200}, 10**9))
    node.weighings.append(Weighing(1.0, (3 << 20,) * 3, (5, 5, 5)))
    living.node("shop:rare").total = 5
    data = living.snapshot()
    for row in data["nodes"]:
        fails = row["address"] == "shop:total"
        row.update(verdicts=["max: fail"] * fails, outcomes=["fail"] * fails, state="", blocked="")
        row.update(templates=[], refusals=[])
    data.update(command=["app.py"], mode="watch", processes=1, functions=2, left_alone={})
    data.update(problems=[], at=time.time(), running=True)
    return data


@pytest.fixture
def store(tmp_path: Path) -> str:
    with Store.open(tmp_path / "store") as opened:
        opened.put_snapshot("run", snapshot())
    return str(tmp_path / "store")


def test_a_tree_with_bars(store: str) -> None:
    done = CliRunner().invoke(graph_verb.command, ["--store", store], standalone_mode=False)
    lines = done.output.splitlines()
    assert lines[0] == "app.py"
    assert lines[-3] == "shop"
    assert lines[-2] == (
        "├─ total  " + "█" * 16 + "·" * 4 + "  time 80.0%  calls 200  mean 2 ms  "
        f"p99 {lines[-2].partition('p99 ')[2].partition('  ')[0]}  peak 3 MiB  errors 2  ✗ violates"
    )
    assert lines[-1] == "└─ rare   █" + "·" * 19 + "  time 5.0%"


def test_the_ico_with_what_was_measured(store: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    path.write_text(SHOP)
    arguments = ["--store", store, str(path)]
    done = CliRunner().invoke(graph_verb.command, arguments, standalone_mode=False)
    (line,) = [line for line in done.output.splitlines() if " :total " in line]
    assert 'peak="3 MiB" errors=2}' in line
    assert "calls=200" in line
    assert parse(done.output) is not None


def test_the_live_screen_ends_when_it_is_asked_to(store: str) -> None:
    arguments = ["--store", store, "--for", "0.2", "--every", "0.1"]
    done = CliRunner().invoke(top_verb.command, arguments, standalone_mode=False)
    assert done.exception is None
    assert "shop:total" in done.output
    assert "what can be tried" in done.output


def test_nothing_was_watched(tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty"):
        pass
    for verb in (graph_verb, top_verb):
        arguments = ["--store", str(tmp_path / "empty")]
        done = CliRunner().invoke(verb.command, arguments, standalone_mode=False)
        assert done.return_value == 1
