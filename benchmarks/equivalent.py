"""Are equivalent rewrites called the same? ``python -m benchmarks.equivalent --json``

Three kinds, none with captured calls or a workload: pairs written by hand (`benchmarks.pairs`), single
rewrites of real functions that hold for every input (`benchmarks.rewrites`), and what the project's
own templates make of real functions. None may be called different; how many are called the same and
not left open is the figure, in all and for functions that a trial can say anything about at all (the
original is the same as itself).

``--out FILE`` keeps every answer as a line of that file at once; a broken-off run goes on there.
"""

import argparse
import collections
import inspect
import json
import marshal
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import pairs
from benchmarks.false_accept import told, trial_of
from benchmarks.rewrites import rewrites
from benchmarks.rows import Row, Rows
from benchmarks.subjects import MODULES, Subject, subjects
from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.emit.functions import with_function
from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.request import TrialRequest
from selfsame.runtime.shadow.trial import run_trial
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Site

BUDGET_S = 20.0
EACH = 3
"""Rewrites of one real function, of different kinds."""


@dataclass(frozen=True, slots=True)
class Task:
    """One rewrite to try; ``source`` is "hand", "shape" or "template"."""

    name: str
    source: str
    kind: str
    request: TrialRequest


def by_hand() -> Iterator[Task]:
    """The pairs of `benchmarks.pairs`."""
    path = [p or os.getcwd() for p in sys.path]
    found = [(m, n) for m in pairs.MODULES for n in vars(m) if f"{n}_2" in vars(m)]
    for module, name in found:
        file = inspect.getfile(module)
        first, second = named(f"{file}:{name}", path), named(f"{file}:{name}_2", path)
        roots = [first.root] if first.root else []
        request = replace(
            request_for(first, [*roots, *path], BUDGET_S), other=second.target, timed=False
        )
        yield Task(name, "hand", "by hand", request)


def of_function(subject: Subject, request: TrialRequest, seed: int) -> Iterator[Task]:
    """Rewrites of one function: a few kinds of shapes, and every template that has one."""
    definition, source = subject.definition, subject.source
    found = rewrites(definition.node)  # type: ignore[arg-type]
    random.Random(f"{seed}:{subject.address}").shuffle(found)
    for one in list({r.kind: r for r in found}.values())[:EACH]:
        try:
            code = marshal.dumps(with_function(source, definition, one.node))
        except SelfsameError:
            continue
        yield Task(f"{subject.address}#{one.kind}", "shape", one.kind, replace(request, code=code))
    try:
        variations, _ = variations_for(
            Site(source, definition, ModuleFacts.of(source, lambda wanted: None))
        )
    except SelfsameError:
        return
    for made in variations:
        changed = replace(request, code=made.code, constants=made.constants)
        yield Task(f"{subject.address}#{made.template}", "template", made.template, changed)


class Answers:
    """The answers, by the name of the task."""

    def __init__(self, path: Path | None) -> None:
        self._rows = Rows(path)
        self.known = {row["name"]: row for row in self._rows.rows}

    def try_it(self, task: Task) -> Row:
        """The answer for one, from before or from a trial."""
        known = self.known.get(task.name)
        if known is not None:
            return known
        trial = run_trial(task.request)
        record = {
            "name": task.name,
            "source": task.source,
            "kind": task.kind,
            "verdict": trial.same,
            **told(trial),
        }
        self.known[task.name] = record
        self._rows.add(record)
        return record

    def facts(self) -> dict[str, Any]:
        """Shares by source, and what was not called the same."""
        tried = [r for r in self.known.values() if r["source"] != "itself"]
        itself = [r for r in self.known.values() if r["source"] == "itself"]
        found: dict[str, Any] = {
            "functions_tried": len(itself),
            "functions_usable": sum(r["verdict"] == "same" for r in itself),
            "rewrites": len(tried),
            "different": [r for r in tried if r["verdict"] == "different"],
        }
        for source in ("hand", "shape", "template"):
            rows = [r for r in tried if r["source"] == source]
            found[source] = dict(collections.Counter(r["verdict"] for r in rows))
        found["same_share"] = (
            sum(r["verdict"] == "same" for r in tried) / len(tried) if tried else None
        )
        open_ones = [r for r in tried if r["verdict"] == "inconclusive"]
        found["open"] = dict(collections.Counter(r["reason"] for r in open_ones).most_common())
        found["left_open"] = open_ones
        return found


def run(answers: Answers, wanted: int, seconds: float, seed: int, workers: int) -> None:
    """All pairs by hand, and then functions until there are ``wanted`` rewrites."""
    end = time.monotonic() + seconds
    hand, real = by_hand(), subjects(seed, MODULES)
    lock = threading.Lock()

    def work() -> None:
        while time.monotonic() < end:
            with lock:
                task = next(hand, None)
            if task is None:
                break
            answers.try_it(task)
        while time.monotonic() < end:
            with lock:
                tried = sum(r["source"] != "itself" for r in list(answers.known.values()))
                subject = next(real, None) if tried < wanted else None
            if subject is None:
                return
            try:
                request = replace(trial_of(subject), budget_s=BUDGET_S)
            except SelfsameError:
                continue
            itself = Task(subject.address, "itself", "itself", request)
            if answers.try_it(itself)["verdict"] == "same":
                for task in of_function(subject, request, seed):
                    answers.try_it(task)

    with ThreadPoolExecutor(workers) as pool:
        for job in [pool.submit(work) for _ in range(workers)]:
            job.result()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="print facts, not words")
    parser.add_argument(
        "--rewrites", type=int, default=400, help="how many, those by hand included"
    )
    parser.add_argument("--seconds", type=float, default=7200.0, help="when to stop")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2, help="trials at the same time")
    parser.add_argument("--out", type=Path, help="a file of answers to write, and to go on from")
    asked = parser.parse_args()
    answers = Answers(asked.out)
    run(answers, asked.rewrites, asked.seconds, asked.seed, asked.workers)
    facts = answers.facts()
    if asked.json:
        print(json.dumps(facts, indent=1))
        return
    for name, value in facts.items():
        if name not in ("left_open", "different"):
            print(f"{name:18} {value}")
    for row in facts["different"]:
        print(f"  called different: {row['name']}: {row['reason']} {row['counterexample']}")


if __name__ == "__main__":
    main()
