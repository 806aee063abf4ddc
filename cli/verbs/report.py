"""``selfsame report``: the newest run, its trials and its versions as one page."""

import sys
from pathlib import Path

import click

from selfsame.cli.options import store_option


@click.command()
@store_option
@click.option(
    "-o",
    "output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Where to write the page; - is standard output.",
)
def command(store: str | None, output: Path) -> int:
    """Write the living graph, the trials and the history as one HTML page.

    The page needs no network and no other file, and holds no captured values.

    \b
    Example:
      selfsame report -o run.html
    """
    from selfsame.cli.options import open_store, write_whole
    from selfsame.report.page import NothingWatched, page

    with open_store(store) as opened:
        try:
            text = page(opened)
        except NothingWatched:
            print("selfsame: nothing was watched yet; try: selfsame run SCRIPT", file=sys.stderr)
            return 1
    if str(output) == "-":
        sys.stdout.write(text)
        return 0
    write_whole(output, text.encode())
    print(f"{output}: {len(text) // 1024} KiB")
    return 0
