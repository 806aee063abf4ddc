"""What is left to the original within a function that is compiled: branches, errors, handlers."""

import pytest
from compiled_workbench import Bench, sites
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.variants.compiled.scalar_function_to_cython import compile_sites
from selfsame.variants.site import Refusal

TEXT = """
class Log:
    lines = []


def shown(a: list[int], verbose: bool):
    s = 0
    for x in a:
        s += x * x
        if s > 10**12:
            raise ValueError(f"too much: {s}")
    if verbose:
        Log.lines.append(s)
    return s


def chosen(a: list[int], how: str):
    if how == "sum":
        return len(a) * 2
    elif how == "odd":
        return {"a": a}
    elif how == "log":
        Log.lines.append(tuple(a))
    a.append(1)
    return len(a)


def numbers(lines: list[str]):
    total, good, bad = 0.0, 0, 0
    for line in lines:
        try:
            value = float(line)
        except ValueError as error:
            bad += len(str(error))
            continue
        else:
            good += 1
        finally:
            total += 0.5
        total += value
    return total, good, bad


def first(a: list[int], wanted: int):
    try:
        for i in range(len(a) + 1):
            if a[i] == wanted:
                return i
            a[i] += 1
    except IndexError:
        a.append(wanted)
    return -1


def only_handled(a: list[int], n: int):
    try:
        m = a[n]
    except IndexError:
        missing = n
    else:
        missing = 0
    return missing


def grown(text: str, n: int):
    a = text
    b = a
    for i in range(n):
        a += "xy"
        if i % 3 == 0:
            b = a
        a += a
        a += b[i]
    return a, b, text


def caesar(text: str, shift: int):
    result = ""
    for ch in text:
        if ch.isalpha() and ord(ch) < 128:
            base = ord("A") if ch.isupper() else ord("a")
            result += chr((ord(ch) - base + shift) % 26 + base)
        else:
            result += ch
    return result
"""
NAMES = ("shown", "chosen", "numbers", "first", "only_handled", "grown", "caesar")
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


@pytest.fixture(scope="module")
def bench(builder) -> Bench:
    made = Bench.of(TEXT, NAMES, builder)
    assert not made.refusals
    return made


def test_the_other_branches_run_compiled(bench: Bench) -> None:
    bench.check_fast("shown", [1, 2, 3], False)
    bench.check_fast("chosen", [1, 2], "sum")
    bench.check_fast("chosen", [1, 2], "none")
    bench.check_fast("numbers", ["1", "2.5", "-0.0"])
    bench.check_fast("first", [4, 5, 6], 6)
    bench.check_fast("only_handled", [4, 5, 6], 1)
    bench.check_fast("grown", "é", 4)


def test_a_branch_without_a_compiled_form_runs_the_original_once(bench: Bench) -> None:
    for module in (bench.original, bench.compiled):
        module.Log.lines.clear()
    bench.check("shown", [1, 2, 3], True)
    bench.check("chosen", [1, 2], "odd")
    bench.check("chosen", [1, 2], "log")
    bench.check("shown", [10**7], False)
    assert bench.compiled.Log.lines == bench.original.Log.lines == [14, (1, 2)]
    assert bench.deopts["chosen"] == 2


def test_a_handler_runs_in_the_original(bench: Bench) -> None:
    bench.check("numbers", ["1", "x", "2"])
    bench.check("first", [4, 5, 6], 9)
    bench.check("only_handled", [4, 5, 6], 3)


def test_what_is_left_out_is_told(bench: Bench) -> None:
    lines = TEXT.splitlines()
    summary = bench.variations["shown"].summary
    assert summary.endswith(
        f"line {lines.index('        Log.lines.append(s)') + 1} runs the original"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # All ways through, and what loops, is not left to the original.
        ("def f(a: int):\n    if a:\n        print(1)\n    else:\n        print(2)\n", "calls print"),
        ("def f(a: int):\n    if a:\n        for i in range(a):\n            print(i)\n", "calls print"),
        ("def f(a: int):\n    print(a)\n    if a:\n        return 1\n    return 2\n", "calls print"),
        ("def f(a: int):\n    for i in range(a):\n        try:\n            a += 1\n            continue\n"
         "        finally:\n            a += 2\n    return a\n", "early that has a finally"),
        ("def f(a: int):\n    try:\n        b = a + 1\n    except TypeError:\n        c = 1\n    return c\n",
         "reads c, which no statement here binds"),
    ],
)  # fmt: skip
def test_what_cannot_be_left_out_is_refused(text: str, reason: str, builder) -> None:
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal) and reason in result.reason


@EASY
@given(text=st.text(max_size=12), n=st.integers(-2, 6))
def test_a_text_that_grows_in_place_leaves_its_other_names_alone(
    bench: Bench, text: str, n: int
) -> None:
    bench.check("grown", text, n)


@EASY
@given(text=st.text(), shift=st.integers())
def test_a_text_built_letter_by_letter(bench: Bench, text: str, shift: int) -> None:
    bench.check("caesar", text, shift)


@EASY
@given(lines=st.lists(st.one_of(st.text(max_size=3), st.floats().map(str))))
def test_lines_of_numbers_and_other_text(bench: Bench, lines: list[str]) -> None:
    bench.check("numbers", lines)
