"""``selfsame on``: the rewrites of the head version run again."""

import click

from selfsame.cli.options import store_option


@click.command()
@store_option
def command(store: str | None) -> int:
    """Let the programs of the store run their rewrites again, after `selfsame off`.

    \b
    Example:
      selfsame on
    """
    from selfsame.cli.switch import switch

    return switch(store, off=False)
