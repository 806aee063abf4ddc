"""Which files of SRC go where in DST, and which pairs of SRC and DST make no sense."""

import os
from dataclasses import dataclass, field
from pathlib import Path

INDEX = ".selfsame-index"

_LEFT_OUT = {"__pycache__", INDEX, ".selfsame", ".git", ".hg", ".svn", ".tox", ".nox"}


@dataclass
class Plan:
    """Paths relative to ``base``, in order. ``links`` are (path, target); ``left`` (path, why)."""

    base: Path
    modules: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """Every path that will be in DST, folders left out."""
        return [*self.modules, *self.data, *(path for path, _ in self.links)]


def refusal(src: Path, dst: Path) -> str | None:
    """Why SRC cannot be compiled into DST; None where it can. Nothing is written."""
    if not src.exists():
        return f"{src} does not exist"
    if src.is_file() and src.suffix != ".py":
        return f"{src} is not a Python file: its name does not end in .py"
    if dst.suffix == ".py" or (dst.exists() and not dst.is_dir()):
        return f"{dst} is a file, and DST is a folder; name the folder that is to hold the result"
    source, target = src.resolve(), dst.resolve()
    folder = source if source.is_dir() else source.parent
    if target == folder:
        return f"DST is where SRC is ({target}); selfsame never writes into your sources"
    if source.is_dir() and folder in target.parents:
        return f"DST ({target}) is inside SRC; it would be compiled into itself"
    if source.is_dir() and target in folder.parents:
        return f"SRC is inside DST ({target}); name a folder of its own"
    if dst.is_dir() and not (dst / INDEX).is_dir() and any(dst.iterdir()):
        return f"{dst} holds files that selfsame did not write; name a new or an empty folder"
    above = next(p for p in (target, *target.parents) if p.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        return f"{above} cannot be written to"
    return None


def plan(src: Path) -> Plan:
    """Everything below SRC that DST gets; ``src`` alone where it is a file."""
    if src.is_file():
        return Plan(src.resolve().parent, modules=[src.name])
    result = Plan(src.resolve())
    stack = [result.base]
    while stack:
        folder = stack.pop()
        for entry in sorted(os.scandir(folder), key=lambda e: e.name, reverse=True):
            path = Path(entry.path)
            relative = path.relative_to(result.base).as_posix()
            if entry.is_dir():
                if entry.name in _LEFT_OUT:
                    continue
                if (path / "pyvenv.cfg").is_file():
                    result.left.append((relative, "a virtual environment"))
                elif entry.is_symlink():
                    result.links.append((relative, _target(path, result.base)))
                else:
                    result.folders.append(relative)
                    stack.append(path)
            elif entry.is_file():
                (result.modules if path.suffix == ".py" else result.data).append(relative)
            elif entry.is_symlink():
                result.links.append((relative, os.readlink(path)))
            else:
                result.left.append((relative, "not a regular file"))
    for names in (result.modules, result.data, result.folders):
        names.sort()
    result.links.sort()
    result.left.sort()
    return result


def _target(link: Path, base: Path) -> str:
    """Inside SRC a link stays as it is written; one that leads out of it must not move with it."""
    real = link.resolve()
    if real == base or base in real.parents:
        return os.path.relpath(real, link.parent.resolve())
    return str(real)


def import_roots(base: Path) -> list[Path]:
    """The folders that modules below ``base`` are named from: what an importer would search."""
    top = base
    while (top / "__init__.py").is_file() and top.parent != top:
        top = top.parent
    inside = [base / name for name in ("src", "lib")]
    return [top, *(p for p in inside if p.is_dir() and not (p / "__init__.py").exists())]
