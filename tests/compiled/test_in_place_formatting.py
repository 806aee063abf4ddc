"""Compiled in place: texts made by f-strings, ``%``, ``str.format``, ``str`` and ``repr``."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class Named:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "<" + self.name + ">"


def wholes(numbers):
    found = []
    for n in numbers:
        found.append("%d %5d|%-5d|%05d|%x|%X|%o|%3s|%-3s|%05s" % (n, n, n, n, n, n, n, n, n, n))
        found.append(f"{n:5d}|{n:05d}|{n:x}|{n:X}|{n:o}|{n:d}|{n}|{n:,}|{n:+d}|{n:<6d}|")
        found.append("{:5d}|{:>7}|{:04x}".format(n, n, n))
    return found


def floats(numbers):
    found = []
    for x in numbers:
        found.append("%f|%.2f|%8.3f|%-8.1f|%.0f|%s|%08.2f|%e|%g" % (x, x, x, x, x, x, x, x, x))
        found.append(f"{x:.2f}|{x:8.3f}|{x:>8.3f}|{x:<8.3f}|{x:f}|{x:.0f}|{x:12f}|{x}|{x:.3g}|{x:^9.1f}")
        found.append("{:.1f} {:9.2f}".format(x, x))
    return found


def words(texts, width):
    found = []
    for s in texts:
        found.append("%s|%5s|%-5s|%.2s|%6.1s|%r|100%%|%%d" % (s, s, s, s, s, s))
        found.append("{}{{}}|{:<6}|{:>6}|{:^6}|{!r}".format(s, s, s, s, s))
        found.append("{0}-{name}-{0}".format(s, name=width))
        found.append(f"{s:>{width}}|{s:*^{width}}|{width!r:>{width}}")
    return found


def mixed(rows, form):
    found = []
    for row in rows:
        found.append("%s" % (row,))
        found.append(f"{row}" + str(row) + repr(row))
        for value in row:
            found.append(form % value)
            found.append(f"{value} {value!r}")
    return found


def filled(record, row):
    found = []
    for _ in range(2):
        found.append("%(name)s: %(size)5d" % record)
        found.append("%s, %s" % row)
        found.append(format(row[1], ".1f"))
    return found
"""

EXAMPLES: dict[str, Make] = {
    "wholes": lambda m: ([3, -7],),
    "floats": lambda m: ([2.5, -0.125],),
    "words": lambda m: (["ab", "\u00e9"], 7),
    "mixed": lambda m: ([(1, "a"), (2.5, None)], "<%s>"),
    "filled": lambda m: ({"name": "a", "size": 3}, ("b", 2.5)),
}


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=4))
def test_whole_numbers_of_any_size(made: InPlace, numbers: list[int]) -> None:
    made.check_fast("wholes", lambda m: (list(numbers),))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.floats(), max_size=4))
def test_floats_with_nan_and_infinities(made: InPlace, numbers: list[float]) -> None:
    # What a list gives is told by its identity where it is NaN.
    check = made.check if any(x != x for x in numbers) else made.check_fast
    check("floats", lambda m: (list(numbers),))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=8), max_size=3), st.integers(1, 12))
def test_texts_and_computed_widths(made: InPlace, texts: list[str], width: int) -> None:
    made.check_fast("words", lambda m: (list(texts), width))


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=3)
)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(st.one_of(SCALARS, st.tuples(SCALARS))).map(tuple), max_size=3),
    st.sampled_from(["%s", "%r", "%d", "%5.1f", "%s %s", "", "%", "%(a)s", "%c", "%x", "a"]),
)
def test_values_of_all_types_and_what_does_not_fit(
    made: InPlace, rows: list[tuple[Any, ...]], form: str
) -> None:
    made.check("mixed", lambda m: (list(rows), form))


def test_what_says_itself_how_it_is_shown_is_left_to_python(made: InPlace) -> None:
    made.check("mixed", lambda m: ([(m.Named("a"), 1), ([m.Named("b")], {1: [None]})], "%s"))
    nested: list[Any] = [1]
    nested.append(nested)
    made.check("mixed", lambda m: ([(nested, 1)], "%s"))
    made.check("words", lambda m: (["a"], -1))
    made.check("words", lambda m: ([1, None], 3))


def test_mappings(made: InPlace) -> None:
    made.check_fast("filled", lambda m: ({"name": [1, "a"], "size": 2, "more": None}, ("a", -0.0)))
    for record in ({"name": 1}, {"name": 1, "size": "b"}, {"name": b"x", "size": 1}):
        made.check("filled", lambda m, record=record: (record, ("a", 1.0)))
    made.check("filled", lambda m: ({"name": m.Named("a"), "size": 2}, ("a", 1.0)))
    for row in (("a", 1.0, 2), (), ("a", "b"), ((1, 2), 2.0)):
        made.check("filled", lambda m, row=row: ({"name": 1, "size": 2}, row))
