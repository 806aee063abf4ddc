"""From source to graph: the passes in their order."""

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir import Graph, print_graph
from selfsame.compiler.lower import lower
from selfsame.compiler.passes import known_callees, known_methods, run


def lower_source(source: Source, check: bool = True) -> Graph:
    """The ICO of a module; ``check``: with the verifier between the passes.

    Raises UserError where CPython does not parse it, Skipped where it is nested too deeply,
    InternalError with the whole graph where it does not hold together.
    """
    # Nodes, and edges from all definitions that may reach a use.
    graph = lower(source)
    run(
        graph,
        (
            # From what a name may be to what a call runs.
            known_callees,
            # From what an object may be to what a method's call runs.
            known_methods,
        ),
        check,
    )
    return graph


def lowered_text(source: Source) -> tuple[str, tuple[str, ...]]:
    """The graph as text, and the kind of each node. Raises what ``lower_source`` raises."""
    graph = lower_source(source)
    return print_graph(graph), tuple(node.kind for node in graph.nodes)
