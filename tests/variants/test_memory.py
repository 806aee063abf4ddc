"""Memory templates: the same values, effects and exceptions, in the same order, and less at once."""

import importlib.util
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.runtime.agent import streams

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

STREAM, FIRST, LAST = "list-to-stream", "sorted-first-to-min", "sorted-last-to-max"
CONSUMERS = ("sum", "len", "any", "all", "min", "max")
QUICK = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NOTING = """
def f(xs, log):
    return {consumer}([log.append(("made", repr(x))) or x for x in xs if log is not x])
"""
USED = """
class Loud:
    def __init__(self, n, log):
        self.n, self.log = n, log
    def __repr__(self):
        return f"Loud({{self.n}})"
    def __radd__(self, other):
        self.log.append(("added", self.n))
        return self.n + other
    __add__ = __radd__
    def __lt__(self, other):
        self.log.append(("compared", self.n))
        return self.n < getattr(other, "n", other)
    __gt__ = __lt__
    def __bool__(self):
        self.log.append(("asked", self.n))
        return self.n % 3 == 0
def f(ns, log, bad):
    def make(n):
        log.append(("made", n))
        if n == bad:
            raise KeyError(n)
        return n if n % 7 else Loud(n, log)
    return {consumer}([make(n) for n in ns])
"""


@pytest.fixture(scope="module")
def pairs():
    bench = Bench()
    return {
        (name, consumer): bench.pair(STREAM, text.format(consumer=consumer), "f")
        for name, text in (("noting", NOTING), ("used", USED))
        for consumer in CONSUMERS
    }


def check(pair, make):
    """As ``Pair.check``, but for the lines of tracebacks: a generator is a frame of its own."""
    first, second = pair.run(pair.original, make), pair.run(pair.rewritten, make)
    assert first.same(second), (first, second, pair.variation.source)
    return second


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(streams, "SIZE", 3)


@pytest.mark.parametrize("consumer", CONSUMERS)
@given(indices=st.lists(st.integers(0, len(pool()) - 1), max_size=14))
@QUICK
def test_same_on_values_of_every_sort(pairs, consumer, indices) -> None:
    def make():
        fresh = pool()
        return [fresh[i] for i in indices], []

    check(pairs["noting", consumer], make)


@pytest.mark.parametrize("consumer", CONSUMERS)
@given(values=st.lists(st.one_of(st.floats(), st.integers(), st.just(10**400)), max_size=14))
@QUICK
def test_same_on_numbers(pairs, consumer, values) -> None:
    check(pairs["noting", consumer], lambda: (list(values), []))


@pytest.mark.parametrize("consumer", CONSUMERS)
@given(ns=st.lists(st.integers(1, 40), max_size=14), bad=st.integers(1, 40))
@QUICK
def test_effects_and_exceptions_come_in_the_same_order(pairs, consumer, ns, bad) -> None:
    check(pairs["used", consumer], lambda: (list(ns), [], bad))


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("at", [0, 1, 4, 9])
def test_a_stop_iteration_of_the_users_comes_out(consumer, at) -> None:
    text = f"""
def inner(g):
    return next(g)
def other():
    raise StopIteration("mine")
    yield
def f(n, at, how):
    def make(i):
        if i == at:
            if how == "empty":
                return next(iter(()))
            if how == "raised":
                raise StopIteration("here")
            return inner(other())
        return i
    return {consumer}([make(i) for i in range(n)])
"""
    pair = Bench().pair(STREAM, text, "f")
    for how, kind in (("empty", StopIteration), ("raised", StopIteration), ("", RuntimeError)):
        outcome = check(pair, lambda how=how: (10, at, how))
        assert outcome.error[0] is kind


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("n", [0, 1, 3, 4, 7])
def test_an_iterator_is_not_asked_again_when_it_has_ended(consumer, n) -> None:
    text = f"""
class Again:
    def __init__(self, n, log):
        self.n, self.log = n, log
    def __iter__(self):
        self.log.append("iter")
        if self.n == 7:
            raise StopIteration
        return self
    def __next__(self):
        self.log.append(self.n)
        self.n -= 1
        if self.n in (-1, 2):
            raise StopIteration
        return self.n
def f(n, log):
    return {consumer}([x + 1 for x in Again(n, log)])
"""
    pair = Bench().pair(STREAM, text, "f")
    check(pair, lambda: (n, []))


def test_a_function_of_the_same_name_gets_its_list() -> None:
    text = """
def sum(values):
    return type(values), len(values)
def f(xs):
    return sum([x for x in xs])
"""
    pair = Bench().pair(STREAM, text, "f")
    assert check(pair, lambda: ([1, 2, 3, 4, 5],)).result == (list, 5)


def test_what_may_keep_the_list_is_refused() -> None:
    refused = Bench().refused(STREAM, "def f(xs):\n    return keep([x for x in xs])\n")
    assert "may keep the list" in refused.reason


@pytest.fixture(scope="module")
def ends():
    bench = Bench()
    return {
        template: bench.pair(template, f"def f(xs):\n    return sorted(xs)[{end}]\n", "f")
        for template, end in ((FIRST, 0), (LAST, -1))
    }


@pytest.mark.parametrize("template", [FIRST, LAST])
@given(indices=st.lists(st.integers(0, len(pool()) - 1), max_size=9), kind=st.integers(0, 3))
@QUICK
def test_an_end_of_sorted_values(ends, template, indices, kind) -> None:
    pair = ends[template]

    def make():
        fresh = pool()
        chosen = [fresh[i] for i in indices]
        if kind == 3:
            chosen = [i + (1 << 70) for i in indices]
        return ((tuple, bytearray, list, list)[kind](chosen if kind != 1 else range(9)),)

    check(pair, make)


@pytest.mark.parametrize(("template", "end"), [(FIRST, 0), (LAST, -1)])
def test_the_same_one_of_equal_values(template, end) -> None:
    pair = Bench().pair(template, f"def f(xs):\n    return sorted(xs)[{end}]\n", "f")
    values = [int("1" * 30) for _ in range(5)]
    assert pair.rewritten(values) is pair.original(values)


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_less_is_there_at_once(consumer, monkeypatch) -> None:
    monkeypatch.setattr(streams, "SIZE", 512)
    pair = Bench().pair(STREAM, f"def f(n):\n    return {consumer}([x * 3 + 1 for x in range(n)])")
    peaks = []
    for function in (pair.original, pair.rewritten):
        tracemalloc.start()
        try:
            function(50_000)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] / 10
