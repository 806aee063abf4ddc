"""Compiled in place: try statements, with their handlers and without."""

import signal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.build import Builder
from selfsame.compiler.errors import Skipped

TEXT = """
class Index:
    def __init__(self, words, junk):
        self.words = words
        self.junk = junk
        self.misses = 0


def tries(index, keys, d, n):
    total = 0
    for k in keys:
        try:
            d[k] = d[k] + 1
            total += n // d[k]
            index.misses += 1
        except ZeroDivisionError:
            index.misses += 100
            continue
        except KeyError as error:
            d[k] = 0
            late = 1
        else:
            total += 1
        finally:
            index.junk.add(k)
    return total


def first(keys, d):
    for k in keys:
        try:
            return k, d[k]
        except KeyError:
            pass
    return None


def nested(rows, d):
    kept = []
    for row in rows:
        try:
            try:
                kept.append(d[row[0]])
            finally:
                d["n"] += 1
            if row[1] < 0:
                raise ValueError(row[0])
        except (KeyError, ValueError) as error:
            kept.append(-1)
    return kept
"""


def index(m: Any) -> Any:
    return m.Index({"a": 1, "b": 5}, {" "})


EXAMPLES: dict[str, Make] = {
    "tries": lambda m: (index(m), ["a", "b"], {"a": 1, "b": 2}, 9),
    "first": lambda m: (["a"], {"a": 1}),
    "nested": lambda m: ([("a", 1)], {"a": 1, "n": 0}),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


CAUGHT: list[tuple[str, Make]] = [
    ("tries", lambda m: (index(m), ["a", "b", "a"], {"a": -1, "b": 2}, 9)),
    ("tries", lambda m: (index(m), ["a", "z"], {"a": 1}, 9)),
    ("nested", lambda m: ([("a", 1), ("a", -1), ("b", 1)], {"a": 1, "n": 0})),
]


@pytest.mark.parametrize(("name", "make"), CAUGHT)
def test_what_a_handler_is_for_is_caught(bench: InPlace, name: str, make: Make) -> None:
    bench.check_fast(name, make)


DECLINED: list[tuple[str, Make]] = [
    ("tries", lambda m: (index(m), ["a"], {"a": "x"}, 9)),
    ("first", lambda m: (["z", "a"], {"a": None})),
    ("nested", lambda m: ([("a", 1)], {"a": 1})),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_differs_is_taken_back_and_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


values = st.one_of(st.integers(-3, 5), st.sampled_from([1 << 62, True, None, 2.5]))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from("abz "), max_size=6),
    st.dictionaries(st.sampled_from("abn"), values, max_size=3),
    st.integers(-2, 4),
)
def test_any_values(bench: InPlace, keys: list[str], d: Any, n: int) -> None:
    bench.check("tries", lambda m: (index(m), list(keys), dict(d), n))
    bench.check("first", lambda m: (list(keys), dict(d)))
    bench.check("nested", lambda m: ([(k, n) for k in keys], dict(d)))


REFUSED = {
    "handled": (
        "def f(xs, n):\n    for x in xs:\n        try:\n            y = n // x\n"
        "        except OverflowError:\n            z = n\n    return y, z\n",
        lambda m: ([1], 3), "reads z, which no statement here binds",
    ),
    "generator": (
        "def g(a):\n    for x in a:\n        try:\n            yield x\n        finally:\n            a.append(1)\n"
        "def f(a, n):\n    for x in g(a):\n        if x == n:\n            break\n",
        lambda m: ([1], 1), "within a try statement",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_be_told_apart_is_refused(builder: Builder, case: str) -> None:
    text, make, reason = REFUSED[case]
    with pytest.raises(Skipped, match=reason):
        InPlace(builder, text, {"f": make})


WITHIN = """
def inverse(rows, n):
    total, bad = 0, 0
    for row in rows:
        try:
            for x in row:
                total += n // x
            total += halved(row, n)
        except ZeroDivisionError:
            bad += 1
    return total, bad


def halved(row, n):
    row.append(n // 2)
    return 100 // (n - 3)


def numbers(cells):
    found, bad = [], 0
    for cell in cells:
        try:
            found.append(int(cell))
        except ValueError:
            try:
                found.append(float(cell))
            except (TypeError, ValueError):
                bad += 1
                found.append(cell)
    return found, bad


def whole(text):
    total = 0
    for part in text.split(","):
        try:
            total = total + int(part)
        except ValueError:
            return part
    return total


def forever(rows, n):
    total = 0
    for row in rows:
        try:
            while True:
                total += n // row[0]
        except ZeroDivisionError:
            total = -1
    return total
"""
MADE: dict[str, Make] = {
    "inverse": lambda m: ([[1, 2], [3]], 9),
    "numbers": lambda m: (["1", "2.5", "x"],),
    "whole": lambda m: ("1,2",),
    "forever": lambda m: ([], 1),
}


@pytest.fixture(scope="module")
def within(builder: Builder) -> InPlace:
    return InPlace(builder, WITHIN, MADE)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), max_size=3), max_size=4), st.integers(2, 9))
def test_loops_and_calls_within_a_try_statement(within: InPlace, rows: Any, n: int) -> None:
    within.check("inverse", lambda m: ([row[:] for row in rows], n))
    if n != 3 and all(map(all, rows)):
        within.check_fast("inverse", lambda m: ([row[:] for row in rows], n))


CELLS = ["7", " 7 ", "-7", "+7", "1_0", "_1", "", " ", "1.5", "nan", "1e5", "x", "\u0663", "9" * 30]
CELLS += ["9" * 5000, "0x1", "1\x00", "007", "1.", "inf", "-", "\ud800"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(CELLS), max_size=5))
def test_texts_that_are_no_numbers(within: InPlace, cells: list[str]) -> None:
    within.check("numbers", lambda m: (cells,))
    within.check("whole", lambda m: (",".join(cells),))
    if not any(len(cell) > 18 for cell in cells):
        within.check_fast("whole", lambda m: (",".join(cells),))


def test_what_is_no_text_is_left_to_python(within: InPlace) -> None:
    within.check("numbers", lambda m: ([1, 2.5, None, "3", b"4"],))


def test_a_signal_within_a_try_statement_is_no_error_of_its_own(within: InPlace) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            within.compiled.forever([[1 << 40]], 9)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)


def test_a_signal_between_tries_is_raised_where_no_handler_stands(bench: InPlace) -> None:
    class Stop(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stop

    keys = ["a"] * 8_000_000
    old = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
    try:
        with pytest.raises(Stop):
            bench.compiled.tries(index(bench.compiled), keys, {"a": 1}, 9)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
