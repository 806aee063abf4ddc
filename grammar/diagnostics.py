"""What a user's mistake looks like: its place, what is wrong, and what to write instead."""

from dataclasses import dataclass


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
            text = source_line.rstrip("\n")
            lead = "".join("\t" if c == "\t" else " " for c in text[: place.column - 1])
            lines += [f"  {text}", f"  {lead}{'^' * max(1, place.width)}"]
        if self.suggestion:
            lines.append(f"  {self.suggestion}")
        return "\n".join(lines)


class CDLError(Exception):
    """CDL with mistakes. ``diagnostics`` has all of them, in the order of the text.

    ``str()`` gives each with its source line, where the text of its file is in ``texts``.
    """

    def __init__(
        self, diagnostics: tuple[Diagnostic, ...], texts: dict[str, str] | None = None
    ) -> None:
        self.diagnostics = diagnostics
        self.texts = texts or {}
        super().__init__(diagnostics)

    def __str__(self) -> str:
        return "\n".join(d.render(self._line(d.place)) for d in self.diagnostics)

    def _line(self, place: Place) -> str | None:
        if place.path not in self.texts:
            return None
        lines = self.texts[place.path].split("\n")
        return lines[place.line - 1] if place.line <= len(lines) else None
