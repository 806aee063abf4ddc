"""Compiled code beside the rest of a program: signals, threads, recursion, memory."""

import gc
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from compiled_workbench import Bench

TEXT = """
def spin(n: int):
    i = 0
    while i < n:
        i += 1
    return i

def depth(n: int):
    if n == 0:
        return 0
    return 1 + depth(n - 1)

def fib(n: int):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def grow(n: int):
    rows = []
    for i in range(n):
        rows.append([i] * i)
    last = rows[-1]
    return last

def overflow_late(a: int):
    held = [1, 2, 3]
    for i in range(100):
        held.append(i)
    return held[-1] + a * 2

def tokens(a: list[str], b: list[str]):
    same = 0
    for x in a:
        for y in b:
            same += x == y
    return same

def total(a: list[float]):
    s = 0.0
    for x in a:
        s += x
    return s

def distance(a: str, b: str):
    prev = list(range(len(b) + 1))
    for i, x in enumerate(a):
        cur = [i + 1]
        for j, y in enumerate(b):
            cur.append(min(prev[j + 1] + 1, cur[j] + 1, prev[j] + (x != y)))
        prev = cur
    return prev[-1]
"""
NAMES = [line[4 : line.index("(")] for line in TEXT.splitlines() if line.startswith("def ")]


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, NAMES, builder)
    assert made.refusals == {}
    return made


def test_a_keyboard_interrupt_ends_a_compiled_loop(bench: Bench) -> None:
    constant = bench.variations["spin"].constants[0]
    program = textwrap.dedent(
        f"""
        import importlib.util, signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)
        spec = importlib.util.spec_from_file_location({constant.module!r}, {constant.path!r})
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        try:
            print("ready", flush=True)
            made.{constant.attribute}(2**62)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        assert made.{constant.attribute}(100) == 100
        """
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.3)  # most likely in the loop by then; the outcome is the same if not
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    assert said == "interrupted\n"
    assert child.returncode == 0


def test_other_threads_run_during_a_compiled_loop(bench: Bench) -> None:
    # The loop is far too long to end: only another thread's signal can end it.
    class Enough(Exception):
        pass

    def stop(signum: int, frame: object) -> None:
        raise Enough

    previous = signal.signal(signal.SIGUSR1, stop)
    main = threading.get_ident()
    timer = threading.Timer(0.05, lambda: signal.pthread_kill(main, signal.SIGUSR1))
    try:
        timer.start()
        with pytest.raises(Enough):
            bench.compiled.spin(2**62)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, previous)


def test_recursion_goes_as_deep_as_python_would(bench: Bench) -> None:
    bench.check_fast("depth", 500)
    bench.check_fast("fib", 18)
    before = bench.deopts["depth"]
    with pytest.raises(RecursionError):
        bench.compiled.depth(10**6)
    assert bench.deopts["depth"] > before


def test_recursion_in_python_s_own_deep_frame_runs_out_at_the_same_depth(bench: Bench) -> None:
    def deepest(function: object, here: int) -> object:
        if here:
            return deepest(function, here - 1)
        low, high = 0, 2000
        while low < high:
            middle = (low + high + 1) // 2
            try:
                function(middle)  # type: ignore[operator]
                low = middle
            except RecursionError:
                high = middle - 1
        return low

    assert deepest(bench.compiled.depth, 50) == deepest(bench.original.depth, 50)


def test_nothing_is_left_behind_by_many_calls(bench: Bench) -> None:
    words = ["one", "two", "three"]
    reals = [0.5, 1.5]
    calls = [
        lambda: bench.compiled.distance("kitten", "sitting"),
        lambda: bench.compiled.overflow_late(2**62),
        lambda: bench.compiled.tokens(words, words),
        lambda: bench.compiled.total(reals),
        lambda: bench.compiled.grow(5),
    ]
    for call in calls:
        call()
    gc.collect()
    counts = [sys.getrefcount(o) for o in (*words, *reals, words, reals)]
    blocks, memory = sys.getallocatedblocks(), resident()
    for _ in range(100_000 // len(calls)):
        for call in calls:
            call()
    gc.collect()
    assert [sys.getrefcount(o) for o in (*words, *reals, words, reals)] == counts
    assert sys.getallocatedblocks() - blocks < 500
    assert resident() - memory < 4_000_000


def test_errors_in_the_middle_leave_nothing_behind(bench: Bench) -> None:
    wrong = ["x", "y", 3]
    bench.check("tokens", wrong, ["x"])
    counts = [sys.getrefcount(o) for o in wrong]
    memory = resident()
    for _ in range(20_000):
        bench.compiled.tokens(wrong, ["x"])
    assert [sys.getrefcount(o) for o in wrong] == counts
    assert resident() - memory < 4_000_000


def resident() -> int:
    """Bytes of memory in use by this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096
