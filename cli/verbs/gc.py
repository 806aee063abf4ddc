"""``selfsame gc``: what no version in reach names any more is dropped."""

import click

from selfsame.cli.options import json_option, store_option


@click.command()
@store_option
@json_option
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="So many versions from the head back keep their rewrites.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be dropped.")
def command(store: str | None, as_json: bool, keep: int, dry_run: bool) -> int:
    """Drop rewrites that neither the head nor a recent version names, and old trials and events.

    The history is kept for good: the text of every version can still be shown. Rewrites of all
    Pythons are kept as long as a version in reach names them.

    \b
    Example:
      selfsame gc
      selfsame gc --keep 50 --dry-run
    """
    from dataclasses import asdict

    from selfsame.cli.options import author, open_store, print_json
    from selfsame.grammar.words import counted
    from selfsame.runtime.versions.retention import collect

    with open_store(store) as opened:
        done = collect(opened, keep, dry=dry_run)
        if not dry_run:
            opened.add_event("gc", reason=f"by {author()}", dropped=len(done.rewrites))
    if as_json:
        print_json(asdict(done))
        return 0
    would = "would be " if dry_run else ""
    print(f"{counted(len(done.rewrites), 'rewrite')} {would}dropped, {done.kept} kept", end="")
    print(f", {counted(len(done.files), 'file')}, {counted(done.bytes, 'byte')} given back")
    return 0
