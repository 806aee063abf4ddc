"""``selfsame store check|export|import``: the store itself."""

from pathlib import Path

import click

from selfsame.cli.options import json_option, store_option


@click.group()
def command() -> None:
    """Check the store, or carry a version with its rewrites to another one.

    \b
    Example:
      selfsame store check
      selfsame store export head -o shop.bundle
      selfsame store import shop.bundle
    """


@command.command()
@store_option
@json_option
def check(store: str | None, as_json: bool) -> int:
    """Read every row and verify every hash: rows, versions, rewrites, the chain of the history.

    Exit code 0 if all is sound; 2 with the first thing that is not, and what runs meanwhile.

    \b
    Example:
      selfsame store check
    """
    from selfsame.cli.options import open_store, print_json

    with open_store(store) as opened:
        counts = opened.check()
    if as_json:
        print_json({"sound": True, "rows": counts})
    else:
        rows = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        print(f"sound: every hash agrees ({rows})")
    return 0


@command.command()
@store_option
@click.option(
    "-o",
    "output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write.",
)
@click.argument("version", default="head")
def export(store: str | None, output: Path, version: str) -> int:
    """Write a version and its rewrites, code included, to one file.

    \b
    Example:
      selfsame store export head -o shop.bundle
    """
    from selfsame.cli.options import open_store, write_whole
    from selfsame.runtime.versions.bundle import export

    with open_store(store) as opened:
        found = opened.version(version)
        data = export(opened, found)
    write_whole(output, data)
    output.chmod(0o600)
    print(f"{output}: version {found.id}, {len(data):,} bytes")
    return 0


@command.command(name="import")
@store_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(store: str | None, file: Path) -> int:
    """Propose what a bundle brings. It holds code: import only what you would run.

    Nothing runs before `selfsame approve`; every part is checked first.

    \b
    Example:
      selfsame store import shop.bundle
      selfsame approve head --canary 5%
    """
    from selfsame.cli.options import author, store_location
    from selfsame.runtime.versions.bundle import bring_in
    from selfsame.runtime.versions.differences import changes_between
    from selfsame.runtime.versions.store import Store

    with Store.open(store_location(store)) as opened:
        before = opened.head()
        version, left = bring_in(opened, file, author())
        proposed = list(changes_between(before, version))
    for change in proposed:
        print(f"{change.address}: {change.what}")
    for address in left:
        print(f"{address}: left as it is here")
    if proposed:
        print(f"version {version.id}: `selfsame approve head` lets it run")
    else:
        print("nothing of it is new here")
    return 0
