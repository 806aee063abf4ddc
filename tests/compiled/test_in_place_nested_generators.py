"""Compiled in place: loops over generator expressions, and over what ``map`` makes of several."""

import ast
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython.flattening import flattened

TEXT = """
import operator

MARKS = ("#", "//")


def listed(rows):
    return [a + b for a, b in (row.split("-") for row in rows)]


def loops(rows, k, mark):
    out = []
    for a, b in ((r, [r for r in range(r)]) for r in rows if r < 9 if r != 4):
        if a == 5:
            continue
        if a == k:
            break
        out.append(a + len(b))
        if len(rows) < 12:
            rows.append(mark)
    else:
        out.append(-1)
    return out, rows


def table(rows):
    return {a: b for a, b in ((x, y) for x in rows for y in range(x) if y % 2) if a != 3}


def twice(rows, r):
    found = [r * v for v in (x + r for x in (r for r in rows if r > 1))]
    return found, r, sum(r for r in (r * r for r in rows))


class Held:
    def __init__(self, values):
        self.values = values

    def total(self):
        total = 0
        for x in (v * 2 for v in self.values):
            total += x
            if total > 50:
                self.values.append(total)
                break
        return total, self.values


def total_of(held):
    return held.total()


def side_by_side(a, b, c):
    return (
        sum(map(operator.mul, a, b)),
        list(map(operator.sub, a, b)),
        any(map(operator.gt, a, b)),
        [x for x in map(max, a, c)],
        [x * 2 for x in map(lambda p, q, r: p * q + r, a, b, c)],
        all(map(operator.ne, a, map(abs, b))),
    )


def begins(lines, table):
    n = 0
    for line in lines:
        n += line.startswith(MARKS)
        n += 2 * line.endswith((";", "\\n"))
        n += 4 * line.startswith(("a", "b"), 1)
        if line.startswith(table):
            n += 8
    return n
"""

EXAMPLES: dict[str, Make] = {
    "listed": lambda m: (["a-b", "c-"],),
    "loops": lambda m: ([1, 5, 2, 0, 7], 7, 3),
    "table": lambda m: ([1, 2, 5, 3],),
    "twice": lambda m: ([1, 2, 3], 4),
    "total_of": lambda m: (m.Held([1, 30, 2]),),
    "side_by_side": lambda m: ([1, 2, 3], [4, 5, 0], [7, 1]),
    "begins": lambda m: (["#x", "ya;", ""], ("x", "y")),
}
NUMBERS = st.lists(st.integers(-2, 9), max_size=6)


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=80)
@given(NUMBERS, NUMBERS, st.integers(-2, 9), st.integers(-2, 9))
def test_each_item_is_made_when_it_is_asked_for(
    made: InPlace, left: list[int], right: list[int], k: int, mark: int
) -> None:
    made.check("loops", lambda m: (list(left), k, mark))
    made.check("table", lambda m: (list(left),))
    made.check("twice", lambda m: (list(left), k))
    made.check("total_of", lambda m: (m.Held([*left, *[n * 9 for n in right]]),))
    made.check("side_by_side", lambda m: (list(left), list(right), [k, *right]))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("ab#/;-\n", max_size=4), max_size=4), st.text("ab#", max_size=2))
def test_texts(made: InPlace, lines: list[str], mark: str) -> None:
    made.check("listed", lambda m: (list(lines),))
    made.check("begins", lambda m: (list(lines), (mark, "a")))
    made.check("begins", lambda m: (list(lines), (mark,)))


def test_other_kinds_are_left_to_python(made: InPlace) -> None:
    for numbers in ([1, "a"], [1.5, 2], [True, 2], [None], [1 << 70, 2], (1, 2, 3), "abc"):
        for name, rest in (("twice", (2,)), ("side_by_side", ([1, 2], [3]))):
            made.check(name, lambda m, n=numbers, rest=rest: (copy.copy(n), *rest))
    for marks in (("a", 1), (), "a", ["a"], None):
        made.check("begins", lambda m, marks=marks: (["#x", "ab"], marks))


@pytest.mark.parametrize(
    "text",
    [
        "for a in (b for b in c): print(a)",
        "for a in ((last := b) for b in c): print(a, last)",
        "for a in (b for b in c for d in b): print(a)",
        "for a in (lambda: b for b in c): print(a())",
        "print([a for a in (b for b in c if b) if a])",
        "print({a: e for c in c for a, e in (((str(c), b), b) for b in c)})",
    ],
)
def test_a_flat_loop_does_what_the_other_did(text: str) -> None:
    rows: dict[str, list[object]] = {}
    for which in ("as it is", "flat"):
        function = ast.parse(f"def f(c, print):\n    {text}\n").body[0]
        assert isinstance(function, ast.FunctionDef)
        if which == "flat":
            function = flattened(function)
        module = ast.Module([function], [])
        names: dict[str, Any] = {}
        exec(compile(module, "text", "exec"), names)
        said: list[object] = []
        names["f"]([[1, 2], [], [3]], lambda *given, said=said: said.append(repr(given)))
        rows[which] = said
    assert rows["as it is"] == rows["flat"] and rows["flat"]
