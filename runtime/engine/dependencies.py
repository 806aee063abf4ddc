"""Whether what an entry of a manifest relied on is still what it was."""

import ast
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


def live_rows(
    node: Node, modules: Modules, dependencies: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """What agents watch of a dependency set, as ``(kind, module, name)``.

    ``function``: one of the user's, by qualified name. ``constant``: a global that is bound once and
    by no function. ``name``: any other global; watched where it is a function, a class or a module.
    """
    rows = []
    for key, value in dependencies.items():
        module, colon, name = key.partition(":")
        if (
            key == node.address
            or not colon
            or (value == "builtin" and not name.endswith(" (name)"))
        ):
            continue
        if name.endswith(" (name)"):
            name = name.removesuffix(" (name)")
            kind = "name" if _rebound(module, name, value, modules) else "constant"
            rows.append((kind, module, name))
        elif " " not in name and "<" not in name and "#" not in name:
            rows.append(("function", module, name))
    return rows


def _rebound(module: str, name: str, binding: str, modules: Modules) -> bool:
    """Whether the program itself may bind a global anew: at several places, or in a function."""
    source = modules.source(module)
    if source is None or ";" in binding:
        return True
    return any(
        isinstance(item, ast.Global) and name in item.names for item in ast.walk(source.tree)
    )
