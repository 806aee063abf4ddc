"""``selfsame apply [NODE…]``: accepted rewrites, written into the user's files."""

from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option, store_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selfsame.runtime.mutation.applying import Plan
    from selfsame.runtime.versions.manifest import NodeEntry
    from selfsame.runtime.versions.store import Store


@click.command()
@store_option
@json_option
@click.option("--dry-run", "--diff", "dry", is_flag=True, help="Print the diff, write nothing.")
@click.argument("nodes", metavar="[NODE…]", nargs=-1)
def command(store: str | None, as_json: bool, dry: bool, nodes: tuple[str, ...]) -> int:
    """Write rewrites that run in full into your source files: those of NODE…, or all of them.

    Only what differs is changed: comments and layout of the rest stay. A rewrite that checks at run
    time and can go back to the original, that calls a helper inside selfsame, or that is machine
    code has no source form and is left out with the reason, as is what was edited since it was
    tried. Modules are looked for in the current directory and on sys.path.

    \b
    Example:
      selfsame apply --diff
      selfsame apply shop.cart:Cart.total
    """
    import os
    import sys

    from selfsame.cli.options import open_store, print_json
    from selfsame.runtime.mutation.adoption import Place
    from selfsame.runtime.mutation.applying import plan

    with open_store(store) as opened:
        entries = _wanted(opened, nodes)
        here = os.getcwd()
        made = plan(opened, Place([here], "", [here, *sys.path], here), entries)
    diff = _diff(made)
    if not dry:
        _write(made)
    if as_json:
        files = {str(path): patch.nodes for path, patch in made.patches.items()}
        print_json({"written": not dry, "files": files, "left": made.left, "diff": diff})
    else:
        _say(made, diff, dry, entries)
    done = bool(made.patches) and not (set(nodes) & set(made.left))
    return 0 if done else 1


def _wanted(store: "Store", nodes: "Sequence[str]") -> "list[NodeEntry]":
    from selfsame.runtime.versions.known import known_node

    head = store.head().manifest.nodes
    if not nodes:
        return [entry for _, entry in sorted(head.items()) if entry.runs]
    found = []
    for name in dict.fromkeys(nodes):
        entry = head.get(known_node(store, name))
        if entry is None:
            raise click.BadParameter(f"{name} runs its original: there is nothing to write")
        found.append(entry)
    return found


def _diff(made: "Plan") -> list[str]:
    import difflib

    from selfsame.cli.options import near

    lines: list[str] = []
    for path, patch in made.patches.items():
        name = near(path)
        lines += difflib.unified_diff(
            patch.before.split("\n"),
            patch.after.split("\n"),
            f"a/{name}",
            f"b/{name}",
            lineterm="",
        )
    return lines


def _write(made: "Plan") -> None:
    from selfsame.cli.options import write_whole

    for path, patch in made.patches.items():
        if path.read_bytes() != patch.raw:
            raise click.FileError(str(path), "it was changed meanwhile; nothing was written to it")
    for path, patch in made.patches.items():
        mode = path.stat().st_mode
        write_whole(path, patch.data())
        path.chmod(mode & 0o7777)


def _say(made: "Plan", diff: "Sequence[str]", dry: bool, entries: "Sequence[NodeEntry]") -> None:
    import sys

    if dry:
        for line in diff:
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.echo(click.style(line, fg=style) if style and sys.stdout.isatty() else line)
    else:
        for path, patch in made.patches.items():
            click.echo(f"{path}: {', '.join(patch.nodes)}")
    for address, reason in made.left.items():
        click.echo(f"{address} is left as it is: {reason}", err=True)
    if not entries:
        click.echo("no rewrite runs in full: `selfsame status` has the nodes", err=True)
    elif made.patches and not dry:
        click.echo("the code is new now: what the store says of its old text is over", err=True)
