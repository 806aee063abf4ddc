"""Writes the TextMate grammar of the VS Code extension from the tables of the language.

``python -m selfsame.grammar.editors.vscode_grammar`` writes it; a test compares it.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from selfsame.grammar.vocabulary import DAYS, MODES, PROPERTIES, SETTINGS, UNITS

FILE: Final = Path(__file__).with_name("vscode") / "syntaxes" / "cdl.tmLanguage.json"


def grammar() -> dict[str, Any]:
    """The grammar as JSON data."""
    units = sorted({u for names in UNITS.values() for u in names if u}, key=lambda u: (-len(u), u))
    choices = {"any", "none", "yes", "no", "exact", "tolerance", "rel", "abs", "and", "to", "daily"}
    choices |= {"unordered", "any_message", "where_succeeds", "minimise", "maximise", *DAYS, *MODES}
    choices |= {word for shape in SETTINGS.values() for word in shape.words}
    number = r"[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
    whole = r"(?<![\w-])", r"(?![\w-])"  # names have hyphens: `list-to-set` is one
    comment = {"name": "comment.line.cdl", "match": r"(?<!\S)(?:#|//).*$"}
    body = [
        comment,
        {"name": "constant.numeric.time.cdl", "match": r"\b\d\d?:\d\d\b"},
        {
            "match": rf"(?<![\w-])({number})\s*({_either(units)})?(?![\w%])",
            "captures": {
                "1": {"name": "constant.numeric.cdl"},
                "2": {"name": "keyword.other.unit.cdl"},
            },
        },
        {"name": "keyword.operator.comparison.cdl", "match": r"[<>]=?"},
        {
            "name": "support.type.property-name.cdl",
            "match": rf"\b(?:{_either([*PROPERTIES, 'nodes'])})(?=\s*[:\[,;}}]|\s*$)",
        },
        {
            "name": "keyword.control.cdl",
            "match": rf"{whole[0]}(?:over|samples|hold|x|baseline){whole[1]}",
        },
        {
            "name": "constant.language.cdl",
            "match": rf"{whole[0]}(?:{_either(sorted(choices))}){whole[1]}",
        },
    ]
    return {
        "$schema": "https://json.schemastore.org/tmlanguage.json",
        "name": "CDL",
        "scopeName": "source.cdl",
        "patterns": [
            comment,
            {
                "match": r"^\s*(import)\s+([^\n;#]*)",
                "captures": {
                    "1": {"name": "keyword.control.import.cdl"},
                    "2": {"name": "string.unquoted.cdl"},
                },
            },
            {
                "begin": r"\b(constraint|profile|selection)\b",
                "beginCaptures": {"1": {"name": "storage.type.cdl"}},
                "end": r"(?=\{)",
                "patterns": [
                    comment,
                    {"name": "keyword.operator.cdl", "match": "[!@]"},
                    {"name": "entity.name.type.cdl", "match": r"[^\s{},#!@]+(?:#\d[^\s{},]*)?"},
                ],
            },
            {"begin": r"\{", "end": r"\}", "name": "meta.block.cdl", "patterns": body},
        ],
    }


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def text() -> str:
    """The file's text."""
    return json.dumps(grammar(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
