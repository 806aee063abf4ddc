"""Compiled in place: what modules hold under their names, as the text says it or as it was seen."""

from typing import Any

import pytest
from test_in_place import InPlace, Make

TEXT = """
import math
from collections import Counter, deque


class Rule:
    def __init__(self, price):
        self.price = price

    def cost(self, n):
        return self.price * n


RULE = Rule(3)
WAITING = deque([1, 2])
SEEN = Counter([1, 2])
NOTHING = 0.0
WALL, FLOOR = "#", "."
NORTH, EAST, SOUTH, WEST = range(4)
FIRST = LAST = 7
SIZE = 8
CELLS = SIZE * SIZE
THIRD = 1 / 3
[LOW, (HIGH, STEP)] = [2, (9, 0.25)]
ROOT = math.sqrt(2.0)
VOWELS = set("aeiou")
STOP = frozenset(["of", "the", "a"])
INDEX = {c: i for i, c in enumerate("abcdef")}
KNOWN = []


def weights():
    return [0.5] * 10


WEIGHTS = weights()
if len(WEIGHTS) > 3:
    RATES = [2, 3, 5]
else:
    RATES = None


def walls(cells):
    found = 0
    for cell in cells:
        if cell == WALL:
            found += 1
        elif cell != FLOOR:
            found += 100
    return found


def turned(n):
    way = NORTH
    for i in range(n):
        way = (way + EAST) % (WEST + 1)
        if way == SOUTH:
            way = WEST
    return way


def numbers(n):
    total = 0.0
    for i in range(n):
        total += i % CELLS * THIRD + FIRST * LAST - LOW * HIGH + STEP * ROOT
    return total


def balanced(xs):
    total = NOTHING
    for x in xs:
        total = total * x
    return total


def vowels(text):
    found = 0
    for c in text:
        if c in VOWELS:
            found += INDEX[c] if c in INDEX else 50
    return found


def kept(words):
    out = [w for w in words if w not in STOP]
    for word in STOP:
        if len(word) > len(STOP) - 1:
            out.append(word + "!")
    return sorted(out), len(list(STOP))


def weighed(n):
    total = 0.0
    for i in range(n):
        total += WEIGHTS[i % 10] * i
    return total


def rated(n):
    total = 0
    for i in range(n):
        total += RATES[i % len(RATES)]
    return total


def turned_over(n):
    while WAITING and n:
        n -= 1
        SEEN[WAITING.popleft()] += n
        WAITING.append(n)
    return len(SEEN)


def by_rule(n):
    total = 0
    for i in range(n):
        total += RULE.cost(i)
    return total


def noted(n):
    for i in range(n):
        KNOWN.append(i)
    return len(KNOWN)
"""

EXAMPLES: dict[str, Make] = {
    "walls": lambda m: (["#", ".", "x"],),
    "turned": lambda m: (11,),
    "numbers": lambda m: (70,),
    "balanced": lambda m: ([1, 2],),
    "vowels": lambda m: ("a banana of eight",),
    "kept": lambda m: (["one", "of", "the", "few"],),
    "weighed": lambda m: (25,),
    "rated": lambda m: (8,),
    "turned_over": lambda m: (3,),
    "by_rule": lambda m: (4,),
    "noted": lambda m: (3,),
}


@pytest.fixture
def places(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def test_data_of_the_module_is_known(places: InPlace) -> None:
    for name, make in EXAMPLES.items():
        places.check_fast(name, make)


@pytest.mark.parametrize(
    ("name", "function", "value"),
    [
        ("WALL", "walls", "x"),
        ("WEST", "turned", 5),
        ("CELLS", "numbers", 10),
        ("ROOT", "numbers", 2),
        ("THIRD", "numbers", None),
        ("NOTHING", "balanced", -0.0),
        ("INDEX", "vowels", [1, 2]),
        ("STOP", "kept", {"of"}),
        ("WEIGHTS", "weighed", {n: n for n in range(10)}),
        ("RATES", "rated", None),
        ("RATES", "rated", (1, 2)),
        ("WAITING", "turned_over", [1, 2]),
        ("WAITING", "turned_over", {1: 2}),
        ("SEEN", "turned_over", {1: 2, 2: 3}),
        ("SEEN", "turned_over", [1, 2, 3]),
        ("RULE", "by_rule", None),
    ],
)
def test_data_of_another_type_or_value_runs_the_original(
    places: InPlace, name: str, function: str, value: object
) -> None:
    for module in (places.original, places.compiled):
        setattr(module, name, value)
    before = places.deopts[function]
    places.check(function, EXAMPLES[function])
    assert places.deopts[function] == before + 1


def test_an_object_of_the_module_with_a_method_of_its_own_runs_the_original(
    places: InPlace,
) -> None:
    for module in (places.original, places.compiled):
        module.RULE.cost = lambda n: 1000
    before = places.deopts["by_rule"]
    places.check("by_rule", EXAMPLES["by_rule"])
    assert places.deopts["by_rule"] == before + 1


def test_data_that_changes_is_read_as_it_is_at_the_call(places: InPlace) -> None:
    for rates in ([1], [10, 20, 30, 40], [7.5]):
        for module in (places.original, places.compiled):
            module.RATES = rates
            module.WEIGHTS[3] += len(rates)
            module.VOWELS.add("n")
        places.check("rated", EXAMPLES["rated"])
        places.check_fast("weighed", EXAMPLES["weighed"])
        places.check_fast("vowels", EXAMPLES["vowels"])
    assert places.deopts["rated"] == 1, "a float was never seen among them"
    assert places.original.KNOWN == places.compiled.KNOWN
