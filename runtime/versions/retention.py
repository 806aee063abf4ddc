"""What may be forgotten: rewrites that no version still in reach names, and files of ended runs.

The history itself is kept for good. A rewrite is dropped only where neither the head nor one of the
newest `REACH` versions names it: those are what `revert` and `pin NODE=V` reach for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from selfsame.runtime.versions.manifest import ORIGINAL, Manifest
from selfsame.runtime.versions.records import EVENTS_KEPT, TRIALS_KEPT, newest_id
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.tables import events, objects, trials

REACH: Final = 200
RECENT_TRIALS: Final = 20
FILES_KEPT: Final = 5
FILES: Final = ("passive-*", "outlined-*")


@dataclass(frozen=True)
class Collected:
    """What was dropped: rewrites by id, files by name, and bytes that the database gave back."""

    rewrites: tuple[str, ...]
    kept: int
    files: tuple[str, ...]
    bytes: int


def named(manifests: Iterable[Manifest]) -> set[str]:
    """The ids of all rewrites that manifests name, in whatever state."""
    return {
        entry.rewrite
        for manifest in manifests
        for entry in manifest.nodes.values()
        if entry.rewrite != ORIGINAL
    }


def collect(store: Store, reach: int = REACH, *, dry: bool = False) -> Collected:
    """Drop what is out of reach; with ``dry`` only say what would be."""
    path = store.path
    before = path.stat().st_size
    with store.transaction() as writer:
        # Within the transaction: what a commit names meanwhile waits for it, and is not dropped.
        needed = store.rewrites_within(writer, max(1, reach))
        # What passed a trial just now may be about to be committed.
        recent = "SELECT variation FROM trials ORDER BY id DESC LIMIT ?"
        needed |= {str(row[0]) for row in writer.all(recent, RECENT_TRIALS)}
        there = {str(row[0]) for row in writer.all("SELECT DISTINCT id FROM objects")}
        gone = sorted(there - needed)
        if not dry:
            writer.drop(objects, "id", *gone)
            for table, kept in ((events, EVENTS_KEPT), (trials, TRIALS_KEPT)):
                writer.drop_up_to(table, "id", newest_id(writer, table) - kept)
    files = []
    for kind in FILES:
        of_kind = sorted(store.directory.glob(kind), key=lambda f: f.stat().st_mtime)
        files += of_kind[:-FILES_KEPT]
    if not dry:
        for file in files:
            file.unlink(missing_ok=True)
        store.vacuum()
    after = path.stat().st_size
    names = tuple(file.name for file in files)
    return Collected(tuple(gone), len(there & needed), names, max(0, before - after))
