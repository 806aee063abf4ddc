"""Compiled in place: whole numbers read out of bytes and written into them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython.refusal import CannotPrint

TEXT = """
def words(data, size):
    found = []
    for i in range(0, len(data), size):
        part = data[i:i + size]
        found.append(int.from_bytes(part, "big"))
        found.append(int.from_bytes(part, byteorder="little", signed=True))
        found.append(int.from_bytes(part))
    return found


def written(numbers, size):
    out = []
    for n in numbers:
        out.append(n.to_bytes(size, "big") + (n & 255).to_bytes())
        out.append((n >> 1).to_bytes(size, "little", signed=True))
    return b"".join(out), [n.bit_length() + n.bit_count() for n in numbers]


def padded(message):
    size = len(message) * 8
    message += b"\\x80" + b"\\0" * (-(len(message) + 9) % 64)
    message += size.to_bytes(8, "big")
    total = 0
    for i in range(0, len(message), 4):
        total ^= int.from_bytes(message[i:i + 4], "big")
    return total, len(message)


def computed(data, order):
    total = 0
    for i in range(len(data)):
        total += int.from_bytes(data[i:i + 2], order)
    return total
"""

EXAMPLES: dict[str, Make] = {
    "words": lambda m: (b"\x00\x01\xff\xfe\x7f\x80", 2),
    "written": lambda m: ([0, 1, 255, 256, 65535], 2),
    "padded": lambda m: (b"abcd" * 30,),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=24), st.integers(1, 9))
def test_any_bytes(made: InPlace, data: bytes, size: int) -> None:
    made.check("words", lambda m: (data, size))
    made.check("words", lambda m: (bytearray(data), size))
    made.check_fast("padded", lambda m: (data,))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(-300, 1 << 66), max_size=4), st.integers(-1, 9))
def test_any_numbers(made: InPlace, numbers: list[int], size: int) -> None:
    """What is too large for its bytes or for 64 bits, or less than none, is the original's to raise or make."""
    made.check("written", lambda m: (list(numbers), size))


def test_what_is_no_bytes(made: InPlace) -> None:
    made.check("words", lambda m: ([1, 2, 3], 1))
    made.check("written", lambda m: ([True, False, 7], 1))


def test_an_order_that_is_computed_is_refused(builder: Any) -> None:
    with pytest.raises(CannotPrint, match="the order of bytes"):
        InPlace(builder, TEXT, {"computed": lambda m: (b"abcd", "big")})
