"""accumulator-list-to-set: the list keeps its order and identity, searches agree on odd values."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

NAME = "accumulator-list-to-set"
QUICK = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SHAPES = {
    "unique": """
def f(xs):
    seen = []
    for x in xs:
        if x not in seen:
            seen.append(x)
    return seen
""",
    "used in other ways too": """
def f(xs):
    out = []
    for _ in range(2):
        seen: list = []
        i = 0
        while i < len(xs):
            x = xs[i]
            i += 1
            if x in seen and seen:
                out.append(len(seen))
                continue
            seen.append(x)
        out.append((tuple(seen), [i for i, _ in enumerate(seen)]))
        out.append([seen[0] if seen else None, seen[1:]])
        for y in seen:
            out.append(y in seen)
    return out
""",
    "added, ordered and looked at as a whole": """
def f(xs):
    seen = []
    for x in xs:
        if x not in seen:
            seen += [x]
        elif x is None:
            seen.reverse()
        if (x, 1) not in seen:
            seen = seen + [(x, 1)]
    first = {type(y) for y in seen}
    seen.sort(key=repr)
    again = [y in seen for y in xs]
    if len(xs) % 3 == 0:
        seen.sort()
    if len(xs) % 3 == 1:
        return max(seen), min(seen), ", ".join(seen), sum(seen)
    return first, again, seen
""",
    "an append that is searched at once": """
def f(xs):
    seen = list()
    out = []
    for x in xs:
        seen.append((x, x in seen))
        out.append((x, False) in seen)
    return out
""",
}


@pytest.fixture(scope="module")
def pairs():
    return {name: Bench().pair(NAME, text) for name, text in SHAPES.items()}


@pytest.mark.parametrize("shape", SHAPES)
@given(indices=st.lists(st.integers(0, len(pool()) - 1), max_size=14))
@QUICK
def test_same_on_values_of_every_sort(pairs, shape, indices) -> None:
    def make():
        fresh = pool()
        return ([fresh[i] for i in indices],)

    pairs[shape].check(make)


def test_the_first_of_equal_values_stays(pairs) -> None:
    assert pairs["unique"].check(lambda: ([1, True, 1.0, 2.0, 2],)).result == [1, 2.0]


def test_it_is_faster_on_many(pairs) -> None:
    import time

    pair = pairs["unique"]

    def seconds(function):
        began = time.perf_counter()
        function(range(2_000))
        return time.perf_counter() - began

    assert min(seconds(pair.rewritten) for _ in range(3)) * 4 < seconds(pair.original)


REFUSED = {
    "passed on": (
        "def f(xs):\n    s = []\n    for x in xs:\n        if x not in s:\n"
        "            s.append(x)\n        g(s)\n",
        "s: 'g(s)' is not a use that can be changed",
    ),
    "bound anew while it is iterated over": (
        "def f(xs):\n    s = [1]\n    for x in s:\n        if x + 1 not in s:\n"
        "            s = s + [x + 1]\n    return s\n",
        "s: it is bound anew while the old one is iterated over",
    ),
    "iterated over later": (
        "def f(xs):\n    s = []\n    it = (z for z in s)\n    for x in xs:\n"
        "        if x not in s:\n            s = s + [x]\n    return list(it)\n",
        "s: '(z for z in s)' is not a use that can be changed",
    ),
    "joined by something": (
        "def f(xs, t):\n    s = []\n    for x in xs:\n        if x not in s:\n"
        "            s.append(x)\n    return t.join(s)\n",
        "s: 't' may be no text",
    ),
    "shrinks": (
        "def f(xs):\n    s = []\n    for x in xs:\n        if x not in s:\n"
        "            s.append(x)\n        s.pop()\n",
        "s: 's.pop()' is not a use that can be changed",
    ),
    "the result of append": (
        "def f(xs):\n    s = []\n    return [s.append(x) for x in xs if x not in s]\n",
        "s: 's.append(x)' is not a use that can be changed",
    ),
    "never grows": (
        "def f(xs):\n    s = []\n    return [x for x in xs if x in s]\n",
        "s: nothing is appended to it",
    ),
    "not in a loop": (
        "def f(x):\n    s = []\n    s.append(x)\n    return x in s\n",
        "s: it is not searched in a loop",
    ),
    "perhaps not defined": (
        "def f(xs):\n    if xs:\n        s = []\n    for x in xs:\n        if x not in s:\n"
        "            s.append(x)\n",
        "s: it may be searched before it is defined",
    ),
    "in a comprehension's iterable": (
        "def f(xs):\n    s = []\n    for x in xs:\n        s.append(x)\n"
        "    return [y for x in xs for y in [x in s]]\n",
        "s: it is searched in the iterable of a comprehension",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(bench, case) -> None:
    text, reason = REFUSED[case]
    assert bench.refused(NAME, text, "f").reason == reason
