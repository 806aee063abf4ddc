"""list-pop0-to-deque: every listed use behaves as a list's, and every other use is refused."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location("bench", Path(__file__).with_name("conftest.py"))
bench_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench_module)
Bench, pool = bench_module.Bench, bench_module.pool

NAME = "list-pop0-to-deque"
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# A program of steps on the queue: every use of the table, in any order, with any value.
MACHINE = """
def f(start, steps, odd):
    out = []
    queue: list = list(start)
    for step, value in steps:
        if step == 0:
            queue.append(value)
        elif step == 1:
            out.append(queue.pop(0))
        elif step == 2:
            queue.insert(0, value)
        elif step == 3:
            queue.extend([value, value])
        elif step == 4:
            queue.extend(odd(value))
        elif step == 5:
            out.append(queue.pop())
        elif step == 6:
            out.append((queue[0], queue[-1]))
        elif step == 7:
            out.append((len(queue), value in queue, value not in queue, not queue))
        elif step == 8:
            out.append((list(queue), tuple(queue)))
        elif step == 9:
            queue = [value]
            if value is None:
                queue = []
        elif step == 10:
            queue.clear()
        elif step == 11:
            out.append([str(x) for x in queue if x is not value])
        elif step == 12:
            for x in queue:
                if x is value:
                    break
                out.append(x)
        elif step == 13:
            queue.append(queue.pop(0))
        elif step == 14:
            try:
                queue.pop(0)
            except IndexError as error:
                out.append(str(error))
        elif step == 15:
            queue = [x for x in out]
        elif step == 16 and (queue or value):
            out.append(1 if queue and step else 0)
        elif step == 17:
            del queue[0]
        elif step == 18:
            queue = queue[1:]
        elif step == 19:
            queue += [value, step]
            queue = queue + [step, value]
        elif step == 20:
            queue += odd(value)
        elif step == 21:
            queue += [str(x) for x in out]
            queue = queue + [str(x) for x in out]
        elif step == 22:
            out.append((queue == [], queue != [], any(queue), all(queue)))
        elif step == 23:
            out.append(set(queue))
        elif step == 24:
            out.append((min(queue), max(queue)))
        elif step == 25:
            out.append(sum(queue))
        elif step == 26:
            out.append(", ".join(queue))
        elif step == 27:
            return queue
        elif step == 28:
            return out, queue
    while queue:
        out.append(queue.pop(0))
    return out
