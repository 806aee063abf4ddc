"""What `run --keep-inputs` keeps, what `optimize --from last` takes of it, and what `--rerun` refuses."""

import errno
import hashlib
import pickle
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.cli.rerun import again
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine import corpus
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.engine.settings import Settings
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.versions.store import Store

TEXT = "def f(a):\n    return a + 1\n\ndef g(a):\n    return a\n"


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def engine(folder: Path) -> Any:
    """As much of an engine as a corpus is written from and read into."""
    return SimpleNamespace(
        settings=Settings("store", "run", roots=(str(folder),), command=("python", "app.py")),
        workshop=SimpleNamespace(program={"path": [str(folder)], "cwd": "/", "main": "app"}),
        graph=LivingGraph(),
        modules=Modules((str(folder),)),
        captures=Captures(),
        candidates=SimpleNamespace(binding=None),
        constraints=SimpleNamespace(bind=lambda: "bound"),
    )


def kept(folder: Path) -> Any:
    (folder / "app.py").write_text(TEXT)
    source = Source.read(folder / "app.py", "app")
    code = plain_code(source)
    rows = [
        (d.qualname, d.line, fingerprint(function_code(code, d.qualname, d.line)), d.kind)
        for d in definitions(source)
    ]
    made = engine(folder)
    made.modules.register("app", source.path, rows, -1, True)
    payloads = [pickle.dumps({"args": (n,), "globals": {}}) for n in range(3)]
    calls = [(payloads[n], 1_000 + n) for n in (0, 1, 0, 2)]
    made.captures.add("app:f", calls, {"too large": 2}, 9, nested=[1])
    live = made.graph.node("app:f")
    live.own, live.total, made.graph.program.samples = 40, 50, 100
    assert corpus.write(made, folder) == 1
    return made


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    first, second = kept(tmp_path), engine(tmp_path)
    assert (tmp_path / corpus.FILE).stat().st_mode & 0o777 == 0o600
    corpus.load(second, tmp_path)
    assert second.captures.calls("app:f") == first.captures.calls("app:f")
    assert second.captures.sequence("app:f", second.captures.calls("app:f")) == [0, 1, 0, 2]
    assert second.captures.outermost("app:f", second.captures.calls("app:f")) == {0, 2}
    assert second.captures.seen("app:f") == 9
    assert second.captures.refusals("app:f") == {"too large": 2}
    assert second.graph.share("app:f") == first.graph.share("app:f")
    assert sorted(second.modules.nodes) == ["app:f", "app:g"]
    assert not second.modules.nodes["app:f"].blocked and second.candidates.binding == "bound"


def test_calls_of_code_that_has_changed_are_left_out(tmp_path: Path) -> None:
    kept(tmp_path)
    (tmp_path / "app.py").write_text(TEXT.replace("+ 1", "+ 2"))
    second = engine(tmp_path)
    corpus.load(second, tmp_path)
    assert second.captures.calls("app:f") == []
    assert "has changed since" in second.modules.problems[0]


def test_what_cannot_be_worked_from_says_why(tmp_path: Path) -> None:
    with pytest.raises(corpus.Unusable, match="nothing was kept of the last run"):
        corpus.read(tmp_path)
    kept(tmp_path)
    data = (tmp_path / corpus.FILE).read_bytes()
    (tmp_path / corpus.FILE).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(corpus.Unusable, match="is damaged"):
        corpus.read(tmp_path)
    other = engine(tmp_path)
    corpus.write(other, tmp_path)
    with pytest.raises(corpus.Unusable, match="kept no call"):
        corpus.read(tmp_path)


