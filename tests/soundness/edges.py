"""Holds what a run observed against the graph."""

from collections.abc import Iterator

from observe import Observed, Place

from selfsame.compiler.ir import Graph, Node


def missing(graph: Graph, observed: Observed) -> list[str]:
    """Every observed pair of a definition and a use that is no edge of the graph."""
    found = []
    for use, definition in sorted(observed.pairs, key=str):
        read = innermost(graph, use, "reads")
        wrote = innermost(graph, definition, "writes")
        if read is None:
            found.append(f"{use}: no node reads it")
        elif wrote is None:
            found.append(f"{definition}: no node writes it")
        elif wrote.id not in graph.reaching(read.id, use.name):
            found.append(f"{use} read {definition}: no edge %{wrote.id} -> %{read.id}")
    return found


def innermost(graph: Graph, place: Place, what: str) -> Node | None:
    """The innermost node at ``place`` that reads (or writes) its name."""
    inner = None
    for node in around(graph, place):
        if place.name in getattr(node, what):
            inner = node
    return inner


def around(graph: Graph, place: Place) -> Iterator[Node]:
    """All nodes whose spans hold a place, outer ones first."""
    where = place.line, place.column + 1
    for node in graph.nodes:
        span = node.span
        if (span.line, span.column) <= where < (span.end_line, span.end_column):
            yield node
