"""From when on nodes are worked on, by mode."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from selfsame.runtime.engine import engine as module
from selfsame.runtime.engine.engine import SHORT_S, Engine
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.versions.store import Store


class Clock:
    """Says what time it is."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(str(tmp_path / "store")) as found:
        yield found


def begun(store: Store, mode: str, afterwards_s: float = 0.0) -> Engine:
    settings = Settings(str(store.directory), "run", mode=mode, hot=True, afterwards_s=afterwards_s)
    return Engine(settings, store, socket.socket(socket.AF_UNIX))


def test_where_nothing_is_let_in_a_short_program_is_left_in_peace(
    store: Store, clock: Clock
) -> None:
    engine = begun(store, "shadow")
    assert not engine.may_work("app:f")
    clock.now += SHORT_S
    assert engine.may_work("app:f")


@pytest.mark.parametrize("mode", ["approve", "auto"])
def test_where_something_is_the_work_begins_at_once(store: Store, clock: Clock, mode: str) -> None:
    assert begun(store, mode).may_work("app:f")


def test_nor_does_a_program_wait_that_runs_to_be_worked_on(store: Store, clock: Clock) -> None:
    assert begun(store, "shadow", afterwards_s=60.0).may_work("app:f")


def test_who_only_watches_works_on_nothing(store: Store, clock: Clock) -> None:
    engine = begun(store, "watch")
    clock.now += SHORT_S
    assert not engine.may_work("app:f")


def test_at_the_end_facts_that_take_too_long_are_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program has ended, and who runs it waits for the report."""
    hurried: list[bool] = []
    looked: list[bool] = []
    monkeypatch.setattr(module, "hurry", hurried.append)
    monkeypatch.setattr(module, "SURVEY_S", 0.01)
    engine = begun(store, "watch")

    def survey(late: Callable[[], bool]) -> None:
        while not late():
            time.sleep(0.001)
        looked.append(True)

    monkeypatch.setattr(engine.workshop, "survey", survey)
    engine._survey_at_the_end()
    assert (looked, hurried) == ([True], [True, False])
