"""``selfsame verify``: lowers modules and holds each graph, and its text, to what it promises."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option, print_json

if TYPE_CHECKING:
    from selfsame.compiler.verifying import Verified


@click.command(
    epilog="""\b
Example:
  selfsame verify shop/           every module below shop/
  selfsame verify a.py b.py --json
"""
)
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--jobs", type=click.IntRange(1), help="Processes that verify. Default: all.")
@click.option("--again", is_flag=True, help="Verify unchanged modules too.")
@json_option
def command(sources: tuple[Path, ...], jobs: int | None, again: bool, as_json: bool) -> None:
    """Lower each module, verify its graph, print it, parse it back, compare.

    Files of a tree that CPython cannot parse are named and skipped; modules that were verified
    before and did not change are known by their content.

    Exit code 0 if all is well, 1 if a graph is wrong, 2 if a file given by itself cannot be
    verified, or there is none.
    """
    from selfsame.cli.progress import Bar
    from selfsame.compiler import workers
    from selfsame.compiler.kept import Kept, cache_folder
    from selfsame.compiler.verifying import modules, verify_all

    todo = modules(sources)
    if not todo:
        raise click.UsageError(f"no Python file in {', '.join(map(str, sources))}")
    kept = Kept(cache_folder() / "verify")
    kept.tidy()
    with Bar(shown=sys.stderr.isatty() and not as_json) as bar:
        verified = verify_all(
            todo, jobs or workers.count(), None if again else kept, progress=bar.update
        )
    _complain(verified)
    if as_json:
        print_json(_facts(verified))
    else:
        _print(verified)
    if verified.of("failed"):
        sys.exit(1)
    sys.exit(2 if any(o.module.named for o in verified.of("skipped")) else 0)


def _complain(verified: "Verified") -> None:
    """What was not verified and why, with its source line where it has one, to stderr."""
    from selfsame.report.diagnostics import print_diagnostics

    for outcome in verified.of("skipped"):
        if outcome.diagnostics:
            print_diagnostics(outcome.diagnostics)
        else:
            print(outcome.reason, file=sys.stderr)
    for outcome in verified.of("failed"):
        print(f"{outcome.module.path}: failed: {outcome.reason}", file=sys.stderr)


def _facts(verified: "Verified") -> dict[str, object]:
    well = verified.of("ok")
    lines = sum(o.lines for o in well)
    return {
        "modules": len(well) + len(verified.of("failed")),
        "failed": len(verified.of("failed")),
        "skipped": [
            {"file": str(o.module.path), "reason": o.reason} for o in verified.of("skipped")
        ],
        "nodes": sum(o.nodes for o in well),
        "edges": sum(o.edges for o in well),
        "lines_per_s": round(lines / max(verified.seconds, 1e-9)),
    }


def _print(verified: "Verified") -> None:
    facts = _facts(verified)
    known = f" ({verified.kept} unchanged)" if verified.kept else ""
    print(
        f"{facts['modules']} modules{known}, {facts['failed']} failed, "
        f"{len(verified.of('skipped'))} skipped; {facts['nodes']} nodes, {facts['edges']} edges; "
        f"{verified.seconds:.1f} s, {facts['lines_per_s']} lines/s"
    )
