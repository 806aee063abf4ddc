"""A tiny engine: a Unix socket that greets agents and keeps what they say."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import selfsame.runtime.agent
from selfsame.runtime.link.wire import Frames, Message, pack

AGENT = Path(selfsame.runtime.agent.__file__).parent


class Peer:
    """One connected agent."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.messages: list[Message] = []
        self.gone = False

    def send(self, **message: Any) -> None:
        with contextlib.suppress(OSError):  # the program has ended
            self.connection.sendall(pack(message))

    def of(self, kind: str) -> list[Message]:
        return [m for m in list(self.messages) if m["t"] == kind]

    @property
    def pid(self) -> int:
        return int(self.of("hello")[0]["pid"])


class Engine:
    """Listens in a thread. ``on(peer, message)`` may answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = str(folder / "engine.sock")
        self.peers: list[Peer] = []
        self.agent = AGENT
        self.extra: list[str] = []
        self.on: Callable[[Peer, Message], None] = lambda peer, message: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def environment(self, **more: str) -> dict[str, str]:
        link = {"socket": self.path, "store": str(self.folder), "include": []}
        inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        return {
            **os.environ,
            "SELFSAME_LINK": json.dumps(link),
            "PYTHONPATH": os.pathsep.join([str(self.agent / "bootstrap"), *self.extra, *inherited]),
            **more,
        }

    def program(self, text: str, name: str = "app.py") -> Path:
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return path

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        env = options.pop("env", None) or self.environment()
        return subprocess.Popen(
            [sys.executable, *command],
            env=env,
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def run(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        given = options.pop("input", None)
        if given is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*command, **options)
        out, error = process.communicate(given, timeout=60)
        own = [p for p in list(self.peers) if p.of("hello") and p.pid == process.pid]
        self.wait(lambda: all(peer.gone for peer in own))  # what it said last has been read
        return subprocess.CompletedProcess(command, process.returncode, out, error)

    def messages(self, kind: str) -> list[Message]:
        return [m for peer in list(self.peers) for m in peer.of(kind)]

    def wait(self, there: Callable[[], Any], seconds: float = 20.0) -> Any:
        """What ``there`` returns as soon as it is true; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not (found := there()):
            assert time.monotonic() < deadline, [m["t"] for p in self.peers for m in p.messages]
            time.sleep(0.005)
        return found

    def close(self) -> None:
        self.listener.close()
        for peer in self.peers:
            peer.connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            peer = Peer(connection)
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: Peer) -> None:
        frames = Frames()
        while True:
            try:
                data = peer.connection.recv(1 << 18)
            except OSError:
                data = b""
            if not data:
                peer.gone = True
                return
            for message in frames.feed(data):
                if message["t"] == "hello":
                    peer.messages.append(message)
                    peer.send(
                        t="welcome",
                        tick_s=0.01,
                        mode="watch",
                        roots=[str(self.folder)],
                        leave=[],
                    )
                else:
                    peer.messages.append(message)
                self.on(peer, message)

    def without_extensions(self) -> None:
        """From here on programs run an agent of Python alone."""
        home = self.folder / "plain" / "selfsame"
        home.mkdir(parents=True)
        (home / "__init__.py").write_text("")
        only = shutil.ignore_patterns("*.so", "*.c", "__pycache__", "engine", "monitor", "shadow")
        shutil.copytree(AGENT.parent, home / "runtime", ignore=only)
        self.agent = home / "runtime" / "agent"
        self.extra = [str(self.folder / "plain")]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    made.close()


def uncompiled_recorder() -> ModuleType:
    """``recorder.py`` as it is, whether or not there is an extension."""
    spec = importlib.util.spec_from_file_location("recorder_as_it_is", AGENT / "recorder.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["compiled", "as it is"])
def recorder(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "as it is":
        return uncompiled_recorder()
    from selfsame.runtime.agent import recorder as found

    if not found.COMPILED:
        pytest.skip("the extensions are not built")
    return found


ANSWERS = """
def main():
    while True:
        for line in iter(sys.stdin.readline, ""):
            try:
                print(eval(line), flush=True)
            except Exception as error:
                print(type(error).__name__, flush=True)
        return
main()
"""


class Asked:
    """A program that ends in `ANSWERS`: it evaluates what it is asked, in a call that never ends."""

    process: subprocess.Popen[str]

    def ask(self, expression: str) -> str:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")
