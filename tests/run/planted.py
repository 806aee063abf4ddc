"""Rewrites that were put into a store by hand, as if a trial had passed them."""

import ast
import marshal
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

PROGRAM = """
import os, random, sys, time

{function}

def main():
    rng = random.Random(3)
    print("ready", flush=True)
    while not os.path.exists("stop"):
        {call}
        time.sleep(0.0005)

main()
"""

SUM = """
def work(n):
    total = 0
    for i in range(n):
        total += i
    return total
"""
FAST = "def work(n):\n    m = len(range(n))\n    return m * (m - 1) // 2"
CALL = "work(rng.randrange(100, 3000))"
LARGE = "work(rng.randrange(100, 300) if rng.random() < 0.98 else rng.randrange(15_000, 20_000))"

# What is wrong with a rewrite: its text, how it is called, and what it is rolled back for.
PLANTED = {
    "wrong for a rare input": (
        FAST.replace("return", "return (n % 97 == 5) +"),
        CALL,
        "compared with the original",
    ),
    "slow for large inputs alone": (
        FAST.replace(
            "return",
            "if n > 1000:\n        for _ in range(m): sum((1, 2, 3), 4)\n    return",
        ),
        LARGE,
        "times as long",
    ),
    "keeps memory": (
        FAST.replace(
            "return",
            "import builtins\n    builtins.__dict__.setdefault('kept', []).append(bytes(200))\n"
            "    return",
        ),
        CALL,
        "bytes for good",
    ),
}

# Some calls end the process.
CRASH = FAST.replace("return", "import ctypes\n    if n % 10 == 7: ctypes.string_at(0)\n    return")


def plant(
    folder: Path, function: str, rewrite: str, call: str, state: str = "canary", share: str = "25%"
) -> str:
    """Write ``app.py`` with a function ``work`` and commit ``rewrite`` of it; returns its id."""
    path = folder / "app.py"
    path.write_text(
        PROGRAM.format(
            function=textwrap.dedent(function),
            call=textwrap.indent(textwrap.dedent(call).strip(), " " * 8).lstrip(),
        )
    )
    source = Source.read(path, "app")
    definition = next(d for d in definitions(source) if d.address == "app:work")
    (new,) = ast.parse(textwrap.dedent(rewrite).strip()).body
    assert isinstance(new, ast.FunctionDef)
    code = marshal.dumps(with_function(source, definition, new))
    variation = Variation("app:work", "planted", "refactor", "planted", rewrite, code)
    entry = NodeEntry(
        "app:work",
        content_hash(definition.node),
        state,
        variation.id,
        template="planted",
        canary=share if state == "canary" else "",
        dependencies=ModuleFacts.of(source, lambda name: None).dependencies("app:work"),
    )
    with Store.open(folder / "store") as store:
        store.put_rewrite(variation)
        store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="planted")
    return variation.id


def start(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """Run ``app.py`` under selfsame; it ends when ``stop`` is there."""
    return subprocess.Popen(
        [sys.executable, "-m", "selfsame", "run", "--store", "store", *options, "app.py"],
        cwd=folder,
        env=os.environ | {"PYTHONFAULTHANDLER": ""},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stop(folder: Path, process: "subprocess.Popen[str]") -> str:
    """Let the program end; what was said on stderr."""
    (folder / "stop").touch()
    try:
        _, error = process.communicate(timeout=90)
    finally:
        process.kill()
        (folder / "stop").unlink(missing_ok=True)
    return error


def wait_for(folder: Path, there: Callable[[NodeEntry | None], bool], seconds: float = 120) -> None:
    """Wait until the head says something of ``app:work`` that is so."""
    end = time.monotonic() + seconds
    with Store.open(folder / "store", create=False) as store:
        while not there(entry := store.head().manifest.nodes.get("app:work")):
            assert time.monotonic() < end, (entry, [e.reason for e in store.events()][-12:])
            time.sleep(0.05)
