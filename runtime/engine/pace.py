"""How much watching may cost a program, measured and kept: the pause between windows follows it.

What counts: the processor time of the agent (its thread and its looks), what probed calls took, and,
apart, the time in which calls were captured or looked at. Memory windows have a pace of their own.
"""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from selfsame.compiler.niceness import PROCESSORS
from selfsame.runtime.agent.capture import MOST_NS

BUDGET = 0.005  # of a process's own processor time, for windows and looks
LEAST_BUSY = 0.1  # a process that uses less of a processor does not miss what watching takes
CAPTURING = 0.02  # of the time, while calls are wanted
CAPTURING_YOUNG, YOUNG_S = 0.06, 30.0  # the same at first: all that is won later waits for it
CAPTURING_PATIENT = BUDGET  # where nothing is changed: nothing that is won waits for it
CAPTURING_OFFLINE = 0.5  # where the program runs only to be captured
SPARED_S = 4.0  # a process that was spared for so long may be captured the more at once
LEAST_S, MOST_S = 0.004, MOST_NS / 1e9  # what one capture window may be promised
VAIN = 4.0  # times what others wait
SHAPING = 0.001  # of the time, for looking at what calls are given
FIRST_SHAPE_S = 4.0  # the first such window brings imports with it: not into a short program
PROBE_S = 70e-9
FIRST, LONGEST = 4.0, 16.0  # a young process has no time to spare for windows: it begins with few
SLOWER, FASTER = 1.5, 0.9
TINY = 1.1  # by less nothing is slowed: a canary is never quite as quick as its quickest go

K = TypeVar("K", bound=Hashable)


@dataclass
class _Process:
    stretch: float = FIRST
    busy: float = 0.0  # processors that it used lately
    probed: int = 0
    began: float = -math.inf
    paid_until: float = -math.inf  # the time up to here has paid for what was captured
    promised: dict[Hashable, float] = field(default_factory=dict)  # to windows that are open
    taken: dict[Hashable, float] = field(default_factory=dict)  # by a node since it is wanted
    vain_until: dict[Hashable, float] = field(default_factory=dict)
    shape_due: float = 0.0
    first_shape_due: float = 0.0


@dataclass
class Pace:
    """The pace of each process, by a number that the caller gives it."""

    capturing: float = CAPTURING
    patient: bool = False  # what is captured changes nothing in the program
    processes: dict[int, _Process] = field(default_factory=dict)
    processors: int = PROCESSORS

    def began(self, number: int, now: float) -> None:
        """A process is known from now on: it was spared nothing yet."""
        if number not in self.processes:
            process = self._of(number)
            process.began = process.paid_until = now

    def spent(self, number: int, agent_s: float, cpu_s: float, span_s: float) -> float:
        """What a ``samples`` message says; returns the share that watching took of the program's."""
        process = self._of(number)
        own_s = max(cpu_s, LEAST_BUSY * max(span_s, 0.1))
        share = (agent_s + process.probed * PROBE_S) / own_s
        process.probed = 0
        process.busy = cpu_s / max(span_s, 0.1)
        if share > BUDGET:
            process.stretch = min(LONGEST, process.stretch * SLOWER)
        elif share < BUDGET * FASTER:
            process.stretch = max(1.0, process.stretch * FASTER)
        return share

    def slowed(self, canary: float, waited: float) -> float:
        """By which factor others slowed a window down, 1.0 if by little.

        ``canary`` is how much longer work took that never changes, ``waited`` what threads took with
        their waiting for a processor. A program whose threads and processes use all processors waits
        for itself: others took at most what it did not get.
        """
        used = sum(process.busy for process in self.processes.values())
        if used:
            waited = min(waited, max(1.0, self.processors / used))
        factor = canary * waited
        return round(factor, 3) if factor >= TINY else 1.0

    def closed(self, number: int, passes: int) -> None:
        """A window closed in which probes were passed so often: calls, and how often they were resumed."""
        self._of(number).probed += passes

    def in_turn(self, number: int, shares: Mapping[K, float]) -> list[K]:
        """The nodes of which calls are wanted, those first that have had the least of their shares."""
        process = self._of(number)
        process.taken = {node: process.taken.get(node, 0.0) for node in shares}
        return sorted(shares, key=lambda node: process.taken[node] / shares[node])

    def promise(self, number: int, node: Hashable, share: float, now: float) -> float:
        """Seconds that a capture window of a node may take if it is opened now; 0 where it must wait.

        A process is captured for a part of the time that has passed since it is known, and what it was
        spared for long is forgotten. Of what is left now, a node has its ``share``; what is promised to
        windows that are open is not left.
        """
        process = self._of(number)
        if now < process.vain_until.get(node, 0.0):
            return 0.0
        left = (now - max(process.paid_until, now - SPARED_S)) * self._capturing(process, now)
        left -= sum(process.promised.values())
        if left < LEAST_S:
            return 0.0
        process.promised[node] = max(LEAST_S, min(MOST_S, left * share))
        return process.promised[node]

    def captured(
        self, number: int, node: Hashable, spent_s: float, now: float, vain: bool = False
    ) -> None:
        """A window of a node closed in which capturing took so long.

        A node of which nothing was taken, in ``vain``, waits longer than what it took has to be paid for.
        """
        process = self._of(number)
        process.promised.pop(node, None)
        if node in process.taken:
            process.taken[node] += spent_s
        pause = spent_s / self._capturing(process, now)
        process.paid_until = max(process.paid_until, now - SPARED_S) + pause
        if vain:
            process.vain_until[node] = now + pause * VAIN

    def shaped(self, number: int, spent_s: float, now: float) -> None:
        """A window closed in which looking at calls took so long: the next one waits."""
        self._of(number).shape_due = now + spent_s / SHAPING

    def may_shape(self, number: int, now: float, wanted: bool) -> bool:
        """Whether a shape window may be opened; one that is not ``wanted`` waits for its first."""
        process = self._of(number)
        if not process.first_shape_due:
            process.first_shape_due = now + FIRST_SHAPE_S
        return now >= process.shape_due and (wanted or now >= process.first_shape_due)

    def stretch(self, number: int) -> float:
        """By how much pauses are longer than they would be, 1 to 16."""
        return self._of(number).stretch

    def forget(self, number: int) -> None:
        """The process is gone."""
        self.processes.pop(number, None)

    def _capturing(self, process: _Process, now: float) -> float:
        if self.patient:
            return CAPTURING_PATIENT
        young = now - process.began < YOUNG_S
        return max(self.capturing, CAPTURING_YOUNG) if young else self.capturing

    def _of(self, number: int) -> _Process:
        return self.processes.setdefault(number, _Process())
