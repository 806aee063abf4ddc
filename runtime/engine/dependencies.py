"""Whether what an entry of a manifest relied on is still what it was."""

from collections.abc import Mapping

from selfsame.compiler.errors import SelfsameError
from selfsame.compiler.identity import content_hash, definitions
from selfsame.runtime.engine.modules import Modules, Node


def changed(node: Node, modules: Modules, dependencies: Mapping[str, str]) -> list[str]:
    """The names of the dependency set that mean something else now, or are gone; in order.

    That of the node itself, and whatever the rewrite relied on beyond it, such as the function that
    takes over.
    """
    now = node.module.facts.dependencies(node.address)
    stale = {name for name, value in now.items() if dependencies.get(name) != value}
    for name, value in dependencies.items():
        if name not in now and ":" in name and " " not in name and value != "builtin":
            stale |= {name} if _hash_of(name, modules) != value else set()
    return sorted(stale)


def _hash_of(address: str, modules: Modules) -> str:
    """The content hash of a function of the user's; empty where there is none."""
    source = modules.source(address.partition(":")[0])
    if source is None:
        return ""
    try:
        found = [d for d in definitions(source) if d.address == address]
    except SelfsameError:
        return ""
    return content_hash(found[0].node) if found else ""
