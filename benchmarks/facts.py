"""What is known of a tree's functions: ``python -m benchmarks.facts [--json] [--files N] [TREE…]``.

Shares of functions with each answer: pure, shadowable, may raise, whatever comes in (``any``) and where
only data of builtin types does (``plain``; of a method the receiver is an instance of its class). Shares
of the lists, dicts and sets that functions make, by whether they escape: known is yes or no. Then the
reasons for which they may not be shadowed even then, by frequency: a reason counts once a function,
without its line and with names left out. Without a tree, the standard library (its tests left out), each
top-level package of it by itself, as a program's own code meets it.
"""

import argparse
import json
import re
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import definitions, find_module, module_name

QUESTIONS = ("pure", "shadowable", "may_raise")
_NOT_COUNTED = {"site-packages", "test", "tests", "idlelib", "lib2to3", "turtledemo", "build"}


def files(tree: Path, count: int | None) -> list[Path]:
    """Every n-th module of a tree, so many of them."""
    found = [
        p for p in sorted(tree.rglob("*.py")) if not _NOT_COUNTED & set(p.relative_to(tree).parts)
    ]
    return found[:: max(1, len(found) // count)][:count] if count else found


def functions(tree: Path, paths: list[Path], apart: bool) -> Iterator[tuple[str, ModuleFacts]]:
    """Each function of ``paths`` with the facts to ask for it.

    Modules that do not parse are left out. ``apart``: each top-level package is a program by itself.
    """
    packages: dict[str, list[Path]] = {}
    for path in paths:
        first = path.relative_to(tree).parts[0].removesuffix(".py")
        packages.setdefault(first if apart else "", []).append(path)
    for package, members in packages.items():

        @cache
        def resolve(name: str, package: str = package) -> Source | None:
            if package and name.split(".")[0] != package:
                return None
            return find_module(name, [tree])

        loaded = []  # all first: what is known begins anew with every module that is loaded
        for path in members:
            source = resolve(module_name(path, [tree]))
            if source is not None:
                try:
                    loaded.append((source, ModuleFacts.of(source, resolve)))
                except UserError:
                    continue
        for source, facts in loaded:
            for definition in definitions(source):
                if definition.kind != "class":
                    yield definition.address, facts


def kind(reason: str) -> str:
    """A reason without its place and its names: what is counted as one row."""
    reason = re.sub(r"line \d+: ", "", reason)
    reason = re.sub(r" \(line \d+[^)]*\)", "", reason)
    return re.sub(r"`[^`]*`", "`…`", reason)


def report(tree: Path, count: int | None, rows: int, apart: bool) -> dict[str, object]:
    """The shares and the table of one tree. Shares are of all its functions, from 0 to 1."""
    answers = {world: {question: Counter[str]() for question in QUESTIONS} for world in _WORLDS}
    reasons: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    escapes: Counter[str] = Counter()
    asked = 0
    began = time.process_time()
    for address, facts in functions(tree, files(tree, count), apart):
        asked += 1
        anything, plain = facts.effects(address), facts.plain(address)
        escapes.update(c.escapes.value for c in facts.containers(address) or ())
        for world, found in zip(_WORLDS, (anything, plain), strict=True):
            for question in QUESTIONS:
                answers[world][question][getattr(found, question).value] += 1
        if not (anything.shadowable or plain.shadowable):
            kinds = {kind(reason) for reason in plain.reasons}
            reasons.update(kinds)
            if len(kinds) == 1:
                alone.update(kinds)
    shares = {
        world: {
            question: {answer: round(n / max(1, asked), 3) for answer, n in counts.items()}
            for question, counts in questions.items()
        }
        for world, questions in answers.items()
    }
    table = [{"reason": r, "functions": n, "alone": alone[r]} for r, n in reasons.most_common(rows)]
    seconds = round(time.process_time() - began, 1)
    made = {a: round(n / max(1, escapes.total()), 3) for a, n in escapes.items()}
    figures: dict[str, object] = {"tree": tree.name, "functions": asked, "cpu_s": seconds}
    return figures | {
        "shares": shares,
        "containers": escapes.total(),
        "escape": made,
        "reasons": table,
    }


_WORLDS = ("any", "plain")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, help="folders that are on sys.path")
    parser.add_argument(
        "--json", action="store_true", help="print the figures as JSON, a line a tree"
    )
    parser.add_argument("--files", type=int, help="so many files, spread over each tree")
    parser.add_argument("--rows", type=int, default=25, help="rows of the table of reasons")
    arguments = parser.parse_args()
    trees = arguments.trees or [Path(sysconfig.get_path("stdlib"))]
    for tree in trees:
        apart = tree.resolve() == Path(sysconfig.get_path("stdlib")).resolve()
        figures = report(tree.resolve(), arguments.files, arguments.rows, apart)
        if arguments.json:
            print(json.dumps(figures), flush=True)
        else:
            _show(figures)


def _show(figures: dict[str, object]) -> None:
    print(f"{figures['tree']}: {figures['functions']} functions, {figures['cpu_s']} s of CPU")
    shares, table = figures["shares"], figures["reasons"]
    assert isinstance(shares, dict) and isinstance(table, list)
    for world, questions in shares.items():
        for question, counts in questions.items():
            told = "  ".join(f"{a} {share:.1%}" for a, share in sorted(counts.items()))
            print(f"  {world:6}{question:12}{told}")
    escape = figures["escape"]
    assert isinstance(escape, dict)
    told = "  ".join(f"{a} {share:.1%}" for a, share in sorted(escape.items()))
    print(f"  of {figures['containers']} containers made escape: {told}")
    print(
        "  not shadowable even on plain data because it … (functions; those with no other reason)"
    )
    for row in table:
        print(f"  {row['functions']:6} {row['alone']:6}  {row['reason']}")


if __name__ == "__main__":
    main()
