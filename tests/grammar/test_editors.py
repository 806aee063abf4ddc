"""Highlighting knows every word of the language, and takes any text as it is."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pygments", reason="only editors need it")
from pygments.token import Comment, Keyword, Name, Number, Text

from selfsame.grammar.editors.pygments_lexer import CDLLexer
from selfsame.grammar.editors.vscode_grammar import FILE, grammar, text
from selfsame.grammar.vocabulary import PROPERTIES, SETTINGS, UNITS

PAGE = (Path(__file__).parents[2] / "docs" / "cdl.md").read_text()
BLOCKS = re.findall(r"^```cdl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def kinds(source: str) -> dict[str, object]:
    return {value: kind for kind, value in CDLLexer().get_tokens(source) if value.strip()}


def test_words_get_their_kinds():
    found = kinds(
        "# note\nimport a.cdl\nconstraint shop.**:Cart.*, !app:f#2 {\n"
        "  p99.9_execution_time: <= 10ms over 5m // why\n  mode: auto; never: [list-to-set]\n"
        "  freeze: Fri 16:00 to Mon 08:00\n}\n"
    )
    assert found["# note"] is Comment.Single
    assert found["// why"] is Comment.Single
    assert found["constraint"] is Keyword.Declaration
    assert found["shop.**:Cart.*"] is Name.Class
    assert found["app:f#2"] is Name.Class
    assert found["p99.9_execution_time"] is Name.Attribute
    assert (found["10"], found["ms"]) == (Number, Keyword.Type)
    assert found["auto"] is Keyword.Constant
    assert found["list-to-set"] is Name
    assert found["16:00"] is Number


@pytest.mark.parametrize("block", BLOCKS)
def test_nothing_of_the_tutorial_is_left_plain(block):
    plain = [v for kind, v in CDLLexer().get_tokens(block) if kind is Text and v.strip()]
    assert plain == []


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_is_known(name):
    assert kinds(f"constraint a {{ {name}: 1 }}")[name] is Name.Attribute


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_the_text_comes_out_as_it_went_in(source):
    whole = "".join(
        value for _, value in CDLLexer(stripnl=False, ensurenl=False).get_tokens(source)
    )
    assert whole == source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def test_the_grammar_for_vs_code_is_what_the_tables_give():
    assert FILE.read_text() == text(), "run python -m selfsame.grammar.editors.vscode_grammar"
    extension = json.loads((FILE.parents[1] / "package.json").read_text())
    assert (FILE.parents[1] / extension["contributes"]["grammars"][0]["path"]).resolve() == FILE


def test_the_grammar_for_vs_code_knows_every_word():
    *_, block = grammar()["patterns"]
    patterns = [re.compile(rule["match"]) for rule in block["patterns"]]
    words = [f"{name}:" for name in PROPERTIES] + [w for s in SETTINGS.values() for w in s.words]
    words += [f"10{unit}" for names in UNITS.values() for unit in names if unit]
    for word in words:
        assert any(p.fullmatch(word.rstrip(":")) or p.match(word) for p in patterns), word
