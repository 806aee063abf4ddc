"""Where workers come from: a process that has imported what they need, and forks one when asked.

A fork takes milliseconds, a new interpreter a quarter of a second. The server itself loads nothing of
the user's but what their interpreter starts with (``sitecustomize``); each worker encloses itself
before it does. Workers of different ``family`` have different servers: memory lies elsewhere in
them, so what depends on that is seen as noise.

Source: the fork server of ``multiprocessing``; here the parent tells the worker's exit code, and
the server ends when the process that started it does.
"""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from selfsame.compiler.niceness import share_as_nice
from selfsame.runtime.shadow.sandbox import Limits

MAIN = "selfsame.runtime.shadow.forkserver"
HASH_SEED = "0"
"""The same in every worker: both sides must meet sets in the same order."""
ANSWER_S = 30.0
"""For the first answer of a server, which starts an interpreter before it."""
POLL_S = 0.002
MOST_BYTES = 1 << 16
"""Of a message."""


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """The variables of a worker: no agent starts in it, and strings hash the same everywhere."""
    kept = {name: value for name, value in base.items() if not name.startswith("SELFSAME")}
    folders = kept.pop("PYTHONPATH", "").split(os.pathsep)
    bootstrap = os.path.join("agent", "bootstrap")
    own = [f for f in folders if f and not f.rstrip(os.sep).endswith(bootstrap)]
    if own:
        kept["PYTHONPATH"] = os.pathsep.join(own)
    for name in ("PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONPROFILEIMPORTTIME", "PYTHONFAULTHANDLER"):
        kept.pop(name, None)
    return kept | {"PYTHONHASHSEED": HASH_SEED}


Answer = tuple[int, float] | None
"""A process, or its exit code, with CPU seconds; None where there is none, or it runs."""


class ServerLost(OSError):
    """The server is gone, and its workers with it."""


class Child:
    """A worker's process, which is a child of the server's: the server tells how it ended."""

    def __init__(self, server: "Forkserver", pid: int) -> None:
        self._server = server
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self._code is None:
            try:
                self._code = self._server.ended(self.pid)
            except ServerLost:  # the kernel ended it with the server
                self._code = -signal.SIGKILL
        return self._code

    def wait(self, timeout: float = ANSWER_S) -> int:
        """The exit code, once there is one. Raises `subprocess.TimeoutExpired`."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(MAIN, timeout)
            time.sleep(POLL_S)
        return code

    def kill(self) -> None:
        """End it and all of its group. Its number is its own until `poll` has told how it ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # there is no group right after the fork
            os.kill(self.pid, signal.SIGKILL)


class Forkserver:
    """The parent's end of one server."""

    def __init__(self, variables: Mapping[str, str], optimize: int) -> None:
        """Start the process; it answers once it is ready. Raises OSError."""
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        self.workers_cpu_s = 0.0
        flags = [f"-{'O' * optimize}"] if optimize else []
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-B", *flags, "-m", MAIN, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=dict(variables),
                start_new_session=True,
            )
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()
        self._connection.settimeout(ANSWER_S)

    def fork(self, limits: Mapping[str, Any], cwd: str, connection: socket.socket) -> Child:
        """A new worker at the other end of ``connection``. Raises ServerLost."""
        # How large the environment is is the user's affair, and that of a message the kernel's.
        variables = os.memfd_create("selfsame-environment")
        try:
            with open(variables, "w", encoding="utf-8", closefd=False) as file:
                json.dump(environment(os.environ), file)
            reply = self._ask({"fork": limits, "cwd": cwd}, connection.fileno(), variables)
        finally:
            os.close(variables)
        if reply is None:
            raise OSError("the process could not be forked")
        return Child(self, int(reply[0]))

    def ended(self, pid: int) -> int | None:
        """How a worker ended; None while it runs. Raises ServerLost."""
        reply = self._ask({"ended": pid})
        if reply is None:
            return None
        code, cpu_s = reply
        self.workers_cpu_s += cpu_s
        return int(code)

    def _ask(self, message: Mapping[str, Any], *descriptors: int) -> Answer:
        try:
            with self._lock:
                socket.send_fds(self._connection, [json.dumps(message).encode()], descriptors)
                reply = self._connection.recv(1 << 10)
        except OSError as error:
            self.close()
            raise ServerLost(str(error)) from None
        except BaseException:  # an interrupt: the next answer would be that to this question
            self.close()
            raise
        if not reply:
            self.close()
            raise ServerLost("the server of workers ended")
        found: Answer = json.loads(reply)
        return found

    @property
    def alive(self) -> bool:
        """Whether it may still be asked."""
        return self._connection.fileno() >= 0 and self._process.poll() is None

    def close(self) -> None:
        """End it, and the workers that are left. Their CPU is its own from now on."""
        self.workers_cpu_s = 0.0
        self._connection.close()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def forget(self) -> None:
        """In a process that was forked: the server is the parent's."""
        self._connection.close()
        self._process.returncode = 0


