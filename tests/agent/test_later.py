"""Processes that a program starts: left alone for a moment, and watched if they live longer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from .conftest import AGENT

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
    # Nothing of it is compiled yet, not even to bytecode: it begins late.
    result = engine.run(str(path), "4", env=later(engine))
    assert (result.stdout, result.stderr) == ("done True\n", "")
    assert engine.messages("bye")


@pytest.mark.parametrize("when", [0.0, 0.47, 0.49, 0.51, 0.53, 0.6])
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
    for step in range(25):
        seconds = 0.46 + 0.003 * step
        result = subprocess.run(
            [sys.executable, str(path), str(seconds)],
            env=env,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (result.returncode, result.stderr) == (0, ""), seconds
        assert result.stdout.startswith("done")


def test_a_forked_child_is_left_alone_for_a_moment(engine: Engine) -> None:
    path = engine.program(
        """
        import os, sys, time
        time.sleep(0.5)
        children = []
        for seconds in (0.0, 0.0, 1.0):
            pid = os.fork()
            if not pid:
                time.sleep(seconds)
                sys.exit()
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        print(os.getpid(), children[-1])
        """
    )
    result = engine.run(str(path))
    assert result.stderr == ""
    assert [peer.pid for peer in engine.peers] == [int(pid) for pid in result.stdout.split()]


def test_the_lowest_descriptor_is_the_programs(engine: Engine) -> None:
    """What is opened for the agent is opened by a thread that has none of the program's descriptors."""
    path = engine.program(
        """
        import os, sys, time
        from _thread import get_ident
        program, of_the_program = get_ident(), os.open(os.devnull, os.O_RDONLY)
        apart, beside = [], []

        def opening(event, arguments):
            if event == "open" and get_ident() != program:
                try:
                    os.fstat(of_the_program)
                except OSError:
                    apart.append(arguments[0])
                else:
                    beside.append(arguments[0])

        sys.addaudithook(opening)
        time.sleep(1.2)
        print(len(apart) > 10, beside)
        """
    )
    result = engine.run(str(path), env=later(engine))
    assert result.stdout == "True []\n"
    assert engine.messages("hello")


def test_what_is_wrong_is_one_line(engine: Engine) -> None:
    path = engine.program(BUSY)
    env = later(engine) | {"SELFSAME_LINK": "{"}
    result = engine.run(str(path), "1.5", env=env)
    assert result.stdout.startswith("done")
    assert result.stderr.startswith("selfsame: not active in this process: SELFSAME_LINK cannot")
    assert result.stderr.count("\n") == 1


def test_a_start_that_fails_is_told(engine: Engine) -> None:
    path = engine.program(
        """
        import time
        from selfsame.runtime.agent import boot
        boot.start = lambda link: "there can be no thread"
        time.sleep(1.5)
        print("done")
        """
    )
    result = engine.run(str(path), env=later(engine))
    told = "selfsame: not active in this process: there can be no thread\n"
    assert (result.stdout, result.stderr) == ("done\n", told)


def test_a_short_process_imports_nothing_for_it(engine: Engine) -> None:
    path = engine.program("import sys; print(*sorted(sys.modules), len(sys.path))")
    plain = engine.run(str(path), env=engine.environment(SELFSAME="off")).stdout.split()
    watched = engine.run(str(path), env=later(engine)).stdout.split()
    assert set(watched) - set(plain) <= {"atexit"}
    assert set(plain) <= set(watched)


@pytest.mark.parametrize("extensions", ["compiled", "none"])
def test_what_the_program_calls_selfsame_is_not_imported(engine: Engine, extensions: str) -> None:
    if extensions == "none":
        engine.without_extensions()
    (engine.folder / "selfsame").mkdir()
    (engine.folder / "selfsame" / "__init__.py").write_text("print('not asked for')\n")
    path = engine.program(
        """
        import sys, time
        sys.path[:], sys.meta_path[:] = [sys.path[0]], []
        time.sleep(1.5)
        print("done")
        """
    )
    result = engine.run(str(path), env=later(engine))
    assert "not asked for" not in result.stdout + result.stderr
    assert result.stdout == "done\n"


def test_selfsame_is_found_where_it_was_when_the_process_began(engine: Engine) -> None:
    (engine.folder / "selfsame.py").write_text("print('not asked for')\n")
    path = engine.program(
        """
        import os, sys, time
        os.chdir("/")
        sys.path[1:] = [path for path in sys.path[1:] if not path.endswith("site-packages")]
        time.sleep(1.5)
        print("done", "selfsame.runtime.agent.boot" in sys.modules)
        """
    )
    result = engine.run(str(path), env=later(engine))
    assert (result.stdout, result.stderr) == ("done True\n", "")
    assert engine.messages("bye")


def test_where_selfsame_is_not_installed_only_what_lives_is_told(engine: Engine) -> None:
    engine.agent = engine.folder / "elsewhere"
    shutil.copytree(AGENT / "bootstrap", engine.agent / "bootstrap")
    path = engine.program("import sitecustomize\n" + textwrap.dedent(BUSY))
    env = later(engine) | {"PYTHONPATH": str(engine.agent / "bootstrap")}
    short, long = (engine.run("-S", str(path), s, env=env) for s in ("0", "1.5"))
    assert (short.stdout, short.stderr) == ("done False\n", "")
    assert long.stdout == "done False\n"
    assert "not active in this process: selfsame cannot be imported by" in long.stderr
    assert long.stderr.count("\n") == 1
