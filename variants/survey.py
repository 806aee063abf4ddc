"""What the templates could do in whole trees, from the text alone."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Place, Skipped, UserError
from selfsame.compiler.identity import definitions, find_module, module_name
from selfsame.compiler.instrument.files import import_roots, plan
from selfsame.variants.catalogue import survey
from selfsame.variants.facts import place
from selfsame.variants.site import AnyTemplate, Observed, Refusal, Site


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One function: the templates that could apply, why others do not.

    ``blocked`` says why it cannot be shadowed, and so never be rewritten by itself; else empty.
    """

    address: str
    place: Place
    could: tuple[str, ...]
    refused: tuple[Refusal, ...]
    blocked: str


@dataclass(slots=True)
class Surveyed:
    """All functions of some trees, in order of file and line; files that could not be read."""

    functions: list[Suggestion] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    modules: int = 0


def survey_trees(sources: Sequence[Path], only: str | None = None) -> Surveyed:
    """Look at every module of files or trees; ``only`` names the one template to look for."""
    found = Surveyed()
    seen: set[Path] = set()
    for source in sources:
        todo = plan(source)
        paths = [path for name in todo.modules if (path := todo.base / name) not in seen]
        seen.update(paths)
        loaded, skipped = load(paths, import_roots(todo.base))
        for path, module, facts in loaded:
            try:
                found.functions += _functions(module, facts, only)
                found.modules += 1
            except UserError as error:
                skipped[path] = _told(error)
        found.skipped += [(str(path), skipped[path]) for path in paths if path in skipped]
    return found


def load(
    paths: Iterable[Path], roots: Sequence[Path]
) -> tuple[list[tuple[Path, Source, ModuleFacts]], dict[Path, str]]:
    """The modules of one tree with their facts, and by file why others could not be read.

    All before any of it is followed: what is known begins anew with every module that is loaded.
    """
    resolve = resolver(roots)
    loaded: list[tuple[Path, Source, ModuleFacts]] = []
    skipped: dict[Path, str] = {}
    for path in paths:
        try:
            module = Source.read(path, module_name(path, roots))
            loaded.append((path, module, ModuleFacts.of(module, resolve)))
        except (UserError, OSError) as error:
            skipped[path] = _told(error)
    return loaded, skipped


def _told(error: UserError | OSError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    first = error.diagnostics[0]
    return f"line {first.place.line}: {first.message}"


def sites(module: Source, observed: Observed | None = None) -> Iterator[Site]:
    """Every function of one module as a site, with the facts of the tree it is in."""
    roots = import_roots(Path(module.path).resolve().parent)
    facts = ModuleFacts.of(module, resolver(roots))
    for definition in definitions(module):
        if definition.kind != "class":
            yield Site(module, definition, facts, observed or Observed())


def _functions(module: Source, facts: ModuleFacts, only: str | None) -> list[Suggestion]:
    wishes = AnyTemplate(families=frozenset({only}) if only else None)
    rows = []
    for definition in definitions(module):
        if definition.kind == "class":
            continue
        site = Site(module, definition, facts, constraints=wishes)
        try:
            could, refused = survey(site)
        except Skipped as skip:
            could, refused = [], [Refusal("", skip.reason)]
        blocked = facts.never_shadowable(definition.address)
        where = place(site, definition.node)
        rows.append(Suggestion(definition.address, where, tuple(could), tuple(refused), blocked))
    return rows


def resolver(roots: Sequence[Path]) -> Callable[[str], Source | None]:
    """The trees' own modules by dotted name, each read once."""
    known: dict[str, Source | None] = {}

    def resolve(name: str) -> Source | None:
        if name not in known:
            known[name] = find_module(name, roots)
        return known[name]

    return resolve
