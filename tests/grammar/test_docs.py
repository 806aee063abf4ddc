"""The tutorial's examples are right, and mean what it says."""

import re
from pathlib import Path

import pytest

from selfsame.compiler.constraints import NodeName, bind
from selfsame.compiler.constraints.contradictions import contradictions
from selfsame.compiler.constraints.reference import reference
from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.json_form import parse_json
from selfsame.grammar.model import ANY, Document
from selfsame.grammar.parse import parse_files, parse_text
from selfsame.grammar.resolve import builtin_profiles
from selfsame.grammar.text import print_document
from selfsame.grammar.vocabulary import FAMILIES, MODES, PROPERTIES, UNITS
from selfsame.runtime.monitor.recorded import check_file
from selfsame.variants.misnamed import misnamed

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
    assert misnamed([document]) == []
    named = [s for c in document.constraints for s in c.selectors]
    named += [node for selection in document.selections for node in selection.nodes]
    texts = {s.pattern for s in named if s.kind != "selection" and not s.excludes}
    nodes = [
        NodeName(t.replace("**", "x").replace("*", "x"), (t.replace("*", "x"),)) for t in texts
    ]
    found = bind([document], nodes)
    for constraint, addresses in found.bound:
        assert addresses, constraint.title
        explained = found.sets[addresses[0]].explain()
        assert len(explained.split("\n")) > 1


def test_the_reference_is_what_the_tables_give():
    assert REFERENCE.read_text() == reference(), "run python compiler/constraints/reference.py"


def test_builtin_profiles_name_templates_that_there_are():
    assert misnamed([Document(tuple(builtin_profiles().values()), "profiles.cdl")]) == []


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
        "error_rate": 0.001,
        "max_execution_time": 0.05,
    }
    assert checkout.allowed("memoise") is ANY


def test_the_files_of_the_page_work_together(tmp_path):
    project, recorded = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "shop.cdl").write_text(BLOCKS[-1])
    (tmp_path / "pyproject.toml").write_text(project)
    shop, defaults = parse_files([tmp_path / "pyproject.toml"])
    assert len(defaults.constraints) == 1
    assert len(shop.constraints) == 3
    (tmp_path / "shop.test.toml").write_text(recorded)
    (checked,) = check_file(tmp_path / "shop.test.toml")
    assert checked.wrong == ()


def test_the_json_example_is_the_text_it_stands_for():
    (example,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    text = (
        "constraint app:slow { max_execution_time: 10ms; algorithm: [sort_a, sort_b]; mode: auto }"
    )
    assert parse_json(example, "x") == parse_text(text, "x")


def test_the_examples_contradict_nothing():
    for text in BLOCKS:
        document = parse_text(text, "cdl.md")
        nodes = [
            NodeName(s.text.replace("*", "x")) for c in document.constraints for s in c.selectors
        ]
        assert contradictions(bind([document], nodes).sets.values()) == []


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
