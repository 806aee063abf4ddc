"""Compiled in place: regular expressions, and names that are bound within an expression."""

import ast
import re
import signal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

from selfsame.compiler.emit.cython.inplace.naming import read_before

TEXT = r"""
import re

TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]+)|(.))")
PAIR = re.compile(r"(?P<key>\w+)=(?P<value>\w*)")


class Reader:
    def __init__(self, pattern):
        self.pattern = re.compile(pattern)
        self.count = 0

    def read(self, lines):
        found = {}
        for line in lines:
            self.count += 1
            m = self.pattern.match(line)
            if not m:
                continue
            key, value = m.groups()
            found[key] = value
        return found


def reading(reader, lines):
    return reader.read(lines)


def tokens(text):
    found = []
    for m in TOKEN.finditer(text):
        if m.group(1):
            found.append(("number", int(m.group(1)), m.start()))
        elif m[2] is not None:
            found.append(("name", m[2], m.end(2)))
        else:
            found.append(("other", m.group(3), m.lastindex))
    return found, [m.span() for m in TOKEN.finditer(text, 2)]


def pairs(lines, n):
    found = {}
    for line in lines:
        while m := PAIR.search(line, n):
            found[m["key"]] = m.group("value")
            found[m.group(0)] = m.lastgroup
            line = line[m.end() :]
        if (k := len(line)) > 3 and k < 9:
            found["left"] = str(k)
    return found, [word for line in lines if (word := line.strip())]


def rewritten(lines, by):
    found = []
    for line in lines:
        found += PAIR.findall(line)
        found.append((TOKEN.sub("_", line), PAIR.sub(by, line, 1)))
        found.append(tuple(re.split(r"[,;]\s*", line)))
        found.append((re.sub(r"\s+", " ", line), ""))
        if re.match("[a-c]", line) and not re.fullmatch(r"\w*", line):
            found.append(tuple(re.findall("[a-c]", line)))
    return found


def endless(text):
    for _ in range(2):
        if re.match("(a+)+$", text):
            return 1
    return 0
"""

EXAMPLES: dict[str, Make] = {
    "reading": lambda m: (m.Reader(r"(\w+):\s*(\w*)"), ["a: b", "c", "d:"]),
    "tokens": lambda m: ("ab + 12*c",),
    "pairs": lambda m: (["a=b c=", "  x y z"], 0),
    "rewritten": lambda m: (["a=b, c=", "abc; x"], "?"),
    "endless": lambda m: ("aab",),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


LINES = st.text("ab1= ,;:\u00e9\n", max_size=10)


@settings(deadline=None, max_examples=100)
@given(LINES)
def test_tokens_of_any_text(made: InPlace, text: str) -> None:
    made.check("tokens", lambda m: (text,))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(LINES, max_size=4),
    st.integers(-2, 4),
    st.sampled_from(["", "?", r"\1", r"\g<0>", "\\"]),
)
def test_what_is_found_and_replaced(made: InPlace, lines: list[str], n: int, by: str) -> None:
    made.check_fast("pairs", lambda m: (list(lines), n if n < 0 else 0))
    made.check("rewritten", lambda m: (list(lines), by))
    made.check_fast("reading", lambda m: (m.Reader(r"(\w+):\s*(\w*)"), list(lines)))


def test_patterns_and_texts_of_other_types(made: InPlace) -> None:
    for pattern in (r"(\w)", r"(\w)(?P<more>\d)?", r"(a)|(b)|c"):
        made.check("reading", lambda m, p=pattern: (m.Reader(p), ["a1", "b", "c"]))
    for line in (b"a: b", None, 3, [], "\ud800: x"):
        made.check("reading", lambda m, line=line: (m.Reader(r"(\w+):\s*(\w*)"), ["a: b", line]))
    made.check("reading", lambda m: (m.Reader(rb"(\w+):\s*(\w*)"), [b"a: b"]))

    def own(m: Any) -> tuple[Any, ...]:
        reader = m.Reader("(a)(b)")
        reader.pattern = type(
            "Pattern", (), {"match": lambda self, line: re.match("(a)(b)", line)}
        )()
        return reader, ["ab", "x"]

    made.check("reading", own)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer to be interrupted by")
def test_a_signal_interrupts_a_long_search(made: InPlace) -> None:
    class Late(Exception):
        pass

    def late(*_: object) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Late):
            made.compiled.endless("a" * 40 + "b")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert made.deopts["endless"] == 0


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("x = n + (n := 1)", True),
        ("n += (n := 1)", True),
        ("f(n, [n := y for y in n])", True),
        ("a[n] = (n := 1)", False),
        ("x = (n := 1) + n", False),
        ("x = n if (n := f()) else 0", False),
        ("x = [n for y in z if (n := y)]", False),
        ("if (n := f()) and n: x = n", False),
    ],
)
def test_a_name_that_was_read_before_it_is_bound(text: str, late: bool) -> None:
    assert (read_before(ast.parse(text).body[0]) is not None) == late
