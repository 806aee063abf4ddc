"""Cuts a long text into pieces of whole declarations, so that much nonsense is soon given up."""

import re
from collections.abc import Iterator
from typing import Final

#: Texts up to this many characters are read in one piece.
SMALL: Final = 8_000
_PIECE: Final = 4_000
#: After this many mistakes the rest of a long text is not read.
MOST_MISTAKES: Final = 100
#: How much is read of what is nonsense.
_TASTE: Final = 1_500
_BEGIN: Final = re.compile(r"^(?:constraint|profile|selection|import)[ \t]+[^\s,\]]", re.MULTILINE)
_COMMENT: Final = re.compile(r"(?<!\S)(?:#|//)[^\n]*")
_BLOCK: Final = re.compile(r"\s*\w+\s[^{}]*\{[^{}]*\}\s*")


def pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """The offsets of pieces, and whether the text may be read on behind each.

    A piece is as many declarations as fit, or one that is longer. What is long and cannot be one
    declaration is nonsense: its beginning is the last piece.
    """
    start = 0
    begins = [found.start() for found in _BEGIN.finditer(text)]
    ends = [at for at in begins if at > 0] + [len(text)]
    for number, end in enumerate(ends):
        following = ends[number + 1] if number + 1 < len(ends) else None
        if following is not None and following - start <= _PIECE:
            continue
        if end - start > 2 * _PIECE and not _is_one(text[start:end]):
            yield start, start + _TASTE, False
            return
        if end > start:
            yield start, end, True
        start = end


def _is_one(piece: str) -> bool:
    """Whether a piece can be one declaration, or is empty but for comments."""
    plain = _COMMENT.sub("", piece)
    return not plain.strip() or _BLOCK.fullmatch(plain) is not None
