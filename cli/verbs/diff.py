"""``selfsame diff V W``: what two versions say differently."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.argument("old")
@click.argument("new", default="head")
def command(store: str | None, as_json: bool, old: str, new: str) -> int:
    """Print what changed from version OLD to version NEW (the head, if it is left out).

    \b
    Example:
      selfsame diff head~1 head
      selfsame diff 8d1f
    """
    import difflib
    import sys

    from selfsame.cli.options import open_store, print_json
    from selfsame.runtime.versions.differences import changed_text, changes_between

    with open_store(store) as opened:
        before, after = opened.version(old), opened.version(new)
    if as_json:
        changes = changes_between(before, after)
        data = [change.data() for change in changes]
        print_json({"old": before.id, "new": after.id, "changes": data})
        return 0
    lines = difflib.unified_diff(
        changed_text(before, after),
        changed_text(after, before),
        before.id,
        after.id,
        lineterm="",
        n=4,
    )
    colour = sys.stdout.isatty()
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1]) if colour else None
        click.echo(click.style(line, fg=style) if style else line)
    return 0
