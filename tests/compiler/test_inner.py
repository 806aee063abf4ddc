"""Loops, comprehensions and calls that are timed by themselves: the function stays what it is."""

from __future__ import annotations

import importlib
import marshal
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions, identify
from selfsame.compiler.instrument.inner import untimed
from selfsame.compiler.instrument.twins import probed
from selfsame.runtime.agent.codes import callees, patch
from selfsame.runtime.agent.recorder import Probe

WAYS_OUT = """
    total = 0
    for row in rows:
        for x in row:
            if x == stop:
                break
            if x < 0:
                continue
            total += len(str(x))
            if x == 99:
                return total
        else:
            total += 1
    squares = [k * k for k in range(3)]
    while True:
        try:
            total += int("12" if stop is None else stop)
        except ValueError:
            total += 7
            break
        finally:
            total += 1
        if total > 50:
            break
    return total + sum(squares)
"""
ROWS = [
    ([[1, 2], [3, -1, 5]], None),
    ([[1, 2], [99]], None),
    ([[1, 2], [3, 4]], 2),
    ([[1], [2]], "x"),
    ([[1], "ab"], None),
    ([], None),
]


class Timed:
    """A function beside its twin in which all that can be timed is."""

    def __init__(self, source: Source, qualname: str, namespace: dict[str, Any]) -> None:
        found = next(d for d in definitions(source) if d.qualname == qualname)
        inner = [n for n in identify(source).inner if n.owner == found.address and not untimed(n)]
        inner = [n for n in inner if _is_made(source, found, n)]
        self.plain = function_code(plain_code(source), found.qualname, found.line)
        self.probe = Probe()
        self.inner = {
            n.address.partition("/")[2]: Probe(inner=number) for number, n in enumerate(inner, 1)
        }
        twin = marshal.loads(probed(source, found, "time", inner=inner))
        self.code = patch(twin, callees(self.probe, list(self.inner.values())), self.plain)
        self.namespace = namespace

    @property
    def function(self) -> FunctionType:
        """As it is with the twin."""
        return FunctionType(self.code, self.namespace, "f")

    def counts(self) -> dict[str, int]:
        """How often each was passed. What came in has gone out."""
        for probe in (self.probe, *self.inner.values()):
            assert probe.entered == probe.calls and not probe.lost
        return {name: probe.calls for name, probe in self.inner.items()}


def _is_made(source: Source, definition: Any, node: Any) -> bool:
    try:
        probed(source, definition, "time", inner=[node])
    except Skipped:
        return False
    return True


def function(text: str, arguments: str = "") -> Timed:
    body = textwrap.indent(textwrap.dedent(text).strip(), "    ")
    source = Source("m.py", "m", f"def f({arguments}):\n{body}\n")
    return Timed(source, "f", {"__builtins__": __builtins__})


def outcome(of: Callable[..., object], *values: object) -> object:
    """What it returns, or what leaves it and by which places."""
    try:
        return of(*values)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[1:]
        return type(error), str(error), [(f.lineno, f.colno, f.end_colno) for f in frames]


def same(timed: Timed, *values: object) -> object:
    plain = FunctionType(timed.plain, timed.namespace, "f")
    expected = outcome(plain, *values)
    assert outcome(timed.function, *values) == expected
    return expected


def test_every_way_out_of_a_loop_is_counted_once() -> None:
    timed = function(WAYS_OUT, "rows, stop")
    for rows, stop in ROWS:
        same(timed, rows, stop)
    assert timed.counts() == {
        "loop[0]": 6,
        "loop[1]": 10,
        "call[len][0]": 13,
        "call[str][0]": 13,
        "comp[0]": 4,
        "call[range][0]": 4,
        "loop[2]": 4,
        "call[int][0]": 25,
        "call[sum][0]": 4,
    }
    assert timed.inner["loop[0]"].errors == timed.inner["loop[1]"].errors == {"TypeError": 1}
    assert timed.inner["call[int][0]"].errors == {"ValueError": 1}
    assert timed.inner["loop[2]"].errors == {}


def test_returns_and_errors_pass_through_handlers_inside_and_outside() -> None:
    timed = function(
        """
        try:
            for i in range(n):
                for j in range(n):
                    if j > i:
                        continue
                    try:
                        if j == 3:
                            raise KeyError(j)
                    finally:
                        if j == 2 and n < 5:
                            return i, j
        except KeyError as error:
            return [error.args[0] for _ in "ab"]
        return dict(a=max(1, *[2, 3]), **{"b": min(4, 5, key=lambda v: -v)})
        """,
        "n",
    )
    assert [same(timed, n) for n in (0, 2, 3, 4, 6)] == [
        {"a": 3, "b": 5},
        {"a": 3, "b": 5},
        (2, 2),
        (2, 2),
        [3, 3],
    ]
    counts = timed.counts()
    assert (counts["loop[0]"], counts["loop[1]"], counts["comp[0]"]) == (5, 12, 1)
    assert (counts["call[dict][0]"], counts["call[max][0]"], counts["call[min][0]"]) == (2, 2, 2)


