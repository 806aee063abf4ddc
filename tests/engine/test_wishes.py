"""What constraints allow is what templates are asked for."""

import pytest

from selfsame.compiler.constraints import NodeName, bind
from selfsame.grammar.parse import parse_text
from selfsame.runtime.mutation.wishes import CdlWishes, still_allowed
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.variants.catalogue import templates


def wishes(properties: str) -> CdlWishes:
    document = parse_text(f"constraint app:f {{ {properties} }}", "a.cdl")
    found = bind([document], [NodeName("app:f")]).of("app:f")
    assert found is not None
    return CdlWishes(found)


def allowed(properties: str) -> set[str]:
    said = wishes(properties)
    return {t.name for t in templates() if said.allows(t.name, t.family)}


def test_named_functions_allow_no_template():
    assert allowed("algorithm: [sort_a, sort_b]") == {"alternatives"}
    assert allowed("algorithm: [sort_a, sort_b], never: [alternatives]") == set()
    assert allowed("algorithm: [sort_a], never: [sort_a]") == set()


def test_a_template_is_named_like_a_function():
    said = "algorithm: [sort_a, linear-membership-to-set]"
    assert allowed(said) == {"alternatives", "linear-membership-to-set"}
    assert wishes(said).algorithms == ("sort_a",)
    assert allowed("algorithm: [linear-membership-to-set]") == {"linear-membership-to-set"}


@pytest.mark.parametrize("never", ["linear-membership-to-set", "algorithm", "compiled", "compile"])
def test_never_is_stronger(never):
    left = allowed(f"never: [{never}]")
    gone = {t.name for t in templates() if t.name not in left} - {"alternatives"}
    named = {t.name for t in templates() if never in (t.name, t.family)}
    named |= {t.name for t in templates() if never == "compile" and t.family == "compiled"}
    assert gone == named - {"alternatives"}
    assert not allowed(f"algorithm: [linear-membership-to-set], never: [{never}]") & named


@pytest.mark.parametrize(
    ("properties", "template", "family", "parameters", "allowed"),
    [
        ("mode: auto", "list-pop0-to-deque", "container", {}, True),
        ("never", "list-pop0-to-deque", "container", {}, False),
        ("never: [container]", "list-pop0-to-deque", "container", {}, False),
        ("timing: preserve", "list-pop0-to-deque", "container", {}, False),
        ("algorithm: [sort_a, sort_b]", "list-pop0-to-deque", "container", {}, False),
        ("mean_execution_time: 1ms", "of-another-selfsame", "vectorise", {}, True),
        ("never: [of-another-selfsame]", "of-another-selfsame", "vectorise", {}, False),
        ("never", "of-another-selfsame", "", {}, False),
        (
            "algorithm: [sort_a, sort_b]",
            "alternatives",
            "algorithm",
            {"alternative": "sort_b"},
            True,
        ),
        (
            "algorithm: [sort_a, sort_c]",
            "alternatives",
            "algorithm",
            {"alternative": "sort_b"},
            False,
        ),
        ("never: [sort_b]", "alternatives", "algorithm", {"alternative": "sort_b"}, False),
        ("mode: auto", "alternatives", "algorithm", {"alternative": "sort_b"}, True),
        (
            "never: [linear-membership-to-set]",
            "rewritten-then-compiled",
            "compiled",
            {"templates": "linear-membership-to-set, pure-function-to-cython"},
            False,
        ),
        (
            "never: [list-pop0-to-deque]",
            "rewritten-then-compiled",
            "compiled",
            {"templates": "linear-membership-to-set, pure-function-to-cython"},
            True,
        ),
    ],
)
def test_what_runs_is_held_to_the_constraints(properties, template, family, parameters, allowed):
    entry = NodeEntry(
        "app:f", "c" * 32, rewrite="r" * 16, template=template, family=family, parameters=parameters
    )
    assert still_allowed(wishes(properties).constraints, entry) is allowed
