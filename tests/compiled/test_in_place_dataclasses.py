"""Compiled in place: dataclasses that are compared, kept in heaps, and found by what they hold."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython import CannotPrint

TEXT = """
import heapq
from dataclasses import dataclass, field


@dataclass(order=True)
class Task:
    rank: int
    name: str = field(compare=False)
    cost: float = field(default=1.0, compare=True)


@dataclass(frozen=True)
class Point:
    x: int
    y: int

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


class Named(Point):
    pass


@dataclass(eq=False)
class Lone:
    x: int


@dataclass
class Says:
    x: int

    def __eq__(self, other):
        return True


def plan(specs):
    heap, done, clock = [], [], 0.0
    for rank, name, cost in specs:
        heapq.heappush(heap, Task(rank, name, cost))
    while heap:
        task = heapq.heappop(heap)
        clock += task.cost
        done.append((task.name, clock))
        if task.rank < 3:
            heapq.heappush(heap, Task(task.rank + 5, task.name + "'", 0.5))
    return done


def walk(moves, goal):
    at, seen, counts, hits = Point(0, 0), {Point(0, 0)}, {}, 0
    for x, y in moves:
        at = at + Point(x, y)
        if at in seen:
            hits += 1
        seen.add(at)
        counts[at] = counts.get(at, 0) + 1
        hits += (at == goal) * 100 + (at != goal) * 1000
    return hits, len(seen), counts


def ranks(tasks):
    found = []
    for a in tasks:
        for b in tasks:
            found.append((a == b, a != b, a < b, a <= b, a > b, a >= b))
    return found


def lone(xs):
    return [x == xs[0] for x in xs]
"""

SPECS = [(2, "a", 1.5), (1, "b", 0.5), (2, "c", 0.25), (9, "d", 2.0)]
EXAMPLES: dict[str, Make] = {
    "plan": lambda m: (SPECS,),
    "walk": lambda m: ([(1, 0), (0, 1), (-1, 0), (0, -1)], m.Point(1, 1)),
    "ranks": lambda m: ([m.Task(*spec) for spec in SPECS],),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


COSTS = st.sampled_from([0.5, 1.0, -0.0, 0.0])
TASKS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ab"), COSTS), max_size=8)


@settings(deadline=None, max_examples=60)
@given(TASKS)
def test_heaps_of_tasks_in_their_order(made: InPlace, specs: Any) -> None:
    made.check_fast("plan", lambda m: (specs,))
    made.check_fast("ranks", lambda m: ([m.Task(*spec) for spec in specs],))


STEPS = st.tuples(st.integers(-1, 1), st.integers(-1, 1))


@settings(deadline=None, max_examples=60)
@given(st.lists(STEPS, max_size=12), STEPS)
def test_points_are_found_by_what_they_hold(made: InPlace, moves: Any, goal: Any) -> None:
    made.check_fast("walk", lambda m: (moves, m.Point(*goal)))


def test_what_is_compared_in_another_way_is_left_to_python(made: InPlace) -> None:
    nan = float("nan")
    made.check("ranks", lambda m: ([m.Task(1, "a", nan), m.Task(1, "b", nan)],))
    made.check("ranks", lambda m: ([m.Task(1, "a", 1), m.Task(1.0, "b", None)],))
    made.check("ranks", lambda m: ([m.Task("x", "a"), m.Task(1, "b")],))
    made.check("walk", lambda m: ([(1, 1)], m.Named(1, 1)))
    made.check("walk", lambda m: ([(1, 1)], m.Says(1)))
    made.check("walk", lambda m: ([(1.5, 1)], m.Point(1, 1)))
    made.check("walk", lambda m: ([(m.Point(1, 1), 1)], m.Point(1, 1)))


@pytest.mark.parametrize("first", [True, False])
def test_a_comparison_that_is_replaced_is_seen(builder: Any, first: bool) -> None:
    made = InPlace(builder, TEXT, EXAMPLES)
    if not first:
        made.check_fast("plan", EXAMPLES["plan"])
    for module in (made.original, made.compiled):
        module.Task.__lt__ = lambda self, other: self.name > other.name
    made.check("plan", EXAMPLES["plan"])


def test_a_dataclass_without_an_equality_is_left_alone(builder: Any) -> None:
    with pytest.raises(CannotPrint, match="an operator on a Lone"):
        InPlace(builder, TEXT, {"lone": lambda m: ([m.Lone(1), m.Lone(1)],)})


def test_an_equality_of_its_own_is_no_key(builder: Any) -> None:
    text = TEXT + "\n\ndef f(xs):\n    met = set()\n    for x in xs:\n        met.add(x)\n"
    with pytest.raises(CannotPrint, match="says itself what it equals"):
        InPlace(builder, text, {"f": lambda m: ([m.Says(1)],)})
