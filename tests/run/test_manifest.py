"""A manifest of one checkout runs in another one, checked, made again and tried in brief."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from selfsame.cli.adopted import read_record
from selfsame.cli.options import optimize_level
from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.mutation.adoption import Place, adopt
from selfsame.runtime.versions.manifest import Manifest, NodeEntry, print_manifest
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.text import manifest_text, parse_manifest
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Observed, Site, print_observed
from selfsame.variants.variation import Variation

PROGRAM = """
import sys, time

def shared(words: list[str], known: list[str]) -> int:
    count = 0
    for word in words:
        if word in known:
            count += 1
    return count

def other(words):
    return len(words)

def unwatched(words, known):
    count = 0
    for word in words:
        if word in known:
            count += 1
    return count

known = [f"k{i}" for i in range(300)]
end = time.monotonic() + float(sys.argv[1])
plain = unwatched.__code__.co_varnames  # which a probe leaves as they are; those of shared may be the rewrite's already
changed = False
while time.monotonic() < end and not changed:
    assert shared(known, known) == 300
    changed = shared.__code__.co_varnames != plain
    time.sleep(0.002)
print("rewritten" if changed else "original", flush=True)
"""


def checkout(folder: Path, text: str = PROGRAM) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(text)
    return folder


def lock(folder: Path, template: str = "linear-membership-to-set", types: str = "list[str]") -> str:
    """The manifest that a promotion in this checkout makes."""
    source, address = Source.read(folder / "app.py", "app"), "app:shared"
    definition = next(d for d in definitions(source) if d.address == address)
    facts = ModuleFacts.of(source, lambda name: None)
    observed = Observed({p: frozenset([types]) for p in ("words", "known")}, {"known": 300})
    made, _ = variations_for(Site(source, definition, facts, observed, optimize=0))
    found = next(v for v in made if v.template == template)
    assert isinstance(found, Variation)
    entry = NodeEntry(
        address,
        content_hash(definition.node),
        "active",
        found.id,
        template=found.template,
        family=found.family,
        parameters=found.parameters,
        observed=print_observed(observed),
        guards=found.guards,
        dependencies={**found.dependencies, **facts.dependencies(address)},
    )
    return print_manifest(Manifest({address: entry}, author="ada", reason="x"))


def run(folder: Path, *options: str, seconds: str = "20") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "selfsame", "run", "--store", "store", *options, "app.py", seconds],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "SELFSAME"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_second_checkout_runs_it_without_an_engine(tmp_path: Path) -> None:
    text = lock(checkout(tmp_path / "one"))
    two = checkout(tmp_path / "two", "# moved down by a comment\n" + PROGRAM)
    (two / "selfsame.lock").write_text(text)
    done = run(two, "--manifest", "selfsame.lock", "--passive")
    assert (done.returncode, done.stdout) == (0, "rewritten\n"), done.stderr
    assert "selfsame.lock: 1 rewrite put in, 0 left out" in done.stderr
    with Store.open(two / "store", create=False) as store:
        entry = store.head().manifest.nodes["app:shared"]
        assert entry.state == "active" and entry.by != "selfsame"
        assert store.get_rewrite(entry.rewrite).template == entry.template
        assert store.trials("app:shared")[0]["same"] == "same"
        assert not list(store.directory.glob("engine.*"))
    # What a person says reaches it all the same, and is not overruled at the next start.
    pin = [sys.executable, "-m", "selfsame", "pin", "--store", "store", "app:shared=original"]
    subprocess.run(pin, cwd=two, check=True, capture_output=True, timeout=60)
    done = run(two, "--manifest", "selfsame.lock", "--passive", seconds="2")
    assert done.stdout == "original\n" and "here it is pinned" in done.stderr


def test_a_second_start_takes_what_the_first_found_while_it_holds(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "one")
    (folder / "selfsame.lock").write_text(lock(folder))
    passive = ("--manifest", "selfsame.lock", "--passive")

    def start() -> tuple[str, bool]:
        done = run(folder, *passive)
        assert "1 rewrite put in, 0 left out" in done.stderr, done.stderr
        return done.stdout, "making its rewrite again" in done.stderr

    assert [start(), start()] == [("rewritten\n", True), ("rewritten\n", False)]
    # Another version of the store: it is laid over that one, without being made again.
    verb = [sys.executable, "-m", "selfsame", "revert", "--store", "store", "head~1"]
    subprocess.run(verb, cwd=folder, check=True, capture_output=True, timeout=60)
    assert start() == ("rewritten\n", False)
    # Any text of the program's that was read, even by a comment, and a module that was not there.
    (folder / "app.py").write_text(PROGRAM + "# more\n")
    assert [start(), start()] == [("rewritten\n", True), ("rewritten\n", False)]
    (folder / "time.py").write_text("def unlike(): pass\n")
    assert start() == ("rewritten\n", True)
    # What was written for the agents is another: it is made again, and never loaded.
    for kept in (folder / "store").glob("passive-*[!n]"):
        kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    assert [start(), start()] == [("rewritten\n", True), ("rewritten\n", False)]


def test_what_a_start_kept_is_taken_from_nobody_else(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "one")
    (folder / "selfsame.lock").write_text(lock(folder))
    passive = ("--manifest", "selfsame.lock", "--passive")
    assert run(folder, *passive).stdout == "rewritten\n"
    (record,) = (folder / "store").glob("passive-*.json")
    text = record.read_text()
    for open_to_all in (record, folder / "store"):
        mode = open_to_all.stat().st_mode & 0o777
        open_to_all.chmod(0o777)
        done = run(folder, *passive, seconds="0.1")
        assert (done.returncode, done.stdout) == (0, "original\n")
        assert "every user of this machine can write here" in done.stderr
        open_to_all.chmod(mode)
    # The number of a descriptor in place of a path: it is not read, and not closed.
    record.write_text(text.replace('"files": [', '"files": [[1, ""], '))
    assert read_record(record) is None
    assert run(folder, *passive).stdout == "rewritten\n"
    for bad in ("", "null", "[]", '{"format": 2}', text[:-9], text.replace('["', '[["')):
        record.write_text(bad)
        assert read_record(record) is None
    record.write_text(text)
    assert read_record(record) is not None


def left_out(folder: Path, text: str) -> dict[str, str]:
    """What is left out of a manifest in a checkout, and why."""
    with Store.open(folder / "store") as store:
        return adopt(parse_manifest(text), store, place(folder), alone=True).left_out


def place(folder: Path) -> Place:
    """Where the program of a checkout is."""
    return Place([str(folder)], "app", [str(folder), *sys.path], str(folder))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("count += 1", "count += 2 - 1", "its code has changed"),
        ("def shared", "def shared2", "no function app:shared"),
    ],
)
def test_changed_code_is_left_out_by_name(tmp_path: Path, old: str, new: str, word: str) -> None:
    text = lock(checkout(tmp_path / "one"))
    two = checkout(tmp_path / "two", PROGRAM.replace(old, new))
    assert word in left_out(two, text)["app:shared"]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("rewrite: ", "rewrite: 0", "refused: made again"),
        ("template: linear-membership-to-set", "template: no-such", "no template"),
        ("depends python = ", "depends python = 2.", "what it relied on has changed: python"),
        ("depends app:shared = ", "depends app:shared = 0", "changed: app:shared"),
        ("content: ", "content: 0", "its code has changed"),
    ],
)
def test_a_tampered_manifest_is_refused(tmp_path: Path, old: str, new: str, word: str) -> None:
    folder = checkout(tmp_path / "one")
    text = lock(folder)
    assert left_out(folder, text) == {}
    assert old in text
    assert word in left_out(folder, text.replace(old, new, 1))["app:shared"]


def test_evidence_of_elsewhere_is_no_evidence_of_here(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "one")
    (entry,) = parse_manifest(lock(folder)).nodes.values()
    evidence = ("replayed 99999999", "fuzzed 1")
    claimed = replace(entry, guards=("none at all",), evidence=evidence, speedup="0.1x")
    text = print_manifest(Manifest({"app:shared": claimed}, author="ada", reason="x"))
    with Store.open(folder / "store") as store:
        for _ in range(2):  # the second time it is what the head says
            adopted = adopt(parse_manifest(text), store, place(folder), alone=True)
            found = adopted.entries["app:shared"]
            assert (found.guards, found.promised) == (entry.guards, 1.0)
            assert [e.partition(" ")[0] for e in found.evidence] == ["fuzzed", *["elsewhere"] * 2]
            assert "elsewhere replayed 99999999" in found.evidence
            store.commit(adopted.change(), author="ada", reason="adopt")
            text = text.replace("fuzzed 1\n", "fuzzed 7\n")


@pytest.mark.skipif(not shutil.which("gcc"), reason="no C compiler")
def test_a_manifest_keeps_no_order_of_parameters_and_needs_none(tmp_path: Path) -> None:
    """It has what was observed by name; the rewrite's guards are in the order of the parameters."""
    folder = checkout(tmp_path / "one")
    text = lock(folder, "pure-function-to-cython")
    guards = [line for line in text.splitlines() if "guard:" in line]
    assert [g.partition("(")[2][:5] for g in guards] == ["words", "known"]
    assert left_out(folder, text) == {}


