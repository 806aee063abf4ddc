"""What the head version says is put in only while everything it rested on is unchanged."""

import marshal
from pathlib import Path
from typing import Any

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.engine.rollout import Rollout
from selfsame.runtime.monitor.graph import LivingGraph, Window
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


def rollout(store: Store, modules: Modules, graph: LivingGraph | None = None) -> Rollout:
    made = Rollout(
        store,
        modules,
        graph or LivingGraph(),
        lambda *a, **k: None,
        lambda a: "",
        lambda: None,
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
        lambda m: m.with_entry(
            NodeEntry(**{**vars(m.nodes["shop:total"]), "state": "pinned", "by": ""})
        ),
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
