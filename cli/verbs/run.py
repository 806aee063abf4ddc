"""``selfsame run``: a program with selfsame beside it."""

import os
import sys

import click

from selfsame.cli.words import AnyCommand, program_options


@click.command(cls=AnyCommand)
@program_options
@click.option(
    "--mode",
    type=click.Choice(["watch", "shadow", "approve", "auto"]),
    help="What selfsame may do. Default: watch (change nothing).",
)
@click.option("--auto", is_flag=True, help="Mode auto; hot nodes are candidates without CDL.")
@click.option(
    "--observe-only",
    "observe",
    is_flag=True,
    help="With --auto: watch and try, but swap nothing in.",
)
@click.option("--store", metavar="DIR", help="Where versions are kept. Default: .selfsame/")
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Modules to watch besides the user's own."
)
@click.option(
    "--manifest",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Run the rewrites of a manifest, such as selfsame.lock, that fit the code that is here.",
)
@click.option("--passive", is_flag=True, help="Without an engine: nothing is tried or compared.")
@click.option("--safe-mode", "safe", is_flag=True, help="Run originals, whatever the store says.")
@click.option(
    "--keep-inputs",
    "keep_inputs",
    is_flag=True,
    help="Keep captured calls, your program's values, on disk for `optimize --from last`.",
)
@click.option(
    "--outline/--no-outline",
    "outline",
    default=None,
    help="Make loops of code that runs once functions that can be replaced (or not). "
    "Default: with --auto, and where the store's head has rewrites of such.",
)
@click.option("--report/--no-report", default=None, help="Print the summary at the end (or not).")
def command(
    module: str | None,
    cdl: tuple[str, ...],
    mode: str | None,
    auto: bool,
    observe: bool,
    store: str | None,
    include: tuple[str, ...],
    manifest: str | None,
    passive: bool,
    safe: bool,
    keep_inputs: bool,
    outline: bool | None,
    report: bool | None,
    words: tuple[str, ...],
    any_command: bool,
) -> int:
    """Run a program with selfsame; its child processes too.

    The program runs as without it: same output, exit code, tracebacks. Without --auto or --mode
    nothing new is changed: the program is watched, and `selfsame status` says where its time went.

    \b
    Example:
      selfsame run app.py --port 8000
      selfsame run --cdl app.cdl --mode auto -m shop.server
      selfsame run --auto -- gunicorn -w 4 shop:app
      selfsame run --manifest selfsame.lock --passive app.py

    SELFSAME=off in the environment starts the program as if selfsame were not there.
    """
    if module is None and not words:
        raise click.UsageError("nothing to run: give a script, -m MODULE, or -- COMMAND")
    if auto and mode not in (None, "auto"):
        raise click.UsageError(f"--auto and --mode {mode} contradict each other")
    if observe and not auto:
        raise click.UsageError(
            "--observe-only goes with --auto; --mode shadow is the same without it"
        )
    if passive and (auto or cdl or mode not in (None, "watch")):
        raise click.UsageError(
            "--passive is without an engine: it goes with no --auto, --cdl, --mode"
        )
    if keep_inputs and passive:
        raise click.UsageError("--passive captures nothing: it goes with no --keep-inputs")
    if safe and (manifest or passive):
        raise click.UsageError(
            "--safe-mode runs originals: it goes with no --manifest or --passive"
        )
    if outline and (safe or passive):
        raise click.UsageError(
            "--outline is for rewrites: it goes with no --safe-mode or --passive"
        )
    from selfsame.cli.program import Program, constraint_files, run_program

    program = Program.of(module, words, any_command)
    return run_program(
        program,
        cdl=constraint_files(cdl) if not passive else [],
        mode=("shadow" if observe else "auto") if auto else mode or "watch",
        hot=auto,
        store=store,
        include=include,
        report=report,
        environment=os.environ,
        error=sys.stderr,
        manifest=manifest,
        passive=passive,
        safe=safe,
        keep_inputs=keep_inputs,
        outline=(auto and not observe) or None if outline is None else outline,
    )
