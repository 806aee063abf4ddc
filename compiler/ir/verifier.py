"""What must hold of every ICO: checked after lowering, and between passes.

1. A node's id is its position; its parent comes before it, and only node 0, the module, has none.
2. A node's span lies within its parent's.
3. Functions, classes, loops, comprehensions and calls have addresses; none occurs twice.
4. Functions, classes, loops and comprehensions have content hashes of 32 hex digits.
5. Reads and writes are sorted, each name once.
6. An edge goes from a node that writes its variable to one that reads it; an edge ``=`` goes from a
   comprehension, call or lambda to a node around it.
7. Definitions and users mirror each other.
"""

import re
from dataclasses import dataclass
from typing import final

from selfsame.compiler.ir.graph import VALUE, Graph, Node
from selfsame.compiler.ir.operations import Call, Class, Comprehension, Function, Loop
from selfsame.compiler.ir.printer import line_of

_HASH = re.compile(r"[0-9a-f]{32}")
_ADDRESSED = (Function, Class, Loop, Comprehension, Call)
_HASHED = (Function, Class, Loop, Comprehension)


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
    for edge in graph.edges:
        if not (0 <= edge.definition < len(graph) and 0 <= edge.use < len(graph)):
            problems.append(Problem(edge.use, f"an edge to no node: {edge}"))
            continue
        definition, use = graph.nodes[edge.definition], graph.nodes[edge.use]
        if edge.variable == VALUE:
            if not _is_expression(definition) or definition.parent != use.id:
                text = f"takes the value of %{definition.id}, which is no expression in it"
                problems.append(Problem(use.id, text))
            continue
        if edge.variable not in definition.writes:
            text = f"reads {edge.variable} from %{definition.id}, which does not write it"
            problems.append(Problem(use.id, text))
        if edge.variable not in use.reads:
            problems.append(
                Problem(use.id, f"has an edge for {edge.variable} and does not read it")
            )
        if edge not in graph.users(definition.id) or edge not in graph.definitions(use.id):
            problems.append(Problem(use.id, f"definitions and users disagree on {edge}"))
    return sorted(problems, key=lambda p: p.node)


def _node(graph: Graph, position: int, node: Node) -> list[str]:
    found = []
    if node.id != position:
        found.append(f"is %{node.id} at position {position}")
    if (node.parent == -1) is not (position == 0) or node.parent >= position:
        found.append(f"has the parent %{node.parent}")
    elif position and node.span not in graph.nodes[node.parent].span:
        found.append("lies outside of its parent")
    if isinstance(node.operation, _ADDRESSED) and not node.address:
        found.append("has no address")
    if isinstance(node.operation, _HASHED) and not _HASH.fullmatch(node.hash):
        found.append("has no content hash")
    for word, names in (("reads", node.reads), ("writes", node.writes)):
        if list(names) != sorted(set(names)):
            found.append(f"{word} are not in order")
    return found


def _is_expression(node: Node) -> bool:
    operation = node.operation
    if isinstance(operation, Function):
        return operation.form == "lambda"
    return isinstance(operation, Comprehension | Call)


def report(graph: Graph, problems: list[Problem]) -> str:
    """The lines of the nodes with problems, each with what does not hold below it."""
    lines: list[str] = []
    shown = -1
    for problem in problems:
        if problem.node != shown and 0 <= problem.node < len(graph):
            shown = problem.node
            lines.append(line_of(graph, graph.nodes[shown]))
        lines.append(f"  ^ {problem.message}")
    return "\n".join(lines)
