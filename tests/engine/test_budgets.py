"""What CDL lets the work on a node cost, and how many calls it takes: `shadow_cpu`, `build_time`, ..."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.inbox import REST_S, Inbox
from selfsame.runtime.engine.pace import Pace
from selfsame.runtime.engine.schedule import Schedule
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.mutation.ahead import ahead
from selfsame.runtime.mutation.spending import Postponed, Spending
from selfsame.variants.catalogue import variations_for
from selfsame.variants.site import Refusal, Site


class Machine:
    """A clock, and the CPU time of children."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cpu_s = 7.0

    def trial(self, spending: Spending, cpu_s: float, wall_s: float) -> None:
        with spending.counted("m:f"):
            self.now += wall_s
            self.cpu_s += cpu_s


def test_trials_wait_until_they_are_within_their_share_of_a_core() -> None:
    machine = Machine()
    spending = Spending(lambda: machine.now, lambda: machine.cpu_s)
    spending.check("m:f", 0.05)
    machine.trial(spending, 4.0, 5.0)
    with pytest.raises(Postponed, match="wait 75 s"):
        spending.check("m:f", 0.05)
    spending.check("m:f", None)
    spending.check("m:f", 0.8)
    spending.check("m:g", 0.05)
    machine.now += 75.0
    spending.check("m:f", 0.05)
    machine.trial(spending, 1.0, 1.0)
    with pytest.raises(Postponed) as postponed:
        spending.check("m:f", 0.05)
    assert postponed.value.wait_s == pytest.approx(19.0)
    spending.forget("m:f")
    spending.check("m:f", 0.05)


def test_the_cpu_time_of_children_is_counted() -> None:
    import subprocess
    import sys

    spending = Spending()
    with spending.counted("m:f"):
        subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
    assert spending.of("m:f").cpu_s > 0.05


@pytest.fixture
def builder(tmp_path: Path) -> Iterator[Builder]:
    found = Builder(tmp_path)
    yield found
    found.close()


def test_builds_end_with_the_time_for_them(builder: Builder) -> None:
    text = "def f(long x):\n    return x + 1\n"
    with builder.until(time.monotonic() - 1), pytest.raises(Skipped, match="is used up"):
        builder.build(text, {})
    with builder.until(time.monotonic() + 1e-3), pytest.raises(Skipped, match="not built"):
        builder.build(text, {})
    assert Path(builder.build(text, {}).path).is_file()


def test_templates_are_not_asked_when_the_time_for_builds_is_over() -> None:
    text = "def f(xs):\n    q = list(xs)\n    while q:\n        q.pop(0)\n"
    source = Source("m.py", "m", text)
    site = Site(source, definitions(source)[0])
    assert variations_for(site)[0]
    made, refusals = variations_for(site, build_s=0.0)
    assert made == []
    assert "the 0 s for builds are used up" in {refusal.reason for refusal in refusals}


def test_a_node_of_which_a_window_had_nothing_rests() -> None:
    """No function is there to be probed, or nobody calls it: others have the time for captures."""
    key, rested = ("m", "f.<locals>.g", 1), []
    node = SimpleNamespace(address="m:f.g", key=key)
    schedule: Any = SimpleNamespace(
        closed=lambda *_: None,
        rest=lambda _agent, key, pause_s: rested.append((key, pause_s)),
        pace=Pace(),
    )
    engine: Any = SimpleNamespace(
        modules=SimpleNamespace(keys={key: node}),
        schedule=schedule,
        captures=Captures(),
        probation=SimpleNamespace(takes=lambda _: False),
        candidates=SimpleNamespace(rules=lambda _: SimpleNamespace(shadow_rate=None)),
        log=lambda *_: None,
    )
    agent = Agent(MagicMock())
    message = {
        "t": "captured", "key": key, "calls": [], "nested": [], "refused": {}, "seen": 0,
        "passes": 0, "spent_ns": 0, "closed": "no live function object can be reached",
    }  # fmt: skip
    Inbox(engine).take(agent, message)
    assert rested == [(key, REST_S)]
    agent.pieces.append(b"call")
    Inbox(engine).take(agent, {**message, "calls": [(4, 1000)], "seen": 1, "closed": "calls"})
    assert rested == [(key, REST_S)]
    assert engine.captures.calls("m:f.g") == [(b"call", 1000)]


def test_a_node_that_had_its_share_of_captures_rests() -> None:
    key = ("m", "f", 1)
    node = SimpleNamespace(address="m:f", key=key, blocked="")
    modules: Any = SimpleNamespace(nodes={"m:f": node}, keys={key: node}, find=lambda _: node)
    sent: list[str] = []
    agent: Any = SimpleNamespace(hello={}, send=lambda message: sent.append(message["kind"]))
    captures = Captures()
    captures.want("m:f", 10)
    schedule = Schedule(modules, LivingGraph(), captures, Captures(), pace=Pace())

    def twin(_agent: Any, _node: Any, kind: str) -> dict[str, object]:
        return {"kind": kind}

    schedule.tick([agent], [], twin)
    assert sent == ["capture"]
    schedule.closed(agent, key)
    schedule.rest(agent, key, 3600.0)
    for _ in range(3):
        schedule.tick([agent], [], twin)
    assert "capture" not in sent[1:]
    schedule.rest(agent, key, 0.0)
    schedule.closed_at.clear()
    schedule.open.clear()
    schedule.tick([agent], [], twin)
    assert "capture" in sent[1:]


def test_the_next_variation_is_made_while_one_is_tried() -> None:
    order: list[str] = []
    second = threading.Event()

    def results() -> Iterator[Refusal]:
        for number in range(3):
            order.append(f"made {number}")
            if number == 1:
                second.set()
            yield Refusal(f"t{number}", "because")

    for result in ahead(results()):
        assert second.wait(30), "it is made without being asked for"
        order.append(f"tried {result.template[1:]}")
    assert [step for step in order if step.startswith("tried")] == ["tried 0", "tried 1", "tried 2"]
    assert order.index("made 1") < order.index("tried 0")


def test_what_making_a_variation_raises_comes_to_who_tries_them() -> None:
    def results() -> Iterator[Refusal]:
        yield Refusal("t", "because")
        raise Skipped("no more")

    found = ahead(results())
    assert next(found) == Refusal("t", "because")
    with pytest.raises(Skipped):
        next(found)
