"""Functions on classes, functions and constants of other modules: what holds for one module holds for a tree."""

import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_workbench import Across, Make

from selfsame.compiler.emit.build import Builder

TEXTS = {
    "tables": """
LIMIT = 7
RATE = 0.25
WEIGHTS = [1, 3, 5, 7]
""",
    "geometry": """
import math
import tables
from tables import LIMIT as MOST

def norm(v):
    return math.sqrt(v.x * v.x + v.y * v.y) * tables.RATE

def limited(n, by=2):
    return min(n * by, MOST)

def halves(v):
    return shifted(v, 0.5)

def shifted(v, by):
    v.x = v.x * by
    return v.x

def replaced(n):
    return n
""",
    "shop.base": """
class Named:
    kind = 3

    def __init__(self, name):
        self.name = name
        self.__seen = 0

    def see(self):
        self.__seen += 1
        return self.__seen + self.kind

    @property
    def length(self):
        return len(self.name)
""",
    "shop.model": """
from abc import ABC, abstractmethod
from dataclasses import dataclass

from . import base
from geometry import limited


class Item(base.Named):
    def __init__(self, name, price, tax=0.5):
        super().__init__(name)
        self.price = price
        self.tax = tax

    def total(self):
        return self.price * (1.0 + self.tax)


@dataclass
class Line:
    item: Item
    count: int = 1

    def cost(self):
        return self.item.total() * limited(self.count)


class Priced(ABC):
    def __init__(self, base):
        self.base = base

    @abstractmethod
    def price(self, n):
        ...

    def twice(self, n):
        return self.price(n) * 2


class Flat(Priced):
    def price(self, n):
        return self.base


class Scaled(Priced):
    def price(self, n):
        return self.base * n


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)
""",
    "shop": """
from .model import Item, Priced
""",
    "app": """
import geometry as g
import shop.model
import tables
from geometry import limited, replaced
from shop import Item
from shop.base import Named
from shop.model import Line, Vec
from tables import LIMIT, WEIGHTS


class Local(Named):
    def __init__(self, name, worth):
        Named.__init__(self, name)
        self.worth = worth

    def see(self):
        return super().see() * 2


class Item2(Item):
    def total(self):
        return 0.0


def totals(items):
    found = 0.0
    for item in items:
        found += item.total()
    return found


def seen(items, times):
    n = 0
    for _ in range(times):
        for item in items:
            n += item.see() + item.length
    return n


def lines(items, n):
    made = [Line(item, k) for k, item in enumerate(items)]
    total = 0.0
    for line in made:
        total += line.cost()
        line.count += n
    return total, made


def norms(vs):
    total = 0.0
    for v in vs:
        total += g.norm(v) + g.halves(v)
    return total


def adds(n):
    at = Vec(0.0, 1.0)
    for i in range(n):
        at = at + shop.model.Vec(i * 0.5, 1.0)
    return at


def bounded(xs):
    n = 0
    for x in xs:
        n += limited(x, by=3) * LIMIT + tables.LIMIT
        for w in WEIGHTS:
            n += w
        n += tables.WEIGHTS[0] + limited(by=1, n=x)
    return n


def made(names):
    return [Item(name, 1.5, tax=0.25) for name in names if isinstance(name, str)]


def prices(things, n):
    total = 0
    for k in range(n):
        for thing in things:
            total += thing.twice(k)
    return total


def locals_(n):
    found = []
    for k in range(n):
        one = Local("x" * k, k)
        found.append(one.see() + one.length + one.worth)
    return found


def calls_replaced(xs):
    return [replaced(x) + 1 for x in xs]


def late(items, n):
    for item in items:
        item.price += 1.0
    return items[0].price / (n - len(items))
""",
}


def items(m: Any) -> list[Any]:
    return [m.shop_model.Item("ab", 2.5), m.shop_model.Item("c", 1.25, 0.0)]


def vectors(m: Any) -> list[Any]:
    return [m.shop_model.Vec(3.0, 4.0), m.shop_model.Vec(-1.0, 0.5)]


def things(m: Any) -> list[Any]:
    return [m.shop_model.Flat(3), m.shop_model.Scaled(2), m.shop_model.Flat(5)]


EXAMPLES: dict[str, Make] = {
    "totals": lambda m: (items(m),),
    "seen": lambda m: (items(m), 3),
    "lines": lambda m: (items(m), 2),
    "norms": lambda m: (vectors(m),),
    "adds": lambda m: (4,),
    "bounded": lambda m: ([1, 2, 30],),
    "made": lambda m: (["a", "bc"],),
    "prices": lambda m: (things(m), 4),
    "locals_": lambda m: (4,),
    "calls_replaced": lambda m: ([1, 2],),
    "late": lambda m: (items(m), 5),
}


@pytest.fixture(scope="module")
def across(builder: Builder) -> Across:
    return Across(builder, TEXTS, EXAMPLES)


