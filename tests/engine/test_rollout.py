"""What the head version says is put in only while everything it rested on is unchanged."""

import marshal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from selfsame.compiler.constraints.sets import Rollout as Rules
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.identity import definitions
from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import Canary, Freeze, Name
from selfsame.report.summary import standing
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.engine.rollout import Rollout
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.monitor.seen import Window
from selfsame.runtime.mutation.promotion import decide
from selfsame.runtime.shadow.request import Trial
from selfsame.runtime.shadow.statistics import Effect
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

SHOP = """\
def price(item):
    return item * 2


def total(items):
    return sum(price(item) for item in items)
"""


class FakeAgent:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.hello = {"pid": 1}
        self.sent: list[dict[str, Any]] = []

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


def registered(folder: Path) -> Modules:
    """The module ``shop`` of a folder, as an agent would register it."""
    path = folder / "shop.py"
    source = Source.read(path, "shop")
    module = plain_code(source, 0)
    rows = [
        (d.qualname, d.line, fingerprint(function_code(module, d.qualname, d.line)), d.kind)
        for d in definitions(source)
        if d.kind == "function"
    ]
    modules = Modules([str(folder)])
    modules.register("shop", str(path), rows, 0, False)
    return modules


def node(modules: Modules, address: str) -> Node:
    found = modules.find(address)
    assert found is not None
    return found


def promote(store: Store, modules: Modules) -> str:
    """Commit a rewrite of ``shop:total`` with its dependency set, as a promotion does."""
    total = node(modules, "shop:total")
    variation = Variation("shop:total", "t", "algorithm", "", "", marshal.dumps(total.code))
    store.put_rewrite(variation)
    entry = NodeEntry(
        address="shop:total",
        content_hash=total.content_hash,
        rewrite=variation.id,
        dependencies=total.module.facts.dependencies("shop:total"),
    )
    store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="better")
    return variation.id


