"""Calls that take long: a few inputs are timed one by one, where a share of many would take minutes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from selfsame.runtime.shadow.bench import HEAVY_NS
from selfsame.runtime.shadow.statistics import Dominance
from selfsame.runtime.shadow.timing import FEW_HEAVY, time_sides

Timed = Sequence[tuple[tuple[str, int], int, bool]]


class Told:
    """A bench whose clock is told; ``pairs`` counts what was asked of it."""

    def __init__(self, request: Any, ratio: Callable[[int, int], float]) -> None:
        self.request = request
        self.ratio = ratio
        self.pairs = 0

    def size(self, which: tuple[str, int]) -> int:
        return 100

    def time_all(self, place: str, timed: Timed, order: Sequence[str], each_s: float) -> Any:
        found = []
        for (_, number), calls, _ in timed:
            self.pairs += len(order) == 2
            cost = 2.0 * HEAVY_NS * calls
            by = {"original": cost, "variation": cost / self.ratio(number, self.pairs)}
            found.append([by[side] for side in order])
        return found


def inputs(count: int, ns: int = 2 * HEAVY_NS) -> Any:
    return [(("captured", number), ns) for number in range(count)]


@pytest.fixture
def told(bench: Any, numbers: list[bytes]) -> Callable[[Callable[[int, int], float]], Told]:
    request = bench.request("score", "def score(xs, k):\n    return xs\n", numbers)
    return lambda ratio: Told(request, ratio)


def test_a_few_heavy_inputs_are_timed_one_by_one(told: Any) -> None:
    bench = told(lambda number, pairs: 3.0)
    found = time_sides(bench, inputs(5), float("inf"))
    assert (found.faster, "no call on its 5 inputs" in found.reason) == ("faster", True)
    assert bench.pairs < 40


def test_of_one_that_is_slower_the_tail_is_asked_for(told: Any) -> None:
    bench = told(lambda number, pairs: 0.5 if number == 4 else 3.0)
    found = time_sides(bench, inputs(5), float("inf"))
    assert found.faster == "not faster", found.reason


def test_a_slow_call_now_and_then_is_a_tail_too(told: Any) -> None:
    bench = told(lambda number, pairs: 0.2 if pairs % 10 == 3 else 3.0)
    found = time_sides(bench, inputs(1), float("inf"))
    assert found.faster == "not faster", found.reason


@pytest.mark.parametrize("some", [inputs(FEW_HEAVY + 1), inputs(3, HEAVY_NS // 2)])
def test_of_many_or_light_ones_a_share_is_asked_for(told: Any, some: Any) -> None:
    bench = told(lambda number, pairs: 3.0)
    found = time_sides(bench, some, float("inf"))
    assert (found.faster, "no worse tail" in found.reason) == ("faster", True)


def test_each_input_is_timed_often_enough() -> None:
    dominance = Dominance[str](times=3)
    assert dominance.missing("ab") == list("aaabbb")
    dominance.add("a", 10.0, 4.0)
    dominance.add("a", 12.0, 5.0)
    assert dominance.missing("ab") == list("abbb")
    assert not dominance.lost
    dominance.add("b", 10.0, 9.0)
    assert not dominance.lost
    dominance.add("a", 5.0, 3.0)  # the original was once as fast as the variation
    assert dominance.lost
