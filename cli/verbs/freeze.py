"""``selfsame freeze [NODE]``: everything, or one node, stays as it is."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("node", required=False)
def command(store: str | None, as_json: bool, node: str | None) -> int:
    """Keep every node, or one, as it is until `selfsame thaw`: for a release, or an incident.

    What runs goes on running; nothing new is put in, and selfsame takes nothing back, but where the
    code that a rewrite relied on has changed. A canary is held at its original meanwhile. Trials may
    go on, in shadow. `selfsame revert`, `pin` and `off` work as always.

    \b
    Example:
      selfsame freeze
      selfsame freeze shop.cart:Cart.total
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import freeze_everything, freeze_node
    from selfsame.runtime.versions.known import known_node

    with open_store(store) as opened:
        who = author()
        if node is None:
            return print_word(opened, freeze_everything(who), who, "freeze", as_json)
        change = freeze_node(known_node(opened, node))
        return print_word(opened, change, who, f"freeze {node}", as_json)
