"""Compiled in place: whose method is asked, what a failed step leaves, and names of any kind."""

import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.variants.compiled.in_place_function_to_cython import print_site
from selfsame.variants.site import Observed, Site

TEXT = """
import math
import functools


class Base:
    def __init__(self, x):
        self.x = x
    def __add__(self, o):
        return self.x + o.x
    def __radd__(self, o):
        return 1000
    def __lt__(self, o):
        return self.x < o.x
    def __gt__(self, o):
        return self.x > o.x
    def __eq__(self, o):
        return self.x == o.x


class Sub(Base):
    def __radd__(self, o):
        return -1
    def __gt__(self, o):
        return True
    def __eq__(self, o):
        return True


class Vec:
    def __init__(self, x):
        self.x = x
    def __add__(self, o):
        return Vec(self.x + o.x)
    def __iadd__(self, o):
        self.x += o.x
        return self


class Lazy:
    def __init__(self, x):
        self.x = x
    @functools.cached_property
    def double(self):
        return self.x * 2
    def other(self):
        return 1


class Plain:
    def __init__(self, x):
        self.x = x
        self.y = 0


def addsub(a, b, n):
    t = 0
    for _ in range(n):
        t += a + b
    return t


def ltsub(a, b, n):
    t = 0
    for _ in range(n):
        if a < b:
            t += 1
        if a == b:
            t += 10
    return t


def iadds(a, b, n):
    start = a
    for _ in range(n):
        a += b
    return a is start, a.x


def numbered(xs, start):
    out = []
    for i, x in enumerate(xs, start):
        out.append((i, x))
    return out


def setgrow(s, n):
    t = 0
    for x in s:
        t += x
        if x == n:
            s.add(x + 100)
    return t


def lazies(objs, n):
    t = 0
    for o in objs:
        o.x += n
        t += o.double
    return t


def lazygarbage(objs, n):
    t = 0
    for o in objs:
        o.x = o.x * n
        t += o.double
    return t


def pool(pool, result, cdef, include, NULL, DEOPT):
    t = 0
    for x in pool:
        t += x + result + cdef + include + NULL + DEOPT
    return t


def droptest(xs, a):
    t = 0
    for x in xs:
        if isinstance(x / a, float):
            t += 1
    return t


def dropis(xs, a):
    t = 0
    for x in xs:
        if (x / a) is None:
            t += 2
    return t


def droptuple(xs, a):
    t = 0
    for x in xs:
        if (x / a, 2):
            t += 4
    return t


def droplen(xs, a):
    t = 0
    for x in xs:
        t += len((x // a, 1))
    return t


def dropin(xs, a):
    t = 0
    for x in xs:
        if x / a in ():
            t += 4
    return t


def nansaved(objs, x):
    for o in objs:
        o.x = x
        o.y += 1
    return [x], objs[0].x


def setadd(s, xs):
    out = []
    for x in xs:
        s.add(x)
        out.append(1000 // x)
    return out


def deep(plain, a, b):
    if plain is None:
        return a
    plain.y += 1
    some = [a + b, b - a]
    more = {1: a, 2: some[0], 3: some[1]}
    most = [x * more[1] for x in some if x > more[2]]
    return deep(plain.x, a, b) + len(most)


def asserts(xs):
    for x in list(xs):
        assert xs.pop() > -100
    return xs
"""


def cached(m: Any, x: int) -> Any:
    made = m.Lazy(x)
    assert made.double == 2 * x
    return made


