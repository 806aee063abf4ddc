"""``selfsame thaw [NODE]``: selfsame may change what was frozen again."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("node", required=False)
def command(store: str | None, as_json: bool, node: str | None) -> int:
    """End a freeze: of everything, or of one node that was frozen by name.

    \b
    Example:
      selfsame thaw
      selfsame thaw shop.cart:Cart.total
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import thaw_everything, thaw_node
    from selfsame.runtime.versions.known import known_node

    with open_store(store) as opened:
        if node is None:
            return print_word(opened, thaw_everything(), author(), "thaw", as_json)
        change = thaw_node(known_node(opened, node))
        return print_word(opened, change, author(), f"thaw {node}", as_json)
