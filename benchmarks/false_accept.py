"""How many wrong variations get through a trial? ``python -m benchmarks.false_accept --json``

Functions of the standard library and of pure libraries are mutated (`benchmarks.mutants`), and each
mutant is tried against its original as `selfsame trial` does without a workload. What a trial calls
different is wrong, shown by an input. What it calls the same goes to a judge with inputs of its own
(`benchmarks.judge`): what that tells apart got through, and is listed with the reason; what it does
not is taken for equivalent and does not count. The original against itself must never differ.

Needs: networkx toolz more-itertools boltons sortedcontainers sqlparse hypothesis (what is missing is
left out). About a second of CPU a mutant.
"""

import argparse
import collections
import json
import marshal
import os
import pickle
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.mutants import Mutant, mutants
from benchmarks.subjects import MODULES, Subject, subjects
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.shadow.loading import Key
from selfsame.runtime.shadow.pair import AMPLIFIED, FEWEST, INVENTED
from selfsame.runtime.shadow.request import Trial, TrialRequest
from selfsame.runtime.shadow.trial import run_trial

CLASSIC, OPTIMISER = 25, 6
BUDGET_S = 12.0
JUDGE_S = 15.0


@dataclass
class Tally:
    """What was found so far."""

    functions: dict[str, str] = field(default_factory=dict)
    mutants: collections.Counter[str] = field(default_factory=collections.Counter)
    killed: collections.Counter[str] = field(default_factory=collections.Counter)
    inconclusive: collections.Counter[str] = field(default_factory=collections.Counter)
    equivalent: list[dict[str, Any]] = field(default_factory=list)
    survivors: list[dict[str, Any]] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        wrong = sum(self.killed.values()) + len(self.survivors)
        optimiser = [s for s in self.survivors if s["family"] == "optimiser"]
        usable = [a for a, why in self.functions.items() if why == "same"]
        reasons = collections.Counter(w for w in self.functions.values() if w != "same")
        return {
            "functions": len(usable),
            "functions_tried": len(self.functions),
            "not_conclusive": dict(reasons.most_common()),
            "mutants": sum(self.mutants.values()),
            "wrong": wrong,
            "rejected": sum(self.killed.values()),
            "rejected_share": sum(self.killed.values()) / wrong if wrong else None,
            "rejected_optimiser": self.killed["optimiser"],
            "survivors_optimiser": len(optimiser),
            "inconclusive": dict(self.inconclusive),
            "thought_equivalent": len(self.equivalent),
            "survivors": self.survivors,
            "equivalent": self.equivalent,
            "original_called_different": self.false_alarms,
            "seconds": round(self.seconds),
        }


def request_for(subject: Subject) -> TrialRequest:
    """A trial of the original against itself; mutants take its place."""
    definition, source = subject.definition, subject.source
    return TrialRequest(
        module=source.module,
        path=source.path,
        key=Key(source.module, definition.qualname, definition.line),
        address=definition.address,
        content_hash=definition.address,
        captured=[],
        code=marshal.dumps(with_function(source, definition, definition.node)),
        sys_path=[p for p in sys.path if p],
        cwd=os.getcwd(),
        min_calls=FEWEST,
        invented=INVENTED,
        amplified=AMPLIFIED,
        near=False,
        lazily=True,
        typed=True,
        reached=True,
        timed=False,
        budget_s=BUDGET_S,
    )


def chosen(subject: Subject, seed: int) -> Iterator[Mutant]:
    """A sample of a function's mutants: more of the classic ones than of the others."""
    found = mutants(subject.definition.node)  # type: ignore[arg-type]
    random.Random(f"{seed}:{subject.address}").shuffle(found)
    for family, most in (("classic", CLASSIC), ("optimiser", OPTIMISER)):
        yield from [m for m in found if m.family == family][:most]


def try_function(
    subject: Subject, tally: Tally, seed: int, end: float, lock: threading.Lock
) -> None:
    """The original against itself, and then every chosen mutant."""
    try:
        request = request_for(subject)
    except SelfsameError as error:
        tally.functions[subject.address] = str(error)
        return
    itself = run_trial(request)
    with lock:
        tally.functions[subject.address] = itself.same if itself.same == "same" else _brief(itself)
        if itself.same == "different":
            tally.false_alarms.append(
                f"{subject.address}: {itself.reason}: {itself.counterexample}"
            )
    if itself.same != "same":
        return
    for mutant in chosen(subject, seed):
        if time.monotonic() > end:
            return
        try:
            code = with_function(subject.source, subject.definition, mutant.node)
        except SelfsameError:
            continue
        tried = replace(request, code=marshal.dumps(code))
        trial = run_trial(tried)
        _count(subject, mutant, tried, trial, tally, lock)


