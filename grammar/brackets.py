"""Finds brackets without a partner and properties without a separator, before the text is parsed.

A bracket is reported where it was opened. What is missing is put in where it belongs, so that the
mistakes behind it are found as well.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.positions import Positions
from selfsame.grammar.vocabulary import FAMILIES, NODES, PROPERTIES, SETTINGS
from selfsame.grammar.words import expected_value, shown

DEEPEST: Final = 32
MOST_REPAIRS: Final = 30
_PROPERTY_WORDS: Final = (NODES, *PROPERTIES)
#: The properties that take a list.
_LISTING: Final = (
    NODES,
    *FAMILIES,
    *(name for name, shape in SETTINGS.items() if shape.form == "names"),
)
#: A line that starts a property: in a list, these words would be followed by a comma or bracket.
_PROPERTY: Final = re.compile(
    rf"^[ \t]*(?:(?:{'|'.join(map(re.escape, PROPERTIES))})(?:[ \t]*[:=\[]|[ \t]+\w)"
    r"|(?:constraint|profile|selection)[ \t]+\S+[ \t]*\{)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A bracket or comma that is missing: ``character`` belongs before ``offset``.

    ``opened`` is the offset of the ``[`` that has no ``]``.
    """

    diagnostic: Diagnostic
    offset: int
    character: str
    opened: int | None = None


def first_mistake(tokens: Sequence[Any], kinds: Any, positions: Positions) -> Missing | None:
    """The first missing bracket or comma.

    ``tokens`` are the lexer's, ``kinds`` its class. None where all that this module looks after is
    in order (an unclosed ``{`` is the parser's to report).
    """
    lists: list[Any] = []
    heads: list[Any] | None = None
    declared = ""
    for number, token in enumerate(tokens):
        kind = token.type
        if kind == kinds.DECLARE:
            heads, declared = [], token.text
        elif heads is not None and kind == kinds.PATTERN:
            heads.append(token)
        elif heads is not None and kind == kinds.RBRACE and heads:
            return _unopened(declared, heads, tokens, kinds, positions)
        elif kind in (kinds.LBRACE, kinds.RBRACE):
            heads = None
        if kind == kinds.COLON and not lists and _runs_on(tokens, number, kinds):
            return _unseparated(tokens[number - 2 : number], positions)
        if kind == kinds.LBRACK and not lists and _lacks_colon(tokens, number, kinds):
            return _unlinked(tokens[number - 1], positions)
        if kind == kinds.LBRACK:
            lists.append(token)
        elif kind == kinds.RBRACK and lists:
            lists.pop()
        elif kind == kinds.RBRACK and (colon := _bare_list(tokens[:number], kinds)) is not None:
            return _unbegun(tokens[colon - 1], tokens[colon], tokens[colon + 1], positions)
        elif lists and kind in (kinds.RBRACE, kinds.LBRACE, kinds.DECLARE, -1):
            return _unclosed(lists[0], tokens[:number], positions)
    return None


def too_deep(tokens: Sequence[Any], kinds: Any, positions: Positions) -> Diagnostic | None:
    """The diagnostic of the first bracket that lies more than ``DEEPEST`` deep, or None."""
    depth = 0
    for token in tokens:
        if token.type in (kinds.LBRACE, kinds.LBRACK):
            depth += 1
            if depth > DEEPEST:
                return Diagnostic(
                    positions.place(token.start, token.stop),
                    f"brackets lie more than {DEEPEST} deep here",
                    "a constraint is one block of properties, and lists do not nest",
                )
        elif token.type in (kinds.RBRACE, kinds.RBRACK):
            depth = max(0, depth - 1)
        elif token.type == kinds.DECLARE:
            depth = 0
    return None


