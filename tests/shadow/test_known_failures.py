"""How the judges of other canary systems were misled; each as a trial here sees it.

Kayenta, issue 780: seven of ten points a hundred times worse passed. Others pass on constant data,
on errors too rare for a test of ranks, on no data at all, and where only the control has none.
"""

from typing import Any

import pytest

from selfsame.runtime.shadow.statistics import Comparison, TailTest
from selfsame.runtime.shadow.timing import time_sides
from selfsame.runtime.shadow.trial import Trial

SAME = "def score(xs, k):\n    return [x * k + OFFSET for x in xs]\n"


def decided(pairs: list[tuple[float, float]], most: int = 800) -> Comparison:
    comparison = Comparison()
    for original, variation in pairs[:most]:
        comparison.add(original, variation)
        if comparison.decision != "undecided":
            break
    return comparison


def tail_passes(pairs: list[tuple[float, float]]) -> bool:
    tail = TailTest()
    for pair in pairs:
        tail.add(*pair)
        if tail.passes:
            return True
    return False


@pytest.mark.parametrize("rounds", [1, 2, 3, 10, 80])
def test_seven_of_ten_points_a_hundred_times_worse(rounds: int) -> None:
    points = [(1000.0, 900.0)] * 3 + [(1000.0, 100_000.0)] * 7
    assert decided(points * rounds).decision != "faster"


@pytest.mark.parametrize("worse", [2, 3, 4])
def test_a_few_of_ten_points_a_hundred_times_worse_and_the_rest_better(worse: int) -> None:
    points = [(1000.0, 500.0)] * (10 - worse) + [(1000.0, 100_000.0)] * worse
    found = decided(points * 80)
    assert found.decision != "faster" or not tail_passes(points * 100)


def test_one_call_in_fifty_a_hundred_times_worse_is_stopped_by_the_tail() -> None:
    points = ([(1000.0, 500.0)] * 49 + [(1000.0, 100_000.0)]) * 20
    assert decided(points).decision == "faster"
    assert not tail_passes(points)


@pytest.mark.parametrize(("variation", "expected"), [(1000.0, "not faster"), (500.0, "faster")])
def test_constant_data(variation: float, expected: str) -> None:
    assert decided([(1000.0, variation)] * 800).decision == expected


def test_clocks_that_stand_still() -> None:
    assert decided([(0.0, 0.0)] * 800).decision == "not faster"


def test_no_data() -> None:
    assert Comparison().decision == "undecided"
    assert not tail_passes([])


def test_no_time_to_time_anything(bench: Any, numbers: list[bytes]) -> None:
    class NoClock:
        request = bench.request("score", SAME, numbers)

    found = time_sides(NoClock(), [(("captured", 0), 1000)], deadline=0.0)  # type: ignore[arg-type]
    assert (found.faster, found.speedup) == ("inconclusive", None)


def undecided(trial: Trial) -> bool:
    return trial.same == "inconclusive" and not trial.promotable


def test_a_trial_without_data(bench: Any) -> None:
    trial = bench.trial("score", SAME, [])
    assert undecided(trial)
    assert trial.reason == "0 distinct captured calls, and 50 are needed"


def test_a_trial_whose_original_gives_no_data(bench: Any, make: Any) -> None:
    text = bench.text.replace("    out = []", "    while xs: pass\n    out = []", 1)
    calls = [make([n], n) for n in range(60)]
    trial = type(bench)(bench.folder, text, "endless").trial("score", SAME, calls, budget_s=5.0)
    assert undecided(trial)
    assert "could be compared" in trial.reason


@pytest.mark.parametrize("once", ["len(xs) == 17 and k == 17", "k == 41"])
def test_one_error_among_many_calls_is_a_difference(bench: Any, make: Any, once: str) -> None:
    calls = [make([n] * n, n) for n in range(60)]
    wrong = (
        f"def score(xs, k):\n    if {once}: raise ValueError\n"
        "    return [x * k + OFFSET for x in xs]\n"
    )
    trial = bench.trial("score", wrong, calls, amplified=20, budget_s=8.0)
    assert trial.same == "different"
    assert trial.reason == "one returned, the other raised"
