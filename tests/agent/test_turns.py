"""The agent's thread gives the interpreter up after a while, and not before."""

from __future__ import annotations

import threading
import time

import pytest

from selfsame.runtime.agent import backend, turns


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses in which others had the interpreter."""
    pauses: list[float] = []
    monkeypatch.setattr(backend, "give", pauses.append)
    return pauses


def test_a_turn_that_has_just_begun_goes_on(
    given: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 10.0
    monkeypatch.setattr(turns, "monotonic", lambda: now)
    turns.begin()
    now += turns.LONGEST_S / 2
    turns.give()
    assert given == []
    now += turns.LONGEST_S
    turns.give()
    assert given == [turns.OTHERS_S]
    turns.give()
    assert given == [turns.OTHERS_S]


def test_who_waits_gets_it() -> None:
    """Without it a thread is asked for the interpreter after the switch interval alone."""
    got: list[int] = []
    ready, end = threading.Event(), False

    def other() -> None:
        ready.set()
        while not end:
            got.append(len(got))
            time.sleep(0)

    thread = threading.Thread(target=other)
    thread.start()
    ready.wait()
    try:
        handed = 0
        for _ in range(20):
            before = len(got)
            turns.begin()
            until = time.monotonic() + 2 * turns.LONGEST_S
            while time.monotonic() < until:
                pass
            turns.give()
            handed += len(got) > before
        assert handed > 10  # of itself in one of five: after 5 ms
    finally:
        end = True
        thread.join()
