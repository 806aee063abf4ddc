"""The CDL files of a run, bound to the nodes as they become known."""

from collections.abc import Sequence

from selfsame.compiler.constraints.bind import Binding, Named, bind
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

    def bind(self) -> Binding | None:
        """The binding over all definitions known so far; None without CDL."""
        if not self.documents:
            return None
        nodes: list[Named] = []
        for module in self.modules.by_file.values():
            identity = identify(module.source)
            nodes += [*identity.definitions, *identity.inner]
        binding = bind(self.documents, nodes)
        self.problems = [d.render() for d in binding.diagnostics]
        return binding
