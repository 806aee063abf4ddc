"""list-concat-to-extend: the elements are those of the list that was made anew each time."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

NAME = "list-concat-to-extend"
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

MACHINE = """
def f(start, steps):
    out = []
    kept = list(start)
    for step, value in steps:
        if step == 0:
            kept = kept + [value]
        elif step == 1:
            kept = kept + [value, kept[0]]
        elif step == 2:
            kept = kept + [x for x in out]
        elif step == 3:
            kept += [value]
            kept.append(step)
        elif step == 4:
            kept.reverse()
            out.append(kept.pop())
        elif step == 5:
            out.append((len(kept), value in kept, kept == [], kept != [], kept[-1]))
        elif step == 6:
            for x in kept:
                out.append(x)
        elif step == 7:
            kept = [value]
        elif step == 8:
            kept.sort(key=repr)
        elif step == 9:
            out.append(", ".join(kept))
        elif step == 10:
            kept = kept + [1 // (step - 10 - len(kept))]
        elif step == 11:
            return out, kept
    return kept
"""
STEPS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, len(pool()) - 1)), max_size=14)


@pytest.fixture(scope="module")
def machine():
    return Bench().pair(NAME, MACHINE)


@given(start=st.lists(st.integers(0, len(pool()) - 1), max_size=5), steps=STEPS)
@QUICK
def test_every_program_of_the_table_is_the_same(machine, start, steps) -> None:
    def make():
        fresh = pool()
        return [fresh[i] for i in start], [(s, fresh[v]) for s, v in steps]

    machine.check(make)


def test_nothing_is_copied(machine) -> None:
    assert "kept.extend([value])" in machine.variation.source
    assert "kept + " not in machine.variation.source


HEAD = "def f(xs):\n    q = []\n    for x in xs:\n        q = q + [x]\n"
REFUSED = {
    "kept by another": (HEAD + "        xs.append(q)\n", "q: 'xs.append(q)' is not a use"),
    "another name": (HEAD + "    r = q\n    return r\n", "q: 'r = q' is not a use"),
    "of something": (
        "def f(xs):\n    q = []\n    for x in xs:\n        q = q + [1]\n        q = q + x\n",
        "q: 'q = q + x' is not a definition",
    ),
    "while it is iterated over": (
        "def f(xs):\n    q = [1]\n    for x in q:\n        q = q + [x]\n    return q\n",
        "q: the old one is iterated over while it is made anew",
    ),
    "iterated over later": (
        "def f(xs):\n    q = [0]\n    it = (z for z in q)\n    for x in xs:\n"
        "        q = q + [x]\n    return list(it)\n",
        "q: '(z for z in q)' is not a use that can be changed",
    ),
    "once": ("def f(x):\n    q = []\n    q = q + [x]\n    return q\n", "q: it is not added to in"),
    "after it was returned": (
        "def f(xs):\n    q = []\n    for x in xs:\n        try:\n            return q\n"
        "        finally:\n            q = q + [x]\n",
        "q: it may be made anew once more after it was returned",
    ),
    "joined by something": (HEAD + "    return xs.join(q)\n", "q: 'xs' may be no text"),
}


@pytest.mark.parametrize("shape", REFUSED)
def test_refused_with_the_reason(bench, shape) -> None:
    text, reason = REFUSED[shape]
    (refusal,) = bench.results(NAME, text, "f")
    assert refusal.reason.startswith(reason), refusal.reason
