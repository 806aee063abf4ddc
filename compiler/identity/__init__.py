"""Addresses, content hashes and dependency sets: the one place that makes them."""

from selfsame.compiler.identity.definitions import (
    Definition,
    Identity,
    InnerNode,
    definitions,
    identify,
    inner_nodes,
    labels,
)
from selfsame.compiler.identity.finding import find_module, places
from selfsame.compiler.identity.hashing import Hashes, content_hash
from selfsame.compiler.identity.names import imported_module, module_name
from selfsame.compiler.identity.steps import Steps

__all__ = [
    "Definition",
    "Hashes",
    "Identity",
    "InnerNode",
    "Steps",
    "content_hash",
    "definitions",
    "find_module",
    "identify",
    "imported_module",
    "inner_nodes",
    "labels",
    "module_name",
    "places",
]
