"""How many wrong variations get through a trial? ``python -m benchmarks.false_accept --json``

Functions of the standard library and of pure libraries are mutated (`benchmarks.mutants`), and each
mutant is tried against its original as `selfsame trial` does without a workload. What a trial calls
different is wrong, shown by an input. What it calls the same goes to a judge with inputs of its own
(`benchmarks.judge`) and to the tests of the mutated module (`benchmarks.own_tests`): what these tell
apart got through, and is listed with the reason; what they do not is taken for equivalent and does
not count. What a trial leaves open is neither, and is counted by reason. The original against itself
must never differ.

Needs: networkx toolz more-itertools boltons sortedcontainers sqlparse hypothesis (what is missing is
left out). A few seconds of CPU a mutant. With ``--out FILE`` every answer is a line of that file as
soon as it is known, and a run that was broken off goes on where it ended.
"""

import argparse
import ast
import collections
import difflib
import json
import marshal
import os
import pickle
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import own_tests
from benchmarks.mutants import Mutant, mutants
from benchmarks.rows import Row, Rows
from benchmarks.subjects import MODULES, Subject, subjects
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.shadow.loading import Key, Target
from selfsame.runtime.shadow.pair import Place, request_for
from selfsame.runtime.shadow.request import Trial, TrialRequest
from selfsame.runtime.shadow.trial import run_trial

CLASSIC, OPTIMISER = 25, 6
BUDGET_S = 12.0
JUDGE_S = 5.0


class Records:
    """Answers about functions and mutants."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._rows = Rows(path)
        self.functions: dict[str, Row] = {}
        self.mutants: dict[tuple[str, int], Row] = {}
        for record in self._rows.rows:
            self._put(record)

    def add(self, record: Row) -> None:
        """Keep one, at once."""
        with self._lock:
            self._put(record)
        self._rows.add(record)

    def _put(self, record: Row) -> None:
        if "number" in record:
            self.mutants[record["function"], record["number"]] = record
        else:
            self.functions[record["function"]] = record

    def usable(self) -> int:
        """Functions whose original is the same as itself."""
        with self._lock:
            return sum(record["same"] == "same" for record in self.functions.values())

    def facts(self) -> dict[str, Any]:
        """What all of it says."""
        functions = [r for r in self.functions.values() if r["same"] != "same"]
        by_verdict: dict[str, list[Row]] = collections.defaultdict(list)
        for record in self.mutants.values():
            by_verdict[record["verdict"]].append(record)
        killed, survivors = by_verdict["different"], by_verdict["survivor"]
        wrong = len(killed) + len(survivors)
        return {
            "functions": self.usable(),
            "functions_tried": len(self.functions),
            "not_conclusive": _counted(functions),
            "mutants": len(self.mutants),
            "wrong": wrong,
            "rejected": len(killed),
            "rejected_share": len(killed) / wrong if wrong else None,
            "rejected_optimiser": sum(r["family"] == "optimiser" for r in killed),
            "survivors_optimiser": sum(r["family"] == "optimiser" for r in survivors),
            "inconclusive": _counted(by_verdict["inconclusive"]),
            "thought_equivalent": len(by_verdict["same"]),
            "thought_equivalent_optimiser": sum(
                r["family"] == "optimiser" for r in by_verdict["same"]
            ),
            "original_called_different": [r for r in functions if r["same"] == "different"],
            "survivors": survivors,
            "equivalent": by_verdict["same"],
            "seconds": round(sum(r["seconds"] for r in self.mutants.values())),
        }


def _counted(records: list[Row]) -> dict[str, int]:
    return dict(collections.Counter(r["reason"] for r in records).most_common())


def trial_of(subject: Subject) -> TrialRequest:
    """A trial of the original against itself; mutants take its place. Raises SelfsameError."""
    definition, source = subject.definition, subject.source
    key = Key(source.module, definition.qualname, definition.line)
    target = Target(source.module, source.path, False, key=key, address=definition.address)
    request = request_for(Place(target, definition), [p or os.getcwd() for p in sys.path], BUDGET_S)
    code = marshal.dumps(with_function(source, definition, definition.node))
    return replace(request, code=code, timed=False)


def chosen(subject: Subject, seed: int) -> Iterator[Mutant]:
    """A sample of a function's mutants: more of the classic ones than of the others."""
    found = mutants(subject.definition.node)  # type: ignore[arg-type]
    random.Random(f"{seed}:{subject.address}").shuffle(found)
    for family, most in (("optimiser", OPTIMISER), ("classic", CLASSIC)):
        yield from [m for m in found if m.family == family][:most]


