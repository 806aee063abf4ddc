"""Finds the one character or word too many that several mistakes come from: it is then the one reported.

A stray bracket or comma breaks what stands on both sides of it, so reading on gives a mistake for
each. Where a text without it has none of them, they were one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from selfsame.grammar.diagnostics import Diagnostic, Place
from selfsame.grammar.pieces import SMALL

#: Reads a text: the mistakes in it, in order.
Reader = Callable[[str], list[Diagnostic]]

#: A declaration with more mistakes than this is no text with a slip in it.
MOST: Final = 8
#: How many characters of one file are read again.
_EFFORT: Final = 120_000
_BEGIN: Final = re.compile(r"(?:constraint|profile|selection|import)[ \t]+[^\s,\]]")
_PIECE: Final = re.compile(r"\b\w{1,40}\b|[^\w\s]")
_BORDERS: Final = "{},;\n"
_AROUND: Final = 12


@dataclass(frozen=True, slots=True)
class _Trial:
    """A text without a stray piece, or with it one character further; and what then is wrong."""

    mistake: Diagnostic
    text: str
    cut: Place

    def back(self, place: Place) -> Place:
        """A place in this text as it is in the text before."""
        if place.line != self.cut.line or place.column < self.cut.column:
            return place
        return replace(place, column=place.column + self.cut.width)


def without_strays(path: str, text: str, found: list[Diagnostic], read: Reader) -> list[Diagnostic]:
    """The mistakes ``found`` in a text, those that come from one stray piece told as one."""
    if len(found) < 2:
        return found
    left = _EFFORT
    lines = text.split("\n")
    told: list[Diagnostic] = []
    for start, stop in _declarations(lines):
        here = [d for d in found if start < d.place.line <= stop]
        part = "\n".join([*lines[start:stop], *([""] if stop < len(lines) else [])])
        if 1 < len(here) <= MOST and len(part) <= SMALL and left > 0:
            local = [_moved(diagnostic, -start) for diagnostic in here]
            search = _Search(path, read, left)
            here = [_moved(diagnostic, start) for diagnostic in search.fewest(part, local)]
            left = search.left
        told += here
    return told


def _declarations(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines of each declaration: from the one that it starts on to the next one's."""
    begins = [number for number, line in enumerate(lines) if number and _BEGIN.match(line)]
    yield from pairwise([0, *begins, len(lines)])


def _moved(diagnostic: Diagnostic, lines: int) -> Diagnostic:
    place = diagnostic.place
    return replace(diagnostic, place=replace(place, line=place.line + lines))


class _Search:
    """Looks for stray pieces in one declaration, as long as ``left`` characters last."""

    def __init__(self, path: str, read: Reader, left: int) -> None:
        self.path = path
        self.read = read
        self.left = left

    def fewest(self, text: str, found: list[Diagnostic]) -> list[Diagnostic]:
        """The mistakes ``found`` in ``text``, with as few as tell all."""
        if len(found) < 2 or _places(self._read(text)) != _places(found):
            return found
        best: tuple[_Trial, list[Diagnostic]] | None = None
        fewest = len(found) - 1  # one is for the stray
        for trial in _trials(self.path, text, found):
            if self.left <= 0 or not fewest:
                break
            rest = self._read(trial.text)
            # What is left must be what was there before, and not beside the stray.
            if len(rest) < fewest and not _spoils(trial, rest):
                known = {trial.back(diagnostic.place) for diagnostic in rest}
                if {(place.line, place.column) for place in known} <= _places(found):
                    best, fewest = (trial, rest), len(rest)
        if best is None:
            return found
        trial, rest = best
        told = [replace(d, place=trial.back(d.place)) for d in self.fewest(trial.text, rest)]
        return sorted([trial.mistake, *told], key=lambda d: (d.place.line, d.place.column))

    def _read(self, text: str) -> list[Diagnostic]:
        self.left -= len(text)
        return self.read(text)


def _places(found: Iterable[Diagnostic]) -> set[tuple[int, int]]:
    return {(d.place.line, d.place.column) for d in found}


