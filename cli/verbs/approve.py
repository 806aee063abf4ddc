"""``selfsame approve V|NODE``: what was proposed may run."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("target", metavar="VERSION|NODE")
def command(store: str | None, as_json: bool, target: str) -> int:
    """Let a proposed rewrite run: that of a node, or all that a version proposed.

    \b
    Example:
      selfsame approve shop.cart:Cart.total
      selfsame approve head
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import approve_node, approve_version
    from selfsame.runtime.versions.known import known_target

    with open_store(store) as opened:
        found = known_target(opened, target)
        if isinstance(found, str):
            change, reason = approve_node(found), f"approve {found}"
        else:
            change, reason = approve_version(found), f"approve {found.id}"
        return print_word(opened, change, author(), reason, as_json)
