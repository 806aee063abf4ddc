"""Generator functions in trials: what they give, and what happens before which item."""

from typing import Any

import pytest

GENERATORS = """
from itertools import chain, islice


def running(xs, log):
    total = 0
    for x in xs:
        if x < 0:
            raise ValueError(x)
        total += x
        log.append(total)
        yield total


def tidy(xs, log):
    try:
        for x in xs:
            try:
                got = yield x
            except ArithmeticError:
                got = -1
            if got is not None:
                log.append(got)
        return len(log)
    finally:
        log.clear()


def endless(n):
    while True:
        yield max(n, n, n, n, n, n)
        n += 1


def batches(xs, size):
    batch = []
    for x in xs:
        batch.append(x)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def chunks(xs, size):
    it = iter(xs)
    for first in it:
        yield chain([first], islice(it, size - 1))
"""
RUNNING = """
def running(xs, log):
    total = 0
    for x in xs:
        if 0 > x:
            raise ValueError(x)
        total = x + total
        log += [total]
        yield total
"""
TIDY = """
def tidy(xs, log):
    try:
        for x in xs:
            got = None
            try:
                got = yield x
            except ArithmeticError:
                got = -1
            if got is not None:
                log += [got]
        return len(log)
    finally:
        del log[:]
"""


@pytest.fixture(scope="module")
def generators(tmp_path_factory: pytest.TempPathFactory, bench: Any) -> Any:
    return type(bench)(tmp_path_factory.mktemp("steps"), GENERATORS, "steps")


def calls(make: Any) -> list[bytes]:
    rows = [[(7 * n + i) % 90 for i in range(n % 9)] for n in range(40)]
    broken = [[*row, -1, 4] for row in rows[:20]]
    return [make(row, [len(row)]) for row in rows + broken]


@pytest.mark.parametrize(("name", "variation"), [("running", RUNNING), ("tidy", TIDY)])
def test_generators_that_do_the_same_at_each_step(
    generators: Any, make: Any, name: str, variation: str
) -> None:
    trial = generators.trial(name, variation, calls(make), timed=False, near=False)
    assert trial.same == "same", trial


WRONG = {
    "eager": (
        "running",
        RUNNING.replace("for x in xs", "for x in list(xs)"),
        "after a change of its arguments",
    ),
    "all work first": (
        "running",
        RUNNING.replace("yield total", "given += [total]").replace("total = 0", "given = []; total = 0")
        + "    yield from given\n",
        "",
    ),
    "work after the item": (
        "running",
        RUNNING.replace("        log += [total]\n        yield total", "        yield total\n        log += [total]"),
        "state between its steps",
    ),
    "another item": ("running", RUNNING.replace("yield total", "yield total + (total == 40)"), "result differs"),
    "a list": ("running", "def running(xs, log):\n    return [x for x in xs]\n", ""),
    "no finally": ("tidy", TIDY.replace("finally", "except ZeroDivisionError"), "argument"),
    "not when closed": (
        "tidy",
        TIDY.replace("finally", "except Exception"),
        "",
    ),
    "not what is thrown in": ("tidy", TIDY.replace("ArithmeticError", "Exception"), "thrown in"),
    "not what is sent": ("tidy", TIDY.replace("log += [got]", "log += [1] if got == -1 else []"), "sent"),
    "what it returns": ("tidy", TIDY.replace("return len(log)", "return None"), "result differs"),
}  # fmt: skip


SHOWN = ("eager", "work after the item", "not when closed", "not what is sent")
FAULTS = [f if f in SHOWN else pytest.param(f, marks=pytest.mark.slow) for f in WRONG]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_difference_at_any_step_is_one(generators: Any, make: Any, fault: str) -> None:
    name, variation, expected = WRONG[fault]
    trial = generators.trial(name, variation, calls(make), timed=False, near=False)
    assert trial.same == "different", trial
    assert expected in trial.reason
    assert "iterator of " in trial.counterexample or "list of " in trial.counterexample


def test_one_list_again_and_again_is_not_a_fresh_one_each_time(generators: Any, make: Any) -> None:
    again = """
def batches(xs, size):
    batch = []
    for x in xs:
        batch.append(x)
        if len(batch) == size:
            yield batch
            batch.clear()
    if batch:
        yield batch
"""
    rows = [make(list(range(n)), 1 + n % 4) for n in range(60)]
    assert generators.trial("batches", again, rows, timed=False, near=False).same == "different"


def test_iterators_that_are_yielded_are_read_when_the_caller_does(
    generators: Any, make: Any
) -> None:
    # Read one after the other they give the same, all together they do not.
    eager = """
def chunks(xs, size):
    it = iter(xs)
    for first in it:
        yield iter([first, *islice(it, size - 1)])
"""
    rows = [make(list(range(n)), 1 + n % 4) for n in range(60)]
    trial = generators.trial("chunks", eager, rows, timed=False, near=False)
    assert trial.same == "inconclusive", trial
    assert "an iterator that it yields" in trial.reason


def test_a_generator_without_end_is_compared_and_timed_as_far_as_it_is_read(
    generators: Any, make: Any
) -> None:
    faster = "def endless(n):\n    while True:\n        yield n\n        n += 1\n"
    rows = [make(n) for n in range(60)]
    trial = generators.trial("endless", faster, rows, budget_s=60.0, near=False)
    assert trial.same == "same", trial
    assert trial.faster == "faster", trial
