"""The server: diagnostics as you type, completion, hover, the way to a node's source."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

import selfsame
from selfsame.cli.lsp.project import Project
from selfsame.grammar.assist import completions, meaning, word_at
from selfsame.grammar.diagnostics import CDLError, Diagnostic
from selfsame.grammar.format import format_text

MOST_COMPLETIONS = 200


def serve() -> None:
    """Serve one editor on stdin and stdout until it says goodbye."""
    make_server().start_io()


def make_server() -> Any:
    """The server with its features."""
    server: Any = LanguageServer("selfsame-cdl", selfsame.__version__)
    # Registered by call: the library is an extra, and a decorator of unknown type would hide ours.
    handlers = _Handlers(server)
    server.feature(types.INITIALIZED)(_function(handlers.started))
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_function(handlers.changed))
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_function(handlers.changed))
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_function(handlers.saved))
    options = types.CompletionOptions(trigger_characters=[":", "@", "[", ".", " "])
    server.feature(types.TEXT_DOCUMENT_COMPLETION, options)(_function(handlers.complete))
    server.feature(types.TEXT_DOCUMENT_HOVER)(_function(handlers.hover))
    server.feature(types.TEXT_DOCUMENT_DEFINITION)(_function(handlers.definition))
    server.feature(types.TEXT_DOCUMENT_FORMATTING)(_function(handlers.formatting))
    return server


def _function(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A plain function: the library leaves marks on what it is given, and methods take none."""

    def handler(params: Any) -> Any:
        return method(params)

    return handler


class _Handlers:
    def __init__(self, server: Any) -> None:
        self.server = server
        self.project = Project(None)

    def started(self, _: Any) -> None:
        """Read the project's nodes."""
        root = self.server.workspace.root_path
        self.project = Project(Path(root) if root else None)

    def changed(self, params: Any) -> None:
        """Diagnose a document."""
        document = self._document(params)
        found = self.project.diagnose(document.source, document.path)
        self.server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=document.uri,
                diagnostics=[_diagnostic(d, severity, document.lines) for d, severity in found],
            )
        )

    def saved(self, params: Any) -> None:
        """Read the tree again, then diagnose."""
        self.project.read()
        self.changed(params)

    def complete(self, params: Any) -> Any:
        """What can stand at a position."""
        document = self._document(params)
        offset = document.offset_at_position(params.position)
        found = completions(document.source, offset, self.project.known())
        items = [
            types.CompletionItem(label=c.text, detail=c.detail or None)
            for c in found[:MOST_COMPLETIONS]
        ]
        return types.CompletionList(is_incomplete=len(found) > MOST_COMPLETIONS, items=items)

    def hover(self, params: Any) -> Any:
        """What a word means; of a node, all that holds for it."""
        document = self._document(params)
        word, _ = word_at(document.source, document.offset_at_position(params.position))
        plain = word.lstrip("!@").rstrip(":").partition("[")[0]
        text = meaning(plain)
        if text is None:
            explained = self.project.explain(word.lstrip("!"), document.source, document.path)
            text = f"```\n{explained}\n```" if explained else None
        if text is None:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    def definition(self, params: Any) -> Any:
        """The source of the node that a word names."""
        document = self._document(params)
        word, _ = word_at(document.source, document.offset_at_position(params.position))
        place = self.project.place_of(word.lstrip("!"))
        if place is None:
            return None
        path, line = place
        start = types.Position(line - 1, 0)
        return types.Location(from_fs_path(str(path.resolve())) or "", types.Range(start, start))

    def formatting(self, params: Any) -> Any:
        """The whole text in canonical form; nothing where it has mistakes."""
        document = self._document(params)
        try:
            text = format_text(document.source, document.path)
        except CDLError:
            return None
        end = types.Position(len(document.lines) + 1, 0)
        return [types.TextEdit(types.Range(types.Position(0, 0), end), text)]

    def _document(self, params: Any) -> Any:
        return self.server.workspace.get_text_document(params.text_document.uri)


def _diagnostic(found: Diagnostic, severity: int, lines: Any) -> Any:
    place = found.place
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    start, end = place.column - 1, place.column - 1 + place.width
    message = f"{found.message}\n{found.suggestion}" if found.suggestion else found.message
    return types.Diagnostic(
        range=types.Range(
            types.Position(place.line - 1, _units(line[:start])),
            types.Position(place.line - 1, _units(line[:end])),
        ),
        message=message,
        severity=types.DiagnosticSeverity(severity),
        source="selfsame",
    )


def _units(text: str) -> int:
    """The length of a text as editors count it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2
