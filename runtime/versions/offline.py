"""The manifest of one program: what the head runs, or proposes, of the nodes that it has."""

from collections.abc import Container
from dataclasses import replace

from selfsame.runtime.versions.manifest import ORIGINAL, Manifest
from selfsame.runtime.versions.store import Store


def accepted(store: Store, nodes_of: Container[str]) -> Manifest:
    """The head's manifest, what is proposed taken as active, of the nodes that run a rewrite."""
    head = store.head()
    nodes = {
        address: replace(entry, state="active") if entry.state == "proposed" else entry
        for address, entry in head.manifest.nodes.items()
        if address in nodes_of
        and entry.rewrite != ORIGINAL
        and (entry.runs or entry.state == "proposed")
    }
    return replace(head.manifest, nodes=nodes, parent=head.id)
