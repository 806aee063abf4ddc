"""The printer and the parser are each other's inverse, and the parser never breaks."""

import doctest
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import selfsame.grammar.text
from selfsame.grammar.diagnostics import CDLError, Place
from selfsame.grammar.model import (
    ANY,
    NONE,
    Allowance,
    Bound,
    Constraint,
    Document,
    Equality,
    Name,
    Selector,
)
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_document
from selfsame.grammar.vocabulary import COMPARATORS, FAMILIES, MEASURES, MODES, UNITS

HERE = Place("drawn.cdl", 1)
WORDS = st.from_regex(r"[a-z_][a-z0-9_]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda word: word != "constraint"
)
IDENTIFIERS = st.from_regex(r"[a-zA-Z_é][a-zA-Z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word != "constraint"
)


@st.composite
def selectors(draw):
    module = ".".join(
        draw(st.lists(IDENTIFIERS | st.just("**") | st.just("*"), min_size=1, max_size=3))
    )
    name = ".".join(
        draw(
            st.lists(
                IDENTIFIERS | st.sampled_from(["<lambda>", "*", "**", "t*l"]),
                min_size=1,
                max_size=3,
            )
        )
    )
    inner = draw(
        st.sampled_from(["", "", "#2", "/loop[0]", "/comp[12]", "/call[sorted][0]", "#3/loop[*]"])
    )
    text = draw(st.sampled_from([f"{module}:{name}{inner}", draw(IDENTIFIERS)]))
    return Selector(text, HERE)


@st.composite
def bounds(draw, name):
    measure = MEASURES[name]
    comparator = draw(st.sampled_from(COMPARATORS))
    unit = draw(st.sampled_from(sorted(UNITS[measure.dimension])))
    top = 0.999999 if measure.dimension == "ratio" else 1e15
    value = draw(st.floats(1e-12, top))
    window = draw(st.none() | st.floats(1e-9, 1e9) | st.integers(1, 10**6).map(float))
    samples = draw(st.none() | st.integers(1, 10**9))
    return Bound(measure.metric, measure.statistic, comparator, value, unit, window, samples, HERE)


NAMES = st.lists(WORDS, min_size=1, max_size=4, unique=True).map(
    lambda words: tuple(Name(word, HERE) for word in words)
)
CHOICES = NAMES | st.sampled_from([ANY, NONE])
TOLERANCES = st.builds(
    Equality,
    st.sampled_from([0.0, 1e-9, 1e-6]) | st.floats(1e-300, 0.99),
    st.sampled_from([0.0, 1e-12]) | st.floats(1e-300, 1e20),
)


@st.composite
def constraints(draw):
    named = draw(st.lists(selectors(), min_size=1, max_size=3, unique_by=lambda s: s.text))
    properties = draw(st.lists(st.sampled_from(sorted(MEASURES)), max_size=4, unique=True))
    families = draw(st.lists(st.sampled_from(FAMILIES), max_size=3, unique=True))
    return Constraint(
        tuple(named),
        tuple(draw(bounds(name)) for name in properties),
        tuple(Allowance(family, draw(CHOICES), HERE) for family in families),
        draw(st.none() | CHOICES),
        draw(st.none() | st.booleans()),
        draw(st.none() | st.sampled_from(MODES)),
        draw(st.none() | TOLERANCES),
    )


DOCUMENTS = st.lists(constraints(), max_size=4).map(lambda cs: Document(tuple(cs), "drawn.cdl"))

PIECES = st.sampled_from(
    [
        "constraint", "node_1", "app:f/loop[0]", "shop.**:*", "{", "}", "[", "]", ",", ";", "\n", ":",
        "max_execution_time", "error_rate", "algorithm", "never", "mode", "partial", "equality",
        "auto", "any", "yes", "tolerance", "rel", "10", "1e-9", "10ms", "1MB", "%", "<", "<=", "==",
        "over", "samples", "# note", "// note", "\t", "@", "é", "\x00", '"', "-", "/", "*", "1e999999999",
    ]
)  # fmt: skip

RICH = """\
# The cart.
constraint node_1, shop.**:Cart.* {
  max_execution_time: < 10ms over 5m samples 30
  p99_cpu_time: 250us; memory_usage: 1.5MiB, error_rate: < 0.1%
  algorithm: [sort_a, shop.sorting:sort_b]; container: any
  never: [memoise, list-first-to-next-iter]
  partial: yes, mode: shadow
  equality: tolerance rel 1e-9 abs 1e-12
}
constraint app:slow { never } // as it is
"""


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_parse_inverts_print(document):
    text = print_document(document)
    assert parse_text(text, document.path) == document


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_printing_is_idempotent(document):
    text = print_document(document)
    assert print_document(parse_text(text, document.path)) == text


def check_diagnostics(text: str) -> int:
    """Parse; every diagnostic lies in the text. Returns how many there are."""
    try:
        parse_text(text, "x.cdl")
    except CDLError as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for diagnostic in error.diagnostics:
            place = diagnostic.place
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1
            assert diagnostic.message
        assert error.diagnostics
        return len(error.diagnostics)
    return 0


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30), st.sampled_from(["", " "]))
def test_pieces_in_any_order_parse_or_are_diagnosed(pieces, glue):
    check_diagnostics(glue.join(pieces))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_parses_or_is_diagnosed(text):
    check_diagnostics(text)


def test_leaving_a_character_out_gives_at_most_two_errors():
    for at in range(len(RICH)):
        assert check_diagnostics(RICH[:at] + RICH[at + 1 :]) <= 2, RICH[max(0, at - 20) : at + 20]


@pytest.mark.parametrize("seed", range(20))
def test_a_wrong_character_gives_at_most_two_errors(seed):
    rng = random.Random(seed)
    at = rng.randrange(len(RICH))
    text = RICH[:at] + rng.choice("@§!~$") + RICH[at + 1 :]
    assert check_diagnostics(text) <= 2, text[max(0, at - 20) : at + 20]


def test_docstrings():
    failed, tried = doctest.testmod(selfsame.grammar.text)
    assert tried > 0
    assert failed == 0
