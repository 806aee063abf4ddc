"""From the text of an ICO to its graph: ``parse(print_graph(g)) == g``."""

import json
import re
from typing import Any

from selfsame.compiler.errors import Diagnostic, Place, UserError
from selfsame.compiler.ir.graph import Graph, Node, Span
from selfsame.compiler.ir.operations import OPERATIONS
from selfsame.compiler.ir.words import FIELDS, FORMAT

_STRING = r'"(?:[^"\\]|\\.)*"'
_INSIDE = rf"(?:{_STRING}|[^\]}}\"])*"
_TOKEN = re.compile(rf"(?:{_STRING}|\[{_INSIDE}\]|\{{{_INSIDE}\}}|[^\s\"\[\]{{}}])+")
_ITEM = re.compile(rf"{_STRING}|[^\s\"]+")
_EDGE = re.compile(rf"({_STRING}|.+?):(%\d+(?:,%\d+)*)")
_NAMED = re.compile(r"([a-z_]+)=(.+)", re.DOTALL)
_SPAN = re.compile(r"@(\d+):(\d+)-(\d+):(\d+)")
_HASH = re.compile(r"#([0-9a-f]{32})")
_NOTE = re.compile(rf"({_STRING}|[^\s={{}}\"]+)=({_STRING}|[^\s{{}}\"]+)")
_EMPTY = Span(0, 0, 0, 0)


def parse(text: str, path: str = "<ico>") -> Graph:
    """The graph of a text; metrics in braces are read over. Raises UserError with the line."""
    lines = text.split("\n")
    head = _TOKEN.findall(lines[0])
    if len(head) != 4 or head[0] != "ico" or not head[1].isdecimal():
        raise _error(path, 1, f"an ICO begins with `ico {FORMAT} MODULE PATH`")
    if int(head[1]) != FORMAT:
        raise _error(path, 1, f"this is format {head[1]}; this selfsame reads format {FORMAT}")
    graph = Graph(_plain(head[2]), _plain(head[3]))
    edges: list[tuple[int, int, str, int]] = []
    open_nodes: list[int] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        stripped = line.lstrip(" ")
        depth, odd = divmod(len(line) - len(stripped), 2)
        if odd or depth > len(open_nodes):
            raise _error(path, number, "indented by something else than two blanks a level")
        del open_nodes[depth:]
        read = _Line(stripped, graph.module, path, number)
        node = read.node(open_nodes[-1] if open_nodes else -1)
        if node.id != len(graph.nodes):
            raise _error(path, number, f"%{node.id} should be %{len(graph.nodes)}")
        if node.address and graph.find(node.address):
            raise _error(path, number, f"{node.address} was there before")
        graph.add(node)
        open_nodes.append(node.id)
        edges += [(d, node.id, variable, number) for variable, d in read.edges]
    for origin, use, variable, number in edges:
        if origin >= len(graph.nodes):
            raise _error(path, number, f"there is no node %{origin}")
        graph.connect(origin, use, variable)
    return graph


def parse_notes(text: str) -> dict[str, dict[str, str]]:
    """The metrics of a text, by address."""
    found: dict[str, dict[str, str]] = {}
    lines = text.split("\n")
    module = _plain(_TOKEN.findall(lines[0])[2])
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            read = _Line(line.lstrip(" "), module, "<ico>", number)
            node = read.node(-1)
            if read.notes and node.address:
                found[node.address] = {_plain(k): _plain(v) for k, v in _NOTE.findall(read.notes)}
    return found


class _Line:
    """One node's line, part by part."""

    def __init__(self, line: str, module: str, path: str, number: int) -> None:
        self.module = module
        self.place = path, number
        self.tokens = _TOKEN.findall(line)
        self.edges: list[tuple[str, int]] = []
        self.notes = ""

    def error(self, message: str) -> UserError:
        return _error(*self.place, message)

    def node(self, parent: int) -> Node:
        """Raises UserError where the line is none of a node."""
        tokens = iter(self.tokens)
        head = next(tokens, "")
        word = next(tokens, "")
        kind = OPERATIONS.get(word)
        if head[:1] != "%" or not head[1:].isdecimal():
            raise self.error("this is not a node of an ICO")
        if kind is None:
            raise self.error(f"there is no kind of node called {word!r}")
        values: dict[str, Any] = {}
        for field in FIELDS[kind.kind]:
            if field.positional:
                values[field.name] = self.value(field.name, field.type, next(tokens, ""))
        named = {f.name: f.type for f in FIELDS[kind.kind] if not f.positional}
        named |= {"address": str, "reads": tuple, "writes": tuple}
        span, hash_, in_edges = _EMPTY, "", False
        for token in tokens:
            first = token[0]
            if first == ";":
                break
            if first == "@":
                span = self.span(token)
            elif first == "{":
                self.notes = token
            elif _HASH.fullmatch(token):
                hash_ = token[1:]
            elif in_edges:
                self.edge(token)
            elif token == "<-":
                in_edges = True
            elif first == ":":
                values["address"] = self.module + token
            else:
                match = _NAMED.fullmatch(token)
                if match is None:
                    raise self.error(f"{token!r} is no part of a node")
                if match[1] not in named:
                    raise self.error(f"a {kind.kind} has no {match[1]!r}")
                values[match[1]] = self.value(match[1], named[match[1]], match[2])
        if span is _EMPTY:
            raise self.error("this node has no place (`@1:1-1:9`)")
        address = values.pop("address", "")
        reads, writes = values.pop("reads", ()), values.pop("writes", ())
        operation = kind(**values)
        return Node(int(head[1:]), operation, span, parent, address, hash_, reads, writes)

    def edge(self, token: str) -> None:
        match = _EDGE.fullmatch(token)
        if match is None:
            raise self.error(f"{token!r} is no edge: `name:%3,%4`")
        variable = _plain(match[1])
        self.edges += [(variable, int(d[1:])) for d in match[2].split(",")]

    def span(self, token: str) -> Span:
        match = _SPAN.fullmatch(token)
        if match is None:
            raise self.error(f"{token!r} is no place: `@1:1-1:9`")
        return Span(int(match[1]), int(match[2]), int(match[3]), int(match[4]))

    def value(self, name: str, type_: Any, token: str) -> object:
        """A word, number, yes or no, or list, as ``type_`` asks."""
        if type_ is bool:
            return token == "yes"
        if type_ is int:
            if not token.isdecimal():
                raise self.error(f"{name} should be a number")
            return int(token)
        if type_ is str:
            if not token or token[0] == "[":
                raise self.error(f"{name} should be a word")
            return _plain(token)
        if token[:1] != "[":
            raise self.error(f"{name} should be a list")
        return tuple(map(_plain, _ITEM.findall(token[1:-1])))


def _plain(text: str) -> str:
    if not text.startswith('"'):
        return text
    plain: str = json.loads(text)
    return plain


def _error(path: str, line: int, message: str) -> UserError:
    return UserError(Diagnostic(Place(path, line), message, "the language: docs/ico.md"))
