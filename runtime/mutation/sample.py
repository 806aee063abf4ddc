"""How many calls a trial stands on: when enough was captured, and what makes up for few different ones.

Many programs call a function again and again with the same arguments, or a heavy one only a few times.
All the calls that were seen are replayed then, and as many inputs must agree that nobody passed:
invented by the types, and made from those that were captured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

CAPTURED = 200
FEWEST_CAPTURED = 50
FEWEST_DECLARED = 100
AMPLIFIED = 300
INVENTED = 150
"""Made inputs that must agree where fewer than `FEWEST_CAPTURED` different calls were seen."""
COMPARABLE = 0.8
"""Of few calls, the share that must be comparable: some take too long, or disagree with themselves."""
SPARE = 10
"""Of so many calls that CDL asks for, one more is captured: some cannot be compared."""
ENOUGH_S, WAIT_S, HEAVY_S, PATIENCE_S = 2.0, 3.0, 6.0, 40.0
"""When fewer will do: 100, 50 and 20 different calls, and in the end however many there are."""
EARLY_S, SOON_S = 1.0, 4.0
"""When it can be told how fast calls come, and how long is worth waiting for those of a node."""
SEEN = 20
REFUSED = 20
"""Calls that show that none can be captured: to ask for more costs the program time."""
LONG_S, LONG_CALL_S, FEW_LONG = 3.0, 0.05, 4
"""After so long, so few calls of a function do where each takes so long: more would not come soon."""
REPEATED = 2
"""Calls that show that there are few different ones: so many, so often each."""

FEWEST_IN_ORDER = 40
"""Of fewer calls nothing is said of how many repeat earlier ones."""

Standing = Literal["ready", "waiting", "too few"]


@dataclass(frozen=True, slots=True)
class Sample:
    """``have`` different calls of ``seen``, after ``age_s`` seconds; CDL may ask for ``asked``.

    ``alone``: no program is left that could make more. ``refused`` calls could not be captured.
    ``took_s`` is what the calls seen took together.
    """

    have: int
    seen: int
    age_s: float
    alone: bool
    asked: int | None = None
    refused: int = 0
    took_s: float = 0.0

    @property
    def least(self) -> int:
        """How many different calls are enough in any case."""
        return self.asked or FEWEST_CAPTURED

    @property
    def wanted(self) -> int:
        """How many are asked for."""
        return max(CAPTURED, self.least + self.least // SPARE)

    @property
    def soon(self) -> bool:
        """Whether work can begin within about the time of a trial, if calls come as they did so far."""
        if self.age_s < EARLY_S:
            return True
        grown = 1 + SOON_S / self.age_s
        later = replace(
            self,
            have=int(self.have * grown),
            seen=int(self.seen * grown),
            age_s=self.age_s + SOON_S,
            took_s=self.took_s * grown,
        )
        return later.standing == "ready"

    @property
    def standing(self) -> Standing:
        """Whether work can begin on them."""
        have = self.have
        if have >= self.wanted or (
            have >= max(FEWEST_DECLARED, self.least) and self.age_s > ENOUGH_S
        ):
            return "ready"
        over = self.alone or self.age_s > PATIENCE_S
        if (over or self.age_s > WAIT_S) and have >= self.least:
            return "ready"
        if self.age_s > HEAVY_S and have >= SEEN and self.asked is None:
            return "ready"  # of a heavy one, more would take long
        repeated = self.age_s > ENOUGH_S and self.seen >= max(SEEN, REPEATED * have)
        long = (
            self.age_s > LONG_S and self.took_s >= LONG_CALL_S * self.seen >= LONG_CALL_S * FEW_LONG
        )
        if have and self.asked is None and (over or repeated or long):
            return "ready"
        hopeless = not have and self.refused >= REFUSED
        return "too few" if over or hopeless else "waiting"


def repeated(sequence: Sequence[int]) -> float | None:
    """The share of calls that have the arguments of an earlier one; None where too few are known."""
    if len(sequence) < FEWEST_IN_ORDER:
        return None
    return 1 - len(set(sequence)) / len(sequence)


@dataclass(frozen=True, slots=True)
class Demand:
    """What must agree in a trial: captured calls, and inputs that are invented and amplified."""

    min_calls: int
    invented: int
    amplified: int

    @property
    def typed(self) -> bool:
        """Whether inputs that the original rejects by accident decide nothing."""
        return self.invented > 0


def demand(have: int, named: bool, asked: int | None) -> Demand:
    """What a trial on ``have`` different calls asks for.

    Who ``named`` two algorithms accepts that they fail differently on inputs that the program never
    has; on those that it has, everything must be equal all the same.
    """
    least = asked or (FEWEST_DECLARED if named else FEWEST_CAPTURED)
    if have >= least or asked:
        return Demand(least, 0, 0 if named else AMPLIFIED)
    return Demand(max(1, int(have * COMPARABLE)), INVENTED, AMPLIFIED)
