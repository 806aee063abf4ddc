"""Formats CDL: canonical layout and values, every comment kept, the meaning unchanged.

Properties stay in their order. A comment on a line of its own stays before what followed it; one
inside a property moves before it; one behind a property stays behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from selfsame.grammar.model import Declaration, Document, Import, Selection
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_head, print_import, print_nodes, print_statement

WIDTH: Final = 100


def format_text(text: str, path: str = "<text>") -> str:
    """The canonical form of CDL text. Raises CDLError with every mistake in it.

    >>> print(format_text("constraint f{mode:auto;max_cpu_time:<=1e1 ms //why\\n}"))
    constraint f {
      mode: auto
      max_cpu_time: 10ms  //why
    }
    <BLANKLINE>
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    document = parse_text(text, path)
    return "".join(f"{line}\n" for line in _lines(document, _read(text)))


@dataclass(slots=True)
class _Piece:
    """A property or a declaration as it lies in the text.

    ``before`` are the comments on lines above it or inside it, ``behind`` the one on its last line;
    ``apart`` says whether an empty line stands above all of that. ``gap`` counts the comments of
    ``before`` that an empty line separates from the rest.
    """

    before: list[str] = field(default_factory=list)
    behind: str = ""
    apart: bool = False
    gap: int = 0
    inside: "list[_Piece]" = field(default_factory=list)
    # The comments between the last property and the `}`.
    last: list[str] = field(default_factory=list)
    end: int = 0


def _read(text: str) -> _Piece:
    """The pieces of a text that parses: ``inside`` has its declarations, ``last`` what follows."""
    from antlr4 import InputStream, Token

    from selfsame.grammar.generated.CDLLexer import CDLLexer

    tokens: list[Any] = CDLLexer(InputStream(text)).getAllTokens()
    top = _Piece()
    reading = _Reading(top)
    for token in tokens:
        if token.channel == Token.HIDDEN_CHANNEL:
            reading.comment(token.text.rstrip(), token.line)
        elif token.type in (CDLLexer.DECLARE, CDLLexer.IMPORT) and reading.declared is None:
            reading.open(token.line, token.type == CDLLexer.IMPORT)
        elif token.type == CDLLexer.SEPARATOR:
            reading.close_property()
            if reading.declared is not None and reading.body is None and token.text in "\n;":
                reading.close(reading.declared.end)
        elif token.type == CDLLexer.LBRACE:
            reading.begin(token.line)
        elif token.type == CDLLexer.RBRACE:
            reading.close_property()
            reading.close(token.line)
        else:
            lines = token.text.count("\n")
            reading.token(token.line, token.line + lines)
    reading.close_property()
    if reading.declared is not None:
        reading.close(reading.declared.end)
    top.last, top.gap = reading.pending, reading.gap
    return top


