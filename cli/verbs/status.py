"""``selfsame status``: the living graph now, as a table."""

import json
import sys

import click

from selfsame.cli.options import store_option


@click.command()
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print the whole snapshot as JSON.")
@click.option(
    "--all", "everything", is_flag=True, help="Every node, not only the ones that matter."
)
def command(store: str | None, as_json: bool, everything: bool) -> int:
    """Say where the time goes, which node violates what, what can be tried, and what blocks it.

    \b
    Example:
      selfsame status
      selfsame status --json | jq .program
    """
    from selfsame.cli.options import open_store

    with open_store(store) as opened:
        snapshots = opened.snapshots()
        if not snapshots:
            print("selfsame: nothing was watched yet; try: selfsame run SCRIPT", file=sys.stderr)
            return 1
        latest = snapshots[0] | {"off": opened.is_off(), "version": opened.head().id}
    if as_json:
        print(json.dumps(latest, indent=2))
        return 0
    from selfsame.report.status import print_status

    print_status(latest, everything)
    return 0
