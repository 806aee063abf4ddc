"""Compiled in place: defaults that are builtins or a library's, and imports within functions."""

import builtins
import math
import sys
import types
from typing import Any

import pytest
from test_in_place import InPlace, Make

from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython import CannotPrint

TEXT = """
import math
from bisect import bisect_left
from collections import deque
from math import pi, tau as turn


def area(xs):
    total = 0.0
    for x in xs:
        total += x * pi * turn
    return total


def finds(xs, ys, search=bisect_left, size=len, *, root=math.sqrt):
    total = 0
    for y in ys:
        total += search(xs, y) * size(ys)
    return total, root(total)


def outer(xs, n):
    found = []
    for i in range(n):
        found.append(scaled(xs, i) + scaled(xs, i, k=4) + Scale(2).of(xs))
    return found


def scaled(xs, i, _len=len, k=3, _abs=abs):
    return _len(xs) * i + _abs(-k)


def given(xs, n):
    found = []
    for i in range(n):
        found.append(scaled(xs, i, sum))
    return found


def shadows(xs, size=len):
    total = 0
    for size in xs:
        total += size
    return total, size


def hides(xs, size=len):
    total = 0
    for len in xs:
        total += len
    return total + size(xs)


class Scale:
    def __init__(self, k, _abs=abs):
        self.k = _abs(k)

    def of(self, xs, total=sum, key=len):
        return total(xs) * self.k + key(xs)


class Own:
    def len(xs):
        return 99

    def total(self, xs, len=len):
        return len(xs)


def asked(own, n):
    total = 0
    for i in range(n):
        total += own.total([1, 2])
    return total


def shapes(xs, n, kind=int, order=sorted):
    found = []
    for x in order(xs):
        if isinstance(x, kind):
            found.append(kind(x) + n)
    return found


def brings(xs):
    import heapq
    from collections import defaultdict
    from math import floor as down, sqrt

    heap = []
    counts = defaultdict(int)
    for x in xs:
        heapq.heappush(heap, x)
        counts[down(x)] += 1
    return heap, sqrt(len(xs)), dict(sorted(counts.items()))


def brings_inside(xs, flag):
    total = 0.0
    for x in xs:
        import math as m

        total += m.sqrt(x)
    if flag:
        from itertools import accumulate

        for y in accumulate(xs):
            total += y
    return total, m_later(xs)


def m_later(xs):
    from math import pi

    total = 0.0
    for x in xs:
        total += x * pi
    return total


def with_inner(xs):
    import math

    def root(x):
        return math.sqrt(x)

    total = 0.0
    for x in xs:
        total += root(x)
    return total


def some_way(xs, flag):
    if flag:
        import math
    total = 0.0
    for x in xs:
        if x > 1.0:
            total += math.sqrt(x)
    return total


def twice(xs):
    from math import sqrt as root

    for x in xs:
        if x > 2.0:
            from math import floor as root
    return [root(x) for x in xs]
"""


EXAMPLES: dict[str, Make] = {
    "finds": lambda m: ([1, 3, 5], [2, 4, 9]),
    "outer": lambda m: ([1, 2], 5),
    "shapes": lambda m: ([3, 1, 2], 4),
    "brings": lambda m: ([3.5, 1.5, 2.5, 1.0],),
    "brings_inside": lambda m: ([3.5, 1.5], True),
    "m_later": lambda m: ([3.5, 1.5],),
    "with_inner": lambda m: ([4.0, 9.0],),
    "area": lambda m: ([4.0, 9.0],),
}
MAYBE: dict[str, Make] = {
    "shadows": lambda m: ([1.0, 2.0],),
    "some_way": lambda m: ([1.0, 2.0], True),
}


@pytest.fixture(scope="module")
def bench(builder: Builder) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES | MAYBE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


def redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def test_what_is_given_in_place_of_a_default_is_called(bench: InPlace) -> None:
    redone(bench, "finds", lambda m: ([1, 3, 5], [2, 4, 9], lambda xs, y: 7))
    redone(bench, "finds", lambda m: ([1, 3, 5], [2, 4, 9], m.bisect_left, sum))
    redone(bench, "shapes", lambda m: ([3, 1, 2], 4, bool))
    bench.check_fast("finds", lambda m: ([1, 3, 5], [2, 4, 9], m.bisect_left, len))


def test_a_name_that_is_bound_on_some_ways_only_is_looked_at(bench: InPlace) -> None:
    for flag in (True, False):
        bench.check("some_way", lambda m, flag=flag: ([1.0, 2.0], flag))
    bench.check("some_way", lambda m: ([0.5], False))
    bench.check("shadows", MAYBE["shadows"])
    bench.check("shadows", lambda m: ([],))


REFUSED: dict[str, tuple[str, Make]] = {
    "given": ("with unclear arguments", lambda m: ([1.0], 3)),
    "hides": ("calls size, a local", lambda m: ([1.0, 2.0],)),
    "asked": ("calls total without len", lambda m: (m.Own(), 3)),
    "twice": ("ImportFrom", lambda m: ([1.0, 2.0],)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_be_something_else_is_refused(builder: Builder, name: str) -> None:
    said, make = REFUSED[name]
    with pytest.raises(CannotPrint, match=said):
        InPlace(builder, TEXT, {name: make})


def test_an_import_that_would_bring_something_else_is_the_originals(
    bench: InPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = types.ModuleType("math")
    vars(other).update(floor=math.ceil, sqrt=math.cos, pi=3.0)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "math", other)
        redone(bench, "brings", EXAMPLES["brings"])
        redone(bench, "with_inner", EXAMPLES["with_inner"])
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "math")
        redone(bench, "m_later", EXAMPLES["m_later"])
    with monkeypatch.context() as patch:
        patch.setattr(math, "pi", 3.0)
        redone(bench, "m_later", EXAMPLES["m_later"])
    asked: list[str] = []
    before = builtins.__import__

    def told(name: str, *args: Any) -> Any:
        asked.append(name)
        return before(name, *args)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", told)
        redone(bench, "m_later", EXAMPLES["m_later"])
    assert asked.count("math") == 2
    bench.check_fast("brings", EXAMPLES["brings"])
