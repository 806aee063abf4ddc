"""``selfsame show V``: the text of a version."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("version", default="head")
def command(store: str | None, as_json: bool, version: str) -> int:
    """Print the manifest of a version: what each node runs, and why.

    VERSION is the beginning of an id, `head`, or `head~1` for the one before. What is printed is
    the canonical text, whose hash is the id; it can be committed to a repository.

    \b
    Example:
      selfsame show
      selfsame show head~1
      selfsame show 8d1f > selfsame.lock
    """
    from dataclasses import asdict

    from selfsame.cli.options import open_store, print_json

    with open_store(store) as opened:
        found = opened.version(version)
    if as_json:
        print_json({"version": found.id, **asdict(found.manifest)})
    else:
        print(found.text, end="")
    return 0
