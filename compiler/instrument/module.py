"""Compiles one module of SRC into DST: the text as it is, its pycs, its part of the index."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import compile_tree, plain_code
from selfsame.compiler.emit.pyc import OPTIMIZATIONS, pyc_bytes, pyc_path
from selfsame.compiler.emit.whole import copy_whole, write_whole
from selfsame.compiler.errors import Diagnostic, SelfsameError, UserError
from selfsame.compiler.identity import definitions, module_name
from selfsame.compiler.instrument.index import Entry, Fingerprint, graph_path, probes, probes_path
from selfsame.compiler.instrument.prologue import registered
from selfsame.compiler.pipeline import lowered_text


@dataclass(frozen=True)
class Job:
    """One module to compile: ``relative`` below both ``base`` and ``dst``."""

    base: Path
    dst: Path
    relative: str
    roots: tuple[Path, ...]
    version: str
    fingerprint: Fingerprint


@dataclass
class Made:
    """What became of it. ``errors`` are the user's; then the file was copied and no more."""

    relative: str
    entry: Entry
    errors: tuple[Diagnostic, ...] = ()


def make(job: Job) -> Made:
    """Compile one module. The file's own bytes are in DST in any case."""
    path = job.base / job.relative
    copy_whole(path, job.dst / job.relative)
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    entry = Entry(digest, module_name(path, job.roots))
    try:
        source = Source.read(path, entry.module)
        modules = {optimize: plain_code(source, optimize) for optimize in OPTIMIZATIONS}
        content, entry.probed, entry.left = probes(source, digest, job.version, job.fingerprint)
    except UserError as error:
        _forget(job)
        return Made(job.relative, entry, error.diagnostics)
    has_functions = any(d.kind != "class" for d in definitions(source))
    for optimize, code in modules.items():
        if has_functions:
            tree = registered(source.tree, code, job.relative)
            code = compile_tree(tree, source.path, optimize)
        write_whole(pyc_path(job.dst / job.relative, optimize), pyc_bytes(code, raw))
    write_whole(probes_path(job.dst, job.relative), content)
    _graph(job, source, entry)
    return Made(job.relative, entry)


def unchanged(job: Job, entry: Entry | None) -> bool:
    """Whether DST already holds all that ``make`` would write."""
    if entry is None or entry.problem:
        return False
    target = job.dst / job.relative
    wanted = [probes_path(job.dst, job.relative), graph_path(job.dst, job.relative)]
    wanted += [pyc_path(target, o) for o in OPTIMIZATIONS]
    try:
        now = hashlib.sha256((job.base / job.relative).read_bytes()).hexdigest()
        there = hashlib.sha256(target.read_bytes()).hexdigest()
    except OSError:
        return False
    return now == there == entry.source and all(p.is_file() for p in wanted)


def _forget(job: Job) -> None:
    """A pyc of an earlier text would never run again, and its twins fit nothing."""
    target = job.dst / job.relative
    for path in (
        probes_path(job.dst, job.relative),
        graph_path(job.dst, job.relative),
        *(pyc_path(target, o) for o in OPTIMIZATIONS),
    ):
        path.unlink(missing_ok=True)


def _graph(job: Job, source: Source, entry: Entry) -> None:
    """The ICO as text, and the count of its nodes by kind.

    A graph that cannot be made is said in the summary; the module runs and is probed without it.
    """
    try:
        text, kinds = lowered_text(source)
    except (SelfsameError, RecursionError) as error:
        entry.problem = f"{job.relative}: no graph: {str(error) or type(error).__name__}"
        return
    write_whole(graph_path(job.dst, job.relative), text.encode())
    entry.nodes = dict(Counter(kinds))
