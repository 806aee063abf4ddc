"""A worker that is killed, at any message: the trial ends, says so, and promotes nothing on it."""

from typing import Any

import pytest

from selfsame.runtime.shadow import process
from selfsame.runtime.shadow.pair import compare, named

SAME = "def score(xs, k):\n    return [x * k + OFFSET for x in xs]\n"
WRONG = "def score(xs, k):\n    return [x * k + OFFSET + (k == 41 and len(xs) == 3) for x in xs]\n"
MODULE = """
def slow(xs: list[int]) -> list[int]:
    out = []
    for x in xs:
        out = out + [x]
    return out


def fast(xs: list[int]) -> list[int]:
    return [x for x in xs]
"""


class Killer:
    """Kills the worker that a message goes to: the ``number``-th one, or each of one kind."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int = -1, kind: str = "") -> None:
        self.sent = 0
        self.killed = 0
        send = process.Worker.send

        def sending(worker: Any, message: Any, *rest: Any) -> None:
            if self.sent == number or message["t"] == kind:
                worker._process.kill()
                worker._process.wait()
                self.killed += 1
            self.sent += 1
            send(worker, message, *rest)

        monkeypatch.setattr(process.Worker, "send", sending)


@pytest.mark.parametrize("number", range(9))
def test_a_difference_is_not_lost_with_a_worker(
    bench: Any, make: Any, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    killer = Killer(monkeypatch, number)
    calls = [make([n, 2, 3], n) for n in range(60)]
    trial = bench.trial("score", WRONG, calls, amplified=20, budget_s=8.0)
    assert killer.killed == 1
    assert trial.same != "same", trial
    assert not trial.promotable


@pytest.mark.parametrize("kind", ["load", "inputs", "calls", "time"])
def test_one_kind_of_message_never_gets_through(
    bench: Any, numbers: list[bytes], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    killer = Killer(monkeypatch, kind=kind)
    trial = bench.trial("score", SAME, numbers, amplified=20, budget_s=8.0)
    assert killer.killed > 0
    assert not trial.promotable
    assert trial.same != "same" or kind == "time"
    assert "worker" in trial.reason, trial.reason


@pytest.mark.parametrize("kind", ["invent", "reach", "explore"])
def test_functions_by_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    file = tmp_path / "both.py"
    file.write_text(MODULE)
    first, second = named(f"{file}:slow", []), named(f"{file}:fast", [])
    killer = Killer(monkeypatch, kind=kind)
    trial = compare(first, second, [str(tmp_path)], 6.0)
    assert killer.killed > 0
    assert trial.same != "different"
    assert trial.same == "inconclusive" or kind == "explore"  # another worker goes on without it
