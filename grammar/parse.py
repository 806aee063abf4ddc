"""Reads CDL: text or files to documents, or all that is wrong with them at once."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from selfsame.grammar.diagnostics import CDLError as CDLError
from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.model import Document
from selfsame.grammar.positions import Positions


def parse_text(text: str, path: str = "<text>") -> Document:
    """The document that ``text`` is. Raises CDLError with every mistake in it.

    ``path`` is the file's name in places and messages.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    document, diagnostics = _parse(text, path)
    if diagnostics:
        ordered = sorted(diagnostics, key=lambda d: (d.place.line, d.place.column))
        raise CDLError(tuple(ordered), {path: text})
    return document


def parse_files(paths: Iterable[str | Path]) -> list[Document]:
    """The documents of several files. Raises CDLError with every mistake in all of them."""
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    texts: dict[str, str] = {}
    for path in paths:
        try:
            documents.append(parse_text(read_text(path), str(path)))
        except CDLError as error:
            diagnostics += error.diagnostics
            texts |= error.texts
    if diagnostics:
        raise CDLError(tuple(diagnostics), texts)
    return documents


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


def _parse(text: str, path: str) -> tuple[Document, list[Diagnostic]]:
    # The generated parser and its runtime take 60 ms to import: only who parses pays for them.
    from antlr4 import CommonTokenStream, InputStream
    from antlr4.atn.PredictionMode import PredictionMode

    from selfsame.grammar.brackets import MOST_REPAIRS, first_mistake, too_deep
    from selfsame.grammar.build import Builder
    from selfsame.grammar.generated.CDLLexer import CDLLexer
    from selfsame.grammar.generated.CDLParser import CDLParser
    from selfsame.grammar.recovery import Recovery

    positions = Positions(path, text)
    diagnostics: list[Diagnostic] = []
    repaired: set[int] = set()
    while True:
        stream = CommonTokenStream(CDLLexer(InputStream(positions.text)))
        stream.fill()
        deep = too_deep(stream.tokens, CDLLexer, positions)
        if deep is not None:
            return Document((), path), [*diagnostics, deep]
        mistake = first_mistake(stream.tokens, CDLLexer, positions)
        if mistake is None:
            break
        diagnostics.append(mistake.diagnostic)
        positions.insert(mistake.offset, mistake.character)
        repaired = {at + 1 if at >= mistake.offset else at for at in repaired}
        if mistake.opened is not None:
            repaired.add(mistake.opened)
        if len(diagnostics) == MOST_REPAIRS:
            return Document((), path), diagnostics

    recovery = Recovery(positions, repaired)
    parser = CDLParser(stream)
    parser.removeErrorListeners()
    parser._errHandler = recovery
    # Every decision takes one token, so SLL is all that is needed.
    parser._interp.predictionMode = PredictionMode.SLL
    builder = Builder(positions)
    tree: Any = parser.document()  # type: ignore[no-untyped-call]  # generated
    document = builder.document(tree)
    return document, [*diagnostics, *recovery.diagnostics, *builder.diagnostics]
