"""The ICO as JSON, for other programs. Its schema is docs/ico.schema.json, made from this file."""

from dataclasses import asdict, dataclass
from typing import Any, final

import msgspec

from selfsame.compiler.ir.graph import Graph, Node, Span
from selfsame.compiler.ir.operations import OPERATIONS
from selfsame.compiler.ir.words import FORMAT

FieldValue = bool | int | str | tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class JsonNode:
    """One node; ``fields`` are those of its operation."""

    id: int
    kind: str
    address: str
    hash: str
    parent: int
    span: tuple[int, int, int, int]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    fields: dict[str, FieldValue]


@final
@dataclass(frozen=True, slots=True)
class JsonGraph:
    """A graph; edges are (definition, use, variable)."""

    format: int
    module: str
    path: str
    nodes: tuple[JsonNode, ...]
    edges: tuple[tuple[int, int, str], ...]


def to_json(graph: Graph) -> bytes:
    """The JSON of a graph."""
    nodes = tuple(
        JsonNode(
            node.id,
            node.kind,
            node.address,
            node.hash,
            node.parent,
            (node.span.line, node.span.column, node.span.end_line, node.span.end_column),
            node.reads,
            node.writes,
            asdict(node.operation),
        )
        for node in graph.nodes
    )
    edges = tuple((e.definition, e.use, e.variable) for e in graph.edges)
    found = JsonGraph(FORMAT, graph.module, graph.path, nodes, edges)
    return msgspec.json.format(msgspec.json.encode(found), indent=1)


def from_json(raw: bytes) -> Graph:
    """The graph of a JSON. Raises msgspec.ValidationError where it is not one by the schema."""
    found = msgspec.json.decode(raw, type=JsonGraph)
    if found.format != FORMAT or any(n.kind not in OPERATIONS for n in found.nodes):
        raise msgspec.ValidationError(f"this is no ICO of format {FORMAT}")
    graph = Graph(found.module, found.path)
    for n in found.nodes:
        try:
            operation = OPERATIONS[n.kind](**n.fields)  # type: ignore[arg-type]
        except TypeError as error:
            raise msgspec.ValidationError(f"node {n.id}: {error}") from error
        graph.add(
            Node(n.id, operation, Span(*n.span), n.parent, n.address, n.hash, n.reads, n.writes)
        )
    for definition, use, variable in found.edges:
        graph.connect(definition, use, variable)
    return graph


def schema() -> dict[str, Any]:
    """The JSON schema of ``to_json``'s output."""
    return msgspec.json.schema(JsonGraph)
