"""Verdicts: pass, fail, inconclusive; missing or too little data never passes and never fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.compiler.constraints.bind import ConstraintSet, NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.runtime.link.histogram import bucket
from selfsame.runtime.monitor.amounts import memory_text
from selfsame.runtime.monitor.confirm import Confirmation
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.monitor.judge import Observation, Outcome, Verdict, judge
from selfsame.runtime.monitor.seen import Summary, Timing, Weighing, Window

NODE = "app:slow"


def constraints(properties: str) -> ConstraintSet:
    document = parse_text(f"constraint {NODE} {{ {properties} }}")
    found = bind([document], [NodeName(NODE)]).of(NODE)
    assert found is not None
    return found


def window(times_ns: list[int], errors: int = 0, at: float = 0.0, rewrite: str = "") -> Window:
    buckets: dict[int, int] = {}
    for spent in times_ns:
        buckets[bucket(spent)] = buckets.get(bucket(spent), 0) + 1
    total = sum(times_ns)
    failed = {"ValueError": errors} if errors else {}
    return Window(at, len(times_ns), total, total, failed, buckets, total, rewrite)


def verdict(properties: str, seen: Observation) -> Verdict:
    (only,) = judge(constraints(properties), seen)
    return only


def observed(
    *windows: Window, peaks: tuple[int, ...] = (), share: float | None = None
) -> Observation:
    return Observation(over=lambda over_s: Summary.of(windows), peaks=peaks, share=share)


@pytest.mark.parametrize(
    ("properties", "times", "outcome"),
    [
        ("mean_execution_time: 1ms", [2_000_000] * 50, Outcome.FAIL),
        ("mean_execution_time: 1ms", [500_000] * 50, Outcome.PASS),
        ("mean_execution_time: 1ms", [2_000_000] * 10, Outcome.INCONCLUSIVE),
        ("mean_execution_time: 1ms samples 5", [2_000_000] * 10, Outcome.FAIL),
        ("max_execution_time: 10ms", [1_000_000] * 50 + [90_000_000], Outcome.PASS),
        ("max_execution_time: 10ms", [1_000_000] * 50 + [90_000_000] * 3, Outcome.FAIL),
        ("p95_execution_time: 10ms", [1_000_000] * 90 + [90_000_000] * 10, Outcome.FAIL),
        ("p95_execution_time: 10ms", [1_000_000] * 99 + [90_000_000], Outcome.PASS),
        ("mean_execution_time: 1ms", [], Outcome.INCONCLUSIVE),
    ],
)
def test_times(properties: str, times: list[int], outcome: Outcome) -> None:
    assert verdict(properties, observed(window(times))).outcome is outcome


def test_one_outlier_of_the_machine_never_violates_a_maximum() -> None:
    times = [1_000_000] * 500 + [9_000_000_000]
    assert verdict("max_execution_time: 10ms", observed(window(times))).outcome is Outcome.PASS


def test_error_rate_prints_value_threshold_and_n() -> None:
    found = verdict("error_rate: < 0.1%", observed(window([1000] * 200, errors=2)))
    assert found.outcome is Outcome.FAIL
    assert found.n == 200
    assert "1 % against < 0.1 % over 200 calls" in found.text()


def test_memory_is_judged_on_replayed_calls() -> None:
    assert verdict("max_memory_usage: 1MB", observed()).outcome is Outcome.INCONCLUSIVE
    few = observed(peaks=(5_000_000, 5_000_000))
    assert verdict("max_memory_usage: 1MB", few).outcome is Outcome.INCONCLUSIVE
    enough = observed(peaks=(10, 5_000_000, 20))
    assert verdict("max_memory_usage: 1MB", enough).outcome is Outcome.FAIL


def test_cpu_time_is_never_judged_on_wall_time() -> None:
    found = verdict("mean_cpu_time: 1ms", observed(window([9_000_000] * 100)))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason == "0 of 30 captured calls timed"
    blind = Observation(over=lambda over_s: Summary.of(()), unweighed="it prints")
    assert verdict("mean_cpu_time: 1ms", blind).reason == (
        "CPU time is not measured here, because it prints"
    )


@pytest.mark.parametrize(
    ("properties", "times", "outcome"),
    [
        ("mean_cpu_time: 1ms", [0.002] * 30, Outcome.FAIL),
        ("mean_cpu_time: 1ms", [0.0005] * 30, Outcome.PASS),
        ("mean_cpu_time: 1ms", [0.002] * 29, Outcome.INCONCLUSIVE),
        ("max_cpu_time: 10ms", [0.001] * 50 + [0.09] * 2, Outcome.PASS),
        ("max_cpu_time: 10ms", [0.001] * 50 + [0.09] * 3, Outcome.FAIL),
        ("max_cpu_time: 10ms", [0.001] * 2, Outcome.INCONCLUSIVE),
        ("p95_cpu_time: 10ms", [0.001] * 90 + [0.09] * 10, Outcome.FAIL),
        ("p95_cpu_time: 10ms", [0.001] * 96 + [0.09] * 4, Outcome.PASS),
        ("p99_cpu_time: 10ms", [0.001] * 99 + [0.09], Outcome.INCONCLUSIVE),
        ("p99_cpu_time: 10ms", [0.001] * 96 + [0.09] * 4, Outcome.FAIL),
    ],
)
def test_cpu_times_of_captured_calls(properties: str, times: list[float], outcome: Outcome) -> None:
    seen = Observation(over=lambda over_s: Summary.of(()), cpu_times=tuple(times))
    assert verdict(properties, seen).outcome is outcome


def test_the_cpu_times_of_a_rewrite_are_judged_against_those_of_the_original() -> None:
    live = LiveNode(NODE)
    live.timings.append(Timing(1.0, (2_000_000,) * 40))
    live.timings.append(Timing(2.0, (500_000,) * 40, "r"))

    def seen(rewrite: str) -> Observation:
        return Observation(
            over=lambda over_s: Summary.of(()),
            cpu_times=live.cpu_times(rewrite),
            baseline=seen("") if rewrite else None,
        )

    assert verdict("mean_cpu_time: 0.5 x baseline", seen("")).outcome is Outcome.FAIL
    found = verdict("mean_cpu_time: 0.5 x baseline", seen("r"))
    assert found.outcome is Outcome.PASS
    assert found.baseline == pytest.approx(0.002)


def test_a_cpu_time_is_confirmed_by_calls_that_were_run_again() -> None:
    failed = [verdict("mean_cpu_time: 1ms", Observation(
        over=lambda over_s: Summary.of(()), cpu_times=(0.002,) * 40
    ))]  # fmt: skip
    confirmation = Confirmation()
    assert confirmation.take(failed, 1.0, 0.0, 9.0, 1.0) == 1
    assert confirmation.take(failed, 2.0, 3.0, 9.0, 1.0) == 1
    assert confirmation.take(failed, 2.0, 3.0, 9.0, 4.0) == 2


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=200), st.floats(0.01, 0.999))
def test_a_quantile_is_within_a_bucket_of_the_exact_one(times: list[int], share: float) -> None:
    summary = Summary.of([window(times)])
    exact = next(t for i, t in enumerate(sorted(times), 1) if i >= share * len(times))
    found = summary.quantile_s(share)
    assert found is not None
    assert found * 1e9 <= exact + 0.5
    assert exact < found * 1e9 * (1 + 1 / 16) + 1


def test_windows_of_a_rewrite_are_kept_apart_from_the_original() -> None:
    node = LiveNode(NODE)
    node.windows.append(window([4_000_000] * 10, at=1.0))
    node.windows.append(window([1_000_000] * 10, at=2.0, rewrite="r1"))
    assert node.recent(rewrite="").mean_s == pytest.approx(0.004)
    assert node.recent(rewrite="r1").mean_s == pytest.approx(0.001)
    assert node.recent(now=2.5, over_s=1.0).calls == 10


def test_the_ceiling_is_amdahls_and_needs_samples() -> None:
    graph = LivingGraph()
    assert graph.program.ceiling() is None
    graph.program.python, graph.program.native, graph.program.waiting = 75, 25, 900
    assert graph.program.ceiling() == pytest.approx(4.0)
    assert graph.program.shares()["waiting"] == pytest.approx(0.9)


def test_why_memory_is_not_measured_is_said() -> None:
    seen = Observation(over=lambda over_s: Summary.of([]), unweighed="it calls `open`")
    found = verdict("max_memory_usage: 1MB", seen)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason == "memory is not measured here, because it calls `open`"


def test_the_last_minute_five_minutes_and_hour() -> None:
    graph = LivingGraph()
    live = graph.node(NODE)
    for minute in range(90):
        graph.saw(NODE, window([1_000_000] * 10, errors=1, at=60.0 * minute + 5))
    graph.saw(NODE, window([3_000_000] * 10, at=60.0 * 89 + 50))
    spans = live.spans(60.0 * 89 + 55)
    assert {name: s["calls"] for name, s in spans.items()} == {"1 min": 20, "5 min": 60, "1 h": 610}
    assert spans["1 min"]["mean_s"] == pytest.approx(0.002)
    assert spans["5 min"]["errors"] == 5
    assert list(live.spans(60.0 * 92)) == ["5 min", "1 h"]
    assert live.spans(60.0 * 200) == {}
    assert len(live.minutes) == 60


def test_the_peaks_of_a_rewrite_are_apart_from_the_original_s() -> None:
    live = LiveNode(NODE)
    live.weighings.append(Weighing(1.0, (4_000, 6_000), (10, 30)))
    assert live.peaks("") == (4_000, 6_000)
    assert live.memory()["peak_bytes"] == 6_000
    live.rewrite = "r"
    assert live.memory() == {}
    live.weighings.append(Weighing(2.0, (1_000,), (), rewrite="r"))
    assert live.peaks("r") == (1_000,)
    assert live.memory()["allocations"] is None
    assert "; the original 5.86 KiB" in memory_text(live.memory())
