"""The laws of the tests that call a win: simulated, with a look after every pair."""

import math
import runpy
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.runtime.shadow.statistics import (
    Comparison,
    Effect,
    MeanSequence,
    SignTest,
    TailTest,
    log_e_value,
    log_tail_value,
)

TRIALS, PAIRS = 4000, 800
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "false_promotion.py"
promoted = runpy.run_path(str(BENCHMARK))["promoted"]


def test_the_e_value_is_the_integral_that_it_stands_for() -> None:
    p = np.linspace(0.5, 1.0, 200_001)
    for wins, losses in ((0, 0), (5, 3), (20, 0), (3, 9), (60, 40)):
        y = (2 * p) ** wins * (2 * (1 - p)) ** losses
        integral = np.sum((y[1:] + y[:-1]) / 2) * (p[1] - p[0]) * 2
        assert math.isclose(math.exp(log_e_value(wins, losses)), integral, rel_tol=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_betting_is_fair_at_one_half(wins: int, losses: int) -> None:
    now = math.exp(log_e_value(wins, losses))
    after = [math.exp(log_e_value(wins + 1, losses)), math.exp(log_e_value(wins, losses + 1))]
    assert math.isclose(sum(after) / 2, now, rel_tol=1e-6, abs_tol=1e-12)


def test_no_overflow_and_no_nan_at_the_ends() -> None:
    assert log_e_value(800, 0) > 500
    assert log_e_value(0, 800) < -4
    assert not math.isnan(log_e_value(0, 5000))


@pytest.mark.parametrize("noise", ["normal", "heavy", "skewed"])
def test_false_promotions_at_exactly_the_margin(noise: str) -> None:
    rng = np.random.default_rng(7)
    shape = (TRIALS, PAIRS)
    if noise == "normal":
        errors = rng.normal(0.0, 0.1, shape)
    elif noise == "heavy":
        errors = np.clip(rng.standard_t(1.5, shape) * 0.05, -50.0, 50.0)
    else:
        errors = rng.exponential(0.2, shape) - 0.2 * math.log(2.0)
    assert (promoted(1.05 * np.exp(errors)) > 0).mean() <= 0.01


def test_false_promotions_with_drift_and_memory_in_the_noise() -> None:
    rng = np.random.default_rng(11)
    machine = np.zeros((TRIALS, PAIRS))
    for k in range(1, PAIRS):  # what the machine does lasts, and hits whichever side is second
        machine[:, k] = 0.95 * machine[:, k - 1] + rng.normal(0.0, 0.05, TRIALS)
    order = rng.choice([-1.0, 1.0], machine.shape)
    ratios = 1.05 * np.exp(order * machine + rng.normal(0.0, 0.05, machine.shape))
    assert (promoted(ratios) > 0).mean() <= 0.01


def test_no_promotion_without_a_gain() -> None:
    rng = np.random.default_rng(3)
    assert not promoted(np.exp(rng.normal(0.0, 0.1, (1000, PAIRS)))).any()


def test_power() -> None:
    rng = np.random.default_rng(5)
    found = promoted(1.30 * np.exp(rng.normal(0.0, 0.08, (1000, PAIRS))))
    assert (found > 0).all()
    assert np.median(found) <= 22
    smaller = promoted(1.12 * np.exp(rng.normal(0.0, 0.05, (1000, PAIRS))))
    assert (smaller > 0).mean() >= 0.99


def test_the_comparison_decides_as_the_simulation_does() -> None:
    rng = np.random.default_rng(9)
    ratios = 1.2 * np.exp(rng.normal(0.0, 0.15, (30, 200)))
    for row, expected in zip(ratios, promoted(ratios), strict=True):
        comparison = Comparison()
        for ratio in row:
            comparison.add(1e6 * ratio, 1e6)
            if comparison.decision == "faster":
                break
        decided = len(comparison.ratios) if comparison.decision == "faster" else 0
        assert decided == expected


def test_a_median_gain_with_a_slow_half_is_not_promoted() -> None:
    comparison = Comparison()
    for k in range(800):
        comparison.add(1.1e6 if k % 10 < 6 else 0.3e6, 1e6)
    assert comparison.sign.for_gain
    assert comparison.decision != "faster"


def test_ties_and_slower_variations_end_early() -> None:
    comparison = Comparison()
    while comparison.decision == "undecided":
        comparison.add(1e6, 1e6)
    assert comparison.decision == "not faster"
    assert len(comparison.ratios) == 20


def test_nothing_is_decided_before_twenty_pairs() -> None:
    comparison = Comparison()
    for _ in range(19):
        comparison.add(2e6, 1e6)
        assert comparison.decision == "undecided"
    comparison.add(2e6, 1e6)
    assert comparison.decision == "faster"


def test_the_mean_is_clipped() -> None:
    sequence = MeanSequence()
    for _ in range(5):
        sequence.add(1e9)
    assert math.isclose(sequence.mean, 0.7)
    assert MeanSequence().lower == -math.inf


def test_a_tie_counts_against_the_variation() -> None:
    sign = SignTest(margin=0.05)
    sign.add(1.05)
    assert (sign.wins, sign.losses) == (0, 1)


def tail(original: Iterable[float], variation: Iterable[float]) -> TailTest:
    """The test on some pairs, until it is decided."""
    test = TailTest()
    for pair in zip(original, variation, strict=True):
        test.add(*pair)
        if test.passes or test.lost:
            break
    return test


def test_the_bet_on_the_tail_is_the_integral_that_it_stands_for() -> None:
    p = np.linspace(0.0, 0.02, 200_001)
    for above, calls in ((0, 0), (0, 190), (3, 500), (20, 1000), (40, 60)):
        y = (p / 0.02) ** above * ((1 - p) / 0.98) ** (calls - above)
        integral = np.sum((y[1:] + y[:-1]) / 2) * (p[1] - p[0]) / 0.02
        usual = 0.1**above * (0.998 / 0.98) ** (calls - above)
        expected = (integral + usual) / 2
        assert math.isclose(math.exp(log_tail_value(above, calls)), expected, rel_tol=1e-6)


def test_tail_gate() -> None:
    assert tail([100.0] * 300, [90.0] * 300).passes
    assert not tail([100.0] * 180, [1.0] * 180).passes  # too few
    assert tail([100.0] * 1000, ([90.0] * 99 + [500.0]) * 3 + [90.0] * 700).passes
    lost = tail([100.0] * 1000, ([90.0] * 19 + [500.0]) * 50)
    assert lost.lost and not lost.passes and lost.told == "5 of 100 calls are in the tail"
    assert not tail([], []).passes


@pytest.mark.parametrize("share", [0.02, 0.03])
def test_a_tail_that_is_too_long_seldom_passes_however_often_one_looks(share: float) -> None:
    rng = np.random.default_rng(3)
    passed = sum(
        tail([100.0] * 1020, np.where(rng.random(1020) < share, 500.0, 50.0)).passes
        for _ in range(60)
    )
    assert passed <= 6  # 3 of 60 at most, and by chance some more


@pytest.mark.parametrize("share", [0.02, 0.03])
def test_so_does_one_that_is_seen_on_calls_of_the_variation_alone(share: float) -> None:
    rng = np.random.default_rng(5)
    passed = 0
    for _ in range(60):
        test = tail([100.0] * 20, [10.0] * 20)
        while not (test.passes or test.lost):
            test.add_alone(500.0 if rng.random() < share else 10.0, lambda: 100.0)
        passed += test.passes
    assert passed <= 6


def test_the_original_is_asked_only_where_a_call_is_in_the_tail() -> None:
    test = tail([100.0] * 20, [10.0] * 20)
    asked: list[float] = []

    def original(nanoseconds: float) -> Callable[[], float]:
        return lambda: asked.append(nanoseconds) or nanoseconds  # type: ignore[func-returns-value]

    for variation, beside in ((10.0, 1.0), (119.0, 1.0), (130.0, 131.0), (130.0, 129.0)):
        test.add_alone(variation, original(beside))
    assert (test.calls, test.above, asked) == (4, 1, [131.0, 129.0])
    assert test.known and not tail([100.0] * 19, [10.0] * 19).known


def test_a_clean_tail_passes_on_a_noisy_machine() -> None:
    rng = np.random.default_rng(4)
    passed = sum(
        tail([100.0] * 1020, np.where(rng.random(1020) < 0.005, 500.0, 50.0)).passes
        for _ in range(40)
    )
    assert passed >= 38


def test_calls_that_take_the_original_longer_still_are_no_tail_of_the_variation() -> None:
    large = ([100.0] * 99 + [10_000.0]) * 10  # above the original's p99, on the same inputs
    assert tail(large, [50.0 if t == 100.0 else 5_000.0 for t in large]).passes
    turned = ([50.0] * 95 + [9_000.0] * 5) * 10  # as long as these, on other inputs
    assert not tail([100.0] * 1000, turned).passes


def test_effect_interval_covers_the_median() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(500):
        effect = Effect.of(list(np.exp(rng.normal(math.log(1.5), 0.2, 60))))
        assert effect.low <= effect.median <= effect.high
        covered += effect.low <= 1.5 <= effect.high
    assert covered >= 0.94 * 500
    assert Effect.of([2.0]) == Effect(2.0, 2.0, 2.0)


def test_a_hopeless_comparison_ends_early_and_a_small_gain_goes_on() -> None:
    """It only ever ends without a promotion."""
    none, some = Comparison(), Comparison()
    for number in range(100):
        assert not none.exhausted and none.decision == "undecided"
        none.add(1.1 if number % 2 else 1.0, 1.0)
        some.add(1.1 if number % 5 > 1 else 1.0, 1.0)
    assert none.exhausted and none.decision == "undecided"
    assert not some.exhausted
