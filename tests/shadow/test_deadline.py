"""The budget of a call: what runs when it is spent is interrupted, and nothing that puts the call away."""

import signal
import time
from collections.abc import Iterator

import pytest

from selfsame.runtime.shadow.deadline import Deadline, OutOfTime


@pytest.fixture(autouse=True)
def _signal_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGPROF)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    signal.signal(signal.SIGPROF, before)


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_call_is_interrupted_again_and_again() -> None:
    deadline = Deadline()
    deadline.begin(0.01)
    for _ in range(2):
        with pytest.raises(OutOfTime):
            busy(10.0)
    deadline.end()
    busy(0.15)
    assert deadline.late


def test_one_that_ends_in_time_is_not() -> None:
    deadline = Deadline()
    deadline.begin(10.0)
    busy(0.01)
    deadline.end()
    assert not deadline.late


def test_what_puts_a_call_away_is_not_interrupted() -> None:
    def put_away() -> None:
        busy(0.15)
        deadline.end()

    deadline = Deadline(put_away)
    deadline.begin(0.01)
    put_away()
    assert not deadline.late
    deadline.begin(0.01)
    with pytest.raises(OutOfTime):
        busy(10.0)
    assert deadline.late
