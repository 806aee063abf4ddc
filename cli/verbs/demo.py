"""``selfsame demo``: the whole loop on a real program, live."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on the last line.")
@click.option(
    "--files", default=6000, show_default=True, help="Source files to work through, at most."
)
@click.option(
    "--seconds", default=140.0, show_default=True, help="How long the plain program runs, at most."
)
@click.option(
    "--dir", "folder", type=click.Path(file_okay=False), help="Where to work and keep the store."
)
def command(as_json: bool, files: int, seconds: float, folder: str | None) -> int:
    """Watch a real program get faster while it runs, and see why.

    A program that finds near-duplicate functions in the standard library's own source is run twice
    over the same files: plainly, a part of them, then under selfsame. It knows nothing of selfsame.

    \b
    Example:
      selfsame demo
    """
    from selfsame.cli.demonstration import demonstrate

    result = demonstrate(files, seconds, folder)
    if as_json:
        print(json.dumps(result.as_json()))
    return 0 if result.identical and result.replaced else 1
