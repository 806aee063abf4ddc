"""``selfsame revert V|NODE``: back to the original, or to what a version said."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("target", metavar="VERSION|NODE")
def command(store: str | None, as_json: bool, target: str) -> int:
    """Put a node back to its original, or every node to what a version said of it.

    A reverted node is barred: nothing is proposed for it while its source is the same, until
    `selfsame unpin`.

    \b
    Example:
      selfsame revert shop.cart:Cart.total
      selfsame revert head~1
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import restore, revert_node
    from selfsame.runtime.versions.known import known_target

    with open_store(store) as opened:
        who = author()
        found = known_target(opened, target)
        if isinstance(found, str):
            change, reason = revert_node(found, who), f"revert {found}"
        else:
            change, reason = restore(found), f"revert to {found.id}"
        return print_word(opened, change, who, reason, as_json)