def _offset(text: str, place: Place) -> int:
    start = 0
    for _ in range(place.line - 1):
        start = text.index("\n", start) + 1
    return start + place.column - 1


def _spoils(trial: _Trial, rest: list[Diagnostic]) -> bool:
    """Whether something is wrong where the stray piece was: taking it out mended nothing there."""
    at = _offset(trial.text, trial.cut)
    start = max(trial.text.rfind(border, 0, at) for border in _BORDERS) + 1
    ends = [n for n in (trial.text.find(border, at) for border in _BORDERS) if n >= 0]
    end = min(ends, default=len(trial.text))
    return any(start <= _offset(trial.text, diagnostic.place) <= end for diagnostic in rest)


def _trials(path: str, text: str, found: list[Diagnostic]) -> Iterator[_Trial]:
    """The texts without one of the pieces at or beside the mistakes, or with a sign that is another."""
    near: dict[int, str] = {}
    pieces = list(_PIECE.finditer(text))
    for diagnostic in found:
        start = _offset(text, diagnostic.place)
        end = start + diagnostic.place.width
        for piece in pieces:
            if piece.end() >= start - 2 and piece.start() <= end + 1:
                near[piece.start()] = piece[0]
    signs = [(at, piece) for at, piece in near.items() if not piece[0].isalnum()]
    words = [(at, piece) for at, piece in near.items() if piece[0].isalnum()]
    for at, written in signs[:_AROUND]:
        yield _removed(path, text, at, written)
    told = {_offset(text, diagnostic.place) for diagnostic in found}
    for at, written in signs[:_AROUND]:
        if written in ",;" and at + 1 in told:
            yield from _shifted(path, text, at, written)
        if at in told:
            yield from _replaced(path, text, at, written)
    for at, written in words[:_AROUND]:
        yield _removed(path, text, at, written)


def _removed(path: str, text: str, at: int, piece: str) -> _Trial:
    place = _place(path, text, at, len(piece))
    end = at + len(piece)
    word = _word(text[:at], text[end:])
    message = f"`{piece}` does not belong here"
    hint = f"did you mean `{word}`?" if word else "leave it out"
    return _Trial(Diagnostic(place, message, hint), text[:at] + text[end:], place)


def _shifted(path: str, text: str, at: int, piece: str) -> Iterator[_Trial]:
    """The texts in which a sign stands behind the next character, or before the one before."""
    place = _place(path, text, at, 1)
    message = f"`{piece}` stands in the wrong place"
    for target in (at + 1, at - 1):
        if not 0 <= target < len(text) or text[target] == "\n":
            continue
        first, second = min(at, target), max(at, target)
        changed = text[:first] + text[second] + text[first] + text[second + 1 :]
        line = changed[changed.rfind("\n", 0, first) + 1 :].split("\n", 1)[0]
        column = first - changed.rfind("\n", 0, first) - 1
        around = line[max(0, column - 12) : column + 12].strip()
        hint = f"did you mean `{around}`?"
        yield _Trial(Diagnostic(place, message, hint), changed, replace(place, width=0))


def _replaced(path: str, text: str, at: int, piece: str) -> Iterator[_Trial]:
    """The texts in which a bracket is of the other kind."""
    place = _place(path, text, at, 1)
    for kind in ("([{", ")]}"):
        for other in kind if piece in kind else "":
            if other not in (piece, "(", ")"):
                diagnostic = Diagnostic(place, f"expected `{other}`, found `{piece}`")
                changed = text[:at] + other + text[at + 1 :]
                yield _Trial(diagnostic, changed, replace(place, width=0))


def _word(before: str, after: str) -> str:
    """The word that a stray piece stands in the middle of, or nothing."""
    head, tail = re.search(r"[\w.:*]*$", before), re.match(r"[\w.:*]*", after)
    assert head is not None and tail is not None
    if not head[0] or not tail[0] or not tail[0][0].isalnum():
        return ""
    return f"{head[0]}{tail[0]}".rstrip(":")


def _place(path: str, text: str, at: int, width: int) -> Place:
    start = text.rfind("\n", 0, at) + 1
    return Place(path, text.count("\n", 0, at) + 1, at - start + 1, width)
