"""Which attributes a function can touch; unknown where code looks at objects without naming them."""

import ast

import pytest

from selfsame.compiler.analysis.reading import Reading
from selfsame.compiler.cst.source import Source

SHOP = """
import copy, math, shelve
from functools import reduce

class Base:
    def __init__(self): self.made = 1
    def __eq__(self, other): return self.key == other.key

class Item(Base):
    def __init__(self, price):
        super().__init__()
        self.price = price
    @property
    def gross(self): return self.price * self.rate
    def shown(self): return "{0.secret}".format(self)

class Shop:
    def __init__(self):
        self.items, self.lock, self.hook = [], object(), print
    def cheapest(self): return min(item.gross for item in self.items)
    def sold(self, item): self.log.append(item)
    def through(self): return self.step(self.items)
    def step(self, items): return [helper(item) for item in items]
    def copied(self): return copy.copy(self.items)
    def dynamic(self, name): return getattr(self, name)
    def stored(self): return self.__dict__
    def hooked(self): return self.hook(self.items)
    def given(self, f): return f(self.items)
    def ordered(self): return sorted(self.items, key=by_weight)
    def ordered_by(self, f): return sorted(self.items, key=f)
    def caught(self):
        try: return self.items[0].price
        except Exception: return None
    def missing(self):
        try: return self.items[0].price
        except IndexError: return None
    def made(self): return Item(3)
    def root(self): return math.sqrt(self.total)
    def other(self): return shelve.open(self.total)
    def bound_anew(self): return changing(self.items)
    def matched(self):
        match self.items:
            case Item(price=1): return 1
    def plain(self): return len(self.items)

def helper(item): return item.cost
def by_weight(item): return item.weight
def changing(items): return items
changing = by_weight
"""
SOURCE = Source("shop.py", "shop", SHOP)
ALWAYS = {"key"}  # operators may call __eq__ of any class


def touched(name: str) -> frozenset[str] | None:
    found = [n for n in ast.walk(SOURCE.tree) if getattr(n, "name", "") == name]
    return Reading([SOURCE]).touched(found[0])


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("plain", {"items"}),
        ("cheapest", {"items", "gross", "price", "rate"}),  # a property's own reads
        ("sold", {"log", "append"}),
        ("through", {"items", "step", "cost"}),  # what a function reads that is called
        ("ordered", {"items", "weight"}),  # or is given away to be called
        ("missing", {"items", "price"}),
        (
            "made",
            {"price", "__init__", "made", "items", "lock", "hook"},
        ),  # any __init__, by its name
        ("root", {"sqrt", "total"}),
    ],
)
def test_what_is_touched(name: str, attributes: set[str]) -> None:
    assert touched(name) == attributes | ALWAYS


@pytest.mark.parametrize(
    "name",
    [
        *("copied", "dynamic", "stored", "hooked", "given", "ordered_by", "caught", "other"),
        *("bound_anew", "matched", "shown"),
    ],
)
def test_what_cannot_be_known(name: str) -> None:
    assert touched(name) is None


def test_classes_that_something_else_has_a_hand_in_are_not_plain() -> None:
    text = "@d\nclass A: pass\nclass B(metaclass=M): pass\nclass C: pass\nclass D(C): pass\n"
    assert Reading([Source("m.py", "m", text)]).plain_classes == [("m", "C"), ("m", "D")]


C = "class C:\n"


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        (C + "    def f(self): return self.__x\n", {"__x", "_C__x"}),  # as it is in the instance
        (C + "    def get(s): return s.x\n    t = property(get)\ndef f(c): return c.t", {"t", "x"}),
        (C + "    t = property(lambda s: s.x)\ndef f(c): return c.t", {"t", "x"}),
        (C + "    def same(s, o): return s.x == o.x\n    __eq__ = same\ndef f(a, b): return a == b", {"x"}),
        (C + "    if 1:\n        def __lt__(s, o): return s.x < o.x\ndef f(a, b): return a < b", {"x"}),
        ("class E(Exception): pass\ndef f(o):\n    try: return o.a\n    except E: return 1", {"a"}),
        ("import re\ndef f(o): return re.sub('a', 'b', o.a)", {"a", "sub"}),
        ("def f(o): return list(iter(o.a))", {"a"}),
        (C + "    def __exit__(s, *e): return None\ndef f(c):\n    with c: return c.a", {"a"}),
    ],
)  # fmt: skip
def test_what_classes_make_without_a_def_is_seen(text: str, attributes: set[str]) -> None:
    source = Source("m.py", "m", text)
    function = [n for n in ast.walk(source.tree) if getattr(n, "name", "") == "f"][-1]
    assert Reading([source]).touched(function) == attributes


@pytest.mark.parametrize(
    "text",
    [
        "from itertools import groupby\ndef f(a, k): return list(groupby(a, k))",
        "from itertools import accumulate\ndef f(a, k): return list(accumulate(a, func=k))",
        "import re\ndef f(a, k): return re.sub('a', k, a)",
        "def f(a, k): return list(iter(k, a))",
        "from collections import defaultdict\ndef f(k): return defaultdict(k)[1]",
        "import contextlib\ndef f(o):\n    with contextlib.suppress(AttributeError): return o.a",
        "E = (AttributeError,)\ndef f(o):\n    try: return o.a\n    except E: return 1",
        "def f(o):\n    try: o.a\n    finally: return 1",
        "def f(o):\n    for _ in (1,):\n        try: o.a\n        finally: break",
        C + "    def __exit__(s, *e): return True\ndef f(c):\n    with c: return c.a",
        "from functools import singledispatch\n@singledispatch\ndef g(o): return o.a\n"
        "@g.register\ndef _(o: int): return o.b\ndef f(o): return g(o)",
    ],
)
def test_what_may_be_called_or_caught_unseen(text: str) -> None:
    source = Source("m.py", "m", text)
    function = [n for n in ast.walk(source.tree) if getattr(n, "name", "") == "f"][-1]
    assert Reading([source]).touched(function) is None


@pytest.mark.parametrize(
    "text",
    [
        "import operator\nclass C:\n    t = property(operator.attrgetter('x'))\n",
        "class C: pass\nC.t = property(lambda s: s.x)\n",
        "class C: pass\nsetattr(C, '__eq__', lambda s, o: s.x == o.x)\n",
        "class C: pass\nC = d(C)\n",
        "class C: pass\nD = C\nD.t = property(lambda s: s.x)\n",
        "class C: pass\nfor n in 'ab':\n    setattr(C, n, property(lambda s: s.x))\n",
        "class C:\n    @classmethod\n    def m(cls): cls.t = property(lambda s: s.x)\n",
        "class C:\n    def m(self): type(self).t = property(lambda s: s.x)\n",
        "class C:\n    def m(self): self.__class__.t = by_name\n",
        "class C:\n    def m(self): setattr(type(self), 't', property(lambda s: s.x))\n",
        "class C:\n    def __init_subclass__(c): c.t = property(lambda s: s.x)\n",
        "import shelve\nclass C:\n    t = shelve.open('x')\n",
    ],
)
def test_classes_that_are_not_as_they_are_written_are_not_plain(text: str) -> None:
    assert Reading([Source("m.py", "m", text)]).plain_classes == []


def test_a_class_that_counts_is_as_it_is_written() -> None:
    text = "class C:\n    @classmethod\n    def m(cls): cls.made, cls.known = 3, {}\n    cls = 1\nkind = C\n"
    assert Reading([Source("m.py", "m", text)]).plain_classes == [("m", "C")]
