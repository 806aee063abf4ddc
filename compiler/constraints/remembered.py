"""The names of a tree's nodes as they were last read, so that unchanged files are not parsed again.

One file for each tree, in the user's cache directory: addresses, labels and notes by file, with the
file's size, time and hash. What cannot be read there is read again; nothing depends on it.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec

from selfsame.compiler.cache import cache_folder

FORMAT: Final = 1


class Note(msgspec.Struct, frozen=True, array_like=True):
    """A diagnostic about a file: line, column, width, message, suggestion."""

    line: int
    column: int
    width: int
    message: str
    suggestion: str


class FileNames(msgspec.Struct, frozen=True, array_like=True):
    """What one file offers: the parts of its nodes' addresses behind the module, and labels.

    ``labels`` has the index in ``names`` with the labels of that node.
    """

    module: str
    size: int
    changed_ns: int
    digest: str
    names: list[str]
    labels: dict[int, list[str]]
    notes: list[Note]


class _Tree(msgspec.Struct, array_like=True):
    version: str
    files: dict[str, FileNames]


class Remembered:
    """The names of one tree. ``version`` is that of what reads names: another one starts anew."""

    def __init__(self, top: Path, version: str, folder: Path | None = None) -> None:
        name = hashlib.sha256(os.fsencode(top.resolve())).hexdigest()[:32]
        self.path = (folder or cache_folder()) / "names" / f"{name}.msgpack"
        self.version = f"{FORMAT} {version}"
        self.files: dict[str, FileNames] = {}
        self._changed = False
        with contextlib.suppress(OSError, msgspec.MsgspecError):  # read again, then
            tree = msgspec.msgpack.decode(self.path.read_bytes(), type=_Tree)
            if tree.version == self.version:
                self.files = tree.files
        self._kept: dict[str, FileNames] = {}

    def find(self, file: Path, module: str) -> FileNames | None:
        """The names of a file, if it is what it was: by size and time, or by its content."""
        known = self.files.get(str(file))
        if known is None or known.module != module:
            return None
        try:
            status = file.stat()
            if (known.size, known.changed_ns) != (status.st_size, status.st_mtime_ns):
                if known.size != status.st_size or digest(file.read_bytes()) != known.digest:
                    return None
                fields: dict[str, Any] = {"changed_ns": status.st_mtime_ns}
                known = msgspec.structs.replace(known, **fields)
                self._changed = True
        except OSError:
            return None
        self._kept[str(file)] = known
        return known

    def keep(self, file: Path, names: FileNames) -> None:
        """Remember what a file offers."""
        self._kept[str(file)] = names
        self._changed = True

    def save(self) -> None:
        """Write what was found or kept, in place of what was there."""
        if not self._changed and len(self._kept) == len(self.files):
            return
        data = msgspec.msgpack.encode(_Tree(self.version, self._kept))
        # A cache that cannot be written, in a read-only home say, costs time and nothing else.
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as file:
                file.write(data)
            os.replace(file.name, self.path)


def digest(content: bytes) -> str:
    """What tells a file's content from another."""
    return hashlib.sha256(content).hexdigest()
