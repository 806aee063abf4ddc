"""Compiled in place: named tuples are read by field, by number and by unpacking, and made."""

import collections
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.errors import Skipped

TEXT = """
import collections
from collections import namedtuple
from typing import NamedTuple

Line = namedtuple("Line", "sku quantity")
Event = collections.namedtuple("Event", ["kind", "sku", "quantity"])


class Point(NamedTuple):
    x: float
    y: float = 0.0

    def far(self):
        return self.x > 10.0


class Span(NamedTuple):
    low: int
    high: int

    def __len__(self):
        return self.high - self.low


class Stock:
    def __init__(self, sku, quantity, at):
        self.sku = sku
        self.quantity = quantity
        self.at = at


def total(lines):
    found = 0
    for line in lines:
        if line.sku != "none":
            found += line.quantity
    return found


def ship(stock, lines):
    events = []
    for line in lines:
        for s in stock:
            if s.sku == line.sku:
                s.quantity -= line.quantity
                s.at = Point(s.at.x + 1.0, y=s.at.y * 2.0)
                events.append(Event("out", line.sku, line[1]))
    return events


def moved(points, dx):
    out = []
    for point in points:
        x, y = point
        out.append(Point(x + dx, y))
    return out, out[0].x


def first(line, n):
    total = 0
    for i in range(n):
        total += line.quantity
    return total


def last(lines):
    found = None
    for line in lines:
        if line is not None:
            found = line
    return found


def met(lines):
    seen, times = set(), {}
    for line in lines:
        if line and len(line) == 2 and line not in seen:
            seen.add(line)
        times[line] = times.get(line, 0) + 1
    return seen, times


def lengths(spans):
    total = 0
    for span in spans:
        total += len(span) + (10 if span else 0)
    return total


def failing(lines, n):
    made = []
    for i in range(n):
        made.append(lines[i].sku)
    return made
"""


def stocks(m: Any) -> list[Any]:
    return [m.Stock("a", 5, m.Point(0.5)), m.Stock("b", 7, m.Point(2.5, 1.0))]


EXAMPLES: dict[str, Make] = {
    "total": lambda m: ([m.Line("a", 3), m.Line("none", 4)],),
    "ship": lambda m: (stocks(m), [m.Line("a", 1), m.Line("b", 2)]),
    "moved": lambda m: ([m.Point(1.0, 2.0), m.Point(3.0)], 0.5),
    "first": lambda m: (m.Line("a", 3), 2),
    "last": lambda m: ([m.Line("a", 3), None],),
    "met": lambda m: ([m.Line("a", 3), m.Line("b", 1), m.Line("a", 3)],),
    "lengths": lambda m: ([m.Span(1, 4), m.Span(2, 2)],),
    "failing": lambda m: ([m.Line("a", 3)], 1),
}


@pytest.fixture
def named(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def test_each_is_compiled_and_does_the_same(named: InPlace) -> None:
    for name in EXAMPLES.keys() - {"lengths"}:
        named.check_fast(name, EXAMPLES[name])
    module = named.compiled
    events = module.ship(stocks(module), [module.Line("a", 1)])
    assert [type(e) for e in events] == [module.Event] and events[0]._fields == module.Event._fields
    assert repr(events) == "[Event(kind='out', sku='a', quantity=1)]"


LINES = st.lists(st.tuples(st.sampled_from(["a", "b", "none"]), st.integers(0, 99)), max_size=6)


@settings(deadline=None, max_examples=40)
@given(lines=LINES, dx=st.floats(-5, 5))
def test_any_inputs(builder: Any, lines: list[tuple[str, int]], dx: float) -> None:
    named = _shared(builder)
    named.check_fast("total", lambda m: ([m.Line(*line) for line in lines],))
    named.check_fast("met", lambda m: ([m.Line(*line) for line in lines],))
    named.check_fast("ship", lambda m: (stocks(m), [m.Line(*line) for line in lines]))
    named.check("moved", lambda m: ([m.Point(float(n), dx) for _, n in lines], dx))


_made: list[InPlace] = []


def _shared(builder: Any) -> InPlace:
    if not _made:
        _made.append(InPlace(builder, TEXT, EXAMPLES))
    return _made[0]


@pytest.mark.parametrize(
    "lines",
    [
        lambda m: [("a", 3)],
        lambda m: [m.Point(1.0)],
        lambda m: [m.Line("a", 2.5)],
        lambda m: [m.Line("a", None)],
        lambda m: [tuple.__new__(m.Line, ("a",))],
        lambda m: [type("Other", (m.Line,), {})("a", 3)],
    ],
    ids=["a tuple", "another class", "a field of another type", "None", "too short", "a subclass"],
)
def test_what_is_something_else_runs_the_original(named: InPlace, lines: Any) -> None:
    before = named.deopts["total"]
    named.check("total", lambda m: (lines(m),))
    assert named.deopts["total"] == before + 1
    before = named.deopts["first"]
    named.check("first", lambda m: (lines(m)[0], 2))
    assert named.deopts["first"] == before + 1


def test_a_class_that_says_itself_how_long_it_is_runs_the_original(named: InPlace) -> None:
    named.check("lengths", EXAMPLES["lengths"])
    assert named.deopts["lengths"] == 1
    named.check("met", lambda m: ([m.Line(math.nan, 1), m.Line(math.nan, 1)],))
    named.check("met", lambda m: ([m.Line("a", [1])],))
    assert named.deopts["met"] == 2


def test_errors_are_the_originals(named: InPlace) -> None:
    named.check("failing", lambda m: ([m.Line("a", 3)], 4))
    named.check("moved", lambda m: ([], 1.0))


def test_a_class_that_was_changed_runs_the_original(named: InPlace) -> None:
    given = [m.Line("a", 3) for m in (named.original, named.compiled)]
    for change in (
        lambda m: setattr(m.Line, "quantity", property(lambda self: 100)),
        lambda m: setattr(m, "Line", collections.namedtuple("Line", "quantity sku")),
        lambda m: setattr(m.Line, "__new__", lambda cls, *a: tuple.__new__(cls, (9, 9))),
        lambda m: setattr(m, "Line", tuple),
    ):
        for module in (named.original, named.compiled):
            change(module)
        before = named.deopts["total"]
        results = []
        for module, line in zip((named.original, named.compiled), given, strict=True):
            results.append(module.total([line]))
        assert results[0] == results[1]
        assert named.deopts["total"] == before + 1


REFUSED = {
    "calls the method far of a Line": "        line.far()\n",
    "reads far of a Line, which is no field": "        line.far\n",
    "makes a Line without giving each field once": "        Line('a')\n",
    "stores to quantity of a Line": "        line.quantity = 2\n",
    "by a number not known": "        line[k]\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_has_no_form_is_refused(builder: Any, reason: str) -> None:
    text = f"{TEXT}\n\ndef f(line, n):\n    for k in range(n):\n{REFUSED[reason]}"
    with pytest.raises(Skipped, match=reason):
        InPlace(builder, text, {"f": lambda m: (m.Line("a", 1), 2)})
