"""Memory windows in running programs: one call is weighed, and nothing changes for the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.twins import probed
from selfsame.runtime.engine.scales import replay_file
from selfsame.runtime.shadow.records import Weight

from .conftest import ANSWERS, Asked

if TYPE_CHECKING:
    from .conftest import Engine, Peer

MIB = 1 << 20
PROGRAM = """\
import os, sys, threading, time
def save(n, depth=0, after=None):
    if depth:
        return save(n, depth - 1, after)
    held = bytearray(n)
    if after == "raise":
        raise KeyError(len(held))
    if after == "exit":
        sys.exit(7)
    if after == "die":
        os._exit(7)
    if after == "fork":
        pid = os.fork()
        if pid == 0:
            os._exit(save(3, 0, "child"))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if after == "long":
        time.sleep(4)
    return len(held)
def noise(n):
    return [bytearray(1 << 20) for _ in range(n)]
def beside(n):
    threads = [threading.Thread(target=noise, args=(9,)) for _ in range(4)]
    for thread in threads: thread.start()
    done = save(n)
    for thread in threads: thread.join()
    return done
def busy():
    return any("Weigher" in repr(c) for c in save.__code__.co_consts)
def tracker(path):
    import memray
    return memray.Tracker(destination=memray.FileDestination(path, overwrite=True))
"""


class Program(Asked):
    """A program that evaluates lines; memory windows are opened on its ``save``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.path = engine.folder / "app.py"
        self.path.write_text(PROGRAM + ANSWERS)
        source = Source.read(self.path, "app")
        definition = next(d for d in definitions(source) if d.qualname == "save")
        self.key = ("app", "save", definition.line)
        self.code = probed(source, definition, "time")
        self.process = engine.start(str(self.path), stdin=subprocess.PIPE)
        engine.wait(lambda: engine.messages("functions"))
        self.peer: Peer = next(p for p in engine.peers if p.of("functions"))
        self.file = engine.folder / "one.memray"

    def open(self, path: Path | None = None) -> None:
        self.peer.send(
            t="open",
            key=self.key,
            kind="memory",
            calls=0,
            max_s=60.0,
            code=self.code,
            path=str(path or self.file),
        )

    def weigh(self, expression: str, expected: str) -> dict[str, Any]:
        before = len(self.peer.of("weighed"))
        self.open()
        self.engine.wait(lambda: self.ask("busy()") == "True")
        assert self.ask(expression) == expected
        return self.weighed(before + 1)

    def weighed(self, count: int = 1) -> dict[str, Any]:
        self.engine.wait(lambda: len(self.peer.of("weighed")) >= count)
        return self.peer.of("weighed")[count - 1]

    def end(self) -> None:
        _, error = self.process.communicate(timeout=60)
        assert (self.process.returncode, error) == (0, "")


def weight(message: dict[str, Any]) -> Weight:
    found = replay_file(message["path"])
    assert isinstance(found, Weight), found
    assert not Path(message["path"]).exists()
    return found


@pytest.fixture
def program(engine: Engine) -> Program:
    return Program(engine)


@pytest.mark.parametrize(
    ("expression", "answer", "times"),
    [
        ("save(1 << 20)", str(MIB), 1),
        ("save(1 << 22)", str(4 * MIB), 4),
        ("save(1 << 20, 5)", str(MIB), 1),
        ("save(1 << 20, 3, 'raise')", "KeyError", 1),
        ("beside(1 << 20)", str(MIB), 1),
    ],
    ids=["plain", "larger", "recursion", "exception", "threads"],
)
def test_a_mebibyte_is_a_mebibyte(
    program: Program, expression: str, answer: str, times: int
) -> None:
    message = program.weigh(expression, answer)
    assert (message["reason"], message["closed"]) == ("", "calls")
    assert message["pause_ns"] > 0
    assert weight(message).peak_bytes == pytest.approx(times * MIB, rel=0.01)
    # The next call is not weighed, and no profiler is left behind.
    assert program.ask("busy()") == "False"
    assert program.ask("sys.getprofile()") == "None"
    assert program.ask(expression) == answer
    program.end()


