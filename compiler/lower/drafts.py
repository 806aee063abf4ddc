"""Nodes while they are made: what they read and write is known only after what is inside them."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Hashes, Steps, identify
from selfsame.compiler.ir.graph import VALUE, Graph, Node, Span
from selfsame.compiler.ir.operations import Join, Operation
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
        self._joins: list[Draft] = []

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
        head: Sequence[ast.AST] = (),
        start: ast.AST | None = None,
    ) -> Draft:
        """A new node for the statements of an arm. ``head``: what its hash is of besides them;
        ``start``: where the arm begins, if not at its first statement."""
        hash_ = self._hashes.of_parts(head, body)
        span = self.spans.block(body, start)
        address = self._steps.address(owner, operation.kind)
        return self._add(operation, span, into, address, hash_)

    def _add(
        self, operation: Operation, span: Span, into: Draft, address: str, hash_: str
    ) -> Draft:
        draft = Draft(len(self.nodes), operation, span, into.id, address, hash_)
        self.nodes.append(draft)
        return draft

    def join(self, owner: Draft, name: str, definitions: Sequence[int]) -> int:
        """A new node inside ``owner`` where definitions of ``name`` meet; gives its number until
        ``graph`` puts it right behind its owner."""
        at = Span(owner.span.line, owner.span.column, owner.span.line, owner.span.column)
        number = -2 - len(self._joins)  # -1 is no node
        address = self._steps.address(owner.address, Join.kind)
        hash_ = self._hashes.of_text(f"{address.rpartition('/')[2]} of {owner.hash}")
        draft = Draft(number, Join(), at, owner.id, address, hash_, {name}, {name})
        self._joins.append(draft)
        for definition in definitions:
            self.connect(definition, number, name)
        return number

    def connect(self, definition: int, use: int, variable: str) -> None:
        """An edge."""
        self._edges.append((definition, use, variable))

    def value(self, expression: Draft) -> None:
        """The node around an expression uses its value."""
        self._edges.append((expression.id, expression.parent, VALUE))

    def graph(self) -> Graph:
        """All of it as a graph."""
        graph = Graph(self.source.module, self.source.path)
        nodes, edges = self.nodes, self._edges
        ids: Sequence[int] | dict[int, int] = range(len(nodes))
        if self._joins:
            nodes = self._with_joins()
            ids = {d.id: position for position, d in enumerate(nodes)}
            edges = [(ids[definition], ids[use], variable) for definition, use, variable in edges]
        for position, d in enumerate(nodes):
            reads, writes = tuple(sorted(d.reads)), tuple(sorted(d.writes))
            parent = ids[d.parent] if position else -1
            graph.add(Node(position, d.operation, d.span, parent, d.address, d.hash, reads, writes))
        for definition, use, variable in edges:
            graph.connect(definition, use, variable)
        return graph

    def _with_joins(self) -> list[Draft]:
        """All nodes, each with its joins behind it."""
        joins: dict[int, list[Draft]] = {}
        for join in self._joins:
            joins.setdefault(join.parent, []).append(join)
        return [d for node in self.nodes for d in (node, *joins.get(node.id, ()))]
