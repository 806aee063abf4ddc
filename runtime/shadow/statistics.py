"""When a variation may be called faster: tests that stay valid however often one looks.

A trial times original and variation on the same input, in an order drawn at random, and adds one
pair after the other until the numbers decide. Looking again and again breaks ordinary tests, so
three things are used that do not break:

1. **Sign e-process** (`SignTest`). The null is "the median of original/variation is at most
   1 + margin": each pair is a win with probability at most 1/2, whatever came before. Betting
   against it with the likelihood ratio of every win rate p in (1/2, 1), weighted uniformly, gives a
   nonnegative supermartingale that starts at 1::

       E = 2^(n+1) * integral over p in (1/2, 1) of p^wins (1-p)^losses dp

   By Ville's inequality (Ville 1939) the chance that it *ever* reaches 1/alpha is at most alpha.
   That is the false-positive law: at most alpha of all trials at or below the margin are called
   faster, with a look after every pair and any rule for stopping. Betting as a way to test:
   Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting" (JRSS B, 2023).
2. **Confidence sequence** (`MeanSequence`) for the mean of the logarithm of original/variation,
   clipped to +-0.7: it must be above 0 as well, because a median says nothing of a slow half. The
   boundary is the normal mixture of Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform,
   nonparametric, nonasymptotic confidence sequences" (Annals of Statistics, 2021), with the
   sample's variance in it, so its level is asymptotic. It only ever takes promotions away.
3. **Tail gate** (`TailTest`): the share of the variation's calls above 1.2 times the original's 99th
   percentile must be shown to be under 2 %, at 95 %. That is a bet as well, against "at least 2 %",
   with half of the money on 0.2 % and the rest weighted uniformly over what is below 2 %. Where no
   call is in the tail it is won after 185 calls, and each one that is takes some 120 more.
   Of a few inputs that take long, `Dominance` on each of them says more, and sooner.
"""

import math
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

W = TypeVar("W", bound=Hashable)
Decision = Literal["faster", "not faster", "undecided"]

CLIP = 0.7
TAIL_FACTOR = 1.2
TAIL_SHARE = 0.02
TAIL_LEVEL = 0.05
TAIL_USUAL = 0.002
TAIL_KNOWN, TAIL_MOST = 20, 1000
"""Calls of the original before its 99th percentile is asked for, and pairs after which nothing is shown."""
TAIL_LOST = 100
"""After so many pairs, twice the share that may be in the tail is too much."""
HOPELESS_PAIRS, HOPELESS_SHARE = 100, 0.55


def log_e_value(wins: Any, losses: Any) -> Any:
    """Natural logarithm of the sign e-process; numbers or numpy arrays of counts.

    ``log_e_value(20, 0)`` is ``log(2**21 / 21)`` up to 1e-6, far above ``log(100)``.
    """
    from scipy import special  # half of what an engine would take to start

    s, f = wins + 1.0, losses + 1.0
    # 1 - I(s, f; 1/2) is I(f, s; 1/2), without the cancellation; it underflows only where E is ~0.
    upper = special.betainc(f, s, 0.5)
    # xlogy(1, x) is log(x) with -inf, and no warning, at 0.
    return (wins + losses + 1.0) * math.log(2.0) + special.betaln(s, f) + special.xlogy(1.0, upper)


@dataclass(slots=True)
class SignTest:
    """The sign e-process of one trial; ``margin`` is the least gain worth having (0.05 is 5 %)."""

    margin: float = 0.05
    alpha: float = 0.01
    wins: int = 0
    losses: int = 0

    def add(self, ratio: float) -> None:
        """One pair; ``ratio`` is original/variation in any unit. A tie is a loss."""
        if ratio > 1.0 + self.margin:
            self.wins += 1
        else:
            self.losses += 1

    @property
    def for_gain(self) -> bool:
        """Whether the evidence against "median gain <= margin" has reached 1/alpha."""
        return bool(log_e_value(self.wins, self.losses) >= -math.log(self.alpha))

    @property
    def against_gain(self) -> bool:
        """Whether the evidence against "median gain > margin" has reached 1/alpha."""
        return bool(log_e_value(self.losses, self.wins) >= -math.log(self.alpha))


@dataclass(slots=True)
class MeanSequence:
    """Running mean of the clipped logarithm of original/variation, with its confidence sequence."""

    alpha: float = 0.01
    n: int = 0
    mean: float = 0.0
    _squares: float = 0.0

    def add(self, ratio: float) -> None:
        """One pair; ``ratio`` is original/variation and positive."""
        x = min(CLIP, max(-CLIP, math.log(ratio)))
        self.n += 1
        delta = x - self.mean
        self.mean += delta / self.n
        self._squares += delta * (x - self.mean)

    @property
    def lower(self) -> float:
        """Lower end of the two-sided sequence at level alpha; -inf with fewer than two pairs."""
        if self.n < 2:
            return -math.inf
        variance = self._squares / (self.n - 1)
        return self.mean - math.sqrt(variance) * half_width(self.n, self.alpha)


def half_width(n: int, alpha: float, tuned_for: int = 50) -> float:
    """Half the width of the normal-mixture boundary at ``n``, in standard deviations.

    ``tuned_for`` is the number of pairs at which the boundary is about as tight as it can be.
    """
    spread = -2.0 * math.log(alpha)
    rho2 = (spread + math.log(spread + 1.0)) / tuned_for
    grown = n * rho2 + 1.0
    return math.sqrt(2.0 * grown / (n * n * rho2) * math.log(math.sqrt(grown) / alpha))


