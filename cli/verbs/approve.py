"""``selfsame approve V|NODE``: what was proposed may run."""

import click

from selfsame.cli.options import json_option, store_option


def _share(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    from selfsame.runtime.versions.manifest import share_of

    if text and share_of(text) is None:
        raise click.BadParameter(f"{text!r} is not a share over 0% and up to 50%, such as 5%")
    return text


@click.command()
@store_option
@json_option
@click.option(
    "--canary",
    metavar="SHARE",
    default="",
    callback=_share,
    help="At first for a share of the time, such as 5%; in full when that went well.",
)
@click.argument("target", metavar="VERSION|NODE")
def command(store: str | None, as_json: bool, canary: str, target: str) -> int:
    """Let a proposed rewrite run: that of a node, or all that a version proposed.

    With --canary it runs in slices of a few calls each, between slices of the original. When it has
    done as well as the original for long enough, it runs in full; otherwise it is rolled back.

    \b
    Example:
      selfsame approve shop.cart:Cart.total
      selfsame approve head --canary 5%
    """
    from selfsame.cli.options import author, open_store
    from selfsame.cli.word import print_word
    from selfsame.runtime.versions.changes import approve_node, approve_version
    from selfsame.runtime.versions.known import known_target

    with open_store(store) as opened:
        found = known_target(opened, target)
        if isinstance(found, str):
            change, reason = approve_node(found, canary), f"approve {found}"
        else:
            change, reason = approve_version(found, canary), f"approve {found.id}"
        if canary:
            reason += f" --canary {canary}"
        return print_word(opened, change, author(), reason, as_json)
