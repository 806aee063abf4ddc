"""``selfsame mode [M [GLOB]]``: what selfsame may do, for the program or for some nodes."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument(
    "mode",
    required=False,
    type=click.Choice(["watch", "shadow", "approve", "auto", "default"]),
)
@click.argument("glob", required=False)
def command(store: str | None, as_json: bool, mode: str | None, glob: str | None) -> int:
    """Say what selfsame may do, or print what was said.

    \b
    watch     change nothing
    shadow    capture and try, change nothing
    approve   change what a person approved
    auto      change what the evidence speaks for
    default   take back what was said: CDL and the command line decide

    GLOB names nodes as in CDL (`shop.**:Cart.*`), or modules (`shop.cart`). Of the globs that
    match a node, the one said last counts. It may name nodes that are yet to run; where it names
    none that is known so far, that is said, with the nearest names.

    \b
    Example:
      selfsame mode approve
      selfsame mode auto 'shop.cart:*'
      selfsame mode watch shop.payment
    """
    from selfsame.cli.options import author, open_store, print_json, print_table
    from selfsame.runtime.versions.known import unmatched

    with open_store(store) as opened:
        if mode is not None:
            said = None if mode == "default" else mode
            opened.set_mode(said, glob, author=author())
        modes = opened.modes()
        note = unmatched(opened, glob) if glob is not None else ""
    if note:
        click.echo(f"selfsame: {note}", err=True)
    if as_json:
        patterns = [{"glob": pattern, "mode": value} for pattern, value in modes.patterns]
        print_json({"program": modes.program, "patterns": patterns})
        return 0
    rows = [(pattern, value) for pattern, value in reversed(modes.patterns)]
    rows.append(("everything else" if rows else "everything", modes.program or "default"))
    print_table(("nodes", "mode"), rows)
    return 0
