"""A version keeps what it changed: its text, and its history, are those of whole manifests."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.runtime.versions import deltas
from selfsame.runtime.versions.differences import changes_between, told
from selfsame.runtime.versions.manifest import NodeEntry, print_manifest
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.text import parse_manifest

ADDRESSES = ["a:f", "a:g", 'b:"h', " odd", "b:h=1"]
# What each version says: a new reason for some nodes, nothing any more of others.
SAID = st.dictionaries(
    st.sampled_from(ADDRESSES), st.none() | st.sampled_from(["x", "y", "two\nlines"]), max_size=4
)


def say(store: Store, said: dict[str, str | None], number: int) -> None:
    def change(manifest):  # type: ignore[no-untyped-def]
        for address, reason in said.items():
            if reason is None:
                manifest = manifest.without(address)
            else:
                manifest = manifest.with_entry(NodeEntry(address, "c", reason=reason))
        return manifest

    store.commit(change, author="ada", reason=f"r{number}")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(SAID, max_size=8))
def test_history_is_as_if_whole_texts_were_kept(
    tmp_path_factory: pytest.TempPathFactory, sayings: list[dict[str, str | None]]
) -> None:
    directory = tmp_path_factory.mktemp("deltas") / "store"
    with pytest.MonkeyPatch.context() as patch, Store.open(directory) as writer:
        patch.setattr(deltas, "WHOLE_AFTER", 4)
        for number, said in enumerate(sayings):
            say(writer, said, number)
        with Store.open(directory) as store:
            store.check()
            versions = store.history(None)
            for version in versions:
                assert print_manifest(parse_manifest(version.text)) == version.text
                assert store.version(version.id).manifest.id == version.id
            steps = told(store.steps(None))
            assert [version for version, _ in steps] == versions
            for (newer, changes), (older, _) in pairwise(steps):
                assert changes == changes_between(older, newer)
                assert len(changes) == newer.changes
            assert told(store.steps(2)) == steps[:2]
            for address in ADDRESSES:
                own = [(v, [c for c in cs if c.address == address]) for v, cs in steps]
                assert told(store.steps(None, address)) == [(v, cs) for v, cs in own if cs]
                assert told(store.steps(1, address)) == [(v, cs) for v, cs in own if cs][:1]
                assert store.head().entry(address) == store.head().manifest.nodes.get(address)


def size(directory: Path) -> int:
    return (directory / "store.db").stat().st_size


def test_a_version_takes_what_it_changed(tmp_path: Path, entry: NodeEntry) -> None:
    many = {f"app:f{i}": replace(entry, address=f"app:f{i}") for i in range(300)}
    directory = tmp_path / "store"
    with Store.open(directory) as store:
        store.commit(lambda m: replace(m, nodes=many), author="ada", reason="all")
    before = size(directory)
    with Store.open(directory) as store:
        for number in range(40):
            say(store, {"app:f7": f"n{number}"}, number)
        whole = len(store.head().text)
        store.check()
    assert size(directory) - before < 2 * whole  # 40 whole texts would be 40 times that


def test_whole_texts_come_again_and_are_held_to_the_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from selfsame.runtime.versions.errors import StoreDamaged
    from selfsame.runtime.versions.tables import texts

    monkeypatch.setattr(deltas, "WHOLE_AFTER", 3)
    with Store.open(tmp_path / "store") as store:
        for number in range(12):
            say(store, {"a:f": f"n{number}"}, number)
        with store.reading() as reader:
            rows = list(reader.every(texts))
        assert [row["number"] for row in rows] == [1, 5, 9, 13]
        store.check()
        with store.transaction() as writer:
            writer.put(texts, {"number": 9, "text": rows[1]["text"]})
        with pytest.raises(StoreDamaged, match="text of another version"):
            store.check()