def try_function(subject: Subject, records: Records, seed: int, end: float) -> None:
    """The original against itself, and then every chosen mutant."""
    known = records.functions.get(subject.address)
    if known is not None and known["same"] != "same":
        return
    try:
        request = trial_of(subject)
    except SelfsameError as error:
        records.add({"function": subject.address, "same": "inconclusive", "reason": str(error)})
        return
    if known is None:
        itself = run_trial(request)
        records.add({"function": subject.address, "same": itself.same, **told(itself)})
        if itself.same != "same":
            return
    for number, mutant in enumerate(chosen(subject, seed)):
        if (subject.address, number) in records.mutants:
            continue
        if time.monotonic() > end:
            return
        try:
            code = with_function(subject.source, subject.definition, mutant.node)
        except SelfsameError:
            continue
        tried = replace(request, code=marshal.dumps(code))
        records.add(_record(subject, number, mutant, tried, run_trial(tried)))


def _record(
    subject: Subject, number: int, mutant: Mutant, request: TrialRequest, trial: Trial
) -> Row:
    record: Row = {
        "function": subject.address,
        "number": number,
        "kind": mutant.kind,
        "family": mutant.family,
        "line": mutant.line,
        "change": _change(subject, mutant),
        "verdict": trial.same,
        **told(trial),
    }
    if trial.same == "same":
        record["judge"] = second_opinion(request)
        if record["judge"]["differs"]:
            record["verdict"] = "survivor"
    return record


def told(trial: Trial) -> Row:
    """What a record says of a trial."""
    return {
        "reason": re.sub(r"\d+", "N", trial.reason)[:90],
        "invented": trial.invented,
        "amplified": trial.amplified,
        "steps": trial.steps,
        "counterexample": trial.counterexample[:300],
        "seconds": round(trial.seconds, 2),
    }


def _change(subject: Subject, mutant: Mutant) -> str:
    before = ast.unparse(subject.definition.node).splitlines()
    after = ast.unparse(mutant.node).splitlines()
    lines = difflib.unified_diff(before, after, lineterm="", n=0)
    changed = [x.strip() for x in lines if x[:1] in "+-" and x[:3] not in ("+++", "---")]
    return " | ".join(changed)[:300]


def second_opinion(request: TrialRequest) -> dict[str, Any]:
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
    return found if found["differs"] else found | own_tests.opinion(asked)


def run(
    records: Records, functions: int, seconds: float, seed: int, workers: int, modules: list[str]
) -> None:
    """Until so many usable functions were mutated, or the time is up."""
    end = time.monotonic() + seconds
    lock = threading.Lock()
    waiting = subjects(seed, modules)
    taken: set[str] = set()

    def work() -> None:
        while time.monotonic() < end:
            with lock:
                open_ones = [a for a in taken if a not in records.functions]
                enough = records.usable() + len(open_ones) >= functions
                subject = next(waiting, None)
                if subject is None:
                    return
                if enough and subject.address not in records.functions:
                    continue
                taken.add(subject.address)
            try_function(subject, records, seed, end)
            print(subject.address, records.functions[subject.address]["same"], file=sys.stderr)

    with ThreadPoolExecutor(workers) as pool:
        for job in [pool.submit(work) for _ in range(workers)]:
            job.result()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print facts, not words")
    parser.add_argument("--functions", type=int, default=200, help="usable functions to mutate")
    parser.add_argument("--seconds", type=float, default=7200.0, help="when to stop")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="trials at the same time")
    parser.add_argument("--modules", nargs="*", default=MODULES, help="where functions come from")
    parser.add_argument("--out", type=Path, help="a file of answers to write, and to go on from")
    asked = parser.parse_args()
    records = Records(asked.out)
    run(records, asked.functions, asked.seconds, asked.seed, asked.workers, asked.modules)
    facts = records.facts()
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
    for found in facts["survivors"]:
        print(f"  {found['function']} line {found['line']}: {found['kind']}: {found['change']}")


if __name__ == "__main__":
    main()
