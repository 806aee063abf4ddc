"""``selfsame serve``: the page of ``report``, renewed while the program runs."""

import sys
from contextlib import ExitStack

import click

from selfsame.cli.options import store_option

SENT_EVERY_S = 10.0


@click.command(
    epilog="""\b
Example:
  selfsame serve                in another terminal, while a program runs
  selfsame serve --port 8000    at the same address each time; metrics for Prometheus at /metrics
  selfsame serve --otlp http://localhost:4318    and send them to an OpenTelemetry collector
"""
)
@store_option
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Default: a free one.")
@click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.5),
    help="Seconds between two looks.",
)
@click.option("--otlp", metavar="URL", help="Send metrics there, to an OpenTelemetry collector.")
def command(store: str | None, port: int, every: float, otlp: str | None) -> int:
    """Show the page of `report` in a browser, renewed while the program runs, until Ctrl-C.

    Only this machine is served, and nothing can be changed there. The page holds no captured values.
    The same figures are at /metrics for Prometheus.
    """
    if otlp is not None and not otlp.startswith(("http://", "https://")):
        hint = f"http://{otlp.split('://')[-1]}"
        raise click.BadParameter(f"{otlp} is no http URL; try {hint}", param_hint="--otlp")

    from selfsame.cli.options import open_store
    from selfsame.report.server import ADDRESS, PageServer

    with ExitStack() as stack:
        opened = stack.enter_context(open_store(store))
        if otlp is not None:
            try:
                from selfsame.report.opentelemetry import Sender
            except ImportError:
                print("selfsame: --otlp needs pip install 'selfsame[metrics]'", file=sys.stderr)
                return 2
        try:
            server = PageServer(opened, port, every)
        except OSError as error:
            told = error.strerror or str(error)
            print(f"selfsame: cannot listen on {ADDRESS}:{port}: {told}", file=sys.stderr)
            print("  without --port, a free one is taken", file=sys.stderr)
            return 1
        stack.enter_context(server)
        if otlp is not None:
            stack.enter_context(Sender(opened, otlp, max(every, SENT_EVERY_S)))
        print(f"{server.url}  (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
