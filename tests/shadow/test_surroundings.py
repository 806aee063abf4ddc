"""Calls that facts do not clear: a worker sees what they leave behind, and refuses the node for it."""

import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.request import Trial

HOME = """
import abc
import collections
import contextvars
import decimal
import enum
import functools
import itertools
import json
import random
import re
import weakref

NAMED, ITEMS, WORDS, DEEP = {}, [], set(), {"a": [{"b": ([],)}]}
QUEUE, ORDERED, GROUPS = collections.deque(), collections.OrderedDict(), collections.defaultdict(list)
NUMBERS, COUNT, RAW = itertools.count(), 0, bytearray(8)
DRAWN = random.Random(1)
ALIVE = weakref.WeakSet()
CURRENT = contextvars.ContextVar("current")


class Base:
    seen = []
    last = None


class Slotted:
    __slots__ = ("x",)


class Kind(enum.Enum):
    A = 1


class Shape(abc.ABC):
    pass


class Holder:
    def __init__(self):
        self.inside = {}

    @property
    def size(self):
        return len(vars(self))

    @functools.cached_property
    def made(self):
        return object()


HOLDER, SLOTTED = Holder(), Slotted()
SLOTTED.x = 0


def helper(x, known=[]):
    return known


def closing():
    many = []

    def add(x):
        many.append(x)

    def bind(x):
        nonlocal many
        many = [x]

    return add, bind


ADD, BIND = closing()


def decorated(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)

    return inner


@decorated
def wrapped(x, known=[]):
    known.append(x)


@functools.lru_cache(maxsize=None)
def answer(x):
    return x + 1


@functools.singledispatch
def told(x):
    return str(x)


@functools.lru_cache(maxsize=None)
def noting(x):
    ITEMS.append(x)


def node(xs, k):
    total = 0
    for x in xs:
        total += x
    EFFECT
    return total
"""
LOOP = "    total = 0\n    for x in xs:\n        total += x\n"
CALLS = [pickle.dumps({"args": (list(range(20 + n)), n), "globals": {}}) for n in range(60)]

LEAVES_SOMETHING = {
    "an item": "NAMED[k] = total",
    "a value": "DEEP['a'] = total",
    "far inside": "DEEP['a'][0]['b'][0].append(k)",
    "a list": "ITEMS.append(k)",
    "an order": "ITEMS.append(k); ITEMS.pop(0) if len(ITEMS) > 2 else None",
    "a set": "WORDS.add(k)",
    "a deque": "QUEUE.append(k)",
    "an order of keys": "ORDERED[k] = 1; ORDERED.move_to_end(k, last=False)",
    "a default": "GROUPS[k]",
    "a global": "global COUNT; COUNT = k",
    "a global that is new": "globals()['new%d' % k] = 1",
    "an iterator": "next(NUMBERS)",
    "bytes": "RAW[k % 8] = k % 251",
    "a generator": "DRAWN.random()",
    "the shared generator": "random.seed(k)",
    "a weak set": "xs = Holder(); ALIVE.add(xs); total = xs",
    "a context variable": "CURRENT.set(k)",
    "a class": "Base.last = k + 1000",
    "an attribute by name": "setattr(Base, 'x%d' % k, 1)",
    "what a class holds": "Base.seen.append(k)",
    "a method": "Base.run = lambda self: k",
    "bases": "Holder.__bases__ = (Base,) if k % 2 else (Slotted, Base)",
    "a member": "Kind.A._extra = k",
    "an instance": "HOLDER.inside[k] = 1",
    "what is made once": "HOLDER.made",
    "what is the same each time": "Base.last = 'one'",
    "an attribute of an instance": "HOLDER.other = k + 1000",
    "a slot": "SLOTTED.x = k + 1000",
    "a class of an instance": "HOLDER.__class__ = type('New', (Holder,), {})",
    "a function": "helper.calls = k + 1000",
    "a default value": "helper(k).append(k)",
    "other defaults": "helper.__defaults__ = ([k],)",
    "a variable of a function": "ADD(k)",
    "another variable": "BIND(k)",
    "what is wrapped": "wrapped(k)",
    "behind kept answers": "noting(k)",
    "a module of Python's own": "json.extra = k",
    "a function of another module": "re.compile = functools.partial(re.compile)",
}
LEAVES_NOTHING = {
    "nothing": "pass",
    "what is undone": "ITEMS.append(k); ITEMS.pop()",
    "what it made": "own = {}; own[k] = Holder(); own[k].inside[k] = 1; own[k].made",
    "kept answers": "answer(k)",
    "a dispatcher's memory": "told(k)",
    "an abstract class's": "isinstance(k, Shape)",
    "a compiled pattern": "re.compile('a' * (k + 1))",
    "an import": "import colorsys",
    "a look at a namespace": "HOLDER.size",
    "annotations": "Holder.__annotations__; node.__annotations__",
    "a context for decimals": "decimal.Decimal(1) / decimal.Decimal(3)",
    "a print": "print(k)",
    "members": "Kind(1); Kind['A']",
}


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("surroundings")


