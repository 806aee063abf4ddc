"""The CDL files of a run, bound to the nodes as they become known."""

from collections.abc import Sequence

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

    def bind(self) -> Binding | None:
        """The binding over all definitions known so far; None without CDL."""
        if not self.documents:
            return None
        nodes: list[Named] = []
        for file, module in self.modules.by_file.items():
            known = self._named.get(str(file))
            if known is None or known[0] is not module.source:
                identity = identify(module.source)
                named: list[Named] = [*identity.definitions, *identity.inner]
                known = self._named[str(file)] = module.source, named
            nodes += known[1]
        binding = bind(self.documents, nodes)
        self.problems = [d.render() for d in binding.diagnostics]
        return binding
