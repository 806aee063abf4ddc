"""``selfsame unpin NODE``: selfsame may decide about a node again."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("node")
def command(store: str | None, as_json: bool, node: str) -> int:
    """Take a pin, a revert or a bar back: selfsame may decide about the node again.

    A pinned rewrite goes on running; a node at its original may be tried anew.

    \b
    Example:
      selfsame unpin shop.cart:Cart.total
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import unpin
    from selfsame.runtime.versions.known import known_node

    with open_store(store) as opened:
        change = unpin(known_node(opened, node))
        return print_word(opened, change, author(), f"unpin {node}", as_json)
