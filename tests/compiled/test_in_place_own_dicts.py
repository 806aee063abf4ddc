"""Compiled in place: instances that have a dict of their own, as those that are given more later."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Cell:
    def __init__(self, x):
        self.x = x
        self.hits = 0

    def hit(self, by):
        self.hits += by
        self.last = self.x
        return self.weight()

    def weight(self):
        return self.x * 2


def hits(cells, n):
    total = 0
    for k in range(n):
        for cell in cells:
            total += cell.hit(k)
            cell.x += 1
    return total


def fails_late(cells, n):
    for k in range(n):
        for cell in cells:
            cell.hit(k)
            cell.x -= 1
            cell.extra = 10 // cell.x
    return n


class Hidden:
    def __init__(self, x):
        self.x = x
        self.hits = 0

    def hit(self, by):
        self.hits += by
        return self.x


class HiddenByOther(Hidden):
    def hit(self, by):
        self.hits += by
        return self.x + 1


def through_its_dict(cell, held, n):
    total = 0
    for k in range(n):
        held["hit" if k > 1 else "hits"] = k
        total += cell.hit(1)
    return total


class Other:
    def __init__(self, x):
        self.x = x
        self.hit = 0

    def go(self, k):
        self.hit = k
        return k


def through_another(cell, other, n):
    total = 0
    for k in range(n):
        other.go(k)
        total += cell.hit(k)
    return total


def read(cells):
    return [(cell.x, cell.hits) for cell in cells]
"""


def cells(m: Any, xs: Any = (1, 2, 3), later: bool = True) -> list[Any]:
    made = [m.Cell(x) for x in xs]
    for cell in made:
        if later:
            cell.__dict__  # from here on it has one
            cell.name = "late"
    return made


EXAMPLES: dict[str, Make] = {
    "hits": lambda m: (cells(m), 3),
    "fails_late": lambda m: (cells(m, (9, 8)), 3),
    "read": lambda m: (cells(m),),
    "through_its_dict": lambda m: (m.Hidden(3), {"hits": 0, "x": 1}, 3),
    "through_another": lambda m: (m.HiddenByOther(3), m.Other(4), 3),
}


def its_own(m: Any) -> tuple[Any, ...]:
    cell = m.Hidden(3)
    return cell, cell.__dict__, 3


def one_dict(m: Any) -> tuple[Any, ...]:
    cell, other = m.HiddenByOther(3), m.Other(4)
    other.__dict__ = cell.__dict__
    return cell, other, 3


def test_a_method_that_is_hidden_while_it_runs_is_not_called(bench: InPlace) -> None:
    for name, make in (("through_its_dict", its_own), ("through_another", one_dict)):
        bench.check_fast(name, EXAMPLES[name])
        before = bench.deopts[name]
        bench.check(name, make)
        assert bench.deopts[name] == before + 1


@pytest.mark.parametrize("name", ["hits", "fails_late", "read"])
@pytest.mark.parametrize("later", [True, False])
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str, later: bool) -> None:
    bench.check_fast(name, lambda m: (cells(m, (9, 8), later), *EXAMPLES[name](m)[1:]))


def test_some_have_one_and_some_have_none(bench: InPlace) -> None:
    bench.check_fast("hits", lambda m: ([*cells(m), *cells(m, later=False), *cells(m)], 4))


def test_all_that_was_done_is_taken_back(bench: InPlace) -> None:
    before = bench.deopts["fails_late"]
    bench.check("fails_late", lambda m: (cells(m, (3, 5, 2)), 4))
    assert bench.deopts["fails_late"] == before + 1


def in_another_order(m: Any) -> list[Any]:
    made = cells(m)
    for cell in made[1:]:
        x, cell.hits = cell.x, 5
        del cell.x
        cell.more = [x]
        cell.x = x
    return made


def with_many(m: Any) -> list[Any]:
    made = cells(m)
    for number in range(50):
        setattr(made[1], f"a{number}", number)
    del made[2].__dict__["x"]
    made[2].x = 7
    return made


def with_a_key_that_is_no_text(m: Any) -> list[Any]:
    made = cells(m)
    made[0].__dict__[3] = 4
    return made


def with_another_dict(m: Any) -> list[Any]:
    made = cells(m)
    made[0].__dict__ = {"name": 1, "hits": 2, "x": 3}
    made[1].__dict__ = made[2].__dict__
    return made


def with_names_of_another_text(m: Any) -> list[Any]:
    made = cells(m)
    x = "".join(["x", ""]).encode().decode()
    made[0].__dict__ = {x: 1, "".join(["hi", "ts"]): 4}
    return made


ODD = [
    in_another_order,
    with_many,
    with_a_key_that_is_no_text,
    with_another_dict,
    with_names_of_another_text,
]


@pytest.mark.parametrize("make", ODD)
def test_dicts_of_any_shape(bench: InPlace, make: Any) -> None:
    for name in ("hits", "fails_late"):
        bench.check(name, lambda m: (make(m), 3))
    bench.check_fast("hits", lambda m: (cells(m), 3))


def test_what_is_not_there_is_missed(bench: InPlace) -> None:
    def without(m: Any) -> list[Any]:
        made = cells(m)
        del made[1].x
        return made

    bench.check("read", lambda m: (without(m),))
    bench.check("hits", lambda m: (without(m), 2))


@pytest.mark.parametrize("name", ["hit", "weight"])
@pytest.mark.parametrize("by_dict", [True, False])
def test_a_method_of_its_own_is_called(bench: InPlace, name: str, by_dict: bool) -> None:
    def shadowed(m: Any) -> list[Any]:
        made = cells(m)
        key = "".join([name[:2], name[2:]])
        if by_dict:
            made[1].__dict__[key] = lambda *given: 100
        else:
            setattr(made[1], key, lambda *given: 100)
        return made

    before = bench.deopts["hits"]
    bench.check("hits", lambda m: (shadowed(m)[:1], 2))
    assert bench.deopts["hits"] == before
    both = [], []  # type: tuple[list[int], list[int]]
    for module, found in zip((bench.original, bench.compiled), both, strict=True):
        found.append(module.hits(shadowed(module), 3))
    assert both[0] == both[1] and bench.deopts["hits"] == before + 1


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 9), st.integers(0, 6)), max_size=6), st.integers(0, 4))
def test_any_mix(bench: InPlace, rows: list[tuple[int, int]], n: int) -> None:
    def made(m: Any) -> list[Any]:
        found = []
        for x, how in rows:
            cell = m.Cell(x)
            if how & 1:
                cell.__dict__["more"] = 1
            if how & 2:
                del cell.hits
                cell.hits = 3
            if how & 4:
                cell.last = -1
            found.append(cell)
        return found

    for name in ("hits", "fails_late"):
        bench.check(name, lambda m: (made(m), n))
    bench.check("read", lambda m: (made(m),))
