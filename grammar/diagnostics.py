"""What a user's mistake looks like: its place, what is wrong, and what to write instead."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selfsame.grammar.model import Document

AROUND = 80  # characters shown on each side of a mistake in a line too long to be shown whole


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: ``line`` and ``column`` count from 1; ``width`` is in characters."""

    path: str
    line: int
    column: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake of the user's: where, what, and what to do instead."""

    place: Place
    message: str
    suggestion: str = ""

    def render(self, source_line: str | None = None) -> str:
        """``file:line:column: message``, the source line with a caret, and the suggestion."""
        place = self.place
        lines = [f"{place.path}:{place.line}:{place.column}: {self.message}"]
        if source_line is not None:
            text, column = _shown(source_line.rstrip("\n"), place.column)
            lead = "".join("\t" if c == "\t" else " " for c in text[: column - 1])
            lines += [f"  {text}", f"  {lead}{'^' * max(1, place.width)}"]
        if self.suggestion:
            lines.append(f"  {self.suggestion}")
        return "\n".join(lines)


def _shown(text: str, column: int) -> tuple[str, int]:
    """A line, or the part of a very long one around its column, and the column in that."""
    if len(text) <= 2 * AROUND:
        return text, column
    start = max(0, min(column - AROUND, len(text)))
    part = text[start : start + 2 * AROUND]
    before = "… " if start else ""
    after = " …" if start + 2 * AROUND < len(text) else ""
    return before + part + after, column - start + len(before)


class CDLError(Exception):
    """CDL with mistakes. ``diagnostics`` has all of them, in the order of the text.

    ``str()`` gives each with its source line, where the text of its file is in ``texts``.
    ``documents`` is what was read all the same: empty where a file's declarations cannot be told.
    """

    def __init__(
        self,
        diagnostics: tuple[Diagnostic, ...],
        texts: dict[str, str] | None = None,
        documents: "tuple[Document, ...]" = (),
    ) -> None:
        self.diagnostics = diagnostics
        self.texts = texts or {}
        self.documents = documents
        super().__init__(diagnostics)

    def __str__(self) -> str:
        return "\n".join(d.render(self._line(d.place)) for d in self.diagnostics)

    def _line(self, place: Place) -> str | None:
        if place.path not in self.texts:
            return None
        lines = self.texts[place.path].split("\n")
        return lines[place.line - 1] if place.line <= len(lines) else None
