"""Reads CDL: text or files to documents, or all that is wrong with them at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from selfsame.grammar.brackets import MOST_REPAIRS
from selfsame.grammar.diagnostics import CDLError as CDLError
from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.model import Declaration, Document
from selfsame.grammar.pieces import MOST_MISTAKES, SMALL, pieces
from selfsame.grammar.positions import Positions

_JSON: Final = re.compile(r'\ufeff?\s*\{\s*"')


def parse_text(text: str, path: str = "<text>") -> Document:
    """The document that ``text`` is. Raises CDLError with every mistake in it.

    ``path`` is the file's name in places and messages.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return read_positions(Positions(path, text), text)


def read_positions(positions: Positions, shown: str) -> Document:
    """The document of the text of ``positions``; ``shown`` is what messages quote lines of.

    Raises CDLError with every mistake in it.
    """
    text = positions.text
    read = _parse_pieces(positions)
    if not read.diagnostics:
        return read.document
    found = _in_order(read.diagnostics)
    if type(positions) is Positions and len(found) > 1:
        from selfsame.grammar.strays import without_strays

        found = without_strays(positions.path, text, found, lambda part: _mistakes(positions, part))
    kept = (read.document,) if read.whole else ()
    raise CDLError(tuple(found), {positions.path: shown}, kept)


def _mistakes(positions: Positions, part: str) -> list[Diagnostic]:
    return _in_order(_parse_pieces(Positions(positions.path, part)).diagnostics)


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Mistakes by place, the first of each place: a second is about what the first led to."""
    by_place: dict[tuple[int, int], Diagnostic] = {}
    for diagnostic in diagnostics:
        by_place.setdefault((diagnostic.place.line, diagnostic.place.column), diagnostic)
    return [diagnostic for _, diagnostic in sorted(by_place.items())]


def parse_files(paths: Iterable[str | Path]) -> list[Document]:
    """The documents of several files and of those that they import, imported ones first.

    A ``.json`` file is CDL's JSON form, a ``pyproject.toml`` its table ``tool.selfsame``. Raises
    CDLError with every mistake in all of them: names that nothing declares, too.
    """
    from selfsame.grammar.resolve import Names

    reading = _Reading()
    for path in paths:
        reading.read(str(path), None)
    if reading.whole:
        reading.diagnostics += Names(reading.documents).diagnostics
    if reading.diagnostics:
        kept = tuple(reading.documents) if reading.whole else ()
        raise CDLError(tuple(reading.diagnostics), reading.texts, kept)
    return reading.documents


class _Reading:
    """Files as they are read, each once."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.diagnostics: list[Diagnostic] = []
        self.texts: dict[str, str] = {}
        self.whole = True  # whether all that is declared is in the documents
        self._seen: set[Path] = set()

    def read(self, path: str, asked: Place | None) -> None:
        """Read a file and what it imports; ``asked`` is the place of its import."""
        real = Path(path).resolve()
        if real in self._seen:
            return
        self._seen.add(real)
        try:
            text = read_text(path)
        except CDLError as error:
            (diagnostic,) = error.diagnostics
            if asked is not None and not error.texts:
                message = f"`{path}` {diagnostic.message.removeprefix('this file ')}"
                diagnostic = Diagnostic(asked, message)
            self.diagnostics.append(diagnostic)
            self.texts |= error.texts
            self.whole = False
            return
        self.texts[path] = text.replace("\r\n", "\n").replace("\r", "\n")
        try:
            document = parse_form(text, path)
        except CDLError as error:
            self.diagnostics += error.diagnostics
            if not error.documents:
                self.whole = False
                return
            (document,) = error.documents
        for imported in document.imports:
            for name in imported.paths:
                self.read(str(Path(path).parent / name.text), name.place)
        self.documents.append(document)


