"""The JSON form and ``[tool.selfsame]``: the same models as text, and mistakes where they stand."""

import json

import pytest

from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.json_form import parse_json, print_json, schema
from selfsame.grammar.parse import parse_files, parse_text
from selfsame.grammar.project import find_project
from selfsame.grammar.vocabulary import PROPERTIES

TEXT = """\
import common.cdl, "b c.cdl"
selection hot { nodes: [app:*, !app:slow, app:f#2/loop[0]] }
profile careful { extends: [interactive]; mode: approve }
constraint @hot, app:f#2/loop[1] {
  max_execution_time: < 10ms over 5m samples 30
  error_rate[ValueError]: 1%; p99.9_cpu_time: 1.2 x baseline
  algorithm: [sort_a, shop.sorting:sort_b]; container: any; never: none
  partial: yes; candidates: 8; canary: 5% 50% hold 10m
}
"""


def test_text_and_json_are_the_same_model():
    document = parse_text(TEXT, "x.cdl")
    assert parse_json(print_json(document), "x.cdl") == document


def test_json_by_hand():
    document = parse_json(
        '{"cdl": 1, "declarations": [{"constraint": "app:f", "partial": true, "candidates": 8,'
        ' "error_rate": 0.001, "algorithm": ["a"], "never": "any", "freeze": "daily 22:00 to 06:00"}]}',
        "x.cdl",
    )
    text = (
        "constraint app:f { partial: yes; candidates: 8; error_rate: 0.001; algorithm: [a]; never"
        "\nfreeze: daily 22:00 to 06:00 }"
    )
    assert document == parse_text(text, "x.cdl")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ('{"cdl": 1, "declarations": [{"constraint": ["app:f"], "mode": "ato"}]}', 64,
         "mode takes `watch`, `shadow`, `approve` or `auto`, not `ato`"),
        ('{"cdl": 1, "declarations": [{"constraint": ["app:f"], "max_cpu_time": "10MB"}]}', 74,
         "`MB` is a unit of size, but max_cpu_time is a time"),
        ('{"cdl": 1, "declarations": [{"constraint": ["app:f"], "moed": "auto"}]}', 56,
         "unknown property `moed`"),
        ('{"cdl": 1, "declarations": [{"constraint": ["app:f"], "mode": "auto }"}]}', 64,
         "`mode` cannot have `}` in it"),
        ('{"cdl": 1, "declarations": [{"constraint": ["a:"]}]}', 46, "`a:` is not the name of a node"),
        ('{"cdl": 1, "declarations": [{"limit": ["a"]}]}', 29, "a declaration is an object with one of"),
        ('{"cdl": 2, "declarations": []}', 9, "this form of CDL is not known"),
        ('{"cdl": 1, "declarations": [', 28, "this `[` is never closed"),
        ('{"cdl": 1, "cdl": 1}', 12, "`cdl` is given twice"),
        ("[]", 1, "expected an object with `declarations`"),
        ("[" * 100, 17, "values lie more than 16 deep here"),
        ("nul", 1, "expected a value, found `n`"),
    ],
)  # fmt: skip
def test_mistakes_in_json_are_reported_where_they_stand(text, column, message):
    with pytest.raises(CDLError) as caught:
        parse_json(text, "x.json")
    (found,) = caught.value.diagnostics
    assert (found.place.line, found.place.column) == (1, column)
    assert message in found.message


def test_the_schema_knows_every_property():
    (constraint,) = [
        kind
        for kind in schema()["properties"]["declarations"]["items"]["anyOf"]
        if "constraint" in kind["properties"]
    ]
    assert set(PROPERTIES) <= set(constraint["properties"])
    json.dumps(schema())


PROJECT = """\
[project]
name = "shop"

[tool.selfsame]
cdl = ["shop.cdl"]
mode = "shadow"
error_rate = "< 1% over 5m"
"p99.9_execution_time" = "2s"
never = ["memoise"]
partial = true
"""


def test_the_project_s_defaults_are_the_weakest_constraint(tmp_path):
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "shop.cdl").write_text("constraint app:f { mode: auto }\n")
    shop, project = parse_files([tmp_path / "pyproject.toml"])
    same = parse_text(
        "import shop.cdl\nconstraint **:** { mode: shadow; error_rate: < 1% over 5m\n"
        "p99.9_execution_time: 2s; never: [memoise]; partial: yes }",
        project.path,
    )
    assert [d for d in project.declarations if d not in project.imports] == list(same.constraints)
    assert shop.path.endswith("shop.cdl")
    inner = tmp_path / "src" / "shop"
    inner.mkdir(parents=True)
    assert find_project(inner) == tmp_path / "pyproject.toml"


def test_a_project_without_the_table_is_none_of_ours(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_project(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text("[project\n")
    assert find_project(tmp_path) is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('mode = "ato"', "mode takes `watch`, `shadow`, `approve` or `auto`, not `ato`"),
        ('moed = "auto"', "unknown property `moed`"),
        ('error_rate = "1% }"', "`error_rate` cannot have `}` in it"),
        ("freeze = 1979-05-27", "`freeze` is text in quotes"),
        ("cdl = 3", "`cdl` is a list of paths"),
    ],
)
def test_mistakes_in_the_table_are_reported_on_their_line(tmp_path, line, message):
    path = tmp_path / "pyproject.toml"
    path.write_text(f"[tool.other]\nmode = 1\n\n[tool.selfsame]\n# the modes\n{line}\n")
    with pytest.raises(CDLError) as caught:
        parse_files([path])
    (found,) = caught.value.diagnostics
    assert (found.place.line, found.place.column) == (6, 1)
    assert message in found.message


def test_what_is_no_toml_is_said(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.selfsame]\nmode = \n")
    with pytest.raises(CDLError) as caught:
        parse_files([path])
    assert "this file is not TOML: invalid value" in str(caught.value)
    assert caught.value.diagnostics[0].place.line == 2


def test_json_under_the_name_of_text(tmp_path):
    (tmp_path / "a.cdl").write_text(print_json(parse_text("constraint a { mode: auto }")))
    with pytest.raises(CDLError) as caught:
        parse_files([tmp_path / "a.cdl"])
    (one,) = caught.value.diagnostics
    assert one.message == "this is the JSON form of CDL, in a file that is called as text"
    assert one.suggestion.endswith("a.json")
