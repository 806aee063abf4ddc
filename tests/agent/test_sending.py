"""What the agent's thread does between two ticks: it sends on what the socket did not take."""

import pytest

from selfsame.runtime.agent.agent import Agent


class Socketless:
    """A connection with so much to send, of which each flush sends ``each`` bytes."""

    def __init__(self, unsent: int, each: int) -> None:
        self.unsent, self.each, self.flushes = unsent, each, 0

    def flush(self) -> None:
        self.flushes += 1
        self.unsent = max(0, self.unsent - self.each)


class Pauses:
    """A thread that does not wait. It is to end at pause number ``ends``."""

    def __init__(self, ends: int = 0) -> None:
        self.number, self.ends = 0, ends

    def pause(self, seconds: float) -> bool:
        self.number += 1
        return self.number == self.ends


def agent(connection: Socketless, thread: Pauses) -> Agent:
    made = object.__new__(Agent)
    made.connection = connection  # type: ignore[assignment]
    made.thread = thread  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(("each", "flushes"), [(1_000, 50), (50_000, 1)])
def test_megabytes_go_out_between_two_ticks(each: int, flushes: int) -> None:
    connection, thread = Socketless(50_000, each), Pauses()
    assert not agent(connection, thread)._wait(3600.0)
    assert (connection.unsent, connection.flushes) == (0, flushes)
    assert thread.number == flushes + 1


def test_an_engine_that_takes_nothing_is_asked_a_few_times() -> None:
    connection = Socketless(50_000, 0)
    assert not agent(connection, Pauses())._wait(0.1)
    assert connection.flushes <= 6


def test_a_thread_that_is_to_end_ends_in_the_middle() -> None:
    connection = Socketless(50_000, 1_000)
    assert agent(connection, Pauses(ends=3))._wait(3600.0)
    assert connection.flushes == 2