def test_what_another_wrote_is_not_worked_from(tmp_path: Path, monkeypatch) -> None:
    kept(tmp_path)
    key = tmp_path / "state" / "selfsame" / "key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
    assert corpus.read(tmp_path)
    data = (tmp_path / corpus.FILE).read_bytes()[32:]
    (tmp_path / corpus.FILE).write_bytes(hashlib.sha256(data).digest() + data)
    with pytest.raises(corpus.Unusable, match="not written by you"):
        corpus.read(tmp_path)
    kept(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user's"))
    with pytest.raises(corpus.Unusable, match="not written by you"):
        corpus.read(tmp_path)
    key.chmod(0o644)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.raises(corpus.Unusable, match="key: is no secret of this user's: remove it"):
        corpus.read(tmp_path)


def test_nothing_is_left_of_what_cannot_be_written(tmp_path: Path, monkeypatch) -> None:
    kept(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        corpus.write(engine(tmp_path), tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def verb(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "selfsame", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_verb_refuses(tmp_path: Path) -> None:
    done = verb(tmp_path, "optimize", "--from", "last", "--store", "store")
    assert done.returncode == 1 and "run --keep-inputs" in done.stderr
    done = verb(tmp_path, "optimize", "--from", "last", "app.py")
    assert done.returncode == 2 and "--from last runs nothing" in done.stderr


SNAPSHOT = {"outside": [], "wanting": ["a:f"], "young": False, "ended": 1, "agents": []}


@pytest.mark.parametrize(
    ("seen", "left_s", "answer", "said"),
    [
        ({}, 60.0, True, "run again until the time is up: more calls of 1 function are wanted"),
        ({"wanting": [], "young": True}, 60.0, True, "more looks at what it does are wanted"),
        ({"wanting": []}, 60.0, False, ""),
        ({}, -1.0, False, ""),
        ({"outside": ["writes files"]}, 60.0, False, "refused: the program writes files"),
        ({"ended": 0}, 60.0, False, "what the program did outside was not seen to its end"),
    ],
)
def test_when_a_workload_is_run_again(
    tmp_path: Path, monkeypatch, seen: dict[str, Any], left_s: float, answer: bool, said: str
) -> None:
    monkeypatch.setattr("selfsame.cli.rerun.PATIENCE_S", 0.1)
    told: list[str] = []
    with Store.open(tmp_path / "store") as store:
        store.put_snapshot("run", {**SNAPSHOT, **seen, "at": time.time() + 100, "run": "run"})
    until = time.monotonic() + left_s
    assert again(tmp_path / "store", "run", 1, until, told.append) is answer
    assert said in " ".join(told) and bool(told) == bool(said)


OUTSIDE = """
import sys
from selfsame.runtime.agent import outside
outside.watch("/own.sock")
exec(sys.argv[1])
print(sorted(outside.seen))
"""


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        ("print(open('app.py').read()); open('/dev/null', 'w')", []),
        ("import json.tool, sqlite3; sqlite3.connect(':memory:')", []),
        ("open('new.txt', 'a')", ["writes files"]),
        ("import os; os.mkdir('new')", ["makes folders"]),
        ("import subprocess; subprocess.run(['true'])", ["runs other programs"]),
        ("import os; os.fork() or os._exit(0)", ["starts processes"]),
        (
            "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
            ["connects to others"],
        ),
        ("import sqlite3; sqlite3.connect('new.db')", ["opens a database"]),
        (
            "import multiprocessing.popen_spawn_posix",
            ["starts processes"],
        ),
    ],
)
def test_effects_outside_are_seen(tmp_path: Path, text: str, effects: list[str]) -> None:
    (tmp_path / "app.py").write_text(TEXT)
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE, text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == str(effects), done.stderr


PROGRAM = """
import random
def collatz(start: int, most: int) -> int:
    best = 0
    for n in range(start, start + most):
        steps, value = 0, n
        while value != 1:
            value = value // 2 if value % 2 == 0 else 3 * value + 1
            steps += 1
        best = max(best, steps)
    return best

random.seed(3)
print(sum(collatz(random.randrange(1, 5000), random.randrange(20, 60)) for _ in range(4000)))
"""


def lasting(seconds: float) -> str:
    """The program with as many calls as take about so long here."""
    space: dict[str, Any] = {}
    exec(PROGRAM.partition("random.seed")[0], space)
    began = time.perf_counter()
    for start in range(1, 5000, 100):
        space["collatz"](start, 40)
    each = (time.perf_counter() - began) / 50
    return PROGRAM.replace("range(4000)", f"range({int(seconds / each)})")


@pytest.mark.slow
def test_from_a_run_to_a_manifest_without_another_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(lasting(3.0))
    plain = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )
    done = verb(tmp_path, "run", "--store", "store", "--keep-inputs", "app.py")
    assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr
    assert "has captured calls, with your program's own values" in done.stderr
    done = verb(tmp_path, "optimize", "--store", "store", "--from", "last", "--budget", "90s")
    assert done.returncode == 0 and not done.stdout, done.stderr
    assert "node app:collatz" in (tmp_path / "selfsame.lock").read_text()


@pytest.mark.slow
def test_a_short_program_is_run_again(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(lasting(0.3))
    words = ("optimize", "--store", "store", "--rerun", "--budget", "90s", "app.py")
    done = verb(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert "run again until the time is up" in done.stderr
    assert len(set(done.stdout.splitlines())) == 1 < len(done.stdout.splitlines())
