"""Takes a manifest of another checkout or machine: nothing in it is believed that can be checked.

Content hashes and dependency sets are compared with the source that is here. The rewrites are not
in a manifest: they are made again from that source by the templates that the manifest names, must
come out with the ids that it gives, and are tried in brief before they run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from selfsame.compiler.emit.build import shared_builder
from selfsame.compiler.emit.functions import function_code
from selfsame.compiler.emit.offered import offered
from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.dependencies import changed
from selfsame.runtime.engine.modules import Module, Modules, Node
from selfsame.runtime.mutation.promotion import first_share
from selfsame.runtime.mutation.requests import request_for
from selfsame.runtime.shadow.trial import run_trial
from selfsame.runtime.versions.manifest import ANY_CONTENT, ORIGINAL, Manifest, NodeEntry
from selfsame.runtime.versions.store import Change, Store
from selfsame.runtime.versions.word import closed
from selfsame.variants.catalogue import template_named
from selfsame.variants.site import CACHE_BYTES, AnyTemplate, Observed, Site, read_observed
from selfsame.variants.variation import Variation

INVENTED: Final = 60
FEWEST: Final = 20
AMPLIFIED: Final = 60
BUDGET_S: Final = 10.0
ELSEWHERE: Final = "elsewhere "
"""Before evidence that a manifest claims, and that nobody can check here."""


@dataclass
class Adoption:
    """What of a manifest can run here. ``left_out`` has a reason for each entry that cannot."""

    modules: Modules
    entries: dict[str, NodeEntry] = field(default_factory=dict)
    rewrites: dict[str, tuple[Node, Variation]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def change(self) -> Change:
        """The change that lays the entries over those of the head."""
        return laid_over(self.entries)


def laid_over(entries: Mapping[str, NodeEntry]) -> Change:
    """The change that lays entries over those of the head."""

    def change(manifest: Manifest) -> Manifest:
        for address, entry in entries.items():
            before = manifest.nodes.get(address)
            if before is None or replace(before, by=entry.by) != entry:
                manifest = manifest.with_entry(entry)
        return manifest

    return change


@dataclass(frozen=True)
class Place:
    """Where the program is: its folders, the module that is its ``__main__``, how it is run."""

    roots: Sequence[str]
    main: str
    sys_path: Sequence[str]
    cwd: str
    optimize: int = 0

    @property
    def program(self) -> Mapping[str, Any]:
        """What an agent would say of it."""
        return {"path": list(self.sys_path), "cwd": self.cwd}


def adopt(
    manifest: Manifest,
    store: Store,
    place: Place,
    *,
    alone: bool,
    say: Callable[[str], None] = lambda text: None,
) -> Adoption:
    """Check every entry of ``manifest``, make its rewrites and try them.

    ``alone``: no engine will watch the program, so what could not be tried is left out; otherwise
    it runs in canary. ``say`` is told of what takes long.
    """
    modules = Modules(place.roots)
    adoption = Adoption(modules)
    head = store.head().manifest
    for address, entry in sorted(manifest.nodes.items()):
        try:
            kept = closed(head, address, entry.content_hash)
            if kept is not None and kept.rewrite != entry.rewrite:
                raise Skipped(f"here it is {kept.state}: {kept.reason or 'a person said so'}")
            if entry.content_hash == ANY_CONTENT:
                adoption.entries[address] = entry
                continue
            node = node_of(address, modules, place)
            check_current(node, modules, entry)
            if entry.rewrite == ORIGINAL:
                adoption.entries[address] = entry
                continue
            if alone and entry.tries:
                raise Skipped("it is in canary, which needs an engine")
            say(f"{address}: making its rewrite again ({entry.template})")
            variation = remake(node, entry)
            accepted = _tried(node, entry, variation, store, place, alone)
            adoption.entries[address] = _known_here(accepted, variation, store, head)
            adoption.rewrites[entry.rewrite] = node, variation
        except Skipped as skip:
            adoption.left_out[address] = skip.reason
        except SelfsameError as error:
            adoption.left_out[address] = str(error)
    return adoption


def remake(node: Node, entry: NodeEntry) -> Variation:
    """The rewrite of an entry, made from the source here. Raises Skipped where it is another one."""
    template = template_named(entry.template)
    if template is None:
        raise Skipped(f"this selfsame has no template {entry.template!r}")
    named = [entry.parameters[n] for n in ("instead_of", "alternative") if n in entry.parameters]
    if "alternative" in entry.parameters and "instead_of" not in entry.parameters:
        named = [entry.address, *named]
    site = Site(
        source=node.module.source,
        definition=node.definition,
        facts=node.module.facts,
        observed=_observed(node, entry),
        constraints=AnyTemplate(
            algorithms=tuple(named),
            cache_bytes=int(entry.parameters.get("most_bytes", CACHE_BYTES)),
        ),
        optimize=node.module.optimize,
    )
    there = offered(entry.objects)
    with shared_builder().offering(there):
        made = template.variations(site)
    for variation in made:
        if isinstance(variation, Variation) and variation.id == entry.rewrite:
            return variation
    refused = [r.reason for r in made if not isinstance(r, Variation)]
    if len(refused) == len(made):
        why = refused[0] if refused else "it does not apply"
        if entry.objects and not there:
            why += "; the wheel of its objects (`selfsame bake`) is not installed for this platform"
        raise Skipped(f"refused: {entry.template} cannot make it here: {why}")
    raise Skipped(
        f"refused: made again by {entry.template}, it is not the rewrite {entry.rewrite} "
        "(the manifest was changed, or another selfsame made it)"
    )


def _observed(node: Node, entry: NodeEntry) -> Observed:
    """What the entry says was observed, in the order of the parameters: a manifest is sorted by name.

    Guards are in that order, and so the rewrite's id depends on it.
    """
    names = node.code.co_varnames[: node.parameters]
    return read_observed(
        {n: entry.observed[n] for n in (*names, *entry.observed) if n in entry.observed}
    )


def node_of(address: str, modules: Modules, place: Place) -> Node:
    """The node of an address, from the source that is here. Raises Skipped where there is none."""
    name = address.partition(":")[0]
    found = modules.find(address)
    if found is None:
        source = modules.source(name)
        if source is None:
            raise Skipped(f"there is no module {name} in {', '.join(place.roots)}")
        module = Module(source, modules, place.optimize, name == place.main)
        rows = []
        for definition in definitions(source):
            if definition.kind == "class":
                continue
            try:
                code = function_code(module.code, definition.qualname, definition.line)
            except Skipped:
                continue
            rows.append((definition.qualname, definition.line, fingerprint(code), definition.kind))
        modules.register(name, source.path, rows, place.optimize, name == place.main)
        found = modules.find(address)
    if found is None and "/" in address:
        raise Skipped(
            "an outlined loop is a function in runs that outline alone (--auto, --outline)"
        )
    if found is None:
        raise Skipped(f"there is no function {address} any more")
    if found.blocked:
        raise Skipped(found.blocked)
    return found


def check_current(node: Node, modules: Modules, entry: NodeEntry) -> None:
    """Raise Skipped where the source, or what a rewrite relied on, is not what the entry says."""
    if node.content_hash != entry.content_hash:
        raise Skipped("its code has changed")
    if entry.rewrite == ORIGINAL:
        return
    stale = changed(node, modules, entry.dependencies)
    if stale:
        raise Skipped(f"what it relied on has changed: {', '.join(stale[:3])}")


def _known_here(entry: NodeEntry, variation: Variation, store: Store, head: Manifest) -> NodeEntry:
    """The entry with the evidence that this store has; what only the manifest says of any is marked.

    Nor may its word alone let a rewrite be slow.
    """
    before = head.nodes.get(entry.address)
    if before is not None and before.rewrite == entry.rewrite:
        evidence, speedup = before.evidence, before.speedup
    else:
        own = dict.fromkeys(
            item
            for record in store.trials(entry.address)
            if record.get("variation") == variation.id and record.get("verdict") == "same"
            for item in record.get("evidence", ())
        )
        told = (item.removeprefix(ELSEWHERE) for item in entry.evidence)
        evidence = (*own, *(f"{ELSEWHERE}{item}" for item in told if item not in own))
        # Less than 1 is a claim that would let it be slow here.
        speedup = entry.speedup if entry.promised >= 1.0 else ""
    return replace(
        entry,
        family=variation.family,
        guards=variation.guards,
        evidence=evidence,
        speedup=speedup,
    )


def _tried(
    node: Node, entry: NodeEntry, variation: Variation, store: Store, place: Place, alone: bool
) -> NodeEntry:
    """The entry as it may run here. Raises Skipped where it may not."""
    passed = any(
        record.get("variation") == variation.id and record.get("verdict") == "same"
        for record in store.trials(entry.address)
    )
    if passed or entry.state == "proposed":
        return entry
    trial = run_trial(
        request_for(
            node,
            variation,
            [],
            place.program,
            None,
            None,
            invented=INVENTED,
            min_calls=FEWEST,
            amplified=AMPLIFIED,
            timed=False,
            budget_s=BUDGET_S,
        )
    )
    if trial.same == "different":
        raise Skipped(f"refused: it is another function: {trial.reason} ({trial.counterexample})")
    if trial.same == "same":
        record = trial.as_json()
        record.update(template=entry.template, variation=variation.id, verdict=trial.same)
        store.add_trial(entry.address, record)
        return entry
    if alone:
        raise Skipped(f"it could not be tried here, and no engine would watch it: {trial.reason}")
    return replace(entry, state="canary", canary=first_share(None))