def test_memray_is_only_imported_by_a_memory_window(program: Program) -> None:
    assert program.ask("'memray' in sys.modules") == "False"
    program.weigh("save(1 << 20)", str(MIB))
    assert program.ask("'memray' in sys.modules") == "True"
    weight(program.weigh("save(1 << 20)", str(MIB)))
    program.end()


def test_the_users_own_memray_is_left_alone(program: Program) -> None:
    assert program.ask("globals().update(mine=tracker('mine.memray'))") == "None"
    program.open()
    assert program.weighed()["reason"] == "the program uses memray itself"
    assert program.ask("save(5)") == "5"
    program.end()


def test_a_tracker_of_the_users_that_came_later(program: Program) -> None:
    program.weigh("save(1 << 20)", str(MIB))
    program.ask("globals().update(mine=tracker('mine.memray')) or mine.__enter__() is None")
    program.open()
    # Its profiler is seen, so the window does not open, or memray itself refuses a second one.
    assert program.weighed(2)["reason"]
    assert program.ask("save(5)") == "5"
    assert program.ask("mine.__exit__(None, None, None)") in ("None", "False")
    program.end()


def test_never_while_a_profiler_is_set(program: Program) -> None:
    assert program.ask("sys.setprofile(len)") in ("None", "TypeError")
    program.ask("sys.setprofile(lambda *a: None)")
    program.open()
    assert "profiler" in program.weighed()["reason"]
    assert program.ask("sys.getprofile() is None") == "False"
    program.ask("sys.setprofile(None)")
    program.end()


@pytest.mark.slow  # programs that are seen to fork are not weighed in: this is the second line
def test_a_fork_while_a_call_is_weighed(program: Program) -> None:
    message = program.weigh("save(1 << 20, 0, 'fork')", "3")
    assert message["reason"] == "the program forked or ended in it"
    weight(program.weigh("save(1 << 20)", str(MIB)))
    program.end()


@pytest.mark.parametrize("how", ["exit", "die"])
def test_a_program_that_ends_in_a_weighed_call(program: Program, how: str) -> None:
    program.open()
    program.engine.wait(lambda: program.ask("busy()") == "True")
    assert program.process.stdin is not None
    program.process.stdin.write(f"save(1 << 20, 0, {how!r})\n")
    program.process.stdin.flush()
    _, error = program.process.communicate(timeout=60)
    assert (program.process.returncode, error) == (7, "")
    told = replay_file(str(program.file))
    assert how == "exit" or isinstance(told, str | Weight)
    assert not program.file.exists()


def test_a_file_that_cannot_be_written(program: Program) -> None:
    program.open(program.engine.folder / "absent" / "one.memray")
    program.engine.wait(lambda: program.ask("busy()") == "True")
    assert program.ask("save(7)") == "7"
    assert "could not be started" in program.weighed()["reason"]
    program.end()


def test_a_call_that_takes_too_long_is_given_up(program: Program) -> None:
    message = program.weigh("save(1 << 20, 0, 'long')", str(MIB))
    assert message["path"] == ""
    assert message["reason"] == "a call takes more than 2 s under memray"
    program.end()


def test_no_other_window_is_open_beside_it(program: Program) -> None:
    program.peer.send(
        t="open", key=program.key, kind="time", calls=0, max_s=60.0, code=program.code
    )
    program.peer.send(
        t="open", key=("app", "noise", 21), kind="time", calls=0, max_s=60.0, code=program.code
    )
    program.open()
    assert program.weighed()["reason"] == "another window is open on it"
    program.end()


def test_a_file_of_something_else_is_no_weight(tmp_path: Path) -> None:
    path = tmp_path / "x.memray"
    path.write_bytes(b"nothing of memray's")
    assert isinstance(replay_file(str(path)), str)
    assert not path.exists()
    assert sys.getprofile() is None