def test_what_was_rolled_back_here_does_not_come_back(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "one")
    text = lock(folder)
    (entry,) = parse_manifest(text).nodes.values()
    barred = replace(entry, rewrite="original", state="barred", reason="it errs")
    with Store.open(folder / "store") as store:
        store.commit(lambda m: m.with_entry(barred), author="selfsame", reason="rolled back")
    assert left_out(folder, text) == {"app:shared": "here it is barred: it errs"}


@pytest.mark.slow
def test_what_is_shown_can_be_run(tmp_path: Path) -> None:
    one = checkout(tmp_path / "one")
    (one / "selfsame.lock").write_text(lock(one))
    assert run(one, "--manifest", "selfsame.lock", "--passive").stdout == "rewritten\n"
    show = [sys.executable, "-m", "selfsame", "show", "--store", "store"]
    shown = subprocess.run(show, cwd=one, check=True, capture_output=True, text=True, timeout=60)
    two = checkout(tmp_path / "two")
    (two / "selfsame.lock").write_text(shown.stdout)
    assert run(two, "--manifest", "selfsame.lock").stdout == "rewritten\n"
    assert run(two).stdout == "rewritten\n"  # the store has it now
    safe = run(two, "--safe-mode", seconds="2")
    assert (safe.returncode, safe.stdout) == (0, "original\n")


