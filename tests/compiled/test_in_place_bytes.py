"""Compiled in place: methods of bytes, and text made of bytes and bytes of text."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython.refusal import CannotPrint

TEXT = """
def headers(data):
    head, _, body = data.partition(b"\\r\\n\\r\\n")
    found = {}
    for line in head.split(b"\\r\\n"):
        name, sep, value = line.partition(b":")
        if sep and not name.startswith(b"#"):
            found[name.strip().lower().decode()] = value.strip().decode("latin-1")
    return found, len(body), body.count(b"a"), body.find(b"b", 1), body.isdigit()


def escaped(text):
    out = []
    for byte in text.encode():
        if byte in b"-_.~" or 48 <= byte <= 57 or 97 <= byte <= 122:
            out.append(chr(byte))
        else:
            out.append("%" + bytes([byte]).hex().upper())
    return "".join(out)


def framed(parts):
    data = b""
    for part in parts:
        data += len(part).to_bytes(2, "big") + part
    again, i = [], 0
    while i < len(data):
        size = int.from_bytes(data[i:i + 2], "big")
        again.append(data[i + 2:i + 2 + size])
        i += 2 + size
    return data, again, b",".join(again), b"-".join([p[::-1] for p in parts]) + bytearray(b"!")


def looked(data, buffer):
    found = []
    for part in (b"ab", b"", b"\\n"):
        found.append((part in data, part in buffer, buffer.find(part), buffer.endswith(part)))
        found.append((data.rfind(part), data.replace(part, b"<>", 1), data.removeprefix(part)))
    for number in (0, 97, 255):
        found.append((number in data, number in buffer, data.count(number)))
    return found, buffer.decode("utf-8", "replace"), data.splitlines(), data.rsplit(None, 1), data.title()


def read(data):
    found = []
    for part in (data, data[1:]):
        found.append((part.decode("ascii", errors="ignore"), part.decode(), data.index(b"a")))
    return found


def caught(parts, number):
    found = []
    for part in parts:
        try:
            found.append((part.decode("ascii"), part.index(b"a"), number in part))
        except UnicodeDecodeError:
            found.append(None)
        except ValueError:
            found.append(number.to_bytes(1, "big"))
    return found


def changed(buffer):
    found = []
    for _ in range(2):
        found.append(buffer.strip())
    return found


def by_name(data, codec):
    total = 0
    for _ in range(3):
        total += len(data.decode(codec))
    return total
"""

EXAMPLES: dict[str, Make] = {
    "headers": lambda m: (b"Host: a\r\nX-Y:  b \r\n#c: d\r\n\r\nabc",),
    "escaped": lambda m: ("a b/\u00e9~",),
    "framed": lambda m: ([b"one", b"", b"three"],),
    "looked": lambda m: (b"ab\nb a", bytearray(b"xab")),
    "read": lambda m: (b"xa",),
    "caught": lambda m: ([b"ab", b"ca"], 97),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


DATA = st.one_of(
    st.binary(max_size=12),
    st.lists(st.sampled_from([b"a", b"b", b":", b"\r\n", b" ", b"\n", b"ab"])).map(b"".join),
)


@settings(deadline=None, max_examples=150)
@given(DATA, DATA)
def test_any_bytes(made: InPlace, data: bytes, other: bytes) -> None:
    made.check("headers", lambda m: (data + b"\r\n\r\n" + other,))
    made.check_fast("framed", lambda m: ([data, other],))
    made.check_fast("looked", lambda m: (data, bytearray(other)))
    made.check("read", lambda m: (data,))


@settings(deadline=None, max_examples=100)
@given(st.lists(DATA, max_size=4), st.sampled_from([-1, 0, 97, 255, 256, 1 << 70]))
def test_what_raises_is_caught_as_in_python(made: InPlace, parts: list[bytes], number: int) -> None:
    made.check("caught", lambda m: (list(parts), number))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=8))
def test_any_text(made: InPlace, text: str) -> None:
    """A lone surrogate has no bytes: the original raises."""
    made.check("escaped", lambda m: (text,))


def test_what_is_no_bytes(made: InPlace) -> None:
    class Own(bytes):
        def partition(self, sep: Any) -> Any:
            return self, sep, b"own"

    made.check("headers", lambda m: (Own(b"a: b"),))
    made.check("headers", lambda m: (bytearray(b"a: b"),))
    made.check("looked", lambda m: (b"ab", b"ab"))
    made.check("framed", lambda m: ([b"a", bytearray(b"b")],))
    made.check("escaped", lambda m: (b"ab",))


@pytest.mark.parametrize(
    ("name", "example", "reason"),
    [
        ("changed", lambda m: (bytearray(b" a "),), "the method strip of a bytearray"),
        ("by_name", lambda m: (b"ab", "utf-8"), "how text is encoded"),
    ],
)
def test_what_is_refused(builder: Any, name: str, example: Make, reason: str) -> None:
    with pytest.raises(CannotPrint, match=reason):
        InPlace(builder, TEXT, {name: example})
