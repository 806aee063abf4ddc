"""The store, used by one process: versions, rewrites, records, switches."""

import json
import math
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from selfsame.runtime.link.control import ControlWord, read_orders
from selfsame.runtime.versions import objects
from selfsame.runtime.versions.errors import NoStore, Unknown, WrongPython
from selfsame.runtime.versions.manifest import Manifest, NodeEntry, text_id
from selfsame.runtime.versions.store import EngineRunning, Store
from selfsame.variants.variation import Constant, Variation

VARIATION = Variation(
    address="app:f",
    template="hoist",
    family="refactor",
    summary="hoist len",
    source="def f(a): ...",
    code=b"\0\xff code",
    constants=(Constant("\0selfsame:1", "import", "math", "fsum"),),
    guards=("type(a) is list",),
    watch=("math:fsum",),
    parameters={"b": "2", "a": "1"},
    dependencies={"python": "3.11", "app:g": "77ab"},
)


def test_a_new_store_has_an_empty_version(store: Store) -> None:
    head = store.head()
    assert (head.parent, head.author, dict(head.manifest.nodes)) == ("", "selfsame", {})
    assert store.history() == [head]
    assert store.directory.stat().st_mode & 0o777 == 0o700
    assert (store.directory / "store.db").stat().st_mode & 0o777 == 0o600


def test_a_commit_is_the_new_head_and_its_text_has_its_id(store: Store, entry: NodeEntry) -> None:
    first = store.head()
    version = store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="faster")
    assert store.head() == version
    assert version.parent == first.id
    assert version.manifest.nodes[entry.address] == replace(entry, by="selfsame")
    assert text_id(version.text) == version.id
    assert store.history() == [version, first]
    assert [(e.kind, e.version, e.reason) for e in store.events()] == [
        ("version", version.id, "faster")
    ]


def test_a_change_that_changes_nothing_makes_no_version(store: Store, entry: NodeEntry) -> None:
    version = store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="faster")
    again = store.commit(lambda m: m.with_entry(entry), author="ada", reason="the same")
    assert again == version
    assert len(store.history()) == 2


def test_a_change_that_fails_leaves_the_head(store: Store) -> None:
    head = store.head()

    def change(manifest: Manifest) -> Manifest:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        store.commit(change, author="ada", reason="x")
    assert store.head() == head


def test_versions_are_found_by_what_people_write(store: Store, entry: NodeEntry) -> None:
    first = store.head()
    second = store.commit(lambda m: m.with_entry(entry), author="ada", reason="x")
    third = store.commit(lambda m: m.without(entry.address), author="ada", reason="y")
    assert store.version("head") == third
    assert store.version("HEAD~1") == second
    assert store.version(f"{third.id[:9]}~2") == first
    assert store.version(second.id[:7]) == second
    assert store.history(limit=2) == [third, second]


@pytest.mark.parametrize("ref", ["", "head~9", "head~x", "zz", "0" * 17, "head~"])
def test_unknown_versions_say_what_would_be_right(store: Store, ref: str) -> None:
    with pytest.raises(Unknown) as error:
        store.version(ref)
    assert error.value.diagnostics[0].suggestion


def test_a_misspelt_id_suggests_the_nearest(store: Store) -> None:
    id = store.head().id
    wrong = ("0" if id[0] != "0" else "1") + id[1:]
    with pytest.raises(Unknown, match=id):
        store.version(wrong)


def test_orders_name_what_runs_and_the_generation_grows(store: Store, entry: NodeEntry) -> None:
    word = ControlWord(store.directory)
    before = word.generation
    states = {"app:a": "pinned", "app:b": "proposed", "app:c": "barred", "app:d": "active"}

    def change(manifest: Manifest) -> Manifest:
        for address, state in states.items():
            manifest = manifest.with_entry(replace(entry, address=address, state=state))
        return manifest

    version = store.commit(change, author="ada", reason="x")
    orders = read_orders(store.directory)
    assert orders["version"] == version.id
    assert word.generation == orders["generation"] == before + 1 == store.generation()
    assert {a: node["rewrite"] for a, node in orders["nodes"].items()} == {
        "app:a": entry.rewrite,
        "app:b": None,
        "app:c": None,
        "app:d": entry.rewrite,
    }
    assert {a: node["state"] for a, node in orders["nodes"].items()} == states
    word.close()


def test_off_is_seen_by_a_mapped_control_word_and_survives(store: Store) -> None:
    word = ControlWord(store.directory)
    before = word.generation
    store.set_off(True, "ada")
    assert word.off
    assert word.generation > before
    with Store.open(store.directory) as other:
        assert other.is_off()
        other.commit(
            lambda m: m.with_entry(NodeEntry("a:f", "c")), author="selfsame", reason="goes on"
        )
    assert word.off
    store.set_off(False, "ada")
    assert not word.off
    assert [e.kind for e in store.events()] == ["off", "version", "on"]
    word.close()


@pytest.mark.parametrize("damage", [None, b"", b"SELFSAME garbage", b"\0" * 64])
def test_a_lost_control_word_is_made_again_from_the_record(
    store: Store, damage: bytes | None
) -> None:
    store.set_off(True, "ada")
    generation = store.generation()
    path = store.directory / "control"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with Store.open(store.directory) as again:
        assert again.is_off()
        assert again.generation() > generation


