"""Values for a parameter that may be any object, and views of bytes: what a guess of types leaves out."""

import collections
import datetime
import decimal
import fractions
import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Plain:
    """An object that keeps its state in a dict, with nothing of its own."""

    def __init__(self, first: object, second: object) -> None:
        self.first = first
        self.second = second


class Aside:
    """A second base."""


class Joined(Plain, Aside):
    """A class with two bases."""


class Slotted:
    """An object without a dict."""

    __slots__ = ("first", "second")

    def __init__(self, first: object, second: object) -> None:
        self.first = first
        self.second = second


@dataclass
class Record:
    """An object whose class says what is in it."""

    first: object
    second: object


class Pair(NamedTuple):
    """A tuple with names."""

    first: object
    second: object


class Listed(list[object]):
    """A list with an attribute."""

    name: object = None


Make = Callable[[random.Random], Any]
HASHABLE: dict[type, Make] = {
    bool: lambda rng: rng.random() < 0.5,
    type(None): lambda rng: None,
    bytes: lambda rng: rng.choice((b"", b"a", b"ab c")),
    complex: lambda rng: complex(rng.randint(-2, 2), 1),
    tuple: lambda rng: tuple(rng.randint(0, 3) for _ in range(rng.randint(0, 3))),
    frozenset: lambda rng: frozenset(rng.choices("abc", k=rng.randint(0, 3))),
    fractions.Fraction: lambda rng: fractions.Fraction(rng.randint(-9, 9), rng.randint(1, 9)),
    decimal.Decimal: lambda rng: decimal.Decimal(rng.randint(-99, 99)).scaleb(-1),
    datetime.date: lambda rng: datetime.date(2024, rng.randint(1, 12), rng.randint(1, 28)),
    type: lambda rng: rng.choice((int, str, list)),
}
"""Makes values of types that a dict takes as a key."""
OTHERS: dict[type, Make] = {
    list: lambda rng: [rng.choice((1, 2.5, "a", None)) for _ in range(rng.randint(0, 4))],
    dict: lambda rng: {name: [rng.randint(0, 3)] for name in rng.choices("abc", k=2)},
    set: lambda rng: set(rng.choices("abc", k=rng.randint(0, 3))),
    collections.OrderedDict: lambda rng: collections.OrderedDict(b=rng.randint(0, 3), a=[1]),
    collections.deque: lambda rng: collections.deque([rng.randint(0, 3), "a"], rng.choice((None, 2))),
    bytearray: lambda rng: bytearray(rng.choice((b"", b"ab"))),
    Plain: lambda rng: Plain(rng.randint(0, 3), [rng.randint(0, 3)]),
    Slotted: lambda rng: Slotted(rng.randint(0, 3), [rng.randint(0, 3)]),
    Record: lambda rng: Record(rng.randint(0, 3), [rng.randint(0, 3), "a"]),
    Pair: lambda rng: Pair(rng.randint(0, 3), [rng.randint(0, 3)]),
    Listed: lambda rng: Listed([rng.randint(0, 3), "a"]),
}  # fmt: skip
"""Makes values of other types."""
ALL = HASHABLE | OTHERS


def having(names: list[str]) -> list[Make]:
    """What makes values of types that have all of these attributes, and not from ``object``."""
    own = [name for name in names if not hasattr(object, name)]
    return [make for kind, make in ALL.items() if own and all(hasattr(kind, n) for n in own)]


def buffer(rng: random.Random, data: bytes) -> Any:
    """``data`` as one of the objects that let others see their bytes."""
    draw = rng.random()
    if draw < 0.35:
        return data
    if draw < 0.5:
        return bytearray(data)
    if draw < 0.6:
        return array(rng.choice("bB"), data if draw < 0.55 else b"ab")
    return viewed(rng, data)


def viewed(rng: random.Random, data: bytes) -> "memoryview[Any]":
    """``data`` as a view: of single bytes mostly; of larger items, or in two dimensions."""
    draw = rng.random()
    if draw < 0.6 or len(data) < 4:
        return memoryview(bytearray(data) if draw < 0.2 else data)
    whole: memoryview[Any] = memoryview(data[: len(data) // 4 * 4])
    if draw < 0.7:
        return whole.cast("c")
    code: Any = rng.choice("HIf")
    if draw < 0.85:
        return whole.cast(code)
    return whole.cast("B", [2, len(whole) // 2])
