"""Brings a store of an older schema to this one, in one transaction; the steps are Alembic's.

Alembic has a version table of its own in the store, so that it can share a database with a user's.
It is imported only where there is something to migrate.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from selfsame.runtime.versions.reading import Reader

if TYPE_CHECKING:
    from selfsame.runtime.versions.writing import Writer

VERSION_TABLE: Final = "selfsame_alembic"


def stamp(writer: "Writer", schema: int) -> None:
    """Say that the tables, which were made just now, are those of ``schema``."""
    writer.connection.exec_driver_sql(
        f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    writer.connection.exec_driver_sql(f"INSERT INTO {VERSION_TABLE} VALUES ('{schema}')")


def stamped(reader: Reader) -> str:
    """The schema that Alembic's table names; empty before the first migration."""
    if not reader.has_table(VERSION_TABLE):
        return ""
    rows = reader.all(f"SELECT version_num FROM {VERSION_TABLE}")
    return ",".join(str(row[0]) for row in rows)


def migrate(writer: "Writer") -> None:
    """Run every step that the store has not had. The caller commits, or nothing happened."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: Any) -> list[Any]:
        return list(script._upgrade_revs("head", revision))

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=writer.connection, version_table=VERSION_TABLE)
        environment.run_migrations()
