"""Damage, a full disk, a newer or half-made store: a clear error, and nothing is lost."""

import errno
import json
import os
import random
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.link.control import read_orders
from selfsame.runtime.versions.errors import (
    NewerStore,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    Unknown,
)
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

FLIPS = 150
VARIATION = Variation("app:f", "hoist", "refactor", "hoist len", "def f(a): ...", b"\0code")


def fill(store: Store, entry: NodeEntry) -> None:
    store.put_rewrite(VARIATION)
    for i in range(6):
        store.commit(
            lambda m, i=i: m.with_entry(replace(entry, address=f"app:f{i}")),
            author="selfsame",
            reason=f"r{i}",
        )
        store.add_trial(f"app:f{i}", {"variation": "v", "verdict": "pass"})
    store.put_snapshot("run", {"nodes": []})
    store.set_mode("watch", author="ada")


def contents(store: Store) -> list[object]:
    """Everything that a user of the store can read."""
    return [
        [(version, version.text) for version in store.history(None)],
        store.trials(),
        store.events(),
        store.snapshots(),
        store.modes(),
        store.is_off(),
        store.get_rewrite(VARIATION.id),
    ]


def test_every_flipped_byte_is_found_or_changes_nothing(tmp_path: Path, entry: NodeEntry) -> None:
    directory = tmp_path / "store"
    with Store.open(directory) as store:
        fill(store, entry)
        expected = contents(store)
    path = directory / "store.db"
    sound = path.read_bytes()
    assert not (directory / "store.db-wal").exists()
    orders = (directory / "orders.json").read_bytes()
    chance = random.Random(20260301)
    used = [i for i, byte in enumerate(sound) if byte]
    found = 0
    for _ in range(FLIPS):
        at = chance.choice(used)
        flipped = bytearray(sound)
        flipped[at] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            with Store.open(directory, create=False) as store:
                store.check()
                assert contents(store) == expected, f"byte {at} changed what is read"
        except StoreError as error:
            found += 1
            assert str(directory) in str(error)
        # Whatever was found: programs run on, and what is left of the store is still there.
        assert (directory / "orders.json").read_bytes() == orders
        assert len(path.read_bytes()) == len(sound)
        for extra in ("store.db-wal", "store.db-shm"):
            (directory / extra).unlink(missing_ok=True)
    assert found > FLIPS // 2


def change_row(store: Store, statement: str) -> None:
    connection = sqlite3.connect(store.directory / "store.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE versions SET header = replace(header, 'r1', 'r9') WHERE number = 3", "versions['"),
        ("UPDATE changes SET lines = replace(lines, 'active', 'pinned')", "changes['app:f"),
        ("DELETE FROM changes WHERE number = 2", "1 rows of changes"),
        ("UPDATE texts SET text = x'00'", "texts[1]"),
        ("DELETE FROM versions WHERE number = 2", "versions['"),
        ("UPDATE events SET reason = 'forged' WHERE id = 2", "events[2]"),
        ("UPDATE trials SET verdict = 'fail' WHERE id = 1", "trials[1]"),
        ("UPDATE meta SET key = 'nodes'", "meta['nodes']"),
        ("UPDATE objects SET payload = x'00'", f"objects['{VARIATION.id}'"),
        ("UPDATE snapshots SET run = 'other'", "snapshots['other']"),
        ("DELETE FROM head", "head['head']"),
    ],
)
def test_a_changed_row_is_named(store: Store, entry: NodeEntry, statement: str, row: str) -> None:
    fill(store, entry)
    version = store.head().id
    change_row(store, statement)
    with pytest.raises(StoreDamaged) as error:
        store.check()
    assert row in str(error.value)
    assert f"running programs go on with version {version}" in str(error.value)


def test_a_version_with_the_text_of_another_is_found(store: Store, entry: NodeEntry) -> None:
    fill(store, entry)
    from selfsame.runtime.versions.tables import HASH, changes, versions

    with store.transaction() as writer:
        (values,) = writer.rows(changes, "WHERE number = 3")
        del values[HASH]
        writer.put(changes, {**values, "lines": values["lines"].replace("active", "frozen")})
        (one,) = writer.rows(versions, "WHERE number = 3")
    with pytest.raises(StoreDamaged, match="text of another version"):
        store.version(one["id"])


@pytest.mark.parametrize(
    "content", [b"not a database at all", b"SQLite format 3\0" + b"\0" * 99, b""]
)
def test_a_corrupt_file_is_left_as_it_is(tmp_path: Path, entry: NodeEntry, content: bytes) -> None:
    directory = tmp_path / "store"
    with Store.open(directory) as store:
        fill(store, entry)
        version = store.head().id
    path = directory / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=f"go on with version {version}"):
        Store.open(directory)
    assert path.read_bytes() == content


def test_a_store_that_lost_its_file_is_not_made_anew(tmp_path: Path, entry: NodeEntry) -> None:
    directory = tmp_path / "store"
    with Store.open(directory) as store:
        fill(store, entry)
    (directory / "store.db").rename(tmp_path / "away.db")
    with pytest.raises(StoreDamaged, match="missing or empty"):
        Store.open(directory)
    assert not (directory / "store.db").exists()


