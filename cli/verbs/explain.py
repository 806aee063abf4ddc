"""``selfsame explain``: what CDL means for the nodes that it hits, and why."""

import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfsame.cli.options import json_option, print_json, store_option

if TYPE_CHECKING:
    from selfsame.compiler.constraints import ConstraintSet
    from selfsame.grammar.model import Document


@click.command(
    epilog="""\b
Example:
  selfsame explain shop.cdl --source shop/             every node that it speaks of
  selfsame explain shop.cdl --source shop/ 'shop.cart:*'
  selfsame explain --properties                        what can be said at all
"""
)
@click.argument("words", nargs=-1, metavar="FILE... [NODE...]")
@click.option("--source", type=click.Path(exists=True), help="The tree or file of the nodes.")
@click.option("--properties", is_flag=True, help="List every property, with an example.")
@store_option
@json_option
def command(
    words: tuple[str, ...], source: str | None, properties: bool, store: str | None, as_json: bool
) -> None:
    """Say in English what CDL files mean, bound to the nodes of a tree.

    Each line says which constraint it comes from, and which it overrides. Where a run was watched,
    the verdicts of its last moment are shown beside. Words that are files are CDL, the others name
    nodes, as addresses or globs.

    Exit code 0; 1 where no constraint speaks of a node that was asked for; 2 if a file is wrong.
    """
    if properties:
        _print_properties(as_json)
        return
    files = [word for word in words if Path(word).is_file()]
    wanted = [word for word in words if word not in files]
    if not files:
        what = f"`{wanted[0]}` is no file" if wanted else "name a CDL file"
        raise click.UsageError(what)
    documents = _parsed(files)
    if source is None:
        source = "."
    sets = _sets(documents, source, wanted)
    if not sets:
        asked = f" named {', '.join(wanted)}" if wanted else ""
        print(f"selfsame: no constraint speaks of a node{asked} in {source}", file=sys.stderr)
        sys.exit(1)
    now = _now(store)
    if as_json:
        print_json({a: _facts(found, now.get(a, {})) for a, found in sets.items()})
        return
    for address, found in sets.items():
        print(found.explain())
        for line in _overridden(found):
            print(f"  {line}")
        for line in _measured(now.get(address, {})):
            print(f"  now: {line}")


def _parsed(files: list[str]) -> "list[Document]":
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError
    from selfsame.grammar.parse import parse_files

    try:
        return parse_files(files)
    except CDLError as error:
        raise UserError(*error.diagnostics) from error


def _sets(
    documents: "list[Document]", source: str, wanted: list[str]
) -> "dict[str, ConstraintSet]":
    import selfsame
    from selfsame.compiler.constraints import bind
    from selfsame.compiler.constraints.nodes import tree_nodes
    from selfsame.compiler.constraints.remembered import Remembered

    tree = tree_nodes(source, Remembered(Path(source), selfsame.__version__))
    binding = bind(documents, tree.nodes)
    for diagnostic in binding.diagnostics:
        print(f"note: {diagnostic.render()}", file=sys.stderr)
    labels = {node.address: node.labels for node in tree.nodes}
    return {
        address: found
        for address, found in binding.sets.items()
        if not wanted
        or any(fnmatchcase(name, w) for w in wanted for name in (address, *labels[address]))
    }


def _now(store: str | None) -> Mapping[str, Mapping[str, Any]]:
    """The rows of the last snapshot by address; empty where there is no store."""
    from selfsame.cli.options import open_store, store_location
    from selfsame.runtime.versions.location import DATABASE

    if not (store_location(store) / DATABASE).exists():
        return {}
    with open_store(store) as opened:
        snapshots = opened.snapshots()
    return {row["address"]: row for row in snapshots[0]["nodes"]} if snapshots else {}


def _overridden(found: "ConstraintSet") -> list[str]:
    lines = []
    for name, origin in found.origins.items():
        for weaker in origin.overrides:
            place = weaker.place
            lines.append(f"{name}: overrides {weaker.title}  ({place.path}:{place.line})")
    return lines


def _measured(row: Mapping[str, Any]) -> list[str]:
    from selfsame.runtime.monitor.amounts import show_seconds

    if not row:
        return []
    lines = list(row.get("verdicts", ()))
    if row.get("calls"):
        mean = f", mean {show_seconds(row['mean_s'])}" if row.get("mean_s") else ""
        lines.insert(0, f"{row['calls']:,} calls timed{mean}")
    return lines


def _facts(found: "ConstraintSet", row: Mapping[str, Any]) -> dict[str, Any]:
    from selfsame.grammar.text import print_value

    return {
        "properties": {
            name: {
                "value": print_value(origin.statement),
                "path": origin.place.path,
                "line": origin.place.line,
                "profile": origin.profile.name if origin.profile else None,
                "overrides": [
                    {"path": weaker.place.path, "line": weaker.place.line}
                    for weaker in origin.overrides
                ],
            }
            for name, origin in found.origins.items()
        },
        "text": found.text(),
        "verdicts": list(row.get("verdicts", ())),
    }


def _print_properties(as_json: bool) -> None:
    from selfsame.grammar.vocabulary import FAMILIES, MEASURES, METRICS, SETTINGS
    from selfsame.grammar.words import example_names, expected_value

    rows = [(n, expected_value(n)[1], METRICS[m.metric][3]) for n, m in MEASURES.items()]
    rows += [(n, f"{n}: [{example_names(n)}]", text) for n, text in FAMILIES.items()]
    rows += [(n, shape.example, shape.meaning) for n, shape in SETTINGS.items()]
    if as_json:
        print_json({name: {"example": example, "meaning": text} for name, example, text in rows})
        return
    width = max(len(example) for _, example, _ in rows)
    for _, example, text in rows:
        print(f"{example:{width}}  {text}")
