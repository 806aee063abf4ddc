"""Compiled in place: numbers of unknown type are ints of any size or floats, as in Python."""

import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Machine:
    def __init__(self, code):
        self.code = code
        self.at = 0
        self.stack = []

    def run(self):
        while self.at < len(self.code):
            op, arg = self.code[self.at]
            self.at += 1
            if op == "push":
                self.stack.append(arg)
            else:
                b = self.stack.pop()
                a = self.stack.pop()
                if op == "add":
                    self.stack.append(a + b)
                elif op == "sub":
                    self.stack.append(a - b)
                elif op == "mul":
                    self.stack.append(a * b)
                elif op == "floordiv":
                    self.stack.append(a // b)
                elif op == "mod":
                    self.stack.append(a % b)
                elif op == "truediv":
                    self.stack.append(a / b)
                elif op == "and_":
                    self.stack.append(a & b)
                elif op == "or_":
                    self.stack.append(a | b)
                elif op == "xor":
                    self.stack.append(a ^ b)
                elif op == "lshift":
                    self.stack.append(a << b)
                elif op == "rshift":
                    self.stack.append(a >> b)
                elif op == "lt":
                    self.stack.append(a < b)
                elif op == "le":
                    self.stack.append(a <= b)
                elif op == "gt":
                    self.stack.append(a > b)
                elif op == "ge":
                    self.stack.append(a >= b)
                elif op == "neg":
                    self.stack.append((-a, -b))
        return self.stack


def run(code):
    return Machine(code).run()


def against(rows):
    out = []
    for a in rows:
        out.append((a + 7, 3 * a, a - 1.5, a < 9, a >= 2.5, 1 <= a))
    return out


def grown(rows, start):
    total = start
    for a in rows:
        total += a
    return total


def lettered(rows):
    out = []
    for a in rows:
        out.append(chr(a))
    return out
"""

MIXED = [("push", 1), ("push", 2.5), ("add", None), ("push", "a"), ("push", None)]
EXAMPLES: dict[str, Make] = {
    "run": lambda m: (MIXED[:3],),
    "against": lambda m: ([1, 2.5, None],),
    "grown": lambda m: ([1, "a"], 1),
    "lettered": lambda m: ([97, 233],),
}
NUMBERS = st.one_of(
    st.integers(-(1 << 70), 1 << 70),
    st.integers(-9, 9),
    st.sampled_from([(1 << 63) - 1, -(1 << 63), 1 << 63, 1 << 53, -1, 0]),
    st.booleans(),
    st.floats(),
)
OPERATORS = [
    "add", "sub", "mul", "floordiv", "mod", "truediv", "and_", "or_", "xor", "lshift", "rshift",
    "lt", "le", "gt", "ge", "neg",
]  # fmt: skip


@pytest.fixture(scope="module")
def numbers(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@settings(deadline=None, max_examples=300)
@given(a=NUMBERS, b=NUMBERS, op=st.sampled_from(OPERATORS))
def test_two_of_them(numbers: InPlace, a: Any, b: Any, op: str) -> None:
    if op == "lshift" and isinstance(b, int) and b > 1000:
        return
    numbers.check("run", lambda m: ([("push", a), ("push", b), (op, None)],))


@settings(deadline=None, max_examples=100)
@given(
    a=st.integers(-(1 << 63), (1 << 63) - 1),
    b=st.integers(-(1 << 63), (1 << 63) - 1).filter(lambda b: b not in (0, -1)),
    op=st.sampled_from(["add", "sub", "mul", "floordiv", "mod", "and_", "or_", "xor", "lt", "ge"]),
)
def test_more_bits_than_a_machine_word_are_no_reason_to_decline(
    numbers: InPlace, a: int, b: int, op: str
) -> None:
    numbers.check_fast("run", lambda m: ([("push", a), ("push", b), (op, None)],))


@given(a=st.text(max_size=3), b=st.text(max_size=3), op=st.sampled_from(["add", "lt", "ge", "mul"]))
def test_texts(numbers: InPlace, a: str, b: str, op: str) -> None:
    numbers.check("run", lambda m: ([("push", a), ("push", b), (op, None)],))


@given(rows=st.lists(st.one_of(NUMBERS, st.text(max_size=2)), max_size=4))
def test_one_beside_what_is_known(numbers: InPlace, rows: list[Any]) -> None:
    numbers.check("against", lambda m: (rows,))


@given(rows=st.lists(st.one_of(NUMBERS, st.lists(st.integers(), max_size=2)), max_size=4))
def test_a_list_that_grows_in_place_is_left_to_python(numbers: InPlace, rows: list[Any]) -> None:
    for made in (int, list, str):
        numbers.check("grown", lambda m, made=made: ([*rows], made()))


@pytest.mark.parametrize(
    "number",
    [-1, 0x110000, 1 << 31, (1 << 31) + 97, 1 << 32, (1 << 32) + 97, 97 - (1 << 40), -(1 << 63)],
)
def test_a_number_of_no_letter(numbers: InPlace, number: int) -> None:
    numbers.check("lettered", lambda m: ([97, number],))


def test_numbers_of_letters(numbers: InPlace) -> None:
    numbers.check_fast("lettered", lambda m: ([0, 97, 255, 0xD800, 0x10FFFF],))


class Own(int):
    """Says itself what a sum with it is."""

    def __add__(self, other: object) -> str:  # type: ignore[override]
        """A text."""
        return "own"

    __radd__ = __add__
    __lt__ = __add__  # type: ignore[assignment]


@pytest.mark.parametrize("op", ["add", "lt"])
@pytest.mark.parametrize("first", [True, False])
def test_a_derived_class_is_left_to_python(numbers: InPlace, op: str, first: bool) -> None:
    a, b = (Own(1), 2) if first else (2, Own(1))
    expected = getattr(operator, op)(a, b)
    done = numbers.compiled.run([("push", a), ("push", b), (op, None)])
    assert done == [expected]
