"""Highlights CDL with Pygments: ``pygmentize -l cdl shop.cdl``, and code blocks in Sphinx.

>>> from pygments.formatters import NullFormatter
>>> from pygments import highlight
>>> highlight("constraint a { mode: auto }", CDLLexer(), NullFormatter())
'constraint a { mode: auto }\\n'
"""

import re
from typing import Any, ClassVar, Final

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

from selfsame.grammar.vocabulary import DAYS, MODES, PROPERTIES, SETTINGS, UNITS

#: Units, the longest first: `ms` before `m`.
UNIT_WORDS: Final = sorted(
    {unit for names in UNITS.values() for unit in names if unit},
    key=lambda unit: (-len(unit), unit),
)
CHOICES: Final = sorted(
    {"any", "none", "yes", "no", "exact", "tolerance", "rel", "abs", "unordered", "any_message"}
    | {"where_succeeds", "minimise", "maximise", "and", "to", "daily", *DAYS, *MODES}
    | {word for shape in SETTINGS.values() for word in shape.words}
)
CLAUSES: Final = ("over", "samples", "hold", "x", "baseline")
_UNITS: Final = "|".join(re.escape(unit) for unit in UNIT_WORDS)
_NUMBER: Final = r"[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"


class CDLLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """The words of CDL by kind; what does not parse is shown as plain text."""

    name = "CDL"
    aliases: ClassVar = ["cdl"]
    filenames: ClassVar = ["*.cdl"]
    url = ""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"(?:#|//)[^\n]*", Comment.Single),
            (r"(import)([ \t]+)([^\n;#]*)", bygroups(Keyword.Namespace, Whitespace, String)),
            (r"(constraint|profile|selection)\b", Keyword.Declaration, "nodes"),
            (r"\{", Punctuation, "body"),
            (r"\s+", Whitespace),
            (r".", Text),
        ],
        "nodes": [
            (r"\{", Punctuation, ("#pop", "body")),
            (r"(?<!\S)(?:#|//)[^\n]*", Comment.Single),
            (r"[!@]+", Operator),
            (r"[^\s{},#!@]+(?:#\d[^\s{},]*)?", Name.Class),
            (r",", Punctuation),
            (r"\s+", Whitespace),
            (r".", Text),
        ],
        "body": [
            (r"\}", Punctuation, "#pop"),
            (r"(?:#|//)[^\n]*", Comment.Single),
            (r"\d\d?:\d\d\b", Number),
            (rf"({_NUMBER})(\s*)({_UNITS})?(?![\w%])", bygroups(Number, Whitespace, Keyword.Type)),
            (r"[<>]=?", Operator),
            (
                words((*PROPERTIES, "nodes"), prefix=r"\b", suffix=r"(?=\s*[:[,;}\n])"),
                Name.Attribute,
            ),
            (words(CLAUSES, prefix=r"\b", suffix=r"\b"), Keyword),
            (words(CHOICES, prefix=r"\b", suffix=r"\b"), Keyword.Constant),
            (r"[\[\]:,;%]", Punctuation),
            (r"[\w!@*][\w.:*/#@!<>-]*", Name),
            (r"\s+", Whitespace),
            (r".", Text),
        ],
    }