"""
STEPS = st.lists(st.tuples(st.integers(0, 28), st.integers(0, len(pool()) - 1)), max_size=14)


class Sized:
    """Iterates, but its length raises: ``list.extend`` asks for it."""

    def __iter__(self):
        return iter([1])

    def __len__(self):
        raise LookupError("no length")


def odd(value: object) -> object:
    """What ``extend`` may be given."""
    if value is None:
        return Sized()
    if isinstance(value, list):
        return (1 // (3 - i) for i in range(5))
    return value


@pytest.fixture(scope="module")
def machine():
    return Bench().pair(NAME, MACHINE)


@given(start=st.lists(st.integers(0, len(pool()) - 1), max_size=5), steps=STEPS)
@QUICK
def test_every_program_of_the_table_is_the_same(machine, start, steps) -> None:
    def make():
        fresh = pool()
        return [fresh[i] for i in start], [(s, fresh[v]) for s, v in steps], odd

    machine.check(make)


def test_the_machine_runs_on_a_deque(machine) -> None:
    assert "queue = deque(list(start))" in machine.variation.source
    assert "queue.popleft() if queue else [].pop(0)" in machine.variation.source
    assert {c.attribute for c in machine.variation.constants} >= {"deque", "list"}


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (1, "pop from empty list"),
        (5, "pop from empty list"),
        (6, "list index out of range"),
        (17, "list assignment index out of range"),
    ],
)
def test_an_empty_queue_raises_what_a_list_raises(machine, step, message) -> None:
    outcome = machine.check(lambda: ([], [(step, 0)], odd))
    assert outcome.error[0] is IndexError
    assert message in str(outcome.error[1])


def test_extend_asks_for_the_length(machine) -> None:
    outcome = machine.check(lambda: ([], [(4, None)], odd))
    assert outcome.error[0] is LookupError


def test_it_is_faster_on_a_long_queue(bench) -> None:
    import time

    text = "def f(n):\n    q = list(range(n))\n    while q:\n        q.pop(0)\n"
    pair = bench.pair(NAME, text)

    def seconds(function):
        began = time.perf_counter()
        function(60_000)
        return time.perf_counter() - began

    assert min(seconds(pair.rewritten) for _ in range(3)) * 4 < seconds(pair.original)


HEAD = "def f(xs):\n    q = list(xs)\n    q.pop(0)\n"
REFUSED = {
    "returned before more is done": (
        "def f(xs):\n    q = list(xs)\n    try:\n        q.pop(0)\n        return q\n"
        "    finally:\n        q.append(1)\n",
        "q: it may be changed once more after it was returned",
    ),
    "iterated over later": (
        HEAD + "    it = (z for z in q)\n    q.pop(0)\n    return list(it)\n",
        "q: '(z for z in q)' is not a use that can be changed",
    ),
    "joined by something": (
        "def f(xs, s):\n    q = list(xs)\n    q.pop(0)\n    return s.join(q)\n",
        "q: 's' may be no text",
    ),
    "passed on": (HEAD + "    g(q)\n", "q: 'g(q)' is not a use that can be changed"),
    "sliced": (HEAD + "    return q[1:]\n", "q: 'q[1:]' is not a use that can be changed"),
    "an item set": (HEAD + "    q[0] = 1\n", "q: 'q[0]' is not a use that can be changed"),
    "multiplied": (HEAD + "    q *= 2\n", "q: 'q *= 2' is not a definition that can be changed"),
    "added to": (
        HEAD + "    q = q + xs\n",
        "q: 'q = q + xs' is not a definition that can be changed",
    ),
    "compared": (HEAD + "    return q == xs\n", "q: 'q == xs' is not a use that can be changed"),
    "a method kept": (HEAD + "    p = q.pop\n", "q: 'q.pop' is not a use that can be changed"),
    "pop of another place": (
        HEAD + "    q.pop(1)\n",
        "q: 'q.pop(1)' is not a use that can be changed",
    ),
    "aliased": (HEAD + "    r = q\n", "q: 'r = q' is not a use that can be changed"),
    "deleted": (HEAD + "    del q\n", "q: 'del q' is not a definition that can be changed"),
    "defined otherwise": (
        HEAD + "    q = xs\n",
        "q: 'q = xs' is not a definition that can be changed",
    ),
    "two names": (
        HEAD + "    q = r = []\n",
        "q: 'q = r = []' is not a definition that can be changed",
    ),
    "a loop's target": (
        HEAD + "    for q in xs:\n        pass\n",
        "q: 'for q in xs:' is not a definition that can be changed",
    ),
    "used by a nested function": (
        HEAD + "    return lambda: q\n",
        "q: code that runs at another time uses it too",
    ),
    "used by a lazy generator expression": (
        HEAD + "    return (x for x in xs if x in q)\n",
        "q: code that runs at another time uses it too",
    ),
    "the value of and": (
        HEAD + "    return q and 1\n",
        "q: 'q and 1' is not a use that can be changed",
    ),
    "extended in part": (
        HEAD + "    try:\n        q.extend(xs)\n    finally:\n        print(len(q))\n",
        "q: it may be extended in part when an error is handled",
    ),
    "changed while iterated over": (
        HEAD + "    for x in q:\n        q.append(x)\n",
        "q: it is changed while it is iterated over",
    ),
    "changed in a comprehension over it": (
        HEAD + "    return [q.pop() for x in q]\n",
        "q: it is changed while it is iterated over",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(bench, case) -> None:
    text, reason = REFUSED[case]
    refusal = bench.refused(NAME, text, "f")
    assert refusal.reason == reason
    assert refusal.place.line >= 4


def test_others_are_left_alone_without_a_word(bench) -> None:
    assert bench.results(NAME, "def f(q):\n    q.pop(0)\n") == []  # the caller's list
    assert bench.results(NAME, "def f():\n    global q\n    q = []\n    q.pop(0)\n") == []
    assert bench.results(NAME, "def f(xs):\n    q = list(xs)\n    q.pop()\n") == []
    shadowed = "list = tuple\ndef f(xs):\n    q = list(xs)\n    q.pop(0)\n"
    assert bench.results(NAME, shadowed, "f") == []
