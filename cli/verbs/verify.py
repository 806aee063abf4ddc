"""``selfsame verify``: lowers modules and holds each graph, and its text, to what it promises."""

import sys
from pathlib import Path

import click

from selfsame.cli.options import json_option, print_json

Result = tuple[str, str, str, int, int, int]  # file, outcome, why, nodes, edges, lines


@click.command(
    epilog="""\b
Example:
  selfsame verify shop/           every module below shop/
  selfsame verify a.py b.py --json
"""
)
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def command(sources: tuple[Path, ...], as_json: bool) -> None:
    """Lower each module, verify its graph, print it, parse it back, compare.

    Files that CPython or libcst cannot parse are skipped. Exit code 1 if a graph is wrong.
    """
    import multiprocessing
    import time
    from concurrent.futures import ProcessPoolExecutor

    from selfsame.compiler.instrument.files import import_roots, plan

    jobs: dict[Path, list[Path]] = {}
    for source in sources:
        todo = plan(source)
        roots = import_roots(todo.base)
        jobs.update({todo.base / name: roots for name in todo.modules})
    began = time.perf_counter()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(check, jobs, jobs.values(), chunksize=4))
    seconds = time.perf_counter() - began

    failed = [r for r in results if r[1] == "failed"]
    skipped = [r for r in results if r[1] == "skipped"]
    nodes, edges = sum(r[3] for r in results), sum(r[4] for r in results)
    lines = sum(r[5] for r in results)
    if as_json:
        print_json(
            {
                "modules": len(results) - len(skipped),
                "failed": [{"file": r[0], "reason": r[2]} for r in failed],
                "skipped": [{"file": r[0], "reason": r[2]} for r in skipped],
                "nodes": nodes,
                "edges": edges,
                "lines_per_s": round(lines / seconds),
            }
        )
    else:
        for result in (*skipped, *failed):
            print(f"{result[1]}: {result[0]}: {result[2]}")
        print(f"{len(results) - len(skipped)} modules, {len(failed)} failed, ", end="")
        print(f"{len(skipped)} skipped; {nodes} nodes, {edges} edges, ", end="")
        print(f"{lines / seconds:.0f} lines/s")
    sys.exit(1 if failed else 0)


def check(path: Path, roots: list[Path]) -> Result:
    """What became of one module: ``ok``, ``skipped`` or ``failed``, and why."""
    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.errors import Skipped, UserError
    from selfsame.compiler.identity import module_name
    from selfsame.compiler.ir import parse, print_graph
    from selfsame.compiler.pipeline import lower_source

    file = str(path)
    try:
        source = Source.read(path, module_name(path, roots))
        graph = lower_source(source)
    except (UserError, Skipped, OSError) as error:
        return file, "skipped", str(error), 0, 0, 0
    except Exception as error:  # a bug of selfsame in one module must not hide the others
        return file, "failed", f"{type(error).__name__}: {error}", 0, 0, 0
    text = print_graph(graph)
    try:
        same = parse(text) == graph
    except UserError as error:
        return file, "failed", f"its text does not parse: {error}", 0, 0, 0
    if not same:
        return file, "failed", "its text means another graph", 0, 0, 0
    return file, "ok", "", len(graph), len(graph.edges), source.text.count("\n") + 1
