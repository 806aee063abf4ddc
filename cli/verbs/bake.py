"""``selfsame bake F.lock``: the built rewrites of a manifest as an ordinary wheel."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option

if TYPE_CHECKING:
    from selfsame.runtime.mutation.baking import Baking


@click.command()
@json_option
@click.option(
    "-o",
    "--output",
    default="dist",
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the wheel.",
)
@click.option("--name", metavar="NAME", help="What it is of; the lock's name where not given.")
@click.argument(
    "lock", metavar="F.lock", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def command(lock: Path, output: Path, name: str | None, as_json: bool) -> int:
    """Build the compiled rewrites of a manifest into a wheel for this platform.

    For images that have no C compiler, or no path that may be written and executed. The hash of
    every object is written into F.lock, which is otherwise as it was; where the wheel is installed, `selfsame run
    --manifest F.lock --passive` takes the objects from it and refuses any other. Modules are looked
    for in the current directory and on sys.path.

    Exit code 0 if every compiled rewrite is in the wheel, 1 if one is left out or there is none.

    \b
    Example:
      selfsame bake shop.lock
      pip install --no-index dist/selfsame_baked_shop-*.whl
      selfsame run --manifest shop.lock --passive shop.py
    """
    import os
    import sys

    from selfsame.cli.options import optimize_level, print_json, write_whole
    from selfsame.compiler.emit.baked import write_wheel
    from selfsame.runtime.mutation.adoption import Place
    from selfsame.runtime.mutation.baking import bake
    from selfsame.runtime.versions.manifest import print_manifest
    from selfsame.runtime.versions.text import manifest_text, parse_manifest

    here = os.getcwd()
    manifest = parse_manifest(manifest_text(lock), str(lock))
    made = bake(manifest, Place([here], "", [here, *sys.path], here, optimize_level()))
    wheel: Path | None = None
    if made.objects:
        try:
            wheel = write_wheel(output, name or lock.stem, made.objects.values())
        except OSError as error:
            raise click.FileError(str(output), error.strerror or str(error)) from error
        write_whole(lock, print_manifest(made.manifest).encode())
    if as_json:
        print_json(
            {
                "wheel": str(wheel) if wheel else None,
                "baked": made.baked,
                "plain": made.plain,
                "left": made.left,
            }
        )
    else:
        _say(made, wheel, lock)
    return 0 if wheel is not None and not made.left else 1


def _say(made: "Baking", wheel: Path | None, lock: Path) -> None:
    from selfsame.grammar.words import counted

    for address, reason in made.left.items():
        click.echo(f"{address} is left out: {reason}", err=True)
    if wheel is None:
        click.echo(f"nothing to bake: {lock} has no compiled rewrite that can be built", err=True)
        return
    click.echo(f"{wheel}: {counted(len(made.baked), 'rewrite')}: {', '.join(made.baked)}")
    if made.plain:
        click.echo(f"{', '.join(made.plain)}: Python, which needs no object")
    click.echo(f"{lock} names the objects: selfsame run --manifest {lock} --passive …")
