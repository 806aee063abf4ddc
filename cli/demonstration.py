"""The demo's course: the plain program, the same under selfsame, what came of it, a person's word."""

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files as resource_files
from pathlib import Path
from typing import Any

from rich.console import Console

from selfsame.report.demo import DemoScreen
from selfsame.report.story import story
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.catalogue import template_named

LAST = 10
EVERY = 3
"""The plain program does one batch in so many: that is enough to compare with, and takes as much less time."""
PROGRAM = "near_duplicates.py"
EFFECT_S = 10.0


@dataclass
class Result:
    """What the demo showed. ``speedup`` compares wall time of the last batches, same batches."""

    replaced: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)
    speedup: float = 0.0
    cpu_speedup: float = 0.0
    identical: bool = False
    versions: int = 0

    def as_json(self) -> dict[str, Any]:
        """The last line of ``selfsame demo --json``."""
        return {
            "replaced": self.replaced,
            "families": self.families,
            "speedup": round(self.speedup, 2),
            "cpu_speedup": round(self.cpu_speedup, 2),
            "identical": self.identical,
            "versions": self.versions,
        }


def demonstrate(files: int, seconds: float, folder: str | None) -> Result:
    """Run the demo in ``folder`` (a fresh temporary one if None), telling of it on stdout.

    Over so many files as the plain program gets through in ``seconds``, of which it does a part of the
    batches, but not more than ``files``.
    """
    console = Console(highlight=False)
    work = Path(folder or tempfile.mkdtemp(prefix="selfsame-demo-")).resolve()
    work.mkdir(parents=True, exist_ok=True)
    example = resource_files("selfsame.examples") / "near_duplicates"
    for name in (PROGRAM, "near_duplicates.cdl"):
        (work / name).write_text((example / name).read_text())
    _missing(console)
    paths = sysconfig.get_paths()
    # Some standard libraries are small: files of installed packages go on where they end.
    folders = [paths["stdlib"], paths["purelib"]]
    console.print(
        "[bold]1. The plain program[/], over the standard library's own source first: one batch in "
        f"{EVERY}, to compare with"
    )
    plain = _plain(console, work, ["--every", str(EVERY), "--files", str(files), *folders], seconds)
    words = ["--files", str(max((row["read"] for row in plain), default=0)), *folders]
    console.print(
        "\n[bold]2. The same under selfsame[/], every batch: "
        f"selfsame run --mode auto --cdl {PROGRAM[:-3]}.cdl {PROGRAM}"
    )
    store_folder = work / ".selfsame"
    done = _adaptive(console, work, words, plain, store_folder)
    compared = {row["batch"] for row in plain}
    rows = [row for row in done if row["batch"] in compared]
    with Store.open(store_folder) as store:
        result = _result(store, plain, rows)
        console.print("\n[bold]3. What came of it[/]")
        _before_and_after(console, store, plain, rows, result)
        if result.replaced:
            chosen = result.replaced[0]
            console.print(f"\n[bold]4. selfsame why {chosen}[/]")
            for line in story(store, chosen):
                console.print(f"  {line}", markup=False, soft_wrap=True)
            console.print("\n[bold]5. A person's word[/], on the program started again")
            _person(console, work, store, result)
    console.print(f"\nEverything is in {work}: try [bold]cd {work} && selfsame history[/]")
    return result


def _missing(console: Console) -> None:
    from selfsame.cli.verbs.doctor import examine

    for finding in examine():
        if not finding.ok:
            console.print(f"[yellow]doctor:[/] {finding.name}: {finding.text}")


def _plain(
    console: Console, work: Path, words: Sequence[str], seconds: float
) -> list[dict[str, Any]]:
    report = work / "plain.jsonl"
    command = [sys.executable, PROGRAM, "--report", str(report), *words]
    began, enough = time.monotonic(), False
    with console.status("running...") as status, _started(command, work) as process:
        assert process.stdout is not None
        for line in process.stdout:
            status.update(line.strip())
            if time.monotonic() - began > seconds and not enough:
                enough = True
                process.terminate()
    if process.returncode and not enough:
        raise SystemExit(f"the plain program failed with exit code {process.returncode}")
    rows = _rows(report)
    files = sum(row["files"] for row in rows)
    console.print(f"   {files} files in {len(rows)} batches, {time.monotonic() - began:.1f} s")
    return rows


