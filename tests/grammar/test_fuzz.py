"""Whatever is in a file: it parses, or it is diagnosed; it never breaks the parser, nor hangs it."""

import os
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.parse import parse_form, parse_text
from selfsame.grammar.text import print_document

#: How many inputs the long test tries; an environment variable lets a short machine take fewer.
INPUTS = int(os.environ.get("SELFSAME_FUZZ_INPUTS", "200000"))
PIECES = [
    "constraint",
    "profile",
    "selection",
    "import",
    "node_1",
    "app:f",
    "shop.**:*",
    "!a",
    "@b",
    "{",
    "}",
    "[",
    "]",
    ",",
    ";",
    ":",
    "\n",
    "<",
    "<=",
    ">=",
    "==",
    "%",
    "#",
    "//",
    "max_execution_time",
    "p99.9_cpu_time",
    "error_rate",
    "throughput",
    "algorithm",
    "never",
    "mode",
    "partial",
    "equality",
    "objective",
    "canary",
    "freeze",
    "extends",
    "nodes",
    "auto",
    "any",
    "yes",
    "none",
    "exact",
    "tolerance",
    "rel",
    "minimise",
    "over",
    "samples",
    "hold",
    "baseline",
    "x",
    "to",
    "and",
    "Fri",
    "16:00",
    "daily",
    "10",
    "1e-9",
    "10ms",
    "1MB",
    "5%",
    "100/s",
    "1.2",
    "é",
    "\t",
    "\x00",
    '"',
    "'",
    "@",
    "-",
    "/",
    "*",
    "\\",
    "😀",
]
RIGHT = (
    "constraint node_1, shop.**:Cart.* {\n  max_execution_time: < 10ms over 5m samples 30\n"
    "  error_rate[ValueError]: 1%; algorithm: [sort_a, b:c]\n  canary: 5% 50% hold 10m\n"
    "  freeze: Fri 16:00 to Mon 08:00\n}\nimport a.cdl\nprofile p { extends: batch }\n"
)


def outcome(text: str, path: str = "x.cdl") -> int:
    """How many mistakes a text has; 0 where it parses. Anything but a CDLError is a bug."""
    try:
        document = parse_form(text, path)
    except CDLError as error:
        assert error.diagnostics
        assert str(error)
        return len(error.diagnostics)
    assert parse_text(print_document(document), path) == document
    return 0


def drawn(rng: random.Random) -> str:
    """A text: pieces in any order, a right one with a part changed, or characters."""
    kind = rng.randrange(3)
    if kind == 0:
        return rng.choice(["", " "]).join(rng.choices(PIECES, k=rng.randrange(25)))
    if kind == 1:
        at, end = sorted(rng.randrange(len(RIGHT) + 1) for _ in range(2))
        if end - at > 40:
            end = at + rng.randrange(8)
        return RIGHT[:at] + "".join(rng.choices(PIECES, k=rng.randrange(3))) + RIGHT[end:]
    return "".join(
        chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x250)))) for _ in range(40)
    )


def test_a_few_thousand_drawn_texts():
    rng = random.Random(1)
    counts = [outcome(drawn(rng)) for _ in range(600)]
    assert 0 in counts
    assert max(counts) > 3


@pytest.mark.slow
def test_two_hundred_thousand_drawn_texts():
    rng = random.Random(2)
    for _ in range(INPUTS):
        text = drawn(rng)
        began = time.process_time()
        outcome(text)
        assert time.process_time() - began < 5, text  # a hang, not a slow machine


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(max_size=80) | st.lists(st.sampled_from('{}[]":,0aé \n\\'), max_size=40).map("".join)
)
def test_any_text_in_any_form(text):
    outcome(text)
    outcome(text, "x.json")
    outcome(text, "pyproject.toml")


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "[",
        "constraint a {",
        "constraint a { algorithm: [",
        "error_rate[",
        "}",
        "]",
        "import {",
    ],
)
@pytest.mark.parametrize("times", [40, 2000])
def test_deep_nesting_is_an_error(unit, times):
    assert outcome(unit * times) >= 1
    assert outcome(f"constraint a {{ never: {unit * times} }}") >= 1


def test_a_long_text_is_read_in_pieces_and_means_the_same():
    block = "# note {{\nconstraint shop:f{n} {{\n  algorithm: [\n    profile,\n    b{n}]\n  error_rate: 1%\n}}\n"
    text = "".join(block.format(n=n) for n in range(400))
    assert len(text) > 20_000
    document = parse_text(text, "x.cdl")
    assert [c.selectors[0].text for c in document.constraints] == [f"shop:f{n}" for n in range(400)]
    lines = text.split("\n")
    for constraint in document.constraints:
        place = constraint.selectors[0].place
        assert lines[place.line - 1][place.column - 1 :].startswith(constraint.selectors[0].text)
    with pytest.raises(CDLError) as caught:
        parse_text(text + "constraint last { mode: ato }\n" + text, "x.cdl")
    (mistake,) = caught.value.diagnostics
    assert (mistake.place.line, mistake.place.column) == (len(lines), 25)


def test_one_long_declaration_is_read_whole():
    names = ",\n  ".join(f"shop.module_{n}:function" for n in range(1000))
    document = parse_text(
        f"selection hot {{\n  # all {{ of them\n  nodes: [{names}]\n}}\n", "x.cdl"
    )
    assert len(document.selections[0].nodes) == 1000


def test_much_nonsense_is_given_up_and_said():
    for unit in NONSENSE.values():
        if unit.strip():
            with pytest.raises(CDLError) as caught:
                parse_text(unit * (40_000 // len(unit)), "x.cdl")
            last = caught.value.diagnostics[-1]
            assert last.message == "too much is wrong above: the file is not read from here on"


NONSENSE = {
    "words": "lorem ipsum dolor ",
    "braces": "{}[]();",
    "blocks": "constraint a { b: c }\n",
    "properties": "constraint a {\n" + "mode: auto\n" * 50 + "}\n",
    "characters": "@§!~$%^&*",
    "lines": "\n",
    "unclosed": "constraint a { algorithm: [x, y\n",
    "one line": "x",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NONSENSE))
def test_a_megabyte_of_nonsense_takes_seconds(name):
    unit = NONSENSE[name]
    text = unit * (1_000_000 // len(unit) + 1)
    began = time.process_time()
    outcome(text)
    # CPU seconds, so that a busy machine does not count.
    assert time.process_time() - began < 5
