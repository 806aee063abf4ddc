"""The agent's thread around forks: what rests has nothing of the interpreter, and goes at once."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.runtime.agent import backend
from selfsame.runtime.agent.forking import Forking
from selfsame.runtime.agent.swap import lock
from selfsame.runtime.agent.thread import Thread

LONG_S = 60.0
pytestmark = [
    pytest.mark.skipif(backend.resting() is None, reason="the extensions were not built"),
    pytest.mark.filterwarnings("ignore:.* is multi-threaded:DeprecationWarning"),
]


def threads() -> set[str]:
    """The kernel's numbers of the threads of this process."""
    return set(os.listdir("/proc/self/task"))


def in_child(answer: Callable[[], object]) -> str:
    """What a forked child says; it ends at once."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, repr(answer()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        said = file.read().decode()
    os.waitpid(child, 0)
    return said


def hooks(thread: Thread, *busy: dict[str, int]) -> tuple[Forking, list[str]]:
    """Hooks for it, and which of those that are Python were called."""
    called: list[str] = []

    def stop(seconds: float) -> bool:
        called.append("before")
        return thread.stop(seconds)

    def start() -> None:
        if not thread.running and called[-1:] != ["child"]:
            called.append("parent")
        thread.start(LONG_S)

    def child() -> None:
        called.append("child")
        thread.forget()

    return Forking(thread, busy, stop, start, child), called


def out(forking: Forking) -> None:
    """Hooks cannot be taken out: these do nothing from here on."""
    forking.__dict__.update(_stop=lambda seconds: True, _start=int, _child=int)


def assert_rests(thread: Thread) -> None:
    """From 3.12 on it comes back behind the call."""
    deadline = time.monotonic() + 5.0
    while not thread.resting.hold():
        assert time.monotonic() < deadline
    thread.resting.release()
    assert thread.running


@pytest.fixture
def resting() -> Any:
    return backend.resting()


@pytest.fixture
def thread() -> Iterator[Thread]:
    """One that does nothing until it is stopped."""
    made = Thread(lambda: bool(made.pause(LONG_S)))
    yield made
    assert made.stop(5.0)


def test_what_rests_is_gone_at_once_and_does_nothing(resting: Any) -> None:
    called: list[int] = []
    before = threads()
    for _ in range(200):
        resting.begin(LONG_S, lambda: called.append(1))
        assert len(threads() - before) == 1  # others of the process may end meanwhile
        assert resting.end()
        assert threads() <= before
        assert not resting.end()
    assert called == []


def test_what_has_rested_calls_and_can_only_be_waited_for(resting: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def body() -> None:
        entered.set()
        leave.wait(5.0)

    began = time.monotonic()
    resting.begin(0.05, body)
    assert entered.wait(5.0)
    assert time.monotonic() - began >= 0.05
    assert not resting.end()
    leave.set()


def test_what_is_held_does_not_begin(resting: Any) -> None:
    called = threading.Event()
    resting.begin(0.02, called.set)
    assert resting.hold()
    assert not called.wait(0.2)
    resting.release()
    assert called.wait(5.0)
    assert not resting.hold()


def test_an_error_of_its_call_is_said_and_ends_it(
    monkeypatch: pytest.MonkeyPatch, resting: Any
) -> None:
    said: list[str] = []
    told = threading.Event()

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        said.append(str(unraisable.exc_value))
        told.set()

    monkeypatch.setattr(sys, "unraisablehook", hook)

    def body() -> None:
        raise ValueError("of its own")

    resting.begin(0.0, body)
    assert told.wait(5.0)
    assert said == ["of its own"]


def test_a_child_has_no_such_thread_and_may_begin_one(thread: Thread) -> None:
    thread.start(LONG_S)

    def answer() -> tuple[int, bool, int, bool]:
        thread.forget()
        alone = len(threads())
        thread.start(LONG_S)
        return alone, thread.running, len(threads()), thread.stop(5.0)

    if sys.version_info >= (3, 12):  # it would warn of the second thread
        assert thread.stop(5.0)
    assert in_child(answer) == "(1, True, 2, True)"


def test_a_child_that_nobody_told_waits_for_nothing(resting: Any) -> None:
    resting.begin(LONG_S, int)
    assert in_child(resting.end) == "True"
    assert resting.end()


def test_between_forks_a_resting_thread_stays_where_none_warns(thread: Thread) -> None:
    forking, slow = hooks(thread)
    thread.start(LONG_S)
    try:
        for _ in range(5):
            said = in_child(lambda: (thread.running, len(threads()), forking.children))
            assert said == "(True, 2, 1)"
            assert_rests(thread)
        # One that has not yet come to rest is ended.
        assert slow in ([], ["before", "parent"])
    finally:
        out(forking)


def test_a_child_of_a_child_is_told_from_it(thread: Thread) -> None:
    forking, _ = hooks(thread)
    thread.start(LONG_S)
    try:

        def answer() -> str:
            return in_child(lambda: (forking.children, thread.running, len(threads())))

        assert in_child(answer) == repr("(2, True, 2)")
        assert forking.children == 0
    finally:
        out(forking)


def test_where_more_is_to_be_done_python_does_it(thread: Thread) -> None:
    busy = {"a window": 1}
    forking, slow = hooks(thread, busy)
    thread.start(LONG_S)
    try:
        assert in_child(lambda: (slow, forking.children)) == "(['before', 'child'], 1)"
        assert slow == ["before", "parent"]
    finally:
        out(forking)


def test_a_child_may_take_what_a_thread_of_the_parent_had(thread: Thread) -> None:
    forking, _ = hooks(thread)
    thread.start(LONG_S)
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            leave.wait(10.0)

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert taken.wait(5.0)
        assert in_child(lambda: lock.acquire(timeout=2.0)) == "True"
    finally:
        leave.set()
        other.join(5.0)
        out(forking)


def young() -> None:
    """Fork children that die at once until one does without the thread."""
    deadline = time.monotonic() + 20.0
    while in_child(lambda: len(threads())) == "2":
        assert time.monotonic() < deadline


def test_where_children_die_young_most_do_without_the_thread(thread: Thread) -> None:
    forking, _ = hooks(thread)
    thread.start(LONG_S)
    try:
        began = time.monotonic()
        young()
        assert time.monotonic() - began >= 0.5
        said = [in_child(lambda: len(threads())) for _ in range(64)]
        assert said.count("2") == 2 and said.count("1") == 62
        time.sleep(0.15)  # what follows is another time
        assert in_child(lambda: len(threads())) == "2"
    finally:
        out(forking)


def test_one_that_lives_longer_is_found_by_the_collector(thread: Thread) -> None:
    forking, _ = hooks(thread)
    thread.start(LONG_S)

    others = len(gc.callbacks)

    def answer() -> object:
        if len(threads()) == 2:
            return "one of those that are watched"
        deadline = time.monotonic() + 10.0
        while len(threads()) == 1 and time.monotonic() < deadline:
            gc.collect()
        thread.grown()
        gc.collect()
        left = len(gc.callbacks) - others
        return len(threads()), left, in_child(lambda: len(threads()))

    try:
        young()
        said = in_child(answer)
        if "watched" in said:  # none is that comes next
            said = in_child(answer)
        assert said == "(2, 0, '2')"
        assert in_child(lambda: len(threads())) == "2"  # they are known not to die young
    finally:
        out(forking)


def waiting(forks: Any) -> list[Any]:
    """What the collector calls to find that the thread is due."""
    return [one for one in gc.callbacks if getattr(one, "__self__", None) is forks]


def fork(forks: Any) -> None:
    """The hooks of the parent, around nothing."""
    forks.before()
    forks.parent()


@pytest.mark.parametrize("stays", [False, True])
def test_where_forks_follow_each_other_the_parent_does_without_it(
    resting: Any, stays: bool
) -> None:
    python = SimpleNamespace(before=int, start=int)
    forks = backend.forks(resting, (), lock, python, gc.callbacks, stays, LONG_S, LONG_S)
    called, others = threading.Event(), threads()
    began = time.monotonic()

    def fork_until_away() -> None:
        while not waiting(forks):
            fork(forks)
            assert time.monotonic() - began < 40.0

    resting.begin(0.5, called.set)
    fork_until_away()
    assert time.monotonic() - began >= 0.5
    for _ in range(100):
        fork(forks)
        assert threads() <= others
    time.sleep(0.15)  # what follows is another time
    fork(forks)
    while threads() <= others:  # it comes back behind the call
        assert time.monotonic() - began < 40.0
    gc.collect()
    assert not waiting(forks)
    fork_until_away()
    assert not called.is_set()
    gc.collect()
    assert threads() <= others  # it is not due
    time.sleep(0.55)
    gc.collect()
    assert called.wait(10.0)
    gc.collect()
    assert not waiting(forks)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_the_collector_asked_for_is_not_lost(resting: Any, elsewhere: bool) -> None:
    """A fork may put it off before what was asked for comes; and the main thread may be busy for long."""
    python = SimpleNamespace(before=int, start=int)
    called = threading.Event()
    forks = backend.forks(resting, (), lock, python, gc.callbacks, False, LONG_S, LONG_S)

    resting.begin(0.2, called.set)
    while not waiting(forks):
        fork(forks)
    time.sleep(0.25)
    if elsewhere:
        collecting = threading.Thread(target=gc.collect)
        collecting.start()
        collecting.join()
    else:
        for one in waiting(forks):
            one("start", {})  # asks, and a fork comes before what it asked for
            fork(forks)
        deadline = time.monotonic() + 10.0
        while not called.is_set() and time.monotonic() < deadline:
            gc.collect()
            time.sleep(0.01)
    assert called.wait(10.0)
    gc.collect()
    assert not waiting(forks)


def test_no_callback_of_the_programs_is_passed_over(resting: Any) -> None:
    python = SimpleNamespace(before=int, start=int)
    forks = backend.forks(resting, (), lock, python, gc.callbacks, False, LONG_S, LONG_S)
    called = threading.Event()
    resting.begin(0.1, called.set)
    while not waiting(forks):
        fork(forks)
    phases: list[tuple[str, str]] = []

    def first(phase: str, info: object) -> None:
        phases.append(("first", phase))

    def second(phase: str, info: object) -> None:
        phases.append(("second", phase))

    gc.callbacks += [first, second]
    try:
        time.sleep(0.15)
        gc.collect()
        assert called.wait(10.0)
        gc.collect()
    finally:
        gc.callbacks.remove(second)
        gc.callbacks.remove(first)
    once = [("first", "start"), ("second", "start"), ("first", "stop"), ("second", "stop")]
    assert len(phases) >= 8 and phases == len(phases) // 4 * once  # others may collect, too
    gc.collect()
    assert not waiting(forks)


def test_forks_that_follow_each_other_put_it_off_but_not_for_ever(resting: Any) -> None:
    called = threading.Event()
    python = SimpleNamespace(before=int, start=int)
    forks = backend.forks(resting, (), lock, python, gc.callbacks, True, LONG_S, 1.2)
    began = time.monotonic()
    resting.begin(0.5, called.set)
    while not called.is_set() and time.monotonic() < began + 10.0:
        fork(forks)
    assert 1.2 <= time.monotonic() - began < 10.0


def test_several_threads_may_hold_it_and_none_waits(resting: Any) -> None:
    called = threading.Event()
    resting.begin(0.02, called.set)
    assert resting.hold()
    found: list[bool] = []
    other = threading.Thread(target=lambda: found.append(resting.hold()))
    other.start()
    other.join(5.0)
    assert found == [True]
    resting.release()
    assert not called.wait(0.2)
    resting.release()
    assert called.wait(5.0)


def test_threads_that_fork_at_the_same_time(thread: Thread) -> None:
    """One may be about to fork, with the thread held, while another begins to."""
    forking, _ = hooks(thread)
    thread.start(LONG_S)
    said: list[str] = []

    def forks() -> None:
        for _ in range(40):
            said.append(in_child(lambda: 7))

    try:
        together = [threading.Thread(target=forks, daemon=True) for _ in range(3)]
        for one in together:
            one.start()
        for one in together:
            one.join(60.0)
        assert said == ["7"] * 120
        time.sleep(0.15)  # what follows is another time
        assert in_child(lambda: 7) == "7"
        assert_rests(thread)
    finally:
        out(forking)


def test_a_thread_that_runs_is_ended_before_a_fork(thread: Thread) -> None:
    thread.start()
    deadline = time.monotonic() + 5.0
    while thread.resting.hold():
        thread.resting.release()
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert thread.running
    assert thread.stop(5.0)
    assert not thread.running and not thread.resting.hold()
