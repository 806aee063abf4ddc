"""linear-membership-to-set: the same as the original on odd values, and refused where it is not."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.variants.site import Observed

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

NAME = "linear-membership-to-set"
MIXED = st.lists(st.integers(0, len(pool()) - 1), max_size=12)
PLAIN = st.lists(st.integers(0, bench_module.PLAIN - 1), max_size=12)
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

SHAPES = {
    "loop": """
def f(xs, ys):
    out = []
    for x in xs:
        if x in ys:
            out.append(x)
    return out
""",
    "not in, with continue, break and else": """
def f(xs, ys):
    n = 0
    for i, x in enumerate(xs):
        if x not in ys:
            continue
        n += i
        if n > 20:
            break
    else:
        n = -n
    return n
""",
    "list comprehension": """
def f(xs, ys):
    return [x for x in xs if x in ys]
""",
    "comprehension over pairs of lists": """
def f(xs, ys):
    return {i: x in ys for i, x in enumerate(xs)}
""",
    "generator expression that is used up": """
def f(xs, ys):
    return any(x not in ys for x in xs)
""",
    "nested loops": """
def f(xs, ys):
    n = 0
    for x in xs:
        for y in xs:
            if y in ys and x in ys:
                n += 1
    return n
""",
    "a list of its own": """
def f(xs, zs):
    ys = [z for z in zs]
    out = []
    for x in xs:
        out.append((x in ys, len(str(x)) if x in ys else None))
    return out
""",
    "while, with an early return": """
def f(xs, ys):
    i = 0
    while i < len(xs):
        if xs[i] in ys:
            return i
        i += 1
    return None
""",
    "a method of the element": """
def f(xs, ys):
    out = []
    for x in xs:
        if x in ys:
            out.append(1)
        elif x.upper() == 'A':
            out.append(2)
    return out
""",
    "handled errors": """
def f(xs, ys):
    out = []
    for x in xs:
        try:
            out.append(x in ys)
        except KeyError:
            out.append('no')
    return out
""",
    "a docstring and a search that is negated in an expression": """
def f(xs, ys):
    'Text.'
    count = 0
    for x in xs:
        count += not (x in ys) or (x not in ys)
    return count
""",
}


@pytest.fixture(scope="module")
def pairs():
    return {name: Bench().pair(NAME, text) for name, text in SHAPES.items()}


@pytest.mark.parametrize("shape", SHAPES)
@given(xs=MIXED, ys=MIXED, tuples=st.booleans())
@QUICK
def test_same_on_values_of_every_sort(pairs, shape, xs, ys, tuples) -> None:
    def make():
        fresh = pool()
        found = [fresh[i] for i in ys]
        return [fresh[i] for i in xs], tuple(found) if tuples else found

    pairs[shape].check(make)


@pytest.mark.parametrize("shape", SHAPES)
@given(xs=MIXED, ys=PLAIN)
@QUICK
def test_same_where_the_index_is_used(pairs, shape, xs, ys) -> None:
    def make():
        fresh = pool()
        return [fresh[i] for i in xs], [fresh[i] for i in ys]

    pairs[shape].check(make)


def test_the_index_is_used_and_deopts_are_counted(bench) -> None:
    pair = bench.pair(NAME, SHAPES["loop"])
    assert pair.check(lambda: ([1, 2, 3], [3, 2.0])).result == [2, 3]
    assert pair.deopts == 0
    assert pair.check(lambda: ([1], [object])).result == []
    assert pair.deopts == 1
    assert pair.check(lambda: ([1], 5)).error[0] is TypeError
    assert pair.deopts == 2


@pytest.mark.parametrize("odd", ["ys.append('new')", "ys.clear()"])
def test_an_element_that_changes_the_list_is_seen(bench, odd) -> None:
    pair = bench.pair(NAME, SHAPES["a method of the element"])

    class Changer:
        def __init__(self, ys):
            self.ys = ys

        def __repr__(self):
            return "Changer()"

        def upper(self):
            exec(odd, {"ys": self.ys})
            return "A"

    def make():
        ys = ["a", "b"]
        return [Changer(ys), "new", "a", "x"], ys

    pair.check(make)
    assert pair.deopts == 0


def test_an_equality_that_changes_the_list_is_seen(bench) -> None:
    pair = bench.pair(NAME, SHAPES["loop"])

    class Changer:
        def __init__(self, ys):
            self.ys = ys

        def __repr__(self):
            return "Changer()"

        def __eq__(self, other):
            self.ys.append("new")
            return len(self.ys) > 5

    def make():
        ys = ["a", "b"]
        return ["a", Changer(ys), "new", "c"], ys

    assert pair.check(make).result[-1] == "new"


def test_a_generator_that_changes_the_list_between_rounds(bench) -> None:
    pair = bench.pair(NAME, SHAPES["loop"])

    def make():
        ys = ["a"]

        def steps():
            for text in ("x", "a", "x"):
                yield text
                ys.append("x")

        return steps(), ys

    first = pair.run(pair.original, make)
    second = pair.run(pair.rewritten, make)
    assert first.result == second.result == ["a", "x"]
    assert pair.deopts == 1


def test_unbound_and_missing_names_raise_as_before(bench) -> None:
    text = """
