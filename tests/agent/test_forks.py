"""Programs that fork in hard ways: what plain Python does happens, and both sides are watched after."""

from __future__ import annotations

import textwrap

import pytest

from .conftest import Engine

BEGIN = """
    import gc, os, signal, sys, time, warnings
    def agent():
        boot = sys.modules.get("selfsame.runtime.agent.boot")
        return getattr(boot, "agent", None)
    end = time.monotonic() + 20
    while (agent() is None or agent()._ticks < 3) and time.monotonic() < end:
        time.sleep(0.01)
    def alive():
        before, end = agent()._ticks, time.monotonic() + 10
        while agent()._ticks < before + 2 and time.monotonic() < end:
            time.sleep(0.01)
            gc.collect()  # which finds it where many forks went before
        return agent()._ticks >= before + 2
    def fork():
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
"""


def run(engine: Engine, text: str) -> str:
    path = engine.program(textwrap.dedent(BEGIN) + textwrap.dedent(text))
    result = engine.run(str(path))
    assert (result.returncode, result.stderr) == (0, "")
    return str(result.stdout)


def test_handlers_of_signals_that_raise(engine: Engine) -> None:
    """None of what they raise is swallowed, and no signal stays blocked."""
    text = """
        class Late(Exception): pass
        me, raised, caught = os.getpid(), 0, 0
        def handler(*_):
            global raised
            if os.getpid() != me:
                os._exit(0)
            raised += 1
            raise Late
        def fork_on():
            # In a function: a loop's last jump may be outside of the try around the loop (3.13).
            until = time.monotonic() + 5
            while time.monotonic() < until:
                fork()
        signal.signal(signal.SIGALRM, handler)
        for round in range(120):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0003 + round % 60 * 0.00005)
                fork_on()
            except Late:
                caught += 1
            if round % 10 == 0:
                time.sleep(0.03)  # the agent goes on
        print(raised == caught == 120, signal.pthread_sigmask(signal.SIG_BLOCK, ()), alive())
    """
    assert run(engine, text) == "True set() True\n"


def test_a_lock_that_forks_wait_for(engine: Engine) -> None:
    """Of two threads that fork, one has the lock that the other waits for in the middle of its fork."""
    text = """
        import _imp, threading
        warnings.simplefilter("ignore")
        def other():
            for _ in range(60):
                _imp.acquire_lock()
                time.sleep(0.002)
                fork()
                _imp.release_lock()
                time.sleep(0.001)
        thread = threading.Thread(target=other, daemon=True)
        thread.start()
        end = time.monotonic() + 20
        while thread.is_alive() and time.monotonic() < end:
            fork()
        print(thread.is_alive(), alive())
    """
    assert run(engine, text) == "False True\n"


@pytest.mark.parametrize("when", ["before", "after_in_parent"])
def test_a_hook_of_the_programs_that_forks(engine: Engine, when: str) -> None:
    """It is not warned of a second thread, and it ends."""
    text = f"""
        warnings.simplefilter("error")
        nested = []
        def hook():
            if not nested:
                nested.append(1)
                fork()
                nested.clear()
        fork()
        os.register_at_fork({when}=hook)
        for _ in range(5):
            fork()
        print(alive())
    """
    assert run(engine, text) == "True\n"


def test_a_thread_that_forks_while_the_main_one_waits(engine: Engine) -> None:
    text = """
        import gc, threading, weakref
        warnings.simplefilter("ignore")
        class Kept: pass
        seen = []
        def work():
            kept = Kept()
            seen.append(weakref.ref(kept))
            fork()
        def watch():
            work()
            gc.collect()
            seen.append(alive())
        thread = threading.Thread(target=watch)
        thread.start()
        thread.join()
        print(seen[0]() is None, seen[1])
    """
    assert run(engine, text) == "True True\n"


def test_a_fork_that_could_not_wait_for_the_agents_thread(engine: Engine) -> None:
    """Another thread has the interpreter for longer than a fork may wait: the agent is there again after."""
    text = """
        import threading
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=lambda: sum(range(60_000_000)))
        thread.start()
        fork()
        thread.join()
        print(alive())
    """
    assert run(engine, text) == "True\n"


def test_between_forks_that_follow_each_other_the_agent_goes_on(engine: Engine) -> None:
    text = """
        end, ticks, alone = time.monotonic() + 3.5, [], 0
        while time.monotonic() < end:
            fork()
            ticks.append(agent()._ticks)
            alone += len(os.listdir("/proc/self/task")) == 1
        half = ticks[len(ticks) // 2:]
        print(half[-1] > half[0], alone > len(ticks) / 4, alive(), len(gc.callbacks))
    """
    assert run(engine, text) == "True True True 0\n"


def test_threads_that_fork_are_not_held_up_by_each_other(engine: Engine) -> None:
    text = """
        import threading
        warnings.simplefilter("ignore")
        begin, took = threading.Barrier(4), []
        def work():
            begin.wait()
            for _ in range(20):
                began = time.monotonic()
                fork()
                took.append(time.monotonic() - began)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Who gives a thread up after half a second waits for nothing that would come.
        print(len(took), sum(seconds > 0.45 for seconds in took) <= 1, alive())
    """
    assert run(engine, text) == "80 True True\n"
