"""Locals that are None for a while."""

import pytest
from compiled_workbench import Bench, sites
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Refusal

TEXT = """
def nearest(xs: list[float], x: float):
    best = where = None
    best, where = None, None
    for i, v in enumerate(xs):
        d = abs(v - x)
        if best is None or d < best:
            best, where = d, i
    return where, best, len(xs)


def found(xs: list[int], x: int):
    at = None
    for i in range(len(xs)):
        if xs[i] == x:
            at = i
            break
    else:
        x = 1
    if at is None:
        return None
    return at * 2 + x


def words(ws: list[str], n: int):
    longest: str = None
    last = None
    for w in ws:
        if not longest or len(w) > len(longest):
            longest = w
        last = longest if n > 3 else None
        prev = last
        if prev and prev == longest and n > 5:
            n += 1
        letter = None if n % 2 else w[n]
        if letter is not None and letter in "ab":
            n += 2
    return longest, last, n


def needed(n: int):
    x = None
    if n > 0:
        x = n
    x += 1
    y = x if n > 1 else None
    z = y
    if n > 2:
        return z, n
    return y


def unbound(n: int):
    if n > 0:
        x = None
    if n > 5:
        x = 2.5
    return x


def pairs(xs: list[int], n: int):
    last = None
    total = 0
    for x in xs:
        if last is not None:
            a, b = last
            total += a * x - b
        last = (x, n) if x % 3 else None
    return total, last


def roots(c: complex, n: int):
    z = None
    for i in range(n):
        z = c if z is None else z * z + c
        if i == 7:
            z = None
    return z
"""
NAMES = ("nearest", "found", "words", "needed", "unbound", "pairs", "roots")
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, NAMES, builder)
    assert not made.refusals
    return made


def test_they_run_compiled(bench: Bench) -> None:
    bench.check_fast("nearest", [1.5, 2.5, -0.0], 2.25)
    bench.check_fast("nearest", [], 2.25)
    bench.check_fast("found", [1, 2, 3], 2)
    bench.check_fast("found", [1, 2, 3], 9)
    bench.check_fast("words", ["abcdefghijkl"] * 3, 7)
    bench.check_fast("words", ["abc", "abcde"], 2)
    bench.check_fast("words", [], 2)
    bench.check_fast("needed", 2)
    bench.check_fast("needed", 1)
    bench.check_fast("unbound", 2)
    bench.check_fast("unbound", 7)
    bench.check_fast("pairs", [1, 2, 3, 4, 5], 3)
    bench.check_fast("pairs", [1, 3], 3)
    bench.check_fast("roots", 0.5 + 1j, 3)
    bench.check_fast("roots", 0.5 + 1j, 8)


def test_a_value_that_is_not_there_is_left_to_the_original(bench: Bench) -> None:
    bench.check("needed", 0)
    bench.check("unbound", 0)


@EASY
@given(xs=st.lists(st.integers(-5, 5) | st.integers()), n=st.integers())
def test_ints(bench: Bench, xs: list[int], n: int) -> None:
    bench.check("found", xs, n)
    bench.check("pairs", xs, n)
    bench.check("needed", n)


@EASY
@given(ws=st.lists(st.text(max_size=9), max_size=5), n=st.integers(-3, 9))
def test_texts(bench: Bench, ws: list[str], n: int) -> None:
    bench.check("words", ws, n)


@EASY
@given(xs=st.lists(st.floats()), x=st.floats())
def test_floats(bench: Bench, xs: list[float], x: float) -> None:
    bench.check("nearest", xs, x)


@EASY
@given(c=st.complex_numbers(), n=st.integers(-1, 12))
def test_complex_numbers(bench: Bench, c: complex, n: int) -> None:
    bench.check("roots", c, n)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(a: int):\n    b = None\n    if a:\n        b = [a]\n    return len(b)\n", "list of int that is None"),
        # Which of the two stores is the later one says what is left.
        ("def f(k: int):\n    a, a = None, k\n    return a is None\n", "has the literal None"),
        ("def f(xs: list[int], k: int):\n    best = k\n    best, xs[best] = None, 2\n    return len(xs)\n",
         "has the literal None"),
        ("def f(a: int):\n    a = None\n    return a\n", "has the literal None"),
    ],
)  # fmt: skip
def test_what_has_no_form_is_refused(text: str, reason: str, builder) -> None:
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal) and reason in result.reason
