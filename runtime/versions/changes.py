"""What a person can say of nodes, each as a change from one manifest to the next.

They are what ``Store.commit`` takes; the reason that they return is the version's.
"""

from collections.abc import Callable
from dataclasses import replace

from selfsame.compiler.errors import Skipped
from selfsame.runtime.versions.manifest import ANY_CONTENT, ORIGINAL, Manifest, NodeEntry
from selfsame.runtime.versions.owners import owner_of
from selfsame.runtime.versions.succession import Version
from selfsame.runtime.versions.word import HELD, KEPT, is_person

Change = Callable[[Manifest], Manifest]


def approve_node(address: str, canary: str = "") -> Change:
    """A proposed entry becomes active, or with ``canary`` (``"5%"``) runs for a share of the time.

    Raises Skipped where nothing is proposed for the node.
    """

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is None or entry.state != "proposed":
            what = "nothing is" if entry is None else f"it is {entry.state}, not"
            raise Skipped(f"{address}: {what} proposed")
        return manifest.with_entry(_approved(entry, canary))

    return change


def approve_version(version: Version, canary: str = "") -> Change:
    """What a version proposed becomes active, where the head still proposes the same.

    With ``canary`` it runs for a share of the time at first.

    Raises Skipped where it proposed nothing, or nothing of it stands.
    """
    wanted = {e.address: e for e in version.manifest.nodes.values() if e.state == "proposed"}

    def change(manifest: Manifest) -> Manifest:
        if not wanted:
            raise Skipped(f"version {version.id} proposes nothing")
        found = {a: manifest.nodes.get(a) for a in wanted}
        standing = [
            entry
            for a, entry in found.items()
            if entry is not None
            and entry.state == "proposed"
            and entry.rewrite == wanted[a].rewrite
            and entry.content_hash == wanted[a].content_hash
        ]
        if not standing:
            raise Skipped(f"nothing that version {version.id} proposed is still proposed")
        for entry in standing:
            manifest = manifest.with_entry(_approved(entry, canary))
        return manifest

    return change


def _approved(entry: NodeEntry, canary: str) -> NodeEntry:
    return replace(entry, state="canary" if canary else "active", canary=canary)


def freeze_node(address: str) -> Change:
    """The node is kept as it is: what runs goes on running, and nothing else is put in.

    A rewrite in canary or proposed is called off. Raises Skipped where a person holds the node.
    """

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is not None and entry.state in ("frozen", *HELD):
            raise Skipped(f"{address} is {entry.state} already")
        if entry is not None and entry.runs:
            return manifest.with_entry(replace(entry, state="frozen"))
        return manifest.with_entry(
            NodeEntry(address, ANY_CONTENT, "frozen", reason="frozen at its original")
        )

    return change


def thaw_node(address: str) -> Change:
    """What runs goes on as active, and selfsame may decide again. Raises Skipped where not frozen."""

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is None or entry.state != "frozen":
            more = "; everything is, `selfsame thaw` ends that" if manifest.frozen else ""
            raise Skipped(f"{address} is not frozen by itself{more}")
        if entry.runs:
            return manifest.with_entry(replace(entry, state="active"))
        return manifest.without(address)

    return change


def freeze_everything(who: str) -> Change:
    """Every node is kept as it is until `thaw_everything`. Raises Skipped where it is so."""

    def change(manifest: Manifest) -> Manifest:
        if manifest.frozen:
            raise Skipped(f"everything was frozen by {manifest.frozen} already")
        return replace(manifest, frozen=who)

    return change


def thaw_everything() -> Change:
    """selfsame may decide again, but about nodes that a person holds. Raises Skipped where it may."""

    def change(manifest: Manifest) -> Manifest:
        if not manifest.frozen:
            alone = [a for a, e in manifest.nodes.items() if e.state == "frozen"]
            more = f"; by itself {', '.join(sorted(alone)[:3])}" if alone else ""
            raise Skipped(f"not everything is frozen{more}")
        return replace(manifest, frozen="")

    return change


def pin_as_it_is(address: str) -> Change:
    """The node goes on running what it runs now, until a person says otherwise."""

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is not None and entry.runs:
            return manifest.with_entry(replace(entry, state="pinned"))
        return pin_original(address)(manifest)

    return change


def pin_original(address: str) -> Change:
    """The node runs its original until a person says otherwise, whatever its content becomes.

    So do the loops of it that are outlined, but for those that a person has said something of.
    """

    def change(manifest: Manifest) -> Manifest:
        for loop, said in manifest.nodes.items():
            if owner_of(loop) == address and not (said.state in KEPT and is_person(said.by)):
                manifest = manifest.without(loop)
        entry = NodeEntry(address, ANY_CONTENT, "pinned", reason="pinned to the original")
        before = manifest.nodes.get(address)
        return manifest if before == replace(entry, by=_by(before)) else manifest.with_entry(entry)

    return change


def pin_to(address: str, version: Version) -> Change:
    """The node runs what ``version`` said of it, until a person says otherwise."""

    def change(manifest: Manifest) -> Manifest:
        said = version.manifest.nodes.get(address)
        if said is None or said.rewrite == ORIGINAL:
            return pin_original(address)(manifest)
        return manifest.with_entry(replace(said, state="pinned", canary=""))

    return change


def unpin(address: str) -> Change:
    """selfsame may decide about the node again. Raises Skipped where nothing holds it.

    A pinned rewrite goes on as active; a node held at its original loses its entry.
    """

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is None or entry.state not in HELD:
            what = "" if entry is None else f", it is {entry.state}"
            if entry is not None and entry.state == "frozen":
                what += ": `selfsame thaw` ends that"
            raise Skipped(f"{address} is not pinned, reverted or barred{what}")
        if entry.runs:
            return manifest.with_entry(replace(entry, state="active"))
        return manifest.without(address)

    return change


def revert_node(address: str, author: str) -> Change:
    """The node goes back to its original, and nothing is proposed for the same content again."""

    def change(manifest: Manifest) -> Manifest:
        entry = manifest.nodes.get(address)
        if entry is None:
            raise Skipped(f"{address} runs its original already; `selfsame pin` keeps it so")
        if entry.rewrite == ORIGINAL and entry.state in KEPT and entry.by == author:
            raise Skipped(f"{address} is {entry.state} to its original already")
        was = f", it ran {entry.rewrite} ({entry.template})" if entry.runs else ""
        reason = f"reverted by {author}{was}"
        barred = NodeEntry(address, entry.content_hash, "barred", reason=reason)
        return manifest.with_entry(barred)

    return change


def restore(version: Version) -> Change:
    """Every node goes back to what ``version`` said of it."""

    def change(manifest: Manifest) -> Manifest:
        old = version.manifest.nodes
        # What is said now as then keeps its own signature.
        same = {a: e for a, e in manifest.nodes.items() if a in old and _alike(e, old[a])}
        return replace(manifest, nodes={**old, **same})

    return change


def _alike(one: NodeEntry, other: NodeEntry) -> bool:
    return replace(one, by="") == replace(other, by="")


def _by(entry: NodeEntry | None) -> str:
    return "" if entry is None else entry.by
