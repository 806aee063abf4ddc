"""Compiled in place: what modules and classes hold in displays of literals, and instances of any dataclass."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.build import Builder
from selfsame.compiler.errors import Skipped

TEXT = """
import dataclasses
from dataclasses import dataclass, field

STOP = ["a", "an", "the"]
MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]
PRICES = {"tea": 3, "milk": 2}
MIXED = (1, "two", 3.0)
VOWELS = {"a", "e", "i", "o", "u"}
LEVELS = [["+", "-"], ["*", "/"]]


class Grid:
    MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    NAMES = {"#": "wall", ".": "floor"}
    DEPTH = 3

    def __init__(self, rows):
        self.rows = rows

    def around(self, r, c):
        found = []
        for dr, dc in self.MOVES:
            if 0 <= r + dr < len(self.rows) and 0 <= c + dc < len(self.rows[0]):
                found.append((r + dr, c + dc))
        return found


class Deep(Grid):
    DEPTH = 5


@dataclass(order=True)
class Event:
    time: float
    order: int
    kind: str = field(compare=False)
    notes: list = field(default_factory=list, repr=False)
    more: dict = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 2

    def moved(self, dx):
        return Point(self.x + dx, self.y)


@dataclass(slots=True)
class Span:
    start: int
    end: int = 10

    @property
    def length(self):
        return self.end - self.start


@dataclass
class Checked:
    n: int
    seen: int = 0

    def __post_init__(self):
        self.n = abs(self.n)


def kept(words):
    found = []
    for word in words:
        if word not in STOP and word[0] in VOWELS:
            found.append(word)
    return found


def walk(r, c, steps):
    visited = [(r, c)]
    for k in range(steps):
        dr, dc = MOVES[k % len(MOVES)]
        r, c = r + dr, c + dc
        visited.append((r, c))
    return visited


def bill(names):
    total = 0
    for name in names:
        total += PRICES.get(name, 0)
        if name in PRICES:
            total += PRICES[name]
    return total


def mixed(n):
    total = 0.0
    for k in range(n):
        total += MIXED[0] * k + MIXED[2] + len(MIXED[1])
    return total


def level(signs):
    found = []
    for sign in signs:
        for depth in range(len(LEVELS)):
            if sign in LEVELS[depth]:
                found.append(depth)
    return found


def put_back(words):
    for word in words:
        STOP.append(word)
        STOP.pop()
    return STOP


def reached(grid, n):
    total = 0
    for k in range(n):
        for r, c in grid.around(k, k):
            total += r * 10 + c
    return total


def of_class(grid, n):
    total = 0
    for k in range(n):
        total += len(Grid.MOVES) + Grid.DEPTH + grid.DEPTH
    return total, Grid.NAMES


def events(n):
    made = []
    for k in range(n):
        event = Event(k / 2, k, "even" if k % 2 == 0 else "odd")
        event.notes.append(k)
        event.more[k] = event.kind
        made.append(event)
    for k in range(n):
        made.append(Event(time=0.5, order=k, kind="given", notes=made[0].notes))
    return made


def late(events, limit):
    return [e.kind for e in events if e.time > limit]


def points(n):
    made = [Point(0)]
    for k in range(n):
        made.append(made[-1].moved(k))
    return made


def spans(n):
    made = []
    for k in range(n):
        span = Span(k)
        span.end += span.length
        made.append(span)
    return made


def checked(given):
    total = 0
    for one in given:
        one.seen += 1
        total += one.n
    return total
