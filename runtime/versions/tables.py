"""The tables of a store as plain data, and the hash that each row carries over its contents."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from selfsame.runtime.versions.explain import damaged

SCHEMA: Final = 3
HASH: Final = "row_hash"


@dataclass(frozen=True)
class Column:
    """A column that is never null; ``kind`` is ``int``, ``str`` or ``bytes``."""

    name: str
    kind: type
    key: bool = False
    index: bool = False
    unique: bool = False


@dataclass(frozen=True)
class Table:
    """A table. Without a ``rowid``, the rows are the index of their key."""

    name: str
    columns: tuple[Column, ...]
    rowid: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What a row holds, in its order: the columns, and the hash over them."""
        return (*(column.name for column in self.columns), HASH)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def selected(self) -> str:
        """The SQL that reads whole rows."""
        columns = ", ".join(f"{self.name}.{name}" for name in self.names)
        return f"SELECT {columns} FROM {self.name}"


def _table(name: str, *columns: Column, rowid: bool = False) -> Table:
    return Table(name, columns, rowid)


schema_version = _table(
    "schema_version",
    Column("version", int, key=True),
    Column("created", str),
    Column("writer", str),
)
objects = _table(
    "objects",
    Column("id", str, key=True),
    Column("python", str, key=True),
    Column("kind", str),
    Column("payload", bytes),
)
versions = _table(
    "versions",
    Column("id", str, key=True),
    Column("number", int, index=True, unique=True),
    Column("header", str),
    Column("changes", int),
)
# The lines that a version has for a node, where its parent's are others; empty where it has none.
changes = _table(
    "changes",
    Column("address", str, key=True),
    Column("number", int, key=True, index=True),
    Column("lines", str),
)
# Now and then the whole text of a version, compressed (zlib), so that few changes are read.
texts = _table(
    "texts",
    Column("number", int, key=True),
    Column("text", bytes),
)
head = _table(
    "head",
    Column("name", str, key=True),
    Column("version", str),
)
trials = _table(
    "trials",
    Column("id", int, key=True),
    Column("address", str, index=True),
    Column("variation", str),
    Column("verdict", str),
    Column("evidence", str),
    Column("created", str),
    rowid=True,
)
events = _table(
    "events",
    Column("id", int, key=True),
    Column("created", str),
    Column("kind", str),
    Column("address", str, index=True),
    Column("version", str),
    Column("reason", str),
    Column("numbers", str),
    rowid=True,
)
snapshots = _table(
    "snapshots",
    Column("run", str, key=True),
    Column("number", int),
    Column("created", str),
    Column("data", str),
)
meta = _table(
    "meta",
    Column("key", str, key=True),
    Column("value", str),
)
TABLES: Final = (
    schema_version,
    objects,
    versions,
    changes,
    texts,
    head,
    trials,
    events,
    snapshots,
    meta,
)


def row_hash(table: Table, values: Mapping[str, object]) -> str:
    """32 hex digits over the table's name and all columns but the hash itself."""
    parts = [table.name]
    for column in table.columns:
        value = values[column.name]
        if isinstance(value, bytes):
            value = ["bytes", hashlib.sha256(value).hexdigest()]
        parts.append(json.dumps([column.name, value]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def hashed(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with their ``row_hash``: what is inserted."""
    return {**values, HASH: row_hash(table, values)}


def checked(path: Path, table: Table, row: Iterable[Any]) -> dict[str, Any]:
    """A row that was read whole, by column. Raises StoreDamaged where the hash disagrees."""
    values = dict(zip(table.names, row, strict=True))
    try:
        intact = values[HASH] == row_hash(table, values)
    except TypeError:  # a damaged type that JSON does not know
        intact = False
    if not intact:
        name = f"{table.name}[{', '.join(repr(values[key]) for key in table.keys)}]"
        raise damaged(path, f"the row {name} is not as it was written")
    return values
