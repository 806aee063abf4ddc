"""Makes calls for a function that nobody was seen calling; runs in a worker, in the sandbox.

Ways to make each parameter come from annotations, defaults, operations and names (`candidates`),
values from `makers`, whole calls from the doctests of the module. Then the function is called: a
combination that it rejects by accident (a TypeError or AttributeError that nobody wrote) loses
weight, one that takes it along new ways is kept. What is left are payloads like captured ones.
"""

import random
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from selfsame.runtime.agent.codes import parameters
from selfsame.runtime.shadow.amplify import Amplifier
from selfsame.runtime.shadow.atoms import CannotMake
from selfsame.runtime.shadow.candidates import Candidate, Parameters, draw
from selfsame.runtime.shadow.coverage import Coverage, Places
from selfsame.runtime.shadow.deadline import OutOfTime
from selfsame.runtime.shadow.examples import Enough, docstrings, recording, run_doctest
from selfsame.runtime.shadow.inputs import Call, Refused
from selfsame.runtime.shadow.outcome import Outcome
from selfsame.runtime.shadow.payloads import MOST_BYTES, dump, live_globals
from selfsame.runtime.shadow.reach import Span
from selfsame.runtime.shadow.vocabulary import Vocabulary

RAISING = 0.2
"""The share of kept calls that may raise without showing anything new."""
EXAMPLES = 60
AGAIN = 0.25
"""The share of calls with arguments of another, where the module keeps something between calls."""
ATTEMPT_S, TRACED_S = 0.05, 1.0
"""CPU seconds for one call, and for one of which every instruction is traced."""
IDLE, IDLE_S = 500, 2.0
"""So many tries, or seconds, without anything new: there is little more to find."""
MAKING_S = 0.2
"""CPU seconds for the arguments of one call: classes of the user's are called for them."""


@dataclass(slots=True)
class Invented:
    """Payloads, whether more different ones could not be found, and why there are none."""

    payloads: list[bytes] = field(default_factory=list)
    exhausted: bool = False
    reason: str = ""
    examples: int = 0
    steps: int = 0
    labels: tuple[str, ...] = ()


Try = Callable[[bytes, str, float], Outcome]


