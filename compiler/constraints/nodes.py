"""The names of all nodes in a source tree, for binding CDL to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.constraints.bind import Named, NodeName
from selfsame.compiler.constraints.remembered import FileNames, Note, Remembered, digest
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import module_name
from selfsame.compiler.identity.definitions import identify
from selfsame.grammar.diagnostics import Diagnostic, Place


@dataclass(frozen=True, slots=True)
class TreeNodes:
    """What a tree offers: its nodes, how many files there are and were parsed, notes on the others.

    ``notes`` are files that do not parse and labels on lines without a node.
    """

    nodes: tuple[Named, ...]
    files: int
    parsed: int
    notes: tuple[Diagnostic, ...]
    modules: Mapping[str, Path] = field(default_factory=dict)

    def file_of(self, address: str) -> tuple[Path, str] | None:
        """The file of a node, and its module's name; None where no node has the address."""
        module = address.partition(":")[0]
        return (self.modules[module], module) if module in self.modules else None


def tree_nodes(path: str | Path, remembered: Remembered | None = None) -> TreeNodes:
    """The nodes of a file or tree. Files that do not parse become notes.

    With ``remembered``, files that did not change are not parsed.
    """
    top = Path(path)
    roots = import_roots(top)
    nodes: list[Named] = []
    notes: list[Diagnostic] = []
    modules: dict[str, Path] = {}
    files = parsed = 0
    for file in python_files(top):
        files += 1
        module = module_name(file, roots)
        modules.setdefault(module, file)
        names = remembered.find(file, module) if remembered is not None else None
        if names is None:
            parsed += 1
            names = _read(file, module)
            if remembered is not None:
                remembered.keep(file, names)
        for number, name in enumerate(names.names):
            labels = names.labels.get(number)
            nodes.append(NodeName(f"{module}:{name}", tuple(labels) if labels else ()))
        for note in names.notes:
            place = Place(str(file), note.line, note.column, note.width)
            notes.append(Diagnostic(place, note.message, note.suggestion))
    if remembered is not None:
        remembered.save()
    return TreeNodes(tuple(nodes), files, parsed, tuple(notes), modules)


def _read(file: Path, module: str) -> FileNames:
    """What a file offers, by parsing it."""
    notes: list[Diagnostic] = []
    nodes: list[Named] = []
    size = changed = 0
    content = b""
    try:
        status, content = file.stat(), file.read_bytes()
        size, changed = status.st_size, status.st_mtime_ns
    except OSError as error:
        notes.append(Diagnostic(Place(str(file), 1), f"it cannot be read: {error.strerror}"))
        return FileNames(module, -1, 0, "", [], {}, [_note(n) for n in notes])
    try:
        identity = identify(Source.read(file, module))
        nodes = [*identity.definitions, *identity.inner]
        for label, line in identity.unplaced:
            notes.append(
                Diagnostic(
                    Place(str(file), line),
                    f"the label `{label}` is on a line without a node",
                    "put it on the line of a def, class, loop or call",
                )
            )
    except UserError as error:
        notes += error.diagnostics
    return FileNames(
        module,
        size,
        changed,
        digest(content),
        [node.address.partition(":")[2] for node in nodes],
        {number: list(node.labels) for number, node in enumerate(nodes) if node.labels},
        [_note(n) for n in notes],
    )


def _note(diagnostic: Diagnostic) -> Note:
    place = diagnostic.place
    return Note(place.line, place.column, place.width, diagnostic.message, diagnostic.suggestion)


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
