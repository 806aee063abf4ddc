"""Is the variation the same function? One mismatch on any input says no.

Each input is given to the original twice in one worker, once in the other worker, and to the
variation there. Where the three originals disagree the input shows noise and is left out.
"""

import statistics
from dataclasses import dataclass, field

from selfsame.runtime.shadow.bench import Bench, Input, Name, NodeRefused, remaining
from selfsame.runtime.shadow.outcome import Outcome, difference
from selfsame.runtime.shadow.process import WorkerFailed, WorkerLost

NOISE = 0.01
RESTARTS = 5
SLOWER = 20.0
"""How many times the original's CPU time the variation has, beyond a second, before it hangs."""
EXHAUSTED = ("builtins.MemoryError", "builtins.RecursionError")
"""What the original raises for lack of room; that says nothing about the program."""


class Mismatch(Exception):
    """The variation is another function; the message says how, ``counterexample`` on what."""

    def __init__(self, how: str, counterexample: str) -> None:
        super().__init__(how)
        self.counterexample = counterexample


class _LeftOut(Exception):
    """An input that decides nothing."""


class _Noise(_LeftOut):
    """The original disagrees with itself."""


@dataclass(slots=True)
class Replay:
    """What was compared: inputs of both kinds that agreed, the rest, and what timing needs."""

    captured: int = 0
    amplified: int = 0
    left_out: int = 0
    noise: int = 0
    deopts: int = 0
    kept: list[tuple[Input, int]] = field(default_factory=list)
    restarts: int = 0
    unanswered: str = ""

    @property
    def deopt_share(self) -> float:
        """The share of captured calls on which the variation fell back to the original."""
        return self.deopts / self.captured if self.captured else 0.0


def replay_captured(bench: Bench, live_ns: list[int], deadline: float, replay: Replay) -> None:
    """Compare on every captured call until ``deadline``. Raises Mismatch or NodeRefused."""
    for index, ns in enumerate(live_ns):
        if not remaining(deadline):
            break
        which: Input = ("captured", index)
        try:
            original, variation = _compare(bench, which, 2.0 + SLOWER * ns / 1e9, replay)
        except _Noise:
            replay.noise += 1
            replay.left_out += 1
        except _LeftOut:
            replay.left_out += 1
        else:
            replay.captured += 1
            replay.deopts += variation.deopts > 0
            replay.kept.append((which, original.nanoseconds))
    seen = replay.captured + replay.noise
    if seen and replay.noise / seen > NOISE:
        raise NodeRefused(
            f"the original disagrees with itself on {replay.noise} of {seen} captured calls"
        )


def replay_amplified(bench: Bench, wanted: int, deadline: float, replay: Replay) -> None:
    """Compare on ``wanted`` made inputs, of at most three times as many. Raises Mismatch."""
    usual = statistics.median(ns for _, ns in replay.kept) if replay.kept else 0.0
    budget_s = min(0.3, max(0.02, 10.0 * usual / 1e9))
    for number in range(3 * wanted):
        enough = replay.amplified >= wanted or replay.restarts >= RESTARTS
        if enough or not remaining(deadline):
            return
        try:
            _compare(bench, ("amplified", number), budget_s, replay)
        except _LeftOut:
            replay.left_out += 1
        else:
            replay.amplified += 1


def _compare(
    bench: Bench, which: Input, budget_s: float, replay: Replay
) -> tuple[Outcome, Outcome]:
    live = which[0] == "captured"
    first = live and which[1] < 20
    try:
        answers = bench.call("original", "original", which, budget_s, 2, first)
    except (WorkerLost, WorkerFailed) as error:
        raise _lost(bench, "original", error, live, replay) from None
    for answer in answers:
        _usable(answer, live)
    one, two = answers
    if difference(one, two, bench.request.tolerance):
        raise _Noise
    try:
        (three,) = bench.call("variation", "original", which, budget_s * 2 + 1.0, 1)
    except (WorkerLost, WorkerFailed) as error:
        raise _lost(bench, "variation", error, live, replay) from None
    _usable(three, live)
    if three.input != one.input:
        raise _LeftOut
    if difference(one, three, bench.request.tolerance):
        raise _Noise
    own_budget = 1.0 + SLOWER * one.nanoseconds / 1e9
    try:
        (four,) = bench.call("variation", "variation", which, own_budget, 1)
    except WorkerLost as error:
        shape = _shape(bench, which, f"makes an end of its worker, which {error}")
        raise Mismatch(f"the variation's worker {error}", shape) from None
    except WorkerFailed as error:
        raise Mismatch(f"the variation's worker {error}", "") from None
    how = _objection(one, four, bench)
    if how:
        raise Mismatch(how, _shape(bench, which))
    return one, four


def _usable(answer: Outcome, live: bool) -> None:
    """Whether the original's outcome can be held against a variation's."""
    if answer.flags:
        if live:
            raise NodeRefused(f"a call {answer.flags[0]}")
        raise _LeftOut
    if answer.ended == "refused":
        if live:
            raise NodeRefused(answer.reason)
        raise _LeftOut
    if answer.ended == "late" or answer.raised in EXHAUSTED:
        raise _LeftOut


def _objection(original: Outcome, variation: Outcome, bench: Bench) -> str:
    if variation.flags:
        return f"a call of the variation {variation.flags[0]}"
    if variation.ended == "late":
        return f"the variation takes over {SLOWER:.0f} times as long, or does not return"
    if variation.ended == "refused":
        return f"the variation's outcome {variation.reason}"
    return difference(original, variation, bench.request.tolerance)


def _lost(bench: Bench, name: Name, error: Exception, live: bool, replay: Replay) -> Exception:
    """What follows from an original that was not called, or lost its worker: a few new ones."""
    replay.unanswered = f"the original's worker {error}"
    if isinstance(error, WorkerLost):
        replay.restarts += 1
        if replay.restarts > RESTARTS and live:
            return error
        bench.restart(name)
    return _LeftOut()


def _shape(bench: Bench, which: Input, variation: str = "") -> str:
    """The counterexample by types and sizes; calls are made again, within a second each."""
    return bench.describe(which, 1.0, variation)
