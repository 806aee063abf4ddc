"""A program under ``selfsame run`` behaves as it does without it; what is wrong is said, and no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest

TIMEOUT_S = 90


def write(folder: Path, text: str, name: str = "app.py") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return name


def selfsame(*words: str) -> list[str]:
    return [sys.executable, "-m", "selfsame", *words]


def watched(*words: str, store: str = ".selfsame") -> list[str]:
    return selfsame("run", "--store", store, *words)


def call(
    command: Sequence[str],
    folder: Path,
    given: str = "",
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        input=given,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=TIMEOUT_S,
    )


def said(error: str) -> list[str]:
    """What selfsame said, without its name."""
    return [
        line.removeprefix("selfsame: ")
        for line in error.splitlines()
        if line.startswith("selfsame:")
    ]


def rest(error: str) -> list[str]:
    return [line for line in error.splitlines() if not line.startswith("selfsame:")]


def same(
    plain: subprocess.CompletedProcess[str], run: subprocess.CompletedProcess[str]
) -> list[str]:
    """Asserts that two runs cannot be told apart; returns what selfsame said."""
    assert (run.returncode, run.stdout, rest(run.stderr)) == (
        plain.returncode,
        plain.stdout,
        plain.stderr.splitlines(),
    )
    return said(run.stderr)


def compare(
    folder: Path,
    words: Sequence[str],
    given: str = "",
    options: Sequence[str] = (),
    plain: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Runs a program without and with selfsame; returns what selfsame said."""
    first = call(plain or [sys.executable, *words], folder, given, environment)
    second = call(watched(*options, *words), folder, given, environment)
    return same(first, second)


