"""A thread that has paused is handed the interpreter by the main thread, and gets it in any case."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

native: Any = pytest.importorskip("selfsame.runtime.agent.native")

PROCESSORS = len(os.sched_getaffinity(0))
needs_two = pytest.mark.skipif(PROCESSORS < 2, reason="the main thread answers beside who asks")

COMMON = """
import os, signal, sys, threading, time
from selfsame.runtime.agent import native

def add(a, b):
    return a + b

def paused(times, seconds=0.001):
    pause, handed = native.Pause(), []
    thread = threading.Thread(target=lambda: handed.extend(pause.wait(seconds) for _ in range(times)))
    thread.start()
    return thread, handed

def compute_until(handed, times):
    total = 0
    while len(handed) < times:
        for n in range(1000):
            total = add(total, n)
"""


@pytest.fixture(autouse=True)
def no_switches_by_themselves() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.05)
    yield
    sys.setswitchinterval(before)


def run(code: str, ends: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", COMMON + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (ends, "")
    return done.stdout


def while_main(does: Callable[[], object], times: int = 40) -> list[bool]:
    """Whether each pause of a thread ended by being handed the interpreter, while this thread is busy.

    Of ``times`` pauses; fewer where one was, which on a busy machine may take a while.
    """
    pause, handed = native.Pause(), []
    thread = threading.Thread(target=lambda: handed.extend(until_handed(pause, times)), daemon=True)
    thread.start()
    while thread.is_alive():
        does()
    return handed


def until_handed(pause: Any, times: int) -> Iterator[bool]:
    for _ in range(times):
        handed = pause.wait(0.001)
        yield handed
        if handed:
            return


@needs_two
def test_who_runs_python_hands_over() -> None:
    def compute() -> None:
        for n in range(1000):
            str(n)

    assert any(while_main(compute, 4000))  # the first one, where nobody else has the processors


def test_who_waits_is_not_asked() -> None:
    assert not any(while_main(lambda: time.sleep(0.01)))


def test_who_works_in_c_is_asked_as_all_are() -> None:
    started = time.monotonic()
    handed = while_main(lambda: sum(range(3_000_000)), 3)
    assert len(handed) == 3
    assert time.monotonic() - started < 60


def test_what_another_thread_has_is_asked_for_as_by_all() -> None:
    end = False

    def compute() -> None:
        n = 0
        while not end:
            n += 1

    other = threading.Thread(target=compute)
    other.start()
    try:
        assert len(while_main(lambda: time.sleep(0.05), 5)) == 5
    finally:
        end = True
        other.join()


def test_one_processor_is_enough() -> None:
    out = run("""
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        thread, handed = paused(20)
        compute_until(handed, 20)
        print(len(handed), any(handed))
    """)
    assert out == "20 False\n"


def test_a_pause_ends_when_it_is_told_to_also_beforehand() -> None:
    pause = native.Pause()
    started = time.monotonic()
    pause.end()
    pause.wait(60)
    thread = threading.Thread(target=pause.wait, args=(60,))
    thread.start()
    while thread.is_alive():
        pause.end()
        time.sleep(0.001)
    assert time.monotonic() - started < 30


@needs_two
@pytest.mark.parametrize("forker", ["main", "another thread"])
def test_a_child_has_a_main_thread_of_its_own(forker: str) -> None:
    # In 3.13 a pending call is told to the main thread of the parent, which is gone.
    told = forker == "main" or sys.version_info < (3, 13)
    out = run(f"""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # os.fork, where there are threads
        def fork():
            before, _ = paused(100000, 0.0001)  # asks, perhaps at this moment
            time.sleep(0.05)
            child = os.fork()
            if not child:
                times = {2000 if told else 40}
                thread, handed = paused(times)
                while not any(handed) and len(handed) < times:
                    compute_until(handed, min(len(handed) + 1, times))
                os.write(1, b"%d\\n" % any(handed))
                os._exit(0)
            os.waitpid(child, 0)
            os._exit(0)
        if {forker!r} == "main":
            fork()
        else:
            threading.Thread(target=fork).start()
            time.sleep(60)
    """)
    assert out == f"{told:d}\n"


def test_what_handlers_of_signals_raise_is_raised() -> None:
    """Also where the signal comes while the main thread hands over."""
    out = run("""
        class Alarm(Exception):
            pass
        sent = raised = armed = 0
        def handler(*_):
            global sent, armed
            if armed:
                armed, sent = 0, sent + 1
                raise Alarm
        signal.signal(signal.SIGALRM, handler)
        thread, handed = paused(400, 0.0002)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        while len(handed) < 400:
            try:
                armed = 1
                compute_until(handed, 400)
                armed = 0
            except Alarm:
                raised += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(sent == raised, sent > 10, len(handed))
    """)
    assert out == "True True 400\n"


def test_two_that_ask_at_once_both_get_it() -> None:
    out = run("""
        threads = [paused(300, 0.0001) for _ in range(4)]
        for _, handed in threads:
            compute_until(handed, 300)
        print([len(handed) for _, handed in threads])
    """)
    assert out == "[300, 300, 300, 300]\n"


def test_it_leaves_room_for_calls_of_others() -> None:
    """Of the few places for pending calls (32 in all) it takes one, however long nobody answers."""
    out = run("""
        def ask_and_fill():
            pause = native.Pause()
            for _ in range(3):
                pause.wait(0.0)
            fits.append(sum(native.call_soon(lambda: None) for _ in range(30)))
        fits = []
        thread = threading.Thread(target=ask_and_fill)
        thread.start()
        while thread.is_alive():
            sum(range(1_000_000))
        print(fits)
    """)
    assert out == "[30]\n"


def test_the_interpreter_may_end_while_somebody_pauses() -> None:
    out = run("""
        pause = native.Pause()
        def go_on():
            while True:
                pause.wait(0.0001)
        for _ in range(3):
            threading.Thread(target=go_on, daemon=True).start()
        add_until = time.monotonic() + 0.3
        while time.monotonic() < add_until:
            add(1, 2)
        print("over")
    """)
    assert out == "over\n"


def test_nobody_gives_for_long_what_nobody_wants() -> None:
    started = time.monotonic()
    for _ in range(10):
        assert not native.give(60)
    assert time.monotonic() - started < 30


def test_a_child_of_another_thread_has_pending_calls() -> None:
    """It inherits that one runs, where the main thread is handing over when the fork is made."""
    out = run("""
        import types, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # os.fork, where there are threads
        nothing = lambda: None
        hooks = types.SimpleNamespace(before=nothing, start=nothing, child=nothing)
        forks = native.Forks(native.Resting(), (), threading.Lock(), hooks, [], True, 0.1, 1.0)
        os.register_at_fork(before=forks.before, after_in_parent=forks.parent)
        pause, over = native.Pause(), []

        def go_on():
            while not over:
                pause.wait(0.001)

        def fork():
            good = 0
            for _ in range(40):
                child = os.fork()
                if not child:
                    got = []
                    native.call_soon(lambda: got.append(1))
                    for n in range(10000):
                        add(n, n)
                    os._exit(len(got))
                good += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            over.append(good)

        threading.Thread(target=go_on, daemon=True).start()
        threading.Thread(target=fork).start()
        while not over:
            for n in range(1000):
                add(n, n)
        print(over[0])
    """)
    # In 3.13 pending calls are told to the main thread of the parent, which is gone.
    assert out == "40\n" or sys.version_info >= (3, 13)


def test_who_comes_back_after_the_interpreters_end_asks_nobody() -> None:
    out = run(
        """
        import ctypes
        library = ctypes.CDLL(None)
        library.on_exit.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        for _ in range(300):  # each sleeps so many microseconds as the exit code says
            library.on_exit(ctypes.cast(library.usleep, ctypes.c_void_p), None)
        def late(number):
            native.Pause().wait(0.02 + number * 0.003)
        for number in range(40):
            threading.Thread(target=late, args=(number,), daemon=True).start()
        print("over", flush=True)
        sys.exit(200)
    """,
        200,
    )
    assert out == "over\n"
