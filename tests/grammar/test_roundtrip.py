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
    Canary,
    Constraint,
    Document,
    Equality,
    Freeze,
    Import,
    Name,
    Objective,
    Profile,
    Selection,
    Selector,
    Setting,
)
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_document
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DECLARATIONS,
    FAMILIES,
    MEASURES,
    SETTINGS,
    UNITS,
)

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
    text = draw(st.sampled_from([f"{module}:{name}{inner}", draw(IDENTIFIERS), "@checkout"]))
    return Selector(text, HERE)


SUBJECTS = {
    "": st.just(""),
    "exception": st.sampled_from(["", "ValueError", "shop.errors.Refused"]),
    "callee": st.sampled_from(["", "shop.db:load", "app:f#2", "app:f/loop[0]"]),
}


@st.composite
def bounds(draw, name):
    measure = MEASURES[name]
    comparator = draw(st.sampled_from(COMPARATORS))
    relative = draw(st.booleans())
    unit = "" if relative else draw(st.sampled_from(sorted(UNITS[measure.dimension])))
    top = 0.999999 if measure.dimension == "ratio" else 1e15
    value = draw(st.floats(1e-12, top))
    window = draw(st.none() | st.floats(1e-9, 1e9) | st.integers(1, 10**6).map(float))
    samples = draw(st.none() | st.integers(1, 10**9))
    subject = draw(SUBJECTS[measure.subject])
    kind = measure.metric, measure.statistic
    return Bound(*kind, comparator, value, unit, window, samples, HERE, subject, relative)


NAMES = st.lists(WORDS, min_size=1, max_size=4, unique=True).map(
    lambda words: tuple(Name(word, HERE) for word in words)
)
CHOICES = NAMES | st.sampled_from([ANY, NONE])
EQUALITIES = st.builds(
    Equality,
    st.sampled_from([0.0, 1e-9, 1e-6]) | st.floats(1e-300, 0.99),
    st.sampled_from([0.0, 1e-12]) | st.floats(1e-300, 1e20),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
SHARES = st.floats(1e-9, 1.0)
GOALS = st.lists(
    st.sampled_from([name for name, measure in MEASURES.items() if measure.dimension != "rate"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(tuple)
FREEZES = st.one_of(
    st.tuples(st.integers(0, 1440), st.integers(0, 1440), st.just(True)),
    st.tuples(st.integers(0, 10079), st.integers(0, 10079), st.just(False)),
).filter(lambda window: window[0] != window[1])


def setting(name, shape):
    values = {
        "word": st.sampled_from(shape.words),
        "flag": st.booleans(),
        "number": st.integers(1, 10**6).map(float),
        "names": CHOICES,
        "equality": EQUALITIES,
        "objective": (GOALS | st.just(("throughput",))).map(Objective),
        "steps": st.builds(
            Canary,
            st.lists(SHARES, min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
            st.none() | st.floats(1e-9, 1e9),
        ),
        "windows": st.lists(FREEZES, min_size=1, max_size=3).map(
            lambda rows: tuple(Freeze(*row) for row in rows)
        ),
    }
    if name in ("extends", "tenants"):
        plain = NAMES.filter(lambda names: not {"any", "none"} & {n.text for n in names})
        return st.builds(Setting, st.just(name), plain, st.just(HERE))
    if name == "rollback":
        reasons = st.lists(st.sampled_from(shape.words), min_size=1, unique=True)
        values["names"] = reasons.map(lambda rs: tuple(Name(r, HERE) for r in rs))
    if shape.form == "amount":
        amounts = SHARES if shape.dimension == "ratio" else st.floats(1e-9, 1e9)
        units = st.sampled_from(sorted(UNITS[shape.dimension]))
        return st.builds(Setting, st.just(name), amounts, st.just(HERE), units)
    return st.builds(Setting, st.just(name), values[shape.form], st.just(HERE))


STATEMENTS = {
    **{name: bounds(name) for name in MEASURES},
    **{
        family: st.builds(Allowance, st.just(family), CHOICES, st.just(HERE)) for family in FAMILIES
    },
    **{name: setting(name, shape) for name, shape in SETTINGS.items()},
}


@st.composite
def statements(draw):
    names = draw(st.lists(st.sampled_from(sorted(STATEMENTS)), max_size=6, unique=True))
    return tuple(draw(STATEMENTS[name]) for name in names)


NODES = st.lists(selectors(), min_size=1, max_size=3, unique_by=lambda s: s.text)
PLAIN = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word not in DECLARATIONS
)
PATHS = st.lists(
    st.sampled_from(["a.cdl", "../b c.cdl", "lib/d#1.cdl", "é.json"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(lambda paths: tuple(Name(path, HERE) for path in paths))
DECLARED = st.one_of(
    st.builds(Constraint, NODES.map(tuple), statements()),
    st.builds(Constraint, NODES.map(tuple), statements()),
    st.builds(Profile, PLAIN, statements(), st.just(HERE)),
    st.builds(Selection, PLAIN, NODES.map(tuple), st.just(HERE)),
    st.builds(Import, PATHS, st.just(HERE)),
)
DOCUMENTS = st.lists(DECLARED, max_size=4).map(lambda ds: Document(tuple(ds), "drawn.cdl"))

PIECES = st.sampled_from(
    [
        "constraint", "node_1", "app:f/loop[0]", "shop.**:*", "{", "}", "[", "]", ",", ";", "\n", ":",
        "max_execution_time", "error_rate", "algorithm", "never", "mode", "partial", "equality",
        "auto", "any", "yes", "tolerance", "rel", "10", "1e-9", "10ms", "1MB", "%", "<", "<=", "==",
        "over", "samples", "hold", "baseline", "x", "profile", "selection", "import", "nodes", "extends",
        "canary", "freeze", "Fri", "16:00", "to", "objective", "minimise", "100/s", "!", "@checkout",
        "error_rate[ValueError]", "# note", "// note", "\t", "@", "é", "\x00", '"', "-", "/", "*", "1e999999999",
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
  equality: tolerance rel 1e-9 abs 1e-12 unordered
  error_rate[ValueError]: < 1%; p95_latency[shop.db:load]: <= 1.2 x baseline
}
import common.cdl
selection hot { nodes: [app:*, !app:slow] }
profile careful { extends: batch; canary: 5% 50% hold 10m }
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
