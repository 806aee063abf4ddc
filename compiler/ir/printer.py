"""From an ICO to its text; ``parser.py`` reads it back. The language: docs/ico.md."""

from collections.abc import Mapping, Sequence

from selfsame.compiler.ir.graph import CALLEE, VALUE, Graph, Node
from selfsame.compiler.ir.operations import Operation
from selfsame.compiler.ir.words import FIELDS, FORMAT, listed, quoted, relative

Notes = Mapping[str, Mapping[str, str]]
_PLAIN = {VALUE: VALUE, CALLEE: CALLEE}


def print_graph(
    graph: Graph,
    notes: Notes | None = None,
    only: Node | None = None,
    source: Sequence[str] | None = None,
) -> str:
    """The text of a graph. ``notes`` are metrics by address, printed as ``{calls=12 p99=8.1ms}``.

    ``only``: the part of one node, for people to read; the text of a part does not parse.
    ``source``: the lines of the module; each node then has its first one behind it.
    """
    lines = [f"ico {FORMAT} {quoted(graph.module)} {quoted(graph.path)}"]
    depths: dict[int, int] = {-1: -1}
    for node in graph.nodes if only is None else graph.inside(only):
        depth = depths[node.id] = depths.get(node.parent, -1) + 1
        line = "  " * depth + line_of(graph, node, notes)
        if source is not None and node.parent >= 0 and node.span.line <= len(source):
            line += f"  ; {source[node.span.line - 1].strip()}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def line_of(graph: Graph, node: Node, notes: Notes | None = None) -> str:
    """One node's line, without its indent."""
    parts = [f"%{node.id} {node.kind}"]
    named: list[str] = []
    _fields(node.operation, parts, named)
    if node.address:
        address = relative(node.address, graph.module)
        if address is None:
            named.insert(0, f"address={quoted(node.address)}")
        else:
            parts.append(address)
    parts += named
    if node.reads:
        parts.append(f"reads={listed(node.reads)}")
    if node.writes:
        parts.append(f"writes={listed(node.writes)}")
    incoming: dict[str, list[str]] = {}
    for edge in graph.definitions(node.id):
        incoming.setdefault(edge.variable, []).append(f"%{edge.definition}")
    if incoming:
        parts.append("<-")
        for name in sorted(incoming):
            parts.append(f"{_PLAIN.get(name) or quoted(name)}:{','.join(incoming[name])}")
    found = notes.get(node.address) if notes and node.address else None
    if found:
        metrics = " ".join(f"{_key(k)}={quoted(v)}" for k, v in found.items())
        parts.append("{" + metrics + "}")
    span = node.span
    parts.append(f"@{span.line}:{span.column}-{span.end_line}:{span.end_column}")
    if node.hash:
        parts.append(f"#{node.hash}")
    return " ".join(parts)


def _fields(operation: Operation, positional: list[str], named: list[str]) -> None:
    """What has no default is printed without its name; what has its default is left out."""
    for field in FIELDS[operation.kind]:
        value = getattr(operation, field.name)
        if not field.positional and value == field.default:
            continue
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, tuple):
            text = listed(value)
        else:
            text = quoted(str(value))
        if field.positional:
            positional.append(text)
        else:
            named.append(f"{field.name}={text}")


def _key(text: str) -> str:
    found = quoted(text)
    return f'"{text}"' if "=" in found and found[0] != '"' else found
