"""Real programs under the bootstrap: they behave as they do without it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Engine

PROGRAMS = {
    "prints": "print('hello'); import sys; print(sys.argv, file=sys.stderr)",
    "raises": "def f(): return 1 / 0\nf()",
    "exits": "import sys; sys.exit(3)",
    "exits with text": "raise SystemExit('so long')",
    "os._exit": "import os, sys; print('x'); sys.stdout.flush(); os._exit(7)",
    "syntax error": "def (",
    "descriptors": """
        import os, time
        time.sleep(0.3)
        print([os.open(os.devnull, os.O_RDONLY), *os.pipe()])
        print(sorted(int(n) for n in os.listdir('/proc/self/fd') if int(n) < 100))
    """,
    "closes all": """
        import os, time
        out = os.dup2(1, 60)
        os.closerange(0, 60)
        os.closerange(61, 4096)
        time.sleep(0.3)
        numbers = [os.open(os.devnull, os.O_RDWR), os.dup(0), os.dup(0), *os.pipe()]
        os.write(60, str(numbers).encode())
    """,
    "reads stdin": "import sys; print(sys.stdin.read().upper()); print(len(input.__name__))",
    "names": """
        import sys, threading
        print(__name__, __file__, sys.argv, sorted(k for k in globals() if k[0] != '_'))
        print(threading.enumerate(), threading.current_thread(), threading.main_thread())
        print(threading.active_count(), sys.gettrace(), sys.getprofile(), __spec__, __builtins__)
        print([p for p in sys.path if 'bootstrap' in p], 'sitecustomize' in str(sys.meta_path))
        print(sys.flags, sys.getswitchinterval(), __import__('gc').get_threshold())
        print(__import__('gc').callbacks, __import__('warnings').filters)
        print({s: __import__('signal').getsignal(s) for s in (1, 2, 15)})
    """,
    "asyncio": """
        import asyncio
        async def work(n):
            await asyncio.sleep(0.01)
            return n
        async def main():
            print(await asyncio.gather(*(work(i) for i in range(20))))
            try:
                async with asyncio.timeout(0.05):
                    await asyncio.sleep(5)
            except TimeoutError:
                print('timeout')
        asyncio.run(main())
    """,
    "threads": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        def work(n): return sum(range(n))
        with ThreadPoolExecutor(4) as pool:
            print(sum(pool.map(work, range(2000))))
        def fails(): raise ValueError('in a thread')
        t = threading.Thread(target=fails, name='T'); t.start(); t.join()
    """,
    "daemon thread at the end": """
        import threading, time, atexit
        atexit.register(print, 'atexit')
        threading.Thread(target=lambda: time.sleep(100), daemon=True).start()
        time.sleep(0.1)
    """,
    "fork": """
        import os, sys, time, warnings
        warnings.simplefilter('error')
        time.sleep(0.15)
        for n in range(5):
            pid = os.fork()
            if not pid:
                def child(): return n * 2
                os._exit(child())
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            time.sleep(0.05)
    """,
    "fork with hooks of its own": """
        import os, logging, random, time, warnings
        warnings.simplefilter('error')
        def hook(): return sum(range(1000))
        os.register_at_fork(before=hook, after_in_parent=hook, after_in_child=hook)
        time.sleep(0.1)
        def parent():
            pid = os.fork()
            if pid:
                return os.waitpid(pid, 0)[1]
            os._exit(0)
        print([parent() for _ in range(20)])
    """,
    "multiprocessing fork": """
        import multiprocessing as m, time, warnings
        warnings.simplefilter('error')
        def square(n): return n * n
        if __name__ == '__main__':
            time.sleep(0.1)
            m.set_start_method('fork')
            p = m.Process(target=square, args=(1,)); p.start(); p.join(); print(p.exitcode)
            with m.Pool(2) as pool: print(pool.map(square, range(10)))
    """,
    "multiprocessing spawn": """
        import multiprocessing as m
        def square(n): return n * n
        class Thing:
            def __init__(self, n): self.n = n
        def thing(t): return Thing(t.n + 1)
        if __name__ == '__main__':
            m.set_start_method('spawn')
            with m.Pool(2) as pool:
                print(pool.map(square, range(10)), pool.apply(thing, (Thing(1),)).n)
    """,
    "subprocess": """
        import subprocess, sys
        r = subprocess.run([sys.executable, '-c', 'print(6*7); raise SystemExit(4)'], capture_output=True)
        print(r)
        print(subprocess.run([sys.executable, '-S', '-c', 'print(1)'], preexec_fn=lambda: None))
    """,
    "exec": """
        import os, sys, time
        if len(sys.argv) == 1:
            time.sleep(0.1)
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, __file__, 'again'])
        print('after exec', sys.argv)
    """,
    "closes every descriptor": """
        import os, sys, time
        time.sleep(0.2)
        os.closerange(3, 256)
        mine = [os.open(f'mine{n}', os.O_CREAT | os.O_RDWR) for n in range(20)]
        time.sleep(0.3)
        print([os.fstat(fd).st_size for fd in mine])
    """,
    "signals": """
        import os, signal, sys, threading, time
        seen = []
        signal.signal(signal.SIGALRM, lambda *a: seen.append(threading.current_thread().name))
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        began = time.monotonic()
        try:
            signal.signal(signal.SIGUSR1, lambda *a: 1 / 0)
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
            time.sleep(10)
        except ZeroDivisionError:
            timer.join()  # it blocks no signal, and lives a little longer for the kernel
            while os.path.exists(f'/proc/self/task/{timer.native_id}'): time.sleep(0.01)
            print('interrupted', time.monotonic() - began < 5, seen)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        os.kill(os.getpid(), signal.SIGUSR2)
        print(signal.sigwait([signal.SIGUSR2]))
    """,
    "keyboard interrupt": """
        import os, signal, time
        def main():
            try:
                signal.raise_signal(signal.SIGINT)
                time.sleep(10)
            except KeyboardInterrupt:
                print('caught')
        main()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
    """,
    "pickles of main": """
        import pickle
        class A:
            def __init__(self): self.x = 1
        def f(): pass
        print(pickle.dumps([A(), f, A]))
    """,
    "settrace": """
        import sys
        lines = []
        def tracer(frame, event, arg):
            if frame.f_code.co_filename == __file__: lines.append((frame.f_lineno, event))
            return tracer
        def f():
            x = 1
            return x
        sys.settrace(tracer); f(); sys.settrace(None)
        print(lines)
    """,
    "subinterpreter": """
        import sys
        if sys.version_info >= (3, 13): import _interpreters as i
        else: import _xxsubinterpreters as i
        n = i.create(); n = n[0] if isinstance(n, tuple) else n
        print(i.run_string(n, "import sys; print('inside', 'selfsame' in sys.modules)"))
        i.destroy(n)
    """,
    "fork in a thread": """
        import os, threading, time
        import warnings; warnings.simplefilter('ignore')
        def work():
            pid = os.fork()
            if not pid: os._exit(5)
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        for _ in range(3):
            t = threading.Thread(target=work); t.start(); t.join(); time.sleep(0.03)
    """,
    "deep recursion": """
        import sys
        def f(n): return 0 if n == 0 else 1 + f(n - 1)
        try: f(10**6)
        except RecursionError as e: print(e)
        print(f(900))
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_output_and_exit_code_are_the_programs_own(engine: Engine, name: str) -> None:
    the_same(engine, name)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_of_a_process_that_is_left_alone_at_first(engine: Engine, name: str) -> None:
    the_same(engine, name, SELFSAME_AT_ONCE="1")


def the_same(engine: Engine, name: str, **more: str) -> None:
    path = engine.program(PROGRAMS[name])
    given = "some\ninput" if "stdin" in name else ""
    plain = {k: v for k, v in os.environ.items() if k != "SELFSAME_LINK"}
    without = engine.run(str(path), env=plain, input=given)
    for file in engine.folder.glob("mine*"):
        file.unlink()
    under = engine.run(str(path), input=given, env=engine.environment(**more))
    assert (under.returncode, _steady(under.stdout), _steady(under.stderr)) == (
        without.returncode,
        _steady(without.stdout),
        _steady(without.stderr),
    )


@pytest.mark.parametrize(
    "name",
    [
        *("raises", "names", "threads", "fork", "fork with hooks of its own", "asyncio", "exec"),
        *("multiprocessing fork", "subinterpreter", "signals"),
    ],
)
def test_the_same_without_the_extensions(engine: Engine, name: str) -> None:
    engine.without_extensions()
    the_same(engine, name)


def _steady(text: str) -> str:
    """Without addresses and idents of threads, which differ from run to run."""
    import re

    return re.sub(r"0x[0-9a-f]+|\d{12,}|Thread-\d+", "N", text)


def test_dash_m_and_dash_c(engine: Engine) -> None:
    package = engine.folder / "pkg"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import time\ndef run():\n    time.sleep(0.4)\n    print(__name__)\nrun()\n"
    )
    assert engine.run("-m", "pkg").stdout == "__main__\n"
    assert engine.run("-c", "print(1)").stdout == "1\n"
    (hello,) = [m for m in engine.messages("hello") if m["main"]]
    assert hello["main"] == "pkg.__main__"
    (found,) = engine.messages("functions")
    assert found["module"] == "pkg.__main__"
    assert [(row[0], row[1]) for row in found["rows"]] == [("run", 2)]


def test_a_path_that_the_program_changes_is_told(engine: Engine) -> None:
    elsewhere = engine.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "late.py").write_text("def f(): return 1\n")
    path = engine.program(
        """
        import sys
        def own(): return 1
        print("ready", flush=True); sys.stdin.readline()
        sys.path.insert(0, "elsewhere")
        import late
        sys.stdin.readline()
        """
    )
    process = engine.start(str(path), stdin=subprocess.PIPE)
    assert process.stdin is not None
    engine.wait(lambda: bool(engine.messages("functions")))
    assert not engine.messages("path")
    process.stdin.write("\n")
    process.stdin.flush()
    engine.wait(lambda: "late" in {m["module"] for m in engine.messages("functions")})
    (told,) = engine.messages("path")
    assert told["path"] == ["elsewhere", *engine.messages("hello")[0]["path"]]
    process.communicate("\n", timeout=20)


def test_functions_of_main_are_found_while_it_runs(engine: Engine) -> None:
    path = engine.program(
        """
        import sys
        def first(): return 1
        print("ready", flush=True); sys.stdin.readline()
        def second(): return 2
        class C:
            def method(self): return 3
        sys.stdin.readline()
        """
    )
    process = engine.start(str(path), stdin=subprocess.PIPE)
    assert process.stdin is not None

    def names() -> set[str]:
        return {r[0] for m in engine.messages("functions") for r in m["rows"]}

    engine.wait(lambda: names() == {"first"})
    process.stdin.write("\n")
    process.stdin.flush()
    engine.wait(lambda: names() == {"first", "second", "C.method"})
    assert process.communicate("\n", timeout=20) == ("ready\n", "")
    (hello,) = engine.messages("hello")
    assert hello["main"] == "app" and hello["main_file"] == str(path)
    assert hello["pid"] == process.pid


def test_a_program_ends_with_bye_and_its_last_samples(engine: Engine) -> None:
    path = engine.program(
        """
        import time
        def burn():
            end = time.process_time() + 0.6
            n = 0
            while time.process_time() < end:
                for i in range(1000): n += i
        burn()
        """
    )
    engine.run(str(path))
    engine.wait(lambda: engine.messages("bye"))
    rows: dict[Any, float] = {}
    for message in engine.messages("samples"):
        assert message["agent_cpu"] < message["span"]
        for key, own, total, _, _ in message["rows"]:
            rows[key] = rows.get(key, 0) + own
            assert total >= own
    assert rows["app", "burn", 3] > 0
    assert max(rows, key=lambda key: rows[key]) == ("app", "burn", 3)
    assert sum(m["cpu"] for m in engine.messages("samples")) > 0.2


def test_children_have_agents_of_their_own(engine: Engine) -> None:
    path = engine.program(
        """
        import multiprocessing as m, time, os
        def work(n):
            time.sleep(0.6)
            return os.getpid()
        if __name__ == '__main__':
            m.set_start_method('fork')
            with m.Pool(2) as pool: print(len(set(pool.map(work, range(2)))))
            m.set_start_method('spawn', force=True)
            with m.Pool(1) as pool: pool.map(work, range(1))
        """
    )
    assert engine.run(str(path)).returncode == 0
    hellos = {m["pid"]: m for m in engine.messages("hello")}
    watched = [p for p in engine.peers if p.of("functions")]
    assert len(hellos) >= 4
    assert len({p.pid for p in watched}) >= 4
    for peer in watched:
        assert {m["module"] for m in peer.of("functions")} == {"app"}


def test_the_agent_is_back_after_a_fork_in_the_parent(engine: Engine) -> None:
    path = engine.program(
        """
        import os, sys, time, warnings
        warnings.simplefilter('error')
        time.sleep(0.2)
        pid = os.fork()
        if not pid: os._exit(0)
        os.waitpid(pid, 0)
        def after(): return 1
        sys.stdin.readline()
        """
    )
    process = engine.start(str(path), stdin=subprocess.PIPE)
    engine.wait(
        lambda: any(r[0] == "after" for m in engine.messages("functions") for r in m["rows"])
    )
    out, error = process.communicate("\n", timeout=20)
    assert (out, error, process.returncode) == ("", "", 0)
    assert {m["pid"] for m in engine.messages("hello")} >= {process.pid}


def test_the_agent_is_back_when_fork_has_returned(engine: Engine) -> None:
    path = engine.program(
        """
        import os, time
        from selfsame.runtime.agent import boot
        time.sleep(0.3)
        def back():
            pid = os.fork()
            for _ in range(1000):
                sum(range(10))
            running = boot.agent.thread.running
            if not pid:
                os._exit(running)
            return running, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print({back() for _ in range(5)})
        """
    )
    result = engine.run(str(path))
    assert (result.stdout, result.stderr) == ("{(True, 1)}\n", "")


def test_without_an_engine_the_program_runs(engine: Engine) -> None:
    engine.close()
    result = engine.run(str(engine.program("print('on its own')")))
    assert (result.returncode, result.stdout, result.stderr) == (0, "on its own\n", "")


def test_an_engine_that_comes_late_or_again_is_told_everything(engine: Engine) -> None:
    path = engine.program("import sys\ndef f(): return 1\nsys.stdin.readline()")
    process = engine.start(str(path), stdin=subprocess.PIPE)
    engine.wait(lambda: engine.messages("functions"))
    engine.peers[0].connection.shutdown(2)
    engine.wait(lambda: len(engine.peers) > 1 and engine.peers[1].of("functions"))
    assert engine.peers[1].of("hello")[0]["main"] == "app"
    process.communicate("\n", timeout=20)


@pytest.mark.parametrize(
    ("link", "reason"),
    [("{", "SELFSAME_LINK cannot be read"), ("3", "not what selfsame writes")],
)
def test_a_broken_link_is_one_line(engine: Engine, link: str, reason: str) -> None:
    path = engine.program("print('fine')")
    result = engine.run(str(path), env=engine.environment(SELFSAME_LINK=link))
    assert (result.returncode, result.stdout) == (0, "fine\n")
    assert result.stderr.startswith("selfsame: not active in this process: ")
    assert reason in result.stderr and result.stderr.count("\n") == 1
    off = engine.run(str(path), env=engine.environment(SELFSAME_LINK=link, SELFSAME="off"))
    assert off.stderr == ""


def test_a_python_without_selfsame_says_so(engine: Engine) -> None:
    path = engine.program("print('fine')")
    # -I would leave the bootstrap out too: hide the package instead.
    hidden = engine.folder / "hidden"
    hidden.mkdir()
    (hidden / "selfsame.py").write_text("raise ImportError('there is none here')")
    env = engine.environment()
    env["PYTHONPATH"] = f"{env['PYTHONPATH'].split(os.pathsep)[0]}{os.pathsep}{hidden}"
    result = engine.run(str(path), env=env)
    assert (result.returncode, result.stdout) == (0, "fine\n")
    assert "not active in this process: selfsame cannot be imported" in result.stderr


def test_the_sitecustomize_behind_is_run(engine: Engine) -> None:
    behind = engine.folder / "behind"
    behind.mkdir()
    (behind / "sitecustomize.py").write_text("MARK = 'theirs'\nprint('sitecustomize')\n")
    env = engine.environment()
    env["PYTHONPATH"] += f"{os.pathsep}{behind}"
    result = engine.run(
        str(engine.program("import sys; print(sys.modules['sitecustomize'].MARK)")), env=env
    )
    assert (result.stdout, result.stderr) == ("sitecustomize\ntheirs\n", "")


def test_ctrl_c_goes_to_the_program(engine: Engine) -> None:
    path = engine.program(
        """
        import time
        try:
            print('ready', flush=True)
            time.sleep(30)
        except KeyboardInterrupt:
            print('interrupted', flush=True)
            raise
        """
    )
    process = engine.start(str(path))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=20)
    assert out == "interrupted\n" and error.rstrip().endswith("KeyboardInterrupt")
    assert process.returncode == -signal.SIGINT


def test_the_agent_imports_little() -> None:
    program = textwrap.dedent(
        """
        import sys
        before = set(sys.modules)
        import selfsame.runtime.agent.boot
        print("\\n".join(set(sys.modules) - before))
        """
    )
    loaded = set(
        subprocess.run(
            [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    heavy = "click libcst cython Cython sqlalchemy antlr4 scipy msgspec rich memray numpy"
    heavy += " threading json re socket pickle logging inspect dataclasses enum ctypes asyncio"
    assert not {name.partition(".")[0] for name in loaded} & set(heavy.split())
    others = ("selfsame.compiler", "selfsame.grammar", "selfsame.variants", "selfsame.cli")
    assert not {name for name in loaded if name.startswith(others)}


def test_the_agents_files_are_stand_alone() -> None:
    folder = Path(__file__).parents[2] / "runtime" / "agent" / "bootstrap"
    text = (folder / "sitecustomize.py").read_text()
    imports = {w for line in text.splitlines() if "import" in line for w in line.split()}
    assert "typing" not in imports
