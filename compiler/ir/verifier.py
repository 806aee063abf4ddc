"""What must hold of every ICO: checked after lowering, and between passes.

1. A node's id is its position; its parent comes before it, and only node 0, the module, has none.
2. A node's span lies within its parent's.
3. Every node has an address, and a content hash of 32 hex digits; no address occurs twice.
4. Reads and writes are sorted, each name once.
5. An edge goes from a node that writes its variable, or ``*``, to one that reads it. An edge ``=``
   goes from an operation that has a value to the node around it, an edge ``()`` from a function,
   class or import to a call.
6. Definitions and users mirror each other.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import final

from selfsame.compiler.ir.graph import ANY, CALLEE, VALUE, Edge, Graph, Node
from selfsame.compiler.ir.operations import Call, Class, Function, Import
from selfsame.compiler.ir.printer import print_graph

_HASH = re.compile(r"[0-9a-f]{32}")


@final
@dataclass(frozen=True, slots=True)
class Problem:
    """A node of which something does not hold."""

    node: int
    message: str


def verify(graph: Graph) -> list[Problem]:
    """Everything that does not hold, in the order of the nodes; an empty list where all does."""
    problems: list[Problem] = []
    for position, node in enumerate(graph.nodes):
        problems += [Problem(position, text) for text in _node(graph, position, node)]
    count = 0
    for edge in graph.edges:
        count += 1
        if not (0 <= edge.definition < len(graph) and 0 <= edge.use < len(graph)):
            problems.append(Problem(edge.use, f"an edge to no node: {edge}"))
        else:
            problems += [Problem(edge.use, text) for text in _edge(graph, edge)]
    outgoing = sum(len(graph.users(node.id)) for node in graph.nodes)
    if outgoing != count and not problems:
        problems.append(Problem(0, f"{count} edges come in and {outgoing} go out"))
    return sorted(problems, key=lambda p: p.node)


def _node(graph: Graph, position: int, node: Node) -> list[str]:
    found = []
    if node.id != position:
        found.append(f"is %{node.id} at position {position}")
    if (node.parent == -1) is not (position == 0) or node.parent >= position:
        found.append(f"has the parent %{node.parent}")
    elif position and node.span not in graph.nodes[node.parent].span:
        found.append("lies outside of its parent")
    if not node.address:
        found.append("has no address")
    if not _HASH.fullmatch(node.hash):
        found.append("has no content hash")
    for word, names in (("reads", node.reads), ("writes", node.writes)):
        if any(a >= b for a, b in pairwise(names)):
            found.append(f"{word} are not in order")
    return found


def _edge(graph: Graph, edge: Edge) -> list[str]:
    definition, use = graph.nodes[edge.definition], graph.nodes[edge.use]
    found = []
    if edge.variable == VALUE:
        if not definition.operation.value or definition.parent != use.id:
            found.append(f"takes the value of %{definition.id}, which is no expression in it")
    elif edge.variable == CALLEE:
        called = isinstance(definition.operation, Function | Class | Import)
        if not called or not isinstance(use.operation, Call):
            found.append(f"is no call of %{definition.id}")
    else:
        if edge.variable not in definition.writes and ANY not in definition.writes:
            found.append(f"reads {edge.variable} from %{definition.id}, which does not write it")
        if edge.variable not in use.reads:
            found.append(f"has an edge for {edge.variable} and does not read it")
    if not graph.mirrored(edge):
        found.append(f"definitions and users disagree on {edge}")
    return found


def report(graph: Graph, problems: list[Problem]) -> str:
    """The whole graph, with what does not hold below the lines of its nodes."""
    messages: dict[int, list[str]] = {}
    for problem in problems:
        messages.setdefault(problem.node, []).append(problem.message)
    lines: list[str] = []
    for number, line in enumerate(print_graph(graph).rstrip("\n").split("\n"), -1):
        lines.append(line)
        indent = " " * (len(line) - len(line.lstrip()))
        lines += [f"{indent}  ^ {message}" for message in messages.pop(number, ())]
    lines += [f"^ {text}" for texts in messages.values() for text in texts]
    return "\n".join(lines)
