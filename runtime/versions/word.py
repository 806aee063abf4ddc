"""A person's word: who decided an entry, and what selfsame itself may not change."""

from dataclasses import replace
from typing import Final

from selfsame.runtime.versions.manifest import ANY_CONTENT, Manifest, NodeEntry
from selfsame.runtime.versions.owners import owner_of

SELFSAME: Final = "selfsame"
HELD: Final = ("pinned", "reverted", "barred")
KEPT: Final = (*HELD, "frozen")


def is_person(author: str) -> bool:
    """Whether a version's author is a person: everyone but ``"selfsame"``."""
    return author != SELFSAME


def person(user: str) -> str:
    """The author's name of an OS user: never the one that selfsame signs with."""
    return f"{user} (user)" if user == SELFSAME else user


def closed(manifest: Manifest, address: str, content_hash: str) -> NodeEntry | None:
    """The entry that says that selfsame is not to try this node; None where it may.

    Pinned by a person, reverted by one, or barred by anyone, for this content; of an outlined loop,
    also where a person keeps the function as it is.
    """
    owner = manifest.nodes.get(owner_of(address))
    if owner is not None and owner.state in KEPT and is_person(owner.by):
        return owner
    entry = manifest.nodes.get(address)
    if entry is None or entry.content_hash not in (content_hash, ANY_CONTENT):
        return None
    if entry.state in KEPT and is_person(entry.by):
        return entry
    return entry if entry.state in ("pinned", "barred") else None


def signed(old: Manifest, new: Manifest, author: str) -> Manifest:
    """``new`` with ``by`` set: the author where an entry differs, otherwise as it was."""
    nodes: dict[str, NodeEntry] = {}
    for address, entry in new.nodes.items():
        before = old.nodes.get(address)
        if entry is before:
            nodes[address] = entry
            continue
        same = before is not None and replace(entry, by=before.by) == before
        nodes[address] = replace(entry, by=before.by if same and before else author)
    return replace(new, nodes=nodes)


def overruled(old: Manifest, new: Manifest) -> NodeEntry | None:
    """An entry of a person's that ``new`` (signed, by selfsame) changes for the same content.

    A function that was edited has another content hash: what was said of the old text is over,
    except where the person spoke of any content.
    """
    for address, before in old.nodes.items():
        if before.state not in KEPT or not is_person(before.by):
            continue
        after = new.nodes.get(address)
        if after == before:
            continue
        edited = after is not None and after.content_hash != before.content_hash
        if before.content_hash == ANY_CONTENT or not edited:
            return before
    return None
