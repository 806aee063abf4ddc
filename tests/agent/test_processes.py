"""Many processes, many threads, little room: figures are right, nothing leaks, nothing waits."""

from __future__ import annotations

import marshal
import os
import resource
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ANSWERS
from .test_windows import Program, twin

if TYPE_CHECKING:
    from .conftest import Engine, Peer

PREFORK = """\
import os, signal, socket, sys

def work(n):
    if n % 50 == 49: raise ValueError(n)
    return n * n

def serve(server):
    server.settimeout(0.2)  # a worker looks up now and then, to say that it lives
    while True:
        try: connection, _ = server.accept()
        except TimeoutError: continue
        connection.settimeout(None)
        with connection, connection.makefile("rw") as stream:
            for line in stream:
                if line.strip() == "end": os._exit(0)
                try: print(os.getpid(), work(int(line)), file=stream, flush=True)
                except ValueError: print(os.getpid(), "failed", file=stream, flush=True)

def main():
    server = socket.socket(socket.AF_UNIX)
    server.bind("prefork.sock")
    server.listen(16)
    workers = []
    for _ in range(4):
        pid = os.fork()
        if not pid: serve(server)
        workers.append(pid)
    print("up", flush=True)
    for pid in workers: os.waitpid(pid, 0)
    print("down", flush=True)

main()
"""


def opened(engine: Engine, key: Any, calls: int) -> dict[str, Any]:
    """An ``open`` message for a time window on ``work`` of app.py."""
    body = engine.folder.joinpath("app.py").read_text()
    lines = body[body.index("def work(n):") :].splitlines()[1:]
    inside = "\n".join(f"    {line}" for line in lines[: lines.index("")])
    code = twin(engine.folder / "app.py", "work", "time", inside, "n", key[2])
    return {"t": "open", "key": key, "kind": "time", "calls": calls, "max_s": 60.0} | {
        "code": marshal.dumps(code),
        "globals": [],
    }


def test_four_workers_of_a_preforking_server(engine: Engine) -> None:
    path = engine.program(PREFORK)
    process = engine.start(str(path))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"

    def workers() -> list[Peer]:
        told = [p for p in engine.peers if p.of("hello") and p.of("functions")]
        return [p for p in told if p.pid != process.pid]

    engine.wait(lambda: len(workers()) == 4)
    key = ("app", "work", 3)
    for peer in workers():
        peer.send(**opened(engine, key, 0))
    connections = [socket.socket(socket.AF_UNIX) for _ in range(4)]
    asked: dict[int, list[int]] = {}
    for connection in connections:
        connection.connect(str(engine.folder / "prefork.sock"))
    streams = [c.makefile("rw") for c in connections]
    for n in range(1200):
        stream = streams[n % 4]
        print(n, file=stream, flush=True)
        pid, answer = stream.readline().split()
        assert answer == ("failed" if n % 50 == 49 else str(n * n))
        asked.setdefault(int(pid), []).append(n)
    assert len(asked) == 4
    for peer in workers():
        peer.send(t="quit")
    engine.wait(lambda: all(p.of("window") for p in workers()))
    for peer in workers():
        (window,) = peer.of("window")
        mine = asked[peer.pid]
        # It was opened a little after the first calls, or before them.
        assert 0 < window["calls"] <= len(mine)
        recent = mine[len(mine) - window["calls"] :]
        failed = sum(n % 50 == 49 for n in recent)
        assert window["errors"] == ({"ValueError": failed} if failed else {})
        assert window["lost"] == 0
        assert sum(window["buckets"].values()) == window["calls"]
    for stream in streams:
        print("end", file=stream, flush=True)
    out, error = process.communicate(timeout=30)
    assert (out, error, process.returncode) == ("down\n", "", 0)


def test_execv_is_a_program_of_its_own(engine: Engine) -> None:
    path = engine.program(
        """
        import os, sys, time
        def first(n): return n
        def second(n): return n
        if len(sys.argv) == 1:
            time.sleep(0.5)
            os.execv(sys.executable, [sys.executable, __file__, "again"])
        print(len(os.listdir("/proc/self/fd")))
        time.sleep(0.5)
        """
    )
    done = engine.run(str(path))
    assert done.returncode == 0
    assert done.stderr == ""
    engine.wait(lambda: len(engine.messages("bye")) >= 1)
    hellos = engine.messages("hello")
    assert [m["argv"][1:] for m in hellos] == [[], ["again"]]
    assert hellos[0]["pid"] == hellos[1]["pid"]
    # The first program's socket was closed by exec: 0, 1, 2, the listing and the new socket.
    assert int(done.stdout) <= 6


THREADS = """\
import gc, sys, threading

def work(n):
    return n + 1

def burst(count, together=50):
    for _ in range(count // together):
        threads = [threading.Thread(target=work, args=(1,)) for _ in range(together)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    return count

def stacks():
    gc.collect()
    return sum(type(o).__name__ == "Stack" for o in gc.get_objects()), threading.active_count()

def resident():
    with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096
"""


def test_ten_thousand_short_threads(engine: Engine) -> None:
    program = Program(engine, THREADS)
    program.open("work", "time", "        return n + 1", "n")
    assert program.ask("burst(1000)") == "1000"
    before = int(program.ask("resident()"))
    assert program.ask("burst(9000)") == "9000"
    grown = int(program.ask("resident()")) - before
    left, running = map(int, program.ask("stacks()").strip("()").split(","))
    assert (left <= 1, running) == (True, 1)
    assert grown < 4 << 20
    program.peer.send(t="quit")
    engine.wait(lambda: program.peer.of("window"))
    (window,) = program.peer.of("window")
    assert (window["calls"], window["lost"]) == (10_000, 0)
    program.end()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="there is no taskset")
def test_one_processor_and_512_mib(engine: Engine) -> None:
    def little() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    class Little(Program):
        def __init__(self) -> None:
            self.engine = engine
            path = engine.program(THREADS)
            self.path = path
            path.write_text(path.read_text() + ANSWERS)
            self.process = engine.start(str(path), stdin=subprocess.PIPE, preexec_fn=little)
            engine.wait(lambda: engine.messages("functions"))
            self.peer = next(p for p in engine.peers if p.of("functions"))
            rows = [r for m in self.peer.of("functions") for r in m["rows"]]
            self.keys = {row[0]: ("app", row[0], row[1]) for row in rows}

    program = Little()
    program.open("work", "time", "        return n + 1", "n", calls=300)
    assert program.ask("burst(300, 10)") == "300"
    (window,) = program.wait("window")
    assert (window["calls"], window["closed"]) == (300, "calls")
    engine.wait(lambda: program.peer.of("samples"))
    assert program.end() == ""
    spans = [(m["agent_cpu"], m["span"]) for m in program.peer.of("samples")]
    assert sum(cpu for cpu, _ in spans) < 0.2 * sum(span for _, span in spans)
