"""From the text of an ICO to its graph: ``parse(print_graph(g)) == g``."""

import json
import re
from dataclasses import fields

from selfsame.compiler.errors import Diagnostic, Place, UserError
from selfsame.compiler.ir.graph import Graph, Node, Span
from selfsame.compiler.ir.operations import OPERATIONS, Operation
from selfsame.compiler.ir.printer import FORMAT

_STRING = r'"(?:[^"\\]|\\.)*"'
_WORD = r"[^\s\"'\[\]{},;]+(?:\[[^\s\"'\[\]{},;]*\][^\s\"'\[\]{},;]*)*"
_TEXT = rf"(?:{_STRING}|{_WORD})"
_LIST = rf"\[(?:{_STRING}|[^\]\"])*\]"
_HEAD = re.compile(rf"ico (\d+) ({_TEXT}) ({_TEXT})\s*")
_LINE = re.compile(
    rf"(?P<indent> *)%(?P<id>\d+) (?P<kind>[a-z]+)"
    rf"(?: (?P<address>(?![@#]){_TEXT}))?"
    rf" @(?P<span>\d+:\d+-\d+:\d+)"
    rf"(?: #(?P<hash>[0-9a-f]{{32}}))?"
    rf"(?P<attributes>(?: [a-z_]+=(?:{_LIST}|{_TEXT}))*)"
    rf"(?: <-(?P<edges>(?: (?:{_STRING}|[^\s\"'\[\]{{}},;]+?):%\d+(?:,%\d+)*)+))?"
    rf"(?: (?P<notes>\{{.*\}}))?\s*"
)
_ATTRIBUTE = re.compile(rf" (?P<name>[a-z_]+)=(?:(?P<list>{_LIST})|(?P<value>{_TEXT}))")
_ITEM = re.compile(rf"{_STRING}|[^\s\"'\[\]{{}},;]+")
_EDGE = re.compile(rf" (?P<variable>{_STRING}|\S+?):(?P<definitions>%\d+(?:,%\d+)*)(?= |$)")
_FIELDS = {kind: {f.name: f.type for f in fields(op)} for kind, op in OPERATIONS.items()}
_NOTE = re.compile(rf"({_STRING}|[^\s={{}}]+)=({_STRING}|[^\s{{}}]+)")


def parse(text: str, path: str = "<ico>") -> Graph:
    """The graph of a text; metrics in braces are read over. Raises UserError with the line."""
    lines = text.split("\n")
    head = _HEAD.fullmatch(lines[0])
    if head is None:
        raise _error(path, 1, "an ICO begins with `ico 1 MODULE PATH`")
    if int(head[1]) != FORMAT:
        raise _error(path, 1, f"this is format {head[1]}; this selfsame reads format {FORMAT}")
    graph = Graph(_plain(head[2]), _plain(head[3]))
    edges: list[tuple[int, int, str, int]] = []
    open_nodes: list[int] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise _error(path, number, "this is not a node of an ICO")
        depth, odd = divmod(len(match["indent"]), 2)
        if odd or depth > len(open_nodes):
            raise _error(path, number, "indented by something else than two blanks a level")
        del open_nodes[depth:]
        node = _node(match, open_nodes[-1] if open_nodes else -1, path, number)
        if node.id != len(graph.nodes):
            raise _error(path, number, f"%{node.id} should be %{len(graph.nodes)}")
        if node.address and graph.find(node.address):
            raise _error(path, number, f"{node.address} was there before")
        graph.add(node)
        open_nodes.append(node.id)
        found = match["edges"] or ""
        for edge in _EDGE.finditer(found):
            for definition in edge["definitions"].split(","):
                edges.append((int(definition[1:]), node.id, _plain(edge["variable"]), number))
    for origin, use, variable, number in edges:
        if origin >= len(graph.nodes):
            raise _error(path, number, f"there is no node %{origin}")
        graph.connect(origin, use, variable)
    return graph


def parse_notes(text: str) -> dict[str, dict[str, str]]:
    """The metrics of a text, by address."""
    found: dict[str, dict[str, str]] = {}
    for line in text.split("\n")[1:]:
        match = _LINE.fullmatch(line)
        if match and match["notes"] and match["address"]:
            pairs = _NOTE.findall(match["notes"])
            found[_plain(match["address"])] = {_plain(k): _plain(v) for k, v in pairs}
    return found


def _node(match: re.Match[str], parent: int, path: str, number: int) -> Node:
    values: dict[str, str | tuple[str, ...]] = {}
    for attribute in _ATTRIBUTE.finditer(match["attributes"]):
        listed = attribute["list"]
        if listed is not None:
            values[attribute["name"]] = tuple(map(_plain, _ITEM.findall(listed[1:-1])))
        else:
            values[attribute["name"]] = _plain(attribute["value"])
    reads, writes = values.pop("reads", ()), values.pop("writes", ())
    kind = OPERATIONS.get(match["kind"])
    if kind is None:
        raise _error(path, number, f"there is no kind of node called {match['kind']!r}")
    start, end = match["span"].split("-")
    return Node(
        int(match["id"]),
        _operation(kind, values, path, number),
        Span(*map(int, start.split(":")), *map(int, end.split(":"))),
        parent,
        _plain(match["address"]) if match["address"] else "",
        match["hash"] or "",
        tuple(reads),
        tuple(writes),
    )


def _operation(
    kind: type[Operation], values: dict[str, str | tuple[str, ...]], path: str, number: int
) -> Operation:
    wanted = _FIELDS[kind.kind]
    converted: dict[str, object] = {}
    for name, value in values.items():
        type_ = wanted.get(name)
        if type_ is None:
            raise _error(path, number, f"a {kind.kind} has no {name!r}")
        if type_ is bool:
            converted[name] = value == "yes"
        elif type_ is int:
            if not isinstance(value, str) or not value.isdecimal():
                raise _error(path, number, f"{name} should be a number")
            converted[name] = int(value)
        elif (type_ is str) is not isinstance(value, str):
            raise _error(path, number, f"{name} should be {'a word' if type_ is str else 'a list'}")
        else:
            converted[name] = value
    try:
        return kind(**converted)  # type: ignore[arg-type]
    except TypeError as error:
        raise _error(path, number, f"a {kind.kind} lacks something: {error}") from None


def _plain(text: str) -> str:
    if not text.startswith('"'):
        return text
    plain: str = json.loads(text)
    return plain


def _error(path: str, line: int, message: str) -> UserError:
    return UserError(Diagnostic(Place(path, line), message, "the language: docs/ico.md"))
