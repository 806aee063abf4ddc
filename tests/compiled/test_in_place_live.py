"""Compiled in place: names of the module that functions bind by ``global``."""

import signal
import threading
import types
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make, shape

TEXT = """
counter = 0
best = None
total = 0.0
stop = False
memo = {}
seen = []
limit = 100


class Box:
    def __init__(self, n):
        self.n = n

    def fill(self, n):
        global total
        self.n += n
        total += n
        return total


def tick(n):
    global counter
    counter += n
    return counter


def count(numbers):
    global counter, best, made
    found = 0
    for n in numbers:
        found += counter + tick(n)
        if best is None or n > best:
            best = n
        made = found
    return found, best, made


def divided(numbers, d):
    global counter, total
    for n in numbers:
        counter += 1
        total = total + n
        counter = counter * 2 + n // d
        d -= 1
    return counter


def remembered(numbers):
    found = 0
    for n in numbers:
        if n not in memo:
            memo[n] = n * n
            seen.append(n)
        found += memo[n]
        if found > limit:
            forget(n)
    return found


def forget(n):
    global memo, seen
    memo = {n: -n}
    seen = seen + [None]


def boxes(held, numbers):
    for n in numbers:
        for box in held:
            box.fill(n)
    return total


def until(numbers):
    global total
    found = 0
    for n in numbers:
        if stop:
            break
        found += 1
        if found % 7 == 0:
            total = 0.5
    return found


def stopped(rounds):
    found = 0
    for _ in range(rounds):
        found = (found + 1) % 1000
        if stop:
            return "stopped"
    return "all"


def stopping():
    global stop, limit
    stop = True
    limit = 5


def unpacked(pairs):
    global counter, best
    for counter, best in pairs:
        pass
    for counter in range(counter):
        if (best := counter) > 2:
            break
    return counter, best


def fib(n):
    global counter
    counter += 1
    return n if n < 2 else fib(n - 1) + fib(n - 2)
"""

EXAMPLES: dict[str, Make] = {
    "count": lambda m: ([3, 1, 4],),
    "divided": lambda m: ([5, 6], 4),
    "remembered": lambda m: ([3, 9, 3, 9],),
    "boxes": lambda m: ([m.Box(1.0), m.Box(2.5)], [0.5, 1.5]),
    "until": lambda m: (list(range(20)),),
    "stopped": lambda m: (30,),
    "unpacked": lambda m: ([(4, 1), (9, 2)],),
    "fib": lambda m: (9,),
}
DATA = ("counter", "best", "total", "stop", "memo", "seen", "limit", "made")


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def check(made: InPlace, name: str, make: Make, **data: Any) -> int:
    """The same results, errors, arguments and data of the module; how often the original ran."""
    before, outcomes = made.deopts[name], []
    for module in (made.original, made.compiled):
        exec(TEXT.partition("class")[0], module.__dict__)
        vars(module).pop("made", None)
        # Each gets data of its own.
        for which, value in data.items():
            setattr(module, which, type(value)(value) if isinstance(value, dict | list) else value)
        arguments = make(module)
        try:
            done: tuple[str, object] = "returns", getattr(module, name)(*arguments)
        except Exception as error:
            done = "raises", f"{type(error).__name__}: {error}"
        left = [(n, vars(module)[n]) for n in DATA if n in vars(module)]
        outcomes.append(shape((done, arguments, left)))
    assert outcomes[0] == outcomes[1]
    return made.deopts[name] - before


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    assert check(made, name, EXAMPLES[name]) == 0


NUMBERS = st.lists(st.integers(-4, 12), max_size=7)


@settings(deadline=None, max_examples=120)
@given(NUMBERS, st.integers(-2, 6), st.integers(-9, 9), st.integers(0, 60))
def test_data_of_the_module_is_as_python_leaves_it(
    made: InPlace, numbers: list[int], d: int, start: int, limit: int
) -> None:
    # Of nothing ``made`` is not made.
    assert check(made, "count", lambda m: (list(numbers),), counter=start) == (not numbers)
    check(made, "divided", lambda m: (list(numbers), d), counter=start, total=float(start))
    check(made, "remembered", lambda m: (list(numbers),), limit=limit, memo={1: 5}, seen=[1])
    floats = [n / 2 for n in numbers]
    check(made, "boxes", lambda m: ([m.Box(1.0), m.Box(0.0)], list(floats)), total=-0.0)
    check(made, "unpacked", lambda m: ([(n, d) for n in numbers],), counter=start)


class Number(int):
    pass


HOSTILE = [
    True,
    None,
    1 << 62,
    1 << 70,
    -(1 << 63),
    2.5,
    -0.0,
    float("nan"),
    "a",
    Number(3),
    [],
    {},
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_whatever_the_names_hold(made: InPlace, value: Any) -> None:
    for name in ("counter", "best", "total", "stop", "limit", "memo", "seen"):
        for function, example in EXAMPLES.items():
            check(made, function, example, **{name: value})


def test_a_name_that_is_gone_is_missed(made: InPlace) -> None:
    for name in ("counter", "total", "stop", "memo"):
        for function, example in EXAMPLES.items():
            outcomes = []
            for module in (made.original, made.compiled):
                exec(TEXT.partition("class")[0], module.__dict__)
                vars(module).pop("made", None)
                delattr(module, name)
                try:
                    got: object = getattr(module, function)(*example(module))
                except NameError as error:
                    got = str(error)
                outcomes.append(shape((got, [n for n in DATA if n in vars(module)])))
            assert outcomes[0] == outcomes[1]
    check(made, "count", EXAMPLES["count"])


def test_a_function_with_other_globals_uses_those(made: InPlace) -> None:
    code = made.compiled.fib.__code__
    other: dict[str, Any] = dict(vars(made.compiled), counter=50)
    again = types.FunctionType(code, other)
    other["fib"] = again
    made.compiled.counter = 7
    assert again(5) == 5
    assert (other["counter"], made.compiled.counter) == (65, 7)


def test_a_thread_that_binds_a_name_is_seen(made: InPlace) -> None:
    check(made, "stopped", EXAMPLES["stopped"])
    timer = threading.Timer(0.05, made.compiled.stopping)
    timer.start()
    try:
        assert made.compiled.stopped(1 << 60) == "stopped"
    finally:
        timer.join()
    assert made.compiled.limit == 5


def test_a_signal_handler_that_binds_a_name_is_seen(made: InPlace) -> None:
    check(made, "stopped", EXAMPLES["stopped"])
    old = signal.signal(signal.SIGALRM, lambda number, frame: made.compiled.stopping())
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        assert made.compiled.stopped(1 << 60) == "stopped"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