def tried(bench: Any, folder: Path, effect: str, other: str = "", **more: Any) -> Trial:
    """A loop against ``sum``, in a function that does ``effect``; ``other`` is what the variation does."""
    declared, _, rest = effect.rpartition("; ") if effect.startswith("global") else ("", "", effect)
    text = HOME.replace("EFFECT", rest)
    if declared:
        text = text.replace("def node(xs, k):\n", f"def node(xs, k):\n    {declared}\n")
    faster = text.replace(LOOP, "    total = sum(xs)\n")
    if other:
        faster = faster.replace(f"    {rest}\n    return", f"    {other}\n    return")
    name = f"home{zlib.crc32((effect + other).encode())}"
    options = {"watched": True, "outgoing": True, "typed": True, "timed": False} | more
    found: Trial = type(bench)(folder, text, name).trial("node", faster, CALLS, **options)
    return found


@pytest.mark.parametrize("effect", LEAVES_SOMETHING.values(), ids=LEAVES_SOMETHING)
def test_what_leaves_something_behind_is_refused(
    bench: Any, surroundings: Path, effect: str
) -> None:
    found = tried(bench, surroundings, effect)
    assert found.same != "same"
    assert found.refused.startswith("a call changes "), found


@pytest.mark.parametrize("effect", LEAVES_NOTHING.values(), ids=LEAVES_NOTHING)
def test_what_leaves_nothing_is_compared(bench: Any, surroundings: Path, effect: str) -> None:
    found = tried(bench, surroundings, effect)
    assert found.same == "same", found
    assert found.captured == 60


@pytest.mark.parametrize("effect", ["Base.last = k", "ITEMS.append(k)", "helper.calls = k"])
def test_a_variation_that_alone_leaves_something_is_another_function(
    bench: Any, surroundings: Path, effect: str
) -> None:
    found = tried(bench, surroundings, "pass", effect)
    assert found.same == "different"
    assert "the variation changes what" in found.reason


def test_what_goes_with_the_call_is_compared_by_its_value(bench: Any, surroundings: Path) -> None:
    text = HOME.replace("EFFECT", "NAMED[k] = total")
    faster = text.replace(LOOP, "    total = sum(xs)\n")
    wrong = faster.replace("NAMED[k] = total", "NAMED[k] = total + (k > 40)")
    calls = [
        pickle.dumps({"args": (list(range(20 + n)), n), "globals": {("shipping", "NAMED"): {}}})
        for n in range(60)
    ]
    known = type(bench)(surroundings, text, "shipping")
    options: dict[str, Any] = {"watched": True, "outgoing": True, "typed": True, "timed": False}
    assert known.trial("node", faster, calls, **options).same == "same"
    assert known.trial("node", wrong, calls, **options).same == "different"


def test_an_effect_on_some_calls_alone_is_seen(bench: Any, surroundings: Path) -> None:
    found = tried(
        bench,
        surroundings,
        "NAMED[k] = (1 if k > 50 else NAMED.pop(k, 0)); NAMED.pop(k) if k < 51 else 0",
    )
    assert "changes what" in found.refused, found
