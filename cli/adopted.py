"""What an earlier start found of a manifest, kept by what it rests on: a start with nothing new is quick.

A record lies in the store's directory, under a name that is the hash of the manifest's text, of the
program's place and of this selfsame and Python. It counts only while every source that was read is
as it was, every place where none was found is still empty, the built extensions are there, and the
store's orders are those of the version that was made then. All else is found out anew.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import selfsame
from selfsame import runtime
from selfsame.runtime.agent.sums import sha256 as digest_of

FORMAT: Final = 2
OWN_FOLDERS: Final = ("compiler", "variants", "runtime", "cli")


@dataclass(frozen=True)
class Adopted:
    """``running`` rewrites are put in, from ``file`` (its path and sha256); ``warnings`` say what is not.

    ``version`` is the store's version that names them; empty where none was made yet. ``addresses``
    are the manifest's nodes that count here. ``files`` are sources, with sha256, or "" for a place
    where there was none; ``extensions`` are paths of built code, with sha256.
    """

    version: str
    running: int
    warnings: tuple[str, ...]
    addresses: tuple[str, ...]
    file: tuple[str, str]
    files: tuple[tuple[str, str], ...]
    extensions: tuple[tuple[str, str], ...]

    @property
    def holds(self) -> bool:
        """Whether all that it rests on is as it was; the store's version aside."""
        known = (self.file, *self.files, *self.extensions)
        return all(file_digest(path) == digest for path, digest in known)

    def current(self, directory: Path) -> bool:
        """Whether the orders of the store are still those of its version."""
        from selfsame.runtime.link.control import ControlError, read_orders

        try:
            return bool(self.version) and read_orders(directory).get("version") == self.version
        except ControlError:
            return False

    def write(self, record: Path) -> None:
        """Keep it at a path. Raises OSError."""
        scratch = record.with_name(f"{record.name}.{os.getpid()}")
        scratch.write_text(json.dumps({"format": FORMAT, **asdict(self)}))
        scratch.replace(record)


def record_path(
    text: str | None, directory: Path, roots: Sequence[str], main: str, path: Sequence[str]
) -> Path:
    """Where the record of a manifest's text (None: the head's) is, for a program in its place."""
    place = [list(roots), main, list(path), os.getcwd(), os.environ.get("PYTHONOPTIMIZE", "")]
    made_by = [sys.version, sys.implementation.cache_tag, selfsame.__version__, *_own_files()]
    name = sha256(json.dumps([text, place, made_by]).encode()).hexdigest()[:16]
    return directory / f"passive-{name}.json"


def read_record(record: Path) -> Adopted | None:
    """What was kept; None where nothing was, or what is there is no record of this format."""
    try:
        data: dict[str, Any] = json.loads(record.read_text())
        if data["format"] != FORMAT:
            return None
        ((path, digest),) = _rows([data["file"]])
        return Adopted(
            version=str(data["version"]),
            running=int(data["running"]),
            warnings=tuple(map(str, data["warnings"])),
            addresses=tuple(map(str, data["addresses"])),
            file=(path, digest),
            files=_rows(data["files"]),
            extensions=_rows(data["extensions"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rows(rows: Any) -> tuple[tuple[str, str], ...]:
    """Paths with digests. Raises TypeError for others: a number would be a descriptor of the program's."""
    for path, digest in rows:
        if type(path) is not str or type(digest) is not str:
            raise TypeError("no path")
    return tuple((path, digest) for path, digest in rows)


def file_digest(path: str) -> str:
    """The sha256 of a file's bytes; empty where there is no file, or none that can be read."""
    try:
        with open(path, "rb") as file:
            return digest_of(file.read())
    except OSError:
        return ""


def _own_files() -> Iterable[tuple[str, int, int]]:
    """Name, size and time of every file of selfsame's own code: who works on it starts anew."""
    home = Path(runtime.__file__).parent
    found = []
    folders = [str(home.parent / name) for name in OWN_FOLDERS]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir() and entry.name != "__pycache__":
                    folders.append(entry.path)
                elif entry.name.endswith((".py", ".so")):
                    state = entry.stat()
                    found.append((entry.path, state.st_size, state.st_mtime_ns))
    return sorted(found)
