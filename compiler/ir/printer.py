"""From an ICO to its text; ``parser.py`` reads it back. The language: docs/ico.md."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache

from selfsame.compiler.ir.graph import Graph, Node
from selfsame.compiler.ir.operations import Operation

FORMAT = 1
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
    incoming = [f"{quoted(e.variable)}:%{e.definition}" for e in graph.definitions(node.id)]
    if incoming:
        parts.append("<- " + " ".join(incoming))
    found = notes.get(node.address) if notes and node.address else None
    if found:
        metrics = " ".join(f"{quoted(k)}={quoted(v)}" for k, v in found.items())
        parts.append("{" + metrics + "}")
    return " ".join(parts)


@cache
def _fields(kind: type[Operation]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _attributes(operation: Operation) -> list[str]:
    """``name=value`` for each field; false and empty ones are left out."""
    parts = []
    for name in _fields(type(operation)):
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
    return "[" + " ".join(map(quoted, values)) + "]"


@cache
def quoted(text: str) -> str:
    """A word as it is, or as a JSON string where it has blanks or brackets in it.

    Addresses keep their square brackets: ``shop:f/loop[0]``.
    """
    if _BARE.fullmatch(text) or _ADDRESS.fullmatch(text):
        return text
    return json.dumps(text)


_ADDRESS = re.compile(r"[^\s\"'\[\]{},;]+(?:\[[^\s\"'\[\]{},;]*\][^\s\"'\[\]{},;]*)+")
