"""Schema 3: a version keeps what it changed, not its whole text; the ids are the same.

The tables are spelt out as they were and as they became: later schemas do not change this step.
"""

import json
import zlib
from hashlib import sha256
from pathlib import Path

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, select

from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.schema import checked, hashed

revision = "3"
down_revision = "2"
WHOLE_AFTER = 256


def _table(name: str, *columns: "Column[str] | Column[int] | Column[bytes]") -> Table:
    hash = Column("row_hash", Text, nullable=False)
    return Table(name, MetaData(), *columns, hash, sqlite_with_rowid=False)


def upgrade() -> None:
    """From schema 2."""
    old = _table(
        "versions",
        Column("id", Text, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("parent", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("created", Text, nullable=False),
        Column("text", Text, nullable=False),
    )
    new = _table(
        "versions_3",
        Column("id", Text, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("header", Text, nullable=False),
        Column("changes", Integer, nullable=False),
    )
    changes = _table(
        "changes",
        Column("address", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False, index=True),
        Column("lines", Text, nullable=False),
    )
    texts = _table(
        "texts",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("text", LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    for table in (new, changes, texts):
        table.create(connection)
    path = Path(connection.engine.url.database or "")
    blocks: dict[str, str] = {}
    gathered = 0
    ids = connection.execute(select(old.c.id).order_by(old.c.number)).all()
    for (id,) in ids:
        row = connection.execute(select(old).where(old.c.id == id)).one()
        values = checked(path, old, row)
        text = values["text"]
        if sha256(text.encode()).hexdigest()[:16] != id:
            raise damaged(path, f"the row versions[{id!r}] has the text of another version")
        header, *parts = text.removesuffix("\n").split("\n\n")
        now = {_address(part): part for part in parts}
        changed = {a: lines for a, lines in now.items() if blocks.get(a) != lines}
        changed |= {a: "" for a in blocks if a not in now}
        number = values["number"]
        made = {"id": id, "number": number, "header": header, "changes": len(changed)}
        # A row's hash covers the name of its table, which is to be the old one.
        made["row_hash"] = hashed(_renamed(new), made)["row_hash"]
        connection.execute(new.insert().values(made))
        for address, lines in sorted(changed.items()):
            change = {"address": address, "number": number, "lines": lines}
            connection.execute(changes.insert().values(hashed(changes, change)))
        gathered += len(changed)
        if number == 1 or gathered > WHOLE_AFTER:
            whole = {"number": number, "text": zlib.compress(text.encode())}
            connection.execute(texts.insert().values(hashed(texts, whole)))
            gathered = 0
        blocks = now
    op.drop_table("versions")
    op.rename_table("versions_3", "versions")
    op.create_index("ix_versions_number", "versions", ["number"], unique=True)


def _renamed(table: Table) -> Table:
    return table.to_metadata(MetaData(), name="versions")


def _address(part: str) -> str:
    written = part[5 : part.find("\n")]
    return str(json.loads(written)) if written.startswith('"') else written
