"""Which nodes a constraint names, and what several constraints say together."""

import pytest

from selfsame.compiler.constraints import NodeName, bind
from selfsame.compiler.constraints.match import matches
from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import ANY, NONE, Equality, Selector
from selfsame.grammar.parse import parse_text

NODES = [
    NodeName("shop.cart:Cart"),
    NodeName("shop.cart:Cart.total", ("node_1", "hot")),
    NodeName("shop.cart:Cart.add"),
    NodeName("shop.cart:Cart.total/loop[0]"),
    NodeName("shop:main"),
    NodeName("app:slow", ("hot",)),
]


def bound(*texts: str):
    documents = [parse_text(text, f"{number}.cdl") for number, text in enumerate(texts, 1)]
    return bind(documents, NODES)


def total(*texts: str):
    found = bound(*texts).of("shop.cart:Cart.total")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("shop.**:Cart.*", ["shop:Cart.a", "shop.x:Cart.a", "shop.x.y:Cart.a"],
         ["shopping:Cart.a", "shop.x:Cart", "shop.x:Cart.a.b", "shop.x:Cart.a/loop[0]"]),
        ("app:*", ["app:f", "app:f#2", "app:<lambda>"], ["app:f.g", "app:f/loop[0]", "apps:f"]),
        ("app:**", ["app:f", "app:f.g", "app:f/loop[0]"], ["app.x:f"]),
        ("app:f/**", ["app:f", "app:f/loop[0]", "app:f/call[sorted][0]"], ["app:f2"]),
        ("app:f/loop[*]", ["app:f/loop[0]", "app:f/loop[12]"], ["app:f/comp[0]", "app:f"]),
        ("*:main", ["app:main"], ["shop.cart:main"]),
        ("**:main", ["app:main", "shop.cart:main"], ["app:main.x"]),
        ("**.cart:f", ["cart:f", "shop.cart:f"], ["mycart:f"]),
        ("s*p.c*:t*l", ["shop.cart:total"], ["shop.cart:tol.l", "shop.x.cart:total"]),
        ("app:**.run", ["app:run", "app:A.run", "app:A.B.run"], ["app:rerun"]),
    ],
)  # fmt: skip
def test_globs(glob, yes, no):
    selector = Selector(glob, Place("x.cdl", 1))
    assert [a for a in yes if not matches(selector, a, ())] == []
    assert [a for a in no if matches(selector, a, ())] == []


def test_labels_are_matched_by_name_and_by_glob():
    found = bound("constraint hot { mode: auto } constraint node_* { partial: yes }")
    assert set(found.sets) == {"shop.cart:Cart.total", "app:slow"}
    assert total("constraint node_* { partial: yes }").partial is True


def test_an_unnamed_node_has_no_set():
    found = bound("constraint node_1 { mode: auto }")
    assert found.of("app:slow") is None
    assert found.of("not.there:f") is None


@pytest.mark.parametrize(
    "order",
    [
        ["shop.cart:Cart.total", "shop.cart:Cart.*", "shop.**:**"],
        ["shop.**:**", "shop.cart:Cart.*", "shop.cart:Cart.total"],
        ["shop.cart:Cart.*", "node_1", "shop.**:**"],
    ],
)
def test_the_most_specific_wins_per_property(order):
    said = {
        "shop.cart:Cart.total": "mode: auto",
        "node_1": "mode: auto",
        "shop.cart:Cart.*": "mode: watch, max_cpu_time: 2s",
        "shop.**:**": "mode: shadow, max_cpu_time: 3s, error_rate: 1%",
    }
    found = total("\n".join(f"constraint {name} {{ {said[name]} }}" for name in order))
    assert found.mode == "auto"
    assert {b.property: b.value for b in found.bounds} == {"max_cpu_time": 2.0, "error_rate": 0.01}
    origin = found.origin("error_rate")
    assert origin is not None
    assert origin.constraint.selectors[0].text == "shop.**:**"
    assert found.origin("partial") is None


def test_later_wins_a_tie():
    a, b = "constraint node_1 { mode: auto }", "constraint shop.cart:Cart.total { mode: watch }"
    assert total(a, b).mode == "watch"
    assert total(b, a).mode == "auto"
    assert total(f"{a}\n{b}").mode == "watch"


def test_the_best_of_several_selectors_counts():
    text = (
        "constraint shop.**:**, node_1 { mode: auto } constraint shop.cart:Cart.* { mode: watch }"
    )
    assert total(text).mode == "auto"


def test_defaults():
    found = total("constraint node_1 { max_cpu_time: 1s }")
    assert (found.partial, found.mode, found.equality, found.never) == (
        False,
        None,
        Equality(),
        NONE,
    )
    assert found.allowed("algorithm") is ANY
    assert found.allowed("compiled") is ANY
    assert found.algorithms == ()


def test_naming_one_family_closes_the_others():
    found = total("constraint node_1 { algorithm: [sort_a, sort_b] }")
    assert found.allowed("algorithm") == ("sort_a", "sort_b")
    assert found.algorithms == ("sort_a", "sort_b")
    assert found.allowed("container") is NONE
    assert found.permits("algorithm", "sort_a")
    assert not found.permits("algorithm", "sort_c")
    assert not found.permits("memoise", "cache")


