"""Results between calls in a whole program: kept, shared with a fork, forgotten with what they rest on."""

import os
import subprocess
import sys
from pathlib import Path

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.versions.manifest import Manifest, NodeEntry, print_manifest
from selfsame.variants.catalogue import template_named
from selfsame.variants.site import AnyTemplate, Observed, Site, print_observed
from selfsame.variants.variation import Variation

PROGRAM = """
import os
import subprocess
import sys
import time
from unittest import mock

from selfsame.runtime.agent import memo


def part(n: int) -> int:
    return n * n % 7


def shared(n: int, name: str) -> str:
    total = 0
    for k in range(n):
        total += part(k)
    return name * (total % 5)


def results() -> int:
    return sum(len(m.results) for m in memo.memories.values())


def until(what: str, holds) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert shared(9, "a") == plain(9, "a")
        if time.monotonic() > end:
            sys.exit(f"not in time: {what}")
        time.sleep(0.002)
    print(what, flush=True)


def plain(n, name):
    return name * (sum(k * k % 7 for k in range(n)) % 5)


def selfsame(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "selfsame", *words, "--store", "store"], check=True,
                   stdout=subprocess.DEVNULL)


code = shared.__code__.co_code
until("kept", results)
assert shared.__code__.co_code != code
for n in range(30):
    assert shared(n, "b") == plain(n, "b") == shared(n, "b")
assert results() == 31
if not (child := os.fork()):
    ok = shared(3, "b") == plain(3, "b") and shared(40, "c") == plain(40, "c")
    os._exit(0 if ok and results() == 32 else 1)
assert os.waitpid(child, 0)[1] == 0
with mock.patch.object(sys.modules["__main__"], "part", lambda n: 1):  # seen at once
    assert shared(9, "a") == "a" * (9 % 5) and shared(5, "z") == ""
assert shared(9, "a") == plain(9, "a") and shared(5, "z") == plain(5, "z")
with mock.patch.object(sys.modules["__main__"], "part", lambda n: 1):
    end = time.monotonic() + 60
    while results() and time.monotonic() < end:
        assert shared(9, "a") == "a" * (9 % 5)
        time.sleep(0.002)
    assert not results()
print("forgotten with a callee", flush=True)
until("kept again", results)
selfsame("off")
until("forgotten when switched off", lambda: not results() and shared.__code__.co_code == code)
selfsame("on")
until("kept once more", results)
selfsame("pin", "app:shared=original")
until("forgotten with a pin", lambda: not results() and shared.__code__.co_code == code)
"""


def test_a_program_with_kept_results(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    source, address = Source.read(tmp_path / "app.py", "app"), "app:shared"
    definition = next(d for d in definitions(source) if d.address == address)
    facts = ModuleFacts.of(source, lambda name: None)
    observed = Observed({"n": frozenset(["int"]), "name": frozenset(["str"])}, {}, 0.9)
    template = template_named("repeated-arguments-to-memory")
    assert template is not None
    site = Site(source, definition, facts, observed, AnyTemplate(cache_bytes=20_000), optimize=0)
    (made,) = template.variations(site)
    assert isinstance(made, Variation)
    entry = NodeEntry(
        address,
        content_hash(definition.node),
        "active",
        made.id,
        template=made.template,
        family=made.family,
        parameters=made.parameters,
        observed=print_observed(observed),
        dependencies={**made.dependencies, **facts.dependencies(address)},
    )
    assert entry.parameters == {"most_bytes": "20000"}
    text = print_manifest(Manifest({address: entry}, author="ada", reason="x"))
    (tmp_path / "selfsame.lock").write_text(text)
    words = ["run", "--store", "store", "--manifest", "selfsame.lock", "--passive", "app.py"]
    done = subprocess.run(
        [sys.executable, "-m", "selfsame", *words],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "SELFSAME"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "kept",
        "forgotten with a callee",
        "kept again",
        "forgotten when switched off",
        "kept once more",
        "forgotten with a pin",
    ]
