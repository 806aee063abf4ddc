"""``selfsame suggest``: where each template could apply in a tree, and why not elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option, print_json

if TYPE_CHECKING:
    from selfsame.compiler.errors import Place
    from selfsame.variants.survey import Surveyed


@click.command(
    epilog="""\b
Example:
  selfsame suggest shop/                              what could be rewritten, from the text alone
  selfsame suggest shop/ --why                        and why not more, function by function
  selfsame suggest app.py --template list-pop0-to-deque --json
"""
)
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--template", "only", metavar="NAME", help="Look for one template alone.")
@click.option("--why", "reasons", is_flag=True, help="Say for each function why not more applies.")
@json_option
def command(sources: tuple[Path, ...], only: str | None, reasons: bool, as_json: bool) -> None:
    """Find, without running anything, the functions that a template could rewrite.

    What depends on how a program runs (types, sizes, whether it pays) is not known here: `run`
    finds out. A function that cannot be shadowed is named with the reason, for it can never be
    rewritten by itself. Exit code 1 where nothing could apply.
    """
    from selfsame.variants.catalogue import templates
    from selfsame.variants.survey import survey_trees

    known = [t.name for t in templates()]
    if only is not None and only not in known:
        raise click.BadParameter(f"there is no template {only!r}; selfsame templates lists them")
    found = survey_trees(sources, only)
    if as_json:
        print_json(_facts(found))
    else:
        _tell(found, reasons)
    if not any(row.could and not row.blocked for row in found.functions):
        raise SystemExit(1)


def _facts(found: "Surveyed") -> dict[str, object]:
    return {
        "modules": found.modules,
        "skipped": [{"file": file, "reason": reason} for file, reason in found.skipped],
        "functions": [
            {
                "node": row.address,
                "file": row.place.path,
                "line": row.place.line,
                "could": list(row.could),
                "blocked": row.blocked,
                "refused": [
                    {"template": r.template, "reason": r.reason, "line": _line(r.place)}
                    for r in row.refused
                ],
            }
            for row in found.functions
        ],
    }


def _tell(found: "Surveyed", reasons: bool) -> None:
    from collections import Counter

    from selfsame.cli.options import near

    for file, reason in found.skipped:
        print(f"skipped: {near(file)}: {reason}")
    for row in found.functions:
        if not reasons and (not row.could or row.blocked):
            continue
        where = f"{near(row.place.path)}:{row.place.line}"
        print(f"{where}: {row.address.partition(':')[2]}: {', '.join(row.could) or 'nothing'}")
        if not reasons:
            continue
        if row.blocked:
            print(f"    never by itself: {row.blocked}")
        for refusal in row.refused:
            line = _line(refusal.place)
            print(
                f"    not {refusal.template}{f' (line {line})' if line else ''}: {refusal.reason}"
            )
    could = [row for row in found.functions if row.could and not row.blocked]
    blocked = sum(bool(row.blocked) for row in found.functions)
    counted = Counter(name for row in could for name in row.could)
    total = len(found.functions)
    print(f"{found.modules} modules, {total} functions: {len(could)} could be rewritten,", end=" ")
    print(f"{blocked} cannot be shadowed")
    for name, count in counted.most_common():
        print(f"  {count:5}  {name}")


def _line(place: "Place | None") -> int | None:
    return place.line if place is not None else None
