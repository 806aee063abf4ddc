"""``selfsame graph``: the living graph as a picture, or on the ICO of a module or node."""

import sys

import click

from selfsame.cli.options import store_option


@click.command(
    epilog="""\b
Example:
  selfsame graph                        every node, as a tree with bars
  selfsame graph shop/cart.py           the ICO of a file, with what was measured
  selfsame graph shop.cart:Cart.total   of one node
"""
)
@store_option
@click.argument("target", required=False)
def command(store: str | None, target: str | None) -> int:
    """Draw the living graph; of TARGET (a file, module or node), its ICO with notes."""
    from selfsame.cli.options import open_store
    from selfsame.report.graph import notes, picture

    with open_store(store) as opened:
        snapshots = opened.snapshots()
    if not snapshots:
        print("selfsame: nothing was watched yet; try: selfsame run SCRIPT", file=sys.stderr)
        return 1
    if target is None:
        print("\n".join(picture(snapshots[0])))
        return 0
    from selfsame.cli.targets import source_of
    from selfsame.compiler.ir import print_graph
    from selfsame.compiler.pipeline import lower_source

    source, address = source_of(target)
    graph = lower_source(source)
    only = graph.find(address) if address else None
    print(print_graph(graph, notes(snapshots[0]), only).rstrip("\n"))
    return 0
