"""Makes the tables of a new store; tells a sound store from a damaged, newer or foreign one."""

from pathlib import Path

import selfsame
from selfsame.runtime.link.control import ORDERS
from selfsame.runtime.versions import clock
from selfsame.runtime.versions.database import MAGIC, Database
from selfsame.runtime.versions.errors import NewerStore, StoreRefused
from selfsame.runtime.versions.explain import damaged
from selfsame.runtime.versions.manifest import Manifest
from selfsame.runtime.versions.migrate import VERSION_TABLE, migrate, stamp, stamped
from selfsame.runtime.versions.succession import insert_version
from selfsame.runtime.versions.tables import SCHEMA, schema_version
from selfsame.runtime.versions.tables import head as head_table


def check_file(path: Path) -> bool:
    """Whether there is a database to open; False where one may be made.

    Raises StoreDamaged for a file that is not SQLite's, and for an empty or missing one beside
    orders: those orders were given by a store that had versions.
    """
    # Looked for first: another process may be making the store just now, its orders last.
    ordered = (path.parent / ORDERS).exists()
    try:
        with path.open("rb") as file:
            begin = file.read(len(MAGIC))
    except FileNotFoundError:
        begin = b""
    except OSError as error:
        raise StoreRefused(path, f"cannot be read: {error.strerror}") from error
    if begin == MAGIC:
        return True
    if begin:
        raise damaged(path, "the file is not a SQLite database")
    if ordered:
        raise damaged(path, "the database is missing or empty, and orders of it are there")
    return False


def has_tables(database: Database) -> bool:
    """Whether the tables were made; not so after a crash while the store was being made."""
    ordered = (database.path.parent / ORDERS).exists()
    with database.read() as reader:
        made = reader.one("SELECT count(*) FROM sqlite_master")
    if not made and ordered:
        raise damaged(database.path, "the tables are gone")
    return bool(made)


def create_tables(database: Database) -> None:
    """Make a store with its first version, an empty manifest. Twice is as once."""
    # Made here and not by SQLite, so that nobody else can read it however the umask is.
    database.path.touch(mode=0o600)
    database.use_wal()
    now = clock.now()
    first = Manifest(author="selfsame", reason="the store is made", created=now)
    with database.write(durable=True) as writer:
        if writer.has_table(schema_version.name):
            return
        writer.create_tables()
        row = {"version": SCHEMA, "created": now, "writer": f"selfsame {selfsame.__version__}"}
        writer.put(schema_version, row)
        stamp(writer, SCHEMA)
        version = insert_version(writer, first)
        writer.put(head_table, {"name": "head", "version": version.id})


def bring_up(database: Database) -> None:
    """Migrate a store of an older schema; call it with `publishing` held. Twice is as once."""
    with database.write(durable=True) as writer:
        if writer.one("SELECT max(version) FROM schema_version") >= SCHEMA:
            return  # another process was first
        migrate(writer)
        row = {
            "version": SCHEMA,
            "created": clock.now(),
            "writer": f"selfsame {selfsame.__version__}",
        }
        writer.put(schema_version, row)


def check_schema(database: Database) -> bool:
    """Whether the tables are of this schema; False where they are older, and can be migrated.

    Raises NewerStore where a newer selfsame made them, StoreDamaged where there are none.
    """
    with database.read() as reader:
        # Only columns that every schema keeps, so that a newer table can be read.
        rows = reader.all("SELECT version, writer FROM schema_version")
        if not rows or not all(isinstance(row[0], int) for row in rows):
            raise damaged(database.path, "the table schema_version does not say a version")
        newest = max(rows, key=lambda row: int(row[0]))
        if newest[0] > SCHEMA:
            raise NewerStore(
                database.path,
                f"the store has schema {newest[0]}, written by {newest[1]}; this is selfsame "
                f"{selfsame.__version__}, which knows schemas up to {SCHEMA}",
                "upgrade selfsame, or name another store with --store DIR; nothing was changed",
            )
        for _ in reader.every(schema_version):
            pass  # each is held to its hash
        if newest[0] == SCHEMA and stamped(reader) != str(SCHEMA):
            raise damaged(database.path, f"{VERSION_TABLE} does not say schema {SCHEMA}")
        return bool(newest[0] == SCHEMA)
