"""Turns offsets in a CDL text into places, also where brackets were put in to read on."""

from bisect import bisect_left, bisect_right

from selfsame.grammar.diagnostics import Place


class Positions:
    """The places of one text. ``text`` is as it is read now; places are those of the original."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._length = len(text)
        self._inserted: list[int] = []
        self._starts = [0, *(n + 1 for n, character in enumerate(text) if character == "\n")]

    def part(self, start: int, stop: int) -> "Positions":
        """The places of a part of the text, from offset ``start`` to ``stop`` (exclusive)."""
        return _Part(self, start, stop)

    def insert(self, offset: int, character: str) -> None:
        """Put ``character`` in before ``offset``; the places of all else stay what they were."""
        self.text = self.text[:offset] + character + self.text[offset:]
        moved = [at + 1 if at >= offset else at for at in self._inserted]
        self._inserted = sorted([*moved, offset])

    def place(self, start: int, stop: int) -> Place:
        """The place from offset ``start`` to ``stop`` (inclusive), no further than its line."""
        start, stop = self.original(start), self.original(stop)
        line = bisect_right(self._starts, start) - 1
        end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else self._length
        width = max(1, min(stop + 1, end) - start)
        return Place(self.path, line + 1, start - self._starts[line] + 1, width)

    def original(self, offset: int) -> int:
        """An offset in the text as it was before anything was put in."""
        return offset - bisect_left(self._inserted, offset)


class _Part(Positions):
    """The places of a part of a text: those of the whole."""

    def __init__(self, whole: Positions, start: int, stop: int) -> None:
        super().__init__(whole.path, whole.text[start:stop])
        self._whole = whole
        self._start = start

    def place(self, start: int, stop: int) -> Place:
        """The place in the whole text."""
        at, end = self.original(start), self.original(stop)
        return self._whole.place(self._start + at, self._start + end)
