"""One slip is one error, wherever it is; two slips are two."""

import random

import pytest

from selfsame.grammar import strays
from selfsame.grammar.diagnostics import CDLError, Diagnostic
from selfsame.grammar.parse import parse_text

RIGHT = """constraint node_1 { max_execution_time: 10ms, max_memory_usage: 1MB, error_rate: < 0.1%, algorithm: [sort_a, sort_b] }
profile careful { extends: interactive, mode: approve }
selection hot { nodes: [app:*, !app:slow] }
constraint @hot, shop.**:Cart.* {
  p99_execution_time: <= 1.2 x baseline over 5m samples 300
  canary: 5% 25% hold 10m
  never: [memoise, compile]
}
"""
SIGNS = '{}[]:,;x.%<"('


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    try:
        parse_text(text, "x.cdl")
    except CDLError as error:
        return error.diagnostics
    return ()


def slips() -> list[str]:
    """The text with each character taken out, each sign put in everywhere, each pair turned round."""
    changed = []
    for at in range(len(RIGHT)):
        before, after = RIGHT[:at], RIGHT[at:]
        changed += [before + after[1:], before + after[1:2] + after[0] + after[2:]]
        changed += [before + sign + after for sign in SIGNS]
    return changed


def test_nearly_every_slip_is_one_error():
    sample = random.Random(4).sample(slips(), 400)
    assert sum(len(mistakes(text)) > 1 for text in sample) <= 2


@pytest.mark.slow
def test_of_all_slips_hardly_one_in_five_hundred_is_told_twice():
    counts = [len(mistakes(text)) for text in slips()]
    assert len(counts) > 5_000
    assert max(counts) <= 2
    assert sum(count > 1 for count in counts) <= len(counts) / 500


@pytest.mark.parametrize(
    ("right", "wrong", "message", "suggestion"),
    [
        ("max_execution", "max_exe;cution", "`;` does not belong here", "`max_execution_time`"),
        ("max_execution", "max_exe{cution", "`{` does not belong here", "`max_execution_time`"),
        ("canary", "can}ary", "`}` does not belong here", "`canary`"),
        ("profile careful", "profile] careful", "`]` does not belong here", "leave it out"),
        ("300\n  ca", "300\n  %ca", "`%` does not belong here", "leave it out"),
        ("shop.**", "sh;op.**", "`;` does not belong here", "`shop.**:Cart.*`"),
        ("interactive, mode", "interactiv,e mode", "`,` stands in the wrong place", "active, mode"),
        ("[sort_a", "sort_a", "expected `[` before `sort_a`", "algorithm: [sort_a, sort_b]"),
        ("[app:*", "app:*", "expected `[` before `app`", "nodes: ["),
        ("selection", "selecton", "expected `constraint`, found `selecton`", "`selection`"),
        ("profile", "prof:ile", "expected `constraint`, found `prof`", "`profile`"),
        ("\n}", "\n)", "expected `}`, found `)`", ""),
        ("baseline", "baselin", "found `baselin`", "`baseline`"),
        ("hot {", "hot", "expected `{` after `hot`", "selection hot {"),
        ("over 5m", "ovr 5m", "expected a comma or a new line, found `ovr`", "`over`"),
        ("1MB", "1MV", "unknown unit `MV`", "`MB`"),
        ("algorithm:", "algorithm", "expected `:` after `algorithm`", "algorithm: ["),
        ("approve }", "aprove }", "not `aprove`", "`approve`"),
        ("5m samples", "5m x samples", "found `x`", ""),
    ],
)
def test_a_slip_is_named_with_what_was_meant(right, wrong, message, suggestion):
    assert RIGHT.count(right) == 1
    (mistake,) = mistakes(RIGHT.replace(right, wrong))
    assert message in mistake.message
    assert suggestion in mistake.suggestion


def test_the_place_of_a_stray_is_its_own():
    (mistake,) = mistakes(RIGHT.replace("can", "c;an"))
    assert (mistake.place.line, mistake.place.column, mistake.place.width) == (6, 4, 1)


def test_strays_in_one_declaration_are_told_one_by_one():
    text = RIGHT.replace("error_rate", "error;_rate").replace("max_mem", "max_m;em")
    assert [(d.place.column, d.message[:3]) for d in mistakes(text)] == [(52, "`;`"), (76, "`;`")]


def test_mistakes_beside_a_stray_are_told_too():
    text = RIGHT.replace("error_rate", "error;_rate").replace("10ms", "10mb").replace("25%", "2%")
    found = [(d.place.line, d.message) for d in mistakes(text)]
    assert [line for line, _ in found] == [1, 1, 6]
    assert found[1][1] == "`;` does not belong here"


@pytest.mark.parametrize("seed", range(3))
def test_two_mistakes_stay_two(seed, monkeypatch):
    """What is told twice without the search and is two is told twice with it."""
    rng = random.Random(seed)
    slipped = [text for text in rng.sample(slips(), 60) if len(mistakes(text)) == 1]
    second = "constraint b { mod: auto, partial: ys }\n"
    for text in slipped:
        # Only what leaves the next declaration whole is a slip beside it.
        monkeypatch.setattr(strays, "MOST", 0)
        plain = len(mistakes(text + second))
        monkeypatch.undo()
        if plain >= 3:
            assert len(mistakes(text + second)) == 3, text


def test_two_unknown_properties_are_not_joined_by_leaving_out_the_comma_between_them():
    assert len(mistakes("constraint a { mod: auto, partia: yes }")) == 2
    assert len(mistakes("constraint a { mod: auto; partia: yes; memory_usage: 10ms }")) == 3
