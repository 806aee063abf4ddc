"""Reads a store, with nothing but the standard library: what only reads starts at once.

What writes reads by the same methods, through the connection of its own transaction.
"""

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from selfsame.runtime.versions.tables import Table, checked

BUSY_SECONDS: Final = 10
NO_LIMIT: Final = -1  # as SQL writes it


class Reader:
    """A consistent view of a store, for one thread and as long as its transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def rows(self, table: Table, rest: str = "", *values: object) -> Iterator[dict[str, Any]]:
        """The rows of a table, each held to its hash; ``rest`` is the SQL behind ``FROM table``.

        Raises StoreDamaged at the first one that is not as it was written.
        """
        for row in self._connection.execute(f"{table.selected} {rest}", values):
            yield checked(self.path, table, row)

    def row(self, table: Table, rest: str, *values: object) -> dict[str, Any] | None:
        """The first of `rows`, if there is one."""
        found = self._connection.execute(f"{table.selected} {rest}", values).fetchone()
        return None if found is None else checked(self.path, table, found)

    def every(self, table: Table) -> Iterator[dict[str, Any]]:
        """All rows of a table in the order of their keys."""
        return self.rows(table, f"ORDER BY {', '.join(table.keys)}")

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query gives: of no row that this reads the hash is looked at."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> Any:
        """The first value of the first row of a query."""
        return self._connection.execute(sql, values).fetchone()[0]

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""
        return bool(self.one("SELECT count(*) FROM sqlite_master WHERE name = ?", name))


def marks(values: Collection[object]) -> str:
    """The placeholders of a list of values in SQL."""
    return ", ".join("?" * len(values))


class Readers:
    """The connections that read one file: a transaction has one for itself, and gives it back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._closed = False
        # Both ends of a list are safe among threads; a process that was forked makes its own.
        self._idle: list[tuple[int, sqlite3.Connection]] = []
        self._inherited: list[sqlite3.Connection] = []

    @contextmanager
    def begin(self) -> Iterator[Reader]:
        """A transaction that reads."""
        connection = self._take()
        try:
            connection.execute("BEGIN")
            yield Reader(self.path, connection)
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close every connection, those in use as soon as they are given back."""
        self._closed = True
        self._close_idle()

    def _take(self) -> sqlite3.Connection:
        return next(self._waiting(), None) or connect(self.path, "NORMAL")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            connection.rollback()
        except sqlite3.Error:
            connection.close()
            return
        self._idle.append((os.getpid(), connection))
        if self._closed:
            self._close_idle()

    def _close_idle(self) -> None:
        for connection in self._waiting():
            connection.close()

    def _waiting(self) -> Iterator[sqlite3.Connection]:
        """This process's connections that nobody uses, which are then the caller's."""
        while self._idle:
            try:
                process, connection = self._idle.pop()
            except IndexError:  # another thread was first
                return
            if process == os.getpid():
                yield connection
            else:  # SQLite: what is carried over a fork is neither used nor closed
                self._inherited.append(connection)


def connect(path: Path, synchronous: str) -> sqlite3.Connection:
    """A connection as every one to a store is, for one thread at a time."""
    # Transactions begin where we say so, not where the driver guesses.
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    return connection
