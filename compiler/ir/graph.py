"""The graph of one module: nodes in source order, and edges from definitions to uses.

Nodes do not change. Edges have one writer, ``Graph.connect`` with its counterpart ``disconnect``;
both directions are kept there, so that definitions and users cannot disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, final

from selfsame.compiler.errors import InternalError
from selfsame.compiler.ir.operations import Join, Operation

VALUE = "="  # the variable of an edge from an expression to the node that uses its value
CALLEE = "()"  # the variable of an edge from a function or class to a call of it
ANY = "*"  # what a star import writes


@final
@dataclass(frozen=True, slots=True)
class Span:
    """Where a node is in its file: lines from 1, columns in characters from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def __contains__(self, other: "Span") -> bool:
        start = (self.line, self.column) <= (other.line, other.column)
        return start and (other.end_line, other.end_column) <= (self.end_line, self.end_column)


@final
@dataclass(frozen=True, slots=True)
class Node:
    """One operation. ``id`` is its position in the graph; ``parent`` that of the node around it.

    ``address`` and ``hash`` are identity's. ``reads`` and ``writes`` are the names it mentions
    itself, without those of the nodes inside it, each once, sorted.
    """

    id: int
    operation: Operation
    span: Span
    parent: int = -1
    address: str = ""
    hash: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its operation."""
        return self.operation.kind


@final
class Edge(NamedTuple):
    """``use`` reads what ``definition`` wrote to ``variable``; ``=`` for an expression's value,
    ``()`` for the function that a call runs."""

    use: int
    definition: int
    variable: str


@final
class Graph:
    """The ICO of one module."""

    __slots__ = ("_by_address", "_definitions", "_users", "module", "nodes", "path")

    def __init__(self, module: str, path: str) -> None:
        self.module = module
        self.path = path
        self.nodes: list[Node] = []
        self._definitions: dict[int, set[Edge]] = {}
        self._users: dict[int, set[Edge]] = {}
        self._by_address: dict[str, Node] = {}

    def add(self, node: Node) -> None:
        """Append a node. Raises InternalError where its id is not the next or its address is taken."""
        if node.id != len(self.nodes):
            raise InternalError(f"node {node.id} is added as number {len(self.nodes)}")
        if node.address:
            if node.address in self._by_address:
                raise InternalError(f"two nodes have the address {node.address}")
            self._by_address[node.address] = node
        self.nodes.append(node)

    def connect(self, definition: int, use: int, variable: str) -> None:
        """The only writer of edges; the same edge again changes nothing."""
        edge = Edge(use, definition, variable)
        incoming = self._definitions.get(use)
        if incoming is None:
            incoming = self._definitions[use] = set()
        incoming.add(edge)
        outgoing = self._users.get(definition)
        if outgoing is None:
            outgoing = self._users[definition] = set()
        outgoing.add(edge)

    def disconnect(self, edge: Edge) -> None:
        """Take an edge away. Raises KeyError where there is none."""
        self._definitions[edge.use].remove(edge)
        self._users[edge.definition].remove(edge)

    @property
    def edges(self) -> list[Edge]:
        """All edges, by use, definition and variable."""
        return sorted(edge for edges in self._definitions.values() for edge in edges)

    def count_edges(self) -> int:
        """How many edges there are."""
        return sum(map(len, self._definitions.values()))

    def definitions(self, use: int) -> list[Edge]:
        """The edges that come into a node."""
        return sorted(self._definitions.get(use, ()))

    def reaching(self, use: int, variable: str) -> list[int]:
        """The nodes that may have written what a node reads as ``variable``: joins seen through."""
        found: set[int] = set()
        for edge in self._definitions.get(use, ()):
            if edge.variable != variable:
                continue
            if isinstance(self.nodes[edge.definition].operation, Join):
                found.update(self.reaching(edge.definition, self.nodes[edge.definition].writes[0]))
            else:
                found.add(edge.definition)
        return sorted(found)

    def users(self, definition: int) -> list[Edge]:
        """The edges that leave a node."""
        return sorted(self._users.get(definition, ()))

    def mirrored(self, edge: Edge) -> bool:
        """Whether both its ends know of an edge."""
        return edge in self._definitions.get(edge.use, ()) and edge in self._users.get(
            edge.definition, ()
        )

    def find(self, address: str) -> Node | None:
        """The node at an address."""
        return self._by_address.get(address)

    def inside(self, node: Node) -> Iterator[Node]:
        """The nodes inside ``node``, itself first, in source order."""
        held = {node.id}
        yield node
        for other in self.nodes[node.id + 1 :]:
            if other.parent not in held:
                return
            held.add(other.id)
            yield other

    def __len__(self) -> int:
        return len(self.nodes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Graph):
            return NotImplemented
        return (
            (self.module, self.path) == (other.module, other.path)
            and self.nodes == other.nodes
            and {k: v for k, v in self._definitions.items() if v}
            == {k: v for k, v in other._definitions.items() if v}
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<ICO of {self.module}: {len(self.nodes)} nodes, {self.count_edges()} edges>"
