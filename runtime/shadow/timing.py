"""Is the variation faster, or leaner? Pairs on one input, in random order, until it is clear.

Both sides are timed in the same process, one after the other, in one of two processes drawn at
random: the layout of one process's memory, good or bad luck for a side, then weighs on neither.
"""

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from selfsame.runtime.shadow.bench import HEAVY_NS, NAMES, Bench, Input, Name, remaining
from selfsame.runtime.shadow.process import WorkerFailed
from selfsame.runtime.shadow.request import Faster, Kept, Leaner
from selfsame.runtime.shadow.statistics import Comparison, Dominance, Effect, TailTest

SHORT_NS = 10_000
BATCH_NS = 80_000
LARGEST_BATCH, BATCH_BYTES = 600, 128 << 10
"""At most so many calls, and bytes of their inputs, are timed together."""
WARM_NS = 1_000_000
TURNS, TURNS_BELOW_NS = 4, 10_000_000
"""So many pairs in turn are one, where the original takes less than that."""
SCALE_STEP = 0.2
FEWEST_LOOKED_AT, MORE_FOR_EACH, MOST_NEAR, FAR = 12, 3, 3, 0.9
"""Pairs of the first look at time, and how many more for each that has this share of the needed gain."""
CLEAR, CLEARLY_FAR = 6, 0.6
"""Pairs that are enough where each of them has no more than this share."""
FEW_HEAVY = 40
"""Of so few inputs, each of which is heavy, all are timed: no share of them is asked for."""
MOST_ALONE = 8
"""Of so many calls that show the variation's tail, the original is timed beside one at least."""
MEMORY_PAIRS = 60
STRETCH_NS = 100_000_000
FEWEST_FOLLOWED, MOST_FOLLOWED = 50, 1_000
"""Calls in their order make a pair: about so long for the original, and so many of them."""
TIME_PAIRS_FOR_MEMORY = 100


@dataclass(slots=True)
class Timed:
    """The verdict on time with the numbers behind it."""

    faster: Faster
    reason: str
    comparison: Comparison = field(default_factory=Comparison)

    @property
    def speedup(self) -> Effect | None:
        """Original over variation; None where no pair was timed."""
        return Effect.of(self.comparison.ratios) if self.comparison.ratios else None


class Clock:
    """Times pairs of one bench on inputs drawn with replacement, so that pairs are independent.

    ``sides`` may be the same one twice: what is seen then is noise.
    """

    def __init__(
        self, bench: Bench, kept: Sequence[tuple[Input, int]], sides: tuple[Name, Name] = NAMES
    ) -> None:
        self._bench = bench
        self._kept = kept
        self._sides = sides
        self._rng = random.Random(f"{bench.request.content_hash}:pairs")
        self._scale = 1.0

    def draw(self) -> tuple[Input, int]:
        """One of the inputs, with what it took the original."""
        return self._rng.choice(self._kept)

    def pair(self, which: Input, ns: int) -> tuple[float, float]:
        """Nanoseconds a call of both sides on one input."""
        (found,) = self._in_turn(which, ns, 1)
        return found

    def turns(self, which: Input, ns: int) -> list[tuple[float, float]]:
        """Pairs on one input that are one of the comparison's: several, in the order AB BA, of a lighter one.

        What lasts over them weighs on neither side.
        """
        return self._in_turn(which, ns, TURNS if ns < TURNS_BELOW_NS else 1)

    def _in_turn(self, which: Input, ns: int, times: int) -> list[tuple[float, float]]:
        turned = self._rng.random() < 0.5
        turns = [turned ^ bool(number % 2) for number in range(times)]
        order = [side for back in turns for side in (self._sides[::-1] if back else self._sides)]
        (spent,) = self._spent(self._rng.choice(NAMES), [(which, ns)], order)
        both = zip(spent[::2], spent[1::2], strict=True)
        found = [(b, a) if back else (a, b) for back, (a, b) in zip(turns, both, strict=True)]
        self._scale += SCALE_STEP * (min(min(map(min, found)) / max(ns, 1), 1.0) - self._scale)
        return found

    def alone(self, count: int) -> list[tuple[float, Callable[[], float]]]:
        """Nanoseconds a call of the second side on inputs, each with what tells those of the first there."""
        place, inputs = self._rng.choice(NAMES), self._rng.choices(self._kept, k=count)
        first, second = self._sides

        def told(which: Input, ns: int) -> float:
            return self._spent(place, [(which, ns)], (first,))[0][0]

        spent = self._spent(place, inputs, (second,))
        return [
            (nanoseconds, partial(told, *one))
            for (nanoseconds,), one in zip(spent, inputs, strict=True)
        ]

    def _spent(
        self, place: Name, inputs: Sequence[tuple[Input, int]], order: Sequence[Name]
    ) -> list[list[float]]:
        """Nanoseconds a call of the sides in ``order``, for each input."""
        timed = [(which, self._batch(which, ns), ns < WARM_NS) for which, ns in inputs]
        each_s = 1.0 + 20 * max(ns for _, ns in inputs) / 1e9
        found = self._bench.time_all(place, timed, order, each_s)
        calls = (calls for _, calls, _ in timed)
        return [[ns / of for ns in spent] for spent, of in zip(found, calls, strict=True)]

    def _batch(self, which: Input, ns: int) -> int:
        """How many calls to time together: what a call took alone has the clock's own cost in it.

        It follows from pairs before this one alone, so that looking after each pair stays valid.
        """
        cost = ns * self._scale
        if cost >= SHORT_NS:
            return 1
        fitting = BATCH_BYTES // max(self._bench.size(which), 1)
        return max(1, min(LARGEST_BATCH, fitting, int(BATCH_NS / max(cost, 1.0))))


