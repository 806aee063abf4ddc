"""Probation: a canary waits for its first comparison, where one can be made; CDL says how often."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.compiler.constraints.sets import Budget
from selfsame.compiler.constraints.sets import Rollout as Rules
from selfsame.runtime.engine import probation as module
from selfsame.runtime.engine.probation import BATCH, HELD_ROUNDS, Probation
from selfsame.runtime.shadow.comparison import Comparison
from selfsame.runtime.versions.manifest import NodeEntry

ENTRY = NodeEntry("shop:total", "c", "canary", "r1", canary="25%")
CALLS = [(b"%d" % n, 1000) for n in range(BATCH)]


def probation(monkeypatch: pytest.MonkeyPatch, share: float | None, verdict: str = "same") -> Any:
    """Probation of an engine that has one node, and compares as ``verdict`` says."""
    compared = 0 if verdict == "inconclusive" else BATCH
    searched: list[Any] = []
    node = SimpleNamespace(address="shop:total", blocked="", content_hash="c")
    recent = SimpleNamespace(calls=1000, span_ns=10**9)
    engine = SimpleNamespace(
        rollout=SimpleNamespace(entries={}, canaries={"shop:total": ENTRY}, variation=lambda r: r),
        modules=SimpleNamespace(find=lambda address: node),
        candidates=SimpleNamespace(
            rules=lambda address: Rules(probation=share),
            limits=lambda address: Budget(),
            constraints=lambda address: None,
        ),
        workshop=SimpleNamespace(trying=threading.Event(), program={}),
        graph=SimpleNamespace(node=lambda address: SimpleNamespace(recent=lambda: recent)),
        log=lambda *a, **k: None,
        searches=SimpleNamespace(add=lambda *a: searched.append(a)),
        searched=searched,
    )
    found = (("why_never", ""), ("world", None), ("why_not", ""), ("declared", False))
    for name, value in found:
        monkeypatch.setattr(module, name, lambda *a, value=value: value)
    monkeypatch.setattr(module, "request_for", lambda *a, **k: None)
    made = Probation(engine)  # type: ignore[arg-type]
    made._compare = lambda *a: Comparison(verdict, "because", compared=compared)
    return made


def look(made: Any, calls: list[tuple[bytes, int]], refused: dict[str, int] | None = None) -> None:
    """One look at the entry when its turn has come, with calls that came in since."""
    made._look(ENTRY)
    made._watches["shop:total"].due = 0.0
    made._look(ENTRY)  # asks for calls
    made.add("shop:total", calls, refused or {}, len(calls))
    made._look(ENTRY)


def test_the_first_comparison_lets_a_canary_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made = probation(monkeypatch, None)
    assert made.holds("shop:total", "r1")
    made._look(ENTRY)
    assert made.holds("shop:total", "r1")  # it is looked at, and not compared yet
    look(made, CALLS)
    assert not made.holds("shop:total", "r1")
    assert made.holds("shop:total", "another rewrite")


def test_what_never_compares_anything_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = probation(monkeypatch, None, "inconclusive")
    for round_ in range(HELD_ROUNDS):
        assert made.holds("shop:total", "r1")
        look(made, [(b"%d %d" % (round_, n), 1) for n in range(BATCH)])
    assert not made.holds("shop:total", "r1")


def test_what_cannot_be_compared_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    none = probation(monkeypatch, 0.0)
    look(none, [])
    assert not none.holds("shop:total", "r1")
    never = probation(monkeypatch, None)
    monkeypatch.setattr(module, "why_never", lambda node: "it handles secrets")
    look(never, [])
    assert not never.holds("shop:total", "r1")
    refused = probation(monkeypatch, None)
    monkeypatch.setattr(module, "why_never", lambda node: "")
    monkeypatch.setattr(module, "FIRST_PATIENCE_S", 0.0)
    look(refused, [], {"a file": 9})
    assert not refused.holds("shop:total", "r1")


def test_a_share_of_the_calls_says_when_the_next_comparison_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = probation(monkeypatch, 0.01)
    before = time.monotonic()
    look(made, CALLS)
    # 200 calls are 1 % of 20,000, which a node with 1,000 calls a second makes in 20 s.
    assert made._watches["shop:total"].due - before == pytest.approx(20.0, abs=2.0)


def test_who_waits_for_the_first_comparison_has_the_next_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = probation(monkeypatch, None)
    full = NodeEntry("shop:price", "c", "active", "r2")
    made.engine.rollout.entries = {"shop:price": full}
    assert made._in_turn([full, ENTRY]) == [ENTRY, full]
    look(made, CALLS)
    assert made._in_turn([full, ENTRY]) == [full, ENTRY]  # nothing waits for it any more


def test_a_comparison_that_was_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = probation(monkeypatch, None)
    assert not made._look(ENTRY)
    made._watches["shop:total"].due = 0.0
    assert not made._look(ENTRY)  # asks for calls
    made.add("shop:total", CALLS, {}, len(CALLS))
    assert made._look(ENTRY)


def test_what_agreed_once_is_searched_further_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = probation(monkeypatch, None)
    look(made, CALLS)
    look(made, [(b"other %d" % n, 1000) for n in range(BATCH)])
    assert [row[:2] for row in made.engine.searched] == [("shop:total", "r1")]
    never = probation(monkeypatch, None, "inconclusive")
    look(never, CALLS)
    assert not never.engine.searched


def test_trials_wait_for_the_first_comparison_of_what_was_promoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = probation(monkeypatch, None)
    assert not made.urgent
    made.promoted("shop:total", "r1")
    assert made.urgent
    look(made, CALLS)
    assert not made.urgent
    made.promoted("shop:total", "r2")
    assert made.urgent
    monkeypatch.setattr(module, "URGENT_S", 0.0)  # only so long
    assert not made.urgent