def _runs_on(tokens: Sequence[Any], colon: int, kinds: Any) -> bool:
    """Whether a property starts right behind the value of another: ``mode: auto partial: no``."""
    if colon < 2 or tokens[colon - 1].text not in PROPERTIES:
        return False
    values = (kinds.WORD, kinds.NUMBER, kinds.PERCENT, kinds.RBRACK)
    return tokens[colon - 1].type == kinds.WORD and tokens[colon - 2].type in values


def _lacks_colon(tokens: Sequence[Any], bracket: int, kinds: Any) -> bool:
    """Whether a list starts right behind the property that it is the value of: ``never [compile]``."""
    if not bracket or tokens[bracket - 1].text not in _LISTING:
        return False
    following = itertools.islice(tokens, bracket + 1, None)
    ends = (kinds.RBRACK, kinds.COLON, kinds.LBRACE, kinds.RBRACE, -1)
    behind = itertools.dropwhile(lambda token: token.type not in ends, following)
    return [token.type for token in itertools.islice(behind, 2)] != [kinds.RBRACK, kinds.COLON]


def _unlinked(key: Any, positions: Positions) -> Missing:
    diagnostic = Diagnostic(
        positions.place(key.stop + 1, key.stop + 1),
        f"expected `:` after `{key.text}`, found `[`",
        expected_value(key.text)[1],
    )
    return Missing(diagnostic, key.stop + 1, ":")


def _bare_list(before: Sequence[Any], kinds: Any) -> int | None:
    """Where the colon is behind which a list lacks its ``[``; ``before`` is what stands before ``]``."""
    for number in range(len(before) - 2, 0, -1):
        if before[number].type in (kinds.LBRACE, kinds.RBRACE, kinds.LBRACK, kinds.RBRACK):
            return None
        if before[number].type == kinds.COLON and before[number - 1].text in _PROPERTY_WORDS:
            listing = before[number - 1].text in _LISTING
            return number if listing and before[number + 1].text not in ("any", "none") else None
    return None


def _unbegun(key: Any, colon: Any, first: Any, positions: Positions) -> Missing:
    diagnostic = Diagnostic(
        positions.place(first.start, first.stop),
        f"expected `[` before {shown(first.text)}",
        expected_value(key.text)[1],
    )
    return Missing(diagnostic, colon.stop + 1, "[")


def _unseparated(pair: Sequence[Any], positions: Positions) -> Missing:
    before, key = pair
    diagnostic = Diagnostic(
        positions.place(key.start, key.stop),
        f"expected a comma or a new line before `{key.text}`",
    )
    return Missing(diagnostic, before.stop + 1, ",")


def _unclosed(bracket: Any, before: Sequence[Any], positions: Positions) -> Missing:
    """A ``[`` without its ``]``, which belongs before the next line that starts a property."""
    end = before[-1].stop + 1
    following = _PROPERTY.search(positions.text, bracket.stop + 1, end)
    inside = [t for t in before if bracket.start <= t.start]
    if following:
        inside = [t for t in inside if t.start < following.start()]
    diagnostic = Diagnostic(
        positions.place(bracket.start, bracket.stop),
        "this `[` is never closed",
        "close the list with `]`",
    )
    # A comma at the end is the one that separates this property from the next.
    last = inside[-1] if inside[-1].text != "," or len(inside) < 2 else inside[-2]
    return Missing(diagnostic, last.stop + 1, "]", bracket.start)


def _unopened(
    declared: str, heads: Sequence[Any], tokens: Sequence[Any], kinds: Any, positions: Positions
) -> Missing:
    """A ``}`` whose declaration has no ``{``, which belongs behind the names of the nodes."""
    after = {
        token.start: following
        for token, following in itertools.pairwise(tokens)
        if token.type == kinds.PATTERN
    }
    parted = (token for token in heads if after[token.start].type != kinds.COMMA)
    last = next(parted, heads[-1])
    diagnostic = Diagnostic(
        positions.place(last.stop + 1, last.stop + 1),
        f"expected `{{` after `{last.text}`",
        f"{declared} {last.text} {{ … }}",
    )
    return Missing(diagnostic, last.stop + 1, "{")
