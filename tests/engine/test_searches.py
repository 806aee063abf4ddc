"""What goes on while a canary does: a difference takes the rewrite back, a claim goes to its evidence."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfsame.compiler.constraints.sets import Budget
from selfsame.runtime.engine import searches as module
from selfsame.runtime.engine.probation import Probation
from selfsame.runtime.engine.searches import MOST_BYTES, MOST_WAITING, Searches
from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.payloads import dump
from selfsame.runtime.shadow.request import TrialRequest

SOURCE = """\

def never(x, y):
    return False


def clamp(x, y):
    return max(x, y)


def clamped(x, y):
    return x if x >= y else y


def far(x, y):
    return x * 7 + y * 3 == 7 * 10**9 + 4712 and y == 5
"""


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Searches of an engine whose node runs the rewrite r1 in canary."""
    engine = SimpleNamespace(
        rollout=SimpleNamespace(entries={}, canaries={"shop:f": SimpleNamespace(rewrite="r1")}),
        candidates=SimpleNamespace(limits=lambda address: Budget()),
        workshop=SimpleNamespace(trying=threading.Event()),
        stopping=threading.Event(),
        logged=[],
    )
    engine.log = lambda kind, address, told, **more: engine.logged.append((kind, told))
    engine.probation = Probation(engine)  # type: ignore[arg-type]
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    monkeypatch.setattr(module, "MUTATED_S", 1.0)
    return Searches(engine)  # type: ignore[arg-type]


def request(folder: Path, first: str, second: str) -> TrialRequest:
    file = folder / "searched.py"
    file.write_text(SOURCE)
    one = named(f"{file}:{first}", [])
    calls = [dump((100, 200), {})]
    asked = request_for(one, [str(folder)], 5.0, calls)
    return replace(asked, other=named(f"{file}:{second}", [], one).target)


def test_a_small_space_that_agrees_is_evidence(searches: Any, tmp_path: Path) -> None:
    searches.search("shop:f", "r1", request(tmp_path, "clamp", "clamped"))
    address, rewrite, (claim, more) = searches.engine.probation.learned.get_nowait()
    assert (address, rewrite) == ("shop:f", "r1")
    assert more.startswith("fuzzed ") and more.endswith(" more")
    assert claim == (
        "validated over a bounded space of 961 inputs (x: ints from -15 to 15; y: ints from -15 to 15)"
    )
    assert searches.engine.logged == [("searched", f"{claim}; {more}")]


def test_a_difference_takes_the_rewrite_back(searches: Any, tmp_path: Path) -> None:
    asked = request(tmp_path, "clamp", "clamped")
    Path(asked.path).write_text(SOURCE.replace("x if x >= y", "x if x >= y or (x, y) == (3, 4)"))
    searches.search("shop:f", "r1", asked)
    found = searches.engine.probation.findings.get_nowait()
    assert (found.address, found.rewrite, found.kind) == ("shop:f", "r1", "mismatch")
    assert found.reason.startswith("searched further: the result differs, on an input of a small")
    assert searches.engine.probation.learned.empty()


def test_crosshair_searches_where_it_is_installed(
    searches: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("crosshair", reason="crosshair-tool is not installed")
    monkeypatch.setattr(module, "find_spec", lambda name: name)
    searches.search("shop:f", "r1", request(tmp_path, "far", "never"))
    found = searches.engine.probation.findings.get_nowait()
    assert "on an input that CrossHair found" in found.reason


def test_what_is_not_for_it_is_left_alone(searches: Any, tmp_path: Path) -> None:
    asked = request(tmp_path, "clamp", "clamped")
    searches.add("shop:f", "r1", replace(asked, amplified=0))  # a person's own: it may differ
    searches.add("shop:f", "r1", replace(asked, captured=[(b"x" * (MOST_BYTES + 1), 1)]))
    searches.engine.candidates.limits = lambda address: Budget(shadow_cpu=0.1)
    searches.add("shop:f", "r1", asked)
    assert searches._waiting.empty()
    searches.engine.candidates.limits = lambda address: Budget()
    for _ in range(2 * MOST_WAITING):
        searches.add("shop:f", "r1", asked)
    assert searches._waiting.qsize() == MOST_WAITING


def test_trials_go_first_and_what_is_gone_is_not_searched(
    searches: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    done: list[str] = []
    searches.search = lambda address, rewrite, request: done.append(rewrite)
    for rewrite in ("r0", "r1"):
        searches._waiting.put(("shop:f", rewrite, None))
    searches.engine.workshop.trying.set()
    thread = threading.Thread(target=searches.run)
    thread.start()
    time.sleep(0.1)
    assert not done
    searches.engine.workshop.trying.clear()
    end = time.monotonic() + 10.0
    while not done and time.monotonic() < end:
        time.sleep(0.01)
    searches.engine.stopping.set()
    thread.join(5.0)
    assert done == ["r1"]


def test_the_end_of_the_engine_ends_a_search(searches: Any, tmp_path: Path) -> None:
    searches.cancel.set()
    searches.search("shop:f", "r1", request(tmp_path, "clamp", "clamped"))
    assert searches.engine.probation.learned.empty() and not searches.engine.logged
