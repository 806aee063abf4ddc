"""A store of every released schema opens, whole; ``schemas/N.sql`` are dumps of such stores."""

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from selfsame.runtime.versions.errors import StoreDamaged, WrongPython
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.tables import SCHEMA

MADE_BY = (3, 11)
DUMPS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


def load(dump: Path, directory: Path) -> Path:
    directory.mkdir(mode=0o700)
    connection = sqlite3.connect(directory / "store.db")
    connection.executescript(dump.read_text())
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return directory


def layout(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    query = "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    found = connection.execute(query).fetchall()
    for kind, name, _ in list(found):
        if kind == "table":
            found += connection.execute(f"PRAGMA table_info({name})").fetchall()
    connection.close()
    return found


def test_there_is_a_dump_of_every_older_schema() -> None:
    assert [int(dump.stem) for dump in DUMPS] == list(range(1, SCHEMA))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda p: f"schema {p.stem}")
def test_an_older_store_is_brought_up(tmp_path: Path, dump: Path) -> None:
    directory = load(dump, tmp_path / "store")
    with Store.open(directory) as store:
        store.check()
        assert [v.reason for v in store.history()] == [
            "pin app:g=original",
            "approve app:f",
            "proposed: app:f",
            "the store is made",
        ]
        entry = store.head().manifest.nodes["app:f"]
        if sys.version_info[:2] == MADE_BY:
            assert store.get_rewrite(entry.rewrite).template == "hoist"
        else:
            with pytest.raises(WrongPython, match="built by cpython-311"):
                store.get_rewrite(entry.rewrite)
        assert [e.kind for e in store.events(address="app:f")] == ["installed"]
        assert store.mode("app:x") == "auto" and store.trials("app:f")[0]["verdict"] == "same"
        store.commit(lambda m: m.without("app:g"), author="ada", reason="goes on")
    with Store.open(tmp_path / "new") as new:
        new.check()
    assert layout(directory / "store.db") == layout(tmp_path / "new" / "store.db")
    with Store.open(directory) as store:
        assert store.head().reason == "goes on"


def test_several_processes_bring_it_up_at_once(tmp_path: Path) -> None:
    directory = load(DUMPS[0], tmp_path / "store")

    def open_it(_: int) -> str:
        with Store.open(directory) as store:
            store.check()
            return store.head().id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(open_it, range(8)))) == 1


def test_a_step_that_fails_leaves_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = load(DUMPS[0], tmp_path / "store")
    from selfsame.runtime.versions import creation

    def fail(connection: object) -> None:
        raise OSError(28, "No space left on device")

    before = layout(directory / "store.db")
    with monkeypatch.context() as patch:
        patch.setattr(creation, "migrate", fail)
        with pytest.raises(Exception, match="cannot be used"):
            Store.open(directory)
    assert layout(directory / "store.db") == before
    Store.open(directory).close()


def test_tables_that_disagree_about_their_schema_are_damage(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store, store.transaction() as writer:
        writer.connection.exec_driver_sql("UPDATE selfsame_alembic SET version_num = '1'")
    with pytest.raises(StoreDamaged, match="selfsame_alembic"):
        Store.open(tmp_path / "store")
