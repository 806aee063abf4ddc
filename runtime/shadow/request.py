"""What a trial is asked, and what it answers."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from selfsame.runtime.shadow.loading import Home, Key, Target
from selfsame.runtime.shadow.outcome import EXACT, Tolerance
from selfsame.runtime.shadow.reach import Span
from selfsame.runtime.shadow.statistics import Effect
from selfsame.variants.variation import Constant


@dataclass(frozen=True, slots=True)
class Reach:
    """Places of one side: those that the other has no like of, and which input reached which place.

    ``missed`` are those among them that no input reached; ``made`` the inputs made to reach some;
    ``unvaried`` the lines of those that read what is the same for all inputs.
    """

    wanted: frozenset[Span]
    missed: frozenset[Span]
    reached: Mapping[Span, bytes]
    made: tuple[bytes, ...]
    unvaried: frozenset[int] = frozenset()

    def without(self, payload: bytes) -> "Reach":
        """The same where an input that was made decided nothing after all."""
        lost = {place for place, by in self.reached.items() if by == payload}
        return dataclasses.replace(
            self,
            missed=self.missed | (lost & self.wanted),
            reached={place: by for place, by in self.reached.items() if place not in lost},
            made=tuple(other for other in self.made if other != payload),
        )


@dataclass
class Corpus:
    """Calls made for one node, kept in memory for the next variation of it.

    ``explored``: a search for new ways through the original was gone on with until there were none.
    ``known`` are places of the original with the payload that reaches each, ``given_up`` those that
    none did when it was looked for.
    """

    payloads: list[bytes] = field(default_factory=list)
    ready: bool = False
    exhausted: bool = False
    steps: int = 0
    hindrance: str = ""
    explored: bool = False
    known: dict[Span, bytes] = field(default_factory=dict)
    given_up: set[Span] = field(default_factory=set)

    def learn(self, found: Reach) -> None:
        """Remember places of the original, and inputs that reach them."""
        self.payloads += found.made
        own = set(self.payloads)
        self.known |= {place: by for place, by in found.reached.items() if by in own}
        self.given_up = (self.given_up | found.missed) - self.known.keys()


TRADE = 0.8
"""A leaner variation may be this much of the original's speed, and no less."""
CURE = 0.5
"""The same of one that raises less often: checks take time. Bounds on time hold all the same."""
WORSE = 0.95
"""Of two aims, the one that is not the gain may be this much of the original's."""
FEWEST_CURED = 3


def _worse(effect: Effect | None) -> bool:
    """Whether one of two aims suffers; what was not measured may."""
    return effect is None or effect.low < WORSE


