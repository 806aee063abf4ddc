"""Calls of all hot nodes are asked for, whichever node is worked on meanwhile."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.compiler.analysis.effects import Effects, ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.agent.naming import TOO_LARGE
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.eligibility import Parts
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.engine.opening import GROWN_BYTES, LEAST_BYTES, opening
from selfsame.runtime.engine.schedule import (
    CALLS,
    CAPTURE_LENGTHS,
    CAPTURE_S,
    CAPTURE_SOON_S,
    Schedule,
)
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.seen import Window
from selfsame.runtime.mutation.choice import no_reentry
from selfsame.runtime.mutation.promotion import Decision
from selfsame.runtime.mutation.workshop import (
    REST_S,
    TOO_LATE,
    LiveWorkshop,
    no_more_than_needed,
)
from selfsame.runtime.versions.manifest import ORIGINAL, Manifest, NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Constant, Variation

APP = """\
def first(xs):
    return sum(x * x for x in xs)


def second(xs):
    return max(xs)


def loud(xs):
    open(xs, "w").close()


def third(xs):
    return min(xs)
"""
Promoting = Callable[[Variation, Variation | None], str | None]
ADDRESSES = ["app:loud", "app:first", "app:second", "app:third"]


def workshop_of(folder: Path, store: Store) -> LiveWorkshop:
    path = folder / "app.py"
    path.write_text(APP)
    source = Source.read(path, "app")
    code = plain_code(source, 0)
    modules, graph = Modules([str(folder)]), LivingGraph()
    rows = [
        (d.qualname, d.line, fingerprint(function_code(code, d.qualname, d.line)), d.kind)
        for d in definitions(source)
        if d.kind == "function"
    ]
    modules.register("app", str(path), rows, 0, False)
    engine = SimpleNamespace(
        modules=modules,
        graph=graph,
        captures=Captures(),
        parts=Parts(modules),
        candidates=Candidates(modules, graph, None, True),
        store=store,
        settings=SimpleNamespace(afterwards_s=0.0),
        stopping=threading.Event(),
        changed=threading.Event(),
        probation=SimpleNamespace(promoted=lambda *_: None, urgent=False),
        mode=lambda address="": "auto",
        log=lambda *_, **__: None,
    )
    return LiveWorkshop(engine)  # type: ignore[arg-type]


def test_all_hot_nodes_are_captured_at_once(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        captures = workshop.engine.captures
        workshop.choice.ask(ADDRESSES)
        # All but the one that writes a file: what is said of it is the worker's.
        assert captures.wanted() == ADDRESSES[1:]
        assert workshop.engine.candidates.of("app:third").state == "capturing calls (0 of 200)"
        chosen = workshop.choice.choose(ADDRESSES)
        assert chosen is not None and chosen.address == "app:loud"


def test_a_function_that_runs_and_is_not_called_has_no_reentry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        captures, candidates = workshop.engine.captures, workshop.engine.candidates
        workshop.choice.ask(ADDRESSES)
        monkeypatch.setattr(captures, "age", lambda address: 1.5)
        captures.add("app:third", [], {}, 3)
        workshop.choice.ask(ADDRESSES)
        assert candidates.of("app:first").state.startswith("no re-entry point so far: no call")
        assert candidates.of("app:third").state.startswith("capturing calls (0 of 200")
    text = "def once(n):\n    while True:\n        for k in range(n): pass\n"
    (definition,) = definitions(Source("app.py", "app", text))
    said = no_reentry(Node(("app", "once", 1), "app:once", definition, None))  # type: ignore[arg-type]
    assert said.endswith("(the inside of its loop in line 2, as a function, would be called)")


def test_of_a_node_that_is_worked_on_no_more_is_asked(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        captures = workshop.engine.captures
        seen: list[list[str]] = []

        def meanwhile(node: Node) -> None:
            workshop.choice.ask(ADDRESSES)
            seen.append(captures.wanted())
            raise Skipped("nothing can be done")

        workshop._work_on = meanwhile  # type: ignore[method-assign]
        node = workshop.engine.modules.find("app:second")
        assert node is not None
        with pytest.raises(Skipped):
            workshop.work_on(node)
        workshop.choice.ask(ADDRESSES)
        assert seen == [["app:first", "app:third"]]
        assert captures.wanted() == ["app:first", "app:third"], "a node that is done"


def test_a_node_whose_facts_end_in_an_error_of_ours_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ModuleFacts.plain

    def broken(facts: ModuleFacts, address: str) -> Effects:
        if address == "app:first":
            raise RuntimeError("dictionary changed size during iteration")
        return plain(facts, address)

    monkeypatch.setattr(ModuleFacts, "plain", broken)
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        workshop.choice.ask(ADDRESSES[1:])
        assert workshop.engine.captures.wanted() == ["app:second", "app:third"]
        chosen = workshop.choice.choose(ADDRESSES[1:])
        assert chosen is not None and chosen.address == "app:first"
        with pytest.raises(Skipped, match="an error inside selfsame: dictionary changed size"):
            workshop.work_on(chosen)


def test_a_percent_here_and_a_percent_there_are_worked_on_too(tmp_path: Path) -> None:
    """Once that is no chance: a look or two say nothing of a function."""
    with Store.open(tmp_path / "store") as store:
        engine = workshop_of(tmp_path, store).engine
        engine.graph.program.python = 1800
        looks = {"app:first": 12, "app:second": 60, "app:third": 8}
        for address, total in looks.items():
            live = engine.graph.node(address)
            live.total = live.own = total
        assert engine.candidates.ready(lambda _: True) == ["app:second", "app:first"]
        engine.graph.program.python = 18_000
        assert engine.candidates.ready(lambda _: True) == []


def test_no_more_calls_are_asked_for_of_a_node_that_can_be_worked_on(tmp_path: Path) -> None:
    """Of one that has always the same few arguments no window would ever find enough."""
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        captures = workshop.engine.captures
        workshop.choice.ask(ADDRESSES)
        assert "app:first" in captures.wanted()
        for _ in range(40):
            captures.add("app:first", [(b"the same", 10)], {}, 1)
        captures._by_node["app:first"].since -= 10.0
        workshop.choice.ask(ADDRESSES)
        assert captures.wanted() == ["app:second", "app:third"]
        assert workshop.choice.choose(ADDRESSES) is not None


def test_a_node_that_rests_is_not_asked_for(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        assert workshop.engine.candidates.later("app:second")
        workshop.choice.ask(ADDRESSES)
        assert workshop.engine.captures.wanted() == ["app:first", "app:third"]
        workshop.engine.candidates.hasten()
        workshop.choice.ask(ADDRESSES)
        assert workshop.engine.captures.wanted() == ["app:first", "app:third", "app:second"]


def test_one_node_does_not_use_up_the_time_that_is_there_for_all(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        node = workshop.engine.modules.find("app:first")
        assert node is not None
        workshop._calls = [(b"", 1_000_000_000)] * 300  # heavy calls
        rewrite = Variation("app:first", "t", "refactor", "", "", b"")
        kept = replace(rewrite, constants=(Constant("x", "memory", str(1 << 20)),))
        for afterwards_s, longest in ((0.0, 120.0), (60.0, 20.0), (300.0, 50.0), (3600.0, 120.0)):
            workshop.engine.settings = SimpleNamespace(afterwards_s=afterwards_s)  # type: ignore[assignment]
            assert workshop._budget(node, rewrite) == longest
            assert workshop._budget(node, kept) == 20.0
        workshop.engine.candidates.of("app:first").tries = 2
        assert workshop._budget(node, kept) == 60.0


def test_a_capture_window_is_as_long_as_some_calls_take() -> None:
    graph, captures = LivingGraph(), Captures()
    schedule = Schedule(Modules([]), graph, captures, Captures())
    assert schedule.capture_s("app:first") == CAPTURE_S, "nothing is known of it"
    for mean_ns, expected in (
        (1_000, CAPTURE_SOON_S),
        (300_000_000, CAPTURE_LENGTHS * 0.3),
        (9_000_000_000, CAPTURE_S),
    ):
        address = f"app:f{mean_ns}"
        graph.saw(address, Window(0.0, 1, mean_ns, mean_ns, {}, {}, mean_ns, "", 1, 1.0))
        assert abs(schedule.capture_s(address) - expected) < 1e-9


def test_in_a_canary_windows_of_the_original_are_as_short_as_slices(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        engine: Any = workshop_of(tmp_path, store).engine
        graph = engine.graph
        engine.schedule = Schedule(engine.modules, graph, engine.captures, Captures())
        engine.rollout = SimpleNamespace(canaries={})
        node, agent = engine.modules.find("app:first"), SimpleNamespace(pid=1)
        window = Window(0.0, 40, 4 * 10**9, 10**8, {}, {}, 4 * 10**9, "", 1, 1.0)  # ten a second
        graph.saw("app:first", window)
        usual = opening(engine, agent, node, "time")  # type: ignore[arg-type]
        assert usual is not None and usual["calls"] == CALLS
        entry = NodeEntry("app:first", "c", "canary", "r1", canary="50%")
        engine.rollout.canaries["app:first"] = entry
        short = opening(engine, agent, node, "time")  # type: ignore[arg-type]
        assert short is not None and short["calls"] == engine.schedule.slice_calls("app:first") == 5


def test_calls_that_are_too_large_may_be_larger_the_more_of_them_come(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        engine: Any = workshop_of(tmp_path, store).engine
        engine.schedule = Schedule(engine.modules, engine.graph, engine.captures, Captures())
        engine.rollout = SimpleNamespace(canaries={})
        engine.probation.takes = lambda address: False
        node, agent = engine.modules.find("app:first"), SimpleNamespace(pid=1)
        budgets = []
        for _ in range(12):
            message = opening(engine, agent, node, "capture")  # type: ignore[arg-type]
            assert message is not None
            budgets.append(message["budget"])
            engine.captures.add("app:first", [], {TOO_LARGE: 1}, 0)
        assert budgets[0] == LEAST_BYTES and budgets[-1] == GROWN_BYTES
        assert budgets == sorted(budgets) and len(set(budgets)) == 4
        engine.captures.add("app:second", [], {"a file": 12}, 0)
        other = opening(engine, agent, engine.modules.find("app:second"), "capture")  # type: ignore[arg-type]
        assert other is not None and other["budget"] == LEAST_BYTES


def test_a_much_hotter_node_is_waited_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        captures, shares = workshop.engine.captures, {"app:first": 0.6, "app:second": 0.1}
        monkeypatch.setattr(workshop.engine.graph, "share", shares.get)
        workshop.choice.ask(ADDRESSES[1:3])
        captures.add("app:second", [(b"%d" % n, 1) for n in range(200)], {}, 200)
        assert workshop.choice.choose(ADDRESSES[1:3]) is None
        shares["app:second"] = 0.4
        chosen = workshop.choice.choose(ADDRESSES[1:3])
        assert chosen is not None and chosen.address == "app:second"
        shares["app:second"] = 0.1
        monkeypatch.setattr(captures, "age", lambda address: 11.0)
        chosen = workshop.choice.choose(ADDRESSES[1:3])
        assert chosen is not None and chosen.address == "app:second"


def test_others_are_tried_after_what_passed_only_for_so_long(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        node = workshop.engine.modules.find("app:first")
        assert node is not None
        made = [Variation("app:first", f"t{n}", "refactor", "", "", b"") for n in range(4)]
        workshop._vary = lambda node, observed: iter(made)  # type: ignore[method-assign]
        found = workshop.generate_variations(node)
        assert [next(found), next(found)] == made[:2]
        workshop._passed_at = time.monotonic() - REST_S - 1
        assert list(found) == []
        assert "since one passed" in workshop.refusals["app:first"][-1]
        found = workshop.generate_variations(node)
        workshop.alone.set()  # nothing runs that could have it
        assert next(found) == made[0]
        workshop._passed_at = time.monotonic() - REST_S - 1
        assert list(found) == made[1:]


def test_no_other_is_tried_where_next_to_nothing_is_left_to_gain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        node = workshop.engine.modules.find("app:first")
        assert node is not None
        made = [Variation("app:first", f"t{n}", "refactor", "", "", b"") for n in range(4)]
        monkeypatch.setattr(workshop, "_vary", lambda node, observed: iter(made))
        monkeypatch.setattr(workshop.engine.graph, "share", lambda address: 0.3)
        found = workshop.generate_variations(node)
        assert next(found) == made[0]
        workshop._passed_at, workshop._passed_gain = time.monotonic(), 5.0
        assert next(found) == made[1]
        workshop._passed_gain = 20.0
        assert list(found) == []
        assert "it takes 2.1% of the time" in workshop.refusals["app:first"][-1]


def promoting(workshop: LiveWorkshop) -> tuple[Variation, Variation, Promoting]:
    """Two variations of a node, and what promotes one of them instead of another."""
    node = workshop.engine.modules.find("app:first")
    assert node is not None
    trial: Any = SimpleNamespace(speedup=None, evidence=())
    first, better = (Variation("app:first", n, "refactor", "", "", b"") for n in "ab")
    return (
        first,
        better,
        lambda one, other: workshop.promote(node, one, trial, Decision(True, ""), other),
    )


@pytest.mark.parametrize(
    ("meanwhile", "replaced"),
    [
        (lambda m, e: m, True),
        (lambda m, e: m.with_entry(replace(e, state="active", canary="")), True),
        (lambda m, e: m.with_entry(replace(e, rewrite=ORIGINAL, state="barred", canary="")), False),
        (lambda m, e: m.without(e.address), False),
    ],
    ids=["in canary", "in full", "rolled back", "dropped"],
)
def test_a_better_one_takes_the_place_of_what_is_still_there(
    tmp_path: Path, meanwhile: Callable[[Manifest, NodeEntry], Manifest], replaced: bool
) -> None:
    with Store.open(tmp_path / "store") as store:
        first, better, promote = promoting(workshop_of(tmp_path, store))
        assert promote(first, None)
        entry = store.head().manifest.nodes["app:first"]
        store.commit(lambda m: meanwhile(m, entry), author="selfsame", reason="meanwhile")
        made = promote(better, first)
        assert (made is not None) is replaced
        there = store.head().manifest.nodes.get("app:first")
        assert (there is not None and there.rewrite == better.id) is replaced


def test_a_persons_word_stands_against_a_better_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store") as store:
        begun: list[str] = []
        workshop = workshop_of(tmp_path, store)
        workshop.engine.probation.promoted = lambda address, rewrite: begun.append(rewrite)  # type: ignore[method-assign]
        first, better, promote = promoting(workshop)
        promote(first, None)
        entry = replace(store.head().manifest.nodes["app:first"], state="active", canary="")
        store.commit(lambda m: m.with_entry(entry), author="ada", reason="approved")
        assert promote(better, first) is None
        assert store.head().manifest.nodes["app:first"].rewrite == first.id
        assert begun == [first.id]  # no canary of the other is waited for


@pytest.mark.parametrize(("mean_ns", "awaited"), [(10**5, True), (10**8, False)])
def test_of_what_is_called_seldom_no_comparison_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mean_ns: int, awaited: bool
) -> None:
    with Store.open(tmp_path / "store") as store:
        begun: list[str] = []
        workshop = workshop_of(tmp_path, store)
        engine = workshop.engine
        engine.probation.promoted = lambda address, rewrite: begun.append(rewrite)  # type: ignore[method-assign]
        monkeypatch.setattr(engine.graph, "share", lambda address: 0.5)
        window = Window(0.0, 10, 10 * mean_ns, mean_ns, {}, {}, 10 * mean_ns, "", 1, 1.0)
        engine.graph.saw("app:first", window)
        first, _, promote = promoting(workshop)
        promote(first, None)
        assert (begun == [first.id]) is awaited


def test_of_calls_that_take_long_as_many_are_tried_as_are_asked_for() -> None:
    short = [(b"%d" % n, 100_000) for n in range(400)]
    assert no_more_than_needed(short, 200) == short
    long = [(b"%d" % n, 2_000_000) for n in range(400)]
    assert no_more_than_needed(long, 200) == long[:200]
    assert no_more_than_needed(long, 300) == long[:300]
    assert no_more_than_needed(long[:50], 200) == long[:50]


def test_what_was_given_up_at_the_end_is_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "store") as store:
        workshop = workshop_of(tmp_path, store)
        monkeypatch.setattr(workshop.engine.candidates, "bound", lambda: ADDRESSES)

        def takes_long(node: Node) -> None:
            raise Skipped("line 1: what it calls takes over 5 s to follow")

        monkeypatch.setattr(workshop.choice, "check", takes_long)
        workshop.survey(lambda: True)
        workshop.survey(lambda: False)
        said = [workshop.refusals[address] for address in ADDRESSES[:2]]
    assert said == [[TOO_LATE], ["line 1: what it calls takes over 5 s to follow"]]