def log_tail_value(above: int, calls: int) -> float:
    """Natural logarithm of the bet against "at least 2 % of calls are in the tail".

    It is log(20) at 0 of 185 calls, 1 of 309, 2 of 428.
    """
    from scipy import special

    a, b = above + 1.0, calls - above + 1.0
    against = above * math.log(TAIL_SHARE) + (calls - above) * math.log1p(-TAIL_SHARE)
    usual = above * math.log(TAIL_USUAL) + (calls - above) * math.log1p(-TAIL_USUAL)
    below = float(special.betainc(a, b, TAIL_SHARE))
    spread = -math.inf  # where next to nothing is left of it
    if below > 0.0:
        spread = math.log(below) + float(special.betaln(a, b)) - math.log(TAIL_SHARE)
    return float(special.logsumexp([usual, spread])) - math.log(2.0) - against


@dataclass(slots=True)
class TailTest:
    """The tail gate of one trial, call by call of the variation; looking after each stays valid.

    The 99th percentile is that of the original's calls before it. A call that takes the original
    longer still makes no tail worse.
    """

    calls: int = 0
    above: int = 0
    _originals: list[float] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether enough calls of the original were seen to know its 99th percentile."""
        return len(self._originals) >= TAIL_KNOWN

    def add(self, original: float, variation: float) -> None:
        """One pair of costs in the same unit."""
        if self.known:
            self.add_alone(variation, lambda: original)
        insort(self._originals, original)

    def add_alone(self, variation: float, original: Callable[[], float]) -> None:
        """The variation's cost on an input; what the original costs there is asked only where it matters.

        It does not count for the percentile: it is known of the inputs alone that are dear.
        """
        limit = TAIL_FACTOR * percentile(self._originals, 0.99)
        self.calls += 1
        self.above += variation > limit and variation > original()

    @property
    def passes(self) -> bool:
        """Whether the share in the tail was shown to be small enough."""
        return log_tail_value(self.above, self.calls) >= -math.log(TAIL_LEVEL)

    @property
    def lost(self) -> bool:
        """Whether no more pairs are worth adding; stopping early never promotes."""
        many = self.calls >= TAIL_LOST and self.above > 2 * TAIL_SHARE * self.calls
        return many or self.calls >= TAIL_MOST

    @property
    def told(self) -> str:
        """What was seen, in words."""
        return f"{self.above} of {self.calls} calls are in the tail"


@dataclass(slots=True)
class Dominance(Generic[W]):
    """On each of some inputs, that the slowest call of the variation beats the fastest of the original."""

    times: int = 2
    _counts: Counter[W] = field(default_factory=Counter)
    _fastest: dict[W, float] = field(default_factory=dict)
    _slowest: dict[W, float] = field(default_factory=dict)

    def add(self, which: W, original: float, variation: float) -> None:
        """One pair of costs of an input, in the same unit."""
        self._counts[which] += 1
        self._fastest[which] = min(original, self._fastest.get(which, math.inf))
        self._slowest[which] = max(variation, self._slowest.get(which, 0.0))

    @property
    def lost(self) -> bool:
        """Whether it does not hold."""
        return any(slow >= self._fastest[which] for which, slow in self._slowest.items())

    def missing(self, inputs: Iterable[W]) -> list[W]:
        """Those that were not timed often enough, each as often as it is missing."""
        return [w for w in inputs for _ in range(self._counts[w], self.times)]


def percentile(ranked: Sequence[float], share: float) -> float:
    """The smallest of ``ranked`` values, in order, that at least ``share`` of them do not exceed."""
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]


@dataclass(frozen=True, slots=True)
class Effect:
    """Original over variation: 2.0 is twice as fast (or half the memory)."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ratios: Sequence[float], level: float = 0.95) -> "Effect":
        """The median and its order-statistic interval; needs at least one ratio.

        The interval describes the pairs that were timed. Promotion never rests on it.
        """
        from scipy import special

        ranked = sorted(ratios)
        n = len(ranked)
        cumulative = [float(special.bdtr(k, n, 0.5)) for k in range(n)]
        cut = max(0, bisect_left(cumulative, (1.0 - level) / 2.0) - 1)
        middle = (ranked[(n - 1) // 2] + ranked[n // 2]) / 2.0
        return cls(middle, ranked[cut], ranked[n - 1 - cut])


@dataclass(slots=True)
class Comparison:
    """All pairs of one trial, and what they say so far."""

    margin: float = 0.05
    alpha: float = 0.01
    least: int = 20
    most: int = 800
    ratios: list[float] = field(default_factory=list)
    sign: SignTest = field(init=False)
    mean: MeanSequence = field(init=False)

    def __post_init__(self) -> None:
        self.sign = SignTest(self.margin, self.alpha)
        self.mean = MeanSequence(self.alpha)

    def add(self, original: float, variation: float) -> None:
        """One pair of costs in the same unit; both are taken as at least 1."""
        ratio = max(original, 1.0) / max(variation, 1.0)
        self.ratios.append(ratio)
        self.sign.add(ratio)
        self.mean.add(ratio)

    @property
    def decision(self) -> Decision:
        """ "undecided" until 20 pairs; then whichever side has its evidence, if any."""
        if len(self.ratios) < self.least:
            return "undecided"
        if self.sign.for_gain and self.mean.lower > 0.0:
            return "faster"
        return "not faster" if self.sign.against_gain else "undecided"

    @property
    def exhausted(self) -> bool:
        """Whether no more pairs are worth adding: undecided keeps the original.

        Stopping early never promotes, so it costs no validity: where after `HOPELESS_PAIRS` hardly more
        than half show the gain, only a gain about as small as the margin could still be found.
        """
        count = len(self.ratios)
        hopeless = count >= HOPELESS_PAIRS and self.sign.wins < HOPELESS_SHARE * count
        return hopeless or count >= self.most
