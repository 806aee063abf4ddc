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
    "--from",
    "from_last",
    type=click.Choice(["last"]),
    help="Run nothing: work from the calls that the last `run --keep-inputs` kept.",
)
@click.option(
    "--rerun",
    is_flag=True,
    help="Run it again while more calls are wanted; refused where it has effects outside.",
)
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
    from_last: str | None,
    rerun: bool,
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
      selfsame optimize --rerun app.py small.csv
      selfsame run --keep-inputs app.py && selfsame optimize --from last
    """
    if from_last and (rerun or words or module is not None):
        raise click.UsageError("--from last runs nothing: it goes with no program and no --rerun")
    if module is None and not words and not from_last:
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

    if from_last:
        from selfsame.cli.options import store_location
        from selfsame.runtime.engine.corpus import Unusable, read

        try:
            program = Program.kept(read(store_location(store))[0])
        except Unusable as reason:
            click.echo(f"selfsame: {reason}", err=True)
            return 1
    else:
        program = Program.of(module, words, any_command)
    code = run_program(
        program,
        cdl=constraint_files(cdl),
        mode="approve",
        hot=not cdl or bool(from_last),
        store=store,
        include=(),
        report=True,
        environment=os.environ,
        error=sys.stderr,
        afterwards=Afterwards(budget, conclude, rerun, bool(from_last)),
    )
    return code or (0 if found else 1)
