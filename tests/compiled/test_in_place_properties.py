"""Compiled in place: what a property stores, and named tuples that are compared and sorted."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
from collections import namedtuple
from typing import NamedTuple

Point = namedtuple("Point", "x y")


class Job(NamedTuple):
    rank: int
    name: str


class Account:
    def __init__(self, balance):
        self.log = []
        self.balance = balance

    @property
    def balance(self):
        return self._balance

    @balance.setter
    def balance(self, value):
        if value < 0:
            raise ValueError("negative")
        self._balance = value
        self.log.append(value)

    @property
    def rich(self):
        return self._balance > 100


class Joint(Account):
    @property
    def rich(self):
        return self._balance > 200


def paid(accounts, moves):
    for a, b, amount in moves:
        accounts[a].balance -= amount
        accounts[b].balance += amount
    return [account.rich for account in accounts], Account(3).balance


def compared(points, q):
    found = []
    for p in points:
        found.append((p == q, p != q, p < q, p <= q, p > q, p >= q, p == (q.x, q.y)))
    best = None
    for p in points:
        if best is None or p > best:
            best = p
    return found, best, sorted(points), sorted(points, reverse=True), max(points), q in points


def first_done(jobs):
    found = []
    jobs.sort()
    for job in jobs:
        found.append(job.name)
    return found, sorted(set(jobs)), min(jobs, key=lambda job: (job.name, job))
"""

EXAMPLES: dict[str, Make] = {
    "paid": lambda m: ([m.Account(50), m.Joint(5)], [(0, 1, 7), (1, 0, 2)]),
    "compared": lambda m: ([m.Point(1, 2), m.Point(0, 3)], m.Point(1, 2)),
    "first_done": lambda m: ([m.Job(3, "a"), m.Job(1, "b")],),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


MOVES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([1, 7, 60, 2.5])), max_size=6
)


@settings(deadline=None, max_examples=80)
@given(MOVES)
def test_what_a_setter_refuses_is_taken_back(made: InPlace, moves: list[Any]) -> None:
    made.check("paid", lambda m: ([m.Account(50), m.Joint(5)], list(moves)))


def test_setters_that_others_put_there_are_left_to_python(made: InPlace) -> None:
    kept = [module.Account.__dict__["balance"] for module in (made.original, made.compiled)]
    for module in (made.original, made.compiled):
        module.Account.balance = module.Account.balance.setter(
            lambda self, value: self.__dict__.update(_balance=value + 1000)
        )
    made.check("paid", EXAMPLES["paid"])
    for module, own in zip((made.original, made.compiled), kept, strict=True):
        module.Account.balance = own
    made.check_fast("paid", EXAMPLES["paid"])

    def own(m: Any) -> tuple[Any, ...]:
        account = m.Account(50)
        account.__dict__["balance"] = 7
        return [account, m.Account(1)], [(0, 1, 2)]

    made.check("paid", own)


VALUES = st.sampled_from([-1, 0, 1, 2.0, float("nan"), True, 1 << 70, "a", None, (1, 2)])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(-2, 2), VALUES), min_size=1, max_size=5), VALUES)
def test_named_tuples_of_all_sorts(made: InPlace, pairs: list[Any], y: Any) -> None:
    made.check("compared", lambda m: ([m.Point(*p) for p in pairs], m.Point(0, y)))
    made.check("compared", lambda m: ([m.Point(*pairs[0]), *pairs], m.Point(0, y)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from("abc")), min_size=1, max_size=6))
def test_named_tuples_in_order(made: InPlace, pairs: list[Any]) -> None:
    made.check_fast("first_done", lambda m: ([m.Job(*p) for p in pairs],))


def test_named_tuples_that_say_themselves_what_comes_first(made: InPlace) -> None:
    def backwards(m: Any) -> tuple[Any, ...]:
        cls = type("Point", (m.Point,), {"__lt__": lambda a, b: a.x > b.x, "__slots__": ()})
        return [m.Point(1, 2), cls(2, 3), cls(0, 0)], m.Point(1, 2)

    made.check("compared", backwards)
