"""``selfsame optimize``: one run of a workload, then work on what was captured, then a manifest."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import budget_option, store_option
from selfsame.cli.words import AnyCommand, program_options

if TYPE_CHECKING:
    from selfsame.runtime.engine.launch import Running
    from selfsame.runtime.versions.manifest import Manifest
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
@click.option(
    "--json", "as_json", is_flag=True, help="Print the facts as one JSON line, the last of stdout."
)
def command(
    module: str | None,
    cdl: tuple[str, ...],
    store: str | None,
    budget: float,
    from_last: str | None,
    rerun: bool,
    output: Path,
    as_json: bool,
    words: tuple[str, ...],
    any_command: bool,
) -> int:
    """Run a workload once, unchanged, and write down the rewrites that it speaks for.

    While it runs, calls of hot nodes are captured, in memory. When it has ended, variations are
    tried on them until nothing is left to try or the budget is spent (Ctrl-C ends the work and
    keeps what was found). What passed is proposed in the store and written to a manifest.

    Exit code 0 if there is a rewrite to run, 1 if there is none; if the program fails, its own.
    With --json, the last line of stdout is {"exit_code", "manifest": FILE or null, "rewrites": {NODE:
    its entry}}.

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

    passed: list[Manifest] = []

    def conclude(opened: "Store", running: "Running") -> list[str]:
        seen = opened.snapshot(running.settings.run)
        manifest = accepted(opened, {row["address"] for row in seen["nodes"]} if seen else set())
        if not manifest.nodes:
            return ["nothing passed: no manifest is written; `selfsame why NODE` says why"]
        try:
            write_whole(output, print_manifest(manifest).encode())
        except click.FileError as error:
            return [f"{error.format_message()}; what passed is proposed: selfsame approve head"]
        passed.append(manifest)
        prepare(print_manifest(manifest), str(output), opened, program)
        return [
            f"{output}: {counted(len(manifest.nodes), 'rewrite')}: {', '.join(sorted(manifest.nodes))}",
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
    code = code or (0 if passed else 1)
    if as_json:
        entries = passed[0].nodes if passed else {}
        data = {
            "exit_code": code,
            "manifest": str(output) if passed else None,
            "rewrites": {address: asdict(entry) for address, entry in sorted(entries.items())},
        }
        print(json.dumps(data))
    return code
