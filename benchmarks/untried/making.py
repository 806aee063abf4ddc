"""The rewrites of a tree's functions, from calls of theirs that were captured."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.untried.plugin import Key
from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Definition, definitions
from selfsame.compiler.instrument.files import import_roots, plan
from selfsame.runtime.mutation.observe import named, observe, words_of
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Site
from selfsame.variants.survey import load
from selfsame.variants.variation import Variation

BUILD_S = 30.0


@dataclass
class Made:
    """Functions that were called, why some have no rewrite, and the rewrites in order of choice."""

    functions: int = 0
    left: Counter[str] = field(default_factory=Counter)
    rewrites: dict[Key, list[Variation]] = field(default_factory=dict)


def make(tree: Path, captured: dict[Key, list[bytes]], seconds: float) -> Made:
    """All rewrites of the functions of ``tree`` that were called and may be shadowed on these calls."""
    found, until = Made(), time.monotonic() + seconds
    for key, module, facts, definition in _called(tree, captured):
        found.functions += 1
        payloads = captured[key]
        if time.monotonic() > until:
            found.left["no time was left"] += 1
        elif not payloads:
            found.left["no call could be captured"] += 1
        elif facts.never_shadowable(definition.address):
            found.left["it may never be shadowed"] += 1
        elif not facts.effects(definition.address, facts.seen(sorted(named(payloads)))).shadowable:
            found.left["these calls may not be shadowed"] += 1
        else:
            node = definition.node
            names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]  # type: ignore[union-attr]
            site = Site(module, definition, facts, observe(payloads, names, words_of(module)))
            variations, _ = variations_for(site, build_s=BUILD_S)
            if variations:
                found.rewrites[key] = variations
            else:
                found.left["no template applies"] += 1
    return found


def _called(
    tree: Path, captured: dict[Key, list[bytes]]
) -> Iterator[tuple[Key, Source, ModuleFacts, Definition]]:
    keys = {
        (file, name.rpartition(".")[2], line): (file, name, line) for file, name, line in captured
    }
    todo = plan(tree)
    files = {file for file, _, _ in keys}
    paths = [path for name in todo.modules if str(path := todo.base / name) in files]
    loaded, _ = load(paths, import_roots(todo.base))
    for path, module, facts in loaded:
        for definition in definitions(module):
            if definition.kind == "class":
                continue
            decorators = getattr(definition.node, "decorator_list", ())
            line = min(node.lineno for node in (definition.node, *decorators))
            name = getattr(definition.node, "name", "<lambda>")
            key = keys.get((str(path), name, line))
            if key is not None and "<locals>" not in key[1]:
                yield key, module, facts, definition
