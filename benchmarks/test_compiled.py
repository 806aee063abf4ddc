"""Compiled functions against their originals: each row is one kernel, ``ratio`` in its extra info.

``pytest benchmarks/test_compiled.py -s`` prints the ratios. Both run on the same seeded inputs, a
fresh one for each call, in turns; no time is asserted.
"""

import gc
import importlib.util
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from selfsame.compiler.emit.build import Builder

BESIDE = Path(__file__).resolve().parent.parent / "tests" / "compiled"
ROUNDS = 15


def _beside(name: str) -> ModuleType:
    """A module of the tests: the kernels and the workbench are the same."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, BESIDE / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


kernels = _beside("compiled_kernels")
workbench = _beside("compiled_workbench")


def _text(n: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choice("abcdefgh") for _ in range(n))


def _ints(n: int) -> Callable[[random.Random], list[int]]:
    return lambda chance: [chance.randrange(1000) for _ in range(n)]


def _reals(n: int) -> Callable[[random.Random], list[float]]:
    return lambda chance: [chance.uniform(-1, 1) for _ in range(n)]


def _tokens(n: int) -> Callable[[random.Random], list[str]]:
    return lambda chance: kernels.words(n, chance.randrange(10**6))


def _about(n: int) -> Callable[[random.Random], int]:
    return lambda chance: n + chance.randrange(n // 10 + 1)


def _rows(n: int) -> Callable[[random.Random], list[list[float]]]:
    return lambda chance: [_reals(n)(chance) for _ in range(n)]


ARGUMENTS: dict[str, tuple[Callable[[random.Random], Any], ...]] = {
    "levenshtein": (_text(80), _text(80)),
    "levenshtein_tokens": (_tokens(60), _tokens(60)),
    "edit_table": (_text(60), _text(60)),
    "within": (_text(60), _text(60), lambda _: 60),
    "lcs_length": (_text(80), _text(80)),
    "collatz": (_about(10**9),),
    "longest_collatz": (_about(300),),
    "gcd": (_about(10**17), _about(10**16)),
    "mandelbrot": (lambda c: c.uniform(-0.5, 0.1), lambda c: c.uniform(-0.4, 0.4), lambda _: 500),
    "mandelbrot_rows": (lambda _: 16, lambda _: 8, lambda _: 100),
    "fnv": (_text(400),),
    "adler": (lambda chance: chance.randbytes(1000),),
    "sieve": (_about(5000),),
    "dot": (_reals(500), _reals(500)),
    "fibonacci": (lambda chance: chance.randrange(70, 90),),
    "fib": (lambda chance: chance.randrange(14, 17),),
    "is_prime": (lambda chance: chance.choice([1000003, 1000033, 1000037, 1000039]),),
    "knapsack": (_ints(20), _ints(20), lambda _: 1000),
    "moving_sum": (_ints(500), lambda _: 7),
    "insertion_sorted": (_ints(80),),
    "matmul": (_rows(14), _rows(14)),
    "variance": (_reals(300),),
    "spectral": (_about(40),),
    "vowels": (_text(300),),
    "is_palindrome": (lambda chance: (lambda s: s + s[::-1])(_text(150)(chance)),),
    "balanced": (lambda _: "([])" * 60,),
    "luhn": (lambda chance: str(chance.randrange(10**15, 10**16)),),
    "hamming": (_tokens(200), _tokens(200)),
    "binary_search": (lambda chance: sorted(_ints(1000)(chance)), lambda c: c.randrange(1000)),
    "pick": (lambda _: 16,),
    "pascal": (lambda _: 25,),
    "newton": (lambda chance: chance.uniform(1, 1000),),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    builder = Builder(tmp_path_factory.mktemp("builds"))
    text = (BESIDE / "compiled_kernels.py").read_text(encoding="utf-8")
    yield workbench.Bench.of(text, ARGUMENTS, builder, kernels.TYPES)
    builder.close()


RATIOS: dict[str, float] = {}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_kernel(bench: Any, benchmark: Any, name: str) -> None:
    original, compiled = getattr(bench.original, name), getattr(bench.compiled, name)
    chance = random.Random(name)
    inputs = [tuple(make(chance) for make in ARGUMENTS[name]) for _ in range(ROUNDS)]
    for arguments in inputs:
        assert workbench.outcome(original, arguments) == workbench.outcome(compiled, arguments)
    assert bench.deopts[name] == 0
    # A short call is repeated, so that the clock's own cost does not count.
    start = time.perf_counter_ns()
    original(*inputs[0])
    repeats = max(1, 200_000 // max(1, time.perf_counter_ns() - start))
    ratios = []
    gc.disable()
    try:
        for arguments in inputs:
            times = []
            for function in (original, compiled):
                start = time.thread_time_ns()
                for _ in range(repeats):
                    function(*arguments)
                times.append(max(1, time.thread_time_ns() - start))
            ratios.append(times[0] / times[1])
    finally:
        gc.enable()
    RATIOS[name] = statistics.median(ratios)
    benchmark.extra_info["ratio"] = RATIOS[name]
    benchmark.pedantic(compiled, args=inputs[0], rounds=5, iterations=3)


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """The ratios as a table, slowest last."""
    yield
    if RATIOS:
        print(
            "\n"
            + "\n".join(f"{v:8.1f}  {k}" for k, v in sorted(RATIOS.items(), key=lambda i: -i[1]))
        )
        print(f"{statistics.geometric_mean(RATIOS.values()):8.1f}  geometric mean of {len(RATIOS)}")
