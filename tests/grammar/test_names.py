"""Imports, profiles and selections: what they stand for, and what is wrong with them."""

import pytest

from selfsame.compiler.constraints import NodeName, bind
from selfsame.grammar.diagnostics import CDLError
from selfsame.grammar.parse import parse_files, parse_text
from selfsame.grammar.resolve import builtin_profiles

NODES = [
    NodeName(address)
    for address in ("app:f", "app:f/loop[0]", "app:slow", "app:A.run", "lib:g", "lib.x:g")
]


def named(text: str) -> list[tuple[str, ...]]:
    return [addresses for _, addresses in bind([parse_text(text)], NODES).bound]


def node(text: str, address: str = "app:f"):
    found = bind([parse_text(text, "x.cdl")], NODES).of(address)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("selectors", "expected"),
    [
        ("app:*, !app:slow", ("app:f",)),
        ("!app:slow, app:*", ("app:f",)),
        ("**:**, !app:**", ("lib:g", "lib.x:g")),
        ("@hot", ("app:f", "app:slow")),
        ("@hot, !app:f", ("app:slow",)),
        ("@cold", ("lib:g", "lib.x:g", "app:f")),
        ("app:**, !@most", ("app:slow",)),
    ],
)
def test_exclusions_and_selections(selectors, expected):
    text = (
        "selection hot { nodes: [app:*] }\n"
        "selection cold { nodes: [**:**, !app:A.*, !app:f/**, !@slow, app:f] }\n"
        "selection slow { nodes: [app:slow] }\n"
        "selection most { nodes: [app:**, !app:slow] }\n"
    )
    (found,) = named(f"{text}constraint {selectors} {{ mode: auto }}")
    if selectors == "@cold":
        expected = tuple(a for a in expected if a != "app:f")  # `!app:f/**` names app:f too
    assert sorted(found) == sorted(expected)


def test_own_properties_are_stronger_than_those_of_profiles_and_later_profiles_than_earlier():
    text = (
        "profile a { mode: watch; error_rate: 1%; partial: yes }\n"
        "profile b { extends: a; mode: shadow; error_rate: 2% }\n"
        "profile c { error_rate: 3% }\n"
        "constraint app:f { extends: [b, c]; mode: approve }\n"
    )
    found = node(text)
    assert (found.mode, found.partial) == ("approve", True)
    assert [b.value for b in found.bounds] == [0.03]
    origins = {name: o.profile.name if o.profile else "" for name, o in found.origins.items()}
    assert origins == {"mode": "", "error_rate": "c", "partial": "a"}
    assert "(x.cdl:3, profile c)" in found.explain()


def test_a_profile_is_as_specific_as_the_constraint_that_extends_it():
    text = "profile a { mode: watch }\nconstraint app:f { extends: a }\nconstraint app:* { mode: auto }"
    assert node(text).mode == "watch"
    assert node(text, "app:slow").mode == "auto"


@pytest.mark.parametrize("name", sorted(builtin_profiles()))
def test_built_in_profiles_need_no_declaration(name):
    found = node(f"constraint app:f {{ extends: {name} }}")
    assert set(found.origins) == {s.property for s in builtin_profiles()[name].statements}


def test_secrets_are_never_touched():
    found = node("constraint app:f { extends: secrets }")
    assert found.untouchable
    assert found.timing_preserved


def test_an_own_profile_hides_the_built_in_one():
    text = "profile auto { mode: shadow }\nconstraint app:f { extends: auto }"
    assert node(text).mode == "shadow"


def test_files_are_imported_once_and_first(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "main.cdl").write_text("import lib/a.cdl, b.cdl\nconstraint @hot { extends: p }\n")
    (tmp_path / "lib" / "a.cdl").write_text(
        "import ../b.cdl, ../main.cdl\nprofile p { mode: auto }\n"
    )
    (tmp_path / "b.cdl").write_text("selection hot { nodes: [app:*] }\n")
    documents = parse_files([tmp_path / "main.cdl", tmp_path / "b.cdl"])
    assert [d.path.rpartition("/")[2] for d in documents] == ["b.cdl", "a.cdl", "main.cdl"]
    assert bind(documents, NODES).bound[0][1] == ("app:f", "app:slow")


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "suggestion"),
    [
        ("constraint a { extends: interactiv }", 1, 25, "there is no profile `interactiv`",
         "did you mean `interactive`?"),
        ("profile p { extends: q }\nprofile q { extends: p }", 1, 22, None, "p -> q -> p"),
        ("profile p { extends: p }", 1, 22, "this profile extends itself", "p -> p"),
        ("profile p { }\nprofile p { }", 2, 9, "there is a profile `p` already",
         "the first is at x.cdl:1"),
        ("selection s { nodes: [a] }\nconstraint @t { }", 2, 12, "there is no selection `t`", ""),
        ("selection s { nodes: [app:*, !@s] }", 1, 30, "this selection needs itself", ""),
        ("import nowhere.cdl", 1, 8, "`nowhere.cdl` cannot be read: no such file or directory", ""),
    ],
)  # fmt: skip
def test_mistakes_with_names(tmp_path, monkeypatch, text, line, column, message, suggestion):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.cdl").write_text(text + "\n")
    with pytest.raises(CDLError) as caught:
        parse_files(["x.cdl"])
    found = caught.value.diagnostics[0]
    if message is None:  # either of the two profiles of a ring may be named
        assert found.message == "this profile extends itself"
        return
    (found,) = caught.value.diagnostics
    assert (found.place.line, found.place.column, found.message) == (line, column, message)
    assert suggestion in found.suggestion


def test_budgets_rollout_and_what_is_irreversible():
    found = node(
        "constraint app:f { irreversible: yes; mode: auto; candidates: 3; build_time: 2m\n"
        "shadow_cpu: 5%; cache_memory: 1MiB; shadow_samples: 200; shadow_rate: 10%\n"
        "canary: 5% 50% hold 10m; probation: 1%; rollback: [errors]; freeze: daily 09:00 to 17:00 }"
    )
    assert (found.mode, found.mode_within("shadow")) == ("auto", "approve")
    budget, rollout = found.budget, found.rollout
    assert (budget.candidates, budget.build_time_s) == (3, 120.0)
    assert (budget.shadow_cpu, budget.cache_bytes) == (0.05, 1048576)
    assert (rollout.shadow_samples, rollout.shadow_rate, rollout.probation) == (200, 0.1, 0.01)
    assert rollout.canary is not None
    assert (rollout.canary.steps, rollout.canary.hold_s) == ((0.05, 0.5), 600.0)
    assert rollout.rolls_back("errors")
    assert not rollout.rolls_back("slower")
    assert rollout.frozen(2, 600)
    assert not rollout.frozen(2, 1020)


def test_nothing_is_memoised_across_tenants():
    found = node("constraint app:f { tenants: customer }")
    assert repr(found.allowed("memoise")) == "NONE"
    assert repr(found.allowed("compile")) == "ANY"
