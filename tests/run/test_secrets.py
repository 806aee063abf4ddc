"""Values of the program's stay in memory: they are looked for in all that is written or said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import random, time

HIDDEN = bytes.fromhex("{hidden}")[::-1].decode()
"Known when the program runs, and in no text of it."
KNOWN = [f"{{HIDDEN}}-global-{{n}}" for n in range(150)]
LIMIT = {number} + len(HIDDEN)

def shared(words, known, limit):
    count = 0
    for word in words:
        if word in known and limit == LIMIT:
            count += 1
    return count

def labelled(words):
    out = ""
    for word in words:
        out += KNOWN[0] + word
    return out

def failing(word):
    if len(word) > 3:
        raise ValueError(word + KNOWN[1])
    return word

rng = random.Random(5)
end = time.process_time() + 3.0
calls = 0
while time.process_time() < end or calls < 400:
    known = [f"{{HIDDEN}}-argument-{{rng.randrange(10_000)}}" for _ in range(150)]
    shared([f"{{HIDDEN}}-argument-{{rng.randrange(10_000)}}" for _ in range(150)], known, LIMIT)
    labelled(known)
    try:
        failing(known[0])
    except ValueError:
        pass
    calls += 1
print("ok")
"""
HIDDEN = "xyzzy-planted-secret"
NUMBER = 817_263_549_111
SEEN_NUMBER = NUMBER + len(HIDDEN)
WRONG = """
def same(words: list[str]) -> list[str]:
    return [word for word in words]


def other(words: list[str]) -> list[str]:
    return [word for word in words if not word.endswith("7")]
"""
CALLS = """
from pair import same
HIDDEN = bytes.fromhex("{hidden}")[::-1].decode()
for n in range(60):
    same([HIDDEN + str(k) for k in range(n)])
"""


def call(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "selfsame", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "SELFSAME_LOG": "debug"},
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def needles() -> list[bytes]:
    """Ways in which the secrets could be written."""
    text = HIDDEN.encode()
    numbers = [str(SEEN_NUMBER).encode(), hex(SEEN_NUMBER)[2:].encode()]
    return [text, text.hex().encode(), HIDDEN.encode("utf-16-le"), *numbers]


def leaks(folder: Path, allowed: set[str]) -> list[str]:
    return [
        f"{path.relative_to(folder)}: {needle!r}"
        for path in folder.rglob("*")
        if path.is_file() and path.name not in allowed
        for needle in needles()
        if needle in path.read_bytes()
    ]


@pytest.mark.slow
def test_no_secret_is_written_or_said(tmp_path: Path) -> None:
    hidden = HIDDEN.encode()[::-1].hex()
    (tmp_path / "app.py").write_text(PROGRAM.format(hidden=hidden, number=NUMBER))
    store = ("--store", "store")
    said = {
        "optimize": call(
            tmp_path, "optimize", *store, "--budget", "60s", "-o", "app.lock", "app.py"
        )
    }
    assert "ok" in said["optimize"]
    assert (tmp_path / "app.lock").is_file(), said["optimize"]
    said["graph"] = call(tmp_path, "graph", *store)
    for verb in ("status", "history"):
        said[verb] = call(tmp_path, verb, *store)
        said[f"{verb} json"] = call(tmp_path, verb, *store, "--json")
    for name in ("shared", "labelled", "failing"):
        said[f"why {name}"] = call(tmp_path, "why", *store, f"app:{name}")
        said[f"why {name} json"] = call(tmp_path, "why", *store, "--json", f"app:{name}")
    said["show"] = call(tmp_path, "show", *store)
    said["report"] = call(tmp_path, "report", *store, "-o", "report.html")
    for stage in ("ico", "facts", "python"):
        said[f"dump {stage}"] = call(tmp_path, "dump", "app.py", "--stage", stage)
    (tmp_path / "pair.py").write_text(WRONG)
    (tmp_path / "calls.py").write_text(CALLS.format(hidden=hidden))
    pair = ("trial", "pair:same", "pair:other", "--workload", "calls.py")
    said["trial"] = call(tmp_path, *pair)
    said["trial json"] = call(tmp_path, *pair, "--json")
    assert '"different"' in said["trial json"]
    told = [verb for verb, text in said.items() for n in needles() if n in text.encode()]
    assert not told, {verb: said[verb][:2000] for verb in told}
    assert not leaks(tmp_path, allowed=set())
    assert (tmp_path / "report.html").stat().st_size > 1000
    planted = tmp_path / "store" / "planted"
    planted.write_bytes(needles()[0])  # the search finds what is there
    assert leaks(tmp_path, allowed=set())
