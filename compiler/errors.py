"""The three kinds of trouble, each a type: the user's mistake, a skip with a reason, our own bug."""

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


class SelfsameError(Exception):
    """Base of all that selfsame raises on purpose."""


class UserError(SelfsameError):
    """Bad input: source that does not parse, CDL with errors, a node that does not exist."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


class Skipped(SelfsameError):
    """Something was left alone, and ``reason`` says why. Never an error of the program."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InternalError(SelfsameError):
    """A bug in selfsame: an invariant of its own does not hold."""
