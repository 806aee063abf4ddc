"""Edges of the living graph, and bounds on them."""

from typing import Any

import pytest

from selfsame.compiler.constraints.bind import NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.report.graph import notes, picture
from selfsame.report.summary import standing, time_lines
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.confirm import Confirmation
from selfsame.runtime.monitor.edges import Edges
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import Observation, Outcome, Verdict, judge
from selfsame.runtime.monitor.seen import Summary

A, B, C = "app:a", "app:b", "app:c"


def message(calls: int, size: int, ns: int, caller: str = A, repeats: int = 0) -> dict[str, Any]:
    return {
        "calls": calls,
        "digested": calls,
        "repeats": repeats,
        "parameters": [["x", {"list[int]": calls}, calls, 10 * calls, 12, calls * size, size]],
        "edges": [
            [caller, calls, calls * size, {bucket(size): calls}, calls * ns, {bucket(ns): calls}]
        ],
    }


def named(key: Any) -> tuple[str, str] | None:
    return (key, "") if key is not None else None


def verdict(edges: Edges, text: str, now: float = 100.0) -> Verdict:
    found = bind([parse_text(f"constraint {A} {{ {text} }}", "t.cdl")], [NodeName(A)]).of(A)
    assert found is not None
    seen = Observation(
        over=lambda over_s: Summary.of([]),
        passed=lambda callee, over_s: edges.passed(A, callee, now, over_s, ""),
    )
    (only,) = judge(found, seen)
    return only


@pytest.mark.parametrize(
    ("text", "outcome", "value"),
    [
        (f"volume[{B}]: 1KB", Outcome.FAIL, 1984),
        (f"volume[{B}]: 4KB", Outcome.PASS, 1984),
        (f"mean_volume[{B}]: 1KB", Outcome.FAIL, 2000),
        (f"p95_latency[{B}]: 2ms over 1m samples 30", Outcome.PASS, None),
        (f"mean_latency[{B}]: 0.5ms", Outcome.FAIL, 1e-3),
        (f"mean_latency[{C}]: 0.5ms", Outcome.INCONCLUSIVE, None),
        ("volume: 2500B", Outcome.PASS, 1984),
    ],
)
def test_bounds_on_edges(text: str, outcome: Outcome, value: float | None) -> None:
    edges = Edges()
    edges.saw(B, message(50, 2000, 1_000_000), 90.0, named)
    found = verdict(edges, text)
    assert found.outcome is outcome, found.text()
    if value is not None:
        assert found.value == pytest.approx(value)


def test_too_few_calls_and_calls_of_others_decide_nothing() -> None:
    edges = Edges()
    edges.saw(B, message(10, 2000, 1000), 90.0, named)
    edges.saw(B, message(500, 9000, 1000, caller=C), 90.0, named)
    edges.saw(B, message(500, 9000, 1000) | {"edges": [[None, 500, 1, {1: 1}, 1, {}]]}, 90.0, named)
    found = verdict(edges, f"volume[{B}]: 1KB")
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason == f"10 of 30 calls looked at along the edge to {B}"


def test_a_lone_large_call_violates_nothing() -> None:
    edges = Edges()
    edges.saw(B, message(50, 100, 1000), 90.0, named)
    edges.saw(B, message(2, 9000, 1000), 90.0, named)
    assert verdict(edges, f"volume[{B}]: 1KB").outcome is Outcome.PASS
    edges.saw(B, message(1, 9000, 1000), 90.0, named)
    assert verdict(edges, f"volume[{B}]: 1KB").outcome is Outcome.FAIL


def test_windows_before_the_span_do_not_count() -> None:
    edges = Edges()
    edges.saw(B, message(50, 9000, 1000), 10.0, named)
    edges.saw(B, message(50, 100, 1000), 90.0, named)
    assert verdict(edges, f"volume[{B}]: 1KB over 1m").outcome is Outcome.PASS
    assert verdict(edges, f"volume[{B}]: 1KB over 1h").outcome is Outcome.FAIL


def test_a_fail_is_confirmed_by_another_shape_window_alone() -> None:
    edges = Edges()
    edges.saw(B, message(50, 2000, 1000), 90.0, named)
    found = [verdict(edges, f"volume[{B}]: 1KB")]
    confirmation = Confirmation()
    assert confirmation.take(found, 91.0, 0.0, 90.0) == 1
    assert confirmation.take(found, 92.0, 0.0, 90.0) == 1  # a time window says nothing of it
    assert confirmation.take(found, 92.0, 0.0, 93.0) == 2


def test_the_graph_and_the_ico_show_edges() -> None:
    graph = LivingGraph()
    graph.node(B)
    graph.edges.saw(B, message(50, 2000, 1_000_000, repeats=10), 90.0, named)
    data = graph.snapshot() | {"command": ["app.py"], "mode": "watch"}
    assert f"  {A} → {B}  50 calls of 1.95 KiB (largest 1.94 KiB), 1 ms, p95 983 us" in picture(
        data
    )
    assert notes(data)[B] == {
        "takes x": "list[int] of 10 items (at most 12)",
        "repeats": "20%",
        f"from {A}": "50 calls of 1.95 KiB (largest 1.94 KiB), 1 ms, p95 983 us",
    }
    assert graph.edges.shapes[B].repeat_rate == 0.2


def test_code_that_runs_once_is_said_to_be_out_of_reach() -> None:
    graph = LivingGraph()
    graph.program.python, graph.program.once = 100, 60.0
    main, short = graph.node("app:main"), graph.node("app:short")
    main.total, main.quiet_s = 100, 12.0
    short.total, short.quiet_s = 100, 0.0
    data = graph.snapshot()
    rows = {row["address"]: row for row in data["nodes"]}
    assert standing(rows["app:main"]).startswith("no re-entry point: in 12 s of windows")
    assert standing(rows["app:short"]) == ""
    assert any(line.startswith("60% of the running time is code at") for line in time_lines(data))