EXAMPLES: dict[str, Make] = {
    "addsub": lambda m: (m.Base(1), m.Sub(2), 3),
    "ltsub": lambda m: (m.Base(5), m.Sub(2), 3),
    "iadds": lambda m: (m.Vec(5), m.Vec(2), 3),
    "numbered": lambda m: ([1, 2, 3], 5),
    "setgrow": lambda m: ({1, 2, 3}, 5),
    "lazies": lambda m: ([cached(m, 1)], 1),
    "lazygarbage": lambda m: ([cached(m, 1)], 1),
    "pool": lambda m: ([1], 2, 3, 4, 5, 6),
    "droptest": lambda m: ([1.5], 2),
    "dropis": lambda m: ([1.5], 2),
    "droptuple": lambda m: ([1.5], 2),
    "droplen": lambda m: ([1.5], 2.0),
    "dropin": lambda m: ([1.5], 2.0),
    "nansaved": lambda m: ([m.Plain(1.0)], 2.0),
    "setadd": lambda m: ({1, 2}, [3, 4]),
    "asserts": lambda m: ([1, 2],),
    "deep": lambda m: (m.Plain(m.Plain(None)), 1, 2),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


DECLINED: list[tuple[str, Make]] = [
    ("numbered", lambda m: ([1, 2, 3], 2**63 - 2)),
    ("setgrow", lambda m: ({1}, 1)),  # at its last item
    ("setgrow", lambda m: ({1, 2, 3}, 3)),
    ("lazies", lambda m: ([m.Lazy(1), m.Lazy(5)], 1)),  # code of the user's would run
    ("lazygarbage", lambda m: ([m.Lazy(5), m.Lazy(2**62)], 4)),
    ("droptest", lambda m: ([1.5], 0)),
    ("dropis", lambda m: ([1.5], 0)),
    ("droptuple", lambda m: ([1.5], 0)),
    ("droplen", lambda m: ([1.5], 0.0)),
    ("dropin", lambda m: ([1.5], 0.0)),
    ("addsub", lambda m: (m.Sub(1), m.Base(1), 2)),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_redone(bench: InPlace, name: str, make: Make) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def test_one_object_on_both_sides(bench: InPlace) -> None:
    bench.check_fast("iadds", lambda m: ((v := m.Vec(5)), v, 3))


def test_nan_stays_the_object_that_it_is(bench: InPlace) -> None:
    plain, nan = bench.compiled.Plain(1.0), float("nan")
    (found,), _ = bench.compiled.nansaved([plain], nan)
    assert found is nan and plain.x is nan


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 300), max_size=20),
    st.lists(st.integers(1, 300), max_size=30),
    st.data(),
)
def test_a_set_that_is_put_back_has_its_order(
    bench: InPlace, items: list[int], more: list[int], data: st.DataObject
) -> None:
    orders = []
    out = data.draw(st.lists(st.sampled_from(items))) if items else []
    for module in (bench.original, bench.compiled):
        held = set(items)
        for each in out:
            held.discard(each)
        with pytest.raises(ZeroDivisionError):
            module.setadd(held, [*more, 0])
        orders.append(list(held))
    assert orders[0] == orders[1]


def test_a_thread_with_a_small_stack_recurses_as_deep_as_the_original(bench: InPlace) -> None:
    found: list[int] = []
    limit, size = sys.getrecursionlimit(), threading.stack_size(64 << 10)
    try:
        sys.setrecursionlimit(4000)
        for module in (bench.original, bench.compiled):
            plain = None
            for _ in range(900):
                outer = module.Plain(plain)
                plain = outer
            thread = threading.Thread(
                target=lambda m, p: found.append(m.deep(p, 1, 2)), args=(module, plain)
            )
            thread.start()
            thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    assert found[0] == found[1]


def site(text: str, seen: dict[str, str], optimize: int = 0) -> Site:
    source = Source("sample.py", "sample", text)
    definition = next(d for d in definitions(source) if d.address.endswith(":f"))
    full = {name: frozenset({kind}) for name, kind in seen.items()}
    return Site(source, definition, None, Observed(full=full), optimize=optimize)


CLASS = "class C:\n    def __init__(self):\n        self.x = 1\n    def __rmod__(self, o):\n        return 1\n"
REFUSED = {
    "calls g, a local": "def g(x):\n    return x\ndef f(c: list[int]):\n    return [g(g) for g in c]\n",
    "calls abs, a local": "def f(c: list[int]):\n    return [abs(abs) for abs in c]\n",
    "shows a C": CLASS + "def f(c: C, s: str):\n    for _ in s:\n        s % c\n",
    "unknown type": CLASS + "def f(c: C, s):\n    for _ in range(3):\n        c < s\n",
    "inverts a bool": "def f(c: bool):\n    for _ in range(3):\n        ~c\n",
    "in place by an operator": "def f(c: bytearray):\n    for _ in range(3):\n        c *= 2\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_python_would_do_otherwise_is_refused(reason: str) -> None:
    with pytest.raises(Skipped, match=reason):
        print_site(site(REFUSED[reason], {}), also=True)


def test_asserts_are_left_out_where_the_program_leaves_them_out() -> None:
    text = "def f(xs: list[int]):\n    for _ in range(3):\n        assert xs.pop()\n"
    assert "sf_list_pop(" in print_site(site(text, {}), also=True).text
    assert "sf_list_pop(" not in print_site(site(text, {}, 1), also=True).text


def test_attributes_of_classes_that_are_spelled_alike_are_told_apart() -> None:
    text = (
        "class A:\n    def __init__(self):\n        self.b_c = 1\n"
        "class A_b:\n    def __init__(self):\n        self.c = 2\n"
        "def f(x: A, y: A_b):\n    for _ in range(3):\n        x.b_c += y.c\n"
    )
    declared = [
        line
        for line in print_site(
            site(text, {"A.b_c": "int", "A_b.c": "int"}), also=True
        ).text.splitlines()
        if line.startswith("cdef sf_place")
    ]
    assert len(declared) == len(set(declared)) == 2
