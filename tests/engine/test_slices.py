"""When a canary has seen enough: many short calls soon, rare ones later, a few where each takes long."""

import time

import pytest

from selfsame.runtime.engine.watch import Slices
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.monitor.seen import Window, lower_bound


def node(calls: int, mean_ns: int) -> LiveNode:
    """A node of whose original so many calls were seen."""
    live = LivingGraph().node("shop:total")
    total = calls * mean_ns
    live.windows.append(Window(1.0, calls, total, total, {}, {}, total, "", calls))
    return live


@pytest.mark.parametrize(
    ("calls", "age_s", "mean_ns", "enough"),
    [
        (200, 3.1, 10_000, True),
        (200, 2.0, 10_000, False),  # too soon
        (100, 4.0, 10_000, False),
        (20, 31.0, 10_000, True),
        (12, 99.0, 10_000, False),
        (8, 4.0, 500_000_000, True),  # each takes half a second
        (8, 2.0, 500_000_000, False),
        (7, 9.0, 500_000_000, False),
        (8, 4.0, 100_000_000, False),  # 0.8 s together
        (30, 4.0, 100_000_000, True),
    ],
)
def test_enough(calls: int, age_s: float, mean_ns: int, enough: bool) -> None:
    slices = Slices(calls, 3, time.monotonic() - age_s)
    assert bool(slices.enough(node(calls, mean_ns), "rewrite")) is enough


def test_one_slice_is_never_enough() -> None:
    slices = Slices(500, 2, time.monotonic() - 60.0)
    assert not slices.enough(node(500, 10_000), "rewrite")


def test_so_many_calls_of_the_original_must_be_known_too() -> None:
    slices = Slices(500, 5, time.monotonic() - 60.0)
    assert not slices.enough(node(7, 500_000_000), "rewrite")
    assert slices.enough(node(8, 500_000_000), "rewrite")


def test_a_few_calls_that_waited_are_told_apart() -> None:
    live = LivingGraph().node("shop:total")
    for rewrite, buckets in (("", {100: 200}), ("rewrite", {90: 199, 300: 1})):
        total = sum(lower_bound(index) * n for index, n in buckets.items())
        live.windows.append(Window(1.0, 200, total, total, {}, buckets, total, rewrite, 200))
    told = Slices(200, 3, time.monotonic() - 9.0).enough(live, "rewrite")
    assert "but for the slowest 1 %" in told
