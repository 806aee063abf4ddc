"""What is known of a tree's functions: ``python -m benchmarks.facts [--json] [--files N] [TREE…]``.

Shares of functions with each answer (pure, shadowable, may raise), and the reasons for which they may
not be shadowed, by frequency: a reason counts once a function, without its line and with names left
out. Without a tree, the standard library (its tests left out).
"""

import argparse
import json
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from selfsame.compiler.analysis.effects import Effects, ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import definitions, module_name

QUESTIONS = ("pure", "shadowable", "may_raise")
_NOT_COUNTED = {"site-packages", "test", "tests", "idlelib", "lib2to3", "turtledemo"}


def files(tree: Path, count: int | None) -> list[Path]:
    """Every n-th module of a tree, so many of them."""
    found = [
        p for p in sorted(tree.rglob("*.py")) if not _NOT_COUNTED & set(p.relative_to(tree).parts)
    ]
    return found[:: max(1, len(found) // count)][:count] if count else found


def effects(tree: Path, paths: list[Path]) -> Iterator[Effects]:
    """The effects of each function of ``paths``; modules that do not parse are left out."""

    @cache
    def resolve(name: str) -> Source | None:
        base = tree.joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                try:
                    return Source.read(path, name)
                except UserError:
                    return None
        return None

    loaded = []  # all first: what is known begins anew with every module that is loaded
    for path in paths:
        source = resolve(module_name(path, [tree]))
        if source is not None:
            try:
                loaded.append((source, ModuleFacts.of(source, resolve)))
            except UserError:
                continue
    for source, facts in loaded:
        for definition in definitions(source):
            if definition.kind != "class":
                yield facts.effects(definition.address)


def kind(reason: str) -> str:
    """A reason without its place and its names: what is counted as one row."""
    reason = re.sub(r"^line \d+: ", "", reason)
    reason = re.sub(r" \(line \d+[^)]*\)", "", reason)
    return re.sub(r"`[^`]*`", "`…`", reason)


def report(tree: Path, count: int | None, rows: int) -> dict[str, object]:
    """The shares and the table of one tree. Shares are of all its functions, from 0 to 1."""
    answers: dict[str, Counter[str]] = {question: Counter() for question in QUESTIONS}
    reasons: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    functions = 0
    for found in effects(tree, files(tree, count)):
        functions += 1
        for question in QUESTIONS:
            answers[question][getattr(found, question).value] += 1
        if not found.shadowable:
            kinds = {kind(reason) for reason in found.reasons}
            reasons.update(kinds)
            if len(kinds) == 1:
                alone.update(kinds)
    shares = {
        question: {answer: round(n / max(1, functions), 3) for answer, n in sorted(counts.items())}
        for question, counts in answers.items()
    }
    table = [{"reason": r, "functions": n, "alone": alone[r]} for r, n in reasons.most_common(rows)]
    return {"tree": tree.name, "functions": functions, "shares": shares, "reasons": table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, help="folders that are on sys.path")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--files", type=int, help="so many files, spread over each tree")
    parser.add_argument("--rows", type=int, default=25, help="rows of the table of reasons")
    arguments = parser.parse_args()
    trees = arguments.trees or [Path(sysconfig.get_path("stdlib"))]
    found = [report(tree.resolve(), arguments.files, arguments.rows) for tree in trees]
    if arguments.json:
        print(json.dumps(found))
        return
    for figures in found:
        print(f"{figures['tree']}: {figures['functions']} functions")
        shares, table = figures["shares"], figures["reasons"]
        assert isinstance(shares, dict) and isinstance(table, list)
        for question, counts in shares.items():
            print(f"  {question:12}" + "  ".join(f"{a} {share:.1%}" for a, share in counts.items()))
        print("  not shadowable because it … (functions; those with no other reason)")
        for row in table:
            print(f"  {row['functions']:6} {row['alone']:6}  {row['reason']}")


if __name__ == "__main__":
    main()
