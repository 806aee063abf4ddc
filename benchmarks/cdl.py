"""How long it takes to check 1,000 constraints and bind them to a 200,000-line tree.

``python -m benchmarks.cdl --json``. The tree is generated: modules of functions and classes with
loops, comprehensions and calls. Cold parses every file of it, warm none. Times are CPU seconds of
this process, the best of ``--runs``; the parser's share is apart.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selfsame.compiler.constraints import bind
from selfsame.compiler.constraints.contradictions import contradictions
from selfsame.compiler.constraints.nodes import TreeNodes, tree_nodes
from selfsame.compiler.constraints.remembered import Remembered
from selfsame.grammar.parse import parse_files

FUNCTION = """
def work_{n}(rows, limit={n}):  # selfsame: work_{m}_{n}
    total = 0
    for row in rows:
        if row.key > limit:
            total += len(row.name)
        while total > 1000:
            total -= limit + 1
    names = sorted(row.name for row in rows)
    return [name.upper() for name in names], total


class Store_{n}:
    def __init__(self, path):
        self.path = path
        self.rows = {{}}

    def add(self, key, row):
        self.rows[key] = row
        return len(self.rows)

    def load(self, source):
        for line in source:
            key, _, row = line.partition(",")
            self.add(key, row.strip())
        return self
"""
LINES = FUNCTION.count("\n")


def write_tree(folder: Path, lines: int) -> int:
    """Write a package of about ``lines`` lines; returns how many it has."""
    per_module, written, number = 20, 0, 0
    while written < lines:
        package = folder / "shop" / f"part_{number % 20}"
        package.mkdir(parents=True, exist_ok=True)
        for above in (package, package.parent):
            (above / "__init__.py").touch()
        text = "".join(FUNCTION.format(n=n, m=number) for n in range(per_module))
        (package / f"module_{number}.py").write_text(text)
        written += per_module * LINES
        number += 1
    return written


def constraints(count: int, modules: int) -> str:
    """CDL of ``count`` constraints: addresses, labels, globs, of which a tenth are wide."""
    blocks = []
    for n in range(count):
        module = n % modules
        where = f"shop.part_{module % 20}.module_{module}"
        nodes = (
            f"{where}:work_{n % 20}",
            f"work_{module}_{n % 20}",
            f"{where}:Store_{n % 20}.*",
            f"shop.**:Store_{n % 20}.load",
            f"{where}:work_{n % 20}/loop[*]",
        )[n % 5]
        blocks.append(
            f"constraint {nodes} {{\n  max_execution_time: {n % 50 + 1}ms over 5m\n"
            "  error_rate: < 0.1%\n  algorithm: any\n}\n"
        )
    return "".join(blocks)


def best(runs: int, work: Callable[[], object]) -> float:
    """The least CPU seconds of ``runs`` runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def measure(lines: int, count: int, runs: int) -> dict[str, float | int]:
    """The figures, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "tree"
        written = write_tree(tree, lines)
        modules = written // (20 * LINES)
        cdl = folder / "all.cdl"
        cdl.write_text(constraints(count, modules))
        seen: list[TreeNodes] = []

        def check() -> None:
            documents = parse_files([cdl])
            nodes = tree_nodes(tree, Remembered(tree, "1", folder / "cache"))
            binding = bind(documents, nodes.nodes)
            wrong = [*binding.diagnostics, *contradictions(binding.sets.values())]
            if wrong:
                raise SystemExit(f"the benchmark's own CDL is wrong: {wrong[0].render()}")
            seen.append(nodes)

        cold = best(1, check)
        warm = best(runs, check)
        parsing = best(runs, lambda: parse_files([cdl]))
        return {
            "lines": written,
            "nodes": len(seen[-1].nodes),
            "constraints": count,
            "cold_s": cold,
            "cold_files_parsed": seen[0].parsed,
            "warm_s": warm,
            "warm_files_parsed": seen[-1].parsed,
            "warm_parsing_cdl_s": parsing,
            "cold_over_warm": cold / warm,
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--constraints", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    figures = measure(options.lines, options.constraints, options.runs)
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value:,.2f}" if isinstance(value, float) else f"{name:20} {value:,}")


if __name__ == "__main__":
    main()