def rollout(
    store: Store,
    modules: Modules,
    graph: LivingGraph | None = None,
    rules: Rules | None = None,
    held: bool = False,
    forbidden: tuple[str, ...] = (),
) -> Rollout:
    made = Rollout(
        store,
        modules,
        graph or LivingGraph(),
        lambda *a, **k: None,
        lambda a: "",
        lambda a: rules or Rules(),
        lambda entry: entry.template in forbidden,
        lambda: None,
        lambda address, rewrite: held,
    )
    made.refresh()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def test_an_unchanged_node_gets_its_rewrite(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    rewrite = promote(store, registered(tmp_path))
    agent = FakeAgent()
    rollout(store, registered(tmp_path)).sync([agent])  # type: ignore[list-item]
    assert [(m["t"], m["rewrite"]) for m in agent.sent] == [("install", rewrite)]


def test_a_rewrite_is_dropped_when_only_its_callee_is_edited(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    before = registered(tmp_path)
    promote(store, before)
    (tmp_path / "shop.py").write_text(SHOP.replace("item * 2", "item * 3"))
    after = registered(tmp_path)
    assert node(after, "shop:total").content_hash == node(before, "shop:total").content_hash
    agent = FakeAgent()
    rollout(store, after).sync([agent])  # type: ignore[list-item]
    assert agent.sent == []
    # Forgotten, not barred: the code as it is now may be tried.
    assert "shop:total" not in store.head().manifest.nodes
    assert "shop:price" in store.head().reason


@pytest.mark.parametrize("said", ["", "pinned", "frozen"])
def test_a_rewrite_that_constraints_forbid_by_now_is_taken_out(
    tmp_path: Path, store: Store, said: str
) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    promote(store, registered(tmp_path))
    if said:
        store.commit(
            lambda m: m.with_entry(replace(m.nodes["shop:total"], state=said, by="")),
            author="ada",
            reason=said,
        )
    agent = FakeAgent()
    rollout(store, registered(tmp_path), forbidden=("",)).sync([agent])  # type: ignore[list-item]
    if said:  # a person's word is stronger
        assert store.head().manifest.nodes["shop:total"].state == said
        assert [m["t"] for m in agent.sent] == ["install"]
    else:
        assert agent.sent == []
        assert "shop:total" not in store.head().manifest.nodes
        assert store.head().reason == "dropped shop:total: the constraints do not allow it"


def test_layout_and_comments_do_not_drop_it(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    promote(store, registered(tmp_path))
    (tmp_path / "shop.py").write_text("# a comment\n\n" + SHOP.replace("item * 2", "item  *  2"))
    agent = FakeAgent()
    rollout(store, registered(tmp_path)).sync([agent])  # type: ignore[list-item]
    assert [m["t"] for m in agent.sent] == ["install"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        ({"total_ns": 90_000_000}, "mean"),
        ({"errors": {"KeyError": 60}}, "failed"),
    ],
)
def test_a_rewrite_that_disappoints_goes_back(
    tmp_path: Path, store: Store, spoil: dict[str, Any], word: str
) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules, graph = registered(tmp_path), LivingGraph()
    rewrite = promote(store, modules)
    live = graph.node("shop:total")
    good: dict[str, Any] = {
        "calls": 200,
        "total_ns": 20_000_000,
        "own_ns": 0,
        "errors": {},
        "buckets": {},
        "span_ns": 1,
    }
    live.windows.append(Window(at=1.0, **good))
    live.rewrite = rewrite
    watching = rollout(store, modules, graph)
    for at in (2.0, 3.0, 4.0):
        live.windows.append(Window(at=at, rewrite=rewrite, **(good | spoil)))
        watching.watch()
    entry = store.head().manifest.nodes["shop:total"]
    assert entry.state == "barred" and word in entry.reason


def test_a_pinned_rewrite_is_not_taken_back(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules, graph = registered(tmp_path), LivingGraph()
    rewrite = promote(store, modules)
    store.commit(
        lambda m: m.with_entry(replace(m.nodes["shop:total"], state="pinned", by="")),
        author="ada",
        reason="pin",
    )
    live = graph.node("shop:total")
    live.rewrite, live.deopts, live.rewritten_calls = rewrite, 900, 1000
    live.windows.append(Window(2.0, 10, 10, 10, {}, {}, 1, rewrite))
    rollout(store, modules, graph).watch()
    assert store.head().manifest.nodes["shop:total"].state == "pinned"


def test_captures_are_distinct_and_bounded() -> None:
    captures = Captures(most_bytes=100)
    captures.want("a", 5)
    captures.add(
        "a", [(b"x" * 40, 1), (b"x" * 40, 2), (b"y" * 40, 3), (b"z" * 40, 4)], {"big": 2}, 9
    )
    calls = captures.calls("a")
    assert [payload[:1] for payload, _ in calls] == [b"y", b"z"]
    assert captures.refusals("a") == {"big": 2}
    captures.forget("a")
    captures.add("b", [(b"q" * 90, 1)], {}, 1)
    assert len(captures.calls("b")) == 1


def trial(**changes: Any) -> Trial:
    fields: dict[str, Any] = {
        "address": "shop:total",
        "same": "same",
        "faster": "faster",
        "reason": "the median gain is above 5%",
        "speedup": Effect(3.0, 2.5, 3.5),
    }
    return Trial(**(fields | changes))


def test_only_the_same_and_faster_is_promoted() -> None:
    assert decide(trial(), None, []).promote
    assert not decide(trial(same="different"), None, []).promote
    assert not decide(trial(same="inconclusive"), None, []).promote
    assert not decide(trial(faster="inconclusive"), None, []).promote


def canary(store: Store, modules: Modules, share: str) -> str:
    """The promoted rewrite of ``shop:total``, put in canary."""
    rewrite = promote(store, modules)
    store.commit(
        lambda m: m.with_entry(replace(m.nodes["shop:total"], state="canary", canary=share)),
        author="selfsame",
        reason="canary",
    )
    return rewrite


def slices(made: Rollout, live: LiveNode, rewrite: str, at: float) -> None:
    """Three slices of the canary, and windows of the original between them."""
    for number in range(3):
        made.saw(live.address, rewrite, 100)
        for which in ("", rewrite):
            live.windows.append(Window(at + number, 100, 10**7, 0, {}, {}, 10**9, which))


def test_a_canary_goes_through_the_steps_that_cdl_names(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules, graph = registered(tmp_path), LivingGraph()
    rewrite = canary(store, modules, "5%")
    made = rollout(store, modules, graph, Rules(canary=Canary((0.05, 0.25), hold_s=600.0)))
    made.learned("shop:total", rewrite, ("symbolically searched: all",))
    made.learned("shop:total", "of another one", ("symbolically searched: nothing",))
    assert made.shares() == {"shop:total": 0.05}
    said = standing({"address": "shop:total", "canary": made.in_canary("shop:total")})
    assert said == f"rewrite {rewrite} has 5% of the time, in canary"
    live, seen = graph.node("shop:total"), []
    for step in (10.0, 20.0):
        slices(made, live, rewrite, step)
        made.watch()
        seen.append(store.head().manifest.nodes["shop:total"].canary)
        made.slices["shop:total", rewrite].since -= 601.0  # it was held long enough
        slices(made, live, rewrite, step + 5.0)
        made.watch()
        made.refresh()
    entry = store.head().manifest.nodes["shop:total"]
    assert seen == ["5%", "25%"]
    assert entry.state == "active"
    assert entry.evidence[-2:] == ("symbolically searched: all", "canaried 600")
    made.learned("shop:total", rewrite, ("validated over a bounded space",))  # it came late
    assert store.head().manifest.nodes["shop:total"].evidence == (
        *entry.evidence,
        "validated over a bounded space",
    )
    assert made.in_canary("shop:total") is None


def test_a_canary_waits_for_its_first_comparison(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules, graph = registered(tmp_path), LivingGraph()
    rewrite = canary(store, modules, "25%")
    held, live = rollout(store, modules, graph, held=True), graph.node("shop:total")
    free = rollout(store, modules, graph)
    for made, state in ((held, "canary"), (free, "active")):
        slices(made, live, rewrite, 10.0)
        made.slices["shop:total", rewrite].since -= 60.0
        made.watch()
        assert store.head().manifest.nodes["shop:total"].state == state


def test_in_hours_that_cdl_freezes_nothing_is_put_in(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules = registered(tmp_path)
    canary(store, modules, "5%")
    always = Rules(freeze=(Freeze(0, 24 * 60, daily=True),))
    assert rollout(store, modules, rules=always).shares() == {}


def test_what_cdl_does_not_name_rolls_nothing_back(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules, graph = registered(tmp_path), LivingGraph()
    rewrite = promote(store, modules)
    live = graph.node("shop:total")
    live.rewrite, live.deopts, live.rewritten_calls = rewrite, 900, 1000
    live.windows.append(Window(2.0, 10, 10, 10, {}, {}, 1, rewrite))
    only = Rules(rollback=(Name("mismatch", Place("x", 1)),))
    made = rollout(store, modules, graph, only)
    made.watch()
    assert store.head().manifest.nodes["shop:total"].state == "active"
    made.found("shop:total", rewrite, "slower", "x")
    assert store.head().manifest.nodes["shop:total"].state == "active"
    made.found("shop:total", rewrite, "mismatch", "it differs")
    assert store.head().manifest.nodes["shop:total"].state == "barred"


def test_two_deaths_bar_a_rewrite_and_a_pin_stands(tmp_path: Path, store: Store) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    modules = registered(tmp_path)
    rewrite = promote(store, modules)
    made = rollout(store, modules)
    made.died("process 1 died of SIGSEGV", {"shop:total": rewrite, "shop:gone": "x"})
    entry = store.head().manifest.nodes["shop:total"]
    assert (entry.state, entry.canary) == ("canary", "5%") and len(entry.suspected) == 1
    made.died("process 2 died of SIGSEGV", {"shop:total": rewrite})
    assert store.head().manifest.nodes["shop:total"].state == "barred"
    store.commit(
        lambda m: m.with_entry(replace(entry, state="pinned", canary="")), author="ada", reason="p"
    )
    made.died("process 3 died of SIGSEGV", {"shop:total": rewrite})
    assert store.head().manifest.nodes["shop:total"].state == "pinned"
