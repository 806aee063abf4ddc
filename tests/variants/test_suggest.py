"""`selfsame suggest` names what templates could rewrite in a tree, and what stands against it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfsame.cli.verbs.suggest import command

SHOP = """
def known(words, names):
    count = 0
    for word in words:
        if word in names:
            count += 1
    return count


def drain(start):
    queue = [start]
    while queue:
        open(queue.pop(0))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "broken.py").write_text("def f(:\n")
    return tmp_path


def test_functions_templates_and_blockers_of_a_tree(tree: Path) -> None:
    run = CliRunner().invoke(command, [str(tree), "--json"])
    assert run.exit_code == 0
    facts = json.loads(run.output)
    rows = {row["node"]: row for row in facts["functions"]}
    assert "linear-membership-to-set" in rows["shop:known"]["could"]
    assert rows["shop:known"]["line"] == 2 and not rows["shop:known"]["blocked"]
    assert rows["shop:drain"]["could"] == ["list-pop0-to-deque"]
    assert "open" in rows["shop:drain"]["blocked"]
    assert [Path(s["file"]).name for s in facts["skipped"]] == ["broken.py"]


def test_a_module_that_does_not_compile_is_left_out_and_the_others_are_not(tree: Path) -> None:
    (tree / "astray.py").write_text(SHOP + "\nbreak\n")
    run = CliRunner().invoke(command, [str(tree), "--json"])
    assert run.exit_code == 0
    facts = json.loads(run.output)
    assert {row["node"] for row in facts["functions"]} == {"shop:known", "shop:drain"}
    skipped = {Path(s["file"]).name: s["reason"] for s in facts["skipped"]}
    assert list(skipped) == ["astray.py", "broken.py"]
    assert skipped["astray.py"].startswith("line 15: does not compile")


def test_the_reasons_are_told_with_lines(tree: Path) -> None:
    told = CliRunner().invoke(command, [str(tree / "shop.py"), "--why"]).output
    assert "shop.py:2: known: linear-membership-to-set" in told
    assert "never by itself: line 13: " in told
    assert "2 functions: 1 could be rewritten, 1 cannot be shadowed" in told


def test_one_template_alone_and_an_answer_that_is_no(tree: Path) -> None:
    wanted = ["--template", "accumulator-list-to-set"]
    run = CliRunner().invoke(command, [str(tree / "shop.py"), *wanted])
    assert run.exit_code == 1 and "0 could be rewritten" in run.output
    wrong = CliRunner().invoke(command, [str(tree), "--template", "nonsense"])
    assert wrong.exit_code == 2 and "selfsame templates lists them" in wrong.output