_servers: dict[tuple[str, int, frozenset[tuple[str, str]]], Forkserver] = {}
_lock = threading.Lock()


def server(family: str, optimize: int) -> Forkserver:
    """The server for a family of workers, started where there is none yet. Raises OSError."""
    variables = environment(os.environ)
    own = {name: value for name, value in variables.items() if name.startswith("PYTHON")}
    key = family, optimize, frozenset(own.items())  # the others are those at each fork
    with _lock:
        found = _servers.get(key)
        if found is None or not found.alive:
            for old in [k for k in _servers if k[:2] == key[:2]]:
                _servers.pop(old).close()
            found = _servers[key] = Forkserver(variables, optimize)
        return found


def start_ahead(families: Iterable[str], optimize: int) -> None:
    """Start servers that are needed soon, and wait for nothing: an interpreter starts meanwhile."""
    for family in families:
        with contextlib.suppress(OSError):  # whoever needs one tries again, and says so
            server(family, optimize)


def workers_cpu_s() -> float:
    """CPU seconds of workers that have ended, and that the kernel does not count as this process's yet."""
    with _lock:
        return sum(server.workers_cpu_s for server in _servers.values())


@atexit.register
def close_all() -> None:
    """End every server of this process."""
    while _servers:
        _servers.popitem()[1].close()


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    while _servers:
        _servers.popitem()[1].forget()


os.register_at_fork(after_in_child=_after_fork)


def main(argv: list[str]) -> None:
    """Serve the socket whose number is ``argv[0]`` until its other end is closed."""
    share_as_nice()
    from selfsame.runtime.shadow.worker import work

    connection = socket.socket(fileno=int(argv[0]))
    while True:
        data, descriptors, _, _ = socket.recv_fds(connection, MOST_BYTES, 2)
        if not data:
            return
        message = json.loads(data)
        answer: Answer
        if "ended" in message:
            answer = _ended(message["ended"])
        else:
            try:
                answer = (os.fork(), 0.0)
            except OSError:
                answer = None
            if answer == (0, 0.0):
                connection.close()  # no worker may ask the server for anything
                _become(message, descriptors[0], descriptors[1], work)
            for descriptor in descriptors:
                os.close(descriptor)
        connection.send(json.dumps(answer).encode())


def _become(
    message: Mapping[str, Any],
    descriptor: int,
    variables: int,
    work: Callable[[socket.socket, Limits], None],
) -> NoReturn:
    """Go on as a worker, in this process that was just forked; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)  # a session of its own would be worth as much as the program's
        os.environ.clear()
        os.lseek(variables, 0, os.SEEK_SET)
        with open(variables, encoding="utf-8") as file:
            os.environ.update(json.load(file))
        if message["cwd"] and os.path.isdir(message["cwd"]):
            os.chdir(message["cwd"])
        work(socket.socket(fileno=descriptor), Limits(**message["fork"]))
        code = 0
    finally:
        os._exit(code)


def _ended(pid: int) -> Answer:
    """The exit code and the CPU seconds of a worker that has ended."""
    found, status, used = os.wait4(pid, os.WNOHANG)
    return (os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime) if found else None


if __name__ == "__main__":
    main(sys.argv[1:])
