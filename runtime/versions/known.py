"""Which nodes a store knows of, and what a person may have meant by a name that it does not."""

import difflib

from selfsame.runtime.versions.errors import Unknown
from selfsame.runtime.versions.modes import Modes
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.succession import Version


def known_target(store: Store, name: str) -> str | Version:
    """What ``VERSION|NODE`` means: an address has a colon, everything else is a version."""
    if ":" in name:
        return known_node(store, name)
    try:
        return store.version(name)
    except Unknown:
        ends = [a for a in known_nodes(store) if a.endswith((f":{name}", f".{name}"))][:3]
        if not ends:
            raise
        hint = f"did you mean the node {' or '.join(ends)}?"
        raise Unknown(f"no version {name!r}", hint) from None


def known_node(store: Store, name: str) -> str:
    """``name``, where it is the address of a node that the store has heard of.

    Raises Unknown with the nearest addresses otherwise.
    """
    if name in store.head().blocks:
        return name
    known = known_nodes(store)
    if name in known:
        return name
    hint = _meant(name, known) or "`selfsame status` lists the nodes"
    raise Unknown(f"nothing is known of a node {name!r}", hint)


def unmatched(store: Store, pattern: str) -> str:
    """What to tell who says a mode for a pattern that names no node known so far; else nothing.

    It may be meant for a node that is yet to run, so it is no mistake.
    """
    known = known_nodes(store)
    names = Modes(patterns=((pattern, "watch"),))
    if any(names.of(address) for address in known):
        return ""
    modules = [] if ":" in pattern else sorted({a.partition(":")[0] for a in known})
    meant = _meant(pattern, [*modules, *known])
    return f"no node that is known so far is named by {pattern!r}{f': {meant}' if meant else ''}"


def _meant(name: str, known: list[str]) -> str:
    """What may have been meant by a name that nothing has; nothing where no name is near."""
    near = difflib.get_close_matches(name, known, 3, 0.6)
    # `total` for `shop.cart:Cart.total`
    ends = [a for a in known if a.endswith((f":{name}", f".{name}"))]
    found = list(dict.fromkeys([*ends, *near]))[:3]
    return f"did you mean {' or '.join(found)}?" if found else ""


def known_nodes(store: Store) -> list[str]:
    """Every address in the living graphs, trials, events and versions of a store, in order."""
    known = set(store.addresses())
    for snapshot in store.snapshots():
        known.update(
            str(row["address"])
            for row in snapshot.get("nodes", ())
            if isinstance(row, dict) and "address" in row
        )
    return sorted(known)
