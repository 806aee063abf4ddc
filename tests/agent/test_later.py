"""Processes that a program starts: left alone for a moment, and watched if they live longer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Engine

BUSY = """
    import sys, time
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        sum(range(100))
    print("done", "selfsame.runtime.agent.boot" in sys.modules)
"""


def later(engine: Engine) -> dict[str, str]:
    return engine.environment(SELFSAME_AT_ONCE="1")  # not the test's own process


def test_a_short_process_has_nothing_of_the_agent(engine: Engine) -> None:
    path = engine.program(BUSY)
    result = engine.run(str(path), "0", env=later(engine))
    assert (result.stdout, result.stderr) == ("done False\n", "")
    assert not engine.messages("hello")


def test_one_that_lives_is_watched(engine: Engine) -> None:
    path = engine.program(BUSY)
    process = engine.start(str(path), "3", env=later(engine))
    engine.wait(lambda: engine.messages("hello") and engine.messages("functions") is not None)
    out, error = process.communicate(timeout=30)
    assert (out, error) == ("done True\n", "")
    assert engine.messages("hello")[0]["main"] == "app"
    assert engine.messages("bye")


def test_a_child_of_the_process_that_was_asked_for_is_watched_at_once(engine: Engine) -> None:
    path = engine.program(BUSY)
    result = engine.run(str(path), "0", env=engine.environment(SELFSAME_AT_ONCE=str(os.getpid())))
    assert result.stdout == "done True\n"
    assert engine.messages("bye")


def test_without_the_extensions_it_is_watched_too(engine: Engine) -> None:
    engine.without_extensions()
    path = engine.program(BUSY)
    result = engine.run(str(path), "1", env=later(engine))
    assert (result.stdout, result.stderr) == ("done True\n", "")
    assert engine.messages("bye")


@pytest.mark.parametrize("when", [0.0, 0.09, 0.1, 0.11, 0.13, 0.2])
def test_a_fork_at_any_time_leaves_both_sides_watched(engine: Engine, when: float) -> None:
    path = engine.program(
        """
        import os, sys, time, warnings
        warnings.simplefilter("error")
        end = time.monotonic() + float(sys.argv[1])
        while time.monotonic() < end:
            sum(range(100))
        child = os.fork()
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            sum(range(100))
        if child:
            assert os.waitpid(child, 0)[1] == 0
        """
    )
    result = engine.run(str(path), str(when), env=later(engine))
    assert (result.returncode, result.stderr) == (0, "")
    hello = {m["pid"]: m["ppid"] for m in engine.messages("hello")}
    assert len(hello) == 2
    assert set(hello) & set(hello.values())  # one is the parent of the other


def test_ends_at_every_point_of_the_start_are_clean(engine: Engine) -> None:
    path = engine.program(BUSY)
    env = later(engine)
    for step in range(40):
        seconds = 0.08 + 0.002 * step
        result = subprocess.run(
            [sys.executable, str(path), str(seconds)],
            env=env,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (result.returncode, result.stderr) == (0, ""), seconds
        assert result.stdout.startswith("done")


def test_the_lowest_descriptor_is_the_programs(engine: Engine) -> None:
    path = engine.program(
        """
        import os, time
        end = time.monotonic() + 0.8
        others = 0
        while time.monotonic() < end:
            number = os.open(os.devnull, os.O_RDONLY)
            others += number != 3
            os.close(number)
        print(others)
        """
    )
    result = engine.run(str(path), env=later(engine))
    assert result.stdout == "0\n"
    assert engine.messages("hello")


def test_what_is_wrong_is_one_line(engine: Engine) -> None:
    path = engine.program(BUSY)
    env = later(engine) | {"SELFSAME_LINK": "{"}
    result = engine.run(str(path), "0.6", env=env)
    assert result.stdout.startswith("done")
    assert result.stderr.startswith("selfsame: not active in this process: SELFSAME_LINK cannot")
    assert result.stderr.count("\n") == 1


def test_a_start_that_fails_is_told(engine: Engine) -> None:
    path = engine.program(
        """
        import time
        from selfsame.runtime.agent import boot, later
        boot.load = lambda link: ""
        boot.start = lambda link: "there can be no thread"
        told = []
        later.Later("{}", told.append)
        time.sleep(1.0)
        print(told)
        """
    )
    result = engine.run(str(path), env=engine.environment(SELFSAME="off"))
    assert result.stdout == "['there can be no thread']\n"
