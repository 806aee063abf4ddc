"""What the agent's thread does between two ticks with what the engine did not take yet."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from selfsame.runtime.agent import agent as module
from selfsame.runtime.agent.agent import SENDING_S, Agent


class _World:
    """A clock that pauses move on, and a socket that takes what ``takes`` says each time."""

    def __init__(self, takes: Callable[[], int]) -> None:
        self.now, self.unsent, self.asked, self.ending = 0.0, 1_000_000, 0, False
        self._takes = takes

    def pause(self, seconds: float) -> bool:
        assert seconds >= 0.0
        self.now += seconds
        return self.ending

    def flush(self) -> None:
        self.asked += 1
        self.unsent -= min(self.unsent, self._takes())


def waiting(world: _World, monkeypatch: pytest.MonkeyPatch) -> Any:
    agent: Any = object.__new__(Agent)
    agent.connection = agent.thread = world
    monkeypatch.setattr(module, "monotonic", lambda: world.now)
    return agent


def test_an_engine_that_reads_has_it_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World(lambda: 200_000)
    assert not waiting(world, monkeypatch)._wait(0.2)
    assert (world.asked, world.unsent) == (5, 0)
    assert world.now == pytest.approx(0.2)


def test_an_engine_that_was_stopped_is_asked_ever_more_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = _World(lambda: 0)
    assert not waiting(world, monkeypatch)._wait(0.2)
    assert 1 < world.asked < 10
    assert world.now == pytest.approx(0.2)


def test_one_that_goes_on_is_asked_as_often_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = itertools.chain([0, 0, 0], itertools.repeat(10_000))
    world = _World(lambda: next(taken))
    waiting(world, monkeypatch)._wait(0.2)
    assert world.asked > 0.5 * 0.2 / SENDING_S


def test_a_thread_that_is_to_end_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World(lambda: 0)
    world.ending = True
    assert waiting(world, monkeypatch)._wait(0.2)
    assert world.now <= SENDING_S
