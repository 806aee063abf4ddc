"""The budget of watching: measured, and kept by longer pauses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.engine.pace import (
    BUDGET,
    CAPTURING,
    FIRST_SHAPE_S,
    LEAST_BUSY,
    LONGEST,
    PROBE_S,
    SHAPING,
    SPARED_S,
    Pace,
)


def test_pauses_grow_while_watching_is_too_dear_and_shrink_after() -> None:
    pace = Pace()
    assert pace.stretch(1) == 1.0
    for _ in range(20):
        pace.spent(1, 0.02, 1.0, 1.0)
    assert pace.stretch(1) == LONGEST
    for _ in range(100):
        pace.spent(1, 0.0001, 1.0, 1.0)
    assert pace.stretch(1) == 1.0
    assert pace.stretch(2) == 1.0


def test_probed_calls_count() -> None:
    pace = Pace()
    calls = int(2 * BUDGET / PROBE_S)
    pace.closed(1, calls)
    assert pace.spent(1, 0.0, 1.0, 1.0) > BUDGET
    assert pace.stretch(1) > 1.0
    assert pace.spent(1, 0.0, 1.0, 1.0) == 0.0  # counted once


@given(st.floats(0.00001, 0.01))
def test_with_a_cost_for_each_window_the_share_ends_near_the_budget(window_s: float) -> None:
    pace = Pace()
    shares = []
    for _ in range(200):
        windows = 14 / pace.stretch(1)
        shares.append(pace.spent(1, windows * window_s, 1.0, 1.0))
    least = 14 * window_s / LONGEST
    assert shares[-1] <= max(BUDGET * 1.6, least)


def test_capturing_waits_for_its_share() -> None:
    pace, pause = Pace(), 0.2 / CAPTURING - SPARED_S
    assert pace.may_capture(1, "a", 100.0)
    pace.captured(1, "a", 0.2, 100.0)
    assert not pace.may_capture(1, "a", 100.0 + pause - 0.01)
    assert pace.may_capture(1, "a", 100.0 + pause)
    assert pace.may_capture(2, "a", 100.0) and not pace.may_capture(1, "b", 100.0)
    assert pace.may_capture(1, "b", 100.0 + pause)
    pace.forget(1)
    assert pace.may_capture(1, "a", 100.0)


@given(st.lists(st.floats(0.001, 0.04), min_size=1, max_size=8), st.floats(0.05, 2.0))
def test_windows_that_are_open_together_share_the_time_for_capturing(
    spent: list[float], length: float
) -> None:
    """Each window closes after ``length`` seconds, and another is opened on its node when it may be."""
    pace, total, now, end = Pace(), 0.0, 100.0, 400.0
    closing = [now] * len(spent)
    while now < end:
        for node, at in enumerate(closing):
            if at and now >= at:
                pace.captured(1, node, spent[node], now, len(spent))
                total += spent[node]
                closing[node] = 0.0
            if not closing[node] and pace.may_capture(1, node, now):
                closing[node] = now + length
        now += 0.05
    assert total <= CAPTURING * (end - 100.0 + SPARED_S) + 2 * sum(spent)


def test_the_budget_is_of_what_the_program_uses_itself() -> None:
    pace = Pace()
    assert pace.spent(1, 0.005, 1.0, 1.0) == 0.005
    assert pace.spent(1, 0.005, 0.25, 1.0) == 0.02  # it had a quarter of a processor
    assert pace.spent(1, 0.005, 0.0, 1.0) == 0.005 / LEAST_BUSY  # it waits, and misses little


def test_the_first_look_at_arguments_waits_unless_it_is_wanted() -> None:
    pace = Pace()
    assert not pace.may_shape(1, 100.0, wanted=False)
    assert pace.may_shape(1, 100.1, wanted=True)
    assert not pace.may_shape(1, 100.0 + FIRST_SHAPE_S - 0.1, wanted=False)
    assert pace.may_shape(1, 100.0 + FIRST_SHAPE_S, wanted=False)
    pace.shaped(1, 0.001, 200.0)
    assert not pace.may_shape(1, 200.0 + 0.001 / SHAPING - 0.1, wanted=True)
    assert pace.may_shape(1, 200.0 + 0.001 / SHAPING, wanted=True)


def test_a_program_that_fills_the_machine_waits_for_itself() -> None:
    pace = Pace(processors=2)
    assert pace.slowed(1.0, 27.0) == 27.0  # nothing is known of the program yet
    for number in range(20):
        pace.spent(number, 0.0, 0.1, 1.0)  # 20 processes that have a tenth of a processor each
    assert pace.slowed(1.0, 20.0) == 1.0
    assert pace.slowed(1.3, 20.0) == 1.3  # and the machine itself is slower
    for number in range(20):
        pace.spent(number, 0.0, 0.05, 1.0)  # others have one of the two processors
    assert pace.slowed(1.0, 20.0) == 2.0
    assert pace.slowed(1.0, 1.5) == 1.5
    assert pace.slowed(1.04, 1.05) == 1.0  # too little to be said


def test_a_window_that_took_nothing_makes_its_node_wait_longer_than_others() -> None:
    pace = Pace()
    pace.captured(1, "vain", 0.15, 100.0, vain=True)
    pace.captured(1, "other", 0.15, 100.0)
    assert pace.may_capture(1, "other", 110.0) and not pace.may_capture(1, "vain", 110.0)


def test_calls_that_bring_much_with_them_keep_no_others_waiting() -> None:
    """Of two nodes with windows of 30 and of 1 ms, the second has some thirty times as many."""
    pace, windows, now = Pace(), [0, 0], 100.0
    while now < 400.0:
        for node, spent in enumerate((0.030, 0.001)):
            if pace.may_capture(1, node, now):
                windows[node] += 1
                pace.captured(1, node, spent, now, among=2)
        now += 0.02
    assert windows[1] > 25 * windows[0] > 0


@given(st.floats(0.001, 0.05), st.integers(1, 5))
def test_nodes_that_come_and_go_have_no_more_time_than_those_that_stay(
    spent: float, windows: int
) -> None:
    """Each new node is wanted until so many windows of it closed; then comes the next one."""
    pace, total, now, node = Pace(), 0.0, 100.0, 0
    for _ in range(6000):
        if pace.may_capture(1, node // windows, now):
            pace.captured(1, node // windows, spent, now)
            total += spent
            node += 1
        now += 0.05
    assert total <= CAPTURING * (now - 100.0 + 2 * SPARED_S) + windows * spent * 75


def test_a_new_node_does_not_wait_for_ever_behind_calls_that_bring_much() -> None:
    pace = Pace()
    for number in range(10):
        pace.captured(1, number, 1.0, 100.0, among=11)
    assert not pace.may_capture(1, "new", 101.0)
    assert pace.may_capture(1, "new", 100.0 + SPARED_S)
