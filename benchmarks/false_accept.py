"""How many wrong variations get through a trial? ``python -m benchmarks.false_accept --json``

Functions of the standard library and of pure libraries are mutated (`benchmarks.mutants`), and each
mutant is tried against its original as `selfsame trial` does without a workload. What a trial calls
different is wrong, shown by an input. What it calls the same goes to a judge with inputs of its own
(`benchmarks.judge`) and to the tests of the mutated module (`benchmarks.own_tests`): what these tell
apart got through, and is listed with the reason; what they do not is taken for equivalent and does
not count. What a trial leaves open is neither, and is counted by reason. The original against itself
must never differ.

Needs: networkx toolz more-itertools boltons sortedcontainers sqlparse hypothesis (what is missing is
left out). About a second of CPU a mutant, with some 5,000 of them in 300 functions. With ``--out FILE``
every answer is a line of that file as soon as it is known, and a run that was broken off goes on where
it ended.
"""

import argparse
import ast
import collections
import contextlib
import copy
import difflib
import json
import marshal
import os
import pickle
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import judge, own_tests
from benchmarks.mutants import Mutant, mutants
from benchmarks.rows import Row, Rows
from benchmarks.subjects import MODULES, Subject, subjects
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.shadow.bench import Bench, NodeRefused
from selfsame.runtime.shadow.loading import Key, Target
from selfsame.runtime.shadow.pair import Place, request_for
from selfsame.runtime.shadow.process import WorkerFailed, WorkerLost
from selfsame.runtime.shadow.request import Trial, TrialRequest
from selfsame.runtime.shadow.trial import REACHING, run_trial

CLASSIC, OPTIMISER = 60, 12
BUDGET_S = 12.0
"""For a trial, as of `selfsame trial`; most take a small part of it."""
SCOUT_S = 2.0
"""As a trial has for the places of one variation."""
FUNCTION_S = 30.0
"""For the mutants of one function, in a random order: a slow one does not take the time of many."""
JUDGE_S = 5.0
"""To make inputs for a function, and to try a mutant on these."""


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
            "left_out": sum(record.get("left_out", 0) for record in self.functions.values()),
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
            "not_judged": sum("error" in r["judge"] for r in by_verdict["same"]),
            "original_called_different": [r for r in functions if r["same"] == "different"],
            "survivors": survivors,
            "equivalent": by_verdict["same"],
            "budget_s": BUDGET_S,
            "seconds": round(sum(r["seconds"] for r in self.mutants.values())),
            "seconds_a_mutant": _mean([r["wall"] for r in self.mutants.values()]),
        }


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


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
    if known is not None and (known["same"] != "same" or "left_out" in known):
        return
    try:
        request = trial_of(subject)
    except SelfsameError as error:
        records.add({"function": subject.address, "same": "inconclusive", "reason": str(error)})
        return
    waiting = [
        (number, mutant, code)
        for number, mutant in enumerate(chosen(subject, seed))
        if (subject.address, number) not in records.mutants
        if (code := _code(subject, mutant)) is not None
    ]
    if known is not None and not waiting:
        return
    itself = run_trial(request)  # which makes the inputs of the mutants' trials, too
    own: Row = {"function": subject.address, "same": itself.same, **told(itself)}
    if known is None:
        records.add(own)
    if itself.same != "same":
        return
    scout(subject, request)
    slow = time.monotonic() + FUNCTION_S
    with Opinions(request) as opinions:
        for turn, (number, mutant, code) in enumerate(waiting):
            if time.monotonic() > end:
                return
            if time.monotonic() > slow:
                records.add(own | {"left_out": len(waiting) - turn})
                return
            begun = time.monotonic()
            trial = run_trial(replace(request, code=code))
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
                record["judge"] = opinions.on(code)
                if record["judge"]["differs"]:
                    record["verdict"] = "survivor"
            records.add(record | {"wall": round(time.monotonic() - begun, 2)})


def _code(subject: Subject, mutant: Mutant) -> bytes | None:
    try:
        return marshal.dumps(with_function(subject.source, subject.definition, mutant.node))
    except SelfsameError:
        return None


def scout(subject: Subject, request: TrialRequest) -> None:
    """Find where inputs come in the original, once for all of its mutants, as a trial does for one.

    A mutant of another place is never called the same, so its trial only looks at the calls at hand.
    """
    empty = copy.copy(subject.definition.node)
    assert isinstance(empty, ast.FunctionDef)
    empty.body = [ast.copy_location(ast.Pass(), empty.body[0])]
    corpus = request.corpus
    try:
        code = marshal.dumps(with_function(subject.source, subject.definition, empty))
        with Bench(replace(request, code=code), corpus.payloads, None, names=["original"]) as bench:
            corpus.learn(bench.reach("original", SCOUT_S, REACHING, corpus))
    except (SelfsameError, NodeRefused, WorkerFailed, WorkerLost):
        return  # each mutant's trial looks for itself


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


class Opinions:
    """A second opinion on the mutants of one function, by a process that is started for the first of them.

    Use it as a context manager.
    """

    def __init__(self, request: TrialRequest) -> None:
        self._asked = {
            "module": request.module,
            "path": list(request.sys_path),
            "qualname": request.key.qualname,
            "line": request.key.line,
        }
        self._corpus = request.corpus
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Opinions":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def on(self, code: bytes) -> dict[str, Any]:
        """What the judge says of a mutant that a trial called the same, and the module's own tests."""
        found = self._judged(code)
        return (
            found if found["differs"] else found | own_tests.opinion(self._asked | {"code": code})
        )

    def _judged(self, code: bytes) -> dict[str, Any]:
        first = self._process is None
        process = self._process = self._process or self._start()
        asked = pickle.dumps(self._asked | {"payloads": self._corpus.payloads[:300]})
        assert process.stdin is not None and process.stdout is not None
        late = threading.Timer(6 * JUDGE_S, process.kill)
        late.start()
        try:
            process.stdin.write(asked * first + pickle.dumps(code))
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith(judge.MARK.encode()):
                    found: dict[str, Any] = json.loads(line[len(judge.MARK) :])
                    return found
        except OSError:  # it ended before it had read what it was asked
            pass
        finally:
            late.cancel()
        self._end()
        return {"differs": False, "tried": 0, "error": "the judge did not answer"}

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.judge", str(JUDGE_S)]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, process_group=0)

    def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):  # what it forked is of its group
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None


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
    parser.add_argument("--functions", type=int, default=300, help="usable functions to mutate")
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
