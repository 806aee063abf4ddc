"""Compiles a file or a tree of them: ``selfsame compile`` without its output."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.emit.pyc import OPTIMIZATIONS, cache_tag, pyc_path
from selfsame.compiler.emit.whole import copy_whole, link_whole
from selfsame.compiler.errors import Diagnostic
from selfsame.compiler.instrument.files import INDEX, Plan, import_roots, plan
from selfsame.compiler.instrument.index import Fingerprint, Table, graph_path, probes_path
from selfsame.compiler.instrument.keepers import keepers, tree_of
from selfsame.compiler.instrument.module import Job, make, unchanged
from selfsame.compiler.workers import Died, run_all

# Below this many modules to make, starting processes costs more than it saves.
FEW = 12

Progress = Callable[[int, int, str], None]  # done, of how many, which


@dataclass
class Summary:
    """What a compile did: modules made now and kept from before, and all that it found in them."""

    made: int = 0
    kept: int = 0
    data: int = 0
    removed: int = 0
    probed: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)  # reason -> addresses
    nodes: dict[str, int] = field(default_factory=dict)
    errors: list[Diagnostic] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    not_copied: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def compile_project(
    src: Path,
    dst: Path,
    version: str,
    fingerprint: Fingerprint,
    workers: int = 2,
    again: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Compile ``src`` into ``dst``; ``files.refusal`` was asked before.

    Raises OSError where DST cannot be written. What is there when it stops is whole.
    """
    began = time.perf_counter()
    todo = plan(src)
    # Who keeps code objects in one module decides about functions of the others.
    trees = {tree_of(str(todo.base / name)) for name in todo.modules}
    kept = sorted(frozenset[str]().union(*map(keepers, trees)))
    made_by = " ".join(["selfsame", version, cache_tag(), *kept])
    old = Table.read(dst, made_by)
    (dst / INDEX).mkdir(parents=True, exist_ok=True)
    table = Table(made_by, files=todo.files)
    summary = Summary(not_copied=todo.left, data=len(todo.data) + len(todo.links))
    roots = tuple(import_roots(todo.base))
    jobs = [Job(todo.base, dst, name, roots, version, fingerprint) for name in todo.modules]
    pending = []
    for job in jobs:
        entry = old.modules.get(job.relative)
        if entry is not None and not again and unchanged(job, entry):
            table.modules[job.relative] = entry
        else:
            pending.append(job)
    summary.kept = len(jobs) - len(pending)
    _copy(todo, dst)
    workers = workers if len(pending) > FEW else 1
    for index, made in enumerate(run_all(make, pending, workers)):
        name = made.job.relative if isinstance(made, Died) else made.relative
        if progress:
            progress(index + 1, len(pending), name)
        if isinstance(made, Died):
            summary.problems.append(f"{name}: copied as it is: {made.reason}")
        elif made.errors:
            summary.errors += made.errors
        else:
            summary.made += 1
            table.modules[made.relative] = made.entry
    summary.removed = _remove(dst, sorted(set(old.files) - set(todo.files)))
    table.write(dst)
    _count(table, summary)
    summary.seconds = time.perf_counter() - began
    return summary


def _copy(todo: Plan, dst: Path) -> None:
    for name in todo.folders:
        (dst / name).mkdir(parents=True, exist_ok=True)
    for name in todo.data:
        copy_whole(todo.base / name, dst / name)
    for name, target in todo.links:
        link_whole(dst / name, target)


def _remove(dst: Path, names: list[str]) -> int:
    """What an earlier compile put there and SRC no longer has."""
    for name in names:
        path = dst / name
        others = [probes_path(dst, name), graph_path(dst, name)]
        others += [pyc_path(path, o) for o in OPTIMIZATIONS]
        for gone in (path, *others):
            if gone.is_symlink() or not gone.is_dir():
                gone.unlink(missing_ok=True)
    return len(names)


def _count(table: Table, summary: Summary) -> None:
    for name in sorted(table.modules):
        entry = table.modules[name]
        summary.probed += entry.probed
        for address, reason in entry.left.items():
            summary.left.setdefault(reason, []).append(address)
        for kind, count in entry.nodes.items():
            summary.nodes[kind] = summary.nodes.get(kind, 0) + count
        if entry.problem:
            summary.problems.append(entry.problem)
