"""The parent's end of a worker: starts it, asks it with a deadline, and ends it for sure."""

import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from selfsame.runtime.link.wire import Frames, Message, WireError, pack
from selfsame.runtime.shadow.sandbox import Layer, Limits

MAIN = "selfsame.runtime.shadow.worker"
SLICE_S = 0.1
HASH_SEED = "0"
"""The same in every worker: both sides must meet sets in the same order."""


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


class Worker:
    """One worker process. Use it as a context manager: on leaving, the process is gone."""

    def __init__(self, process: "subprocess.Popen[bytes]", connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self._frames = Frames()
        self._waiting: list[Message] = []
        self.layers: list[Layer] = []

    @classmethod
    def launch(cls, limits: Limits, optimize: int = 0, cwd: str | None = None) -> "Worker":
        """Start the process and return at once; `greet` waits for it. Raises OSError."""
        ours, theirs = socket.socketpair()
        flags = [f"-{'O' * optimize}"] if optimize else []
        arguments = [str(theirs.fileno()), json.dumps(dataclasses.asdict(limits))]
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-B", *flags, "-m", MAIN, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd=cwd if cwd and os.path.isdir(cwd) else None,
                env=environment(os.environ),
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(process, ours)

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
                self.kill("")
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
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
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