def _count(
    subject: Subject,
    mutant: Mutant,
    request: TrialRequest,
    trial: Trial,
    tally: Tally,
    lock: threading.Lock,
) -> None:
    entry: dict[str, Any] = {
        "function": subject.address,
        "kind": mutant.kind,
        "family": mutant.family,
        "line": mutant.line,
        "change": _change(subject, mutant),
    }
    verdict = second_opinion(subject, request) if trial.same == "same" else {}
    with lock:
        tally.mutants[mutant.family] += 1
        if trial.same == "different":
            tally.killed[mutant.family] += 1
        elif trial.same == "inconclusive":
            tally.inconclusive[_brief(trial)] += 1
        elif verdict["differs"]:
            tally.survivors.append({**entry, "judge": verdict, "evidence": trial.evidence})
        else:
            tally.equivalent.append({**entry, "judge": verdict})


def _change(subject: Subject, mutant: Mutant) -> str:
    import ast
    import difflib

    before = ast.unparse(subject.definition.node).splitlines()
    after = ast.unparse(mutant.node).splitlines()
    lines = difflib.unified_diff(before, after, lineterm="", n=0)
    return " | ".join(x.strip() for x in lines if x[:1] in "+-" and x[:3] not in ("+++", "---"))[
        :300
    ]


def second_opinion(subject: Subject, request: TrialRequest) -> dict[str, Any]:
    """What the judge says of a mutant that a trial called the same."""
    asked = {
        "module": request.module,
        "path": list(request.sys_path),
        "qualname": request.key.qualname,
        "line": request.key.line,
        "code": request.code,
        "payloads": request.corpus.payloads[:300],
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.judge", str(JUDGE_S)],
            input=pickle.dumps(asked),
            capture_output=True,
            timeout=6 * JUDGE_S,
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        found = {"differs": False, "tried": 0, "error": "the judge did not answer"}
    return found


def _brief(trial: Trial) -> str:
    import re

    return re.sub(r"\d+", "N", trial.reason)[:90]


def run(functions: int, seconds: float, seed: int, workers: int, modules: list[str]) -> Tally:
    """Until so many usable functions were mutated, or the time is up."""
    tally = Tally()
    begun = time.monotonic()
    end = begun + seconds
    lock = threading.Lock()
    waiting = subjects(seed, modules)

    def work() -> None:
        while time.monotonic() < end:
            with lock:
                usable = sum(why == "same" for why in tally.functions.values())
                subject = next(waiting, None) if usable < functions else None
                if subject is not None:
                    tally.functions[subject.address] = "being tried"
            if subject is None:
                return
            try_function(subject, tally, seed, end, lock)
            print(f"{subject.address}: {tally.functions[subject.address]}", file=sys.stderr)

    with ThreadPoolExecutor(workers) as pool:
        for job in [pool.submit(work) for _ in range(workers)]:
            job.result()
    tally.seconds = time.monotonic() - begun
    return tally


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print facts, not words")
    parser.add_argument("--functions", type=int, default=200, help="usable functions to mutate")
    parser.add_argument("--seconds", type=float, default=7200.0, help="when to stop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="trials at the same time")
    parser.add_argument("--modules", nargs="*", default=MODULES, help="where functions come from")
    asked = parser.parse_args()
    facts = run(asked.functions, asked.seconds, asked.seed, asked.workers, asked.modules).facts()
    if asked.json:
        print(json.dumps(facts, indent=1))
        return
    for name in (
        "functions",
        "functions_tried",
        "mutants",
        "wrong",
        "rejected",
        "rejected_share",
        "survivors_optimiser",
        "thought_equivalent",
        "inconclusive",
    ):
        print(f"{name:22} {facts[name]}")
    for survivor in facts["survivors"]:
        print(
            f"  {survivor['function']} line {survivor['line']}: {survivor['kind']}: {survivor['change']}"
        )


if __name__ == "__main__":
    main()