def test_its_time_is_its_functions_own_and_not_a_callees() -> None:
    timed = function("for _ in range(3):\n    wait()\nreturn [i for i in range(2000)]")
    callee = Probe()

    def wait() -> None:
        callee.enter()
        sum(range(20_000))
        callee.leave()

    timed.namespace["wait"] = wait
    timed.function()
    loop = timed.inner["loop[0]"].snapshot()
    whole, called = timed.probe.snapshot(), callee.snapshot()
    assert loop["own_ns"] == loop["total_ns"] - called["total_ns"]  # type: ignore[operator]
    assert whole["own_ns"] == whole["total_ns"] - called["total_ns"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for x in a:\n    yield x", "suspended inside"),
        ("while a:\n    a = [(yield i) for i in a] if 0 else (yield)", "suspended inside"),
        ("return sum(x for x in a)", "a generator expression runs where it is asked"),
    ],
)
def test_what_is_suspended_inside_is_refused(text: str, why: str) -> None:
    source = Source("m.py", "m", f"def f(a):\n{textwrap.indent(text, '    ')}\n")
    first = next(n for n in identify(source).inner if n.kind != "call")
    assert why in untimed(first)


def test_a_loop_without_yield_is_timed_in_a_generator() -> None:
    timed = function(
        """
        for x in a:
            t = 0
            while t < x:
                t += 1
            yield t
        """,
        "a",
    )
    assert list(timed.function([3, 0, 5])) == [3, 0, 5]
    assert timed.counts() == {"loop[1]": 3}


def test_a_call_that_is_not_made_has_no_instructions() -> None:
    source = Source("m.py", "m", "def f():\n    if 0:\n        print(1)\n    return 2\n")
    (call,) = identify(source).inner
    with pytest.raises(Skipped, match="no instructions of its own"):
        probed(source, definitions(source)[0], "time", inner=[call])


# Modules of the standard library in which every function has probes of all that is in it.
WORK: dict[str, Callable[[ModuleType], object]] = {
    "textwrap": lambda m: [m.wrap(WAYS_OUT * 3, n) for n in (20, 40)] + [m.dedent(WAYS_OUT)],
    "difflib": lambda m: (
        list(m.unified_diff(WAYS_OUT.split("\n"), WAYS_OUT[50:].split("\n"))),
        m.get_close_matches("total", WAYS_OUT.split()),
        list(m.ndiff(["a b", "c"], ["a  b", "d"])),
    ),
    "heapq": lambda m: (m.nsmallest(3, [5, 1, 4, 2]), list(m.merge([1, 4], [2, 3], [0]))),
    "statistics": lambda m: (m.median([3, 1, 2]), m.stdev([1, 2, 4]), m.mode("aab")),
    "shlex": lambda m: (m.split('a \'b c\' "d\\"" # e'), m.join(["a b", "c"])),
    "calendar": lambda m: (m.TextCalendar(6).formatyear(2024), m.monthcalendar(2023, 2)),
    "fractions": lambda m: sum((m.Fraction(1, n) for n in range(1, 20)), m.Fraction("0.25")),
    "ast": lambda m: m.dump(m.parse(f"def f(rows, stop):\n{textwrap.indent(WAYS_OUT, ' ')}")),
    "configparser": lambda m: _configured(m),
    "csv": lambda m: m.Sniffer().sniff("a;b\n1;2\n3;4\n").delimiter,
    "string": lambda m: m.Formatter().format("{0!r:>4} {x[1]}", 7, x=[1, 2]),
    "tokenize": lambda m: [
        str(t) for t in m.generate_tokens(iter(f"if 1:\n{WAYS_OUT}".splitlines(True)).__next__)
    ],
}


def _configured(module: ModuleType) -> object:
    parser = module.ConfigParser()
    parser.read_string("[a]\nx = 1\ny = %(x)s\n z\n[b]\nw: 2\n")
    return {name: dict(parser[name]) for name in parser}


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    for value in list(vars(module).values()):
        inside = vars(value).values() if isinstance(value, type) else [value]
        for one in inside:
            one = getattr(one, "__func__", one)
            if isinstance(one, FunctionType) and one.__module__ == module.__name__:
                yield one


@pytest.mark.parametrize("name", WORK)
def test_modules_of_the_standard_library_do_what_they_did(name: str) -> None:
    def fresh() -> ModuleType:
        kept = sys.modules.pop(name, None)
        try:
            return importlib.import_module(name)
        finally:
            if kept is not None:
                sys.modules[name] = kept

    expected = WORK[name](fresh())
    module = fresh()
    assert module.__file__ is not None
    source = Source(module.__file__, name, Path(module.__file__).read_text("utf-8"))
    made: list[Timed] = []
    for function in functions_of(module):
        try:
            timed = Timed(source, function.__qualname__, function.__globals__)
        except (Skipped, StopIteration):
            continue
        if timed.code.co_freevars == function.__code__.co_freevars and timed.inner:
            function.__code__ = timed.code
            made.append(timed)
    assert WORK[name](module) == expected
    passed = sum(sum(timed.counts().values()) for timed in made)
    assert len(made) > 3 and passed
