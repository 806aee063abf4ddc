"""From a file's path to the name its module has in addresses."""

import ast
from collections.abc import Iterable
from pathlib import Path


def module_name(path: str | Path, roots: Iterable[str | Path]) -> str:
    """``shop.cart`` for a file below an import root; the stem for a script or a file outside all.

    The deepest root that contains the file counts; one that is itself inside a package (it has an
    ``__init__.py``) counts only where no other does. ``__init__.py`` is its package.
    """
    file = Path(path).resolve()
    found = sorted(
        (root for root in {Path(r).resolve() for r in roots} if root in file.parents),
        key=lambda root: (not (root / "__init__.py").exists(), len(root.parts)),
        reverse=True,
    )
    stem = file.parent.name if file.stem == "__init__" else file.stem
    if not found:
        return stem
    parts = list(file.relative_to(found[0]).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or not all(part.isidentifier() for part in parts):
        return stem
    return ".".join(parts)


def imported_module(statement: ast.ImportFrom, module: str, path: str | Path) -> str:
    """The absolute name of the module that a ``from`` import in ``module``, the file ``path``, names."""
    if not statement.level:
        return statement.module or ""
    parts = module.split(".")
    if Path(path).stem != "__init__":
        parts.pop()
    parts = parts[: len(parts) - statement.level + 1]
    return ".".join([*parts, *([statement.module] if statement.module else [])])


def mangled(name: str, inside: str) -> str:
    """A name as a class called ``inside`` has it: ``__x`` has the name of the class in it."""
    if name[:2] != "__" or name[-2:] == "__":
        return name
    stripped = inside.lstrip("_")
    return f"_{stripped}{name}" if stripped else name


def own_name(address: str) -> str:
    """The name that a function or class binds where it stands: ``total`` of ``shop:Cart.total#2``."""
    return address.rpartition(":")[2].rpartition(".")[2].partition("#")[0]
