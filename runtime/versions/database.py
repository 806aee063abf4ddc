"""The SQLite file of a store: connections, transactions, and errors in a person's words.

WAL lets the command line read while the engine writes. Versions are committed with
``synchronous=FULL``; what may be lost with the machine's power (events, snapshots) with NORMAL,
which cannot damage the file either.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from selfsame.runtime.versions.errors import StoreBusy, StoreError, StoreRefused
from selfsame.runtime.versions.explain import damaged, full
from selfsame.runtime.versions.reading import BUSY_SECONDS, Reader, Readers

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer, Writers

MAGIC: Final = b"SQLite format 3\0"


class Database:
    """Connections to one file. Safe to use from several threads; each transaction has its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._readers = Readers(path)
        self._writers: Writers | None = None
        self._first = threading.Lock()

    def close(self) -> None:
        """Close every connection; the last one of all processes folds the WAL into the file."""
        if self._writers is not None:
            self._writers.close()
        self._readers.close()

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """A consistent view of the store, for reading."""
        with explained(self.path), self._readers.begin() as reader:
            yield reader

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator["Writer"]:
        """The only writer of all processes: committed at the end, or nothing of it happened."""
        with explained(self.path), self.writers().begin(durable=durable) as writer:
            yield writer

    def use_wal(self) -> None:
        """Switch the file to WAL, which it remembers. Call it while no other process can open."""
        with explained(self.path), self.writers().alone() as connection:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()

    def vacuum(self) -> None:
        """Write the file anew without its free pages, and fold the WAL into it."""
        with explained(self.path), self.writers().alone() as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def integrity(self) -> str:
        """SQLite's own check of the whole file: ``ok``, or what is wrong."""
        with self.read() as reader:
            rows = reader.all("PRAGMA integrity_check(5)")
        return "; ".join(str(row[0]) for row in rows)

    def writers(self) -> "Writers":
        """What writes, and imports SQLAlchemy: nothing that only reads comes here."""
        if self._writers is None:
            from selfsame.runtime.versions.writing import Writers

            with self._first:
                self._writers = self._writers or Writers(self.path)
        return self._writers


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what the database driver raises into the errors of this package."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake in our own SQL
    except UnicodeDecodeError as error:  # also what the driver does with its own message
        raise damaged(path, f"the file holds text that is not UTF-8: {error}") from error
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(
                path,
                f"another process has been writing for {BUSY_SECONDS} s",
                "try again; `selfsame status` says which engine runs",
            )
        case sqlite3.SQLITE_FULL:
            return full(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreRefused(
                path,
                f"cannot be opened for writing: {error}",
                "--store DIR names a place that can be written",
            )
        case sqlite3.SQLITE_IOERR if _no_space(path.parent):
            return full(path)
        case sqlite3.SQLITE_IOERR:
            return StoreError(path, f"the disk failed: {error}", "nothing was changed")
    return damaged(path, f"the file is not as it was written: {error}")


def _no_space(directory: Path) -> bool:
    try:
        status = os.statvfs(directory)
    except OSError:
        return False
    return status.f_bavail * status.f_frsize < 128 * 1024
