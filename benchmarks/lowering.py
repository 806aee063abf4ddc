"""What lowering costs: ``python -m benchmarks.lowering [--json] [--files N]``.

Ratios of CPU time in one run, in this process, file by file and interleaved: all that ``verify`` does
without its own checks (parse, addresses, hashes, paths, edges) over ``libcst.parse_module`` alone,
and over compiling to bytecode as ``compileall`` does. Then how cost grows with lines, of a tree and of
one module that is as long, and what an unchanged tree costs.
"""

import argparse
import ast
import gc
import json
import random
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType

import libcst

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.kept import Kept
from selfsame.compiler.pipeline import lower_source
from selfsame.compiler.verifying import Module, verify_all

SIZES = (10_000, 100_000, 1_000_000)
LONGEST = 300_000  # of one module: CPython's own tree of more takes many gigabytes


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def sources(count: int | None) -> list[Source]:
    """Every n-th file of the standard library, tests included, that libcst and CPython take."""
    folder = Path(sysconfig.get_path("stdlib"))
    paths = [p for p in sorted(folder.rglob("*.py")) if "site-packages" not in p.parts]
    step = max(1, len(paths) // count) if count else 1
    found = []
    for path in paths[::step]:
        try:
            source = Source.read(path, "m")
            with warnings.catch_warnings(action="ignore"):
                compile(source.tree, source.path, "exec", dont_inherit=True)
            libcst.parse_module(source.text)
        except (UserError, SyntaxError, libcst.ParserSyntaxError):
            continue
        found.append(source)
    return found


def to_bytecode(text: str, path: str) -> CodeType:
    """What ``compileall`` does with a file's text."""
    return compile(ast.parse(text), path, "exec", dont_inherit=True)


def lowered(text: str, path: str) -> object:
    """What ``verify`` does with a file's text, without its own checks."""
    return lower_source(Source(path, "m", text), check=False)


def ratios(found: list[Source]) -> dict[str, float]:
    """Lowering over each peer."""
    spent = {"lowering": 0.0, "libcst": 0.0, "compile": 0.0}
    for source in found:
        text, path = source.text, source.path
        works: dict[str, Callable[[], object]] = {
            "libcst": partial(libcst.parse_module, text),
            "lowering": partial(lowered, text, path),
            "compile": partial(to_bytecode, text, path),
        }
        for name, work in works.items():
            gc.collect(0)
            spent[name] += cpu(work)
    return {
        "times_libcst_parse": round(spent["lowering"] / spent["libcst"], 2),
        "times_compile": round(spent["lowering"] / spent["compile"], 2),
        "lines_per_cpu_s": round(sum(s.text.count("\n") for s in found) / spent["lowering"]),
    }


def growth(found: list[Source], sizes: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Microseconds a line, for the first so many lines of a shuffled tree, repeated to fill.

    Files are not alike (a line of a table costs more than one of a docstring), so the same files are
    compiled too: ``times_compile`` is what shows growth.
    """
    shuffled = random.Random(0).sample(found, len(found))
    costs = {}
    for size in sizes:
        lines, spent, compiled = 0, 0.0, 0.0
        while lines < size:
            for source in shuffled:
                text, path = source.text, source.path
                spent += cpu(partial(lowered, text, path))
                compiled += cpu(partial(to_bytecode, text, path))
                lines += text.count("\n")
                if lines >= size:
                    break
        costs[str(size)] = {
            "us": round(spent / lines * 1e6, 1),
            "times_compile": round(spent / compiled, 2),
        }
    return costs


def one_module(found: list[Source], size: int) -> Source:
    """One module of ``size`` lines or a little more: others, one after another, again and again.

    So every name has ever more definitions, and uses in ever more functions.
    """
    parts, lines = [], 0
    texts = [s.text for s in found if "from __future__" not in s.text]
    while lines < size:
        for text in texts:
            parts.append(text if text.endswith("\n") else text + "\n")
            lines += parts[-1].count("\n")
            if lines >= size:
                break
    return Source("long.py", "long", "".join(parts))


def length(found: list[Source], sizes: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Microseconds a line, nodes and edges a line, of one module of so many lines."""
    costs = {}
    for size in sizes:
        source = one_module(found, size)
        lines = source.text.count("\n")
        gc.collect()
        began = time.process_time()
        graph = lower_source(source, check=False)
        spent = time.process_time() - began
        costs[str(size)] = {
            "us": round(spent / lines * 1e6, 1),
            "nodes": round(len(graph) / lines, 2),
            "edges": round(graph.count_edges() / lines, 2),
        }
    return costs


def unchanged(found: list[Source]) -> float:
    """Seconds for each 500 files when everything was verified before."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept(Path(folder))
        todo = [Module(Path(s.path), (Path(s.path).parent,)) for s in found]
        verify_all(todo, 1, kept)
        again = verify_all(todo, 1, kept)
    return round(again.seconds / len(todo) * 500, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--files", type=int, help="so many files, spread over the whole library")
    parser.add_argument(
        "--lines", type=int, default=SIZES[-1], help="the largest size of the growth"
    )
    arguments = parser.parse_args()
    found = sources(arguments.files)
    figures: dict[str, object] = {"files": len(found), **ratios(found)}
    figures["us_per_line"] = growth(found, tuple(s for s in SIZES if s <= arguments.lines))
    long = tuple(s for s in (*SIZES, LONGEST) if s <= min(arguments.lines, LONGEST))
    figures["of_one_module"] = length(found, long)
    figures["unchanged_s_per_500_files"] = unchanged(found[:500])
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
