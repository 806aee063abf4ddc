"""Inner functions that are only called, and calls that change lists in the middle of expressions."""

import pytest
from compiled_workbench import Bench, sites
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Refusal

TEXT = '''
def lcs(a: str, b: str):
    """With a memo that the inner function fills."""
    memo = {}

    def go(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return 0
        if (i, j) in memo:
            return memo[i, j]
        if a[i] == b[j]:
            r = 1 + go(i + 1, j + 1)
        else:
            r = max(go(i + 1, j), go(i, j + 1))
        memo[i, j] = r
        return r

    return go(0, 0), len(memo)


def queens(n: int):
    solutions = []
    board = [-1] * n

    def safe(row, col):
        return all(board[r] != col and abs(board[r] - col) != row - r for r in range(row))

    def place(row):
        if row == n:
            solutions.append(board[:])
            return
        for col in range(n):
            if safe(row, col):
                board[row] = col
                place(row + 1)
        board[row - 1] = -1

    place(0)
    return solutions


def counted(a: list[int], n: int):
    total, deepest = 0, 0
    n = n % 7
    steps = 0

    def visit(i):
        nonlocal steps, n
        steps += 1
        if steps > 50:
            return 0
        n = n + i
        if i <= 0:
            a.append(n)
            return steps * a[0]
        return visit(i - 1) + visit(i - 3) - steps

    total = visit(n % 5)
    return total, steps, n, a


def ordered(a: list[int], n: int):
    def push(x):
        a.append(x)
        return len(a)

    b = len(a) * 100 + push(n) * 10 + len(a) + push(len(a)) * a[0]
    a[0] += push(b) - a[-1]
    if push(1) + len(a) > push(2) + n:
        b += push(b)
    return b, [push(3), len(a), push(4)]


def joined(xs: list[int], ys: list[int]):
    def more(n):
        xs.append(n)
        return [len(xs)]

    zs = (xs + ys) + more(9)
    ws = xs + more(8)
    return zs, ws, xs * 2 + (more(7) + ys) + more(6)


def late(n: int):
    def step(x):
        return x + (base if x > 3 else 0)

    if n > 0:
        base = 10
    return step(n) + step(2)


def bounds(n: int):
    def pair(x):
        return x, x + 1

    low, high = pair(n)
    return low * high, pair(high)


def forever(n: int):
    def down(x):
        return down(x + n) + 1

    return down(n)
'''
NAMES = ("lcs", "queens", "counted", "ordered", "joined", "late", "forever", "bounds")
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, NAMES, builder)
    assert not made.refusals
    return made


def test_they_run_compiled(bench: Bench) -> None:
    bench.check_fast("lcs", "abcbdab", "bdcaba")
    bench.check_fast("queens", 6)
    bench.check_fast("counted", [3], 4)
    bench.check_fast("ordered", [5], 7)
    bench.check_fast("joined", [5], [7])
    bench.check_fast("late", 5)
    bench.check_fast("bounds", 5)


def test_the_summary_names_them(bench: Bench) -> None:
    assert "with queens.place, queens.safe" in bench.variations["queens"].summary


def test_a_name_that_is_unbound_or_too_deep_is_left_to_the_original(bench: Bench) -> None:
    bench.check("late", -2)
    for module in (bench.original, bench.compiled):
        with pytest.raises(RecursionError):
            module.forever(1)


@EASY
@given(a=st.text("abc", max_size=9), b=st.text("abcd", max_size=9))
def test_a_memo(bench: Bench, a: str, b: str) -> None:
    bench.check("lcs", a, b)


@EASY
@given(a=st.lists(st.integers(-(2**63), 2**63) | st.integers(-9, 9), max_size=5), n=st.integers())
def test_lists_that_change_within_an_expression(bench: Bench, a: list[int], n: int) -> None:
    bench.check("ordered", a, n)
    bench.check("joined", a, [n])
    bench.check("counted", a, n)


@EASY
@given(n=st.integers(-3, 6))
def test_backtracking(bench: Bench, n: int) -> None:
    bench.check("queens", n)
    bench.check("late", n)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(a: int):\n    def g():\n        return a\n    return [g]\n", "does more with its inner function g"),
        ("def f(a: int):\n    def g(x=a):\n        return x\n    return g()\n", "with defaults"),
        ("def f(a: int):\n    b = g()\n    def g():\n        return a\n    return b\n", "before g is one"),
        ("def f(a: int):\n    def g():\n        return a\n    return sum(g() for a in range(3))\n", "has another a"),
        ("def f(a: int):\n    def g(x: a.b):\n        return a\n    return g(1)\n", "annotation that may fail"),
        ("def f(a: int):\n    def g():\n        yield a\n    return sum(g())\n", "is a generator"),
        ("def f(a: int):\n    def g():\n        nonlocal b\n        for b in range(a):\n            pass\n"
         "    b = 0\n    g()\n    return b\n", "which an inner function binds too"),
        ("def f(n: int):\n    a = 3\n    def g(i):\n        return i + a\n    return g(n, a=5)\n", "unclear keywords"),
        ("def f(n: int):\n    a = 3\n    def g(i):\n        return i + a\n    return g(n, **{'a': 5})\n", "unclear keywords"),
        ("def g(a, /):\n    return a\n\n\ndef f(n: int):\n    return g(a=n)\n", "unclear arguments"),
        ("def f(a: int):\n    def g():\n        return lambda: a\n    return g()()\n", "calls the result of an expression"),
    ],
)  # fmt: skip
def test_what_is_more_than_a_call_is_refused(text: str, reason: str, builder) -> None:
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal) and reason in result.reason
