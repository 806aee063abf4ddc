"""``selfsame import``: CDL from what others say their objectives in."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click


@click.command(
    epilog="""\b
Example:
  selfsame import openslo slo.yaml > shop.cdl
  selfsame import openslo slo.yaml --unit ms    thresholds are in milliseconds

Needs: pip install 'selfsame[openslo]'
"""
)
@click.argument("form", type=click.Choice(["openslo"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--unit", default="", metavar="UNIT", help="Of thresholds on times: ms, s, …")
def command(form: str, file: str, unit: str) -> None:
    """Print the CDL that says the same as FILE: ratios as error rates, thresholds as percentiles.

    An SLO is about the node in its annotation selfsame/node, or the one labelled with its name.
    Exit code 0; 2 where something has no meaning in CDL (the rest is printed).
    """
    from selfsame.compiler.errors import Skipped, UserError
    from selfsame.grammar.diagnostics import Diagnostic, Place
    from selfsame.grammar.format import format_text
    from selfsame.grammar.openslo import Entry, from_openslo

    if find_spec("yaml") is None:
        raise Skipped(f"reading {form} needs PyYAML: pip install 'selfsame[openslo]'")
    import yaml

    try:
        text = Path(file).read_text(encoding="utf-8")
        nodes: list[Any] = list(yaml.compose_all(text, yaml.SafeLoader))
        lines = [node.start_mark.line + 1 if node is not None else 1 for node in nodes]
        entries = [Entry(*row) for row in zip(yaml.safe_load_all(text), lines, strict=True)]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark: Any = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1)
        what = getattr(error, "problem", None) or str(error)
        raise UserError(Diagnostic(place, f"this file is not YAML: {what}")) from error
    cdl, refused = from_openslo(entries, file, unit)
    if cdl:
        sys.stdout.write(format_text(cdl, file))
        sys.stdout.flush()
    if refused:
        raise UserError(*refused)
