"""Functions that ask the clock: both sides of a trial are given what was recorded."""

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.replay import Replay
from selfsame.runtime.shadow.request import Trial

TEXT = """
import time
from time import monotonic


def stamped(xs):
    begun = time.time()
    total = 0
    for x in xs:
        total = total + x
    noise = monotonic()
    return total + noise, time.time() - begun
"""
OUTSIDE = (("monotonic", "", "time.monotonic"), ("time", "time", "time.time"))
FASTER = TEXT.replace(
    "    total = 0\n    for x in xs:\n        total = total + x\n", "    total = sum(xs)\n"
)


def call(number: int, *given: tuple[str, float]) -> bytes:
    record = given or (("time.time", 5.0 + number), ("time.monotonic", 0.5), ("time.time", 9.0))
    arguments: dict[str, Any] = {"args": (list(range(400 + number)),), "globals": {}}
    return pickle.dumps(arguments) + pickle.dumps(list(record))


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clocked")


def tried(bench: Any, folder: Path, variation: str, calls: list[bytes] | None = None) -> Trial:
    known = type(bench)(folder, TEXT, "clocked")
    calls = calls or [call(number) for number in range(60)]
    found: Trial = known.trial("stamped", variation, calls, outside=OUTSIDE)
    return found


def test_what_asks_the_same_is_the_same(bench: Any, clocked: Path) -> None:
    found = tried(bench, clocked, FASTER)
    assert (found.same, found.faster) == ("same", "faster"), found
    assert found.captured == 60 and found.amplified > 0
    assert any("time.monotonic, time.time" in line for line in found.evidence)


@pytest.mark.parametrize(
    "old, new",
    [
        ("    noise = monotonic()\n", "    noise = monotonic() + 0 * monotonic()\n"),
        ("    noise = monotonic()\n", "    noise = 0.5\n"),
        ("time.time() - begun", "0.0"),
        ("    begun = time.time()\n", "    noise = monotonic()\n    begun = time.time()\n"),
    ],
    ids=["asks once more", "does not ask", "asks once less", "asks in another order"],
)
def test_what_asks_otherwise_is_different(bench: Any, clocked: Path, old: str, new: str) -> None:
    changed = FASTER.replace(old, new)
    if new.endswith("time.time()\n"):
        changed = changed.replace(
            "    total = sum(xs)\n    noise = monotonic()\n", "    total = sum(xs)\n"
        )
    assert changed != FASTER
    found = tried(bench, clocked, changed)
    assert found.same == "different", found


def test_an_original_that_asks_otherwise_than_in_the_program_is_refused(
    bench: Any, clocked: Path
) -> None:
    short = [call(number, ("time.time", 5.0), ("time.monotonic", 0.5)) for number in range(60)]
    found = tried(bench, clocked, FASTER, short)
    assert found.same == "inconclusive"
    assert "cannot be replayed" in found.refused


def test_without_its_functions_named_the_clock_is_noise(bench: Any, clocked: Path) -> None:
    known = type(bench)(clocked, TEXT, "clocked")
    request = known.request("stamped", FASTER, [call(number) for number in range(60)])
    from selfsame.runtime.shadow.trial import run_trial

    assert run_trial(dataclasses.replace(request, amplified=10)).same == "inconclusive"


def test_a_record_holds_names_and_numbers_alone() -> None:
    assert Call.of(call(1)).given == (
        ("time.time", 6.0),
        ("time.monotonic", 0.5),
        ("time.time", 9.0),
    )
    for record in (["time.time"], [("time.time", "5")], [("time.time", True)], ()):
        with pytest.raises(Refused):
            Call.of(pickle.dumps({"args": (), "globals": {}}) + pickle.dumps(record))


def test_invented_results_depend_on_how_often_was_asked_alone() -> None:
    namespace: dict[str, Any] = {}
    replay = Replay(OUTSIDE, namespace)
    found = []
    for _ in range(2):
        replay.start(None)
        found.append([namespace["time"].time(), namespace["monotonic"](), namespace["time"].time()])
    assert found[0] == found[1]
    assert found[0] == sorted(set(found[0]))
    assert replay.asked == ["time.time", "time.monotonic", "time.time"] and not replay.strayed
