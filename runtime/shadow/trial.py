"""One trial from start to verdict: equality first, then time, and memory where it is the aim."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from selfsame.runtime.shadow.bench import NAMES, Bench, Input, Name, NodeRefused, remaining
from selfsame.runtime.shadow.equality import (
    AMPLIFIED_SHARE,
    Mismatch,
    Replay,
    Untold,
    replay_amplified,
    replay_captured,
    replay_invented,
)
from selfsame.runtime.shadow.process import Cancelled, WorkerFailed, WorkerLost
from selfsame.runtime.shadow.request import (
    CURE,
    FEWEST_CURED,
    TRADE,
    Corpus,
    Kept,
    OnEvent,
    Trial,
    TrialRequest,
)
from selfsame.runtime.shadow.statistics import Effect
from selfsame.runtime.shadow.timing import (
    TIME_PAIRS_FOR_MEMORY,
    Timed,
    hopeless,
    keeps_nothing,
    time_calls,
    time_sides,
    weigh_sides,
)

__all__ = ["Trial", "TrialRequest", "run_trial"]

CAPTURED_SHARE, EQUALITY_SHARE = 0.4, 0.6
MORE_SHARE, MORE_S = 0.15, 1.5
"""When in the budget, or how long after enough were, no more captured calls are compared: the rest of the
time is for other inputs."""
AMPLIFIED_LEAST = 0.3
"""The share of the budget that amplified inputs have, however long the others took."""
MOSTLY_DEOPT = 0.5
WEIGH_S = 5.0
INVENT_SHARE, EXPLORE_SHARE, INVENTED_SHARE = 0.15, 0.03, 0.5
EXPLORE_S = 1.0
"""The longest search for inputs that take new ways."""
MOST_EXPLORED, MOST_KEPT = 100, 1000
SHOWN = 6
SPARE = 5
"""So many more captured calls are compared than must agree: some are left out."""
FIRST_LOOKED_AT, FEWEST_COMPARED, LOOK_NS = 24, 2, 200_000_000
"""Captured calls of a first look at time; of those the fewest that are compared before it, and what the
original may take for more."""
REACHING = 900
"""Inputs of each kind that are made to come to a place, with every instruction traced."""
SENSE_S = 3.0
"""CPU seconds in which it is looked for inputs that show a change in the places that differ."""
MOST_SEEDS, AROUND = 10, 30
"""Inputs that come where the two differ, and mutations of each."""
SWEPT = 3
"""Inputs that come there, short ones and long ones, of which every number and length is run through."""
STAYING, STAY_SHARE, NEAR_SHARE = 2000, 0.1, 0.85
"""So many mutations are made of those that still come there, the share of the budget in CPU time for it, and
when in it comparing ends there: the rest is for the times."""


@dataclass
class _Run:
    """What one trial knows so far; `answer` makes a `Trial` of it."""

    request: TrialRequest
    on_event: OnEvent
    begun: float = field(default_factory=time.monotonic)
    replay: Replay = field(default_factory=Replay)
    layers: tuple[str, ...] = ()
    steps: int = 0
    hindrance: str = ""
    kept: Kept | None = None

    def event(self, name: str, **fields: Any) -> None:
        self.on_event(name, {"node": self.request.address, **fields})

    def deadline(self, share: float = 1.0) -> float:
        return self.begun + share * self.request.budget_s

    def worth_timing(self) -> list[tuple[Input, int]]:
        """The calls to time: of captured ones the outermost; of invented ones the slower half.

        Many of these are tiny.
        """
        kept = self.replay.kept
        if self.replay.captured:
            live = len(dict(self.request.captured))
            captured = [(which, ns) for which, ns in kept if which[1] < live]
            outermost = [(w, ns) for w, ns in captured if w[1] in self.request.outermost]
            return outermost or captured
        ranked = sorted(kept, key=lambda item: item[1])
        return ranked[len(ranked) // 2 :]

    def told(self, timed: Timed, reason: str, **fields: Any) -> Trial:
        """The answer on what is the same and was timed."""
        return self.answer(
            same="same",
            faster=timed.faster,
            reason=reason,
            speedup=timed.speedup,
            pairs=len(timed.comparison.ratios),
            **fields,
        )

    def answer(self, **fields: Any) -> Trial:
        evidence = [f"replayed {self.replay.captured}"] if self.replay.captured else []
        if evidence and self.request.outside:
            names = ", ".join(sorted({dotted for _, _, dotted in self.request.outside}))
            evidence.append(
                f"what {names} gave in these calls was replayed to both, also while they were timed,"
                " and both had to ask the same in the same order"
            )
        if evidence and self.request.outgoing:
            evidence.append(
                "what it prints, logs and warns had to be the same in the same order; it went nowhere,"
                " so what that takes in the program is not in the times"
            )
        if evidence and self.request.watched:
            evidence.append(
                "its source does not tell what it changes: all that the program's modules hold was"
                " looked at between these calls, and nothing there was another"
            )
        if self.kept is not None:
            evidence.append(self.kept.told)
        fuzzed = self.replay.invented + self.replay.amplified
        if fuzzed:
            evidence.append(f"fuzzed {fuzzed}")
        found: dict[str, Any] = {"same": "inconclusive", "faster": "inconclusive"} | fields
        trial = Trial(
            address=self.request.address,
            objective=self.request.objective,
            captured=self.replay.captured,
            amplified=self.replay.amplified,
            left_out=self.replay.left_out,
            invented=self.replay.invented,
            steps=self.steps,
            deopts=self.replay.deopt_share,
            evidence=tuple(evidence),
            seconds=time.monotonic() - self.begun,
            layers=self.layers,
            raised=dict(self.replay.raised),
            raised_after=dict(self.replay.raised_after),
            kept=self.kept,
            **found,
        )
        self.event("trial", same=trial.same, faster=trial.faster, reason=trial.reason)
        return trial


def run_trial(
    request: TrialRequest,
    on_event: OnEvent = lambda name, fields: None,
    cancel: threading.Event | None = None,
) -> Trial:
    """Try a variation against its original in shadow. Blocks for at most about ``budget_s``.

    Never raises for what a worker does: a lost worker, a refused node and a cancelled trial are
    answers. ``on_event(name, fields)`` is told of each step; ``cancel`` may be set by any thread.
    """
    run = _Run(request, on_event)
    try:
        return _trial(run, cancel)
    except Mismatch as mismatch:
        return run.answer(
            same="different",
            faster="inconclusive",
            reason=str(mismatch),
            counterexample=mismatch.counterexample,
        )
    except NodeRefused as refusal:
        return run.answer(reason=str(refusal), refused=str(refusal))
    except (Untold, WorkerFailed) as failed:
        return run.answer(reason=str(failed))
    except WorkerLost as lost:
        return run.answer(reason=f"a worker {lost}")
    except Cancelled:
        return run.answer(reason="cancelled")
    except OSError as error:
        return run.answer(reason=f"no worker could be started: {type(error).__name__}")


def _trial(run: _Run, cancel: threading.Event | None) -> Trial:
    request = run.request
    distinct = dict(request.captured)
    if len(distinct) < request.min_calls and not request.invented:
        told = f"{len(distinct)} distinct captured calls, and {request.min_calls} are needed"
        return run.answer(reason=told)
    payloads = list(distinct)
    with Bench(request, payloads, cancel) as bench:
        run.begun = time.monotonic()  # what starting and importing took is not the trial's
        run.layers = tuple(layer.name for layer in bench.layers if layer.available)
        run.event("trial started", captured=len(payloads), layers=run.layers)
        # 1. The same on captured or invented calls, and on inputs made from them?
        replay = run.replay
        live, until = list(distinct.values()), run.deadline(CAPTURED_SHARE)
        looked_at, told = _first_look(run, bench, live, until)
        if told:
            return run.answer(faster="not faster", reason=told)
        others = sorted(set(range(len(live))) - set(looked_at))
        needed = max(0, request.min_calls - replay.captured) + SPARE
        at_first = min(FIRST_LOOKED_AT, needed)
        for some in (others[:at_first], others[at_first:needed]):
            replay_captured(bench, live, until, replay, some)
            looked = replay.captured >= min(FIRST_LOOKED_AT, request.min_calls)
            if looked and request.timed and (told := _declines(request, replay)):
                # What runs is the original: more inputs would not show that anything is gained.
                return run.answer(faster="not faster", reason=told)
        enough = replay.captured >= request.min_calls
        until = min(run.deadline(MORE_SHARE), time.monotonic() + MORE_S) if enough else until
        replay_captured(bench, live, until, replay, others[needed:])
        told = _equality(run, bench, len(distinct))
        if told:
            return run.answer(reason=told)
        run.event("same", captured=replay.captured, amplified=replay.amplified)
        # 2. Worth it?
        if told := _declines(request, replay):
            return run.answer(same="same", faster="not faster", reason=told)
        if not request.timed:
            return run.answer(same="same", reason="time was not compared")
        if request.objective == "errors":
            return _fewer_errors(run, bench)
        if request.objective == "memory":
            return _leaner(run, bench, payloads, cancel)
        if request.objective == "both":
            return _either(run, bench, payloads, cancel)
        timed = _timed(run, bench)
    weight = (
        _weight(run, payloads, cancel) if request.weighed and timed.faster == "faster" else None
    )
    return run.told(timed, timed.reason, memory=weight)


def _timed(run: _Run, bench: Bench) -> Timed:
    """Time, on single calls; of what keeps results, on the calls as they came."""
    if not run.request.sequence:
        return time_sides(bench, run.worth_timing(), run.deadline())
    timed, run.kept = time_calls(bench, run.deadline())
    return timed


def _first_look(
    run: _Run, bench: Bench, live: Sequence[int], until: float
) -> tuple[Sequence[int], str]:
    """The captured calls that were compared, and why no more need to be, or "".

    None are where time is not all to gain. Raises as comparing does.
    """
    request = run.request
    if request.to_beat is None or request.objective != "time" or not request.timed:
        return (), ""
    if request.sequence:
        return (), keeps_nothing(bench)
    if len(live) < request.min_calls:
        return (), ""
    among = sorted(request.outermost) or list(range(len(live)))
    spread = among[:: max(1, len(among) // FIRST_LOOKED_AT)][:FIRST_LOOKED_AT]
    spent = accumulate(live[number] for number in spread)
    fitting = sum(so_far <= LOOK_NS for so_far in spent)
    compared = spread[: max(FEWEST_COMPARED, fitting)]
    replay_captured(bench, live, until, run.replay, compared)
    if not run.replay.captured:
        return compared, ""
    timed: list[tuple[Input, int]] = [(("captured", number), live[number]) for number in spread]
    return compared, _declines(request, run.replay) or hopeless(bench, timed, until)


def _weight(run: _Run, payloads: list[bytes], cancel: threading.Event | None) -> Effect | None:
    """Original over variation in peak bytes, for a bound on memory that must not be broken."""
    with Bench(run.request, payloads, cancel, memory=True) as scales:
        return weigh_sides(scales, run.replay.kept, time.monotonic() + WEIGH_S).effect


def _declines(request: TrialRequest, replay: Replay) -> str:
    """That the variation mostly falls back to the original, or "".

    One that keeps results does so on the first call of each kind: its gain shows in the order of calls.
    """
    if request.sequence or replay.deopt_share <= MOSTLY_DEOPT:
        return ""
    kind = "captured" if replay.captured else "invented"
    return f"it falls back to the original on {replay.deopt_share:.0%} of {kind} calls"


def _equality(run: _Run, bench: Bench, live: int) -> str:
    """Compare on inputs beside the captured ones, ``live`` of them; why not enough, or "".

    Raises Mismatch or NodeRefused.
    """
    request, replay = run.request, run.replay
    if replay.captured < request.min_calls and not request.invented:
        return _too_few(run)
    corpus = request.corpus
    if not corpus.ready:
        _fill(corpus, run, bench)
    run.steps, run.hindrance = corpus.steps, corpus.hindrance
    if not corpus.payloads and not live:
        return corpus.hindrance
    bench.add(corpus.payloads)
    first, count = live, len(corpus.payloads)
    least = request.min_calls
    if corpus.exhausted:
        least = max(1, min(least, count // 2))
    replay_invented(bench, first, count, run.deadline(INVENTED_SHARE), replay)
    if request.reached and (told := _given_up(corpus, bench)):
        return told
    if request.amplified:
        fresh = _explored(corpus, run, bench)
        bench.add(fresh)
        replay_invented(bench, first + count, len(fresh), run.deadline(INVENTED_SHARE), replay)
    compared = replay.captured + replay.invented
    if compared < least:
        return _too_few(run)
    least_s = time.monotonic() + AMPLIFIED_LEAST * request.budget_s
    until = max(run.deadline(EQUALITY_SHARE), least_s)
    replay_amplified(bench, request.amplified, until, replay)
    few = replay.amplified * AMPLIFIED_SHARE < request.amplified
    if few and (not request.invented or compared + replay.amplified < request.invented):
        return f"only {replay.amplified} of {request.amplified} amplified inputs were comparable"
    if not request.reached:
        return ""
    usual = len(replay.kept)
    told = _unreached(run, bench)
    del replay.kept[usual:]  # what was made to show a difference says nothing of usual times
    return told


def _explored(corpus: Corpus, run: _Run, bench: Bench) -> list[bytes]:
    """Inputs that take new ways; those through the original are not looked for again and again."""
    names: tuple[Name, ...] = ("variation",) if corpus.explored else NAMES
    seconds = min(EXPLORE_S, run.request.budget_s * EXPLORE_SHARE)
    fresh, exhausted = bench.explore(seconds, MOST_EXPLORED, names)
    corpus.explored |= "original" in exhausted
    corpus.payloads += fresh[: max(0, MOST_KEPT - len(corpus.payloads))]
    return fresh


def _given_up(corpus: Corpus, bench: Bench) -> str:
    """Where the two differ, and no input came for an earlier variation of the node, or "".

    Then it stays open, unless a call at hand shows a difference.
    """
    if not corpus.given_up:
        return ""
    missed = bench.reach("original", 0.0, 0, corpus).missed
    lines = sorted({place[0] for place in missed & corpus.given_up})
    return _nowhere([f"line {_listed(lines)} of the original"]) if lines else ""


def _unreached(run: _Run, bench: Bench) -> str:
    """Where the two differ and no input came, or "". Raises Mismatch.

    Inputs that were made to come there are compared, and mutations of all that did: what is
    different in a place shows near what reaches it.
    """
    request = run.request
    seconds = max(2.0, request.budget_s * EXPLORE_SHARE)
    told: list[str] = []
    seeds: dict[bytes, None] = {}
    for name in NAMES:
        # Where it stays open in any case, what is left is to find what is different.
        found = bench.reach(name, seconds / (3 if told else 1), REACHING, request.corpus)
        for payload in found.made:
            before = run.replay.invented
            replay_invented(bench, bench.add([payload]), 1, run.deadline(), run.replay)
            if run.replay.invented == before:
                found = found.without(payload)
        if name == "original":
            request.corpus.learn(found)
        seeds |= {found.reached[place]: None for place in found.wanted if place in found.reached}
        lines = sorted({place[0] for place in found.missed})
        if lines:
            told.append(f"line {_listed(lines)} of the {name}")
        elif found.unvaried:
            at = _listed(sorted(found.unvaried))
            told.append(f"line {at} of the {name} reads what belongs to the process")
    near = sorted(seeds, key=len)[:MOST_SEEDS]
    there = bench.stay(near, STAYING, STAY_SHARE * request.budget_s) if near else []
    some = sorted(there, key=len)[:: max(1, len(there) // SWEPT)][:SWEPT]
    around = [*there, *bench.around(near, AROUND, some)]
    until = run.deadline(NEAR_SHARE)
    replay_invented(bench, bench.add(around), len(around), until, run.replay)
    if told:
        return _nowhere(told)
    blind, showing = bench.blind([*near, *around], SENSE_S)
    # What tells the original from a gross change of these places tells it from a small one best.
    replay_invented(bench, bench.add(showing), len(showing), run.deadline(), run.replay)
    return f"no input shows what line {_listed(blind)} of the original does" if blind else ""


def _nowhere(places: Sequence[str]) -> str:
    return f"the two differ where no input came: {' and '.join(places)}"


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:SHOWN])) + (" …" if len(lines) > SHOWN else "")


def _fill(corpus: Corpus, run: _Run, bench: Bench) -> None:
    request = run.request
    if request.invented:
        made = bench.invent(request.invented, request.budget_s * INVENT_SHARE)
        corpus.payloads += made["payloads"]
        corpus.steps, corpus.hindrance = made["steps"], str(made["reason"])
        corpus.exhausted = made["exhausted"]
    corpus.ready = True


def _too_few(run: _Run) -> str:
    replay = run.replay
    kind = "calls" if run.request.invented else "captured calls"
    reason = run.hindrance or replay.unanswered
    why = f" ({reason})" if reason else ""
    return f"only {replay.captured + replay.invented} {kind} could be compared{why}"


def _leaner(
    run: _Run, bench: Bench, payloads: list[bytes], cancel: threading.Event | None
) -> Trial:
    """The memory gate, in workers that may write memray's file; then time, as a bound."""
    left = remaining(run.deadline())
    with Bench(run.request, payloads, cancel, memory=True) as scales:
        weighed = weigh_sides(scales, run.worth_timing(), time.monotonic() + left * 0.6)
    timed = time_sides(bench, run.worth_timing(), run.deadline(), TIME_PAIRS_FOR_MEMORY)
    leaner, reason = weighed.leaner, weighed.reason
    if leaner == "leaner" and (timed.speedup is None or timed.speedup.median < TRADE):
        leaner, reason = "not leaner", "it saves memory and costs too much time"
    return run.told(timed, reason, leaner=leaner, memory=weighed.effect)


