"""``selfsame optimize``: one run of a workload, then work on what was captured, then a manifest."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import budget_option, store_option
from selfsame.cli.words import AnyCommand

if TYPE_CHECKING:
    from selfsame.runtime.engine.launch import Running
    from selfsame.runtime.versions.store import Store


@click.command(
    cls=AnyCommand,
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.option(
    "--cdl",
    "cdl",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="What is acceptable, in CDL. May be given more than once.",
)
@store_option
@budget_option("5m")
@click.option(
    "-o",
    "output",
    default="selfsame.lock",
    show_default=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the manifest.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT ARG… | -- COMMAND…")
def command(
    module: str | None,
    cdl: tuple[str, ...],
    store: str | None,
    budget: float,
    output: Path,
    words: tuple[str, ...],
    any_command: bool,
) -> int:
    """Run a workload once, unchanged, and write down the rewrites that it speaks for.

    While it runs, calls of hot nodes are captured, in memory. When it has ended, variations are
    tried on them until nothing is left to try or the budget is spent (Ctrl-C ends the work and
    keeps what was found). What passed is proposed in the store and written to a manifest.

    Exit code 0 if there is a rewrite to run, 1 if there is none; if the program fails, its own.

    \b
    Example:
      selfsame optimize app.py --input january.csv
      selfsame optimize --budget 2m -o shop.lock -m shop.batch
    """
    if module is None and not words:
        raise click.UsageError("nothing to run: give a script, -m MODULE, or -- COMMAND")
    from selfsame.cli.program import Afterwards, Program, constraint_files, run_program

    found: list[str] = []

    def conclude(opened: "Store", running: "Running") -> list[str]:
        seen = next((s for s in opened.snapshots() if s["run"] == running.settings.run), None)
        manifest = accepted(opened, {row["address"] for row in seen["nodes"]} if seen else set())
        found.extend(manifest.nodes)
        if not found:
            return ["nothing passed: no manifest is written; `selfsame why NODE` says why"]
        output.write_text(print_manifest(manifest), encoding="utf-8")
        return [
            f"{output}: {len(found)} rewrite(s): {', '.join(sorted(found))}",
            "let them run from now on: selfsame approve head",
        ]

    from selfsame.runtime.versions.manifest import print_manifest
    from selfsame.runtime.versions.offline import accepted

    code = run_program(
        Program.of(module, words, any_command),
        cdl=constraint_files(cdl),
        mode="approve",
        hot=not cdl,
        store=store,
        include=(),
        report=True,
        environment=os.environ,
        error=sys.stderr,
        afterwards=Afterwards(budget, conclude),
    )
    return code or (0 if found else 1)
