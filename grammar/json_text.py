"""Reads JSON with the place of every value, and reports what is no JSON where it is."""

import json
import re
from dataclasses import dataclass
from typing import Final

DEEPEST: Final = 16
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_SCALAR: Final = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
    r"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null"
)


class NoJson(Exception):
    """What is no JSON, from offset ``start`` on."""

    def __init__(self, message: str, start: int) -> None:
        self.start = start
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its offsets in the text (``stop`` exclusive).

    ``content`` is a dict by key, with each key's own Value, or a list, str, float, bool or None.
    """

    content: "dict[str, tuple[Value, Value]] | list[Value] | str | float | bool | None"
    start: int
    stop: int


def read_json(text: str) -> Value:
    """The one value that ``text`` is. Raises NoJson."""
    reader = _Reader(text)
    value = reader.value(0)
    if reader.peek():
        raise NoJson(f"expected the end of the file, found `{reader.peek()}`", reader.at)
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space is not None else self.at
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Value:
        character, start = self.peek(), self.at
        if character in ("{", "["):
            if depth == DEEPEST:
                raise NoJson(f"values lie more than {DEEPEST} deep here", start)
            content = self._object(depth) if character == "{" else self._list(depth)
            return Value(content, start, self.at)
        found = _SCALAR.match(self.text, start)
        if found is None:
            raise NoJson(f"expected a value, found {self._found(character)}", start)
        self.at = found.end()
        return Value(json.loads(found[0], parse_int=float), start, self.at)

    def _object(self, depth: int) -> dict[str, tuple[Value, Value]]:
        opened, members = self.at, {}
        self.at += 1
        while self.peek() != "}":
            self._open(opened)
            if self.peek() != '"':
                what = self._found(self.peek())
                raise NoJson(f"expected a name in quotes, found {what}", self.at)
            key = self.value(depth + 1)
            self._take(":", opened)
            if not isinstance(key.content, str):
                raise NoJson("expected a name in quotes", key.start)
            if key.content in members:
                raise NoJson(f"`{key.content}` is given twice", key.start)
            members[key.content] = (key, self.value(depth + 1))
            self._separate("}", opened)
        self.at += 1
        return members

    def _list(self, depth: int) -> list[Value]:
        opened, values = self.at, []
        self.at += 1
        while self.peek() != "]":
            self._open(opened)
            values.append(self.value(depth + 1))
            self._separate("]", opened)
        self.at += 1
        return values

    def _separate(self, close: str, opened: int) -> None:
        if self.peek() != close:
            self._take(",", opened)
            if self.peek() == close:
                raise NoJson(f"expected another value before `{close}`", self.at)

    def _take(self, character: str, opened: int) -> None:
        found = self.peek()
        self._open(opened)
        if found != character:
            raise NoJson(f"expected `{character}`, found {self._found(found)}", self.at)
        self.at += 1

    def _open(self, opened: int) -> None:
        if not self.peek():
            raise NoJson(f"this `{self.text[opened]}` is never closed", opened)

    def _found(self, character: str) -> str:
        return f"`{character}`" if character else "the end of the file"
