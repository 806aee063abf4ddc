"""Reads a manifest's text: also one that a person edited or merged, with all mistakes at once."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from selfsame.compiler.errors import Diagnostic, Place, UserError
from selfsame.runtime.versions.manifest import (
    FORMAT,
    STATES,
    TITLE,
    Manifest,
    NodeEntry,
    canary_fits,
)

HEADER_KEYS = ("parent", "author", "created", "reason", "frozen")
# What a line is called, and the field of NodeEntry that it fills.
SINGLE = {
    "state": "state",
    "by": "by",
    "content": "content_hash",
    "rewrite": "rewrite",
    "template": "template",
    "family": "family",
    "speedup": "speedup",
    "canary": "canary",
    "reason": "reason",
}
REPEATED = {"guard": "guards", "evidence": "evidence", "suspected": "suspected"}
MAPPED = {
    "parameter": "parameters",
    "observed": "observed",
    "object": "objects",
    "depends": "dependencies",
}
REQUIRED = ("state", "content", "rewrite")
MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class _Stop(Exception):
    """The rest of the line cannot be read; its mistake has been noted."""


def parse_manifest(text: str, path: str = "manifest") -> Manifest:
    """The manifest that ``text`` says; ``parse_manifest(print_manifest(m)) == m``.

    Order, blank lines and ``#`` comments are free. Raises UserError with every mistake, each with
    line and column in ``path``, or with one where a newer selfsame wrote the text.
    """
    return _Reader(text, path).manifest()


def manifest_text(path: Path | str) -> str:
    """What a manifest's file holds. Raises UserError where that is no text, and OSError."""
    data = Path(path).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(str(path), before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        told = f"not a manifest: byte {data[error.start]:#04x} is not UTF-8"
        raise UserError(Diagnostic(place, told, "`selfsame show head` prints one")) from None


def parse_blocks(blocks: Iterable[str]) -> Mapping[str, NodeEntry]:
    """The entries that lines of nodes say, by address."""
    return parse_manifest("\n\n".join([f"{TITLE} {FORMAT}", *blocks])).nodes


class _Reader:
    def __init__(self, text: str, path: str) -> None:
        self.lines = text.split("\n")
        self.path = path
        self.mistakes: list[Diagnostic] = []
        self.header: dict[str, str] = {}
        self.nodes: dict[str, NodeEntry] = {}

    def manifest(self) -> Manifest:
        start = self._title()
        block: _Block | None = None
        for number, line in enumerate(self.lines[start:], start + 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                if line.startswith(MARKERS):
                    self._fail(number, line, 0, "a merge conflict is left", "choose one of the two")
                if line[0] in " \t":
                    if block is None:
                        self._fail(
                            number, line, 0, "a line of a node before any `node`", "node ADDRESS"
                        )
                    self._fact(block, number, line)
                elif line == "node" or line.startswith("node "):
                    self._finish(block)
                    block = _Block(number, line)
                    self._node(block)
                elif block is not None:
                    hint = "lines of a node begin with two spaces"
                    self._fail(number, line, 0, "expected `node ADDRESS`", hint)
                else:
                    self._header_line(number, line)
            except _Stop:
                continue
        self._finish(block)
        if self.mistakes:
            self.mistakes.sort(key=lambda d: (d.place.line, d.place.column))
            raise UserError(*self.mistakes)
        return Manifest(nodes=self.nodes, **self.header)

    def _title(self) -> int:
        """Check the first line that says something; the index of the line after it."""
        for index, line in enumerate(self.lines):
            if not line.strip() or line.startswith("#"):
                continue
            match = re.fullmatch(rf"{TITLE} (\d+)\s*", line)
            if match is None:
                self._one(index + 1, line, "not a manifest", f"the first line is `{TITLE} 1`")
            if int(match[1]) > FORMAT:
                self._one(
                    index + 1,
                    line,
                    f"a manifest of format {match[1]}; this selfsame reads up to {FORMAT}",
                    "a newer selfsame wrote it: upgrade selfsame to read it",
                )
            if int(match[1]) < 1:
                self._one(index + 1, line, "no such format", f"the first line is `{TITLE} 1`")
            return index + 1
        return self._one(1, "", "an empty manifest", f"the first line is `{TITLE} {FORMAT}`")

    def _header_line(self, number: int, line: str) -> None:
        key, at = self._split_key(number, line, 0, HEADER_KEYS)
        if key in self.header:
            self._fail(number, line, 0, f"`{key}` is said twice", "keep one of them")
        self.header[key] = self._value(number, line, at)

    def _node(self, block: "_Block") -> None:
        address = self._value(block.number, block.line, len("node"))
        if not address:
            self._fail(block.number, block.line, 0, "a node without an address", "node ADDRESS")
        if address in self.nodes:
            self._note(block.number, block.line, 5, f"{address} is there twice", "keep one of them")
        block.address = address

    def _fact(self, block: "_Block", number: int, line: str) -> None:
        begin = len(line) - len(line.lstrip())
        word = re.match(r"[^\s:]*", line[begin:])
        key = word[0] if word else ""
        if key in MAPPED:
            name, at = self._map_key(number, line, begin + len(key))
            value = self._value(number, line, at)
            if name in block.mapped[key]:
                self._fail(number, line, begin, f"`{key} {name}` is said twice", "keep one of them")
            block.mapped[key][name] = value
            return
        key, at = self._split_key(number, line, begin, (*SINGLE, *REPEATED, *MAPPED))
        value = self._value(number, line, at)
        if key in REPEATED:
            block.repeated[key].append(value)
            return
        if key in block.single:
            self._fail(number, line, begin, f"`{key}` is said twice", "keep one of them")
        block.single[key] = value
        if key == "state" and value not in STATES:
            self._note(number, line, at + 1, f"no such state: {value}", _nearest(value, STATES))
        elif key in REQUIRED and not value:
            self._note(number, line, begin, f"`{key}` is empty", "")

    def _finish(self, block: "_Block | None") -> None:
        """Make the entry of a block that is whole; note what is missing."""
        if block is None:
            return
        missing = [key for key in REQUIRED if key not in block.single]
        for key in missing:
            self._note(block.number, block.line, 0, f"the node has no `{key}`", f"  {key}: ...")
        share = block.single.get("canary", "")
        state = block.single.get("state", "")
        if not canary_fits(state, share):
            hint = "  canary: 5%" if state == "canary" else "  state: canary"
            self._note(
                block.number, block.line, 0, "state canary goes with a share, up to 50%", hint
            )
        if missing or self.mistakes or not block.address:
            return
        single = {SINGLE[key]: value for key, value in block.single.items()}
        repeated = {REPEATED[key]: tuple(values) for key, values in block.repeated.items()}
        mapped = {MAPPED[key]: values for key, values in block.mapped.items()}
        entry = NodeEntry(address=block.address, **single, **repeated, **mapped)  # type: ignore[arg-type]
        self.nodes[block.address] = entry

    def _split_key(
        self, number: int, line: str, begin: int, known: tuple[str, ...]
    ) -> tuple[str, int]:
        """The key of ``key: value`` at ``begin``, and where the value begins."""
        key, colon, _ = line[begin:].partition(":")
        if key not in known:
            self._fail(number, line, begin, f"no such line: {key.strip()}", _nearest(key, known))
        if not colon:
            self._fail(number, line, begin, f"`{key}` without a value", f"{key}: VALUE")
        return key, begin + len(key) + 1

    def _map_key(self, number: int, line: str, begin: int) -> tuple[str, int]:
        """The key of ``word KEY = value`` after ``begin``, and where the value begins."""
        at = begin + len(line[begin:]) - len(line[begin:].lstrip())
        if match := QUOTED.match(line, at):
            if line[match.end() : match.end() + 2] == " =":
                return self._unquote(number, line, at, match[0]), match.end() + 2
        elif (end := line.find("=", at)) > at:
            return line[at:end].rstrip(), end + 1
        return self._fail(number, line, begin, "expected `KEY = VALUE`", "parameter size = 64")

    def _value(self, number: int, line: str, at: int) -> str:
        text = line[at:].strip()
        if not text.startswith('"'):
            return text
        return self._unquote(number, line, at + line[at:].index('"'), text)

    def _unquote(self, number: int, line: str, at: int, text: str) -> str:
        try:
            value = json.loads(text)
        except ValueError as error:
            self._fail(number, line, at, f"not a JSON string: {error}", 'close it with `"`')
        return str(value)

    def _note(self, number: int, line: str, at: int, message: str, suggestion: str) -> None:
        width = max(1, len(line.rstrip()) - at)
        place = Place(self.path, number, at + 1, width)
        self.mistakes.append(Diagnostic(place, message, suggestion))

    def _fail(self, number: int, line: str, at: int, message: str, suggestion: str) -> NoReturn:
        self._note(number, line, at, message, suggestion)
        raise _Stop

    def _one(self, number: int, line: str, message: str, suggestion: str) -> NoReturn:
        """The one mistake that makes reading on pointless."""
        width = max(1, len(line))
        raise UserError(Diagnostic(Place(self.path, number, 1, width), message, suggestion))


class _Block:
    """The lines of one node, as they are read."""

    def __init__(self, number: int, line: str) -> None:
        self.number = number
        self.line = line
        self.address = ""
        self.single: dict[str, str] = {}
        self.repeated: dict[str, list[str]] = {key: [] for key in REPEATED}
        self.mapped: dict[str, dict[str, str]] = {key: {} for key in MAPPED}


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word.strip(), known, 1, 0.5)
    return f"did you mean `{near[0]}`?" if near else "one of: " + ", ".join(known)
