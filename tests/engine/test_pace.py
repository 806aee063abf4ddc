"""The budget of watching: measured, and kept by longer pauses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.engine.pace import (
    BUDGET,
    CAPTURING,
    CAPTURING_PATIENT,
    CAPTURING_YOUNG,
    FIRST,
    FIRST_SHAPE_S,
    LEAST_BUSY,
    LEAST_S,
    LONGEST,
    MOST_S,
    PROBE_S,
    SHAPING,
    SPARED_S,
    VAIN,
    YOUNG_S,
    Pace,
)


def test_pauses_grow_while_watching_is_too_dear_and_shrink_after() -> None:
    pace = Pace()
    assert pace.stretch(1) == FIRST
    for _ in range(20):
        pace.spent(1, 0.02, 1.0, 1.0)
    assert pace.stretch(1) == LONGEST
    for _ in range(100):
        pace.spent(1, 0.0001, 1.0, 1.0)
    assert pace.stretch(1) == 1.0
    assert pace.stretch(2) == FIRST


def test_probed_calls_count() -> None:
    pace = Pace()
    calls = int(2 * BUDGET / PROBE_S)
    pace.closed(1, calls)
    assert pace.spent(1, 0.0, 1.0, 1.0) > BUDGET
    assert pace.stretch(1) > FIRST
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


def test_capturing_waits_until_it_is_paid_for() -> None:
    pace, pause = Pace(), 0.2 / CAPTURING - SPARED_S
    assert pace.promise(1, "a", 1.0, 100.0) == MOST_S
    pace.captured(1, "a", 0.2, 100.0)
    assert not pace.promise(1, "a", 1.0, 100.0 + pause)
    assert not pace.promise(1, "b", 1.0, 100.0 + pause)
    assert pace.promise(2, "a", 1.0, 100.0)
    least = LEAST_S / CAPTURING + 0.01
    assert pace.promise(1, "b", 1.0, 100.0 + pause + least)
    pace.forget(1)
    assert pace.promise(1, "a", 1.0, 100.0)


def test_a_young_process_is_captured_for_a_part_of_its_age() -> None:
    pace = Pace()
    pace.began(1, 100.0)
    assert not pace.promise(1, "a", 1.0, 100.0 + 0.9 * LEAST_S / CAPTURING_YOUNG)
    promised = pace.promise(1, "a", 1.0, 100.5)
    assert LEAST_S <= promised <= 0.5 * CAPTURING_YOUNG + 1e-9
    pace.began(1, 100.6)  # it says again what it is
    pace.captured(1, "a", promised, 100.6)
    assert pace.promise(1, "b", 1.0, 101.1) <= 1.1 * CAPTURING_YOUNG - promised + 1e-9


def test_an_older_process_is_captured_for_a_smaller_part() -> None:
    pace = Pace()
    pace.began(1, 100.0)
    pace.captured(1, "a", 0.0, 100.0 + YOUNG_S)
    assert pace.promise(1, "a", 1.0, 100.0 + YOUNG_S + 1.0) <= 1.0 * CAPTURING + 1e-9


def test_where_nothing_is_changed_capturing_takes_its_time() -> None:
    pace = Pace(patient=True)
    pace.began(1, 100.0)
    assert not pace.promise(1, "a", 1.0, 100.0 + 0.9 * LEAST_S / CAPTURING_PATIENT)
    assert pace.promise(1, "a", 1.0, 102.0) <= 2.0 * CAPTURING_PATIENT + 1e-9
    pace.patient = False
    assert pace.promise(1, "b", 1.0, 102.0) == MOST_S


@given(st.floats(0.0001, 0.04), st.floats(5.0, 100.0))
def test_capturing_takes_no_more_than_its_parts_of_the_time(spent: float, length: float) -> None:
    pace, total, now = Pace(), 0.0, 100.0
    pace.began(1, now)
    while now < 100.0 + length:
        if promised := pace.promise(1, "a", 1.0, now):
            total += (took := max(spent, promised))
            pace.captured(1, "a", took, now)
        now += 0.02
    young = min(length, YOUNG_S)
    assert total <= CAPTURING_YOUNG * young + CAPTURING * (length - young) + spent + MOST_S


def test_what_is_promised_to_open_windows_is_not_promised_again() -> None:
    pace = Pace()
    promised = [pace.promise(1, number, 0.25, 100.0) for number in range(100)]
    assert sum(promised) <= SPARED_S * CAPTURING + LEAST_S
    assert promised[0] > promised[1] > 0 == promised[-1]
    pace.captured(1, 0, 0.0, 100.0)  # it took nothing
    assert pace.promise(1, "new", 0.25, 100.0)


@given(st.lists(st.floats(0.0001, 0.04), min_size=1, max_size=8), st.floats(0.05, 2.0))
def test_windows_that_are_open_together_share_the_time_for_capturing(
    spent: list[float], length: float
) -> None:
    """Each window closes after ``length`` seconds; a single call of a node takes ``spent``."""
    pace, total, now, end = Pace(), 0.0, 100.0, 200.0
    shares = dict.fromkeys(range(len(spent)), 1 / len(spent))
    open_: dict[int, tuple[float, float]] = {}
    while now < end:
        for node, (at, promised) in list(open_.items()):
            if now >= at:
                took = max(spent[node], promised)
                pace.captured(1, node, took, now)
                total += took
                del open_[node]
        for node in pace.in_turn(1, shares):
            if node not in open_ and (promised := pace.promise(1, node, shares[node], now)):
                open_[node] = now + length, promised
        now += 0.05
    assert total <= CAPTURING * (end - 100.0 + SPARED_S) + sum(spent) + MOST_S * len(spent)


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
    pace.captured(1, "vain", 0.05, 100.0, vain=True)
    pace.captured(1, "other", 0.05, 100.0)
    assert pace.promise(1, "other", 0.5, 105.0) and not pace.promise(1, "vain", 0.5, 105.0)
    assert pace.promise(1, "vain", 0.5, 100.0 + VAIN * 0.05 / CAPTURING)


def test_each_node_has_its_share_of_the_time_whatever_its_calls_bring() -> None:
    """A call of the first takes 30 ms, of the second 1 ms: both take about as long in the end."""
    pace, taken, now = Pace(), [0.0, 0.0], 100.0
    while now < 400.0:
        for node in pace.in_turn(1, {0: 0.5, 1: 0.5}):
            if promised := pace.promise(1, node, 0.5, now):
                took = max((0.030, 0.001)[node], promised)
                taken[node] += took
                pace.captured(1, node, took, now)
        now += 0.02
    assert 0.8 < taken[0] / taken[1] < 1.25


def test_a_node_that_matters_more_has_more_of_the_time() -> None:
    pace, taken, now = Pace(), {"hot": 0.0, "warm": 0.0}, 100.0
    shares = {"hot": 0.75, "warm": 0.25}
    while now < 400.0:
        for node in pace.in_turn(1, shares):
            if promised := pace.promise(1, node, shares[node], now):
                taken[node] += promised
                pace.captured(1, node, promised, now)
        now += 0.02
    assert 2.5 < taken["hot"] / taken["warm"] < 3.5


@given(st.floats(0.0001, 0.05), st.integers(1, 5))
def test_nodes_that_come_and_go_have_no_more_time_than_those_that_stay(
    spent: float, windows: int
) -> None:
    """Each new node is wanted until so many windows of it closed; then comes the next one."""
    pace, total, now, number = Pace(), 0.0, 100.0, 0
    while now < 200.0:
        node = number // windows
        pace.in_turn(1, {node: 1.0})
        if promised := pace.promise(1, node, 1.0, now):
            took = max(spent, promised)
            pace.captured(1, node, took, now)
            total += took
            number += 1
        now += 0.05
    assert total <= CAPTURING * (100.0 + SPARED_S) + spent + MOST_S


def test_a_new_node_comes_before_those_that_had_their_share() -> None:
    pace = Pace()
    old = dict.fromkeys(range(10), 0.1)
    pace.in_turn(1, old)
    for number in old:
        pace.captured(1, number, 0.01, 100.0)
    assert pace.in_turn(1, {**old, 10: 0.1})[0] == 10
