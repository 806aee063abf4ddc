"""From the name of a module to its source, without importing anything."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity.names import module_name


def find_module(name: str, roots: Sequence[str | Path]) -> Source | None:
    """The source of the module that has this dotted name below one of the import roots.

    None where there is none, or where it cannot be read.
    """
    for path in places(name, roots):
        if path.is_file() and module_name(path, roots) == name:
            try:
                return Source.read(path, name)
            except (UserError, OSError):
                return None
    return None


def places(name: str, roots: Sequence[str | Path]) -> Iterator[Path]:
    """Where the source of a module may be: the first that is a file is the module's, as Python finds it."""
    for root in roots:
        base = Path(root, *name.split("."))
        yield from (base / "__init__.py", base.with_suffix(".py"))