class Inventor:
    """For one function in a worker. ``attempt`` makes a call and says how it ended."""

    def __init__(
        self,
        function: types.FunctionType,
        module: types.ModuleType,
        seed: str,
        words: Vocabulary,
        files: frozenset[str],
        attempt: Try,
        guard: Callable[[float], AbstractContextManager[object]],
    ) -> None:
        self._function = function
        self._module = module
        self._seed = seed
        self._attempt = attempt
        self._guard = guard
        self._constants = words.constants
        self._ways = Parameters(function, module, words)
        self._globals = live_globals(function, module)
        self._states = self._ways.states(self._globals)
        self._coverage = Coverage(files)
        self.side = "original"
        self._refused: Counter[str] = Counter()

    def invent(self, count: int, seconds: float) -> Invented:
        """Up to ``count`` different payloads that the function takes."""
        end = time.monotonic() + seconds
        found = Invented()
        kept: dict[bytes, None] = {}
        for payload in self._recorded(min(seconds / 2, 3.0)):
            self._judge(payload, kept, found, always=True)
        found.examples = len(kept)
        names = parameters(self._function.__code__)
        candidates = [self._ways.candidates(i, name) for i, name in enumerate(names)]
        missing = [name for name, c in zip(names, candidates, strict=True) if not c]
        if missing:
            found.reason = f"nothing says what {missing[0]!r} may be: annotate it"
        else:
            self._search(candidates, count, end, kept, found)
        found.payloads = list(kept)
        found.steps = len(self._coverage.seen)
        found.labels = tuple(max(c, key=lambda k: k.weight).label for c in candidates if c)
        commonest = max(self._refused, key=self._refused.__getitem__, default="")
        if not kept and not found.reason:
            found.reason = _why(names, commonest)
        elif kept:
            found.reason = commonest
        return found

    def explore(self, payloads: Sequence[bytes], seconds: float, most: int) -> Invented:
        """Mutations of payloads that take new ways through the code, to be mutated in turn.

        Exhausted where `IDLE` of them one after the other took no new way.
        """
        end = time.monotonic() + seconds
        corpus = sorted(payloads, key=len)  # what the small ones reach need not be traced again
        kept: dict[bytes, None] = {}
        found = Invented()
        for payload in corpus[:200]:
            if time.monotonic() > end - seconds / 2:
                break
            self._judge(payload, {}, found, always=True)
        number = last = 0
        while time.monotonic() < end and len(kept) < most and number - last < IDLE:
            amplifier = Amplifier(f"{self._seed}:explore", corpus, self._constants, near=False)
            for _ in range(100):
                number += 1
                try:
                    call = amplifier.make(number)
                    payload = dump(call.parameters, call.globals, call.partly)
                except Exception:  # a mutation that cannot be pickled is not kept
                    continue
                if time.monotonic() > end:
                    break
                if self._judge(payload, kept, found, always=False):
                    corpus.append(payload)
                    last = number
        found.payloads = list(kept)
        found.exhausted = number - last >= IDLE
        return found

    def reaching(
        self,
        wanted: set[Span],
        codes: Sequence[types.CodeType],
        tries: Iterable[tuple[int, bytes]],
        end: float,
        seeds: list[bytes],
    ) -> tuple[set[Span], dict[Span, int]]:
        """Which of these places no call among numbered ``tries`` reached that says anything.

        And the places that were reached, each with the number of the first call that did. Inputs
        that say nothing of the original are not compared, and reach nothing of the variation.
        What reached any place for the first time is added to ``seeds``, for ``tries`` to go on from.
        """
        places = Places(codes)
        left = set(wanted)
        reached: dict[Span, int] = {}
        for number, payload in tries:
            if not left or time.monotonic() > end:
                break
            with places.recording():
                outcome = self._attempt(payload, self.side, TRACED_S)
            if not usable(outcome):
                continue
            new = self.side != "original" and left.intersection(places.last)
            if new and not usable(self._attempt(payload, "original", TRACED_S)):
                continue
            left -= places.last
            if not places.last <= reached.keys():
                seeds.append(payload)
            reached = dict.fromkeys(places.last, number) | reached
        return left, reached

    def coming(self, payload: bytes, places: Places) -> set[Span]:
        """Which places a call with a payload comes to; none where it says nothing."""
        with places.recording():
            outcome = self._attempt(payload, self.side, TRACED_S)
        return places.last if usable(outcome) else set()

    def noticing(
        self,
        change: Callable[[], object],
        undo: Callable[[], object],
        tries: Iterable[bytes],
        end: float,
    ) -> bytes | None:
        """A call among ``tries`` that tells the original from itself as ``change`` leaves it; None for none.

        It is looked for until ``end`` on the clock of this process's CPU time.
        """
        for payload in tries:
            if time.process_time() > end:
                return None
            before = self._attempt(payload, "original", ATTEMPT_S)
            if not usable(before):
                continue
            change()
            after = self._attempt(payload, "original", ATTEMPT_S)
            undo()
            if told(after) == told(before):
                continue
            if told(self._attempt(payload, "original", ATTEMPT_S)) == told(before):
                return payload
        return None

    # calls that are made already

    def _recorded(self, seconds: float) -> list[bytes]:
        end = time.monotonic() + seconds
        found: dict[bytes, None] = {}

        def record(parameters: tuple[Any, ...]) -> None:
            try:
                found.setdefault(dump(parameters, self._globals))
            except Exception:  # what cannot be pickled cannot be an input
                pass
            if len(found) >= EXAMPLES or time.monotonic() > end:
                raise Enough

        for text in docstrings(self._function, self._module):
            if time.monotonic() > end or len(found) >= EXAMPLES:
                break
            try:
                with recording(self._function.__code__, record), self._guard(seconds):
                    run_doctest(text, vars(self._module))
            except BaseException:  # Enough, or an example that ends the interpreter
                continue
        for payload in found:
            self._ways.examples.append(Call.of(payload).parameters)
        return list(found)

    # the search

    def _search(
        self,
        candidates: list[list[Candidate]],
        count: int,
        end: float,
        kept: dict[bytes, None],
        found: Invented,
    ) -> None:
        rng = random.Random(self._seed)
        tries = idle = raised = 0
        latest = time.monotonic()
        widened = False
        while len(kept) < count and time.monotonic() < end and tries < 40 * count:
            tries += 1
            if kept and time.monotonic() > latest + IDLE_S:  # most take too long
                found.exhausted = True
                return
            # The same arguments in another state: what is kept of one must not be given for both.
            again = bool(kept) and self._states.varied and rng.random() < AGAIN
            chosen = [] if again else [draw(c, rng, tries < 4) for c in candidates]
            for candidate in chosen:
                candidate.tried += 1
            try:
                with self._guard(MAKING_S):
                    row = tuple(candidate.make(rng) for candidate in chosen)
                    if again:
                        row = Call.of(rng.choice(list(kept))).parameters
                    payload = dump(*self._states.draw(row, rng, again))
            except (Exception, SystemExit, OutOfTime) as error:  # what the user's constructor does
                self._refused[_made_nothing(error)] += 1
                continue
            if payload in kept:
                idle += 1
                if idle > 30 * len(kept) + 200:
                    found.exhausted = True
                    return
                continue
            outcome, fresh = self._run(payload)
            self._ways.learn(bool(fresh) and usable(outcome))
            if not usable(outcome):
                self._refused[_why_not(outcome)] += 1
                if tries == 400 and not kept and not widened:
                    widened = True
                    self._ways.widen(candidates)
                continue
            for candidate in chosen:
                candidate.taken += 1
            if outcome.ended == "raised" and not fresh:
                if raised > RAISING * (len(kept) + 5):
                    continue
                raised += 1
            kept[payload] = None
            latest = time.monotonic()

    def _judge(
        self, payload: bytes, kept: dict[bytes, None], found: Invented, always: bool
    ) -> bool:
        """Call; keep the payload where the call is usable, and new or ``always`` wanted."""
        if payload in kept or len(payload) > MOST_BYTES:
            return False
        outcome, fresh = self._run(payload)
        if not usable(outcome):
            self._refused[_why_not(outcome)] += 1
            return False
        if fresh or always:
            kept[payload] = None
        return bool(fresh)

    def _run(self, payload: bytes) -> tuple[Outcome, int]:
        with self._coverage.recording():
            outcome = self._attempt(payload, self.side, ATTEMPT_S)
        return outcome, self._coverage.new()


def told(outcome: Outcome) -> tuple[object, ...]:
    """What tells two outcomes apart."""
    return outcome.ended, outcome.parts, outcome.floats, outcome.flags


def usable(outcome: Outcome) -> bool:
    """Whether a call says anything: it ended, touched nothing, and was not merely mistyped."""
    if outcome.flags or outcome.ended not in ("returned", "raised"):
        return False
    return not outcome.mistyped


def _why_not(outcome: Outcome) -> str:
    if outcome.flags:
        return f"a call {outcome.flags[0]}"
    if outcome.mistyped:
        return f"it raises {outcome.raised.removeprefix('builtins.')}"
    return outcome.reason or "calls take too long"


def _made_nothing(error: BaseException) -> str:
    if isinstance(error, OutOfTime):
        return "what makes its arguments does not come to an end"
    if isinstance(error, CannotMake):
        return f"no {error} could be made"
    if isinstance(error, Refused):
        return str(error)
    return f"what was made cannot be copied ({type(error).__name__})"


def _why(names: tuple[str, ...], last: str) -> str:
    told = f" ({last})" if last else ""
    return (
        f"no call was found that the function takes{told}: annotate {', '.join(names)}, "
        "add a doctest example, or give a workload"
    )
