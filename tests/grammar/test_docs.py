"""The tutorial's examples are right, and mean what it says."""

import re
from pathlib import Path

import pytest

from selfsame.compiler.constraints import NodeName, bind
from selfsame.compiler.constraints.reference import reference
from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.model import ANY
from selfsame.grammar.parse import parse_text
from selfsame.grammar.resolve import builtin_profiles
from selfsame.grammar.text import print_document
from selfsame.grammar.vocabulary import FAMILIES, MODES, PROPERTIES, UNITS

PAGE = (Path(__file__).parents[2] / "docs" / "cdl.md").read_text()
REFERENCE = Path(__file__).parents[2] / "docs" / "cdl_reference.md"
BLOCKS = re.findall(r"^```cdl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_there_are_about_ten():
    assert len(BLOCKS) >= 10


@pytest.mark.parametrize("text", BLOCKS, ids=[str(n) for n in range(1, len(BLOCKS) + 1)])
def test_each_block_parses_and_can_be_explained(text):
    document = parse_text(text, "cdl.md")
    assert document.constraints
    assert parse_text(print_document(document), "cdl.md") == document
    for constraint in document.constraints:
        name = constraint.selectors[0].text
        found = bind([document], [NodeName(name, (name,))]).of(name)
        assert found is not None
        assert len(found.explain().split("\n")) > 1


def test_the_reference_is_what_the_tables_give():
    assert REFERENCE.read_text() == reference(), "run python compiler/constraints/reference.py"


def test_every_word_of_the_language_is_in_the_reference():
    words = set(re.findall(r"[\w%./]+", REFERENCE.read_text()))
    units = {unit for names in UNITS.values() for unit in names if unit not in ("", "%")}
    wanted = {*PROPERTIES, *FAMILIES, *MODES, *units, *builtin_profiles()}
    assert wanted - words == set()


def test_the_last_block_means_what_the_page_says():
    found = bind([parse_text(BLOCKS[-1], "cdl.md")], [NodeName("shop.cart:checkout")])
    checkout = found.of("shop.cart:checkout")
    assert checkout is not None
    assert checkout.mode == "auto"
    assert {b.property: b.value for b in checkout.bounds} == {
        "error_rate": 0.01,
        "max_execution_time": 0.05,
    }
    assert checkout.allowed("memoise") is ANY


def test_the_page_shows_the_messages_as_they_are():
    shown = re.search(r"^\$ selfsame check shop.cdl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown is not None
    text = "constraint a {\n  max_execution_tme: 10ms\n  max_memory_usage: 1ms\n}\n"
    with pytest.raises(CDLError) as caught:
        parse_text(text, "shop.cdl")
    assert f"{caught.value}\n" == shown[1]


def test_the_python_example_runs(capsys):
    example = re.findall(r"^```python\n(from selfsame.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(example[-1], "cdl.md", "exec"), {})
    assert capsys.readouterr().out.startswith("app:slow\n  any kind of rewrite may be tried\n")
