"""``selfsame pin NODE[=V|original]``: a node runs this, until a person says otherwise."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("target", metavar="NODE[=VERSION|=original]")
def command(store: str | None, as_json: bool, target: str) -> int:
    """Hold a node at what it runs now, at what a version said of it, or at its original.

    selfsame does not change a pinned node, nor roll it back, until `selfsame unpin`.

    \b
    Example:
      selfsame pin shop.cart:Cart.total
      selfsame pin shop.cart:Cart.total=head~2
      selfsame pin shop.cart:Cart.total=original
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import pin_as_it_is, pin_original, pin_to
    from selfsame.runtime.versions.known import known_node

    name, equals, ref = target.rpartition("=")
    if not equals:
        name, ref = target, ""
    with open_store(store) as opened:
        node = known_node(opened, name)
        if not equals:
            change, reason = pin_as_it_is(node), f"pin {node}"
        elif ref == "original":
            change, reason = pin_original(node), f"pin {target}"
        else:
            version = opened.version(ref)
            change, reason = pin_to(node, version), f"pin {node}={version.id}"
        return print_word(opened, change, author(), reason, as_json)