class _Reading:
    """What was read so far; comments wait in ``pending`` until it is known what they belong to."""

    def __init__(self, top: _Piece) -> None:
        self.top = top
        self.declared: _Piece | None = None
        self.body: _Piece | None = None
        self.property: _Piece | None = None
        self.pending: list[str] = []
        self.gap = 0
        self.apart = False
        self.line = 0  # of the last token or comment
        self.importing = False
        self.done: _Piece | None = None  # what a comment on the same line belongs to

    def comment(self, text: str, line: int) -> None:
        """A comment: behind what ends on its line, else before what comes."""
        behind = self.declared if self.importing and self.declared is not None else self.done
        if self.property is not None and self.property.end == line and not self.property.behind:
            # Behind the last token of a property so far: where the property goes on, it moves.
            self.property.behind = text
        elif behind is not None and behind.end == line and not behind.behind:
            behind.behind = text
        else:
            self._space(line)
            self.pending.append(text)
        self.line = line

    def open(self, line: int, importing: bool) -> None:
        """A declaration begins."""
        self.importing = importing
        self._space(line)
        self.declared = self._piece(self.top, line)

    def token(self, first: int, last: int) -> None:
        """A token of a head or of a property."""
        if self.body is not None:
            if self.property is None:
                self._space(first)
                self.property = self._piece(self.body, first)
            elif self.property.behind:
                self.property.before.append(self.property.behind)
                self.property.behind = ""
            self.property.before += self.pending if self.property.end else []
            self.pending = self.pending if not self.property.end else []
            self.property.end = last
        elif self.declared is not None:
            self.declared.before += self.pending
            self.pending, self.gap = [], 0
            self.declared.end = last
        self.line = last

    def begin(self, line: int) -> None:
        """The block of a declaration begins; comments before its ``{`` go above it."""
        if self.declared is not None:
            self.declared.before += self.pending
            self.pending, self.gap = [], 0
        self.body, self.line = self.declared, line

    def close_property(self) -> None:
        """A property ends."""
        if self.property is not None:
            self.property.before += self.pending
            self.pending, self.gap = [], 0
            self.done, self.property = self.property, None

    def close(self, line: int) -> None:
        """A declaration ends."""
        if self.declared is not None:
            if self.body is not None:
                self.declared.last = self.pending
                self.pending, self.gap = [], 0
            self.declared.end = line
            self.done = self.declared
        self.declared = self.body = None
        self.importing = False
        self.line = line

    def _space(self, line: int) -> None:
        """Note an empty line above what begins on ``line``."""
        if line - self.line > 1 and self.line:
            if self.pending:
                self.gap = len(self.pending)
            else:
                self.apart = True

    def _piece(self, owner: _Piece, line: int) -> _Piece:
        piece = _Piece(self.pending, "", self.apart, self.gap, end=0)
        self.pending, self.gap, self.apart = [], 0, False
        self.done = None
        owner.inside.append(piece)
        return piece


def _lines(document: Document, top: _Piece) -> Iterator[str]:
    first = True
    previous: Declaration | None = None
    for declared, piece in zip(document.declarations, top.inside, strict=True):
        together = isinstance(previous, Import) and isinstance(declared, Import)
        if not first and not (together and not piece.apart and not piece.before):
            yield ""
        yield from _comments(piece, "")
        yield from _declaration(declared, piece)
        first, previous = False, declared
    if top.last:
        if not first:
            yield ""
        yield from _comments(_Piece(top.last, gap=top.gap if top.gap < len(top.last) else 0), "")


def _declaration(declared: Declaration, piece: _Piece) -> Iterator[str]:
    end = f"  {piece.behind}" if piece.behind else ""
    if isinstance(declared, Import):
        yield f"{print_import(declared)}{end}"
        return
    yield from _wrapped(print_head(declared), "", " {")
    if isinstance(declared, Selection):
        texts = [print_nodes(declared)]
    else:
        texts = [print_statement(statement) for statement in declared.statements]
    for number, (text, inner) in enumerate(zip(texts, piece.inside, strict=True)):
        if inner.apart and number:
            yield ""
        yield from _comments(inner, "  ")
        yield from _wrapped(text, "  ", f"  {inner.behind}" if inner.behind else "")
    for comment in piece.last:
        yield f"  {comment}"
    yield f"}}{end}"


def _comments(piece: _Piece, indent: str) -> Iterator[str]:
    for number, comment in enumerate(piece.before):
        if number and number == piece.gap:
            yield ""
        yield f"{indent}{comment}"
    if piece.gap and piece.gap == len(piece.before):
        yield ""


def _wrapped(text: str, indent: str, end: str) -> Iterator[str]:
    """A head or property; where it is too long, each name of its list on a line of its own."""
    if len(indent + text) <= WIDTH or ", " not in text:
        yield f"{indent}{text}{end}"
        return
    opening, bracket, rest = text.partition(": [")
    if bracket and text.endswith("]"):  # an address may have brackets too: `app:f/call[sorted][0]`
        names = rest.removesuffix("]").split(", ")
        yield f"{indent}{opening}: ["
        for number, name in enumerate(names):
            yield f"{indent}  {name}{',' if number < len(names) - 1 else ''}"
        yield f"{indent}]{end}"
        return
    opening, _, rest = text.partition(" ")
    names = rest.split(", ")
    yield f"{indent}{opening} {names[0]},"
    pad = " " * (len(indent + opening) + 1)
    for name in names[1:-1]:
        yield f"{pad}{name},"
    yield f"{pad}{names[-1]}{end}"
