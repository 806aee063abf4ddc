"""The printer and the parser are each other's inverse, and the parser never breaks."""

import doctest
import random

import pytest
from cdl_documents import DOCUMENTS
from hypothesis import given, settings
from hypothesis import strategies as st

import selfsame.grammar.text
from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_document

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


@settings(max_examples=70, deadline=None)
@given(DOCUMENTS)
def test_parse_inverts_print(document):
    text = print_document(document)
    assert parse_text(text, document.path) == document


@settings(max_examples=20, deadline=None)
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


@settings(max_examples=150, deadline=None)
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
