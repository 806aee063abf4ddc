"""What comes into a rewrite from outside, from a handler of a signal or another thread, is not its guards'."""

from __future__ import annotations

import ctypes
import functools
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest

from selfsame.runtime.agent.handlers import interrupted
from selfsame.variants.site import Observed

if TYPE_CHECKING:
    from .conftest import Bench, Pair

ENOUGH = 12
MOST_CALLS = 4000


class TimeIsUp(Exception):
    """A limit of the program's own, as many have them."""


MEMBERSHIP = """
def f(words, names):
    count = 0
    for word in words:
        if word in names:
            count += 1
    return count
"""
HOISTED = """
def f(values):
    return [value / max(values) for value in values]
"""
CALLED = """
def f(xs, ys):
    out = []
    for x in xs:
        for y in ys:
            out.append(h(x, y))
    return out

def h(x, y):
    return sum([x, y, x * y])
"""
REMEMBERED = """
def f(n):
    total = 0
    for i in range(n[0]):
        total += len(n) + i
    return total
"""


def membership(bench: Bench) -> tuple[Pair, tuple[Any, ...]]:
    names = list(range(3000))
    return bench.pair("linear-membership-to-set", MEMBERSHIP, "f"), ([7, 9] * 100, names)


def hoisted(bench: Bench) -> tuple[Pair, tuple[Any, ...]]:
    return bench.pair("hoist-loop-invariant", HOISTED, "f"), ([float(n) for n in range(4000)],)


def called(bench: Bench) -> tuple[Pair, tuple[Any, ...]]:
    return bench.pair("repeated-call-to-memo", CALLED, "f"), ([1, 2, 3, 4] * 40, [5, 6] * 20)


def remembered(bench: Bench) -> tuple[Pair, tuple[Any, ...]]:
    seen = Observed(repeats=0.9)
    pair = bench.pair("repeated-arguments-to-memory", REMEMBERED, "f", seen)
    return pair, ((3, *range(4000)),)


MAKERS = [membership, hoisted, called, remembered]


class Handler:
    """Raises in whatever runs between two calls of ``arm``."""

    def __init__(self) -> None:
        self.armed = False
        self.raised = 0

    def method(self, number: int, frame: FrameType | None) -> None:
        if self.armed:
            self.raised += 1
            self.armed = False
            raise TimeIsUp

    def __call__(self, *given: object) -> None:
        self.method(*given)  # type: ignore[arg-type]


def lost(handler: Handler, function: Callable[..., object], given: tuple[Any, ...]) -> int:
    """How much of what was raised within the function did not come out of it."""
    seen = calls = 0
    while seen < ENOUGH and calls < MOST_CALLS:
        calls += 1
        try:
            handler.armed = True
            function(*given)
        except TimeIsUp:
            seen += 1
        finally:
            handler.armed = False
    assert handler.raised >= ENOUGH
    return handler.raised - seen


@pytest.fixture
def handler() -> Iterator[Handler]:
    made = Handler()
    before = signal.getsignal(signal.SIGVTALRM)
    gc.disable()  # what is raised in a callback of the collector's, CPython itself swallows
    yield made
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)
    gc.enable()


@pytest.mark.parametrize("form", ["method", "instance", "partial", "lambda"])
@pytest.mark.parametrize("make", MAKERS)
def test_a_handlers_exception_reaches_the_program(
    bench: Bench, handler: Handler, make: Callable[[Bench], tuple[Pair, tuple[Any, ...]]], form: str
) -> None:
    pair, given = make(bench)
    forms: dict[str, Callable[[int, FrameType | None], Any]] = {
        "method": handler.method,
        "instance": handler,
        "partial": functools.partial(handler.method),
        "lambda": lambda number, frame: handler.method(number, None),
    }
    assert pair.rewritten(*given) == pair.original(*given)
    signal.signal(signal.SIGVTALRM, forms[form])
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.0007, 0.0007)
    assert lost(handler, pair.rewritten, given) == 0


@pytest.mark.parametrize("make", MAKERS)
def test_what_another_thread_throws_reaches_the_program(
    bench: Bench, make: Callable[[Bench], tuple[Pair, tuple[Any, ...]]]
) -> None:
    pair, given = make(bench)
    main = ctypes.c_ulong(threading.get_ident())
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
    seen = 0
    for _ in range(ENOUGH):
        thrown = threading.Event()

        def soon(thrown: threading.Event = thrown) -> None:
            throw(main, ctypes.py_object(TimeIsUp))
            thrown.set()

        timer = threading.Timer(0.002, soon)
        try:
            timer.start()
            while not thrown.is_set():
                pair.rewritten(*given)
            pair.rewritten(*given)
        except TimeIsUp:
            seen += 1
        timer.join()
    assert seen == ENOUGH


def test_what_the_code_itself_raises_is_its_own() -> None:
    def fails(kind: type[Exception]) -> None:
        raise kind

    def deep(n: int) -> int:
        return deep(n + 1)

    def thrown() -> Iterator[int]:
        yield 1

    generator = thrown()
    next(generator)
    for does in (
        lambda: fails(ValueError),
        lambda: fails(TimeIsUp),
        lambda: deep(0),
        lambda: generator.throw(TimeIsUp()),
        lambda: [][1],
        lambda: int("x"),
    ):
        try:
            does()
        except Exception:
            assert not interrupted()
    assert not interrupted()  # nothing is raised