def parse_form(text: str, path: str) -> Document:
    """The document of a file's text, in the form that the name ``path`` says. Raises CDLError."""
    if path.endswith(".json"):
        from selfsame.grammar.json_form import parse_json

        return parse_json(text, path)
    if path.endswith(".toml"):
        from selfsame.grammar.project import parse_project

        return parse_project(text, path)
    if path.endswith(".cdl") and _JSON.match(text):
        message = "this is the JSON form of CDL, in a file that is called as text"
        hint = f"call it {path.removesuffix('.cdl')}.json"
        raise CDLError((Diagnostic(Place(path, 1), message, hint),))
    return parse_text(text, path)


def read_text(path: str | Path) -> str:
    """The text of a CDL file, which is UTF-8. Raises CDLError where it cannot be read."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"this file cannot be read: {reason}"
        raise CDLError((Diagnostic(Place(str(path), 1), message),)) from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        place = Place(str(path), line, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"this file is not UTF-8: byte 0x{raw[error.start]:02x} cannot be decoded"
        readable = raw.decode("utf-8", errors="replace")
        diagnostic = Diagnostic(place, message, "save the file as UTF-8")
        raise CDLError((diagnostic,), {str(path): readable}) from error


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of a text; ``whole``, whether each of its declarations is in the document."""

    document: Document
    diagnostics: list[Diagnostic]
    whole: bool


def _parse_pieces(positions: Positions) -> _Read:
    """Parse a text, a long one piece by piece: what is all nonsense is not read to its end."""
    text = positions.text
    if len(text) <= SMALL or type(positions) is not Positions:
        return _parse(positions)
    declarations: list[Declaration] = []
    diagnostics: list[Diagnostic] = []
    whole = True
    for start, stop, goes_on in pieces(text):
        if not text[start:stop].strip():
            continue
        part = _parse(positions.part(start, stop))
        declarations += part.document.declarations
        diagnostics += part.diagnostics
        whole = whole and part.whole
        given_up = not part.document.declarations and len(part.diagnostics) >= MOST_REPAIRS
        if not goes_on or given_up or len(diagnostics) >= MOST_MISTAKES:
            if stop < len(text):
                message = "too much is wrong above: the file is not read from here on"
                diagnostics.append(Diagnostic(positions.place(stop, stop), message))
                whole = False
            break
    return _Read(Document(tuple(declarations), positions.path), diagnostics, whole)


def _parse(positions: Positions) -> _Read:
    # The generated parser and its runtime take 60 ms to import: only who parses pays for them.
    from antlr4 import CommonTokenStream, InputStream
    from antlr4.atn.PredictionMode import PredictionMode

    from selfsame.grammar.brackets import first_mistake, too_deep
    from selfsame.grammar.build import Builder
    from selfsame.grammar.generated.CDLLexer import CDLLexer
    from selfsame.grammar.generated.CDLParser import CDLParser
    from selfsame.grammar.recovery import Recovery

    path = positions.path
    diagnostics: list[Diagnostic] = []
    repaired: set[int] = set()
    while True:
        stream = CommonTokenStream(CDLLexer(InputStream(positions.text)))
        stream.fill()
        tokens = [token for token in stream.tokens if token.channel == 0]
        deep = too_deep(tokens, CDLLexer, positions)
        if deep is not None:
            return _Read(Document((), path), [*diagnostics, deep], False)
        mistake = first_mistake(tokens, CDLLexer, positions)
        if mistake is None:
            break
        diagnostics.append(mistake.diagnostic)
        positions.insert(mistake.offset, mistake.character)
        repaired = {at + 1 if at >= mistake.offset else at for at in repaired}
        if mistake.opened is not None:
            repaired.add(mistake.opened)
        if len(diagnostics) == MOST_REPAIRS:
            return _Read(Document((), path), diagnostics, False)

    recovery = Recovery(positions, repaired)
    parser = CDLParser(stream)
    parser.removeErrorListeners()
    parser._errHandler = recovery
    # Every decision takes one token, so SLL is all that is needed.
    parser._interp.predictionMode = PredictionMode.SLL
    builder = Builder(positions)
    tree: Any = parser.document()  # type: ignore[no-untyped-call]  # generated
    document = builder.document(tree)
    structural = [*diagnostics, *recovery.diagnostics]
    whole = not structural and not builder.lost
    return _Read(document, [*structural, *builder.diagnostics], whole)
