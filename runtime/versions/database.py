"""The SQLite file of a store: connections, transactions, and errors in a person's words.

WAL lets the command line read while the engine writes. Versions are committed with
``synchronous=FULL``; what may be lost with the machine's power (events, snapshots) with NORMAL,
which cannot damage the file either.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, ProgrammingError

from selfsame.runtime.versions.errors import StoreBusy, StoreError, StoreRefused
from selfsame.runtime.versions.explain import damaged, full

MAGIC: Final = b"SQLite format 3\0"
BUSY_SECONDS: Final = 10


class Database:
    """Connections to one file. Safe to use from several threads; each transaction has its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._durable = _engine(path, "FULL")
        self._ordinary = _engine(path, "NORMAL")

    def close(self) -> None:
        """Close every connection; the last one of all processes folds the WAL into the file."""
        self._durable.dispose()
        self._ordinary.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the store, for reading."""
        with explained(self.path), self._ordinary.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """The only writer of all processes: committed at the end, or nothing of it happened."""
        engine = self._durable if durable else self._ordinary
        with (
            explained(self.path),
            engine.connect().execution_options(selfsame_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def use_wal(self) -> None:
        """Switch the file to WAL, which it remembers. Call it while no other process can open."""
        with explained(self.path), self._ordinary.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA journal_mode=WAL").fetchall()

    def vacuum(self) -> None:
        """Write the file anew without its free pages, and fold the WAL into it."""
        with explained(self.path), self._durable.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def integrity(self) -> str:
        """SQLite's own check of the whole file: ``ok``, or what is wrong."""
        with self.read() as connection:
            rows = connection.exec_driver_sql("PRAGMA integrity_check(5)").fetchall()
        return "; ".join(str(row[0]) for row in rows)


def _engine(path: Path, synchronous: str) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        # Transactions begin where we say so, not where the driver guesses.
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails with "locked", without waiting.
        writes = connection.get_execution_options().get("selfsame_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what the database driver raises into the errors of this package."""
    try:
        yield
    except ProgrammingError:
        raise  # a mistake in our own SQL
    except UnicodeDecodeError as error:  # also what the driver does with its own message
        raise damaged(path, f"the file holds text that is not UTF-8: {error}") from error
    except DBAPIError as error:
        raise _explain(path, error.orig) from error
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: BaseException | None) -> StoreError:
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
