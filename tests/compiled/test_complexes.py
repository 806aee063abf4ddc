"""Complex arithmetic: CPython's own results to the bit, its errors by the original."""

import cmath

import pytest
from compiled_workbench import Bench, sites
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Refusal

EXPRESSIONS = {
    "add": "a + b",
    "sub": "a - b",
    "mul": "a * b",
    "div": "a / b",
    "div_int": "a / n",
    "int_div": "n / a",
    "div_float": "a / x",
    "scaled": "a * x + n * b - x",
    "real_first": "x - a, n + a, n * a",
    "negative": "-a, +a, -(a * b)",
    "square": "a ** 2",
    "cube": "a ** 3",
    "seventh": "b ** 7",
    "size": "abs(a), abs(a - b)",
    "larger": "abs(a) > x, abs(a) <= n, x < abs(b)",
    "parts": "a.real, a.imag, (a * b).real",
    "equal": "a == b, a != b, a == x, n == a",
    "made": "complex(x, n), complex(x), complex(n, x) * a, complex(a)",
    "literals": "a + 2j, 1.5 - 2j * b, 0j, -0j",
}
LOOPS = """
def escape(c: complex, limit: int):
    z = 0
    for i in range(limit):
        if abs(z) > 2:
            return i, z
        z = z * z + c
    return limit, z


def powers(c: complex, limit: int):
    z = 0
    for i in range(limit):
        z = z ** 2 + c
        if z == 0 or abs(z) > 1e100:
            break
    return z


def beside_a_real(c: complex, x: float, n: int, m: int):
    a = b = d = 0
    for i in range(2):
        a = a * x + c
        b = (b * n) + c
        d = ((d + n) - m) + c
    return a, b, d


def sometimes(c: complex, limit: int):
    z = 0
    for i in range(limit):
        z = z - c
    w = z
    return w * w, z


def started(c: complex, limit: int):
    z = limit
    z = z * c
    return z


def squared(c: complex, x: float):
    return c * c * x


def sums(c: complex, limit: int):
    total = 0j
    for i in range(limit):
        total += squared(c, 0.5) / (i + 1)
    return total, total.real


def picture(width: int, height: int):
    rows = []
    for r in range(height):
        row = []
        for k in range(width):
            c = complex(3.0 * k / width - 2, 2.0 * r / height - 1)
            z = 0j
            n = 0
            while abs(z) < 2 and n < 30:
                z = z * z + c
                n += 1
            row.append(n)
        rows.append(row)
    return rows
"""
NAMES = ("beside_a_real", "escape", "powers", "sometimes", "started", "sums", "picture")
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80)
PARTS = (
    st.sampled_from([0.0, -0.0, 1.0, -1.5, 1e-300, 1e200, float("inf"), float("nan")]) | st.floats()
)
NUMBERS = st.builds(complex, PARTS, PARTS)
INTS = st.integers(-3, 3) | st.integers() | st.sampled_from([2**53 + 1, -(2**63), 2**63 - 1])


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    text = LOOPS + "".join(
        f"def {name}(a: complex, b: complex, x: float, n: int):\n    return {expression}\n"
        for name, expression in EXPRESSIONS.items()
    )
    made = Bench.of(text, [*NAMES, *EXPRESSIONS], builder)
    assert not made.refusals
    return made


@pytest.mark.parametrize("name", EXPRESSIONS)
@EASY
@given(a=NUMBERS, b=NUMBERS, x=PARTS, n=INTS)
@example(1 + 2j, 3.5 - 1j, 2.5, 3)
@example(0j, 0j, 0.0, 0)
@example(complex(1e200, 1e200), complex(-0.0, -0.0), -0.0, 2**53 + 1)
def test_an_expression(bench: Bench, name: str, a: complex, b: complex, x: float, n: int) -> None:
    bench.check(name, a, b, x, n)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_ordinary_values_run_compiled(bench: Bench, name: str) -> None:
    bench.check_fast(name, 1 + 2j, 3.5 - 1j, 2.5, 3)


@EASY
@given(c=NUMBERS, limit=st.integers(-1, 12))
@example(0j, 3)
@example(complex(-0.0, -0.0), 2)
def test_a_loop_that_starts_with_an_int(bench: Bench, c: complex, limit: int) -> None:
    for name in ("escape", "powers", "sometimes", "started", "sums"):
        bench.check(name, c, limit)


@EASY
@given(c=NUMBERS, x=PARTS, n=INTS, m=INTS)
@example(1j, float("inf"), 7, 7)
@example(complex(-0.0, 1), 1.0, -1, 0)
@example(1j, 1.0, 2**53 + 1, 2**53)
def test_a_zero_beside_a_real_number_is_an_int_or_not(
    bench: Bench, c: complex, x: float, n: int, m: int
) -> None:
    bench.check("beside_a_real", c, x, n, m)


def test_loops_run_compiled(bench: Bench) -> None:
    bench.check_fast("escape", 0.1 + 0.2j, 50)
    bench.check_fast("escape", 1.0 + 0.2j, 50)
    bench.check_fast("powers", 0.1 + 0.2j, 50)
    bench.check_fast("sums", 0.1 + 0.2j, 50)
    bench.check_fast("started", 0.1 + 0.2j, 0)
    bench.check_fast("picture", 12, 9)


def test_other_types_run_the_original(bench: Bench) -> None:
    bench.check("escape", 0, 3)
    bench.check("add", 1.0, 2j, 1.0, 1)
    bench.check("size", cmath.inf * 1j, 1j, 1.0, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(a: complex):\n    return a // 2j\n", "an operator on complex and complex"),
        ("def f(a: complex):\n    return a ** 0.5\n", "an operator on complex and float"),
        ("def f(a: complex):\n    return a < 2j\n", "compares complex and complex"),
        ("def f(a: complex):\n    return {a: 1}\n", "puts a complex into a dict"),
        (
            "def f(a: complex):\n    z = 0.0\n    z = z * a\n    return z\n",
            "z is a float in one place",
        ),
        ("def f(a: complex, n: int):\n    return n.real\n", "calls real on a int"),
    ],
)
def test_what_has_no_exact_form_is_refused(text: str, reason: str, builder) -> None:
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal) and reason in result.reason