PROGRAMS = {
    "prints": "import sys\nprint('hello', __name__)\nprint('error', file=sys.stderr)",
    "exits": "import sys\nsys.exit(3)",
    "exits with text": "raise SystemExit('so long')",
    "raises": """
        def inner(x):
            return 1 / x

        def outer():
            try:
                inner(0)
            except ZeroDivisionError as error:
                raise KeyError('no') from error

        outer()
    """,
    "does not parse": "def f(:\n    pass",
    "reads stdin": "import sys\nprint(input(), sys.stdin.read().upper())",
    "threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        def work(n): return sum(range(n))
        with ThreadPoolExecutor(4) as pool:
            print(sum(pool.map(work, range(300))))
        print([thread.name for thread in threading.enumerate()])
    """,
    "asyncio": """
        import asyncio
        async def work(n):
            await asyncio.sleep(0.001)
            return n
        async def main():
            print(await asyncio.gather(*(work(i) for i in range(20))))
        asyncio.run(main())
    """,
    "fork pool": """
        import multiprocessing
        def square(n): return n * n
        if __name__ == '__main__':
            with multiprocessing.get_context('fork').Pool(2) as pool:
                print(pool.map(square, range(10)))
    """,
    "spawn pool": """
        import multiprocessing
        def square(n): return n * n
        if __name__ == '__main__':
            with multiprocessing.get_context('spawn').Pool(2) as pool:
                print(pool.map(square, range(10)))
    """,
    "os.fork": """
        import os, sys
        def work(n): return n + 1
        child = os.fork()
        if child == 0:
            print('child', work(1), flush=True)
            os._exit(work(4))
        print('parent', os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """,
    "starts another": """
        import subprocess, sys
        done = subprocess.run([sys.executable, '-c', 'print(6 * 7); raise SystemExit(4)'])
        print(done.returncode)
    """,
    "os._exit": "import os\nprint('x', flush=True)\nos._exit(7)",
    "names": """
        import sys
        print(sys.argv, sys.path[0] == __import__('os').getcwd(), __file__, __spec__, __package__)
        print(sorted(name for name in globals() if name[0] != '_'))
    """,
    "kills itself": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "dies of an unnamed signal": "import os, signal\nos.kill(os.getpid(), signal.SIGRTMIN + 3)",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=list(PROGRAMS))
def test_behaves_as_without(tmp_path: Path, text: str) -> None:
    assert compare(tmp_path, [write(tmp_path, text)], "first\nsecond\n") == []


def test_no_such_script(tmp_path: Path) -> None:
    assert compare(tmp_path, ["missing.py"]) == []


def test_module(tmp_path: Path) -> None:
    write(tmp_path, "", "shop/__init__.py")
    write(tmp_path, "import sys\nprint(__name__, __package__, sys.argv[1:])", "shop/server.py")
    words = ["-m", "shop.server", "-m", "--cdl", "x", "--", "y"]
    assert compare(tmp_path, words) == []


def test_any_command(tmp_path: Path) -> None:
    name = write(tmp_path, "import sys\nprint(sys.argv[1:])\nsys.exit(9)")
    plain = [sys.executable, name, "--", "-x"]
    assert compare(tmp_path, ["--", *plain], plain=plain) == []
    shell = ["sh", "-c", "echo out; echo error >&2; exit 5"]
    assert compare(tmp_path, ["--", *shell], plain=shell) == []


def test_arguments_that_look_like_options(tmp_path: Path) -> None:
    name = write(tmp_path, "import sys\nprint(*map(ascii, sys.argv))")
    words = [name, "--mode", "auto", "--help", "-m", "--", "", "-", "--store=x", "\udcff", "ü\n"]
    assert compare(tmp_path, words) == []


def test_command_not_found(tmp_path: Path) -> None:
    done = call(watched("--", "no-such-command-anywhere"), tmp_path)
    assert (done.returncode, done.stdout, rest(done.stderr)) == (127, "", [])
    assert said(done.stderr) == ["no-such-command-anywhere: there is no such command"]


def test_command_not_runnable(tmp_path: Path) -> None:
    write(tmp_path, "\0\1\2", "broken").encode()
    (tmp_path / "broken").chmod(0o755)
    done = call(watched("--", "./broken"), tmp_path)
    assert (done.returncode, rest(done.stderr)) == (126, [])
    assert said(done.stderr) == ["./broken: Exec format error"]


# signals


def started(command: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """A program in a session of its own, once it has said that it is ready."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert isinstance(process.stdout, IO) or process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, error = process.communicate(timeout=TIMEOUT_S)
    return subprocess.CompletedProcess(process.args, process.returncode, out, error)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_kills(tmp_path: Path, number: signal.Signals) -> None:
    name = write(tmp_path, "import signal\nprint('ready', flush=True)\nsignal.pause()")
    done = []
    for command in ([sys.executable, name], watched(name)):
        process = started(command, tmp_path)
        process.send_signal(number)
        done.append(ended(process))
    assert same(*done) == []
    assert done[1].returncode == -number


def test_a_signal_is_handled(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        """
        import signal, sys
        def leave(number, frame):
            print('leaving', number)
            sys.exit(5)
        signal.signal(signal.SIGTERM, leave)
        print('ready', flush=True)
        while True:
            signal.pause()
        """,
    )
    done = []
    for command in ([sys.executable, name], watched(name)):
        process = started(command, tmp_path)
        process.terminate()
        done.append(ended(process))
    assert same(*done) == []
    assert (done[1].returncode, done[1].stdout) == (5, "leaving 15\n")


def test_interrupt(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        """
        import time
        def work():
            time.sleep(60)
        print('ready', flush=True)
        work()
        """,
    )
    done = []
    for command in ([sys.executable, name], watched(name)):
        process = started(command, tmp_path)
        time.sleep(0.5)  # from the print to the sleep, so that both are interrupted in one place
        os.killpg(process.pid, signal.SIGINT)
        done.append(ended(process))
    assert same(*done) == []
    assert done[1].returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done[1].stderr


def test_interrupt_handled(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        """
        import time
        try:
            print('ready', flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print('stopped')
            raise SystemExit(6)
        """,
    )
    process = started(watched(name), tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    done = ended(process)
    assert (done.returncode, done.stdout, done.stderr) == (6, "stopped\n", "")


# constraints

ADDS = "def add(a, b):\n    return a + b\n\nprint(sum(add(i, 1) for i in range(100)))"


@pytest.mark.parametrize("text", [ADDS, "print('no functions')"], ids=["functions", "none"])
def test_constraint_without_a_node(tmp_path: Path, text: str) -> None:
    name = write(tmp_path, text)
    cdl = write(tmp_path, "constraint app:nothing { max_execution_time: 10ms }", "app.cdl")
    lines = compare(tmp_path, [name], options=["--cdl", cdl])
    assert len([line for line in lines if "app:nothing" in line and "app.cdl:1:" in line]) == 1


def test_constraints_that_do_not_parse(tmp_path: Path) -> None:
    name = write(tmp_path, ADDS)
    cdl = write(
        tmp_path,
        """\
        constraint app:add { max_execution_time: 10 parsecs }
        constraint app:add { error_rate: < 0.1% }
        constraint app:add { no_such_metric: 10ms }
        """,
        "app.cdl",
    )
    lines = compare(tmp_path, [name], options=["--cdl", cdl, "--mode", "auto"])
    places = [line for line in lines if "app.cdl:" in line]
    assert any("app.cdl:1:" in line for line in places), lines
    assert any("app.cdl:3:" in line for line in places), lines
    assert "the constraints above are not used: the program runs in mode watch" in lines
    status = call(selfsame("status", "--json", "--store", ".selfsame"), tmp_path)
    assert json.loads(status.stdout)["mode"] == "watch"


def test_constraints_that_are_not_text(tmp_path: Path) -> None:
    name = write(tmp_path, ADDS)
    (tmp_path / "app.cdl").write_bytes(b"constraint \xff\xfe {")
    lines = compare(tmp_path, [name], options=["--cdl", "app.cdl"])
    assert any("app.cdl" in line for line in lines), lines


# stores and engines


def test_a_store_that_cannot_be(tmp_path: Path) -> None:
    name = write(tmp_path, ADDS)
    (tmp_path / "file").write_text("")
    first = call([sys.executable, name], tmp_path)
    lines = same(first, call(watched(name, store="file/store"), tmp_path))
    assert lines[0].startswith("not active: ") and "file" in lines[0]
    assert lines[-1] == "the program runs unchanged"


def test_a_store_of_another_kind(tmp_path: Path) -> None:
    name = write(tmp_path, ADDS)
    first = call([sys.executable, name], tmp_path)
    lines = same(first, call(watched(name, store="postgresql://host/db"), tmp_path))
    assert lines[0].startswith("not active: ")
    assert same(first, call(watched(name, store="sqlite:///here"), tmp_path)) == []
    assert (tmp_path / "here" / "store.db").is_file()


def test_a_damaged_store(tmp_path: Path) -> None:
    name = write(tmp_path, ADDS)
    (tmp_path / ".selfsame").mkdir(mode=0o700)
    (tmp_path / ".selfsame" / "store.db").write_bytes(b"no database at all" * 500)
    lines = compare(tmp_path, [name])
    assert lines[0].startswith("not active: ")


def test_two_runs_on_one_store(tmp_path: Path) -> None:
    waits = write(
        tmp_path,
        """
        import os, time
        print('ready', flush=True)
        while not os.path.exists('go'):
            time.sleep(0.01)
        print('gone')
        """,
        "waits.py",
    )
    first = started(watched(waits), tmp_path)
    lines = compare(tmp_path, [write(tmp_path, ADDS)])
    assert len(lines) == 1 and lines[0].startswith("joining the engine that runs already")
    (tmp_path / "go").touch()
    done = ended(first)
    assert (done.returncode, done.stdout, done.stderr) == (0, "gone\n", "")


def test_two_runs_at_once(tmp_path: Path) -> None:
    name = write(tmp_path, "print('ready', flush=True)\nraise SystemExit(3)")
    both = [
        subprocess.Popen(
            watched(name), cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in both:
        done = ended(process)
        assert (done.returncode, done.stdout, rest(done.stderr)) == (3, "ready\n", [])
        assert all(line.startswith("joining the engine") for line in said(done.stderr)), done.stderr


def test_switched_off(tmp_path: Path) -> None:
    name = write(tmp_path, "import os\nprint('SELFSAME_LINK' in os.environ)")
    lines = compare(tmp_path, [name], environment={"SELFSAME": "off"})
    assert lines == ["not active: switched off by SELFSAME=off; the program runs unchanged"]
    assert not (tmp_path / ".selfsame").exists()


@pytest.mark.parametrize("report", ["--report", "--no-report"])
def test_the_engine_is_killed(tmp_path: Path, report: str) -> None:
    name = write(
        tmp_path,
        """
        import json, os, signal, time
        def work(n): return n * n
        total = 0
        for i in range(100):
            if i == 50 and os.path.exists('.selfsame/engine.json'):
                with open('.selfsame/engine.json') as file:
                    os.kill(json.load(file)['pid'], signal.SIGKILL)
            total += work(i)
            time.sleep(0.005)
        print(total)
        """,
    )
    lines = compare(tmp_path, [name], options=[report])
    assert any("engine" in line and "SIGKILL" in line for line in lines), lines
    assert compare(tmp_path, [write(tmp_path, ADDS)]) == []


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    sockets = tmp_path / "sockets"
    sockets.mkdir(mode=0o700)
    environment = {"XDG_RUNTIME_DIR": str(sockets)} if len(str(sockets)) <= 60 else {}
    before = set(Path("/tmp", f"selfsame-{os.getuid()}").glob("*.sock"))
    link = "import json, os\nprint(json.loads(os.environ['SELFSAME_LINK'])['socket'])"
    done = call(watched(write(tmp_path, link)), tmp_path, environment=environment)
    path = Path(done.stdout.strip())
    assert path.suffix == ".sock" and path not in before
    assert not path.exists()


# verbs after a run


def test_verbs_after_a_run(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        """
        import time
        def work(n):
            return sum(i * i for i in range(n))
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            work(500)
        """,
    )
    assert compare(tmp_path, [name]) == []

    def verb(*words: str) -> subprocess.CompletedProcess[str]:
        done = call(selfsame(*words), tmp_path)
        assert "Traceback" not in done.stderr
        return done

    status = verb("status", "--json")
    assert status.returncode == 0
    snapshot = json.loads(status.stdout)
    assert snapshot["running"] is False and snapshot["processes"] == 1
    assert "app:work" in [node["address"] for node in snapshot["nodes"]]
    status = verb("status", "--all")
    assert status.returncode == 0 and "app:work" in status.stdout
    why = verb("why", "app:work", "--json")
    assert why.returncode == 0 and json.loads(why.stdout)
    assert verb("why", "app:work").returncode == 0
    assert verb("why", "app:wrok").returncode == 2
    doctor = verb("doctor", "--json")
    assert doctor.returncode in (0, 1) and json.loads(doctor.stdout)
    history = verb("history", "--json")
    assert history.returncode == 0 and isinstance(json.loads(history.stdout), list)


def test_verbs_before_any_run(tmp_path: Path) -> None:
    for words in (["status"], ["history"], ["why", "app:f"]):
        done = call(selfsame(*words, "--store", "none"), tmp_path)
        assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr


@pytest.mark.slow
def test_a_node_is_replaced(tmp_path: Path) -> None:
    name = write(
        tmp_path,
        """
        import json, pathlib, random, time

        def collatz(n: int, most: int) -> int:
            steps = 0
            while n != 1 and steps < most:
                if n % 2 == 0:
                    n = n // 2
                else:
                    n = 3 * n + 1
                steps += 1
            return steps

        def expected(n, most):
            steps = 0
            while n != 1 and steps < most:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                steps += 1
            return steps

        chance = random.Random(7)
        until = time.monotonic() + 45
        orders = pathlib.Path('.selfsame/orders.json')
        wrong = 0
        settled = None
        while time.monotonic() < (settled or until):
            for _ in range(20):
                n = chance.randrange(1, 10**6)
                wrong += collatz(n, 5000) != expected(n, 5000)
            time.sleep(0.002)
            if settled is None and orders.exists():
                if json.loads(orders.read_text())['nodes'].get('app:collatz', {}).get('rewrite'):
                    settled = time.monotonic() + 1.0
        print(wrong)
        """,
    )
    cdl = write(tmp_path, "constraint app:collatz { mean_execution_time: 5us }", "app.cdl")
    done = call(watched("--mode", "auto", "--cdl", cdl, name), tmp_path)
    assert (done.returncode, done.stdout, rest(done.stderr)) == (0, "0\n", [])
    assert any(line.startswith("version ") for line in said(done.stderr)), done.stderr
    why = call(selfsame("why", "app:collatz", "--json", "--store", ".selfsame"), tmp_path)
    assert why.returncode == 0 and "promoted" in why.stdout
