"""Starts an engine for a store, or joins the one that is there; and makes a program's environment.

The listening socket is made here, before the engine exists, so that a program can be started at
once: what its agent sends waits in the socket until the engine has come up.
"""

import contextlib
import fcntl
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import selfsame.runtime.agent
from selfsame.grammar.words import counted
from selfsame.runtime.engine.settings import Settings

ENGINE_FILE = "engine.json"
LOG_FILE = "engine.log"
LOG_TAIL = 4000  # bytes in which the last error stands
STARTING_FILE = "engine.starting"
REVIVALS = 3
REVIVE_S = 0.5
UP_S = 30.0


@dataclass
class Running:
    """An engine that programs can be linked to. ``process`` is None where it was joined.

    ``up`` is a descriptor that can be read once the engine serves, or has ended.
    """

    socket_path: str
    settings: Settings
    process: subprocess.Popen[bytes] | None
    note: str = ""
    killed: list[str] = field(default_factory=list)
    up: int | None = None
    _leaving: threading.Event = field(default_factory=threading.Event)

    def watch_over(self) -> None:
        """Start the engine again, at the same address, where a signal ends it before it is asked to.

        At most three times; what it knew of the running programs is in the store.
        """
        if self.process is not None:
            threading.Thread(target=self._revive, name="engine", daemon=True).start()

    def wait_until_up(self, seconds: float = UP_S) -> None:
        """Wait until an engine that was started here serves; not longer than ``seconds``."""
        if self.up is not None:
            select.select([self.up], [], [], seconds)
            self._close_up()

    def _close_up(self) -> None:
        if self.up is not None:
            os.close(self.up)
            self.up = None

    def _revive(self) -> None:
        while self.process is not None and len(self.killed) < REVIVALS:
            code = self.process.wait()
            if code >= 0 or self._leaving.wait(REVIVE_S):
                return
            self.killed.append(_signal_name(-code))
            directory = Path(self.settings.store)
            try:
                with (directory / STARTING_FILE).open("ab") as starting:
                    fcntl.flock(starting, fcntl.LOCK_EX)
                    if self._leaving.is_set():
                        return
                    again = _process(self.socket_path).begin(directory, self.settings)
                    again._close_up()
                    self.process = again.process
            except OSError:
                return

    def finish(self, seconds: float = 8.0) -> str:
        """Ask an engine that was started here to leave once no program is left, and wait for it.

        ``seconds`` come on top of the time that it may work on. Returns what is to be said of it:
        that it stays, or that it had ended too early.
        """
        if self.process is None:
            return ""
        self._leaving.set()
        self._close_up()
        early = self.process.poll() is not None
        self.ask_to_leave()
        try:
            code = self.process.wait(seconds + self.settings.afterwards_s)
        except subprocess.TimeoutExpired:
            return "the engine is still there: it ends with the last program that was started, or with its work"
        with contextlib.suppress(OSError):
            os.unlink(self.socket_path)
        if not early and code == 0:
            if not self.killed:
                return ""
            return (
                f"the engine was ended {counted(len(self.killed), 'time')} before the program, of "
                f"{', '.join(self.killed)}, and started again; what it knew was kept"
            )
        how = f"of {_signal_name(-code)}" if code < 0 else f"with exit code {code}"
        log = Path(self.settings.store, LOG_FILE)
        why = _last_error(log) if code == 1 else ""
        return f"the engine ended before the program, {why or how}; its log is {log}"

    def ask_to_leave(self) -> None:
        """Ask the engine to leave when its programs have; the second time, to leave its work too."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)


def _last_error(log: Path) -> str:
    """What the end of an engine's log says went wrong, in one line; empty where it says nothing."""
    try:
        with log.open("rb") as lines:
            lines.seek(max(0, log.stat().st_size - LOG_TAIL))
            text = lines.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return text.rpartition(" ERROR ")[2].partition("\n")[0] if " ERROR " in text else ""