@contextmanager
def put(m: Any, owner: str, name: str, value: object) -> Iterator[None]:
    """``owner.name`` is another thing on one side, for a time."""
    at: Any = m
    for part in owner.split("."):
        at = getattr(at, part)
    before = at.__dict__[name]
    setattr(at, name, value(m) if isinstance(value, types.FunctionType) else value)
    yield
    setattr(at, name, before)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same(across: Across, name: str) -> None:
    across.check_fast(name, EXAMPLES[name])
    across.check_fast(name, EXAMPLES[name])


def _other_item(m: Any) -> type:
    class Item(m.shop_model.Item):  # type: ignore[misc]
        def total(self) -> float:
            return 100.0

    return Item


CHANGES: list[tuple[str, str, str, object]] = [
    ("lines", "app", "Line", lambda m: lambda item, k: m.shop_model.Line(item, k + 1)),
    ("made", "app", "Item", _other_item),
    ("adds", "app", "Vec", lambda m: lambda x, y: m.shop_model.Vec(x + 1.0, y)),
    ("adds", "shop_model", "Vec", lambda m: lambda x, y: m.app.Vec(x + 1.0, y)),
    ("adds", "app", "shop", lambda m: types.SimpleNamespace(model=m.shop_model)),
    ("norms", "app", "g", lambda m: m.tables),
    ("norms", "geometry", "tables", lambda m: types.SimpleNamespace(RATE=10.0)),
    ("norms", "tables", "RATE", 2.0),
    ("norms", "tables", "RATE", 1),
    ("bounded", "app", "LIMIT", 8),
    ("bounded", "app", "LIMIT", True),
    ("bounded", "tables", "LIMIT", 9),
    ("bounded", "geometry", "MOST", 9),
    ("bounded", "app", "WEIGHTS", (1, 2)),
    ("bounded", "app", "limited", lambda m: lambda n, by: n),
    ("lines", "shop_model", "limited", lambda m: lambda n, by=2: n),
    ("calls_replaced", "app", "replaced", lambda m: lambda n: n + 5),
    ("totals", "shop_model", "Item", _other_item),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c[0]}-{c[1]}.{c[2]}")
def test_a_name_bound_anew_is_seen_at_once(
    across: Across, change: tuple[str, str, str, object]
) -> None:
    name, owner, which, value = change
    made = {side: EXAMPLES[name](side) for side in (across.original, across.compiled)}
    with put(across.original, owner, which, value), put(across.compiled, owner, which, value):
        across.check_redone(name, lambda m: made[m])
    across.check_fast(name, EXAMPLES[name])


def test_a_list_of_the_other_module_is_read_as_it_is(across: Across) -> None:
    for side in (across.original, across.compiled):
        side.tables.WEIGHTS.append(11)
    across.check_fast("bounded", lambda m: ([1, 2],))
    for side in (across.original, across.compiled):
        side.tables.WEIGHTS.pop()


def test_an_instance_of_a_subclass(across: Across) -> None:
    across.check_redone("totals", lambda m: ([*items(m), m.app.Item2("z", 4.0)],))
    across.check_redone("late", lambda m: ([*items(m), m.app.Item2("z", 4.0)], 3))


def test_what_was_done_is_taken_back(across: Across) -> None:
    across.check_redone("late", lambda m: (items(m), 2))


def test_a_class_attribute_that_is_changed(across: Across) -> None:
    for value in (5, 3):
        for side in (across.original, across.compiled):
            side.shop_base.Named.kind = value
        across.check_fast("seen", EXAMPLES["seen"])
        across.check_fast("locals_", EXAMPLES["locals_"])


def test_an_attribute_put_over_a_method(across: Across) -> None:
    def shadowed(m: Any) -> tuple[Any, ...]:
        found = items(m)
        found[1].total = lambda: 3.5
        return (found,)

    before = across.deopts["totals"]
    outcomes = [side.app.totals(*shadowed(side)) for side in (across.original, across.compiled)]
    assert outcomes[0] == outcomes[1] and across.deopts["totals"] == before + 1


def test_what_it_relies_on_is_told(across: Across) -> None:
    relied = across.relied["lines"]
    wanted = {
        "shop.model:Line",
        "shop.model:Line.cost",
        "shop.model:Item.total",
        "geometry:limited",
    }
    assert wanted <= relied.keys()
    assert "tables.LIMIT == 7" in across.units["bounded"].guards
    assert "g is the module geometry" in across.units["norms"].guards
    assert across.units["totals"].parameters == {"items": "list[shop.model.Item]"}


floats = st.floats(-1e6, 1e6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(floats, floats | st.integers(-5, 5), st.booleans()), max_size=6))
def test_any_prices(across: Across, rows: list[tuple[float, float, bool]]) -> None:
    def make(m: Any) -> tuple[Any, ...]:
        classes = (m.shop_model.Item, m.app.Item2)
        return ([classes[other]("n", price, tax) for price, tax, other in rows],)

    across.check("totals", make)
