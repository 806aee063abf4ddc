"""The tables of a store as SQLAlchemy's, for what writes; they are described in ``tables``."""

from typing import Any, Final

import sqlalchemy
from sqlalchemy import Integer, LargeBinary, MetaData, Text

from selfsame.runtime.versions.tables import HASH, TABLES, Table

KINDS: Final = {int: Integer, str: Text, bytes: LargeBinary}


def built(table: Table, metadata: MetaData) -> sqlalchemy.Table:
    """SQLAlchemy's table for a description."""
    columns: list[sqlalchemy.Column[Any]] = [
        sqlalchemy.Column(
            column.name,
            KINDS[column.kind],
            primary_key=column.key,
            autoincrement=False,
            nullable=False,
            index=column.index or None,
            unique=column.unique or None,
        )
        for column in table.columns
    ]
    hash = sqlalchemy.Column(HASH, Text, nullable=False)
    return sqlalchemy.Table(table.name, metadata, *columns, hash, sqlite_with_rowid=table.rowid)


METADATA: Final = MetaData()
BUILT: Final = {table.name: built(table, METADATA) for table in TABLES}
