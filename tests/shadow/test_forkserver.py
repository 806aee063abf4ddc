"""The server that workers are forked from: how they ended, what they used, and its own loss."""

import os
import select
import signal
import socket
import subprocess
import sys

import pytest

from selfsame.runtime.shadow import forkserver
from selfsame.runtime.shadow.process import Worker, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.sandbox import Limits

QUESTION = {"t": "inputs", "payloads": []}


def answers(worker: Worker) -> bool:
    """Whether a worker that was given nothing to do says so."""
    with pytest.raises(WorkerFailed, match="nothing is loaded in this worker"):
        worker.ask(QUESTION, 30.0)
    return True


def test_a_worker_is_forked_and_told_of() -> None:
    with Worker.start(Limits(), 30.0) as worker:
        child = worker._process
        assert child.poll() is None
        child.kill()
        assert child.wait() == -signal.SIGKILL
        assert child.poll() == -signal.SIGKILL
        with pytest.raises(WorkerLost, match=r"SIGKILL|stopped listening"):
            worker.ask(QUESTION, 30.0)


def test_a_worker_is_a_group_in_the_session_of_its_server() -> None:
    """Sessions share the processors as equals: one of its own would be worth as much as the program's."""
    with Worker.start(Limits(), 30.0) as worker:
        pid, server = worker._process.pid, worker._process._server._process.pid
        assert os.getpgid(pid) == pid
        assert os.getsid(pid) == os.getsid(server) != os.getsid(0)


def test_what_workers_used_is_counted() -> None:
    before = forkserver.workers_cpu_s()
    with Worker.start(Limits(), 30.0):
        pass
    assert forkserver.workers_cpu_s() > before


def test_a_lost_server_takes_its_workers_with_it_and_another_is_started() -> None:
    with Worker.start(Limits(), 30.0) as worker:
        server = worker._process._server
        os.kill(server._process.pid, signal.SIGKILL)
        server._process.wait()
        with pytest.raises(WorkerLost):
            worker.ask(QUESTION, 30.0)
        with Worker.start(Limits(), 30.0) as other:
            assert other._process._server is not server
            assert answers(other)


def test_an_environment_of_any_size_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        monkeypatch.setenv(f"LARGE_{number}", "x" * 100_000)
    with Worker.start(Limits(), 30.0) as worker:
        path = f"/proc/{worker._process.pid}/status"
        assert os.path.exists(path)
        assert answers(worker)


def test_an_interrupted_question_leaves_no_answer_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupting:
        """A connection that is interrupted before the answer is read."""

        def __init__(self, real: socket.socket) -> None:
            self.real = real

        def recv(self, most: int) -> bytes:
            raise KeyboardInterrupt

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

    with Worker.start(Limits(), 30.0) as worker:
        server = worker._process._server
        monkeypatch.setattr(server, "_connection", Interrupting(server._connection))
        with pytest.raises(KeyboardInterrupt):
            worker._process.poll()
        assert not server.alive
        with Worker.start(Limits(), 30.0) as other:
            assert other._process.poll() is None


def test_families_are_of_different_servers() -> None:
    first, second = (forkserver.server(name, 0) for name in ("original", "variation"))
    assert first is not second
    assert forkserver.server("original", 0) is first


SCRIPT = """
import os
import select
from selfsame.runtime.shadow.process import Worker
from selfsame.runtime.shadow.sandbox import Limits

with Worker.start(Limits(), 30.0) as worker:
    print(worker._process._server._process.pid, worker._process.pid, flush=True)
    os._exit(0)
"""


def test_servers_and_workers_end_with_the_process_that_started_them() -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for pid in map(int, done.stdout.split()):
        try:
            ended = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poll = select.poll()
            poll.register(ended)
            assert poll.poll(30_000), "it is still there"
        finally:
            os.close(ended)
