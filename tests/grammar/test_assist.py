"""What editors are told: completions and meanings, also in text that does not parse."""

import pytest

from selfsame.grammar.assist import Known, completions, meaning, word_at
from selfsame.grammar.vocabulary import FAMILIES, MEASURES, SETTINGS, SHORT_FORMS

KNOWN = Known(
    ("node_1", "shop.cart:total", "shop.cart:total/loop[0]", "shop.pay:charge"),
    {"list-to-set": "container", "cache": "memoise", "to-cython": "compiled"},
)


def offered(text: str) -> list[str]:
    """The completions where `|` stands."""
    offset = text.index("|")
    plain = text[:offset] + text[offset + 1 :]
    return [completion.text for completion in completions(plain, offset, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|", ["constraint", "profile", "selection", "import"]),
        ("pro|", ["profile"]),
        ("constraint a { mode: auto }\nsel|", ["selection"]),
        ("import a.cdl\ncons|", ["constraint"]),
        ("constraint |", list(KNOWN.nodes)),
        ("constraint shop.p|", ["shop.pay:charge"]),
        ("constraint node_1, !shop.cart:total/|", ["shop.cart:total/loop[0]"]),
        ("selection hot { nodes: [a] }\nconstraint @h|", ["@hot"]),
        ("constraint a { p99.9_ex|", ["p99.9_execution_time"]),
        ("constraint a { mode: auto; parti|", ["partial"]),
        ("selection a { |", ["nodes"]),
        ("selection a { nodes: [shop.pay|", ["shop.pay:charge"]),
        ("constraint a { mode: |", ["watch", "shadow", "approve", "auto"]),
        ("constraint a { mode: a|", ["approve", "auto"]),
        ("constraint total|", ["shop.cart:total", "shop.cart:total/loop[0]"]),
        ("constraint a { partial: |", ["yes", "no"]),
        ("constraint a { max_memory_usage: 10M|", ["10MB", "10MiB"]),
        ("constraint a { max_memory_usage: |", ["<", "<=", ">", ">=", "1MB"]),
        ("constraint a { container: [|", ["list-to-set"]),
        ("constraint a { compile: [|", ["to-cython"]),
        ("constraint a { container: |", ["any", "none"]),
        ("constraint a { never: [c|", ["container", "compile", "cache"]),
        ("constraint a { algorithm: [shop.cart|", ["shop.cart:total"]),
        ("profile mine { }\nconstraint a { extends: mi|", ["mine"]),
        ("constraint a { extends: [inter|", ["interactive"]),
        ("constraint a { rollback: [b|", ["bounds"]),
        ("constraint a { equality: tol|", ["tolerance"]),
        ("constraint a { freeze: M|", ["Mon"]),
        ("constraint a { objective: minimise mean_cpu|", ["mean_cpu_time"]),
        ("constraint a { nothing_known: |", []),
    ],
)  # fmt: skip
def test_completions(text, expected):
    assert offered(text) == expected


def test_every_property_is_offered_and_has_a_meaning():
    names = [*MEASURES, *SHORT_FORMS, *FAMILIES, *SETTINGS]
    assert offered("constraint a { |") == names
    assert all(meaning(name) for name in names)
    assert meaning("moed") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("mode: a|uto }", "auto"), ("|mode", "mode"), ("a, shop.c:f/loop[0]|", "shop.c:f/loop[0]"), ("  | ", "")],
)  # fmt: skip
def test_the_word_at_a_place(text, word):
    offset = text.index("|")
    assert word_at(text.replace("|", ""), offset)[0] == word
