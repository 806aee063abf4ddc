"""``max_memory_usage`` in a live engine: weighed, judged, and the rule of promotion on it."""

import pickle
import random
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.compiler.constraints.bind import NodeName, bind
from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.functions import function_code, plain_code
from selfsame.compiler.identity import definitions
from selfsame.grammar.parse import parse_text
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.candidates import Candidates
from selfsame.runtime.engine.captures import Captures
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.engine.scales import CALLS, WAIT_S, Scales
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import Outcome
from selfsame.runtime.monitor.seen import Weighing, Window
from selfsame.runtime.mutation.promotion import decide
from selfsame.runtime.mutation.workshop import Interrupted, LiveWorkshop
from selfsame.runtime.shadow.request import Trial
from selfsame.runtime.shadow.statistics import Effect
from selfsame.runtime.versions.store import Store

APP = """\
def block(n):
    return len(bytearray(n))


def energy(xs, k):
    return sum([round(x * k + x * x / 3.0, 3) for x in xs])


def writes(n):
    with open("/tmp/selfsame-must-not-exist", "w") as file:
        file.write("x" * n)
"""


class Bound:
    """What scales use of an engine, with the nodes of ``APP`` bound."""

    def __init__(self, folder: Path, cdl: str, text: str = APP) -> None:
        path = folder / "app.py"
        path.write_text(text)
        source = Source.read(path, "app")
        code = plain_code(source, 0)
        self.modules = Modules([str(folder)])
        rows = [
            (d.qualname, d.line, fingerprint(function_code(code, d.qualname, d.line)), d.kind)
            for d in definitions(source)
        ]
        self.modules.register("app", str(path), rows, 0, False)
        self.graph = LivingGraph()
        self.captures = Captures()
        binding = bind([parse_text(cdl)], [NodeName(a) for a in self.modules.nodes])
        self.candidates = Candidates(self.modules, self.graph, binding, False)
        program = {"path": [str(folder), *sys.path], "cwd": str(folder)}
        self.workshop: Any = SimpleNamespace(cancel=threading.Event(), program=program)
        self.store: Any = None
        self.changed = threading.Event()
        self.rollout: Any = None
        self.events: list[tuple[str, str]] = []
        self.now = 100.0
        self.scales = Scales(self, lambda: self.now)  # type: ignore[arg-type]

    def mode(self, address: str = "") -> str:
        return "auto"

    def log(self, kind: str, address: str, reason: str, **numbers: object) -> None:
        self.events.append((kind, reason))

    def called(self, *sizes: int) -> None:
        calls = [(pickle.dumps({"args": (n,), "globals": {}}), 1000 + n) for n in sizes]
        self.captures.add("app:block", calls, {}, len(sizes))

    def take(self) -> None:
        for address, found in self.scales.results:
            assert isinstance(found, Weighing)
            self.graph.node(address).weighings.append(found)
        self.scales.results.clear()


def test_a_violated_bound_on_memory_is_weighed_and_judged(tmp_path: Path) -> None:
    bound = Bound(tmp_path, "constraint app:block { max_memory_usage: 1MB }")
    scales = bound.scales
    assert list(scales.bounded()) == ["app:block"]
    assert not scales.step()  # asks for calls
    assert bound.captures.missing("app:block") == CALLS
    bound.called(1000, 2000, 3_000_000)
    assert not scales.step()  # more may come
    bound.now += WAIT_S + 1
    assert scales.step()
    bound.take()
    (weighing,) = bound.graph.node("app:block").weighings
    assert max(weighing.peaks) == pytest.approx(3_000_000, rel=0.01)
    assert len(weighing.peaks) == len(weighing.allocations) == 3
    bound.candidates.judge()
    progress = bound.candidates.of("app:block")
    assert [v.outcome for v in progress.verdicts] == [Outcome.FAIL]
    bound.candidates.judge()
    assert progress.fails == 1, "the same weighing does not confirm itself"
    live = bound.graph.node("app:block")
    for second in range(1, 4):
        live.windows.append(Window(weighing.at + second, 50, 50, 50, {}, {1: 50}, 10**9))
        bound.candidates.judge()
        assert progress.fails == 1, "nor do windows that say nothing of memory"
    live.weighings.append(Weighing(weighing.at + 9, (3_000_000,) * 3, ()))
    bound.candidates.judge()
    assert progress.fails == 2
    assert not bound.captures.calls("app:block"), "the next time with fresh calls"


def test_a_node_with_outside_effects_is_weighed_in_the_program(tmp_path: Path) -> None:
    bound = Bound(tmp_path, "constraint app:writes { max_memory_usage: 1MB }")
    assert not bound.scales.step()
    assert bound.scales.in_program() == ("app:writes",)
    assert not bound.captures.wanted()
    node = bound.modules.find("app:writes")
    assert node is not None
    name = bound.scales.new_file(77)
    Path(name).write_bytes(b"of a process that was killed")
    bound.scales.forget(7)
    assert Path(name).exists()
    bound.scales.forget(77)
    assert not Path(name).exists()
    bound.scales.take(node, {"path": "", "reason": "a profiler is set"})
    assert bound.scales.results == [("app:writes", "in the program a profiler is set")]
    bound.scales.close()
    assert not Path(name).parent.exists()


