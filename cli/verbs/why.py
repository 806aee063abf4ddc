"""``selfsame why NODE``: the evidence and the history of one node, as a story."""

import json

import click

from selfsame.cli.options import store_option


@click.command()
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print entry, trials and events as JSON.")
@click.option("--source/--no-source", default=True, help="Show the rewrite's source.")
@click.argument("node")
def command(store: str | None, as_json: bool, source: bool, node: str) -> int:
    """Say why a node runs what it runs: what was tried on it, with which evidence, what was refused.

    \b
    Example:
      selfsame why app:slow
    """
    from selfsame.cli.options import open_store
    from selfsame.report.story import story, story_data
    from selfsame.runtime.versions.known import known_node

    with open_store(store) as opened:
        node = known_node(opened, node)
        if as_json:
            print(json.dumps(story_data(opened, node), indent=2))
        else:
            for line in story(opened, node, source):
                print(line)
    return 0