def test_a_history_that_lost_its_end_is_not_taken_for_whole(
    tmp_path: Path, entry: NodeEntry
) -> None:
    directory = tmp_path / "store"
    with Store.open(directory) as store:
        store.commit(lambda m: m.with_entry(entry), author="ada", reason="x")
    old = (directory / "store.db").read_bytes()
    with Store.open(directory) as store:
        lost = store.commit(lambda m: m.without(entry.address), author="ada", reason="y").id
    (directory / "store.db").write_bytes(old)
    with pytest.raises(StoreDamaged, match=f"told of version {lost}") as error:
        Store.open(directory)
    assert "remove" in error.value.diagnostics[0].suggestion
    (directory / "orders.json").unlink()
    with Store.open(directory) as store:
        assert read_orders(directory)["version"] == store.head().id


def test_a_store_that_was_half_made_is_made(tmp_path: Path) -> None:
    directory = tmp_path / "store"
    directory.mkdir(mode=0o700)
    connection = sqlite3.connect(directory / "store.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    with Store.open(directory) as store:
        assert store.head().parent == ""


def test_a_newer_store_says_what_to_do(store: Store) -> None:
    change_row(store, "ALTER TABLE schema_version ADD COLUMN more TEXT")
    change_row(store, "INSERT INTO schema_version VALUES (7, 'x', 'selfsame 9.0', 'h', 'new')")
    before = (store.directory / "store.db").read_bytes()
    with pytest.raises(NewerStore, match=r"schema 7, written by selfsame 9\.0") as error:
        Store.open(store.directory)
    assert "upgrade" in error.value.diagnostics[0].suggestion
    assert (store.directory / "store.db").read_bytes() == before


def test_a_full_database_keeps_the_old_version(store: Store, entry: NodeEntry) -> None:
    fill(store, entry)
    head, orders = store.head(), read_orders(store.directory)

    def no_growth(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite takes the present size at least

    writers = store._database.writers()
    for engine in (writers.durable, writers.ordinary):
        event.listen(engine, "checkout", no_growth)
    big = replace(entry, reason="long " * 5000)
    with pytest.raises(StoreFull, match=f"go on with version {head.id}"):
        store.commit(lambda m: m.with_entry(big), author="ada", reason="x")
    with pytest.raises(StoreFull):
        store.put_snapshot("run", {"nodes": ["long"] * 20000})
    assert store.head() == head
    assert read_orders(store.directory) == orders
    assert not (store.directory / "orders.json.new").exists()


def test_orders_that_cannot_be_written_keep_the_old_version(
    store: Store, entry: NodeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, orders = store.head(), read_orders(store.directory)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(StoreFull):
        patch.setattr("selfsame.runtime.versions.orders.os.fsync", full)
        store.commit(lambda m: m.with_entry(entry), author="ada", reason="x")
    assert store.head() == head
    assert read_orders(store.directory) == orders
    assert store.commit(lambda m: m.with_entry(entry), author="ada", reason="x").parent == head.id


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte, where one can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "none", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no right to mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_at_any_point(small_disk: Path, entry: NodeEntry) -> None:
    done = []
    with Store.open(small_disk / "store") as store:
        with pytest.raises(StoreFull, match="no space left"):
            for i in range(500):
                big = replace(entry, reason=f"{i} " * 1000)
                done.append(
                    store.commit(lambda m, e=big: m.with_entry(e), author="selfsame", reason="x")
                )
        assert done
        assert store.head() == done[-1]
        # A person's switch works on a full disk all the same.
        try:
            store.set_off(True, "ada")
        except StoreFull:
            pass
        assert store.is_off()
    with Store.open(small_disk / "store") as store:
        assert [v.id for v in store.history(None)][:-1] == [v.id for v in reversed(done)]
        assert read_orders(store.directory)["version"] == done[-1].id


def test_a_writer_that_does_not_end_is_reported(
    store: Store, entry: NodeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.versions.reading.BUSY_SECONDS", 0.05)
    blocker = sqlite3.connect(store.directory / "store.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with Store.open(store.directory) as other:
        with pytest.raises(StoreBusy, match="another process"):
            other.commit(lambda m: m.with_entry(entry), author="ada", reason="x")
        assert other.head() == store.head()  # reading goes on
    blocker.close()


def test_orders_of_a_crash_between_commit_and_publication_converge(
    store: Store, entry: NodeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from selfsame.runtime.versions.orders import Orders

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    generation = store.generation()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Orders, "publish", crash)
        store.commit(lambda m: m.with_entry(entry), author="ada", reason="x")
    assert read_orders(store.directory)["version"] != store.head().id
    with Store.open(store.directory) as again:
        assert read_orders(store.directory)["version"] == again.head().id
        assert again.generation() > generation


def test_orders_ahead_of_the_generation_are_published_again(store: Store, entry: NodeEntry) -> None:
    orders = json.loads((store.directory / "orders.json").read_text())
    orders["generation"] += 5
    (store.directory / "orders.json").write_text(json.dumps(orders))
    with Store.open(store.directory) as again:
        assert again.generation() == orders["generation"] + 1


def test_all_errors_are_of_one_family() -> None:
    for kind in (StoreError, StoreDamaged, NewerStore, StoreFull, Unknown):
        assert issubclass(kind, SelfsameError)
