"""``selfsame optimize``: one run of a workload, then work on what was captured, then a manifest."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import budget_option, store_option
from selfsame.cli.words import AnyCommand, program_options

if TYPE_CHECKING:
    from selfsame.runtime.engine.launch import Running
    from selfsame.runtime.versions.store import Store


@click.command(cls=AnyCommand)
@program_options
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
    from selfsame.cli.adopting import prepare
    from selfsame.cli.options import write_whole
    from selfsame.cli.program import Afterwards, Program, constraint_files, run_program
    from selfsame.grammar.words import counted
    from selfsame.runtime.versions.manifest import print_manifest
    from selfsame.runtime.versions.offline import accepted

    found: list[str] = []

    def conclude(opened: "Store", running: "Running") -> list[str]:
        seen = opened.snapshot(running.settings.run)
        manifest = accepted(opened, {row["address"] for row in seen["nodes"]} if seen else set())
        if not manifest.nodes:
            return ["nothing passed: no manifest is written; `selfsame why NODE` says why"]
        try:
            write_whole(output, print_manifest(manifest).encode())
        except click.FileError as error:
            return [f"{error.format_message()}; what passed is proposed: selfsame approve head"]
        found.extend(manifest.nodes)
        prepare(print_manifest(manifest), str(output), opened, program)
        return [
            f"{output}: {counted(len(found), 'rewrite')}: {', '.join(sorted(found))}",
            f"run with them: selfsame run --manifest {output} …; or: selfsame approve head",
        ]

    program = Program.of(module, words, any_command)
    code = run_program(
        program,
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
