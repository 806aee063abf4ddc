"""The tables of a store, and the hash that each row carries over its contents."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    insert,
    select,
)

from selfsame.runtime.versions.explain import damaged

SCHEMA: Final = 3
TABLES: Final = MetaData()


def _table(name: str, *columns: Column[Any], rowid: bool = False) -> Table:
    # Without a rowid, the rows are the index of their key.
    hashed = Column("row_hash", Text, nullable=False)
    return Table(name, TABLES, *columns, hashed, sqlite_with_rowid=rowid)


schema_version = _table(
    "schema_version",
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("created", Text, nullable=False),
    Column("writer", Text, nullable=False),
)
objects = _table(
    "objects",
    Column("id", Text, primary_key=True),
    Column("python", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
versions = _table(
    "versions",
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True, index=True),
    Column("header", Text, nullable=False),
    Column("changes", Integer, nullable=False),
)
# The lines that a version has for a node, where its parent's are others; empty where it has none.
changes = _table(
    "changes",
    Column("address", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, index=True),
    Column("lines", Text, nullable=False),
)
# Now and then the whole text of a version, compressed (zlib), so that few changes are read.
texts = _table(
    "texts",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", LargeBinary, nullable=False),
)
head = _table(
    "head",
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
)
trials = _table(
    "trials",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False, index=True),
    Column("variation", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("created", Text, nullable=False),
    rowid=True,
)
events = _table(
    "events",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("created", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("numbers", Text, nullable=False),
    rowid=True,
)
snapshots = _table(
    "snapshots",
    Column("run", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("data", Text, nullable=False),
)
meta = _table(
    "meta",
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def row_hash(table: Table, values: Mapping[str, object]) -> str:
    """32 hex digits over the table's name and all columns but ``row_hash`` itself."""
    parts = [table.name]
    for column in table.columns:
        if column.name != "row_hash":
            value = values[column.name]
            if isinstance(value, bytes):
                value = ["bytes", hashlib.sha256(value).hexdigest()]
            parts.append(json.dumps([column.name, value]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def hashed(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with their ``row_hash``: what is inserted."""
    return {**values, "row_hash": row_hash(table, values)}


def put(connection: Connection, table: Table, values: Mapping[str, object]) -> None:
    """Insert a row, or replace the one of the same primary key."""
    statement = insert(table).prefix_with("OR REPLACE").values(hashed(table, values))
    connection.execute(statement)


def checked(path: Path, table: Table, row: Row[Any]) -> Mapping[str, Any]:
    """The columns of a row that was read whole. Raises StoreDamaged where the hash disagrees."""
    values = {column.name: row._mapping[column.name] for column in table.columns}
    try:
        intact = values["row_hash"] == row_hash(table, values)
    except TypeError:  # a damaged type that JSON does not know
        intact = False
    if not intact:
        keys = [values[column.name] for column in table.primary_key.columns]
        name = f"{table.name}[{', '.join(map(repr, keys))}]"
        raise damaged(path, f"the row {name} is not as it was written")
    return values


def every(table: Table) -> Any:
    """The statement that reads all rows of a table in the order of their keys."""
    return select(table).order_by(*table.primary_key.columns)
