"""When enough calls were captured, and what a trial asks for where there are few different ones."""

import pytest

from selfsame.runtime.mutation.sample import (
    AMPLIFIED,
    CAPTURED,
    FEWEST_CAPTURED,
    FEWEST_DECLARED,
    INVENTED,
    Demand,
    Sample,
    demand,
)


@pytest.mark.parametrize(
    ("have", "seen", "age_s", "alone", "standing"),
    [
        (CAPTURED, CAPTURED, 0.5, False, "ready"),  # all that was asked for
        (FEWEST_DECLARED, 150, 2.5, False, "ready"),
        (60, 60, 2.5, False, "waiting"),  # more may come soon
        (60, 60, 3.5, False, "ready"),
        (3, 4, 9.0, False, "waiting"),  # all different so far: more may come
        (1, 400, 1.0, False, "waiting"),
        (1, 400, 5.0, False, "ready"),  # the same call again and again
        (12, 30, 9.0, False, "ready"),
        (20, 30, 5.0, False, "waiting"),  # most were different
        (20, 30, 6.5, False, "ready"),  # a heavy one
        (4, 4, 11.0, False, "waiting"),
        (4, 4, 41.0, False, "ready"),  # one that is called now and then
        (1, 1, 0.1, True, "ready"),  # no program is left
        (0, 0, 9.0, False, "waiting"),
        (0, 900, 41.0, False, "too few"),  # none of them could be captured
        (0, 0, 0.0, True, "too few"),
    ],
)
def test_when_work_begins(have: int, seen: int, age_s: float, alone: bool, standing: str) -> None:
    assert Sample(have, seen, age_s, alone).standing == standing


@pytest.mark.parametrize(
    ("have", "age_s", "soon"),
    [
        (0, 0.5, True),  # nobody knows yet
        (0, 2.0, False),
        (30, 1.5, True),  # a hundred in five seconds
        (8, 2.5, True),  # a heavy one: twenty of these will do
        (2, 2.5, False),
    ],
)
def test_what_is_nearly_there_is_waited_for(have: int, age_s: float, soon: bool) -> None:
    assert Sample(have, have, age_s, False).soon is soon


def test_where_none_can_be_captured_no_more_are_asked_for() -> None:
    assert Sample(0, 0, 1.0, False, refused=19).standing == "waiting"
    assert Sample(0, 0, 1.0, False, refused=20).standing == "too few"
    assert Sample(1, 1, 1.0, False, refused=20).standing == "waiting"


@pytest.mark.parametrize(
    ("seen", "age_s", "took_s", "standing"),
    [
        (5, 6.0, 1.5, "ready"),  # 300 ms each
        (5, 2.0, 1.5, "waiting"),  # more may come
        (3, 6.0, 3.0, "waiting"),
        (5, 6.0, 0.1, "waiting"),  # 20 ms each: twenty are soon there
    ],
)
def test_of_calls_that_take_long_a_few_will_do(
    seen: int, age_s: float, took_s: float, standing: str
) -> None:
    assert Sample(1, seen, age_s, False, took_s=took_s).standing == standing
    assert Sample(seen, seen, age_s, False, took_s=took_s).standing == standing
    assert Sample(1, seen, age_s, False, asked=9, took_s=took_s).standing == "waiting"


def test_who_asks_for_samples_gets_them() -> None:
    assert Sample(60, 6000, 200.0, True, asked=80).standing == "too few"
    assert Sample(80, 6000, 200.0, True, asked=80).standing == "ready"
    assert Sample(0, 0, 0.0, False, asked=500).wanted > 500
    assert demand(80, named=False, asked=80) == Demand(80, 0, AMPLIFIED)


def test_few_different_calls_are_made_up_for() -> None:
    assert demand(FEWEST_CAPTURED, named=False, asked=None) == Demand(50, 0, AMPLIFIED)
    few = demand(1, named=False, asked=None)
    assert few == Demand(1, INVENTED, AMPLIFIED)
    assert few.typed
    # What a person named is compared on the program's own calls alone, if there are enough.
    assert demand(FEWEST_DECLARED, named=True, asked=None) == Demand(100, 0, 0)
    assert demand(7, named=True, asked=None) == Demand(5, INVENTED, AMPLIFIED)
