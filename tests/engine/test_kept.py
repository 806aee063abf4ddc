"""The living graph is bounded, and a later engine goes on from what an earlier one left."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.compiler.constraints.bind import NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import Outcome, judge
from selfsame.runtime.monitor.kept import Kept, written
from selfsame.runtime.monitor.seen import Newest, Timing, Weighing, Window
from selfsame.runtime.versions.store import Store

NODE, OTHER = "app:slow", "app:other"
HASHES = {NODE: "1" * 32, OTHER: "2" * 32}


def window(at: float, calls: int = 10, rewrite: str = "") -> Window:
    spent = calls * 1_000_000
    return Window(
        at, calls, spent, spent, {"KeyError": 1}, {bucket(1_000_000): calls}, 10**9, rewrite, calls
    )


def figures() -> LivingGraph:
    graph = LivingGraph()
    now = time.monotonic()
    graph.program.cpu_s, graph.program.python = 12.5, 300
    for age in (4000.0, 200.0, 2.0):
        graph.saw(NODE, window(now - age))
    node = graph.node(NODE)
    node.own, node.total, node.native, node.waiting = 50, 70, 20, 5
    node.weighed(Weighing(now - 1, (4096, 8192), (3,)))
    graph.saw(OTHER, window(now))
    return graph


def carried(graph: LivingGraph) -> Any:
    return json.loads(json.dumps(written(graph, "run-1", lambda a: HASHES.get(a, ""))))


def test_an_engine_of_the_same_run_goes_on_with_everything() -> None:
    before, after = figures(), LivingGraph()
    kept = Kept(carried(before), "run-1")
    kept.program(after)
    assert kept.node(after, NODE, HASHES[NODE])
    assert (after.program.cpu_s, after.program.python) == (12.5, 300)
    old, new = before.node(NODE), after.node(NODE)
    assert (new.own, new.total, new.native, new.waiting) == (50, 70, 20, 5)
    assert new.recent() == old.recent()
    assert new.peaks("") == (4096, 8192)
    now = time.monotonic()
    assert new.recent(now, 60.0).calls == 10
    hour = new.spans(now)["1 h"]
    assert hour["calls"] in (20, 30)  # an hour and some is at the edge of the sixtieth minute
    after.saw(NODE, window(now))
    assert after.node(NODE).recent(now, 60.0).calls == 20


def test_a_later_run_takes_the_minutes_alone() -> None:
    after = LivingGraph()
    kept = Kept(carried(figures()), "run-2")
    kept.program(after)
    assert kept.node(after, NODE, HASHES[NODE])
    assert after.program.cpu_s == 0.0
    assert after.node(NODE).recent().calls == 0
    assert after.node(NODE).total == 0
    assert after.node(NODE).spans(time.monotonic())["5 min"]["calls"] >= 10


def test_the_figures_of_other_code_are_dropped() -> None:
    after = LivingGraph()
    kept = Kept(carried(figures()), "run-1")
    assert not kept.node(after, NODE, "3" * 32)
    assert not kept.node(after, NODE, HASHES[NODE])
    assert not kept.node(after, "app:unknown", "4" * 32)
    assert after.nodes == {}


def test_what_another_format_wrote_is_left_alone() -> None:
    after = LivingGraph()
    for data in (None, {}, {"format": 99, "run": "run-1", "nodes": {NODE: "?"}}):
        kept = Kept(data, "run-1")
        kept.program(after)
        assert not kept.node(after, NODE, HASHES[NODE])


def test_the_store_keeps_them_apart_from_the_runs(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        assert store.living() is None
        store.put_living({"format": 1, "run": "a"})
        for run in range(30):
            store.put_snapshot(f"run-{run}", {"nodes": []})
        store.put_living({"format": 1, "run": "b"})
        assert store.living() == {"format": 1, "run": "b"}
        assert [s["run"] for s in store.snapshots()][:2] == ["run-29", "run-28"]
        assert len(store.snapshots()) == 20


@given(
    st.integers(1, 8),
    st.integers(1, 4),
    st.lists(st.integers(0, 5), max_size=80),
)
def test_the_newest_rows_stay(most: int, each: int, order: list[int]) -> None:
    newest = Newest(most)
    lists: list[list[int]] = [[] for _ in range(6)]
    for number, index in enumerate(order):
        newest.add(lists[index], number, each)
        assert sum(map(len, lists)) <= most
    kept = sorted(n for rows in lists for n in rows)
    assert all(rows == sorted(rows) and len(rows) <= each for rows in lists)
    if order:
        assert kept[-1] == len(order) - 1


def test_of_very_many_nodes_the_hottest_are_shown_and_found() -> None:
    graph = LivingGraph()
    for number in range(12_000):
        graph.node(f"app:f{number}")
    graph.program.python = 1000
    graph.node("app:f11999").total = 900
    graph.node("app:f7").rewrite = "r"
    assert graph.hottest(12) == ["app:f11999"]
    rows = graph.snapshot()["nodes"]
    assert len(rows) == 5_000
    assert {"app:f7", "app:f11999"} <= {row["address"] for row in rows}


def test_the_baseline_of_a_rewrite_may_be_of_an_earlier_run() -> None:
    def figures_of(rewrite: str, ms: int) -> LivingGraph:
        graph = LivingGraph()
        spent = ms * 40_000_000
        graph.saw(NODE, Window(
            time.monotonic(), 40, spent, spent, {}, {bucket(ms * 1_000_000): 40}, 10**9, rewrite, 40
        ))  # fmt: skip
        graph.node(NODE).rewrite = rewrite
        return graph

    def later(data: Any, run: str, graph: LivingGraph) -> LivingGraph:
        assert Kept(data, run).node(graph, NODE, HASHES[NODE])
        return graph

    first = figures_of("", 20)
    first.node(NODE).timed(Timing(1.0, (7_000_000,) * 30))
    second = later(carried(first), "run-2", figures_of("r", 8))
    third = later(carried(second), "run-3", figures_of("r", 8))  # the original ran in none of these
    for graph in (second, third):
        earlier = graph.node(NODE).earlier
        assert earlier is not None
        assert earlier.summary.mean_s == pytest.approx(0.02)
        assert earlier.cpu_times == (0.007,) * 30

    document = parse_text(f"constraint {NODE} {{ mean_execution_time: 0.5 x baseline }}")
    candidates = Candidates(Modules(), third, bind([document], [NodeName(NODE)]), False)
    (verdict,) = judge(candidates.constraints(NODE), candidates.observe(NODE, "r"))  # type: ignore[arg-type]
    assert verdict.outcome is Outcome.PASS
    assert "8 ms against <= 10 ms (0.5 x the original's 20 ms, measured on 20" in verdict.reason

    fourth = later(carried(third), "run-4", figures_of("", 30))
    again = later(carried(fourth), "run-5", LivingGraph()).node(NODE).earlier
    assert again is not None
    assert again.summary.mean_s == pytest.approx(0.03)
    assert again.cpu_times == (0.007,) * 30
