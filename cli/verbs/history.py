"""``selfsame history [NODE]``: the versions, newest first."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many.")
@click.argument("node", required=False)
def command(store: str | None, as_json: bool, limit: int, node: str | None) -> int:
    """List the versions, newest first: when, by whom, which node, what, and why.

    \b
    Example:
      selfsame history
      selfsame history shop.cart:Cart.total
    """
    from selfsame.cli.options import open_store, print_json, print_table
    from selfsame.runtime.versions.clock import short
    from selfsame.runtime.versions.differences import told
    from selfsame.runtime.versions.known import known_node

    with open_store(store) as opened:
        if node is not None:
            node = known_node(opened, node)
        shown = told(opened.steps(limit, node))
        ids = [version.id for version, _ in shown]
        said = {e.version: e.numbers for e in opened.events(versions=ids)} if as_json else {}
    if as_json:
        print_json(
            [
                {
                    "version": version.id,
                    "parent": version.parent,
                    "created": version.created,
                    "author": version.author,
                    "speaker": {
                        key: value
                        for key, value in said.get(version.id, {}).items()
                        if key in ("uid", "pid", "login", "tty")
                    },
                    "reason": version.reason,
                    "changes": [change.data() for change in changes],
                }
                for version, changes in shown
            ]
        )
        return 0
    rows = []
    for version, changes in shown:
        head = (version.id, short(version.created), version.author)
        nodes = [(change.address, change.what) for change in changes] or [("", "")]
        for index, (address, what) in enumerate(nodes):
            lead = head if index == 0 else ("", "", "")
            rows.append((*lead, address, what, version.reason if index == 0 else ""))
    print_table(("version", "when", "author", "node", "what", "why"), rows)
    return 0
