"""What the language server knows of a project: its nodes, where they are, and the templates."""

from pathlib import Path

import selfsame
from selfsame.compiler.constraints import bind
from selfsame.compiler.constraints.contradictions import contradictions
from selfsame.compiler.constraints.nodes import TreeNodes, tree_nodes
from selfsame.compiler.constraints.remembered import Remembered
from selfsame.compiler.constraints.tenants import strangers
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import identify
from selfsame.grammar.assist import Known
from selfsame.grammar.diagnostics import CDLError, Diagnostic
from selfsame.grammar.model import Document
from selfsame.grammar.parse import parse_files, parse_form
from selfsame.variants.catalogue import templates
from selfsame.variants.declared import unusable
from selfsame.variants.misnamed import misnamed


class Project:
    """One folder of Python, read again when asked. ``root`` None is a file without a project."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.tree: TreeNodes | None = None
        self.read()

    def read(self) -> None:
        """Read the tree again; files that did not change are not parsed."""
        if self.root is not None:
            self.tree = tree_nodes(self.root, Remembered(self.root, selfsame.__version__))

    def known(self) -> Known:
        """Nodes, labels and templates, for completion."""
        nodes = self.tree.nodes if self.tree is not None else ()
        labels = dict.fromkeys(label for node in nodes for label in node.labels)
        names = {template.name: template.family for template in templates()}
        return Known((*labels, *(node.address for node in nodes)), names)

    def diagnose(self, text: str, path: str) -> list[tuple[Diagnostic, int]]:
        """What is wrong with a text, with its severity: 1 an error, 2 a warning, 3 a note."""
        try:
            document = parse_form(text, path)
            imported = self._imported(document, path)
        except CDLError as error:
            return [(d, 1) for d in error.diagnostics if d.place.path == path]
        documents = [*imported, document]
        found: list[tuple[Diagnostic, int]] = [(d, 1) for d in misnamed(documents)]
        if self.tree is not None:
            binding = bind(documents, self.tree.nodes)
            found += [(d, 2) for d in binding.diagnostics]
            sets = binding.sets.values()
            found += [(d, 1) for d in contradictions(sets)]
            found += [(d, 2) for d in unusable(sets, self.tree.file_of, self.tree.modules)]
            found += [(d, 2) for d in strangers(sets, self.tree.file_of)]
        return [row for row in found if row[0].place.path == path]

    def explain(self, word: str, text: str, path: str) -> str:
        """What the CDL text says of a node, in words; empty where it says nothing."""
        if self.tree is None:
            return ""
        try:
            document = parse_form(text, path)
            binding = bind([*self._imported(document, path), document], self.tree.nodes)
        except CDLError:
            return ""
        address = self.address(word)
        found = binding.of(address) if address else None
        return found.explain() if found is not None else ""

    def address(self, word: str) -> str:
        """The address that an address or label names; empty where it names nothing."""
        for node in self.tree.nodes if self.tree is not None else ():
            if word == node.address or word in node.labels:
                return node.address
        return ""

    def place_of(self, word: str) -> tuple[Path, int] | None:
        """The file and line (from 1) of the node that a word names: a function, class, loop, call."""
        address = self.address(word)
        file = self.tree.file_of(address) if self.tree is not None and address else None
        if file is None:
            return None
        try:
            source = Source.read(*file)
        except UserError:
            return None
        identity = identify(source)
        lines = {d.address: d.line for d in identity.definitions}
        lines |= {node.address: node.node.lineno for node in identity.inner}
        line = lines.get(address)
        return (file[0], line) if line is not None else None

    def _imported(self, document: Document, path: str) -> list[Document]:
        folder = Path(path).parent
        names = [name for imported in document.imports for name in imported.paths]
        missing = [n for n in names if not (folder / n.text).is_file()]
        if missing:
            where = missing[0]
            message = f"`{where.text}` cannot be read"
            raise CDLError((Diagnostic(where.place, message),))
        return parse_files([folder / name.text for name in names])
