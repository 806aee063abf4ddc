"""Variations that try to get out: none reaches the outside or the verdict, whichever layer is missing.

Each attempt hides what it did and returns the right answer, so that nothing but being stopped, seen
or ended can tell. All run as branches of one variation, in one worker that is restarted when lost.
"""

import contextlib
import os
import select
import signal
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from selfsame.runtime.shadow.bench import Bench, Budget
from selfsame.runtime.shadow.equality import Mismatch, Replay, replay_captured
from selfsame.runtime.shadow.process import WorkerFailed, WorkerLost
from selfsame.runtime.shadow.sandbox import Limits, lacking, layers
from selfsame.runtime.shadow.trial import run_trial

EFFECTS = {
    # files
    "create": "open({new!r}, 'w').close()",
    "create by os": "import os; os.close(os.open({new!r}, os.O_CREAT | os.O_WRONLY))",
    "append": "open({there!r}, 'a').write('x')",
    "truncate": "import os; os.truncate({there!r}, 0)",
    "unlink": "import os; os.unlink({there!r})",
    "pathlib": "import pathlib; pathlib.Path({there!r}).unlink()",
    "rename": "import os; os.rename({there!r}, {new!r})",
    "replace": "import os; os.replace({there!r}, {new!r})",
    "link": "import os; os.link({there!r}, {new!r})",
    "symlink": "import os; os.symlink({there!r}, {new!r})",
    "mkdir": "import os; os.mkdir({new!r})",
    "rmdir": "import os; os.rmdir({folder!r})",
    "rmtree": "import shutil; shutil.rmtree({folder!r})",
    "copy": "import shutil; shutil.copy({there!r}, {new!r})",
    "chmod": "import os; os.chmod({there!r}, 0o777)",
    "chown": "import os; os.chown({there!r}, 1, 1)",
    "utime": "import os; os.utime({there!r}, (1, 1))",
    "fifo": "import os; os.mkfifo({new!r})",
    "device": "import os, stat; os.mknod({new!r}, stat.S_IFIFO | 0o600)",
    "attribute": "import os; os.setxattr({there!r}, 'user.x', b'x')",
    "tempfile": "import tempfile; tempfile.NamedTemporaryFile(dir={folder!r})",
    "sqlite": "import sqlite3; sqlite3.connect({new!r}).execute('create table t (x)')",
    "dbm": "import dbm.dumb; dbm.dumb.open({new!r}, 'c').close()",
    "shelve": "import shelve; shelve.open({new!r}).close()",
    "zip": "import zipfile; zipfile.ZipFile({new!r}, 'w').close()",
    "log file": "import logging; logging.FileHandler({new!r})",
    "read": "open({there!r}).read()",
    "list": "import os; os.listdir({folder!r})",
    "chdir": "import os; os.chdir({folder!r})",
    "chroot": "import os; os.chroot({folder!r})",
    # processes
    "fork": "import os; os.fork() or os._exit(0)",
    "forkpty": "import os; os.forkpty()[0] or os._exit(0)",
    "exec": "import os; os.execv('/bin/true', ['true'])",
    "spawn": "import os; os.spawnv(os.P_NOWAIT, '/bin/true', ['true'])",
    "posix_spawn": "import os; os.posix_spawn('/bin/true', ['true'], {{}})",
    "system": "import os; os.system('touch ' + {new!r})",
    "popen": "import os; os.popen('touch ' + {new!r}).close()",
    "subprocess": "import subprocess; subprocess.run(['touch', {new!r}])",
    "multiprocessing": "import multiprocessing; multiprocessing.Process(target=int).start()",
    # signals and threads
    "kill parent": "import os; os.kill(os.getppid(), {signal})",
    "kill group": "import os; os.killpg(os.getpgid(os.getppid()), {signal})",
    "signal handler": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "thread": "import threading; threading.Thread(target=int).start()",
    "thread pool": "from concurrent.futures import ThreadPoolExecutor as P; P(1).submit(int).result(1)",
    "low thread": "import _thread; _thread.start_new_thread(int, ())",
    # network
    "socket": "import socket; socket.socket()",
    "connect": "import socket; socket.create_connection(('127.0.0.1', {port}), 1)",
    "udp": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
    "unix socket": "import socket; socket.socket(socket.AF_UNIX).bind({new!r})",
    "resolve": "import socket; socket.getaddrinfo('localhost', 80)",
    "http": "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/', timeout=1)",
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', {port}))",
    # C
    "ctypes library": "import ctypes; ctypes.CDLL('libc.so.6')",
    "ctypes memory": "import ctypes; ctypes.string_at(id(xs), 8)",
    "ctypes cast": "import ctypes; ctypes.c_char.from_address(id(xs)).value = b'x'",
    "mmap": "import mmap, os; mmap.mmap(-1, 4096)",
    # the process of the worker
    "print": "print('x')",
    "stderr": "import sys; sys.stderr.write('x')",
    "descriptor 1": "import os; os.write(1, b'x')",
    "environment": "import os; os.environ['SELFSAME_X'] = '1'",
    "unset": "import os; os.environ.pop('PATH', None)",
    "recursion limit": "import sys; sys.setrecursionlimit(10 ** 9)",
    "resource limits": "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "streams": "import sys; sys.stdout = None",
    "import path": "import sys; sys.path.insert(0, {folder!r})",
    "collector": "import gc; gc.disable()",
    "profiler": "import sys; sys.setprofile(print)",
    "exit": "import os; os._exit(0)",
    "abort": "import os; os.abort()",
    "segfault": "import faulthandler; faulthandler._sigsegv()",
    "hang": "\n        while True: pass",
    "stubborn hang": "\n        while True:\n            try:\n                while True: pass\n            except BaseException: pass",
    "sleep": "import time; time.sleep(1000)",
    "sleep by select": "import select; select.select([], [], [], 1000)",
    "lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
}  # fmt: skip
"""What is stopped or seen: never told as an answer that is right."""
UNSEEN = {
    "pool": "from concurrent.futures import ProcessPoolExecutor as P; P(1).submit(int).result(1)",
    "semaphore": "import _multiprocessing as m; m.SemLock(1, 1, 1, '/selfsame', False)",
}
"""Stopped by the kernel in C code that is no audit event: nothing gets out, and nothing is seen."""
FORGED = {
    "close descriptors": "import os; os.closerange(3, 64)",
    "write to descriptors": "import os\n        for fd in range(3, 30):\n            try: os.write(fd, b'\\0' * 64)\n            except OSError: pass",
    "digest": "import selfsame.runtime.shadow.calls as c; c.digest = lambda data: b'0' * 32",
    "encoder": "import selfsame.runtime.shadow.outcome as o; o.Encoder.part = lambda self, value: b''",
    "outcome": "import selfsame.runtime.shadow.calls as c; c.Outcome = None",
    "flags": "import gc, selfsame.runtime.shadow.audit as a\n        for x in gc.get_objects():\n            if type(x) is a.Audit: x.flag = lambda what: None; x.phase = None",
    "wire": "import selfsame.runtime.link.wire as w; w.pack = lambda message: b''",
    "equality": "import builtins; builtins.sorted = lambda *a, **k: []",
}  # fmt: skip
"""Attacks on the worker's own machinery; these return a wrong answer, which must not pass."""
HARMLESS = {
    "memory": "[0] * (1 << 40)",
    "memory bit by bit": "a = [0]\n        while True: a = a + a",
    "deep recursion": "f = lambda: f(); f()",
    "system exit": "raise SystemExit(3)",
    "interrupt": "raise KeyboardInterrupt",
    "devnull": "import os; os.devnull",
}
"""Caught and over: nothing is left of it, and the answer is right."""
SAME = "def score(xs, k):\n    return [x * k + OFFSET for x in xs]\n"


