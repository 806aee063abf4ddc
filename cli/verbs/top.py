"""``selfsame top``: the living graph on a screen that renews itself."""

import sys
import time

import click

from selfsame.cli.options import store_option


@click.command(
    epilog="""\b
Example:
  selfsame top              until Ctrl-C
  selfsame top --for 10     for ten seconds
"""
)
@store_option
@click.option("--for", "seconds", type=float, help="End after so many seconds.")
@click.option("--every", default=1.0, show_default=True, help="Seconds between two looks.")
def command(store: str | None, seconds: float | None, every: float) -> int:
    """Show `status` live: where the time goes, which node violates what, what is being tried."""
    from rich.console import Console
    from rich.live import Live

    from selfsame.cli.options import open_store
    from selfsame.report.status import screen

    end = None if seconds is None else time.monotonic() + seconds
    with open_store(store) as opened:
        snapshots = opened.snapshots()
        if not snapshots:
            print("selfsame: nothing was watched yet; try: selfsame run SCRIPT", file=sys.stderr)
            return 1
        console = Console(highlight=False)
        with Live(screen(snapshots[0]), console=console, auto_refresh=False) as live:
            try:
                while end is None or time.monotonic() < end:
                    time.sleep(max(0.1, every))
                    latest = opened.snapshots()[0] | {"off": opened.is_off()}
                    live.update(screen(latest), refresh=True)
            except KeyboardInterrupt:
                return 0
    return 0