def f(xs):
    if len(xs) > 3:
        ys = [1, 2]
    out = [x for x in xs if x in ys]
    return out
"""
    pair = bench.pair(NAME, text)
    assert issubclass(pair.check(lambda: ([1, 2],)).error[0], NameError)
    assert pair.check(lambda: ([],)).result == []
    assert pair.check(lambda: ([1, 2, 3, 4],)).result == [1, 2]


def test_it_is_faster_on_a_long_list(bench) -> None:
    import time

    pair = bench.pair(NAME, SHAPES["loop"])
    words = [f"w{i}" for i in range(1500)]

    def seconds(function):
        began = time.perf_counter()
        function(words, words)
        return time.perf_counter() - began

    original = min(seconds(pair.original) for _ in range(3))
    assert min(seconds(pair.rewritten) for _ in range(3)) * 5 < original


REFUSED = {
    "changed in the loop": (
        "def f(xs, ys):\n    for x in xs:\n        if x not in ys:\n            ys.append(x)\n",
        "'ys' is changed inside: 'ys.append'",
        4,
    ),
    "bound again in the loop": (
        "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            ys = [x]\n",
        "'ys' is bound again inside",
        2,
    ),
    "an item is set": (
        "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            ys[0] = x\n",
        "'ys' is changed inside: 'ys[0]'",
        4,
    ),
    "a callee may change it": (
        "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            g(x)\n",
        "the call 'g' may run any code, which may change 'ys', known outside this function",
        4,
    ),
    "an attribute may be a property": (
        "def f(xs, ys):\n    y = xs.pop()\n    for x in xs:\n        y = y.next\n"
        "        if x in ys:\n            print\n",
        "the attribute .next of 'y' may run code of its own, which may change 'ys', "
        "known outside this function",
        4,
    ),
    "the items are unpacked": (
        "def f(xs, ys):\n    return [a for a, b in xs if a in ys]\n",
        "unpacking may run code of the value's own, which may change 'ys', "
        "known outside this function",
        2,
    ),
    "another name may hold it": (
        "def f(xs):\n    ys = [1]\n    zs = ys\n    for x in xs:\n        if x in ys:\n"
        "            zs.append(x)\n",
        "another name may hold the list 'ys'",
        5,
    ),
    "a while that waits": (
        "def f(flags):\n    while 'stop' not in flags:\n        pass\n",
        "what is searched for is the same in every round",
        None,
    ),
    "a set already": (
        "def f(xs):\n    ys = {1, 2}\n    return [x for x in xs if x in ys]\n",
        "'ys' is a set or dict already",
        2,
    ),
    "a function defined inside": (
        "def f(xs, ys):\n    for x in xs:\n        def g():\n            return x in ys\n"
        "        if x in ys:\n            return g\n",
        "a function or class is defined inside",
        3,
    ),
    "a generator": (
        "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            yield x\n",
        "it is a generator: others run between its steps",
        1,
    ),
    "looks at its locals": (
        "def f(xs, ys):\n    for x in xs:\n        if x in ys:\n            return locals()\n",
        "it may look at its own variables by name",
        4,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(bench, case) -> None:
    text, reason, line = REFUSED[case]
    refusal = bench.refused(NAME, text, "f")
    assert refusal.reason == reason
    assert (refusal.place.line if refusal.place else None) == line


def test_short_and_other_observed_types_are_refused(bench) -> None:
    text = SHAPES["loop"]
    short = bench.refused(NAME, text, observed=Observed(sizes={"ys": 3}))
    assert short.reason == "'ys' has 3 elements at the median: 8 pay off"
    other = bench.refused(NAME, text, observed=Observed(types={"ys": frozenset({"set"})}))
    assert other.reason == "'ys' was only seen to be set"
    seen = Observed(types={"ys": frozenset({"list[str]"})}, sizes={"ys": 100})
    bench.pair(NAME, text, observed=seen)


def test_where_nothing_is_searched_nothing_is_said(bench) -> None:
    assert bench.results(NAME, "def f(xs):\n    return 3 in xs\n") == []
