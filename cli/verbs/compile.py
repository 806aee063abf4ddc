"""``selfsame compile``: an importable tree with probes, from a file or a tree of the user's."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfsame.cli.options import json_option, print_json

if TYPE_CHECKING:
    from selfsame.compiler.instrument.project import Summary

SHOWN = 3


@click.command(
    epilog="""\b
Example:
  selfsame compile src/ build/probed       the whole tree
  PYTHONPATH=build/probed python -m shop   runs as before, and the probes are at hand

The modules in DST are your own files, byte for byte. The probes are in __pycache__ and in
.selfsame-index, so an edit, another Python or a missing selfsame runs your plain text.
"""
)
@click.argument("src", type=click.Path(path_type=Path))
@click.argument("dst", type=click.Path(path_type=Path))
@click.option(
    "--cdl",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="CDL whose constraints must name nodes of SRC; checked before anything is written.",
)
@click.option("--jobs", default=2, show_default=True, help="Processes that compile.")
@click.option("--again", is_flag=True, help="Compile unchanged modules too.")
@json_option
def command(
    src: Path, dst: Path, cdl: tuple[str, ...], jobs: int, again: bool, as_json: bool
) -> None:
    """Compile SRC (a file or a tree) into DST, with probes that can be switched on.

    It makes nothing faster: it makes what runs observable. Modules that did not change are kept.

    Exit code 0 if all is well, 1 if a file does not parse (it is copied as it is, and the rest is
    compiled), 2 if SRC and DST make no sense.
    """
    import selfsame
    from selfsame.cli.progress import Bar
    from selfsame.compiler.instrument.files import refusal
    from selfsame.compiler.instrument.project import compile_project
    from selfsame.runtime.agent.codes import fingerprint

    reason = refusal(src, dst)
    if reason:
        raise click.UsageError(reason)
    if cdl:
        _check(cdl, src)
    try:
        with Bar(shown=sys.stderr.isatty() and not as_json) as bar:
            summary = compile_project(
                src, dst, selfsame.__version__, fingerprint, jobs, again, bar.update
            )
    except OSError as error:
        raise click.UsageError(f"{error.filename or dst}: {error.strerror or error}") from error
    if as_json:
        print_json(_facts(summary))
    else:
        _print(summary, dst)
    sys.exit(1 if summary.errors else 0)


def _check(files: tuple[str, ...], src: Path) -> None:
    """Raises UserError with every mistake of the CDL files, unknown nodes among them."""
    from selfsame.compiler.constraints import bind
    from selfsame.compiler.constraints.nodes import tree_nodes
    from selfsame.compiler.errors import UserError
    from selfsame.grammar.diagnostics import CDLError
    from selfsame.grammar.parse import parse_files

    try:
        documents = parse_files(files)
    except CDLError as error:
        raise UserError(*error.diagnostics) from error
    binding = bind(documents, tree_nodes(str(src)).nodes)
    if binding.diagnostics:
        raise UserError(*binding.diagnostics)


def _print(summary: "Summary", dst: Path) -> None:
    from selfsame.report.diagnostics import print_diagnostics

    kept = f" ({summary.kept} unchanged)" if summary.kept else ""
    left = sum(map(len, summary.left.values()))
    print(
        f"{_count(summary.made + summary.kept, 'module')} in {dst}{kept}, {summary.seconds:.1f} s"
    )
    print(f"{_count(summary.probed, 'function')} probed, {left} left alone")
    for reason, addresses in _by_size(summary.left):
        more = f" and {len(addresses) - SHOWN} more" if len(addresses) > SHOWN else ""
        print(f"  {len(addresses):5}  {reason}: {', '.join(addresses[:SHOWN])}{more}")
    if summary.nodes:
        kinds = sorted(summary.nodes.items(), key=lambda item: (-item[1], item[0]))
        print(f"{_count(sum(summary.nodes.values()), 'node')}: ", end="")
        print(", ".join(f"{kind} {count}" for kind, count in kinds))
    rest = [_count(summary.data, "other file") + " copied"] if summary.data else []
    rest += [f"{summary.removed} removed that SRC no longer has"] if summary.removed else []
    rest += [f"{path} not copied ({why})" for path, why in summary.not_copied]
    for line in rest:
        print(line)
    for problem in summary.problems:
        print(f"note: {problem}", file=sys.stderr)
    if summary.errors:
        print_diagnostics(summary.errors)
        print(f"{_count(len(summary.errors), 'file')} copied as is", file=sys.stderr)


def _by_size(left: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Reasons, the most frequent first; those that name a line are one."""
    import re

    merged: dict[str, list[str]] = {}
    for reason, addresses in left.items():
        merged.setdefault(re.sub(r"^line \d+ has", "a line has", reason), []).extend(addresses)
    return sorted(merged.items(), key=lambda item: (-len(item[1]), item[0]))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _facts(summary: "Summary") -> dict[str, object]:
    from dataclasses import asdict

    facts = asdict(summary)
    facts["errors"] = [
        {
            "path": d.place.path,
            "line": d.place.line,
            "column": d.place.column,
            "message": d.message,
        }
        for d in summary.errors
    ]
    return facts
