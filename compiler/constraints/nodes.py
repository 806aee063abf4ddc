"""The names of all nodes in a source tree, for binding CDL to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.constraints.bind import Named
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import module_name
from selfsame.compiler.identity.definitions import identify
from selfsame.grammar.diagnostics import Diagnostic, Place


@dataclass(frozen=True, slots=True)
class TreeNodes:
    """What a tree offers: its nodes, how many files were read, and notes on what was not.

    ``notes`` are files that do not parse and labels on lines without a node.
    """

    nodes: tuple[Named, ...]
    files: int
    notes: tuple[Diagnostic, ...]
    modules: Mapping[str, Path] = field(default_factory=dict)

    def file_of(self, address: str) -> tuple[Path, str] | None:
        """The file of a node, and its module's name; None where no node has the address."""
        module = address.partition(":")[0]
        return (self.modules[module], module) if module in self.modules else None


def tree_nodes(path: str | Path) -> TreeNodes:
    """The nodes of a file or tree. Files that do not parse become notes."""
    top = Path(path)
    roots = import_roots(top)
    nodes: list[Named] = []
    notes: list[Diagnostic] = []
    files = 0
    modules: dict[str, Path] = {}
    for file in python_files(top):
        files += 1
        module = module_name(file, roots)
        modules.setdefault(module, file)
        try:
            source = Source.read(file, module)
            identity = identify(source)
        except UserError as error:
            notes += error.diagnostics
            continue
        nodes += identity.definitions
        nodes += identity.inner
        for label, line in identity.unplaced:
            notes.append(
                Diagnostic(
                    Place(str(file), line),
                    f"the label `{label}` is on a line without a node",
                    "put it on the line of a def, class, loop or call",
                )
            )
    return TreeNodes(tuple(nodes), files, tuple(notes), modules)


def import_roots(top: Path) -> list[Path]:
    """Where the modules of a file or tree are imported from: the folders above its packages."""
    folder = top if top.is_dir() else top.parent
    root = folder.resolve()
    while (root / "__init__.py").exists() and root.parent != root:
        root = root.parent
    source = root / "src"
    return [root, source] if source.is_dir() else [root]


def python_files(top: Path) -> Iterator[Path]:
    """The ``.py`` files of a tree by name, without hidden folders and virtual environments."""
    if not top.is_dir():
        yield top
        return
    for entry in sorted(top.iterdir()):
        if entry.is_dir():
            skip = entry.name.startswith(".") or entry.name == "__pycache__"
            if not (skip or entry.is_symlink() or (entry / "pyvenv.cfg").exists()):
                yield from python_files(entry)
        elif entry.suffix == ".py":
            yield entry
