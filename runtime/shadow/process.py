"""The parent's end of a worker: starts it, asks it with a deadline, and ends it for sure."""

import dataclasses
import select
import signal
import socket
import subprocess
import threading
import time
from typing import Any

from selfsame.runtime.link.wire import Frames, Message, WireError, pack
from selfsame.runtime.shadow.forkserver import Child, ServerLost, server
from selfsame.runtime.shadow.sandbox import Layer, Limits

SLICE_S = 0.1


class WorkerLost(Exception):
    """The worker died, hung beyond its deadline, or sent what is no frame; it is gone now."""


class WorkerFailed(Exception):
    """The worker is well and could not do what it was asked; the message is a reason.

    ``about`` is "variation" where only that is to blame, else "node".
    """

    def __init__(self, reason: str, about: str = "node") -> None:
        super().__init__(reason)
        self.about = about


class Cancelled(Exception):
    """The trial was called off from another thread."""


class Worker:
    """One worker process. Use it as a context manager: on leaving, the process is gone."""

    def __init__(self, process: Child, connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self._frames = Frames()
        self._waiting: list[Message] = []
        self.layers: list[Layer] = []

    @classmethod
    def launch(
        cls, limits: Limits, optimize: int = 0, cwd: str = "", family: str = "original"
    ) -> "Worker":
        """Start the process and return at once; `greet` waits for it. Raises OSError."""
        for last in (False, True):  # a server that was found may be ending just now
            ours, theirs = socket.socketpair()
            try:
                found = server(family, optimize)
                return cls(found.fork(dataclasses.asdict(limits), cwd, theirs), ours)
            except BaseException as error:
                ours.close()
                if last or not isinstance(error, ServerLost):
                    raise
            finally:
                theirs.close()
        raise AssertionError("the loop returns or raises")

    @classmethod
    def start(cls, limits: Limits, deadline_s: float, **options: Any) -> "Worker":
        """Launch and greet."""
        worker = cls.launch(limits, **options)
        worker.greet(deadline_s)
        return worker

    def greet(self, deadline_s: float, cancel: threading.Event | None = None) -> None:
        """Wait until the worker is ready. Raises WorkerLost."""
        reply = self._receive(deadline_s, cancel)
        self.layers = [Layer(*row) for row in reply["layers"]]

    def ask(
        self, message: Message, deadline_s: float, cancel: threading.Event | None = None
    ) -> Message:
        """Send one message and wait for its reply.

        Raises WorkerLost (with what ended it), WorkerFailed, or Cancelled.
        """
        deadline = time.monotonic() + deadline_s
        self.send(message, deadline_s)
        return self.answer(deadline - time.monotonic(), cancel)

    def send(self, message: Message, deadline_s: float) -> None:
        """Send one message, whose reply `answer` gives. Raises WorkerLost."""
        if self._waiting:
            raise WorkerLost(self.kill("sent more than it was asked for"))
        try:
            self._connection.settimeout(deadline_s)
            self._connection.sendall(pack(message))
        except OSError:
            raise WorkerLost(self.kill("stopped listening")) from None

    def answer(self, deadline_s: float, cancel: threading.Event | None = None) -> Message:
        """The reply to what was sent. Raises WorkerLost, WorkerFailed, or Cancelled."""
        reply = self._receive(deadline_s, cancel)
        if reply["t"] == "failed":
            raise WorkerFailed(str(reply["reason"]), str(reply["about"]))
        return reply

    def _receive(self, deadline_s: float, cancel: threading.Event | None) -> Message:
        end = time.monotonic() + deadline_s
        while not self._waiting:
            left = end - time.monotonic()
            if left <= 0:
                raise WorkerLost(self.kill("did not answer in time"))
            readable, _, _ = select.select([self._connection], [], [], min(left, SLICE_S))
            if cancel is not None and cancel.is_set():
                self.kill("was called off")
                raise Cancelled
            if not readable:
                continue
            try:
                data = self._connection.recv(1 << 20)
                if not data:
                    raise WorkerLost(self.kill(""))
                self._waiting += self._frames.feed(data)
            except (OSError, WireError):
                raise WorkerLost(self.kill("sent what is no frame")) from None
        return self._waiting.pop(0)

    def kill(self, why: str) -> str:
        """End the process and all that it started; says why it ended, in words."""
        if not why:
            try:
                self._process.wait(0.5)  # it closed its socket: let it end by itself
            except subprocess.TimeoutExpired:
                pass
        if self._process.poll() is None:
            self._process.kill()
        code = self._process.wait()
        self._connection.close()
        if why:
            return why
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill("closed")