@dataclass
class Prepared:
    """An engine's process that imports what it needs, and waits to be told which store it is for."""

    socket_path: str
    process: subprocess.Popen[bytes]
    up: int

    def begin(self, directory: Path, settings: Settings) -> Running:
        """Tell it, and return it as one that programs can be linked to."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: `Running.finish` says so
            self.process.stdin.write(settings.dumps().encode())
            self.process.stdin.close()
        _write_engine_file(directory, self.socket_path, self.process.pid, settings)
        return Running(self.socket_path, settings, self.process, up=self.up)

    def dismiss(self) -> None:
        """End it: it is not needed."""
        self.process.kill()
        self.process.communicate()
        os.close(self.up)
        with contextlib.suppress(OSError):
            os.unlink(self.socket_path)


def prepare(directory: Path) -> Prepared | None:
    """Start an engine's process while a program is still being prepared, where none runs on the store.

    What an engine imports takes longer than it takes to start a program, whose first second it would
    share a processor with. Raises OSError where no process can be started.
    """
    return None if _answering(directory) else _process(_socket_path())


def start(settings: Settings, prepared: Prepared | None = None) -> Running:
    """Start the engine of a store, or join the one that runs. Raises OSError where neither can be.

    An engine of another interpreter cannot be joined: then ``note`` says so and no socket is given.
    A ``prepared`` process is used, or dismissed where another one is joined.
    """
    directory = Path(settings.store)
    with (directory / STARTING_FILE).open("ab") as starting:
        # Of two that start at once, one starts the engine and the other joins it.
        fcntl.flock(starting, fcntl.LOCK_EX)
        joined = _join(directory, settings)
        if joined is None:
            return (prepared or _process(_socket_path())).begin(directory, settings)
    if prepared is not None:
        prepared.dismiss()
    return joined


def _process(path: str) -> Prepared:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(256)
    up, engines_end = os.pipe()
    with listener, os.fdopen(engines_end) as end:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "selfsame.runtime.engine",
                str(listener.fileno()),
                str(end.fileno()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno(), end.fileno()],
            start_new_session=True,
            # A short program may end before the engine has a handler for the request to leave.
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
            cwd="/",
            env=_engine_environment(),
        )
    return Prepared(path, process, up)


def program_environment(
    running: Running,
    base: Mapping[str, str],
    include: Sequence[str] = (),
    *,
    later: bool = False,
    **more: object,
) -> dict[str, str]:
    """The environment that makes a Python, and every Python it starts, load the agent.

    A child of this process loads it at once, others when they have lived a moment; without ``later``
    all do at once. ``more`` are further entries of its link: ``safe`` (run originals), ``rewrites`` (a file of them
    and its sha256, for programs without an engine).
    """
    bootstrap = str(Path(selfsame.runtime.agent.__file__).parent / "bootstrap")
    link = {
        "socket": running.socket_path,
        "store": running.settings.store,
        "include": list(include),
        "roots": list(running.settings.roots),
        "leave": list(running.settings.leave),
        "captures": running.settings.mode != "watch",
        **more,
    }
    environment = dict(base)
    environment["SELFSAME_LINK"] = json.dumps(link)
    if later:
        environment["SELFSAME_AT_ONCE"] = str(os.getpid())
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join(
        [bootstrap, inherited] if inherited else [bootstrap]
    )
    return environment


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _engine_environment() -> dict[str, str]:
    """The engine is no program to be watched, and takes no paths from the program's."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("SELFSAME_LINK", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME")
    } | {"PYTHONPATH": _own_path()}


def _own_path() -> str:
    """Where this ``selfsame`` is imported from, where that is not an installed package."""
    home = Path(selfsame.runtime.agent.__file__).parents[2]
    return str(home.parent) if home.name == "selfsame" else ""


def _socket_path() -> str:
    """A fresh path in a folder of this user's alone; Unix sockets allow about 100 characters."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    if len(base) > 60:
        base = "/tmp"
    folder = Path(base, f"selfsame-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        folder = Path(tempfile.mkdtemp(prefix="selfsame-"))
    return str(folder / f"{secrets.token_hex(6)}.sock")


def _write_engine_file(directory: Path, path: str, pid: int, settings: Settings) -> None:
    record = {"pid": pid, "socket": path, "python": sys.version, "run": settings.run}
    scratch = directory / f"{ENGINE_FILE}.{os.getpid()}"
    scratch.write_text(json.dumps(record))
    scratch.replace(directory / ENGINE_FILE)


def _answering(directory: Path) -> dict[str, Any] | None:
    """What the store's file says of its engine, where that is alive and answers."""
    try:
        record: dict[str, Any] = json.loads((directory / ENGINE_FILE).read_text())
        os.kill(record["pid"], 0)
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with probe:
            probe.settimeout(1.0)
            probe.connect(record["socket"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record


def _join(directory: Path, settings: Settings) -> Running | None:
    record = _answering(directory)
    if record is None:
        return None
    if record["python"] != sys.version:
        note = (
            f"an engine of another Python (process {record['pid']}: {record['python'].split()[0]}) "
            f"holds {directory}; this program is not watched (give it a store of its own: --store)"
        )
        return Running("", settings, None, note)
    note = f"joining the engine that runs already (process {record['pid']}, {directory})"
    if settings.cdl or settings.mode != "watch":
        note += "; its mode and constraints are used, not the ones given here"
    return Running(record["socket"], replace(settings, run=record["run"]), None, note)