class Outside:
    """What attempts aim at: a folder with a file, a port that listens, this process's signals."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "outside"
        self.folder.mkdir()
        self.there = self.folder / "there"
        self.there.write_text("untouched")
        self.there.chmod(0o644)
        self.new = self.folder / "new"
        self.signals: list[int] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.port = self.listening.getsockname()[1]
        self.udp.bind(("127.0.0.1", self.port))
        self._before = self.state()

    def text(self, attempts: dict[str, str], ending: str) -> str:
        """One function with a branch for each attempt."""
        rows = ["def score(xs, k):"]
        for number, body in enumerate(attempts.values()):
            made = body.format(
                new=str(self.new), there=str(self.there), folder=str(self.folder),
                port=self.port, signal=int(signal.SIGUSR1),
            )  # fmt: skip
            rows += [
                f"    if k == {number}:",
                "      try:",
                f"        {made.lstrip()}",
                "      except BaseException: pass",
            ]
        return "\n".join([*rows, f"    return {ending}", ""])

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.signals.append(number)

    def state(self) -> tuple[object, ...]:
        """All that an attempt could have changed."""
        ready, _, _ = select.select([self.listening, self.udp], [], [], 0)
        found = self.there.stat()
        return (
            sorted(os.listdir(self.folder)), self.there.read_text(), stat.S_IMODE(found.st_mode),
            found.st_mtime_ns, found.st_uid, found.st_nlink, len(ready), list(self.signals),
            os.getcwd(),
        )  # fmt: skip

    def untouched(self) -> bool:
        return self.state() == self._before


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setattr("selfsame.runtime.shadow.bench.GRACE_S", 1.0)
    found = Outside(tmp_path)
    before = signal.signal(signal.SIGUSR1, found.on_signal)
    yield found
    signal.signal(signal.SIGUSR1, before)
    found.listening.close()
    found.udp.close()


RIGHT, WRONG = "[x * k + OFFSET for x in xs]", "xs[::-1]"


def attempt(bench: Bench, number: int) -> str:
    """How one attempt ended: why it is no pass, or ""."""
    replay = Replay()
    try:
        found = bench.calls("variation", ("variation",), [("captured", number)], Budget(0.3, 1.0))
        outcome = found[0][0]
    except (WorkerLost, WorkerFailed) as error:
        bench.restart("variation")
        return str(error)
    assert not replay.captured
    if outcome.ended != "returned":
        return outcome.ended
    return ", ".join(outcome.flags)


def entered(shop: Any, make: Any, text: str, count: int, without: tuple[str, ...]) -> Bench:
    """A bench whose one worker runs the attempts."""
    payloads = [make([1, 2, 3], number, OFFSET=3) for number in range(count)]
    found = Bench(shop.request("score", text, payloads), payloads, None, names=("variation",))
    found._limits = replace(found._limits, without=without)
    return found


@pytest.mark.parametrize(
    "without",
    [
        (),
        ("seccomp filter",),
        pytest.param(("Landlock",), marks=pytest.mark.slow),
        pytest.param(("network namespace",), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_no_effect_gets_out_or_passes(
    bench: Any, make: Any, outside: Outside, without: tuple[str, ...]
) -> None:
    text = outside.text(EFFECTS, RIGHT)
    with entered(bench, make, text, len(EFFECTS), without) as worker:
        passed = [n for k, n in enumerate(EFFECTS) if not attempt(worker, k)]
    assert ", ".join(passed) == ""
    assert outside.untouched()


BEHIND_THE_HOOK = [
    name
    for name, body in EFFECTS.items()
    if "hang" not in name and "sleep" not in name and "lock" not in name and "{" in body
]


@pytest.mark.parametrize(
    "without", [("audit hook",), ("audit hook", "Landlock"), ("audit hook", "network namespace")], ids=str
)  # fmt: skip
def test_the_kernel_holds_what_the_hook_would_have_stopped(
    bench: Any, make: Any, outside: Outside, without: tuple[str, ...]
) -> None:
    there = {layer.name for layer in layers() if layer.available} - set(without)
    if "seccomp filter" not in there:
        pytest.skip("this host has no seccomp")
    attempts = {name: EFFECTS[name] for name in BEHIND_THE_HOOK} | UNSEEN
    with entered(bench, make, outside.text(attempts, RIGHT), len(attempts), without) as worker:
        for number in range(len(attempts)):
            attempt(worker, number)
    assert outside.untouched()
    assert not os.path.exists("/dev/shm/sem.selfsame")


@pytest.mark.parametrize("number", range(len(FORGED)), ids=list(FORGED))
def test_no_forged_answer_passes(bench: Any, make: Any, outside: Outside, number: int) -> None:
    payloads = [make([n, n + 1, n + 5], number, OFFSET=3) for n in range(8)]
    request = bench.request("score", outside.text(FORGED, WRONG), payloads)
    with Bench(request, payloads, None) as both:
        replay = Replay()
        with contextlib.suppress(Mismatch, WorkerLost, WorkerFailed):
            replay_captured(both, [1000] * len(payloads), float("inf"), replay)
    assert replay.captured == 0
    assert outside.untouched()


def test_what_is_caught_and_over_is_harmless(bench: Any, make: Any, outside: Outside) -> None:
    text = outside.text(HARMLESS, RIGHT)
    with entered(bench, make, text, len(HARMLESS), ()) as worker:
        ended = [attempt(worker, number) for number in range(len(HARMLESS))]
    assert set(ended) <= {"", "late", "did not answer in time"}
    assert outside.untouched()


@pytest.mark.parametrize(
    "without", [("resource limits",), ("Landlock", "seccomp filter"), ("resource limits", "Landlock")]
)  # fmt: skip
def test_too_few_layers_refuse_the_node_and_say_so(
    bench: Any, numbers: list[bytes], without: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.shadow.bench.Limits", partial(Limits, without=without))
    trial = run_trial(bench.request("score", SAME, numbers))
    assert (trial.same, trial.promotable) == ("inconclusive", False)
    assert trial.refused.startswith("this host cannot enclose a worker: it lacks ")
    assert all(name in trial.refused for name in without)


def test_what_a_host_must_have() -> None:
    found = layers()
    assert lacking(found) == ""
    assert lacking([layer for layer in found if layer.name != "resource limits"]) != ""


def test_there_are_enough_attempts() -> None:
    assert len(EFFECTS) + len(FORGED) >= 60