def test_a_broken_manifest_says_where(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "one")
    (folder / "selfsame.lock").write_text("selfsame manifest 1\n<<<<<<< ours\n")
    done = run(folder, "--manifest", "selfsame.lock", "--passive", seconds="0.1")
    assert (done.returncode, done.stdout) == (0, "original\n")
    assert "selfsame.lock:2:1" in done.stderr and "a merge conflict is left" in done.stderr
    assert "the program runs unchanged" in done.stderr
    (folder / "selfsame.lock").write_bytes(b"selfsame manifest 1\n#\xff\n")
    with pytest.raises(UserError) as caught:
        manifest_text(folder / "selfsame.lock")
    assert "selfsame.lock:2:2: not a manifest: byte 0xff is not UTF-8" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "level"), [(None, 0), ("", 0), ("0", 0), ("2", 2), ("x", 1), ("-3", 1), ("yes", 1)]
)
def test_optimisation_is_read_as_python_reads_it(monkeypatch, said: str | None, level: int) -> None:
    monkeypatch.delenv("PYTHONOPTIMIZE", raising=False)
    if said is not None:
        monkeypatch.setenv("PYTHONOPTIMIZE", said)
    python = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.flags.optimize)"], capture_output=True
    )
    assert optimize_level() == level == int(python.stdout)
