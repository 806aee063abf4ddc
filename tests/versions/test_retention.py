"""``gc`` drops only what nothing in reach names; a bundle carries a version, whole or not at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from selfsame.compiler.errors import UserError
from selfsame.runtime.versions import bundle, changes
from selfsame.runtime.versions.errors import StoreRefused, Unknown
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.retention import collect
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

from .conftest import Said

Selfsame = Callable[..., Said]


def rewrite(store: Store, number: int, code: bytes = b"code") -> Variation:
    made = Variation("app:f", "hoist", "refactor", "", f"def f(): return {number}", code * 1000)
    store.put_rewrite(made)
    return made


def run(store: Store, entry: NodeEntry, made: Variation, address: str = "app:f") -> str:
    new = replace(entry, address=address, rewrite=made.id)
    return store.commit(lambda m: m.with_entry(new), author="selfsame", reason="x").id


def test_what_the_head_and_recent_versions_name_stays(store: Store, entry: NodeEntry) -> None:
    made = [rewrite(store, n) for n in range(6)]
    run(store, entry, made[0], "app:kept")  # named by the head for good, by an old version first
    for one in made[1:]:
        run(store, entry, one)
    never = rewrite(store, 99)
    dry = collect(store, reach=3, dry=True)
    done = collect(store, reach=3)
    assert dry.rewrites == done.rewrites == tuple(sorted([made[1].id, made[2].id, never.id]))
    for one in (made[0], *made[3:]):
        assert store.get_rewrite(one.id) == one
    with pytest.raises(Unknown):
        store.get_rewrite(made[1].id)
    assert len(store.history(None)) == 7  # the history is whole
    store.check()
    assert collect(store, reach=3).rewrites == ()


def test_space_is_given_back(store: Store, entry: NodeEntry) -> None:
    for number in range(60):
        rewrite(store, number, code=b"x" * 100)
    assert collect(store).bytes > 60 * 50_000
    store.check()


def test_a_bundle_goes_from_store_to_store(
    selfsame: Selfsame, store: Store, entry: NodeEntry, tmp_path: Path
) -> None:
    made = rewrite(store, 1)
    run(store, entry, made)
    file = tmp_path / "shop.bundle"
    assert selfsame("store", "export", "-o", str(file)).code == 0
    other = tmp_path / "other"
    said = selfsame("store", "import", str(file), location=other)
    assert said.code == 0 and "app:f: proposed" in said.out and "approve head" in said.out
    with Store.open(other) as opened:
        assert opened.get_rewrite(made.id) == made
        assert opened.head().manifest.nodes["app:f"].state == "proposed"
        opened.commit(changes.approve_node("app:f"), author="ada", reason="ok")
        again, left = bundle.bring_in(opened, file, "ada")
        assert left == ["app:f"] and again.id == opened.head().id
        opened.check()
    said = selfsame("store", "import", str(file), location=other)
    assert said.out == "app:f: left as it is here\nnothing of it is new here\n"
    file.chmod(0o666)
    with Store.open(other) as opened, pytest.raises(StoreRefused):
        bundle.bring_in(opened, file, "ada")


def test_every_flipped_byte_of_a_bundle_is_found(store: Store, entry: NodeEntry) -> None:
    run(store, entry, rewrite(store, 1, b"c"))
    data = bundle.export(store, store.head())
    bundle.read(data, "x")
    for at in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[at] ^= 4
        with pytest.raises(UserError):
            bundle.read(bytes(flipped), "x")
    with pytest.raises(UserError, match="damaged"):
        bundle.read(data[:-1], "x")


def test_check_counts_and_names_damage(selfsame: Selfsame, store: Store, entry: NodeEntry) -> None:
    run(store, entry, rewrite(store, 1))
    said = selfsame("store", "check")
    assert said.code == 0 and "2 versions" in said.out and "1 objects" in said.out
    with store.transaction() as writer:
        writer.connection.exec_driver_sql("UPDATE versions SET header = 'eve' WHERE number = 2")
    said = selfsame("store", "check")
    assert said.code == 2 and "is not as it was written" in said.err


def test_gc_says_what_it_did(selfsame: Selfsame, store: Store) -> None:
    rewrite(store, 1)
    assert "1 rewrite would be dropped" in selfsame("gc", "--dry-run").out
    assert "1 rewrite dropped, 0 kept" in selfsame("gc").out
    assert store.events()[-1].kind == "gc"
