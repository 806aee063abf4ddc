"""Writes a store, with SQLAlchemy: it is imported by the first transaction that writes."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, delete, event, insert
from sqlalchemy.exc import DBAPIError

from selfsame.runtime.versions.reading import Reader, connect
from selfsame.runtime.versions.schema import BUILT, METADATA
from selfsame.runtime.versions.tables import Table, hashed


class Writer(Reader):
    """The transaction of the one writer; what it reads is what it wrote."""

    def __init__(self, path: Path, connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        super().__init__(path, raw)
        self.connection = connection

    def put(self, table: Table, values: Mapping[str, object]) -> None:
        """Insert a row, or replace the one of the same primary key."""
        statement = insert(BUILT[table.name]).prefix_with("OR REPLACE")
        self.connection.execute(statement.values(hashed(table, values)))

    def add(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert new rows."""
        if rows:
            self.connection.execute(insert(BUILT[table.name]), [hashed(table, r) for r in rows])

    def drop(self, table: Table, column: str, *values: object) -> None:
        """Delete the rows that have one of ``values`` in a column."""
        of = BUILT[table.name]
        if values:
            statement = delete(of).where(of.c[column] == bindparam("one"))
            self.connection.execute(statement, [{"one": value} for value in values])

    def drop_up_to(self, table: Table, column: str, last: int) -> None:
        """Delete the rows that have at most ``last`` in a column."""
        of = BUILT[table.name]
        self.connection.execute(delete(of).where(of.c[column] <= last))

    def create_tables(self) -> None:
        """Make the tables of a new store."""
        METADATA.create_all(self.connection)


class Writers:
    """The connections that write one file, by what a commit waits for (PRAGMA synchronous)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.durable = _engine(path, "FULL")
        self.ordinary = _engine(path, "NORMAL")

    @contextmanager
    def begin(self, *, durable: bool) -> Iterator[Writer]:
        """A transaction: committed at the end, or nothing of it happened."""
        engine = self.durable if durable else self.ordinary
        with _plain_errors(), engine.begin() as connection:
            yield Writer(self.path, connection)

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """A durable connection without a transaction, for what SQLite does outside of any."""
        with _plain_errors(), self.durable.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            yield raw

    def close(self) -> None:
        """Close every connection."""
        self.durable.dispose()
        self.ordinary.dispose()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """The driver's own errors in place of those that SQLAlchemy wraps them in."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise


def _engine(path: Path, synchronous: str) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=lambda: connect(path, synchronous))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails with "locked", without waiting.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
