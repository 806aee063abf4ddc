"""Whole functions: compiled, swapped into the live function, and compared with the original."""

import random

import compiled_kernels as kernels
import pytest
from compiled_values import mixed
from compiled_workbench import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def bench(builder, kernels_text) -> Bench:
    return Bench.of(kernels_text, kernels.COMPILED, builder, kernels.TYPES)


def text(n: int, seed: int = 0, letters: str = "abcd") -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(letters) for _ in range(n))


def numbers(n: int, seed: int = 0) -> list[int]:
    chance = random.Random(seed)
    return [chance.randrange(-1000, 1000) for _ in range(n)]


def reals(n: int, seed: int = 0) -> list[float]:
    chance = random.Random(seed)
    return [chance.uniform(-10, 10) for _ in range(n)]


ORDINARY: dict[str, list[tuple[object, ...]]] = {
    "levenshtein": [
        (text(40), text(50, 1)),
        (text(9, 2, "aé"), text(8, 3, "a\U0001f600")),
        ("", ""),
    ],
    "levenshtein_tokens": [(kernels.words(30), kernels.words(40, 2)), ([], ["a"])],
    "edit_table": [(text(20), text(25, 1)), ("", "abc")],
    "within": [(text(20), text(22, 1), 12), (text(9), text(9, 1), 1), ("a", "abcdef", 2)],
    "lcs_length": [(text(30), text(35, 1))],
    "collatz": [(27,), (1,), (97,), (837799,)],
    "longest_collatz": [(1000,)],
    "gcd": [(1071, 462), (0, 5), (-12, 18), (2**62, 2**40)],
    "mandelbrot": [(-0.5, 0.5, 200), (2.0, 2.0, 50), (0.0, 0.0, 0)],
    "mandelbrot_rows": [(20, 10, 50), (0, 0, 1)],
    "fnv": [("hello world",), ("",), ("\U0001f600é",)],
    "polynomial": [(b"hello world" * 9,), (b"",)],
    "adler": [(b"hello world" * 99,), (b"",)],
    "sieve": [(1000,), (1,), (2,)],
    "dot": [(reals(50), reals(60, 1)), ([], []), ([1.0], [])],
    "fibonacci": [(0,), (10,), (91,)],
    "fib": [(15,), (-3,)],
    "is_prime": [(n,) for n in (-5, 0, 1, 2, 3, 4, 9, 97, 7919, 104729)],
    "knapsack": [([3, 4, 5, 9], [3, 4, 4, 10], 11), ([], [], 5)],
    "moving_sum": [(numbers(50), 7), ([], 3), ([1], 3)],
    "insertion_sorted": [(numbers(60),), ([],)],
    "matmul": [([reals(3), reals(3, 1)], [reals(2, 2), reals(2, 3), reals(2, 4)])],
    "variance": [(reals(40),), ([],), ([3.0],)],
    "spectral": [(30,), (0,)],
    "vowels": [(text(60, 0, "aeioubcd"),)],
    "is_palindrome": [("A man, a plan",), ("abc cba",), ("",)],
    "balanced": [("([])[]",), ("(]",), ("",), (")",), ("((",)],
    "luhn": [("79927398713",), ("",)],
    "hamming": [(["a", "b"], ["a", "c", "d"])],
    "binary_search": [(sorted(numbers(99)), 5), ([], 1), ([1, 3, 5], 3)],
    "pick": [(15,), (0,)],
    "pascal": [(8,), (1,)],
    "newton": [(2.0,), (0.0,), (1e10,)],
}
# Sizes of their own: an int that is a count must stay small, or the original takes for ever.
BOUNDED = {"longest_collatz", "mandelbrot", "mandelbrot_rows", "sieve", "fibonacci", "fib", "knapsack",
           "pick", "pascal", "spectral", "within", "moving_sum"}  # fmt: skip


@pytest.mark.parametrize("name", kernels.COMPILED)
def test_ordinary_arguments_run_compiled_and_agree(bench: Bench, name: str) -> None:
    assert name in bench.variations, bench.refusals.get(name)
    for arguments in ORDINARY[name]:
        bench.check_fast(name, *arguments)


@pytest.mark.parametrize("name", [n for n in kernels.COMPILED if n not in {"collatz", "is_prime"}])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_agree(bench: Bench, name: str, data: st.DataObject) -> None:
    small = name in BOUNDED
    types = bench.variations[name].parameters
    bench.check(name, *(data.draw(mixed(kind, small), label=p) for p, kind in types.items()))


def test_lists_that_are_not_what_was_seen_run_the_original(bench: Bench) -> None:
    for wrong in ([1.0, 2], [1.0, True], (1.0, 2.0), [1.0, None]):
        bench.check("dot", wrong, [1.0, 2.0])
    assert bench.deopts["dot"] >= 4


def test_an_overflow_runs_the_original(bench: Bench) -> None:
    before = bench.deopts["fibonacci"]
    bench.check("fibonacci", 92)
    bench.check("fibonacci", 300)
    assert bench.deopts["fibonacci"] == before + 2
    bench.check("collatz", 2**62 + 1)
    bench.check("gcd", 2**63, 2)


def test_an_exception_is_the_original_s_own_with_its_own_traceback(bench: Bench) -> None:
    with pytest.raises(ValueError, match=r"no root of -1\.0") as caught:
        bench.compiled.newton(-1.0)
    last = caught.traceback[-1]
    assert last.name == "newton"
    assert "raise ValueError" in kernels_line(last.lineno)


def kernels_line(number: int) -> str:
    with open(kernels.__file__, encoding="utf-8") as file:
        return file.read().splitlines()[number]


def test_the_function_is_the_same_object_to_everyone(bench: Bench) -> None:
    before, after = bench.original.levenshtein, bench.compiled.levenshtein
    assert after.__doc__ == before.__doc__ == "Distance of two strings, by rows."
    assert after.__code__.co_varnames[: after.__code__.co_argcount] == ("a", "b")
    assert after.__code__.co_firstlineno == before.__code__.co_firstlineno
    assert after(a="kitten", b="sitting") == 3
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'b'"):
        after("x")


def test_a_global_that_was_read_as_a_constant_is_checked_at_every_call(bench: Bench) -> None:
    bench.check_fast("pick", 9)
    for module in (bench.original, bench.compiled):
        module.SIZE = 10
    bench.check("pick", 9)
    for module in (bench.original, bench.compiled):
        module.SIZE = 64
        module.TABLE = [5, 6, 7, 8, 9, 1, 2, 3]
    bench.check_fast("pick", 9)


def test_a_zero_has_a_sign(builder) -> None:
    text = """
NOTHING = 0.0

def balanced(n):
    total = NOTHING
    for i in range(n):
        total = total * i
    return total
"""
    zero = Bench.of(text, ["balanced"], builder, {"balanced": {"n": "int"}})
    zero.check_fast("balanced", 3)
    for module in (zero.original, zero.compiled):
        module.NOTHING = -0.0
    zero.check("balanced", 3)
    assert zero.deopts["balanced"] == 1


def test_what_a_person_reads_names_the_node_and_its_types(bench: Bench) -> None:
    variation = bench.variations["levenshtein"]
    assert variation.source.startswith("# Compiled by selfsame")
    assert "# sample:levenshtein(a: str, b: str)" in variation.source
    assert variation.parameters == {"a": "str", "b": "str"}
    assert variation.guards == ("type(a) is str", "type(b) is str")
    assert {"builtins:min", "builtins:len", "python"} <= set(variation.dependencies)
    assert variation.family == "compiled"
    assert [c.kind for c in variation.constants] == ["extension", "extension", "deopt"]
