"""Runs a script that uses a function, and records the calls that it makes.

The script runs as its user would run it, in a process of its own and not confined; only what it
passes to the function comes back, pickled, over a pipe, and is never unpickled here.
"""

import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.link.wire import Frames, WireError, pack
from selfsame.runtime.shadow.loading import Target

MAIN = "selfsame.runtime.shadow.workload"
MOST_CALLS = 1000
MOST_BYTES = 256 * 1024
EVERY = 8
"""After a quarter of `MOST_CALLS` different calls only one call in this many is looked at."""


class WorkloadFailed(Exception):
    """The script gave no calls; the message says why."""


def calls_in(
    command: Sequence[str], target: Target, path: Sequence[str], seconds: float
) -> list[bytes]:
    """Different calls of the function that ``command``, a script and its arguments, makes.

    The script is ended after ``seconds``, or when there are enough. Raises WorkloadFailed.
    """
    if not os.path.isfile(command[0]):
        raise WorkloadFailed(f"there is no script {command[0]!r}")
    read, write = os.pipe()
    what = [target.path, target.key.qualname, str(target.key.line), str(write)]
    known = os.environ.get("PYTHONPATH", "")
    extra = os.pathsep.join([p for p in path if p not in sys.path] + ([known] if known else []))
    process = subprocess.Popen(
        [sys.executable, "-m", MAIN, *what, *command],
        pass_fds=(write,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": extra},
        start_new_session=True,
    )
    os.close(write)
    found: dict[bytes, None] = {}
    refused = 0
    frames = Frames()
    end = time.monotonic() + seconds
    try:
        while len(found) < MOST_CALLS and time.monotonic() < end:
            if not select.select([read], [], [], 0.1)[0]:
                continue
            data = os.read(read, 1 << 20)
            if not data:
                break
            for message in frames.feed(data):
                refused += message["t"] == "refused"
                if message["t"] == "call":
                    found[message["payload"]] = None
    except WireError:
        pass  # a script that wrote into the pipe itself: what came before counts
    finally:
        os.close(read)
        error = _ended(process, len(found) >= MOST_CALLS or time.monotonic() >= end)
    if not found:
        told = f"; {refused} calls could not be pickled" if refused else ""
        told += f"; it ended with {error}" if error else ""
        raise WorkloadFailed(f"{command[0]} makes no call of {target.address}{told}")
    return list(found)


def _ended(process: "subprocess.Popen[bytes]", enough: bool) -> str:
    """End the script and all it started, if it does not by itself; the last word of its error."""
    if not enough:
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            enough = True
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    error = process.communicate()[1]
    if enough or process.returncode == 0:
        return ""
    lines = error.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].partition(":")[0] if lines else f"exit code {process.returncode}"


class _Recorder:
    """The profile function of the script's threads."""

    def __init__(self, file: str, qualname: str, line: int, pipe: int) -> None:
        self._where = (file, qualname, line)
        self._pipe = pipe
        self._seen: set[bytes] = set()
        self._calls = 0
        self._lock = threading.Lock()

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_firstlineno != self._where[2]:
            return
        if (os.path.abspath(code.co_filename), code.co_qualname) != self._where[:2]:
            return
        values = frame.f_locals
        names = parameters(code)
        self._calls += 1
        if len(self._seen) > MOST_CALLS / 4 and self._calls % EVERY:
            return
        if all(name in values for name in names):
            self._record(tuple(values[name] for name in names))

    def _record(self, parameters: tuple[Any, ...]) -> None:
        from selfsame.runtime.shadow.payloads import dump

        try:
            payload = dump(parameters, {})
            if len(payload) > MOST_BYTES:
                raise ValueError("larger than is kept")
        except Exception:  # whatever pickling meets: the call itself goes on
            self._write({"t": "refused"})
            return
        with self._lock:
            if payload in self._seen or len(self._seen) >= MOST_CALLS:
                return
            self._seen.add(payload)
        self._write({"t": "call", "payload": payload})

    def _write(self, message: dict[str, Any]) -> None:
        data = memoryview(pack(message))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._pipe, data) :]
            except OSError:  # nobody listens any more: there are enough
                os._exit(0)


def main(argv: list[str]) -> None:
    """``FILE QUALNAME LINE PIPE SCRIPT ARG…``: run the script under a recorder."""
    file, qualname, line, pipe, *command = argv
    recorder = _Recorder(file, qualname, int(line), int(pipe))
    sys.argv[:] = command
    sys.path[0] = os.path.dirname(os.path.abspath(command[0]))
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        runpy.run_path(command[0], run_name="__main__")
    finally:
        sys.setprofile(None)


if __name__ == "__main__":
    main(sys.argv[1:])
