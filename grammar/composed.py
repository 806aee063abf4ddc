"""CDL text that is made from another form, with the places of that form.

The JSON form and ``pyproject.toml`` are turned into the text that says the same, so that there is
one reader of values and one set of messages; what is wrong is reported where it was written.
"""

import re
from typing import Final

from selfsame.grammar.diagnostics import CDLError, Diagnostic, Place
from selfsame.grammar.model import Document
from selfsame.grammar.positions import Positions

#: What a value of the other form cannot have in it: it would end the value, or start a comment.
_ENDS: Final = re.compile(r"[\n\r,;{}\[\]#]|//")

#: What the name of a node may have of these: `#2`, and the `[0]` behind `/loop`.
_INNER: Final = re.compile(r"#\d+|(?<=[\w\]])\[[\w?*]+\]")


class Composer:
    """Composes the text of one file piece by piece. A piece knows where it was written.

    ``text`` is the file's own, ``path`` its name; ``diagnostics`` collects what cannot be composed.
    """

    def __init__(self, path: str, text: str) -> None:
        self.origin = Positions(path, text)
        self.diagnostics: list[Diagnostic] = []
        self._pieces: list[str] = []
        self._length = 0
        # Of each piece that was written in the file: its start here, its span there, and whether
        # the two read alike, so that a place inside it can be told.
        self._segments: list[tuple[int, int, int, bool]] = []

    def add(self, piece: str) -> None:
        """Add what the text needs and the file does not have: ``constraint``, ``{``."""
        self._pieces.append(piece)
        self._length += len(piece)

    def written(self, piece: str, start: int, stop: int) -> None:
        """Add a piece that the file has from offset ``start`` to ``stop`` (exclusive)."""
        alike = self.origin.text[start:stop] == piece
        self._segments.append((self._length, start, stop, alike))
        self.add(piece)

    def value(self, piece: str, start: int, stop: int, what: str, node: bool = False) -> None:
        """Add a value that the file has there, if it can stand in the text.

        Where it is the name of a ``node``, it may have ``#2`` and ``[0]`` in it.
        """
        looked_at = _INNER.sub("", piece) if node else piece
        found = _ENDS.search(looked_at)
        if found is not None:
            shown = repr(found[0])[1:-1]
            self.fail(start, stop, f"{what} cannot have `{shown}` in it")
        elif not piece.strip():
            self.fail(start, stop, f"{what} is empty")
        self.written(piece, start, stop)

    def fail(self, start: int, stop: int, message: str, suggestion: str = "") -> None:
        """Report a mistake of the file's own form."""
        place = self.origin.place(start, max(start, stop - 1))
        self.diagnostics.append(Diagnostic(place, message, suggestion))

    def document(self) -> Document:
        """The document of the composed text. Raises CDLError with every mistake, at its place."""
        # parse.py finds the reader of each form in this module's users.
        from selfsame.grammar.parse import read_positions

        path, text = self.origin.path, self.origin.text
        if self.diagnostics:
            raise CDLError(tuple(self.diagnostics), {path: text})
        positions = _Composed(path, "".join(self._pieces), self.origin, self._segments)
        return read_positions(positions, text)


class _Composed(Positions):
    """The places of a composed text: those of what it was composed from."""

    def __init__(
        self, path: str, text: str, origin: Positions, segments: list[tuple[int, int, int, bool]]
    ) -> None:
        super().__init__(path, text)
        self._origin = origin
        self._segments = segments

    def place(self, start: int, stop: int) -> Place:
        """The place in the file of the piece that lies at an offset, or before it."""
        at, end = self.original(start), self.original(stop)
        before = [segment for segment in self._segments if segment[0] <= at]
        if not before:
            return self._origin.place(0, 0)
        here, first, last, alike = before[-1]
        if alike and at < here + last - first:
            return self._origin.place(first + at - here, min(last - 1, first + end - here))
        return self._origin.place(first, last - 1)
