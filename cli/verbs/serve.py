"""``selfsame serve``: the page of ``report``, renewed while the program runs."""

import sys

import click

from selfsame.cli.options import store_option


@click.command(
    epilog="""\b
Example:
  selfsame serve                in another terminal, while a program runs
  selfsame serve --port 8000    at the same address each time
"""
)
@store_option
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Default: a free one.")
@click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.5),
    help="Seconds between two looks.",
)
def command(store: str | None, port: int, every: float) -> int:
    """Show the page of `report` in a browser, renewed while the program runs, until Ctrl-C.

    Only this machine is served, and nothing can be changed there. The page holds no captured values.
    """
    from selfsame.cli.options import open_store
    from selfsame.report.server import ADDRESS, PageServer

    with open_store(store) as opened:
        try:
            server = PageServer(opened, port, every)
        except OSError as error:
            told = error.strerror or str(error)
            print(f"selfsame: cannot listen on {ADDRESS}:{port}: {told}", file=sys.stderr)
            print("  without --port, a free one is taken", file=sys.stderr)
            return 1
        with server:
            print(f"{server.url}  (Ctrl-C ends it)", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 0
    return 0
