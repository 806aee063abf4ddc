"""``selfsame off``: every running program goes back to its originals."""

import click

from selfsame.cli.options import store_option


@click.command()
@store_option
def command(store: str | None) -> int:
    """Put every running program of the store back to its original code, until `selfsame on`.

    Taken within a second, without an engine, and also where the store is damaged or its disk full.

    \b
    Example:
      selfsame off
    """
    from selfsame.cli.switch import switch

    return switch(store, off=True)
