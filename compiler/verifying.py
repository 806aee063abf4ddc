"""Lowers the modules of files and trees, and holds each graph, and its text, to what it promises."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, final

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Diagnostic, InternalError, Place, Skipped, UserError
from selfsame.compiler.identity import module_name
from selfsame.compiler.instrument.files import import_roots, plan
from selfsame.compiler.ir import parse, print_graph
from selfsame.compiler.kept import Kept
from selfsame.compiler.pipeline import lower_source
from selfsame.compiler.workers import Died, run_all

Progress = Callable[[int, int, str], None]  # done, of how many, which
TRIES = 3  # how often a file that changes while it is read is read again


@final
@dataclass(frozen=True, slots=True)
class Module:
    """A file to verify. ``named``: given by itself, not found in a tree."""

    path: Path
    roots: tuple[Path, ...]
    named: bool = False


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one module: ``skipped`` is not ours to do, ``failed`` a bug of ours."""

    module: Module
    result: Literal["ok", "skipped", "failed"]
    reason: str = ""
    nodes: int = 0
    edges: int = 0
    lines: int = 0
    key: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()


@final
@dataclass
class Verified:
    """What became of all. ``kept``: how many were known from an earlier run."""

    outcomes: list[Outcome] = field(default_factory=list)
    kept: int = 0
    seconds: float = 0.0

    def of(self, result: str) -> list[Outcome]:
        """The outcomes of one kind, by path."""
        found = [o for o in self.outcomes if o.result == result]
        return sorted(found, key=lambda o: str(o.module.path))


def modules(sources: Iterable[Path]) -> list[Module]:
    """The Python files that ``sources`` are or hold, each once."""
    found: dict[Path, Module] = {}
    for source in sources:
        todo = plan(source)
        roots = tuple(import_roots(todo.base))
        for name in todo.modules:
            path = todo.base / name
            found.setdefault(path, Module(path, roots, source.is_file()))
    return list(found.values())


def verify_all(
    todo: list[Module], workers: int, kept: Kept | None = None, progress: Progress | None = None
) -> Verified:
    """Verify modules, in ``workers`` processes. What ``kept`` knows to be well is not done again."""
    began = time.perf_counter()
    found = Verified()
    pending: list[Module] = []
    for module in todo:
        known = _known(module, kept) if kept is not None else None
        if known is None:
            pending.append(module)
        else:
            found.outcomes.append(known)
    found.kept = len(found.outcomes)
    for done in run_all(check, pending, workers):
        outcome = Outcome(done.job, "failed", done.reason) if isinstance(done, Died) else done
        found.outcomes.append(outcome)
        if kept is not None and outcome.result == "ok":
            kept.put(outcome.key, (outcome.nodes, outcome.edges, outcome.lines))
        if progress is not None:
            progress(len(found.outcomes) - found.kept, len(pending), str(outcome.module.path))
    found.seconds = time.perf_counter() - began
    return found


def check(module: Module) -> Outcome:
    """Verify one module. Never raises: a fault in one must not hide the others."""
    name = module_name(module.path, module.roots)
    try:
        raw = _read(module.path)
        source = Source.decoded(raw, module.path, name)
        graph = lower_source(source)
        text = print_graph(graph)
        if parse(text) != graph:
            return Outcome(module, "failed", "its text means another graph")
    except UserError as error:
        first = error.diagnostics[0]
        where = f"{first.place.path}:{first.place.line}:{first.place.column}"
        if first.place.path == "<ico>":
            return Outcome(module, "failed", f"its text does not parse: {error}")
        return Outcome(module, "skipped", f"{where}: {first.message}", diagnostics=(first,))
    except Skipped as error:
        return Outcome(module, "skipped", error.reason)
    except OSError as error:
        reason = f"{module.path}: cannot be read: {error.strerror or error}"
        return Outcome(module, "skipped", reason)
    except (RecursionError, MemoryError) as error:
        reason = f"{module.path}: too much for this interpreter: {type(error).__name__}"
        return Outcome(module, "skipped", reason)
    except InternalError as error:
        return Outcome(module, "failed", str(error))
    except Exception as error:
        return Outcome(module, "failed", f"{type(error).__name__}: {error}")
    lines = source.text.count("\n") + 1
    key = Kept.key(raw, name)
    return Outcome(module, "ok", "", len(graph), graph.count_edges(), lines, key)


def _known(module: Module, kept: Kept) -> Outcome | None:
    try:
        raw = module.path.read_bytes()
    except OSError:
        return None
    key = Kept.key(raw, module_name(module.path, module.roots))
    numbers = kept.get(key, 3)
    if numbers is None:
        return None
    nodes, edges, lines = numbers
    return Outcome(module, "ok", "", nodes, edges, lines, key)


def _read(path: Path) -> bytes:
    """A file's bytes as they were at one moment. Raises OSError, and UserError where they never
    stand still."""
    for _ in range(TRIES):
        before = path.stat()
        raw = path.read_bytes()
        after = path.stat()
        stamp = (before.st_mtime_ns, before.st_size, before.st_ino)
        if stamp == (after.st_mtime_ns, after.st_size, after.st_ino) and len(raw) == after.st_size:
            return raw
    raise UserError(
        Diagnostic(Place(str(path), 1), "this file changes while it is read", "verify it again")
    )