def _adaptive(
    console: Console,
    work: Path,
    words: Sequence[str],
    plain: Sequence[Mapping[str, Any]],
    store: Path,
) -> list[dict[str, Any]]:
    report = work / "selfsame.jsonl"
    command = _run_command(work, ["--report", str(report), *words])
    with DemoScreen(console, store, plain) as screen, _started(command, work) as process:
        assert process.stdout is not None
        for line in process.stdout:
            screen.progress(line.strip(), _rows(report))
    if process.returncode:
        raise SystemExit(f"the program failed under selfsame with exit code {process.returncode}")
    return _rows(report)


def _run_command(work: Path, arguments: Sequence[str]) -> list[str]:
    return [
        *(sys.executable, "-m", "selfsame", "run", "--no-report", "--mode", "auto"),
        *("--store", str(work / ".selfsame"), "--cdl", str(work / "near_duplicates.cdl")),
        *(PROGRAM, *arguments),
    ]


@contextlib.contextmanager
def _started(command: Sequence[str], work: Path) -> Iterator[subprocess.Popen[str]]:
    """A program whose output is read; ended with the block, however it is left."""
    process = subprocess.Popen(
        list(command),
        cwd=work,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        yield process
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _rows(report: Path) -> list[dict[str, Any]]:
    if not report.exists():
        return []
    return [json.loads(line) for line in report.read_text().splitlines() if line.endswith("}")]


def _families(entry: NodeEntry) -> set[str]:
    """The family of a rewrite, and those of the templates that it combines."""
    parts = [template_named(name) for name in entry.parameters.get("templates", "").split(", ")]
    return {entry.family, *(part.family for part in parts if part is not None)}


def _result(
    store: Store, plain: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Result:
    entries = [e for e in store.head().manifest.nodes.values() if e.runs]
    digests = [r["digest"] for r in plain]
    last = slice(-LAST, None)

    def ratio(name: str) -> float:
        after = sum(r[name] for r in rows[last])
        return sum(r[name] for r in plain[last]) / after if after else 0.0

    return Result(
        replaced=[e.address for e in entries],
        families=sorted({family for e in entries for family in _families(e)}),
        speedup=ratio("seconds"),
        cpu_speedup=ratio("cpu"),
        identical=bool(digests) and digests == [r["digest"] for r in rows],
        versions=len(store.history(limit=1000)),
    )


def _before_and_after(
    console: Console,
    store: Store,
    plain: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    result: Result,
) -> None:
    from selfsame.report.demo import before_and_after

    console.print(before_and_after(store))
    console.print(
        f"results of all {len(plain)} batches that both did: "
        + ("[green]identical[/]" if result.identical else "[bold red]DIFFERENT[/]")
    )
    files = sum(r["files"] for r in rows[-LAST:])
    before, after = (sum(r["seconds"] for r in table[-LAST:]) for table in (plain, rows))
    console.print(
        f"last {LAST} of them: {files / before:.0f} files/s plain, {files / after:.0f} files/s with "
        f"selfsame: [bold]{result.speedup:.1f} times faster[/] ({result.cpu_speedup:.1f} in CPU time)"
    )


def _person(console: Console, work: Path, store: Store, result: Result) -> None:
    """Start the program again, and pin and revert while it runs."""
    command = _run_command(work, ["--files", "400"])
    with _started(command, work) as process:
        running = _wait(store, {"installed"}, set(result.replaced), store.last_event())
        console.print(
            f"   started again: {len(running)} rewrites in place from the first seconds on"
        )
        for verb, node in zip(("pin", "revert"), result.replaced, strict=False):
            target = f"{node}=original" if verb == "pin" else node
            after, began = store.last_event(), time.monotonic()
            subprocess.run(
                [sys.executable, "-m", "selfsame", verb, target, "--store", str(store.directory)],
                cwd=work,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            said = time.monotonic()
            taken = _wait(store, {"removed"}, {node}, after)
            effect = (
                f"the original runs {max(0.0, time.monotonic() - said):.2f} s after the command's end"
                if taken
                else "[red]no effect seen[/]"
            )
            console.print(
                f"   selfsame {verb} {target}: {effect} ({time.monotonic() - began:.1f} s in all)"
            )
        process.terminate()


def _wait(store: Store, kinds: set[str], nodes: set[str], after: int) -> set[str]:
    """The nodes of which an event of these kinds was seen; waits a while for all of them."""
    seen: set[str] = set()
    deadline = time.monotonic() + EFFECT_S
    while time.monotonic() < deadline and seen != nodes:
        for event in store.events(after=after):
            after = event.id
            if event.kind in kinds and event.address in nodes:
                seen.add(event.address)
        time.sleep(0.02)
    return seen