def _either(
    run: _Run, bench: Bench, payloads: list[bytes], cancel: threading.Event | None
) -> Trial:
    """Both gates: better at time or at memory, and at the other no worse."""
    timed = _timed(run, bench)
    with Bench(run.request, payloads, cancel, memory=True) as scales:
        weighed = weigh_sides(scales, run.worth_timing(), time.monotonic() + WEIGH_S)
    reason = f"time: {timed.reason}; memory: {weighed.reason}"
    return run.told(timed, reason, leaner=weighed.leaner, memory=weighed.effect)


def _fewer_errors(run: _Run, bench: Bench) -> Trial:
    """Whether it returns where the original raises; then time, as a bound."""
    raised, after = run.replay.raised.total(), run.replay.raised_after.total()
    reason = f"the original raises in {raised} captured calls, the variation in {after} of them"
    if raised - after < FEWEST_CURED:
        told = f"{reason}; at least {FEWEST_CURED} fewer are needed"
        return run.answer(same="same" if raised else "inconclusive", reason=told)
    timed = time_sides(bench, run.worth_timing(), run.deadline(), TIME_PAIRS_FOR_MEMORY)
    if timed.speedup is None or timed.speedup.median < CURE:
        reason += ", and costs too much time"
    return run.told(timed, reason)
