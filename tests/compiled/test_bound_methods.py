"""Locals that are bound to methods of containers and instances: compiled, they are what Python binds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make
from test_in_place_meaning import site

from selfsame.compiler.errors import Skipped
from selfsame.variants.compiled.in_place_function_to_cython import print_site

TEXT = """
from collections import deque


class Counter:
    def __init__(self, junk, step):
        self.junk = junk
        self.step = step
        self.total = 0

    def add(self, x):
        self.total += x * self.step
        return self.total


class Bell:
    def __init__(self):
        self.rings = 0

    def __call__(self, x):
        self.rings += x


class Door:
    def __init__(self, bell):
        self.ring = bell


def longest(counter, a, b, where):
    junk, best, size = counter.junk.__contains__, 0, 0
    lengths = {}
    for i in range(len(a)):
        get = lengths.get
        new = {}
        for j in where.get(a[i], []):
            k = new[j] = get(j - 1, 0) + 1
            if k > size and not junk(b[j]):
                best, size = j, k
        lengths = new
    return best, size


def split(xs, most):
    out, parts = [], []
    append = out.append
    for x in xs:
        if len(out) == most:
            parts.append(out)
            out = [0]
        append(x)
    return out, parts


def uniques(words, seen):
    out = []
    add, keep, has = seen.add, out.append, seen.__contains__
    for word in words:
        if not has(word):
            add(word)
            keep(word)
    return out


def by_groups(groups, n):
    total = 0
    for group in groups:
        push, at = group.append, group.__getitem__
        for k in range(n):
            push(k)
            total += at(k)
    return total


def later(xs, n):
    for k in range(n):
        if k > 0:
            push(k)
        if k == 1:
            push = xs.append
    return xs


def queued(n):
    q = deque()
    push, pop = q.append, q.popleft
    for k in range(n):
        push(k)
        if k % 3 == 2:
            pop()
    return pop(), n


def joined(words, sep):
    join, find = sep.join, sep.find
    text = ""
    for word in words:
        text += join([word, word])
        if find(word) >= 0:
            sep = "rebound"
    return text, sep


def passing(xs, n):
    take = xs.pop
    for x in evens(n):
        take()
    return xs


def evens(n):
    out = [0]
    push = out.append
    for k in range(n):
        push(k)
        if k % 2 == 0:
            yield k


def totals(counters, xs):
    for counter in counters:
        add = counter.add
        counter = counters[0]
        for x in xs:
            add(x)
    return counter.total


def rings(doors, xs):
    for door in doors:
        ring = door.ring
        for x in xs:
            ring(x)
    return doors[0].ring.rings
"""


def where(b: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, x in enumerate(b):
        found.setdefault(x, []).append(at)
    return found


def diff(m: Any, a: str, b: str, junk: str) -> tuple[Any, ...]:
    return m.Counter(set(junk), 1), list(a), list(b), where(list(b))


EXAMPLES: dict[str, Make] = {
    "longest": lambda m: diff(m, "abxcd", "xcdab", "x"),
    "split": lambda m: ([1, 2, 3, 4], 2),
    "uniques": lambda m: (["a", "b", "a"], {"b", "c"}),
    "by_groups": lambda m: ([[1, 2], [3]], 2),
    "later": lambda m: ([1], 1),
    "queued": lambda m: (7,),
    "joined": lambda m: (["a", "b"], "ab"),
    "passing": lambda m: ([1, 2, 3], 5),
    "totals": lambda m: ([m.Counter({"a"}, 2), m.Counter({"b"}, 3)], [1, 2]),
    "rings": lambda m: ([m.Door(m.Bell()), m.Door(m.Bell())], [1, 2]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


def shadowed(m: Any) -> Any:
    made = m.Counter({"a"}, 2)
    made.add = m.Bell()
    return made


DECLINED: list[tuple[str, Make]] = [
    ("later", lambda m: ([1], 4)),  # called before it is bound
    ("passing", lambda m: ([1, 2], 5)),  # pops of an empty list after two that were taken back
    ("by_groups", lambda m: ([[1], None], 2)),
    ("uniques", lambda m: (["a", 3], {"b"})),
    ("totals", lambda m: ([m.Counter({"a"}, 2), shadowed(m)], [])),  # not even called
    ("totals", lambda m: ([m.Bell()], [])),  # binding it is what fails
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


SHORT = st.text("abc", max_size=8)


@settings(max_examples=60, deadline=None)
@given(SHORT, SHORT, SHORT, st.lists(st.integers(-3, 3), max_size=8), st.integers(0, 4))
def test_any_texts_and_lists(
    bench: InPlace, a: str, b: str, junk: str, xs: list[int], most: int
) -> None:
    bench.check("longest", lambda m: diff(m, a, b, junk))
    bench.check("split", lambda m: (list(xs), most))
    bench.check("uniques", lambda m: (list(a), set(b)))
    bench.check("by_groups", lambda m: ([list(xs), [1], list(xs)], most))
    bench.check("joined", lambda m: (list(a), b))
    bench.check("passing", lambda m: (list(xs), most))


LOOP = "    for x in xs:\n        {}\n    return xs\n"
REFUSED = {
    "reads the attribute append": "    f = xs.append\n    g = f\n" + LOOP.format("f(x)"),
    "reads the attribute pop": "    f = xs.pop\n    f = xs.append\n" + LOOP.format("f(x)"),
    "reads the attribute push": "    f = xs.push\n" + LOOP.format("x += 1"),
    "reads the attribute sort": "    f = xs.sort\n" + LOOP.format("f(key=lambda y: xs[0])"),
    "reads the attribute insert": "    f = xs.insert\n" + LOOP.format("f = x"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_more_than_called_is_refused(reason: str) -> None:
    text = "def f(xs: list[int]):\n" + REFUSED[reason]
    with pytest.raises(Skipped, match=reason):
        print_site(site(text, {}), also=True)
