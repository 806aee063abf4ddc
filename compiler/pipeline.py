"""From source to graph: the passes in their order. Needs libcst."""

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import InternalError
from selfsame.compiler.ir import Graph, print_graph, verify
from selfsame.compiler.ir.verifier import report
from selfsame.compiler.lower.module import lower


def lower_source(source: Source) -> Graph:
    """The verified graph of a module.

    Raises UserError where CPython does not parse it, Skipped where libcst does not, InternalError
    with the whole graph where it does not hold together.
    """
    # CPython's own word on syntax comes first: its messages are the ones that people know.
    _ = source.tree
    # libcst gives the nodes and their names, identity their addresses and hashes.
    graph = lower(source)
    # Nothing goes on from a graph that is wrong.
    problems = verify(graph)
    if problems:
        listed = report(graph, problems)
        raise InternalError(f"the graph of {source.path}:\n{listed}\n{print_graph(graph)}")
    return graph


def lowered_text(source: Source) -> tuple[str, tuple[str, ...]]:
    """The graph as text, and the kind of each node. Raises what ``lower_source`` raises."""
    graph = lower_source(source)
    return print_graph(graph), tuple(node.kind for node in graph.nodes)
