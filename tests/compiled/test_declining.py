"""What is left to the original within a function that is compiled: branches, errors, handlers."""

import signal

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
    for i in range(len(a) + 1):
        try:
            if a[i] == wanted:
                return i
            a[i] += 1
        except IndexError:
            a.append(wanted)
    return -1


def once_more(a: list[int], n: int):
    shown = len(a)
    if n > 10:
        shown = print(n)
    try:
        shown += n
    except ValueError as error:
        import math
        shown = math.floor(error.args[0])
    return shown


def spin(n: int):
    for i in range(n):
        try:
            i += 1
        except ValueError:
            return -1
    return n


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
NAMES = (
    "shown",
    "chosen",
    "numbers",
    "first",
    "only_handled",
    "once_more",
    "spin",
    "grown",
    "caesar",
)
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
    bench.check_fast("once_more", [4, 5], 3)
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
        # A signal handler may raise in a loop or call, and what it raises would pass by the handler.
        ("def f(a: list[int], n: int):\n    try:\n        for i in range(n):\n            a[0] = i\n"
         "    except Exception:\n        a.append(-1)\n", "loops within a try"),
        ("def f(a: list[int], n: int):\n    try:\n        n += 1\n    finally:\n"
         "        n = sum([i for i in a if i < n])\n    return n\n", "loops within a try"),
        ("def g(n: int):\n    return n + 1\n\n\ndef f(n: int):\n    try:\n        n = g(n)\n"
         "    except ValueError:\n        n = 0\n    return n\n", "calls g within a try"),
        # Statements that say something about all of the function.
        ("def f(n: int):\n    if n > 10:\n        yield n\n    return n\n", "is a generator"),
        ("def f(n: int):\n    try:\n        n += 1\n    except ValueError:\n        yield n\n"
         "    return n\n", "is a generator"),
        ("def f(n: int):\n    if n < 0:\n        raise ValueError((yield n))\n    return n\n", "is a generator"),
        ("def g(n: int):\n    if n > 10:\n        yield n\n    return n\n\n\n"
         "def f(n: int):\n    if g(n):\n        return 1\n    return 0\n", "has a yield"),
        ("K = 3\n\n\ndef f(n: int):\n    if n > 10:\n        global K\n        print(n)\n    K = n\n"
         "    return K\n", "has a global"),
        ("K = 3\n\n\ndef f(n: int):\n    try:\n        n += 1\n    except ValueError:\n"
         "        global K\n    K = n\n    return n\n", "has a global"),
        # Names that only what is left out binds are locals all the same.
        ("K = 3\n\n\ndef f(n: int):\n    if n > 10:\n        K = print(n)\n    return K\n", "calls print"),
        ("def g(n: int):\n    return n\n\n\ndef f(n: int, c: bool):\n    if c:\n"
         "        def g(x): return x * 2\n    return g(n)\n", "nested function"),
        ("import math\n\n\ndef f(a: list[float]):\n    if len(a) > 9:\n        import math\n"
         "    return math.sqrt(a[0])\n", "has an import"),
        ("e = 2.5\n\n\ndef f(x: float):\n    try:\n        y = 1.0 / x\n    except ZeroDivisionError as e:\n"
         "        y = 0.0\n    return y * e\n", "reads e, which no statement here binds"),
        ("import math\n\n\ndef f(a: list[float]):\n    try:\n        y = a[0] / 2.0\n"
         "    except IndexError:\n        import math\n        y = 0.0\n    return math.sqrt(y)\n", "calls the method sqrt"),
        ("def g(n: int):\n    return n\n\n\ndef f(n: int):\n    try:\n        n += 1\n"
         "    except ValueError:\n        def g(x): return 1\n    return g(n)\n", "calls g, a local"),
        ("def f(n: int):\n    def g(i):\n        return i + n\n    try:\n        n += 1\n"
         "    except ValueError as g:\n        pass\n    return g(n)\n", "binds g more than once"),
        ("def f(n: int):\n    k = 4\n    def g(i):\n        try:\n            i += 1\n"
         "        except ValueError as k:\n            pass\n        return k + i\n    return g(n)\n",
         "reads k, which no statement here binds"),
    ],
)  # fmt: skip
def test_what_cannot_be_left_out_is_refused(text: str, reason: str, builder) -> None:
    ((result,),) = compile_sites(sites(text, ["f"], {}), builder)
    assert isinstance(result, Refusal) and reason in result.reason


def test_a_global_that_a_branch_left_out_binds_is_not_known(builder) -> None:
    text = """
def h(n: int):
    return n + 1


def other(n: int):
    return n * 50


def swap(n: int):
    if n > 10:
        global h
        h = other
    return n


def f(n: int):
    return swap(n) + h(n)
"""
    bench = Bench.of(text, ["f"], builder)
    assert "has a global" in bench.refusals["f"].reason or "h" in bench.refusals["f"].reason


def test_an_interrupt_ends_a_loop_around_a_try(bench: Bench) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
        with pytest.raises(Stopped):
            bench.compiled.spin(1 << 60)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


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