Same = Literal["same", "different", "inconclusive"]
Faster = Literal["faster", "not faster", "inconclusive"]
Leaner = Literal["leaner", "not leaner", "inconclusive"]
Objective = Literal["time", "memory", "both", "errors"]
"""What a variation must be better at. ``both``: at time or memory, and at neither worse."""
OnEvent = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class TrialRequest:
    """One original against one variation.

    ``module``, ``path``, ``is_main``, ``sys_path``, ``cwd`` and ``optimize`` are the program's;
    ``key`` and ``address`` name the node. The variation is ``code`` (marshalled, with
    ``constants`` for its placeholders) or ``other`` (another function, for `selfsame trial`).
    ``captured`` are payloads of the agent's capture with the nanoseconds that the call took.

    ``margin`` is the least gain worth having and ``alpha`` the level of the tests; fewer than
    ``min_calls`` distinct captured calls are inconclusive; ``amplified`` inputs are made from them,
    with neighbouring types if ``near``. ``budget_s`` is wall time for the whole trial.

    ``corpus`` is filled by the first trial of a node, and used by those that follow.

    ``invented`` calls are made up where too few were captured. ``typed``: made inputs that the
    original rejects by accident (`Outcome.mistyped`) decide nothing. ``lazily``: what
    iterators give is compared, up to a limit. ``reached``: lines in which the two differ must have
    been reached by some input, else nothing is known of them. Without ``timed`` only sameness is
    judged. With ``weighed`` memory is compared too where time is the objective: it may be bounded.
    ``promised`` is the speed-up of an earlier trial, for `selfsame.runtime.shadow.comparison`.
    ``to_beat``: the gain below which a variation is of no use, as another one has that already: what is
    far from it at a first look is compared no further. None where sameness is asked for as well.
    ``sequence``: of a variation that keeps results between calls, the calls as they came, as places
    among the distinct ones of ``captured``; time is then that of all of them, one after the other.
    ``outermost``: places among the distinct ones of ``captured`` of calls that were not made inside another
    call of the function: where there are any, they alone are timed, as most calls of a recursive function
    are short and part of longer ones. What is compared is all.
    ``outside``: the outside functions that the original calls, with the global's name and attribute by
    which it does: both sides are given what they gave (`selfsame.runtime.shadow.replay`). ``outgoing``:
    what they print and log is compared (`selfsame.runtime.shadow.outgoing`); else printing is an effect.
    ``watched``: the facts do not tell what calls leave behind, so it is looked for, after each of them, in
    all that the program's modules hold (`selfsame.runtime.shadow.surroundings`).
    ``beside``: the program's other modules that calls hold something of; the node's own need not import them.
    """

    module: str
    path: str
    key: Key
    address: str
    content_hash: str
    captured: Sequence[tuple[bytes, int]]
    code: bytes = b""
    constants: tuple[Constant, ...] = ()
    other: Target | None = None
    is_main: bool = False
    from_file: bool = False
    sys_path: Sequence[str] = ()
    cwd: str = ""
    optimize: int = 0
    margin: float = 0.05
    alpha: float = 0.01
    min_calls: int = 50
    amplified: int = 300
    near: bool = True
    tolerance: Tolerance = EXACT
    budget_s: float = 20.0
    memory_bytes: int = 1 << 30
    invented: int = 0
    lazily: bool = False
    timed: bool = True
    typed: bool = False
    reached: bool = False
    corpus: Corpus = field(default_factory=Corpus, compare=False)
    weighed: bool = False
    promised: float = 1.0
    to_beat: float | None = None
    objective: Objective = "time"
    sequence: Sequence[int] = ()
    outermost: frozenset[int] = frozenset()
    outside: tuple[tuple[str, str, str], ...] = ()
    outgoing: bool = False
    watched: bool = False
    beside: tuple[Home, ...] = ()

    @property
    def target(self) -> Target:
        """Where the original is."""
        key = Key(*self.key)
        return Target(
            self.module, self.path, self.is_main, self.from_file, key=key, address=self.address
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """What a variation that keeps results between calls did with the calls that were seen.

    Of ``calls`` in their order, ``answered`` came from what was kept: ``results``, ``bytes`` in all.
    It may hold ``most_bytes``.
    """

    calls: int
    answered: int
    results: int
    bytes: int
    most_bytes: int

    @property
    def told(self) -> str:
        """In words."""
        return (
            f"memoised: {self.answered:,} of {self.calls:,} observed calls had come before; "
            f"{self.results:,} results in {self.bytes:,} bytes, at most {self.most_bytes:,}"
        )


@dataclass(frozen=True)
class Trial:
    """What a trial found. No value of the program's is in it, only types, sizes and numbers.

    ``refused`` is why the *node* cannot be shadowed at all ("" where it can): no variation of it
    will do better. ``speedup`` and ``memory`` are original over variation. ``deopts`` is the share
    of captured calls on which the variation fell back to the original. ``raised`` are the
    exceptions of the original in captured calls that decided nothing for that, by name, and
    ``raised_after`` those of the variation in the same calls. ``kept``: of a memoised function. ``notes`` say
    what was done and is no evidence, or was not done and why.
    """

    address: str
    same: Same
    faster: Faster
    reason: str
    leaner: Leaner = "inconclusive"
    objective: str = "time"
    speedup: Effect | None = None
    memory: Effect | None = None
    pairs: int = 0
    captured: int = 0
    amplified: int = 0
    left_out: int = 0
    invented: int = 0
    steps: int = 0
    deopts: float = 0.0
    counterexample: str = ""
    refused: str = ""
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    layers: tuple[str, ...] = field(default=())
    raised: Mapping[str, int] = field(default_factory=dict)
    raised_after: Mapping[str, int] = field(default_factory=dict)
    kept: Kept | None = None

    @property
    def promotable(self) -> bool:
        """Whether the variation is the same and significantly better at the objective."""
        return self.same == "same" and self._better()

    def _better(self) -> bool:
        faster, leaner = self.faster == "faster", self.leaner == "leaner"
        match self.objective:
            case "memory":
                return leaner
            case "both":
                return (faster and not _worse(self.memory)) or (leaner and not _worse(self.speedup))
            case "errors":
                affordable = self.speedup is not None and self.speedup.median >= CURE
                return self.cured >= FEWEST_CURED and affordable
        return faster

    @property
    def cured(self) -> int:
        """In how many captured calls fewer the variation raised."""
        return sum(self.raised.values()) - sum(self.raised_after.values())

    @property
    def gain(self) -> float:
        """How much better at the objective: original over variation; 1.0 where it is not known."""
        faster = self.speedup.median if self.speedup is not None else 1.0
        leaner = self.memory.median if self.memory is not None else 1.0
        match self.objective:
            case "memory":
                return leaner
            case "both":
                return faster * leaner
            case "errors":
                return (1 + sum(self.raised.values())) / (1 + sum(self.raised_after.values()))
        return faster

    def as_json(self) -> dict[str, Any]:
        """The trial as plain dicts, lists, strings and numbers."""
        return dataclasses.asdict(self) | {"promotable": self.promotable}
