"""``selfsame test``: are the verdicts on recorded metrics the expected ones?"""

import sys
from pathlib import Path

import click

from selfsame.cli.options import json_option, print_json


@click.command(
    epilog="""\b
Example:
  selfsame test shop.test.toml

\b
A file names CDL, recorded calls of a node, and the verdict that each bound should get:
  cdl = ["shop.cdl"]
  [[case]]
  node = "shop.cart:Cart.total"
  [[case.window]]
  at = "5m"
  calls = ["90 x 1ms", "10 x 20ms"]
  errors = { ValueError = 2 }
  [case.expect]
  p95_execution_time = "fail"
"""
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@json_option
def command(files: tuple[str, ...], as_json: bool) -> None:
    """Judge recorded metrics by CDL, and compare with the expected verdicts.

    The judge is the one that judges running programs; the clock is the file's. Exit code 0 if every
    verdict is as expected, 1 if one is not, 2 if a file is wrong.
    """
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError
    from selfsame.runtime.monitor.recorded import check_file

    try:
        checked = [(file, found) for file in files for found in check_file(Path(file))]
    except CDLError as error:
        raise UserError(*error.diagnostics) from error
    wrong = sum(bool(found.wrong) for _, found in checked)
    if as_json:
        rows = [
            {
                "file": file,
                "case": found.case.name,
                "ok": not found.wrong,
                "wrong": list(found.wrong),
                "verdicts": {v.bound: v.outcome.value for v in found.verdicts},
            }
            for file, found in checked
        ]
        print_json({"ok": not wrong, "cases": rows})
    else:
        for file, found in checked:
            print(f"{'FAIL' if found.wrong else 'ok  '}  {file}: {found.case.name}")
            for line in found.wrong:
                print(f"      {line}")
        print(f"{len(checked) - wrong} of {len(checked)} cases are as expected")
    sys.exit(1 if wrong else 0)
