"""What trials of a node cost, where CDL gives them a share of a core (`shadow_cpu`)."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from selfsame.runtime.shadow import forkserver
from selfsame.runtime.shadow.request import Trial


class Postponed(Exception):
    """The next trial of a node has to wait ``wait_s`` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"its trials wait {wait_s:.0f} s, to stay within `shadow_cpu`")
        self.wait_s = wait_s


@dataclass
class Spent:
    """CPU seconds since a time, and the trials that are done: those before a wait still count."""

    since: float
    cpu_s: float = 0.0
    trials: dict[str, Trial] = field(default_factory=dict)


class Spending:
    """By node, from its first trial until it is promoted or given up."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] | None = None,
    ) -> None:
        self._clock = clock
        self._cpu = cpu or _children_cpu_s
        self._spent: dict[str, Spent] = {}

    def of(self, address: str) -> Spent:
        """What was spent on a node so far."""
        return self._spent.setdefault(address, Spent(self._clock()))

    def check(self, address: str, share: float | None) -> None:
        """Raises Postponed where trials used more than ``share`` of a core since the first."""
        if share is None:
            return
        spent = self.of(address)
        wait_s = spent.cpu_s / max(share, 1e-6) - (self._clock() - spent.since)
        if wait_s > 0:
            raise Postponed(wait_s)

    @contextmanager
    def counted(self, address: str) -> Iterator[None]:
        """A trial: what its workers use is counted. Other workers that end meanwhile count too."""
        before = self._cpu()
        try:
            yield
        finally:
            self.of(address).cpu_s += self._cpu() - before

    def forget(self, address: str) -> None:
        """The node is done."""
        self._spent.pop(address, None)


def _children_cpu_s() -> float:
    """CPU seconds of all child processes and workers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + forkserver.workers_cpu_s()
