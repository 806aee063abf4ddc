"""How much of a program's own CPU is in functions that may be shadowed, and why the rest is not.

``python -m benchmarks.shadow_share [--json] [--every MS] TREE MODULE ARG…`` runs a module (``pytest``,
say) with TREE first on the path, and looks at what runs after every so many milliseconds of CPU. The
next calls of a function that was looked at are captured when they start, as the agent does it.
Afterwards each function is asked: may it be shadowed on what was seen of it? Shares are of all looks
at functions of TREE; what lies in folders named ``tests`` is not counted.
"""

import argparse
import json
import re
import runpy
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from benchmarks.facts import kind
from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import Definition, definitions, find_module, module_name
from selfsame.compiler.instrument.probes import refused
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.agent.reduce import Unpicklable
from selfsame.runtime.mutation.observe import named
from selfsame.runtime.shadow.examples import first_offset

BUDGET = 256 * 1024
MOST_CAPTURED = 20
EVENTS = 3_000
TESTS = re.compile(r"/tests?/")
INLINED = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


@dataclass
class Seen:
    """What was seen of one function: looks, the names in its arguments, refused captures."""

    looks: int = 0
    captured: int = 0
    names: set[tuple[str, str]] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def enough(self) -> bool:
        """Whether as many calls were captured, or refused, as are looked at."""
        return max(self.captured, sum(self.refused.values())) >= MOST_CAPTURED


class Looks:
    """Looks at what runs, from a timer of CPU time, and captures calls of what was looked at."""

    def __init__(self, tree: Path) -> None:
        self.prefix = str(tree) + "/"
        self.seen: dict[tuple[str, str, int], Seen] = {}
        self.wanted: dict[CodeType, tuple[Seen, int]] = {}
        self.elsewhere = 0
        self.patience = 0

    def look(self, number: int, frame: FrameType | None) -> None:
        """The handler of the timer's signal."""
        while frame is not None and frame.f_code.co_name in INLINED:
            frame = (
                frame.f_back
            )  # it belongs to the function that it stands in, which mostly runs it
        if frame is None or not frame.f_code.co_filename.startswith(self.prefix):
            self.elsewhere += 1
            return
        code = frame.f_code
        if TESTS.search(code.co_filename[len(self.prefix) - 1 :]):
            return
        key = (code.co_filename, code.co_qualname, code.co_firstlineno)
        seen = self.seen.setdefault(key, Seen())
        seen.looks += 1
        if not seen.enough:
            self.wanted[code] = (seen, first_offset(code))
            self.patience = EVENTS
            sys.setprofile(self.profile)

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        """The profile function: captures wanted calls before their bodies run."""
        self.patience -= 1
        if self.patience < 0:  # it slows the program, so it is on only for a while after a look
            sys.setprofile(None)
            return
        found = self.wanted.get(frame.f_code) if event == "call" else None
        if found is None or frame.f_lasti > found[1]:
            return
        seen = found[0]
        names = parameters(frame.f_code)
        values = frame.f_locals
        try:
            held = tuple(values.get(name) for name in names)
            markers = _markers(frame.f_globals)
            payload = dump({"args": held}, BUDGET, markers)
        except Unpicklable as refused:
            seen.refused[str(refused)] += 1
        else:
            seen.captured += 1
            seen.names |= named([payload])
        if seen.enough:
            self.wanted.pop(frame.f_code, None)


def _markers(namespace: dict[str, Any]) -> frozenset[int]:
    """The bare objects that the globals of a module are, or those of the modules that it names."""
    modules = [vars(value) for value in namespace.values() if type(value) is ModuleType]
    every = (value for names in (namespace, *modules) for value in list(names.values()))
    return frozenset(id(value) for value in every if type(value) is object)


class Judge:
    """Says of each function that was seen whether it may be shadowed."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.source = cache(lambda name: find_module(name, [tree]))
        self.facts = cache(lambda name: ModuleFacts.of(self.source(name), self.source))

    def why_not(self, key: tuple[str, str, int], seen: Seen) -> str:
        """Empty where the function may be shadowed."""
        file, qualname, line = key
        source = self.source(module_name(file, [self.tree]))
        found = [
            d
            for d in (definitions(source) if source is not None else ())
            if (d.qualname, d.line) == (qualname, line) and d.kind != "class"
        ]
        if source is None or len(found) != 1:
            return "it runs once" if qualname == "<module>" else "it is not found in its source"
        (definition,) = found
        return self._judged(source, definition, seen)

    def _judged(self, source: Source, definition: Definition, seen: Seen) -> str:
        if refused(definition.kind, "capture"):
            return f"it is a {definition.kind}"
        facts = self.facts(source.module)
        never = facts.never_shadowable(definition.address)
        if never:
            return f"whatever comes in: {never}"
        if not seen.captured:
            why = seen.refused.most_common(1)
            return f"it was not captured: {why[0][0] if why else 'it was not called again'}"
        effects = facts.effects(definition.address, facts.seen(sorted(seen.names)))
        return "" if effects.shadowable else f"on what came in: {effects.told}"


def report(tree: Path, looks: Looks, rows: int) -> dict[str, object]:
    """Shares from 0 to 1, and the functions and reasons that cost most."""
    judge = Judge(tree)
    total = sum(seen.looks for seen in looks.seen.values())
    shadowable = 0
    reasons: Counter[str] = Counter()
    functions: list[dict[str, object]] = []
    for key, seen in sorted(looks.seen.items(), key=lambda item: -item[1].looks):
        why = judge.why_not(key, seen)
        if why:
            reasons[kind(why)] += seen.looks
        else:
            shadowable += seen.looks
        name = f"{module_name(key[0], [tree])}:{key[1]}"
        share = round(seen.looks / max(1, total), 3)
        functions.append({"function": name, "share": share, "why_not": why})
    return {
        "tree": tree.name,
        "looks": total,
        "elsewhere": looks.elsewhere,
        "shadowable": round(shadowable / max(1, total), 3),
        "reasons": {r: round(n / max(1, total), 3) for r, n in reasons.most_common(rows)},
        "functions": functions[:rows],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--every", type=float, default=5.0, help="milliseconds of CPU between looks"
    )
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("tree", type=Path, help="a folder of modules, put first on the path")
    parser.add_argument("module", help="the module to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    tree = asked.tree.resolve()
    sys.path.insert(0, str(tree))
    looks = Looks(tree)
    sys.argv = [asked.module, *asked.arguments]
    signal.signal(signal.SIGPROF, looks.look)
    signal.setitimer(signal.ITIMER_PROF, asked.every / 1000, asked.every / 1000)
    try:
        runpy.run_module(asked.module, run_name="__main__", alter_sys=True)
    except SystemExit:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.setprofile(None)
    figures = report(tree, looks, asked.rows)
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{figures['tree']}: {figures['shadowable']:.1%} of {figures['looks']} looks")
    for reason, share in figures["reasons"].items():  # type: ignore[attr-defined]
        print(f"  {share:6.1%}  {reason}")
    for row in figures["functions"]:  # type: ignore[attr-defined]
        print(f"  {row['share']:6.1%}  {row['function']}  {row['why_not']}")


if __name__ == "__main__":
    main()
