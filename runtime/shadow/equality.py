"""Is the variation the same function? One mismatch on any input says no.

Each input is given to the original twice in one worker, once in the other worker, and to the
variation there. Where the three originals disagree the input shows noise and is left out. Once is enough
for captured calls after the first ones, unless those showed noise, and for what was amplified from those
that agreed: only where the variation does something else, the original is asked in its worker as well.
Inputs go in groups; a group that costs a worker is gone through again one by one.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from selfsame.runtime.shadow.bench import NAMES, Bench, Budget, Input, Name, NodeRefused, remaining
from selfsame.runtime.shadow.outcome import UNTOLD, Outcome, difference
from selfsame.runtime.shadow.process import WorkerFailed, WorkerLost

NOISE, NOISE_MADE = 0.01, 0.2
"""The share of captured calls, and of invented ones, on which the original may disagree with itself.

What was invented may be what nobody passes, such as an object whose text is its place in memory.
"""
FEW = 50
"""Calls below which a disagreement or two is no rate yet."""
RESTARTS = 5
SLOWER = 20.0
"""How many times the original's CPU time the variation has, beyond a second, before it hangs."""
EXHAUSTED = ("builtins.MemoryError", "builtins.RecursionError")
"""What the original raises for lack of room; that says nothing about the program."""
GROUP = 32
GROUP_NS = 200_000_000
FIRST = 20
AMPLIFIED_SHARE = 3
"""At least one in this many of the wanted amplified inputs must have been comparable."""
MADE_S = 2.0
"""After so long that part of the amplified inputs is enough."""
ONCE: tuple[Name, ...] = ("original",)
TWICE: tuple[Name, ...] = ("original", "original")
ALONE: tuple[Name, ...] = ("variation",)
BOTH: tuple[Name, ...] = ("original", "variation")
AGAIN: tuple[Name, ...] = (*BOTH, "variation")


class Mismatch(Exception):
    """The variation is another function; the message says how, ``counterexample`` on what."""

    def __init__(self, how: str, counterexample: str) -> None:
        super().__init__(how)
        self.counterexample = counterexample


class Untold(Exception):
    """Nobody can tell whether the variation is another function; the message says why."""


class _LeftOut(Exception):
    """An input that decides nothing; the message says why where that is worth telling."""


class _Noise(_LeftOut):
    """The original disagrees with itself."""


