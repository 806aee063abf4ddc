"""Where the time goes: own Python, C code, waiting; on programs that do one thing at a time."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
import time
import weakref
from _thread import get_native_id
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from selfsame.runtime.agent import backend

if TYPE_CHECKING:
    from .conftest import Engine


class Held:
    pass


@pytest.mark.parametrize("extensions", [True, False])
def test_what_a_look_saw_on_a_stack_ends_with_its_call(
    extensions: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not extensions:
        monkeypatch.setattr(backend, "native", None)
    going, seen = threading.Event(), threading.Event()
    ended: list[weakref.ref[Held]] = []

    def called() -> None:
        held = Held()
        ended.append(weakref.ref(held))
        going.set()
        seen.wait()

    thread = threading.Thread(target=called, daemon=True)
    gc.disable()
    try:
        thread.start()
        going.wait()
        looked = backend.frames()
        assert thread.ident in looked and threading.get_ident() not in looked
        del looked
        seen.set()
        thread.join()
        assert ended[0]() is None
    finally:
        gc.enable()


# Each function does one thing until its time is over; what it does is in its name.
PROGRAM = """
    import asyncio, hashlib, os, random, textwrap, threading, time

    T = 0.4

    def python_loop():
        end = time.thread_time() + T
        n = 0
        while time.thread_time() < end:
            for i in range(500): n += i * i
    def python_comprehension():
        end = time.thread_time() + T
        while time.thread_time() < end:
            [i * i for i in range(1000)]
            sum(i * i for i in range(1000))
    def python_between_reads():
        end = time.thread_time() + T
        fd = os.open('file', os.O_RDWR | os.O_CREAT)
        n = 0
        while time.thread_time() < end:
            for i in range(500): n += i
            os.pread(fd, 10, 0)
    def native_sort():
        data = list(range(30_000))
        random.shuffle(data)
        end = time.thread_time() + T
        while time.thread_time() < end: sorted(data)
    def native_without_the_interpreter():
        blob = b'x' * 4_000_000
        end = time.thread_time() + T
        while time.thread_time() < end: hashlib.sha256(blob).digest()
    def native_library():
        end = time.thread_time() + T
        while time.thread_time() < end: textwrap.wrap('hello world ' * 50, 40)
    def waiting_sleep(): time.sleep(T)
    def waiting_lock():
        lock = threading.Lock()
        def held():
            time.sleep(T)
            lock.release()
        lock.acquire()
        threading.Thread(target=held).start()
        lock.acquire()
    def waiting_read():
        read, write = os.pipe()
        threading.Timer(T, os.write, (write, b'x')).start()
        os.read(read, 1)
    async def sleeps(): await asyncio.sleep(T)
    def waiting_loop():
        async def both(): await asyncio.gather(sleeps(), sleeps())
        asyncio.run(both())
    def python_threads():
        def python_thread(): python_loop()
        threads = [threading.Thread(target=python_thread) for _ in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()

    for name, function in list(globals().items()):
        if name.startswith(('python_', 'native_', 'waiting_')): function()
"""


def shares(engine: Engine) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """What was counted for each function, and for the program."""
    rows: dict[str, Counter[str]] = {}
    program: Counter[str] = Counter()
    for message in engine.messages("samples"):
        for key, *figures in message["rows"]:
            row = rows.setdefault(key[1].rpartition(".")[2], Counter())
            row.update(dict(zip(("own", "total", "native", "waiting"), figures, strict=True)))
        program.update({k: message[k] for k in ("python", "foreign", "native", "waiting", "n")})
    return rows, program


@pytest.mark.skipif(backend.looks is None, reason="the extensions are not built")
def test_each_function_is_seen_doing_what_it_does(engine: Engine) -> None:
    result = engine.run(str(engine.program(PROGRAM)))
    assert (result.returncode, result.stderr) == (0, "")
    engine.wait(lambda: engine.messages("bye"))
    rows, program = shares(engine)
    for name in ("loop", "comprehension", "between_reads"):
        row = rows[f"python_{name}"]
        assert row["own"] > 0.5 * row["total"] > 0, (name, row)
    for name in ("sort", "without_the_interpreter", "library"):
        row = rows[f"native_{name}"]
        assert row["native"] > 0.5 * (row["total"] + row["waiting"]) > 0, (name, row)
    for name in ("sleep", "lock", "read"):
        row = rows[f"waiting_{name}"]
        assert row["waiting"] > 0.5 * (row["total"] + row["waiting"]) > 0, (name, row)
    # Three threads share the interpreter: who does not have it waits for it.
    assert rows["python_thread"]["total"] > 10 * rows["python_thread"]["own"]
    assert rows["python_loop"]["waiting"] > 0
    assert rows["python_threads"]["waiting"] > rows["python_threads"]["total"]
    assert program["foreign"] > 0 and program["python"] > program["foreign"]


@pytest.mark.skipif(backend.looks is None, reason="the extensions are not built")
def test_who_looks_has_none_of_the_programs_descriptors() -> None:
    def tables() -> dict[str, list[str]]:
        found = {}
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError):
                found[thread] = os.listdir(f"/proc/self/task/{thread}/fd")
        return found

    before = tables()
    assert backend.looks_start(0.005, 1.0, get_native_id())
    try:
        count = backend.looks_cost()[0]
        while backend.looks_cost()[0] < count + 3:
            time.sleep(0.005)
        (looking,) = [thread for thread in tables() if thread not in before]
        if tables()[looking] == tables()[str(os.getpid())]:
            pytest.skip("this kernel or sandbox refuses a table of descriptors of its own")
        assert len(tables()[looking]) <= 1  # what it reads at this moment
    finally:
        backend.looks_stop()


def test_code_that_runs_once_is_seen(engine: Engine) -> None:
    result = engine.run(
        str(
            engine.program(
                """
                import time
                end = time.thread_time() + 0.5
                while time.thread_time() < end:
                    for i in range(500): pass
                class Body:
                    end = time.thread_time() + 0.5
                    while time.thread_time() < end:
                        for i in range(500): pass
                """
            )
        )
    )
    assert result.returncode == 0, result.stderr
    engine.wait(lambda: engine.messages("bye"))
    rows, _ = shares(engine)
    # How many looks there are in half a second of a processor is the machine's affair.
    for name in ("<module>", "Body"):
        assert rows[name]["own"] > max(3, 0.2 * rows["<module>"]["total"]), rows
    within = rows["Body"]["total"] + rows["<module>"]["own"]
    assert rows["<module>"]["total"] >= within - 0.01, rows  # they are rounded


def test_without_the_extensions_the_agent_looks_itself(engine: Engine) -> None:
    engine.without_extensions()
    test_code_that_runs_once_is_seen(engine)


@pytest.mark.slow
def test_many_short_threads_leave_nothing_behind(engine: Engine) -> None:
    result = engine.run(
        str(
            engine.program(
                """
                import os, threading
                def size():
                    return int(open('/proc/self/statm').read().split()[1]) * 4096
                def work():
                    for i in range(200): pass
                def many(n):
                    for _ in range(n):
                        t = threading.Thread(target=work); t.start(); t.join()
                many(3000)
                before = size(), len(os.listdir('/proc/self/fd'))
                many(7000)
                after = size(), len(os.listdir('/proc/self/fd'))
                print(after[0] - before[0] < 4_000_000, after[1] - before[1])
                """
            )
        )
    )
    assert (result.stdout, result.stderr) == ("True 0\n", "")
