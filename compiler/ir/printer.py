"""From an ICO to its text; ``parser.py`` reads it back. The language: docs/ico.md."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache

from selfsame.compiler.ir.graph import Graph, Node
from selfsame.compiler.ir.operations import OPERATIONS, Operation

FORMAT = 1
_FIELDS = {kind: tuple(f.name for f in fields(op)) for kind, op in OPERATIONS.items()}
_BARE = re.compile(r"[^\s\"'\[\]{},;]+")
Notes = Mapping[str, Mapping[str, str]]


def print_graph(graph: Graph, notes: Notes | None = None, only: Node | None = None) -> str:
    """The text of a graph. ``notes`` are metrics by address, printed as ``{calls=12 p99=8.1ms}``.

    ``only``: the part of one node, for people to read; the text of a part does not parse.
    """
    lines = [f"ico {FORMAT} {quoted(graph.module)} {quoted(graph.path)}"]
    depths: dict[int, int] = {}
    for node in graph.nodes if only is None else graph.inside(only):
        depth = depths[node.id] = depths.get(node.parent, -1) + 1
        lines.append("  " * depth + line_of(graph, node, notes))
    return "\n".join(lines) + "\n"


def line_of(graph: Graph, node: Node, notes: Notes | None = None) -> str:
    """One node's line, without its indent."""
    span = node.span
    parts = [f"%{node.id}", node.kind]
    if node.address:
        parts.append(quoted(node.address))
    parts.append(f"@{span.line}:{span.column}-{span.end_line}:{span.end_column}")
    if node.hash:
        parts.append(f"#{node.hash}")
    parts += _attributes(node.operation)
    if node.reads:
        parts.append(f"reads={_list(node.reads)}")
    if node.writes:
        parts.append(f"writes={_list(node.writes)}")
    incoming: dict[str, list[str]] = {}
    for edge in graph.definitions(node.id):
        incoming.setdefault(edge.variable, []).append(f"%{edge.definition}")
    if incoming:
        parts.append("<-")
        parts += [f"{quoted(name)}:{','.join(incoming[name])}" for name in sorted(incoming)]
    found = notes.get(node.address) if notes and node.address else None
    if found:
        metrics = " ".join(f"{_key(k)}={quoted(v)}" for k, v in found.items())
        parts.append("{" + metrics + "}")
    return " ".join(parts)


def _attributes(operation: Operation) -> list[str]:
    """``name=value`` for each field; false and empty ones are left out."""
    parts = []
    for name in _FIELDS[operation.kind]:
        value = getattr(operation, name)
        if isinstance(value, bool):
            if value:
                parts.append(f"{name}=yes")
        elif isinstance(value, tuple):
            if value:
                parts.append(f"{name}={_list(value)}")
        else:
            parts.append(f"{name}={quoted(str(value))}")
    return parts


def _list(values: Iterable[str]) -> str:
    words = (v if _BARE.fullmatch(v) else json.dumps(v) for v in values)
    return "[" + " ".join(words) + "]"


def _key(text: str) -> str:
    return json.dumps(text) if "=" in text else quoted(text)


@cache
def quoted(text: str) -> str:
    """A word as it is, or as a JSON string where it has blanks or brackets in it.

    Addresses keep their square brackets: ``shop:f/loop[0]``.
    """
    if text[:1] not in _MARKS and (_BARE.fullmatch(text) or _ADDRESS.fullmatch(text)):
        return text
    return json.dumps(text)


_MARKS = ("@", "#", "<", "=")  # what begins with one of these could be another part of the line
_ADDRESS = re.compile(r"[^\s\"'\[\]{},;]+(?:\[[^\s\"'\[\]{},;]*\][^\s\"'\[\]{},;]*)+")
