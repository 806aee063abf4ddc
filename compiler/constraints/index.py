"""Finds the nodes that a selector names among many: by address, label, or the module of a glob."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from selfsame.compiler.constraints.match import pattern_of
from selfsame.grammar.model import Selector


class Named(Protocol):
    """What selectors can name a node by: its address, and the labels its source gives it.

    NodeName is one, and so are the definitions and inner nodes of ``compiler.identity``.
    """

    @property
    def address(self) -> str:
        """``shop.cart:Cart.total``."""

    @property
    def labels(self) -> tuple[str, ...]:
        """``("node_1",)``."""


class NodeIndex:
    """Nodes by address, by label and by module. Selectors that name few nodes touch few."""

    def __init__(self, nodes: Iterable[Named]) -> None:
        self.addresses: dict[str, None] = {}
        self.labels: dict[str, list[str]] = {}
        # Of each module: the names of its definitions, and those of the nodes inside them.
        self._modules: dict[str, tuple[list[str], list[str]]] = {}
        for node in nodes:
            address = node.address
            if address not in self.addresses:
                self.addresses[address] = None
                module, _, name = address.partition(":")
                outer, inner = self._modules.setdefault(module, ([], []))
                (inner if "/" in name else outer).append(name)
            for label in node.labels:
                self.labels.setdefault(label, []).append(address)
        self._sorted = sorted(self._modules)
        self._found: dict[str, Sequence[str]] = {}

    @property
    def modules(self) -> list[str]:
        """The names of all modules that have nodes, sorted."""
        return self._sorted

    def find(self, selector: Selector) -> Sequence[str]:
        """The addresses that a label, address or glob names, ``!`` left out of account."""
        text = selector.pattern
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = list(self._find(text))
        return found

    def _find(self, text: str) -> Iterator[str]:
        if "*" not in text:
            if ":" in text:
                yield from [text] if text in self.addresses else []
            else:
                yield from self.labels.get(text, ())
            return
        if ":" not in text:
            pattern = pattern_of(text)
            for label, addresses in self.labels.items():
                if pattern.fullmatch(label):
                    yield from addresses
            return
        where, _, what = text.partition(":")
        # `*` stops at a `/`: only these two can name what lies inside a function.
        inside = "/" in what or "**" in what
        names = pattern_of(what) if "*" in what else None
        for module in self._matching(where):
            outer, inner = self._modules[module]
            if names is None:
                address = f"{module}:{what}"
                if address in self.addresses:
                    yield address
                continue
            for name in (*outer, *inner) if inside else outer:
                if names.fullmatch(name):
                    yield f"{module}:{name}"

    def _matching(self, where: str) -> Iterator[str]:
        """The modules that the part of a glob before the ``:`` names."""
        if "*" not in where:
            if where in self._modules:
                yield where
            return
        pattern = pattern_of(where)
        # `shop.**` takes `shop` in too, so the dot is no part of what all of them start with.
        start = where[: where.index("*")].rstrip(".")
        for module in self._sorted[bisect_left(self._sorted, start) :]:
            if not module.startswith(start):
                break
            if pattern.fullmatch(module):
                yield module
