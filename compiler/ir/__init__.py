"""The ICO: nodes, edges with one writer, text that is printed and parsed, the verifier."""

from selfsame.compiler.ir.graph import ANY, CALLEE, VALUE, Edge, Graph, Node, Span
from selfsame.compiler.ir.parser import parse
from selfsame.compiler.ir.printer import print_graph
from selfsame.compiler.ir.verifier import Problem, verify

__all__ = [
    "ANY",
    "CALLEE",
    "VALUE",
    "Edge",
    "Graph",
    "Node",
    "Problem",
    "Span",
    "parse",
    "print_graph",
    "verify",
]
