"""Files that are written whole or not at all: a temporary file beside, then a rename."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that nobody ever sees half of it; its folder is made where it is missing."""
    with _beside(path) as temporary:
        temporary.write_bytes(data)
        os.chmod(temporary, mode)


def copy_whole(source: Path, path: Path) -> None:
    """Copy a file with its mode and times; not again where size and time say that it is there."""
    now = source.stat()
    try:
        there = path.lstat()
        if (there.st_size, there.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
            return
    except OSError:
        pass  # it is not there yet
    with _beside(path) as temporary:
        shutil.copy2(source, temporary)


def link_whole(path: Path, target: str) -> None:
    """Make ``path`` a symbolic link to ``target``."""
    if path.is_symlink() and os.readlink(path) == target:
        return
    with _beside(path) as temporary:
        temporary.unlink()
        temporary.symlink_to(target)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".selfsame-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
