"""Summaries that are taken over from another world are those that would be made in it."""

from itertools import combinations, permutations

import pytest

from selfsame.compiler.analysis.interprocedural import Analysis
from selfsame.compiler.analysis.program import Program
from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.cst.source import Source

TEXT = """
class Quiet:
    def size(self):
        return 1

    def same(self, other):
        return self.size() == other.size()

class Loud(Quiet):
    def size(self):
        print("size")
        return 2

class Other:
    @property
    def width(self):
        return input()

class Plain:
    def __init__(self):
        self.width = 3

def total(items):
    return sum(item.size() for item in items)

def above(items):
    return total(items) + 1

def wide(item):
    return item.width

def even(n):
    return n == 0 or odd(n - 1)

def odd(n):
    return n != 0 and even(n - 1)

def both(n, items):
    return even(n), above(items)
"""
CLASSES = ("Quiet", "Loud", "Other", "Plain")
FUNCTIONS = (
    *("m:total", "m:above", "m:wide", "m:even", "m:odd", "m:both"),
    *("m:Quiet.size", "m:Quiet.same", "m:Loud.size", "m:Other.width"),
)
WORLDS = [
    World(frozenset(f"m:{c}" for c in chosen))
    for n in range(4)
    for chosen in combinations(CLASSES, n)
]


@pytest.fixture
def program() -> Program:
    found = Program(lambda name: None)
    found.add(Source("m.py", "m", TEXT))
    return found


def analysed(program: Program, world: World) -> Analysis:
    found = Analysis(program, world)
    for address in FUNCTIONS:
        found.summary(address)
    return found


def test_what_is_taken_over_is_what_would_be_found(program: Program) -> None:
    taken = 0
    for one, other in permutations(WORLDS, 2):
        alone = analysed(program, one)
        shared = Analysis(program, one)
        shared.adopt(analysed(program, other))
        taken += len(shared.known)
        for address in FUNCTIONS:
            assert shared.summary(address) == alone.summary(address), (one, other, address)
            assert shared.containers[address] == alone.containers[address]
    assert taken


def test_what_looks_at_a_class_that_is_met_is_not_taken_over(program: Program) -> None:
    quiet = analysed(program, World(frozenset({"m:Quiet"})))
    loud = Analysis(program, World(frozenset({"m:Quiet", "m:Loud"})))
    loud.adopt(quiet)
    assert {"m:even", "m:odd", "m:wide"} <= loud.known
    assert not {"m:total", "m:above", "m:both", "m:Quiet.same"} & loud.known
    assert loud.summary("m:above").problems
    assert not quiet.summary("m:above").problems


def test_worlds_with_other_code_share_nothing(program: Program) -> None:
    plain = analysed(program, World())
    with pytest.raises(ValueError, match="more than their classes"):
        Analysis(program, World(code=frozenset({("def", "m:even")}))).adopt(plain)
    with pytest.raises(ValueError, match="more than their classes"):
        Analysis(program).adopt(plain)