def test_rewrites_come_back_as_they_went(store: Store) -> None:
    id = store.put_rewrite(VARIATION)
    assert id == VARIATION.id == store.put_rewrite(VARIATION)
    assert store.get_rewrite(id) == VARIATION
    assert objects.encode(VARIATION) == objects.encode(
        replace(VARIATION, parameters={"a": "1", "b": "2"})
    )


def test_a_rewrite_that_was_built_again_is_the_new_build(store: Store) -> None:
    store.put_rewrite(VARIATION)
    again = replace(VARIATION, code=b"other bytes of the same rewrite")
    assert store.get_rewrite(store.put_rewrite(again)).code == again.code


def test_another_pythons_code_is_not_loaded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here = objects.python_tag()
    monkeypatch.setattr(objects, "python_tag", lambda: "cpython-399")
    id = store.put_rewrite(VARIATION)
    monkeypatch.setattr(objects, "python_tag", lambda: here)
    with pytest.raises(WrongPython, match=f"cpython-399, and this is {here}"):
        store.get_rewrite(id)
    store.put_rewrite(VARIATION)  # both builds are kept
    assert store.get_rewrite(id) == VARIATION


def test_an_unknown_rewrite_is_a_clear_error(store: Store) -> None:
    with pytest.raises(Unknown, match="no rewrite"):
        store.get_rewrite("0" * 16)


def test_trials_keep_their_record(store: Store) -> None:
    store.add_trial("a:f", {"variation": "v1", "verdict": "pass", "speedup": [1.5, 2.0]})
    store.add_trial("a:g", {"variation": "v2", "verdict": "fail", "low": math.inf})
    (one,) = store.trials("a:f")
    assert one["speedup"] == [1.5, 2.0]
    assert (one["address"], one["verdict"]) == ("a:f", "pass")
    everything = store.trials()
    assert [t["address"] for t in everything] == ["a:f", "a:g"]
    assert everything[1]["low"] == "inf"


def test_events_are_numbered_and_can_be_followed(store: Store) -> None:
    ids = [store.add_event("tried", address=f"a:f{i}", ms=i / 2, who="x") for i in range(5)]
    assert ids == list(range(ids[0], ids[0] + 5))
    assert [e.id for e in store.events(after=ids[2])] == ids[3:]
    assert [e.id for e in store.events(after=0, limit=2)] == ids[:2]
    last = store.events()[-1]
    assert (last.kind, last.address, last.numbers) == ("tried", "a:f4", {"ms": 2.0, "who": "x"})
    assert store.last_event() == ids[-1]


def test_old_events_make_room_and_numbers_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("selfsame.runtime.versions.records.EVENTS_KEPT", 100)
    for _ in range(300):
        store.add_event("tick")
    kept = [e.id for e in store.events()]
    assert kept == list(range(kept[0], 301))
    assert 100 <= len(kept) < 300
    store.check()


def test_a_snapshot_replaces_the_runs_earlier_one(store: Store) -> None:
    store.put_snapshot("one", {"nodes": [1]})
    store.put_snapshot("two", {"nodes": []})
    store.put_snapshot("one", {"nodes": [1, 2]})
    assert [(s["run"], s["nodes"]) for s in store.snapshots()] == [("one", [1, 2]), ("two", [])]
    for i in range(30):
        store.put_snapshot(f"run{i}", {"nodes": []})
    assert len(store.snapshots()) == 20


def test_the_mode_that_was_said_last_for_a_node_counts(store: Store) -> None:
    assert store.mode() is None
    assert store.mode("shop.cart:total") is None
    before = store.generation()
    store.set_mode("approve", author="ada")
    store.set_mode("auto", "shop.**:*", author="ada")
    store.set_mode("watch", "shop.pay", author="ada")
    assert store.generation() == before + 3
    assert store.mode() == "approve"
    assert store.mode("shop.cart:total") == "auto"
    assert store.mode("shop.pay:Card.charge/loop[0]") == "watch"
    assert store.mode("other:f") == "approve"
    store.set_mode(None, "shop.pay")
    assert store.mode("shop.pay:charge") == "auto"
    with pytest.raises(Unknown, match="one of: watch"):
        store.set_mode("turbo")


def test_one_engine_at_a_time(store: Store) -> None:
    with store.lock_engine(), Store.open(store.directory) as other:
        with pytest.raises(EngineRunning) as error:
            other.lock_engine()
        assert error.value.pid == os.getpid()
        assert "cpython" in error.value.interpreter
    store.lock_engine().release()


def test_without_a_store_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="selfsame run"):
        Store.open(tmp_path / "none", create=False)
    assert list(tmp_path.iterdir()) == []


def test_two_threads_and_a_second_store_write_at_once(store: Store) -> None:
    failed: list[BaseException] = []

    def work(name: str, target: Store) -> None:
        try:
            for i in range(10):
                entry = NodeEntry(f"{name}:f{i}", "c")
                target.commit(lambda m, e=entry: m.with_entry(e), author="selfsame", reason=name)
                target.add_event("did", address=entry.address)
                target.head(), target.events(limit=3)
        except BaseException as error:
            failed.append(error)

    with Store.open(store.directory) as other:
        targets = [("a", store), ("b", store), ("c", other)]
        threads = [threading.Thread(target=work, args=pair) for pair in targets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(store.head().manifest.nodes) == 30
    assert len(store.history()) == 31
    assert read_orders(store.directory)["version"] == store.head().id
    assert json.loads((store.directory / "orders.json").read_text())["generation"] >= 31
