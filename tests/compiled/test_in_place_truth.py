"""Compiled in place: an instance is true where its class says so, and has the length that it says."""

from typing import Any

import pytest
from test_in_place import InPlace, Make

TEXT = """
class Move:
    def __init__(self, start, end):
        self.start = start
        self.end = end
        self.asked = 0
    def __bool__(self):
        self.asked += 1
        return self.start != self.end
    def __len__(self):
        return 0


class Late(Move):
    def __len__(self):
        return 7


class Box:
    def __init__(self, held):
        self.held = held
    def __len__(self):
        return self.held


class Flag:
    def __init__(self, up):
        self.up = up
    def __len__(self):
        return self.up


class Plain:
    def __init__(self, x):
        self.x = x


def moved(moves):
    n = 0
    for move in moves:
        if not move:
            continue
        n += move.end
    return n


def filled(boxes):
    n = 0
    for box in boxes:
        if box and True:
            n += len(box)
    return n


def raised(flags):
    found = []
    for flag in flags:
        found.append(len(flag))
        found.append(bool(flag))
    return found


def mixed(things):
    found = []
    for thing in things:
        found.append(1 if thing else 0)
    return found
"""

EXAMPLES: dict[str, Make] = {
    "moved": lambda m: ([m.Move(1, 2), m.Late(3, 3)],),
    "filled": lambda m: ([m.Box(2), m.Box(0)],),
    "raised": lambda m: ([m.Flag(True), m.Flag(False)],),
    "mixed": lambda m: ([m.Plain(0), m.Box(0), None, m.Move(1, 1)],),
}


@pytest.fixture(scope="module")
def truths(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


def test_bool_is_asked_before_len_and_what_it_changes_is_seen(truths: InPlace) -> None:
    truths.check_fast(
        "moved", lambda m: ([m.Move(1, 2), m.Move(2, 2), m.Late(5, 5), m.Late(1, 4)],)
    )


def test_what_has_no_bool_is_true_where_its_length_is_not_0(truths: InPlace) -> None:
    truths.check_fast("filled", lambda m: ([m.Box(3), m.Box(0), m.Box(1)],))


def test_a_length_is_an_int(truths: InPlace) -> None:
    truths.check_fast("raised", lambda m: ([m.Flag(True), m.Flag(False)],))


@pytest.mark.parametrize("held", [-1, 1 << 70, 1.5, "x", None])
def test_what_is_no_length_raises_as_in_python(truths: InPlace, held: Any) -> None:
    truths.check("filled", lambda m: ([m.Box(3), m.Box(held)],))
    truths.check("raised", lambda m: ([m.Flag(True), m.Flag(held)],))


def test_instances_of_several_classes_say_it_each_for_themselves(truths: InPlace) -> None:
    truths.check_fast("mixed", lambda m: ([m.Box(1), m.Plain(0), None, m.Box(0), m.Move(1, 2)],))


def test_what_an_instance_has_of_that_name_is_not_asked(truths: InPlace) -> None:
    def odd(m: Any) -> tuple[Any, ...]:
        move = m.Move(1, 1)
        move.__dict__["__bool__"] = lambda: True
        return ([move, m.Move(1, 2)],)

    truths.check("moved", odd)


def test_a_bool_that_is_none_raises(truths: InPlace) -> None:
    truths.check("moved", lambda m: ([m.Move(1, 2), m.Move("a", 3), 5],))