def test_only_forbidding_leaves_the_others_open():
    found = total("constraint node_1 { memoise: none }")
    assert found.allowed("memoise") is NONE
    assert found.allowed("compile") is ANY


def test_never():
    found = total("constraint node_1 { never: [memoise, compiled, list-to-set] }")
    assert found.allowed("memoise") is NONE
    assert found.allowed("compile") is NONE
    assert found.allowed("container") is ANY
    assert not found.permits("container", "list-to-set")
    assert found.permits("container", "set-to-list")
    assert not found.untouchable
    assert total("constraint node_1 { never }").untouchable
    both = total("constraint node_1 { never: [sort_a], algorithm: [sort_a, sort_b] }")
    assert both.algorithms == ("sort_b",)
    assert total("constraint node_1 { never: [x], algorithm: [x] }").allowed("algorithm") is NONE


def test_never_can_be_lifted_for_one_node():
    found = total("constraint shop.**:** { never } constraint node_1 { never: none }")
    assert found.allowed("refactor") is ANY


def test_an_unknown_family_is_our_bug():
    with pytest.raises(KeyError):
        total("constraint node_1 { }").allowed("colour")


@pytest.mark.parametrize(
    ("name", "message", "suggestion"),
    [
        ("node_2", "no node has the label `node_2`", "did you mean `node_1`?"),
        ("shop.cart:Cart.totl", "there is no node `shop.cart:Cart.totl`", "did you mean `shop.cart:Cart.total`?"),
        ("Cart.total", "no node has the label `Cart.total`", "did you mean `shop.cart:Cart.total`?"),
        ("slow", "no node has the label `slow`", "did you mean `app:slow`?"),
        ("shop.cart:Kart.*", "`shop.cart:Kart.*` matches no node", "did you mean `shop.cart:Cart`?"),
        ("zzz", "no node has the label `zzz`", "the labels are hot, node_1"),
    ],
)  # fmt: skip
def test_a_name_of_nothing_is_an_error(name, message, suggestion):
    (diagnostic,) = bound(f"# first\nconstraint hot, {name} {{ mode: auto }}").diagnostics
    assert diagnostic.place == Place("1.cdl", 2, 17, len(name))
    assert (diagnostic.message, diagnostic.suggestion) == (message, suggestion)


def test_every_name_of_nothing_is_reported():
    found = bound("constraint a { } constraint hot { } constraint b, c { }")
    assert len(found.diagnostics) == 3
    assert [len(addresses) for _, addresses in found.bound] == [0, 2, 0]


def test_explain():
    found = total(
        "constraint node_1 { max_execution_time: < 10ms over 5m samples 30\n"
        "max_memory_usage: 1MB, error_rate: < 0.1%\nalgorithm: [sort_a]\n mode: approve }",
        "constraint shop.**:** { equality: tolerance rel 1e-9, partial: yes, never: [sort_b] }",
    )
    assert found.explain() == (
        "shop.cart:Cart.total\n"
        "  wall time of a call, with its callees, every call (bar a lone outlier): below 10ms,"
        " judged over 5m, once there are 30 samples  (1.cdl:1)\n"
        "  peak memory of a call, every call (bar a lone outlier): at most 1MB  (1.cdl:2)\n"
        "  calls that raise, of all calls, below 0.1%  (1.cdl:2)\n"
        "  may use as algorithm: sort_a  (1.cdl:3)\n"
        "  may not use other containers, refactorings, memory savings,"
        " specialisation to observed values, memoisation, compiled code\n"
        "  never uses sort_b  (2.cdl:1)\n"
        "  a rewrite that meets a part of this is kept  (2.cdl:1)\n"
        "  mode approve: a rewrite is swapped in when a person approves it  (1.cdl:4)\n"
        "  floats in results may differ by 1e-09 of their size  (2.cdl:1)"
    )


@pytest.mark.parametrize(
    ("properties", "line"),
    [
        ("never", "  never touched  (1.cdl:1)"),
        ("", "  any kind of rewrite may be tried"),
        ("algorithm: none, container: none, refactor: none, memory: none, specialise: none,"
         " memoise: none, compile: none", "  nothing may be changed"),
        ("container: any, memory: any", "  may use any other containers, memory savings"),
        ("time_share: > 5%", "  time spent here, of the whole program's, above 5%  (1.cdl:1)"),
    ],
)  # fmt: skip
def test_explain_what_may_change(properties, line):
    assert line in total(f"constraint node_1 {{ {properties} }}").explain().split("\n")


def test_the_merged_set_is_cdl_again():
    text = total(
        "constraint node_1 { max_cpu_time: 1s, algorithm: [a] }",
        "constraint shop.**:** { mode: auto, partial: yes, never: [b], equality: tolerance rel 1e-9 }",
    ).text()
    assert total(text).text() == text
    assert "mode: auto" in text


def test_bounds_hold():
    found = total(
        "constraint node_1 { max_cpu_time: 1s, mean_cpu_time: < 1s, error_rate: > 1%, time_share: >= 1% }"
    )
    at_most, below, above, at_least = found.bounds
    assert (at_most.holds(1.0), at_most.holds(1.1)) == (True, False)
    assert (below.holds(1.0), below.holds(0.9)) == (False, True)
    assert (above.holds(0.01), above.holds(0.02)) == (False, True)
    assert (at_least.holds(0.01), at_least.holds(0.009)) == (True, False)
