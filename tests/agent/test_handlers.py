"""What handlers of signals raise while the agent's code runs in the program's thread reaches the program."""

from __future__ import annotations

import ctypes
import gc
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.agent import memo
from selfsame.runtime.agent.capture import Capture
from selfsame.runtime.agent.handlers import raised_by_program
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.shapes import Shapes

ENOUGH = 12


class Plain:
    def __init__(self, x: object) -> None:
        self.x = x


class TimeIsUp(RuntimeError):
    """A limit of the program's own, as many have them."""


class Alarms:
    """Raises at intervals, in whatever runs between ``begin`` and ``end``."""

    def __init__(self) -> None:
        self.armed = False
        self.raised = 0

    def __call__(self, *_: object) -> None:
        if self.armed:
            self.raised += 1
            raise TimeIsUp


@pytest.fixture
def alarms() -> Iterator[Alarms]:
    made = Alarms()
    gc.disable()  # what is raised in a callback of the collector's, CPython itself swallows
    before = signal.signal(signal.SIGVTALRM, made)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
    yield made
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)
    gc.enable()


def captured() -> Callable[[], object]:
    rows = [Plain(number) for number in range(300)]
    capture = Capture([], 1 << 20, Registry([]), most_ns=1 << 60)

    def work() -> None:
        capture.bytes = 0
        capture.payloads.clear()
        capture.take((rows,))

    return work


def shaped() -> Callable[[], object]:
    rows = [[Plain(number)] for number in range(300)]
    shapes = Shapes(["rows"], Registry([]))

    def work() -> None:
        shapes.spent = 0
        shapes.take((rows,))

    return work


def kept() -> Callable[[], object]:
    memory = memo.Memory(1 << 20)
    result = tuple(range(3000))

    def work() -> None:
        memory.forget()
        memory.keep(memory.missed(), (1,), (1,), 0, result, ())

    return work


@pytest.mark.parametrize("make", [captured, shaped, kept])
def test_what_a_handler_raises_is_the_programs(
    alarms: Alarms, make: Callable[[], Callable[[], object]]
) -> None:
    work = make()
    caught = 0
    while alarms.raised < ENOUGH:
        try:
            alarms.armed = True
            work()
            alarms.armed = False
        except TimeIsUp:
            alarms.armed = False
            caught += 1
    assert caught == alarms.raised


@pytest.mark.parametrize("kind", [TimeIsUp, TimeoutError, Exception])
def test_what_another_thread_throws_is_the_programs(kind: type[Exception]) -> None:
    main, work = threading.get_ident(), captured()
    throw: Any = ctypes.pythonapi.PyThreadState_SetAsyncExc
    for _ in range(ENOUGH):
        thrown = threading.Thread(target=throw, args=(ctypes.c_ulong(main), ctypes.py_object(kind)))
        with pytest.raises(kind):
            thrown.start()
            while True:
                work()


def test_our_own_errors_stay_ours() -> None:
    capture = Capture([], 1 << 20, Registry([]))
    capture.registry = None  # type: ignore[assignment]
    capture.names = [("anywhere", "x")]
    assert capture.take(([],)) == -1
    assert capture.refused == {"an error inside selfsame: AttributeError": 1}
    try:
        capture._globals()
    except AttributeError as error:
        frames = error.__traceback__
        assert frames is not None
        assert not raised_by_program(error.with_traceback(frames.tb_next))
    assert not raised_by_program(Unpicklable("a reason"))
    assert raised_by_program(KeyboardInterrupt())


def test_a_module_of_the_programs_may_be_called_as_one_of_the_librarys(tmp_path: Path) -> None:
    source = "def handler():\n    raise RuntimeError\n"
    namespace: dict[str, Any] = {"__name__": "statistics"}
    exec(compile(source, str(tmp_path / "statistics.py"), "exec"), namespace)
    with pytest.raises(RuntimeError) as raised:
        namespace["handler"]()
    error = raised.value
    assert error.__traceback__ is not None
    assert raised_by_program(error.with_traceback(error.__traceback__.tb_next))


class Answering(type):
    @property
    def __module__(cls) -> str:  # type: ignore[override]
        raise KeyError("asked")


class Odd(Exception, metaclass=Answering):
    pass


def test_a_class_that_answers_for_itself_is_not_asked() -> None:
    assert raised_by_program(Odd())


class Place:
    __slots__ = ()

    def __getattr__(self, name: str) -> object:
        raise ImportError(name)


def test_what_has_the_place_of_a_module_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "a_place", Place())
    capture = Capture([("a_place", "x")], 1 << 20, Registry([]))
    assert capture.take(([1],)) == 0


def test_what_an_audit_hook_forbids_is_not_the_programs_affair() -> None:
    source = """
import sys, uuid
from selfsame.runtime.agent.capture import Capture
from selfsame.runtime.agent.registry import Registry
from selfsame.runtime.agent.shapes import Shapes
value = range(3), iter(range(5)), iter([1])
capture, shapes = Capture([], 1 << 20, Registry([])), Shapes(["x"], Registry([]))
capture.take((value,))
def hook(event, arguments):
    if event in ("sys._getframe", "gc.get_referents"):
        raise PermissionError(event)
sys.addaudithook(hook)
print(capture.take((value,)) in (-1, 1), shapes.take((value,)))
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True 1\n", "")
