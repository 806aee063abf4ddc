"""Writes the reference page of CDL from the tables of ``vocabulary``, so that it cannot drift.

``python compiler/constraints/reference.py`` writes ``docs/cdl_reference.md``; a test compares it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import selfsame.grammar
from selfsame.grammar.model import Profile
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_statement
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DIMENSION_WORDS,
    FAMILIES,
    METRICS,
    SETTINGS,
    SHORT_FORMS,
    UNITS,
    Statistic,
)
from selfsame.grammar.words import expected_value

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "cdl_reference.md"
_STATISTICS: Final[dict[Statistic, str]] = {
    "max": "the slowest or largest call, lone outliers of a time left out",
    "mean": "the mean of all calls",
    "p50": "the median",
    "p95": "what 95 of 100 calls do not exceed",
    "p99": "what 99 of 100 calls do not exceed",
    "p99.9": "what 999 of 1,000 calls do not exceed",
}
_GROUPS: Final = {
    "change": "What may be done, and what it may cost",
    "protect": "What must not be touched",
    "decide": "How far selfsame goes",
    "rollout": "How a new version is let in",
    "reuse": "Reuse",
}
_SUBJECTS: Final = {"": "", "exception": "an exception", "callee": "a node that is called"}


def reference() -> str:
    """The text of the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# CDL: reference"
    yield ""
    yield "Every word of the language, from the tables that the parser checks against. [CDL](cdl.md) is the tutorial."
    yield ""
    yield "## Declarations"
    yield ""
    yield from _table(
        ("declaration", "says"),
        [
            ("`constraint NODES { PROPERTIES }`", "what holds for nodes"),
            ("`profile NAME { PROPERTIES }`", "properties under a name, for `extends`"),
            ("`selection NAME { nodes: [NODES] }`", "nodes under a name, for `@NAME`"),
            ("`import FILE, FILE`", "other files, by their path from this one"),
        ],
    )
    yield ""
    yield "NODES are separated by commas: a label (`node_1`), an address (`shop.cart:Cart.total`), a glob (`shop.**:Cart.*`) or a selection (`@checkout`); `!` in front leaves out."
    yield ""
    yield "## Bounds"
    yield ""
    comparators = ", ".join(f"`{comparator}`" for comparator in COMPARATORS)
    yield f"A bound is a comparison ({comparators}; without one, `<=`), a number with a unit, or `1.2 x baseline`, and then, where wanted, `over 5m` (the window) and `samples 30` (the fewest calls)."
    yield ""
    rows = []
    for metric, (dimension, statistics, subject, meaning) in METRICS.items():
        alone = statistics[0] in ("ratio", "rate")
        forms = [metric] if alone else [f"{statistic}_{metric}" for statistic in statistics]
        short = [s for s, name in SHORT_FORMS.items() if name in forms]
        names = ", ".join(f"`{form}`" for form in forms)
        names += "".join(f"; `{s}` is `{SHORT_FORMS[s]}`" for s in short)
        rows.append((names, DIMENSION_WORDS[dimension], _SUBJECTS[subject], meaning))
    yield from _table(("property", "takes", "in brackets", "bounds"), rows)
    yield ""
    yield from _table(("in front", "means"), [(f"`{n}_`", m) for n, m in _STATISTICS.items()])
    yield ""
    units = [
        (DIMENSION_WORDS[d], ", ".join(f"`{unit}`" for unit in names if unit) or "none")
        for d, names in UNITS.items()
    ]
    yield from _table(("a value is", "in units"), units)
    yield ""
    yield "A ratio may also be a bare number: `0.001` is `0.1%`."
    yield ""
    yield "## Families of rewrites"
    yield ""
    yield "Each takes a list of names, `any` or `none`: templates, and under `algorithm` also functions."
    yield ""
    yield from _table(("property", "allows"), [(f"`{n}`", m) for n, m in FAMILIES.items()])
    for group, title in _GROUPS.items():
        yield ""
        yield f"## {title}"
        yield ""
        rows3 = [
            (f"`{name}`", expected_value(name)[0], f"`{shape.example}`", shape.meaning)
            for name, shape in SETTINGS.items()
            if shape.group == group
        ]
        yield from _table(("property", "takes", "example", "says"), rows3)
    yield ""
    yield "## Built-in profiles"
    yield ""
    for profile, comment in _profiles():
        says = ", ".join(f"`{print_statement(statement)}`" for statement in profile.statements)
        yield f"- `{profile.name}`: {comment} It says {says}."


def _profiles() -> Iterator[tuple[Profile, str]]:
    """The built-in profiles, each with the comment above it in the file."""
    path = Path(selfsame.grammar.__file__).with_name("profiles.cdl")
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    for profile in parse_text(text, str(path)).profiles:
        comment = lines[profile.place.line - 2].removeprefix("#").strip()
        yield profile, comment


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
