"""Nodes while they are made: what they read and write is known only after what is inside them."""

from dataclasses import dataclass, field

from selfsame.compiler.ir.graph import VALUE, Graph, Node, Span
from selfsame.compiler.ir.operations import Comprehension, Function, Operation

_SCOPES = (Comprehension, Function)


@dataclass(slots=True)
class Draft:
    """A node to be."""

    id: int
    operation: Operation
    span: Span
    parent: int
    address: str
    hash: str
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)


class Drafts:
    """The nodes and edges of one module, before they become its graph."""

    def __init__(self) -> None:
        self.nodes: list[Draft] = []
        self._edges: list[tuple[int, int, str]] = []

    def add(
        self,
        operation: Operation,
        span: Span,
        parent: Draft | None,
        address: str = "",
        hash_: str = "",
    ) -> Draft:
        """A new node inside ``parent``."""
        above = parent.id if parent is not None else -1
        draft = Draft(len(self.nodes), operation, span, above, address, hash_)
        self.nodes.append(draft)
        return draft

    def connect(self, definition: int, use: int, variable: str) -> None:
        """An edge; what a comprehension or function reads of its own targets or parameters is none.

        A statement that reads what it wrote itself is in a loop.
        """
        if definition != use or not isinstance(self.nodes[use].operation, _SCOPES):
            self._edges.append((definition, use, variable))

    def value(self, expression: Draft) -> None:
        """The node around an expression uses its value."""
        self._edges.append((expression.id, expression.parent, VALUE))

    def graph(self, module: str, path: str) -> Graph:
        """All of it as a graph."""
        graph = Graph(module, path)
        for d in self.nodes:
            reads, writes = tuple(sorted(d.reads)), tuple(sorted(d.writes))
            graph.add(Node(d.id, d.operation, d.span, d.parent, d.address, d.hash, reads, writes))
        for definition, use, variable in self._edges:
            graph.connect(definition, use, variable)
        return graph
