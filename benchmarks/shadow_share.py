"""How much of a program's own CPU is in functions that may be shadowed, and why the rest is not.

``python -m benchmarks.shadow_share [--json] [--every MS] [--times N] TREE MODULE ARG…`` runs a module
(``pytest``, say) with TREE first on the path, so many times in one process, and looks at what runs
after every so many milliseconds of CPU. The next calls of a function that was looked at are captured
when they start, as the agent does it. Afterwards each function is asked: may it be shadowed on what was
seen of it, or replayed? Where facts do not tell what its calls leave behind, it may be, and each call is
run dry first (`selfsame.runtime.shadow.surroundings`): these are counted, and told apart. Shares are of
all looks at functions of TREE; what lies in folders named ``tests`` is not counted. A share of few looks
says little: their number is printed.
"""

import argparse
import json
import re
import runpy
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from benchmarks.facts import kind
from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.reading import Reading
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import Definition, definitions, find_module, module_name
from selfsame.compiler.instrument.probes import refused
from selfsame.runtime.agent.capture import Part, dump
from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.agent.naming import Unpicklable
from selfsame.runtime.engine.eligibility import MOST_READ
from selfsame.runtime.mutation.observe import named
from selfsame.runtime.shadow.examples import first_offset

BUDGET = 256 * 1024
MOST_CAPTURED = 20
EVENTS = 3_000
TESTS = re.compile(r"/tests?/")
Key = tuple[str, str, int]
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
    """Looks at what runs, from a timer of CPU time, and captures calls of what was looked at.

    ``part`` says what of instances is captured of a function's calls, where that is not all.
    """

    def __init__(self, tree: Path, part: Callable[[Key], Part | None]) -> None:
        self.prefix = str(tree) + "/"
        self.part = part
        self.seen: dict[Key, Seen] = {}
        self.wanted: dict[CodeType, tuple[Seen, int, Part | None]] = {}
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
            if code not in self.wanted:
                self.wanted[code] = (seen, first_offset(code), self.part(key))
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
            payload = dump({"args": held}, BUDGET, markers, found[2])
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
        self.part = cache(self._part)

    @cached_property
    def _reading(self) -> Reading | None:
        """All modules of the tree but tests, as the engine reads those that are loaded."""
        inside = [p for p in sorted(self.tree.rglob("*.py")) if not self._is_test(p)]
        sources = [self.source(module_name(path, [self.tree])) for path in inside]
        found = [source for source in sources if source is not None]
        try:
            return Reading(found) if sum(len(s.text) for s in found) <= MOST_READ else None
        except UserError:  # one does not parse
            return None

    def _is_test(self, path: Path) -> bool:
        return TESTS.search(f"/{path.relative_to(self.tree)}") is not None

    def _part(self, key: Key) -> Part | None:
        """What of instances is captured of a function's calls; None where all is."""
        _, definition = self._definition(key)
        if definition is None or self._reading is None:
            return None
        touched = self._reading.touched(definition.node)
        return None if touched is None else Part(touched, frozenset(self._reading.plain_classes))

    def _definition(self, key: Key) -> tuple[Source | None, Definition | None]:
        file, qualname, line = key
        source = self.source(module_name(file, [self.tree]))
        found = [
            d
            for d in (definitions(source) if source is not None else ())
            if (d.qualname, d.line) == (qualname, line) and d.kind != "class"
        ]
        return source, found[0] if len(found) == 1 else None

    def why_not(self, key: Key, seen: Seen) -> tuple[str, bool]:
        """Why the function may not be shadowed or replayed, empty where it may; and whether its calls are run dry."""
        source, definition = self._definition(key)
        if source is None or definition is None:
            once = key[1] == "<module>"
            return "it runs once" if once else "it is not found in its source", False
        return self._judged(source, definition, seen)

    def _judged(self, source: Source, definition: Definition, seen: Seen) -> tuple[str, bool]:
        if refused(definition.kind, "capture"):
            return f"it is a {definition.kind}", False
        facts = self.facts(source.module)
        never = facts.never_shadowable(definition.address)
        if never:
            return f"whatever comes in: {never}", False
        if not seen.captured:
            why = seen.refused.most_common(1)
            return f"it was not captured: {why[0][0] if why else 'it was not called again'}", False
        effects = facts.effects(definition.address, facts.seen(sorted(seen.names)))
        if effects.replayable or effects.dry:
            return "", not effects.replayable
        return f"on what came in: {effects.told}", False


def report(judge: Judge, looks: Looks, rows: int) -> dict[str, object]:
    """Shares from 0 to 1, and the functions and reasons that cost most."""
    tree = judge.tree
    total = sum(seen.looks for seen in looks.seen.values())
    shadowable = run_dry = 0
    reasons: Counter[str] = Counter()
    functions: list[dict[str, object]] = []
    for key, seen in sorted(looks.seen.items(), key=lambda item: -item[1].looks):
        why, dry = judge.why_not(key, seen)
        run_dry += seen.looks * dry
        if why:
            reasons[kind(why)] += seen.looks
        else:
            shadowable += seen.looks
        name = f"{module_name(key[0], [tree])}:{key[1]}"
        share = round(seen.looks / max(1, total), 3)
        functions.append({"function": name, "share": share, "why_not": why, "dry": dry})
    return {
        "tree": tree.name,
        "looks": total,
        "elsewhere": looks.elsewhere,
        "shadowable": round(shadowable / max(1, total), 3),
        "only_dry": round(run_dry / max(1, total), 3),
        "reasons": {r: round(n / max(1, total), 3) for r, n in reasons.most_common(rows)},
        "functions": functions[:rows],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--every", type=float, default=5.0, help="milliseconds of CPU between looks"
    )
    parser.add_argument("--times", type=int, default=1, help="how often the module is run")
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("tree", type=Path, help="a folder of modules, put first on the path")
    parser.add_argument("module", help="the module to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    tree = asked.tree.resolve()
    sys.path.insert(0, str(tree))
    judge = Judge(tree)
    looks = Looks(tree, judge.part)
    signal.signal(signal.SIGPROF, looks.look)
    signal.setitimer(signal.ITIMER_PROF, asked.every / 1000, asked.every / 1000)
    try:
        for _ in range(asked.times):
            sys.argv = [asked.module, *asked.arguments]
            try:
                runpy.run_module(asked.module, run_name="__main__", alter_sys=True)
            except SystemExit:
                continue
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.setprofile(None)
    figures = report(judge, looks, asked.rows)
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"{figures['tree']}: {figures['shadowable']:.1%} of {figures['looks']} looks,"
        f" {figures['only_dry']:.1%} only when run dry"
    )
    for reason, share in figures["reasons"].items():  # type: ignore[attr-defined]
        print(f"  {share:6.1%}  {reason}")
    for row in figures["functions"]:  # type: ignore[attr-defined]
        print(
            f"  {row['share']:6.1%}  {row['function']}  {'run dry' if row['dry'] else row['why_not']}"
        )


if __name__ == "__main__":
    main()
