"""Results kept between runs, by the content that they are of and the compiler that made them.

An entry is a small file that is written whole. One that is damaged, or cannot be read, is as good as
none: the work is done again. Nothing here ever raises.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import final

from selfsame.compiler.emit.whole import write_whole

OLD_S = 30 * 86400  # what another compiler kept and nobody used since is taken away


def cache_folder() -> Path:
    """Where a user's caches are (the XDG base directory specification)."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if os.path.isabs(given) else Path("~/.cache").expanduser()
    return base / "selfsame"


@cache
def compiler_version() -> str:
    """A hash over the compiler's own source and the Python that it runs on."""
    digest = hashlib.sha256(sys.version.encode())
    base = Path(__file__).parent
    for path in sorted(base.rglob("*.py")):
        digest.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:32]


@final
class Kept:
    """Numbers by content hash, for one kind of work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / compiler_version()

    @staticmethod
    def key(raw: bytes, *more: str) -> str:
        """What an entry is known by: a file's bytes, and what else its result depends on."""
        digest = hashlib.sha256("\0".join(more).encode("utf-8", "surrogateescape") + b"\0")
        digest.update(raw)
        return digest.hexdigest()

    def get(self, key: str, size: int) -> list[int] | None:
        """The ``size`` numbers kept for a key, or None."""
        try:
            values, check = json.loads(self._path(key).read_bytes())
        except (OSError, ValueError, TypeError):
            return None
        whole = (
            isinstance(values, list)
            and len(values) == size
            and all(isinstance(value, int) for value in values)
        )
        return values if whole and check == _check(key, values) else None

    def put(self, key: str, values: Sequence[int]) -> bool:
        """Keep numbers; False where the disk or its rights forbid it."""
        try:
            path = self._path(key)
            write_whole(path, json.dumps([list(values), _check(key, values)]).encode())
        except OSError:
            return False
        return True

    def tidy(self) -> None:
        """Take away what other compilers kept and nobody used for a month."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            os.utime(self._folder)
            for other in self._folder.parent.iterdir():
                if other.stat().st_mtime < time.time() - OLD_S:
                    shutil.rmtree(other, ignore_errors=True)
        except OSError:
            return

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:]}.json"


def _check(key: str, values: Sequence[int]) -> str:
    return hashlib.sha256(f"{key} {list(values)}".encode()).hexdigest()[:16]