def test_a_node_that_cannot_be_weighed_anywhere_says_why(tmp_path: Path) -> None:
    cdl = "constraint app:writes { max_memory_usage: 1MB }"
    bound = Bound(tmp_path, cdl, APP + "\n\nimport memray\n")
    assert not bound.scales.step()
    assert not bound.scales.in_program()
    ((address, reason),) = bound.scales.results
    assert address == "app:writes"
    assert isinstance(reason, str)
    assert reason.startswith("it cannot be run again: line 10: calls `open`")
    assert "in the program, because the program uses memray itself" in reason
    bound = Bound(tmp_path, cdl, APP + "\n\nimport multiprocessing\n")
    bound.scales.step()
    ((_, reason),) = bound.scales.results
    assert "in the program, because the program forks" in str(reason)


def test_too_few_calls_are_said_after_a_while(tmp_path: Path) -> None:
    bound = Bound(tmp_path, "constraint app:block { max_memory_usage: 1MB }")
    bound.captures.add("app:block", [], {"n holds a socket": 9}, 9)
    bound.scales.step()
    bound.now += 31
    assert not bound.scales.step()
    assert bound.scales.results == [
        ("app:block", "0 of 3 distinct calls could be captured (n holds a socket)")
    ]


@pytest.mark.slow
def test_a_violated_bound_on_memory_ends_in_a_leaner_rewrite(tmp_path: Path) -> None:
    bound = Bound(tmp_path, "constraint app:energy { max_memory_usage: 60KB }")
    rng = random.Random(1)
    calls = [([rng.random() for _ in range(rng.randrange(3000, 4000))], n) for n in range(60)]
    for call in calls:
        payload = pickle.dumps({"args": call, "globals": {}})
        bound.captures.add("app:energy", [(payload, 2_000_000)], {}, 1)
    assert bound.scales.step()
    bound.take()
    for call in calls:  # the scales let go of what they weighed
        payload = pickle.dumps({"args": call, "globals": {}})
        bound.captures.add("app:energy", [(payload, 2_000_000)], {}, 1)
    bound.candidates.judge()
    node = bound.modules.find("app:energy")
    assert node is not None
    with Store.open(tmp_path / "store") as store:
        bound.store = store
        workshop = LiveWorkshop(bound)  # type: ignore[arg-type]
        workshop.program = bound.workshop.program
        bound.workshop = workshop
        workshop.cancel.set()
        with pytest.raises(Interrupted, match="while list-to-stream was tried"):
            workshop.work_on(node)
        assert not store.head().manifest.nodes, "what was cut short decides nothing"
        assert "unchanged" not in [kind for kind, _ in bound.events]
        workshop.cancel.clear()
        workshop.work_on(node)
        entry = store.head().manifest.nodes["app:energy"]
        assert (entry.template, entry.family) == ("list-to-stream", "memory")
        assert entry.state == "canary"
        assert "times smaller; max_memory_usage" in entry.reason
        assert entry.promised > 0.5
        found = store.trials("app:energy")[-1]
        assert found["leaner"] == "leaner"
        # And what runs then is weighed on the same calls.
        bound.rollout = SimpleNamespace(variation=store.get_rewrite)
        bound.graph.node("app:energy").rewrite = entry.rewrite
        assert bound.scales.step()
        bound.take()
        bound.candidates.judge()
        (verdict,) = bound.candidates.of("app:energy").verdicts
        assert verdict.outcome is Outcome.PASS, verdict.text()


def trial(**changes: Any) -> Trial:
    fields: dict[str, Any] = {
        "address": "app:block",
        "same": "same",
        "faster": "inconclusive",
        "leaner": "leaner",
        "objective": "memory",
        "reason": "the median peak is lower",
        "memory": Effect(4.0, 3.5, 4.5),
        "speedup": Effect(0.95, 0.9, 1.0),
    }
    return Trial(**(fields | changes))


def judged(tmp_path: Path, limit: str) -> tuple[Any, Any]:
    bound = Bound(tmp_path, f"constraint app:block {{ max_memory_usage: {limit} }}")
    bound.graph.node("app:block").weighings.append(Weighing(1.0, (2_000_000,) * 3, ()))
    bound.candidates.judge()
    constraints = bound.candidates.constraints("app:block")
    return constraints, bound.candidates.of("app:block").verdicts


def test_a_leaner_rewrite_is_promoted_where_it_meets_the_bound(tmp_path: Path) -> None:
    decision = decide(trial(), *judged(tmp_path, "1MB"))
    assert decision.promote
    assert "4.0 times smaller; max_memory_usage 1.91 MiB -> 488 KiB" in decision.reason
    decision = decide(trial(memory=Effect(1.5, 1.4, 1.6)), *judged(tmp_path, "1MB"))
    assert not decision.promote
    assert "is still not <= 977 KiB" in decision.reason


def test_a_faster_rewrite_must_not_break_a_bound_on_memory(tmp_path: Path) -> None:
    faster = {"objective": "time", "faster": "faster", "speedup": Effect(3.0, 2.0, 4.0)}
    met = judged(tmp_path, "3MB")
    assert decide(trial(**faster, memory=Effect(0.9, 0.9, 0.9)), *met).promote
    assert not decide(trial(**faster, memory=Effect(0.5, 0.5, 0.5)), *met).promote
    unknown = decide(trial(**faster, memory=None), *met)
    assert not unknown.promote
    assert "were not weighed" in unknown.reason
