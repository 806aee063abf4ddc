"""Nodes while they are made: what they read and write is known only after what is inside them."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Hashes, Steps, identify
from selfsame.compiler.ir.graph import VALUE, Graph, Node, Span
from selfsame.compiler.ir.operations import Operation
from selfsame.compiler.lower.spans import Spans


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

    def __init__(self, source: Source) -> None:
        self.source = source
        self.spans = Spans(source)
        self.nodes: list[Draft] = []
        self.addresses = {id(e.node): a for a, e in identify(source).by_address.items()}
        self.forms = {
            id(d.node): "def" if d.kind == "function" else d.kind
            for d in identify(source).definitions
        }
        self._hashes = Hashes(source.tree)
        self._steps = Steps()
        self._edges: list[tuple[int, int, str]] = []

    def module(self, operation: Operation) -> Draft:
        """The first node."""
        address = f"{self.source.module}:<module>"
        hash_ = self._hashes.of(self.source.tree)
        draft = Draft(0, operation, self.spans.whole(), -1, address, hash_)
        self.nodes.append(draft)
        return draft

    def add(self, operation: Operation, node: ast.AST, into: Draft, owner: str) -> Draft:
        """A new node inside ``into`` for a statement or expression of ``owner``."""
        address = self.addresses.get(id(node))
        if address is None:
            address = self._steps.address(owner, operation.kind)
        hash_ = self._hashes.of(node)
        return self._add(operation, self.spans.of(node), into, address, hash_)

    def add_formatted(self, operation: Operation, node: ast.expr, into: Draft, owner: str) -> Draft:
        """As ``add``, for an expression in an f-string."""
        draft = self.add(operation, node, into, owner)
        draft.span = self.spans.within(node, into.span)
        return draft

    def add_block(
        self,
        operation: Operation,
        body: Sequence[ast.stmt],
        into: Draft,
        owner: str,
        head: ast.AST | None = None,
        start: ast.AST | None = None,
    ) -> Draft:
        """A new node for the statements of an arm. ``head``: the node of the ``ast`` that they are
        in, where there is one; ``start``: where the arm begins, if not at its first statement."""
        hash_ = self._hashes.of(head) if head is not None else self._hashes.of_all(body)
        span = self.spans.block(body, start)
        address = self._steps.address(owner, operation.kind)
        return self._add(operation, span, into, address, hash_)

    def _add(
        self, operation: Operation, span: Span, into: Draft, address: str, hash_: str
    ) -> Draft:
        draft = Draft(len(self.nodes), operation, span, into.id, address, hash_)
        self.nodes.append(draft)
        return draft

    def connect(self, definition: int, use: int, variable: str) -> None:
        """An edge."""
        self._edges.append((definition, use, variable))

    def value(self, expression: Draft) -> None:
        """The node around an expression uses its value."""
        self._edges.append((expression.id, expression.parent, VALUE))

    def graph(self) -> Graph:
        """All of it as a graph."""
        graph = Graph(self.source.module, self.source.path)
        for d in self.nodes:
            reads, writes = tuple(sorted(d.reads)), tuple(sorted(d.writes))
            graph.add(Node(d.id, d.operation, d.span, d.parent, d.address, d.hash, reads, writes))
        for definition, use, variable in self._edges:
            graph.connect(definition, use, variable)
        return graph
