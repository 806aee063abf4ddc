"""The CDL files of a run, bound to the nodes as they become known."""

from collections.abc import Sequence
from itertools import chain

from selfsame.compiler.constraints.bind import Binding, Named, bind
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import identify
from selfsame.grammar.model import Document
from selfsame.grammar.parse import parse_files
from selfsame.runtime.engine.modules import Modules


class Constraints:
    """Parses once, binds again whenever modules are added. ``problems`` are for ``status``."""

    def __init__(self, paths: Sequence[str], modules: Modules) -> None:
        self.documents: list[Document] = parse_files(list(paths)) if paths else []
        self.modules = modules
        self.problems: list[str] = []
        # The nodes of each file, by the source that they are from: modules come one after another.
        self._named: dict[str, tuple[Source, list[Named]]] = {}
        self._spoken_of = _modules_of(self.documents)
        self._unloaded: dict[str, Source | None] = {}

    def bind(self) -> Binding | None:
        """The binding over all definitions known so far; None without CDL."""
        if not self.documents:
            return None
        nodes: list[Named] = []
        for file, module in self.modules.by_file.items():
            nodes += self._nodes_of(str(file), module.source)
        loaded = {module.source.module for module in self.modules.by_file.values()}
        for name in self._spoken_of - loaded:
            # Not imported, or not reported before the program ended: read all the same, so that
            # what is misspelt is told from what was not run.
            if name not in self._unloaded:
                self._unloaded[name] = self.modules.source(name)
            source = self._unloaded[name]
            if source is not None:
                nodes += self._nodes_of(name, source)
        binding = bind(self.documents, nodes)
        self.problems = [d.render() for d in binding.diagnostics]
        if self.problems and not nodes:
            self.problems.append("the program ended before its functions were read, or has none")
        return binding

    def _nodes_of(self, key: str, source: Source) -> list[Named]:
        known = self._named.get(key)
        if known is None or known[0] is not source:
            identity = identify(source)
            named: list[Named] = [*identity.definitions, *identity.inner]
            known = self._named[key] = source, named
        return known[1]


def _modules_of(documents: Sequence[Document]) -> frozenset[str]:
    """The modules that addresses and globs name in full."""
    found = set()
    for document in documents:
        named = [
            *(c.selectors for c in document.constraints),
            *(s.nodes for s in document.selections),
        ]
        for selector in chain.from_iterable(named):
            module, separated, _ = selector.pattern.partition(":")
            if separated and "*" not in module:
                found.add(module)
    return frozenset(found)