"""


def grid(m: Any, n: int = 3) -> Any:
    return m.Grid([["."] * n for _ in range(n)])


EXAMPLES: dict[str, Make] = {
    "kept": lambda m: (["the", "apple", "a", "pear", "an", "owl"],),
    "walk": lambda m: (0, 0, 5),
    "bill": lambda m: (["tea", "milk", "beer"],),
    "mixed": lambda m: (4,),
    "level": lambda m: (["+", "*", "?"],),
    "put_back": lambda m: (["a", "b"],),
    "reached": lambda m: (grid(m), 3),
    "of_class": lambda m: (grid(m), 3),
    "events": lambda m: (3,),
    "late": lambda m: ([m.Event(1.5, 1, "x"), m.Event(2.5, 2, "y")], 2.0),
    "points": lambda m: (3,),
    "spans": lambda m: (3,),
    "checked": lambda m: ([m.Checked(-3), m.Checked(4)],),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_compiled_and_does_the_same(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


WORDS = st.lists(st.sampled_from(["a", "an", "the", "owl", "tea", "milk", "éa"]), max_size=6)


@settings(max_examples=60, deadline=None)
@given(WORDS, st.integers(-3, 12), st.integers(1, 4))
def test_any_inputs(bench: InPlace, words: list[str], n: int, size: int) -> None:
    bench.check("kept", lambda m: (list(words),))
    bench.check("bill", lambda m: (list(words),))
    bench.check("level", lambda m: ([*words, "-", "/"],))
    bench.check("put_back", lambda m: (list(words),))
    bench.check("walk", lambda m: (n, -n, n))
    bench.check("mixed", lambda m: (n,))
    bench.check("reached", lambda m: (grid(m, size), n))
    bench.check("of_class", lambda m: (grid(m), n))
    bench.check("events", lambda m: (n,))
    bench.check("late", lambda m: ([m.Event(k / 2, k, w) for k, w in enumerate(words)], n / 4))
    bench.check("points", lambda m: (n,))
    bench.check("spans", lambda m: (n,))
    bench.check("checked", lambda m: ([m.Checked(k - 2) for k in range(max(n, 0))],))


CHANGES: dict[str, tuple[str, Callable[[Any], None]]] = {
    "another list": ("kept", lambda m: setattr(m, "STOP", ["owl"])),
    "no list": ("kept", lambda m: setattr(m, "STOP", ("owl", "apple"))),
    "other items": ("kept", lambda m: setattr(m, "STOP", [1, "apple", None])),
    "longer": ("walk", lambda m: m.MOVES.append((5, 5))),
    "pairs that are none": ("walk", lambda m: m.MOVES.insert(0, [7, 7])),
    "another type in it": ("bill", lambda m: m.PRICES.update(tea=1.5)),
    "shorter": ("mixed", lambda m: setattr(m, "MIXED", (1, "x"))),
    "another of the class": ("of_class", lambda m: setattr(m.Grid, "MOVES", [1, 2])),
    "a property": ("of_class", lambda m: setattr(m.Grid, "DEPTH", property(lambda self: 9))),
    "gone": ("of_class", lambda m: delattr(m.Grid, "NAMES")),
    "of the instance's class": ("reached", lambda m: setattr(m.Grid, "MOVES", ((0, 1),))),
    "an __init__ of its own": (
        "points",
        lambda m: setattr(m.Point, "__init__", lambda self, x, y=7: None),
    ),
}


def test_what_changed_is_seen(builder: Builder) -> None:
    bench = InPlace(builder, TEXT, EXAMPLES)
    for name, example in EXAMPLES.items():
        bench.check_fast(name, example)
    for name, act in CHANGES.values():
        act(bench.original)
        act(bench.compiled)
        bench.check(name, EXAMPLES[name])


def test_an_attribute_of_the_instance_hides_the_class(bench: InPlace) -> None:
    def hidden(m: Any) -> tuple[Any, ...]:
        made = grid(m)
        made.MOVES = [(1, 1)]
        return made, 3

    bench.check_fast("reached", hidden)
    bench.check("of_class", hidden)


def test_instances_of_a_subclass_run_the_original(bench: InPlace) -> None:
    bench.check("of_class", lambda m: (m.Deep([["."]]), 2))
    bench.check("reached", lambda m: (m.Deep([["."] * 2] * 2), 2))


REFUSED = {
    "stores to x of a Point, which is frozen": "    for k in range(n):\n        p.x = k\n",
    "makes a Checked by an __init__ of another kind": "    for k in range(n):\n        Checked(k)\n",
    "reads MISSING of the class Grid": "    for k in range(n):\n        Grid.MISSING\n",
    "reads unseen, whose value": "    for k in range(n):\n        unseen[k]\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_known_is_refused(builder: Builder, reason: str) -> None:
    text = TEXT + "\nunseen = [1]\nunseen = [len(STOP)]\n\ndef f(p, n):\n" + REFUSED[reason]
    with pytest.raises(Skipped, match=reason):
        InPlace(builder, text, {"f": lambda m: (m.Point(1), 2)})