class _Raised(_LeftOut):
    """The original raised ``before``, and that decides nothing; ``after`` is the variation's, or ""."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__("the original raises")
        self.before, self.after = before, after


@dataclass(slots=True)
class Replay:
    """What was compared: inputs of all kinds that agreed, the rest, and what timing needs.

    Where calls in which the original raises decide nothing, ``raised`` counts what it raised in
    captured ones by the exception's name, and ``raised_after`` what the variation raised in those.
    """

    captured: int = 0
    invented: int = 0
    amplified: int = 0
    left_out: int = 0
    noise: int = 0
    noise_made: int = 0
    deopts: int = 0
    deopts_made: int = 0
    kept: list[tuple[Input, int]] = field(default_factory=list)
    restarts: int = 0
    unanswered: str = ""
    raised: Counter[str] = field(default_factory=Counter)
    raised_after: Counter[str] = field(default_factory=Counter)

    @property
    def deopt_share(self) -> float:
        """The share of calls on which the variation fell back to the original.

        Of captured ones, where there are any: those made beside them are made to be odd.
        """
        if self.captured:
            return self.deopts / self.captured
        return self.deopts_made / self.invented if self.invented else 0.0


def replay_captured(
    bench: Bench,
    live_ns: Sequence[int],
    deadline: float,
    replay: Replay,
    numbers: Sequence[int] | None = None,
) -> None:
    """Compare on captured calls, those with the ``numbers`` or all, until ``deadline``.

    Raises Mismatch, Untold or NodeRefused.
    """
    numbers = range(len(live_ns)) if numbers is None else numbers
    inputs: list[Input] = [("captured", index) for index in numbers]
    budget_s = 2.0 + SLOWER * max(live_ns, default=0) / 1e9
    _Comparing(bench, replay, live=True).all(inputs, budget_s, deadline)
    _refuse_noise(replay.noise, replay.captured, "captured", NOISE)


def replay_invented(bench: Bench, first: int, count: int, deadline: float, replay: Replay) -> None:
    """Compare on payloads that nobody was seen calling with. Raises Mismatch, Untold or NodeRefused."""
    inputs: list[Input] = [("captured", index) for index in range(first, first + count)]
    _Comparing(bench, replay, live=False).all(inputs, 0.3, deadline)
    _refuse_noise(replay.noise_made, replay.invented, "invented", NOISE_MADE)


def replay_amplified(bench: Bench, wanted: int, deadline: float, replay: Replay) -> None:
    """Compare on ``wanted`` made inputs, of at most three times as many. Raises Mismatch or Untold.

    The part of them that must agree is enough where it took longer than `MADE_S`.
    """
    least, soon = wanted / AMPLIFIED_SHARE, time.monotonic() + MADE_S
    usual = statistics.median(ns for _, ns in replay.kept) if replay.kept else 0.0
    budget_s = min(0.3, max(0.02, 10.0 * usual / 1e9))
    comparing = _Comparing(bench, replay, live=False)
    for start in range(0, 3 * wanted, GROUP):
        enough = wanted if remaining(soon) else least
        if replay.amplified >= enough or replay.restarts >= RESTARTS or not remaining(deadline):
            return
        stop = start + min(GROUP, wanted - replay.amplified)
        comparing.all([("amplified", n) for n in range(start, stop)], budget_s, deadline)


def _refuse_noise(noise: int, agreed: int, kind: str, most: float) -> None:
    seen = agreed + noise
    if noise and noise / seen > (most if seen >= FEW else NOISE_MADE):
        raise NodeRefused(f"the original disagrees with itself on {noise} of {seen} {kind} calls")


Judge = Callable[[], tuple[Outcome, Outcome]]


@dataclass(slots=True)
class _Comparing:
    """Goes through inputs of one kind, in groups that take about as long as `GROUP_NS`."""

    bench: Bench
    replay: Replay
    live: bool
    size: int = 1

    def all(self, inputs: Sequence[Input], budget_s: float, deadline: float) -> None:
        """Compare on all, until ``deadline``. Raises Mismatch, Untold or NodeRefused."""
        start = 0
        while start < len(inputs) and remaining(deadline):
            group = inputs[start : start + self.size]
            try:
                start += self._group(group, budget_s)
            except WorkerLost:
                for name in NAMES:
                    self.bench.restart(name)
                self.replay.restarts += 1
                for which in group:
                    if remaining(deadline):
                        self._note(which, partial(self._alone, which, budget_s))
                start += len(group)
                self.size = 1
            if not self.live and self.replay.restarts > RESTARTS:
                return

    def _group(self, group: Sequence[Input], budget_s: float) -> int:
        """Compare on a group; how many of it were gone through. Raises WorkerLost."""
        if len(group) == 1:
            self._note(group[0], partial(self._alone, group[0], budget_s))
            self.size = 4
            return 1
        first = self.live and group[0][1] < FIRST
        bench, asked = self.bench, self._asked(group[0])
        ask = Budget(budget_s, 2 * budget_s + 4 * GROUP_NS / 1e9, first=first)
        turns = bench.calls("original", asked, group, ask)
        spent = [max((o.nanoseconds for o in turn), default=0) for turn in turns]
        usable = [w for w, turn in zip(group, turns, strict=False) if _answered(turn, asked)]
        longest = max(spent, default=0) / 1e9
        wall = 2 * (1.0 + SLOWER * longest) + 4 * sum(spent) / 1e9
        sides = ALONE if asked == ONCE else AGAIN if bench.twice(group[0]) else BOTH
        spent_on = dict(zip(group, spent, strict=False))
        answers: dict[Input, list[Outcome]] = {}
        while len(answers) < len(usable):
            left = usable[len(answers) :]
            known = tuple(spent_on[which] for which in left)
            own = Budget(budget_s * 2 + 1.0, wall, SLOWER, known_ns=known)
            found = bench.calls("variation", sides, left, own)
            answers.update(zip(left, found, strict=False))
            if not found:
                break
        judge = self._judge_alone if sides == ALONE else self._judge
        for which, turn in zip(group, turns, strict=False):
            self._note(which, partial(judge, which, turn, answers.get(which, [])))
        mean = sum(spent) / max(1, len(spent))
        self.size = max(1, min(GROUP, 2 * self.size, int(GROUP_NS / max(mean, 1.0))))
        return len(turns)

    def _asked(self, which: Input) -> tuple[Name, ...]:
        """How often the original is called by itself with an input, and with those of its group."""
        if which[0] == "amplified":
            return ONCE
        calm = self.live and not self.replay.noise and not self.bench.twice(which)
        return ONCE if calm else TWICE

    def _note(self, which: Input, judge: Judge) -> None:
        replay = self.replay
        try:
            original, variation = judge()
        except _LeftOut as why:
            if isinstance(why, _Noise):
                replay.noise += self.live
                replay.noise_made += not self.live and which[0] == "captured"
            if isinstance(why, _Raised) and self.live:
                replay.raised[why.before] += 1
                replay.raised_after.update([why.after] if why.after else [])
            replay.left_out += 1
            replay.unanswered = str(why) or replay.unanswered
            return
        if which[0] == "amplified":
            replay.amplified += 1
            return
        if self.live:
            replay.captured += 1
            replay.deopts += variation.deopts > 0
        else:
            replay.invented += 1
            replay.deopts_made += variation.deopts > 0
        replay.kept.append((which, original.nanoseconds))

    def _judge(
        self, which: Input, alone: Sequence[Outcome], both: Sequence[Outcome]
    ) -> tuple[Outcome, Outcome]:
        """What the outcomes of one input say. Raises Mismatch, Untold, NodeRefused or _LeftOut."""
        bench, tolerance = self.bench, self.bench.request.tolerance
        for answer in alone:
            self._usable(answer)
        one, *again = alone
        if any(difference(one, other, tolerance) for other in again):
            raise _Noise
        if not both:
            raise _LeftOut("the variation's worker did not get to it")
        three = both[0]
        self._usable(three)
        if three.input != one.input:
            raise _LeftOut
        if difference(one, three, tolerance):
            raise _Noise
        four = both[1]
        if tolerance.where_succeeds and one.ended == "raised":
            how = _outside(four)
            if how:
                raise Mismatch(how, bench.describe(which, 1.0))
            raise _Raised(one.raised, four.raised)
        # It asks for all that it may need before anything else. What it did beside that speaks against it.
        if four.lacks and len(four.flags) == 1:
            raise _LeftOut(f"a call of the variation {four.flags[0]}")
        how = _objection(one, four, bench)
        if not how and len(both) > 2:
            how = _second_objection(alone[-1], both[2], bench)
        if how.startswith(UNTOLD):
            raise Untold(how)
        if how and self._changing(which, one):
            raise _Noise
        if how:
            raise Mismatch(how, bench.describe(which, 1.0))
        return one, four

    def _judge_alone(
        self, which: Input, alone: Sequence[Outcome], own: Sequence[Outcome]
    ) -> tuple[Outcome, Outcome]:
        """As `_judge`, of an input that its worker gave to the variation alone."""
        for answer in alone:
            self._usable(answer)
        if own and self._agrees(alone[0], own[0]):
            return alone[0], own[0]
        return self._judge(which, alone, [self._there(which, alone[0]), *own] if own else [])

    def _agrees(self, original: Outcome, variation: Outcome) -> bool:
        """Whether nothing speaks against a variation that was given the same input elsewhere."""
        tolerance = self.bench.request.tolerance
        open_ = tolerance.where_succeeds and original.ended == "raised"
        same_input = variation.input == original.input
        return same_input and not open_ and not _objection(original, variation, self.bench)

    def _there(self, which: Input, before: Outcome) -> Outcome:
        """What the original does in the variation's worker. Raises _LeftOut."""
        spent = 1.0 + SLOWER * before.nanoseconds / 1e9
        try:
            ((three,),) = self.bench.calls("variation", ONCE, [which], Budget(spent, spent))
        except (WorkerLost, WorkerFailed) as error:
            raise self._lost("variation", error) from None
        return three

    def _changing(self, which: Input, before: Outcome) -> bool:
        """Whether the original by now gives something else than ``before``, as what asks a clock does."""
        spent = 1.0 + SLOWER * before.nanoseconds / 1e9
        try:
            found = self.bench.calls("original", ONCE, [which], Budget(spent, spent))
        except (WorkerLost, WorkerFailed):
            return False
        later = [outcome for turn in found for outcome in turn]
        tolerance = self.bench.request.tolerance
        return any(o.ended != "late" and difference(before, o, tolerance) for o in later)

    def _alone(self, which: Input, budget_s: float) -> tuple[Outcome, Outcome]:
        """One input with nothing else in the messages, so that a lost worker is its doing."""
        bench = self.bench
        first = self.live and which[1] < FIRST
        try:
            ask = Budget(budget_s, 2 * budget_s, first=first)
            (alone,) = bench.calls("original", self._asked(which), [which], ask)
        except (WorkerLost, WorkerFailed) as error:
            raise self._lost("original", error) from None
        for answer in alone:
            self._usable(answer)
        try:
            again = Budget(budget_s * 2 + 1.0, budget_s * 2 + 1.0)
            ((three,),) = bench.calls("variation", BOTH[:1], [which], again)
        except (WorkerLost, WorkerFailed) as error:
            raise self._lost("variation", error) from None
        self._usable(three)
        own = 1.0 + SLOWER * alone[0].nanoseconds / 1e9
        try:
            ((four,),) = bench.calls("variation", BOTH[1:], [which], Budget(own, own))
        except WorkerLost as error:
            shape = bench.describe(which, 1.0, f"makes an end of its worker, which {error}")
            raise Mismatch(f"the variation's worker {error}", shape) from None
        except WorkerFailed as error:
            raise Mismatch(f"the variation's worker {error}", "") from None
        return self._judge(which, alone, (three, four))

    def _usable(self, answer: Outcome) -> None:
        """Whether the original's outcome can be held against a variation's."""
        if answer.flags:
            if self.live:
                raise NodeRefused(f"a call {answer.flags[0]}")
            raise _LeftOut(f"a call {answer.flags[0]}")
        if answer.ended == "refused":
            if self.live and not answer.unreadable:
                raise NodeRefused(answer.reason)
            raise _LeftOut(answer.reason)
        if answer.ended == "late" or answer.raised in EXHAUSTED:
            raise _LeftOut("calls take too long" if answer.ended == "late" else "")
        if answer.mistyped and self.bench.request.typed and not self.live:
            raise _LeftOut

    def _lost(self, name: Name, error: Exception) -> Exception:
        """What follows from an original that was not called, or lost its worker: a few new ones."""
        self.replay.unanswered = f"the original's worker {error}"
        if isinstance(error, WorkerLost):
            self.replay.restarts += 1
            if self.replay.restarts > RESTARTS and self.live:
                return error
            self.bench.restart(name)
        return _LeftOut()


def _answered(turn: Sequence[Outcome], asked: Sequence[Name]) -> bool:
    """Whether an input's turn in the original's worker came to its end."""
    whole = len(turn) == len(asked) and turn[-1].ended in ("returned", "raised")
    return whole and not turn[-1].flags


def _second_objection(original: Outcome, variation: Outcome, bench: Bench) -> str:
    """What speaks against a second call of the variation on the same input."""
    if variation.ended == "late":
        return ""
    how = _objection(original, variation, bench)
    if how:
        return f"{how} when it is called again"
    if variation.shared and not original.shared:
        return "the result is an object that an earlier call returned"
    return ""


def _outside(variation: Outcome) -> str:
    """What speaks against the variation whatever the original did."""
    if variation.flags:
        return f"a call of the variation {variation.flags[0]}"
    if variation.ended == "late":
        return f"the variation takes over {SLOWER:.0f} times as long, or does not return"
    return ""


def _objection(original: Outcome, variation: Outcome, bench: Bench) -> str:
    outside = _outside(variation)
    if outside:
        return outside
    if variation.ended == "refused":
        return f"the variation's outcome {variation.reason}"
    return difference(original, variation, bench.request.tolerance)
