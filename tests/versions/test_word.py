"""A person's word stands: selfsame may not change what a person pinned, reverted or barred."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.compiler.errors import Skipped
from selfsame.runtime.versions import changes
from selfsame.runtime.versions.manifest import STATES, Manifest, NodeEntry
from selfsame.runtime.versions.modes import Modes
from selfsame.runtime.versions.store import PinnedError, Store
from selfsame.runtime.versions.word import closed, is_person, overruled, person, signed


@pytest.mark.parametrize("state", ["pinned", "reverted", "barred"])
def test_selfsame_does_not_overrule_a_person(store: Store, entry: NodeEntry, state: str) -> None:
    kept = replace(entry, state=state)
    said = store.commit(lambda m: m.with_entry(kept), author="ada", reason="mine")
    store.commit(
        lambda m: m.with_entry(replace(entry, address="app:other")), author="selfsame", reason="x"
    )
    for change in (
        lambda m: m.without(entry.address),
        lambda m: m.with_entry(replace(entry, state="active")),
        lambda m: m.with_entry(replace(kept, evidence=("more",))),
        lambda m: Manifest(),
    ):
        with pytest.raises(PinnedError) as error:
            store.commit(change, author="selfsame", reason="better")
        refusal = error.value
        assert (refusal.address, refusal.who, refusal.version) == (entry.address, "ada", said.id)
        assert refusal.when == said.created
    assert store.head().manifest.nodes[entry.address] == replace(kept, by="ada")


def test_selfsame_may_change_what_it_decided_itself(store: Store, entry: NodeEntry) -> None:
    barred = replace(entry, state="barred")
    store.commit(lambda m: m.with_entry(barred), author="selfsame", reason="it disappointed")
    version = store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="again")
    assert version.manifest.nodes[entry.address].state == "active"


def test_what_a_person_approved_may_be_rolled_back(store: Store, entry: NodeEntry) -> None:
    proposed = replace(entry, state="proposed")
    store.commit(lambda m: m.with_entry(proposed), author="selfsame", reason="found")
    store.commit(changes.approve_node(entry.address), author="ada", reason="approve")
    assert store.head().manifest.nodes[entry.address].by == "ada"
    store.commit(lambda m: m.without(entry.address), author="selfsame", reason="it errs")
    assert entry.address not in store.head().manifest.nodes


def test_an_edited_function_is_no_longer_what_the_person_spoke_of(
    store: Store, entry: NodeEntry
) -> None:
    pinned = replace(entry, state="pinned")
    store.commit(lambda m: m.with_entry(pinned), author="ada", reason="mine")
    edited = replace(entry, content_hash="other")
    store.commit(lambda m: m.with_entry(edited), author="selfsame", reason="new source")
    assert store.head().manifest.nodes[entry.address].by == "selfsame"


def test_a_pin_to_the_original_holds_for_every_content(store: Store, entry: NodeEntry) -> None:
    store.commit(changes.pin_original(entry.address), author="ada", reason="never")
    with pytest.raises(PinnedError):
        store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="better")


def test_another_person_may_say_otherwise(store: Store, entry: NodeEntry) -> None:
    store.commit(lambda m: m.with_entry(replace(entry, state="pinned")), author="ada", reason="x")
    store.commit(changes.unpin(entry.address), author="bob", reason="y")
    assert store.head().manifest.nodes[entry.address].state == "active"
    assert store.head().manifest.nodes[entry.address].by == "bob"


def test_nobody_can_sign_as_selfsame() -> None:
    assert person("ada") == "ada"
    assert is_person(person("selfsame"))
    assert not is_person("selfsame")


def test_a_change_cannot_forge_who_decided(store: Store, entry: NodeEntry) -> None:
    forged = replace(entry, by="ada")
    version = store.commit(lambda m: m.with_entry(forged), author="selfsame", reason="x")
    assert version.manifest.nodes[entry.address].by == "selfsame"


ENTRIES = st.builds(
    lambda state, **more: NodeEntry(state=state, canary="5%" if state == "canary" else "", **more),
    address=st.sampled_from(["a:f", "a:g"]),
    content_hash=st.sampled_from(["c1", "c2", "any"]),
    state=st.sampled_from(STATES),
    rewrite=st.sampled_from(["original", "r1"]),
    by=st.sampled_from(["ada", "selfsame"]),
)
MANIFESTS = st.lists(ENTRIES, max_size=2).map(lambda es: Manifest({e.address: e for e in es}))


@settings(max_examples=150, deadline=None)
@given(MANIFESTS, MANIFESTS)
def test_what_passes_leaves_every_kept_word_for_its_content(old: Manifest, new: Manifest) -> None:
    after = signed(old, new, "selfsame")
    if overruled(old, after) is not None:
        return
    for address, before in old.nodes.items():
        if before.by == "ada" and before.state in ("pinned", "reverted", "barred"):
            now = after.nodes[address]
            assert now == before or now.content_hash != before.content_hash != "any"


def test_closed_nodes_are_not_to_be_tried(entry: NodeEntry) -> None:
    def asked(state: str, by: str, content: str = "c1") -> bool:
        said = replace(entry, content_hash=content, state=state, by=by)
        return closed(Manifest({said.address: said}), said.address, "c1") is not None

    assert closed(Manifest(), entry.address, "c1") is None
    assert asked("pinned", "ada") and asked("barred", "ada") and asked("barred", "selfsame")
    assert asked("reverted", "ada") and asked("pinned", "ada", "any")
    assert not asked("reverted", "selfsame") and not asked("active", "ada")
    assert not asked("barred", "ada", "other")


def test_pin_keeps_what_runs(entry: NodeEntry) -> None:
    manifest = Manifest({entry.address: entry})
    assert changes.pin_as_it_is(entry.address)(manifest).nodes[entry.address] == replace(
        entry, state="pinned"
    )
    proposed = manifest.with_entry(replace(entry, state="proposed"))
    assert changes.pin_as_it_is(entry.address)(proposed).nodes[entry.address].runs is None


def test_revert_bars_and_unpin_frees(entry: NodeEntry) -> None:
    manifest = Manifest({entry.address: entry})
    reverted = changes.revert_node(entry.address, "ada")(manifest)
    said = reverted.nodes[entry.address]
    assert (said.state, said.rewrite, said.content_hash) == (
        "barred",
        "original",
        entry.content_hash,
    )
    assert entry.rewrite in said.reason
    assert changes.unpin(entry.address)(reverted).nodes == {}
    with pytest.raises(Skipped):
        changes.unpin(entry.address)(manifest)
    with pytest.raises(Skipped):
        changes.revert_node("app:unknown", "ada")(manifest)


def test_approving_a_version_takes_what_is_still_proposed(store: Store, entry: NodeEntry) -> None:
    one = replace(entry, address="a:f", state="proposed")
    two = replace(entry, address="a:g", state="proposed")
    proposing = store.commit(
        lambda m: m.with_entry(one).with_entry(two), author="selfsame", reason="two"
    )
    store.commit(
        lambda m: m.with_entry(replace(two, rewrite="another")), author="selfsame", reason="better"
    )
    version = store.commit(changes.approve_version(proposing), author="ada", reason="approve")
    states = {a: e.state for a, e in version.manifest.nodes.items()}
    assert states == {"a:f": "active", "a:g": "proposed"}
    with pytest.raises(Skipped, match="nothing that version"):
        store.commit(changes.approve_version(proposing), author="ada", reason="approve")


def test_restore_goes_back_to_what_a_version_said(store: Store, entry: NodeEntry) -> None:
    first = store.head()
    second = store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="x")
    store.commit(changes.restore(first), author="ada", reason="back")
    assert store.head().manifest.nodes == {}
    store.commit(changes.restore(second), author="ada", reason="and forth")
    assert store.head().manifest.nodes[entry.address] == replace(entry, by="ada")


def test_what_a_person_says_of_a_function_holds_for_its_outlined_loops(
    store: Store, entry: NodeEntry
) -> None:
    loop = replace(entry, address=f"{entry.address}/loop[1]")
    kept = replace(entry, address=f"{entry.address}/loop[2]", state="pinned")
    store.commit(lambda m: m.with_entry(loop), author="selfsame", reason="found")
    store.commit(lambda m: m.with_entry(kept), author="ada", reason="mine")
    assert closed(store.head().manifest, loop.address, loop.content_hash) is None
    store.commit(changes.pin_original(entry.address), author="ada", reason="pin")
    pinned = store.head().manifest
    assert set(pinned.nodes) == {entry.address, kept.address}
    said = closed(pinned, loop.address, loop.content_hash)
    assert said is not None and said.address == entry.address
    store.commit(changes.unpin(entry.address), author="ada", reason="unpin")
    assert closed(store.head().manifest, loop.address, loop.content_hash) is None


def test_the_mode_of_a_function_is_that_of_its_outlined_loops() -> None:
    modes = Modes("auto").said("watch", "app:main")
    assert modes.of("app:main/loop[1]") == "watch"
    assert modes.of("app:maine/loop[1]") == "auto"
    assert modes.said("shadow", "app:main/loop[*]").of("app:main/loop[1]") == "shadow"
