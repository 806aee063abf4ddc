"""Schema 3: a version keeps what it changed, not its whole text; the ids are the same.

The tables are spelt out as they were and as they became: later schemas do not change this step.
"""

import json
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from alembic import op
from sqlalchemy import MetaData, select

from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.schema import built
from selfsame.runtime.versions.tables import Column, Table, checked, hashed, row_hash

revision = "3"
down_revision = "2"
WHOLE_AFTER = 256


OLD = Table(
    "versions",
    (
        Column("id", str, key=True),
        Column("number", int),
        Column("parent", str),
        Column("author", str),
        Column("reason", str),
        Column("created", str),
        Column("text", str),
    ),
)
NEW = Table(
    "versions_3",
    (
        Column("id", str, key=True),
        Column("number", int),
        Column("header", str),
        Column("changes", int),
    ),
)
CHANGES = Table(
    "changes",
    (
        Column("address", str, key=True),
        Column("number", int, key=True, index=True),
        Column("lines", str),
    ),
)
TEXTS = Table("texts", (Column("number", int, key=True), Column("text", bytes)))


def upgrade() -> None:
    """From schema 2."""
    old, new, changes, texts = (built(t, MetaData()) for t in (OLD, NEW, CHANGES, TEXTS))
    connection = op.get_bind()
    for table in (new, changes, texts):
        table.create(connection)
    path = Path(connection.engine.url.database or "")
    blocks: dict[str, str] = {}
    gathered = 0
    ids = connection.execute(select(old.c.id).order_by(old.c.number)).all()
    for (id,) in ids:
        row = connection.execute(select(old).where(old.c.id == id)).one()
        values = checked(path, OLD, row)
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
        made["row_hash"] = row_hash(replace(NEW, name="versions"), made)
        connection.execute(new.insert().values(made))
        for address, lines in sorted(changed.items()):
            change = {"address": address, "number": number, "lines": lines}
            connection.execute(changes.insert().values(hashed(CHANGES, change)))
        gathered += len(changed)
        if number == 1 or gathered > WHOLE_AFTER:
            whole = {"number": number, "text": zlib.compress(text.encode())}
            connection.execute(texts.insert().values(hashed(TEXTS, whole)))
            gathered = 0
        blocks = now
    op.drop_table("versions")
    op.rename_table("versions_3", "versions")
    op.create_index("ix_versions_number", "versions", ["number"], unique=True)


def _address(part: str) -> str:
    written = part[5 : part.find("\n")]
    return str(json.loads(written)) if written.startswith('"') else written
