"""Every template's docstring is an example that holds, and the page made of them is fresh."""

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfsame.cli.verbs.templates import command
from selfsame.variants.catalogue import templates
from selfsame.variants.docs import card, page
from selfsame.variants.site import Observed
from selfsame.variants.template import Template
from selfsame.variants.variation import Variation

ROOT = Path(__file__).resolve().parents[2]


def normal(text: str) -> str:
    return ast.unparse(ast.parse(text))


def example_names(text: str) -> list[str]:
    """The functions of an example, methods as ``Class.method``, in source order."""
    names: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef):
            names += [f"{node.name}.{f.name}" for f in node.body if isinstance(f, ast.FunctionDef)]
    return names


@pytest.mark.parametrize("template", templates(), ids=lambda t: t.name)
def test_the_example_is_what_the_template_makes(template: Template, bench) -> None:
    parts = card(template)
    names = example_names(parts.before)
    seen = Observed(repeats=0.9)
    results = bench.results(template.name, parts.before, names[-1], seen, algorithms=tuple(names))
    (variation,) = [r for r in results if isinstance(r, Variation)]
    if template.family == "compiled":  # its source is Cython; `After` shows what stands before it
        assert "cdef" in variation.source and variation.source.count("DEOPT")
        assert {c.kind for c in variation.constants} - {"import"} == {"extension", "deopt"}
        return
    assert normal(variation.source) == normal(parts.after)


@pytest.mark.parametrize("template", templates(), ids=lambda t: t.name)
def test_every_card_is_complete(template: Template) -> None:
    parts = card(template)
    assert parts.title and parts.precondition and parts.wrong
    assert template.wins and set(template.wins) <= {"time", "memory"}
    assert template.watch
    assert template.family == template.module.split(".")[-2]
    assert template.name.replace("-", "_") == template.module.split(".")[-1]


def test_names_differ_and_the_order_is_fixed() -> None:
    names = [(t.family, t.name) for t in templates()]
    assert names == sorted(names)
    assert len({name for _, name in names}) == len(names)
    assert "linear-membership-to-set" in {name for _, name in names}


def test_two_templates_of_one_name_are_refused(monkeypatch) -> None:
    import types

    from selfsame.compiler.errors import InternalError
    from selfsame.variants import catalogue
    from selfsame.variants.container import list_pop0_to_deque

    twin = types.ModuleType("twin")
    twin.__dict__.update(vars(list_pop0_to_deque) | {"__name__": "twin"})
    monkeypatch.setattr(catalogue, "_modules", lambda: iter([list_pop0_to_deque, twin]))
    with pytest.raises(InternalError, match="both called 'list-pop0-to-deque'"):
        catalogue.templates.__wrapped__()


def test_the_page_is_fresh() -> None:
    written = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    assert written == page(templates()), "python -m selfsame.variants.docs > docs/templates.md"


def test_the_verb_lists_and_shows() -> None:
    runner = CliRunner()
    listed = runner.invoke(command, [])
    assert listed.exit_code == 0
    assert all(t.name in listed.output for t in templates())
    shown = runner.invoke(command, ["list-pop0-to-deque"])
    assert "popleft" in shown.output and "Precondition:" in shown.output
    facts = json.loads(runner.invoke(command, ["--json"]).output)
    assert {f["name"] for f in facts} == {t.name for t in templates()}
    wrong = runner.invoke(command, ["list-pop0-to-dequeue"])
    assert wrong.exit_code == 2 and "Did you mean 'list-pop0-to-deque'?" in wrong.output
