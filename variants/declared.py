"""Looks at the algorithms that constraints name, before anything runs: are they there, do they fit?"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Definition, definitions
from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import Allowance
from selfsame.grammar.words import nearest
from selfsame.variants.catalogue import templates
from selfsame.variants.elsewhere import Elsewhere
from selfsame.variants.site import AnyTemplate, Refusal, Site, names_template
from selfsame.variants.variation import Variation

ALTERNATIVES = "alternatives"
_ABSENT = "there is no such function in scope"


@dataclass(slots=True)
class _Said:
    """One ``algorithm: [...]``: what was refused where, and whether any node has a use for it."""

    statement: Allowance
    useful: bool = False
    refusals: list[tuple[str, Refusal, Sequence[str]]] = field(default_factory=list)


def unusable(
    sets: Iterable[ConstraintSet],
    file_of: Callable[[str], tuple[Path, str] | None],
    modules: Mapping[str, Path],
) -> list[Diagnostic]:
    """What of ``algorithm: [...]`` cannot be used at the nodes it is for, each once.

    ``file_of`` gives the file and the module's name of a node's address; None where there is none.
    ``modules`` are the files of the tree by module.
    Of the nodes that a glob names, most may have nothing to do with the algorithms: that is wrong
    only where it is so for all of them.
    """
    known: dict[Path, tuple[Source, dict[str, Definition]]] = {}
    said: dict[int, _Said] = {}
    elsewhere = Elsewhere(modules)
    for constraints in sets:
        origin = constraints.origin("algorithm")
        file = file_of(constraints.address)
        algorithms = tuple(n for n in constraints.algorithms if not names_template(n))
        if not algorithms or origin is None or file is None:
            continue
        if not isinstance(origin.statement, Allowance):
            continue
        path, module = file
        if path not in known:
            source = Source.read(path, module)
            known[path] = source, {d.address: d for d in definitions(source)}
        source, functions = known[path]
        definition = functions.get(constraints.address)
        if definition is None:
            continue  # a loop or a call inside a function
        one = said.setdefault(id(origin.statement), _Said(origin.statement))
        names = [address.partition(":")[2] for address in functions]
        registered: Mapping[str, str] = {}
        if any(":" not in name and name not in names for name in algorithms):
            registered = elsewhere.registered()
        site = Site(
            source,
            definition,
            constraints=AnyTemplate(algorithms),
            registered=registered,
        )
        for result in [*_variations(site), *elsewhere.misfits(site)]:
            if isinstance(result, Refusal):
                one.refusals.append((constraints.address, result, names))
            one.useful |= isinstance(result, Variation) or ": " in result.reason
    return [diagnostic for one in said.values() for diagnostic in _diagnostics(one)]


def _variations(site: Site) -> Iterable[Variation | Refusal]:
    template = next(t for t in templates() if t.name == ALTERNATIVES)
    return template.variations(site)


def _diagnostics(said: _Said) -> Iterator[Diagnostic]:
    names = said.statement.names
    seen: set[str] = set()
    for address, refusal, functions in said.refusals:
        named, separated, why = refusal.reason.partition(": ")
        if refusal.reason in seen or (said.useful and not separated):
            continue
        seen.add(refusal.reason)
        parts = names if isinstance(names, tuple) else ()
        place = next((n.place for n in parts if n.text == named), said.statement.place)
        hint = nearest(named, functions) if why == _ABSENT else ""
        yield Diagnostic(place, f"{refusal.reason} (at {address})", hint)