def typical(turns: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """What each side takes: its median over pairs in turn, which one that was disturbed leaves as it is."""
    first, second = map(statistics.median, zip(*turns, strict=True))
    return first, second


def time_sides(
    bench: Bench, kept: Sequence[tuple[Input, int]], deadline: float, most: int = 800
) -> Timed:
    """Pairs until the sign e-process decides, then calls until the tail gate does. Raises WorkerLost."""
    request = bench.request
    clock = Clock(bench, kept)
    comparison, tail = Comparison(request.margin, request.alpha, most=most), TailTest()
    dominance = Dominance[Input]()
    while comparison.decision == "undecided" and not comparison.exhausted and remaining(deadline):
        which, ns = clock.draw()
        turns = clock.turns(which, ns)
        comparison.add(*typical(turns))
        tail.add(*turns[0])  # a second call on the same input says nothing that the first did not
        for turn in turns:
            dominance.add(which, *turn)
    margin = f"{request.margin:.0%}"
    if comparison.decision == "not faster":
        return Timed("not faster", f"the median gain is not above {margin}", comparison)
    if comparison.decision == "undecided":
        told = f"{len(comparison.ratios)} pairs do not show a gain above {margin}"
        return Timed("inconclusive", told, comparison)
    if _all_faster(clock, kept, dominance, deadline):
        told = f"the median gain is above {margin}, and no call on its {len(kept)} inputs is slower"
        return Timed("faster", told, comparison)
    # Where much is gained, most of the time would go to the original.
    every = min(MOST_ALONE, int(statistics.median(comparison.ratios)))
    while not (tail.passes or tail.lost) and remaining(deadline):
        for one in clock.alone(every - 1) if tail.known and every > 1 else ():
            tail.add_alone(*one)
        tail.add(*clock.pair(*clock.draw()))
    if not tail.passes:
        return Timed(*_worse_tail(tail), comparison)
    return Timed("faster", f"the median gain is above {margin}, with no worse tail", comparison)


def _all_faster(
    clock: Clock, kept: Sequence[tuple[Input, int]], dominance: Dominance[Input], deadline: float
) -> bool:
    """Whether the inputs are few and heavy, and each call of the variation is faster. Raises WorkerLost.

    The tail of what users wait for is that of the inputs; a hundred pairs would repeat what a few say.
    """
    if len(kept) > FEW_HEAVY or min(ns for _, ns in kept) < HEAVY_NS:
        return False
    spent = dict(kept)
    for which in dominance.missing(spent):
        if dominance.lost or not remaining(deadline):
            return False
        dominance.add(which, *clock.pair(which, spent[which]))
    return not dominance.lost


def hopeless(bench: Bench, kept: Sequence[tuple[Input, int]], deadline: float) -> str:
    """That the gain is far from what is needed, by some pairs; "" where it may be there. Raises WorkerLost.

    Such a variation need not be compared on more inputs. One whose median gain is there is taken for one
    that is not with a chance below 1 in 300. No pair is evidence for a variation, and none is used again.
    """
    needed = bench.request.to_beat or 1.0
    clock = Clock(bench, kept)
    ratios: list[float] = []
    near = 0
    while len(ratios) < FEWEST_LOOKED_AT + MORE_FOR_EACH * near:
        try:
            original, variation = clock.pair(*clock.draw())
        except WorkerFailed:  # on an input that was not compared yet: comparing says why
            return ""
        ratios.append(original / max(variation, 1e-9))
        near += ratios[-1] >= FAR * needed
        if near > MOST_NEAR or not remaining(deadline):
            return ""
        if len(ratios) >= CLEAR and max(ratios) <= CLEARLY_FAR * needed:
            break
    told = f"{statistics.median(ratios):.2f} times as fast at a first look, {len(ratios)} pairs"
    return told if needed <= 1.0 else f"{told}, where another is {needed:.1f} times as fast"


def time_calls(bench: Bench, deadline: float) -> tuple[Timed, Kept | None]:
    """The calls in the order in which they came, each side from its first to its last. Raises WorkerLost.

    For a variation that keeps results between calls: one pair is a stretch of the calls, with what
    repeats in it, and nothing kept when it begins.
    """
    request = bench.request
    live = list(dict(request.captured).values())
    stretches = _stretches(request.sequence, live)
    rng = random.Random(f"{request.content_hash}:calls")
    comparison = Comparison(request.margin, request.alpha)
    kept: Kept | None = None

    def follow(numbers: Sequence[int], each: bool) -> tuple[list[int], list[int]]:
        nonlocal kept
        order = NAMES[::-1] if rng.random() < 0.5 else NAMES
        place, longest_s = rng.choice(NAMES), _longest_s(numbers, live)
        spent, missed, held = bench.follow(place, numbers, order, each, longest_s)
        if held and (kept is None or len(numbers) > kept.calls):
            kept = Kept(len(numbers), len(numbers) - missed, *held[0])
        by_side = dict(zip(order, spent, strict=True))
        return by_side["original"], by_side["variation"]

    while comparison.decision == "undecided" and not comparison.exhausted and remaining(deadline):
        original, variation = follow(rng.choice(stretches), each=False)
        comparison.add(float(sum(original)), float(sum(variation)))
    if comparison.decision == "not faster":
        told = f"the calls as they came gain no more than {request.margin:.0%}"
        return Timed("not faster", told, comparison), kept
    if comparison.decision == "undecided":
        told = f"{len(comparison.ratios)} passes show no gain above {request.margin:.0%}"
        return Timed("inconclusive", told, comparison), kept
    tail = TailTest()
    while not (tail.passes or tail.lost) and remaining(deadline):
        for pair in zip(*follow(rng.choice(stretches), each=True), strict=True):
            tail.add(*map(float, pair))
    if not tail.passes:
        return Timed(*_worse_tail(tail), comparison), kept
    told = f"the calls as they came gain more than {request.margin:.0%}, with no worse tail"
    return Timed("faster", told, comparison), kept


def keeps_nothing(bench: Bench) -> str:
    """That none of the calls as they came finds a result that was kept; "" where one does. Raises WorkerLost.

    Their arguments have no key, say, or what they return cannot be kept.
    """
    live = list(dict(bench.request.captured).values())
    calls = _stretches(bench.request.sequence, live)[0]
    _, missed, _ = bench.follow("variation", calls, NAMES, False, _longest_s(calls, live))
    return f"none of {len(calls)} calls found a kept result" if missed >= len(calls) else ""


def _longest_s(numbers: Sequence[int], live: Sequence[int]) -> float:
    """Seconds after which calls are taken to hang."""
    return sum(2 + 20 * live[number] / 1e9 for number in set(numbers)) + 1.0


def _stretches(sequence: Sequence[int], live: Sequence[int]) -> list[Sequence[int]]:
    """Parts of the sequence that take the original about as long as one pair may."""
    parts: list[Sequence[int]] = []
    begin = spent = 0
    for place, number in enumerate(sequence):
        spent += live[number]
        length = place + 1 - begin
        if length >= MOST_FOLLOWED or (spent >= STRETCH_NS and length >= FEWEST_FOLLOWED):
            parts.append(sequence[begin : place + 1])
            begin, spent = place + 1, 0
    rest = sequence[begin:]
    if not parts or len(rest) >= FEWEST_FOLLOWED:
        parts.append(rest)
    return parts


def _worse_tail(tail: TailTest) -> tuple[Faster, str]:
    if tail.lost:
        return "not faster", tail.told
    return "inconclusive", f"no time was left to look at slow calls: {tail.told}"


@dataclass(slots=True)
class Weighed:
    """The verdict on memory, and original over variation in peak bytes."""

    leaner: Leaner
    reason: str
    effect: Effect | None


def weigh_sides(bench: Bench, kept: Sequence[tuple[Input, int]], deadline: float) -> Weighed:
    """Peak bytes of one call by memray, pair by pair. Raises WorkerLost or WorkerFailed."""
    request = bench.request
    rng = random.Random(f"{request.content_hash}:memory")
    comparison = Comparison(request.margin, request.alpha, most=MEMORY_PAIRS)
    while comparison.decision == "undecided" and not comparison.exhausted and remaining(deadline):
        which, ns = rng.choice(kept)
        # Tracing every allocation makes a call many times slower.
        peaks = {name: bench.memory(name, which, 5.0 + 200 * ns / 1e9) for name in NAMES}
        original, variation = peaks["original"].peak_bytes, peaks["variation"].peak_bytes
        comparison.add(float(original), float(variation))
    effect = Effect.of(comparison.ratios) if comparison.ratios else None
    if comparison.decision == "faster":
        return Weighed("leaner", "the median peak is lower", effect)
    if comparison.decision == "not faster":
        return Weighed("not leaner", "the median peak is not lower", effect)
    return Weighed("inconclusive", "too few pairs show a lower peak", effect)
