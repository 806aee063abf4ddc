"""The living graph: what is known of each node of the running programs, merged over processes.

Written by the engine's loop thread alone; other threads read copies (``snapshot``).
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfsame.runtime.link.histogram import lower_bound

KEPT_WINDOWS = 64
KEPT_WEIGHINGS = 8
KEPT_MINUTES = 60
SPANS = {"1 min": 1, "5 min": 5, "1 h": 60}
ENOUGH_CALLS = 50
ENOUGH_LOOKS = 50


@dataclass(frozen=True, slots=True)
class Window:
    """One closed time window on a node; ``at`` is monotonic seconds, times are nanoseconds.

    ``total_ns`` adds up the ``outermost`` calls alone: those not inside another of the same node.
    """

    at: float
    calls: int
    total_ns: int
    own_ns: int
    errors: Mapping[str, int]
    buckets: Mapping[int, int]
    span_ns: int
    rewrite: str = ""
    outermost: int = 0


@dataclass(frozen=True, slots=True)
class Weighing:
    """Calls whose memory was measured; ``at`` is monotonic seconds.

    ``peaks`` are the most bytes that lived at once, call by call; ``allocations`` the blocks that
    were allocated, where they could be counted. ``how`` is "replay" (captured calls, in a worker)
    or "window" (in the program), ``pause_ns`` what the latter took from it.
    """

    at: float
    peaks: tuple[int, ...]
    allocations: tuple[int, ...]
    how: str = "replay"
    rewrite: str = ""
    pause_ns: int = 0


@dataclass(slots=True)
class Minute:
    """What the time windows of one minute add up to; ``number`` counts monotonic minutes."""

    number: int
    calls: int = 0
    outermost: int = 0
    total_ns: int = 0
    errors: int = 0


@dataclass(slots=True)
class LiveNode:
    """The figures of one node. ``own``/``native``/``total``/``waiting`` count looks at the process.

    ``waiting`` is not part of ``total``. ``unweighed`` says why its memory is not measured.
    """

    address: str
    windows: deque[Window] = field(default_factory=lambda: deque(maxlen=KEPT_WINDOWS))
    own: int = 0
    native: int = 0
    total: int = 0
    waiting: int = 0
    minutes: deque[Minute] = field(default_factory=lambda: deque(maxlen=KEPT_MINUTES))
    weighings: deque[Weighing] = field(default_factory=lambda: deque(maxlen=KEPT_WEIGHINGS))
    unweighed: str = ""
    rewrite: str = ""
    deopts: int = 0
    rewritten_calls: int = 0

    def recent(
        self, now: float | None = None, over_s: float | None = None, rewrite: str | None = None
    ) -> "Summary":
        """The windows of the last ``over_s`` seconds (all kept, if None) as one summary.

        With ``rewrite``, only windows in which that rewrite ran ("" is the original).
        """
        chosen = [
            w
            for w in self.windows
            if (over_s is None or now is None or now - w.at <= over_s)
            and (rewrite is None or w.rewrite == rewrite)
        ]
        return Summary.of(chosen)

    def saw(self, window: Window) -> None:
        """A time window closed: it is kept, and counted in its minute."""
        self.windows.append(window)
        number = int(window.at // 60)
        if not self.minutes or self.minutes[-1].number != number:
            self.minutes.append(Minute(number))
        minute = self.minutes[-1]
        minute.calls += window.calls
        minute.outermost += window.outermost or window.calls
        minute.total_ns += window.total_ns
        minute.errors += sum(window.errors.values())

    def spans(self, now: float) -> dict[str, dict[str, float]]:
        """The last minute, five minutes and hour: timed calls, errors, mean seconds of a call.

        Whole minutes of the clock, the one that runs included; a span without calls is left out.
        """
        found: dict[str, dict[str, float]] = {}
        for name, length in SPANS.items():
            first = int(now // 60) - length
            chosen = [m for m in list(self.minutes) if m.number > first]
            outermost = sum(m.outermost for m in chosen)
            if outermost:
                found[name] = {
                    "calls": sum(m.calls for m in chosen),
                    "errors": sum(m.errors for m in chosen),
                    "mean_s": sum(m.total_ns for m in chosen) / outermost / 1e9,
                }
        return found

    def peaks(self, rewrite: str) -> tuple[int, ...]:
        """Peak bytes of the calls weighed while that rewrite ran ("" is the original)."""
        return tuple(p for w in list(self.weighings) if w.rewrite == rewrite for p in w.peaks)

    def allocations(self, rewrite: str) -> tuple[int, ...]:
        """Allocations of the calls weighed while that rewrite ran, where they could be counted."""
        return tuple(n for w in list(self.weighings) if w.rewrite == rewrite for n in w.allocations)

    def memory(self) -> dict[str, Any]:
        """What is known of the node's memory now, as plain data; empty where nothing is."""
        found = [w for w in self.weighings if w.rewrite == self.rewrite]
        if not found:
            return {"unmeasured": self.unweighed} if self.unweighed else {}
        peaks = sorted(p for w in found for p in w.peaks)
        counts = sorted(n for w in found for n in w.allocations)
        return {
            "peak_bytes": peaks[-1],
            "median_bytes": peaks[len(peaks) // 2],
            "allocations": counts[len(counts) // 2] if counts else None,
            "calls": len(peaks),
            "how": found[-1].how,
            "pause_ns": sum(w.pause_ns for w in found),
            "rewritten": bool(self.rewrite),
            "original_peak_bytes": max(self.peaks(""), default=None),
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """Several windows as one: counts, sums in nanoseconds, and a histogram."""

    calls: int
    errors: Mapping[str, int]
    total_ns: int
    own_ns: int
    buckets: Mapping[int, int]
    span_ns: int
    windows: int
    outermost: int

    @classmethod
    def of(cls, windows: Iterable[Window]) -> "Summary":
        """Add windows up."""
        calls = total = own = span = count = outermost = 0
        errors: Counter[str] = Counter()
        buckets: Counter[int] = Counter()
        for window in windows:
            calls += window.calls
            total += window.total_ns
            own += window.own_ns
            span += window.span_ns
            outermost += window.outermost or window.calls
            count += 1
            errors.update(window.errors)
            buckets.update(window.buckets)
        return cls(calls, errors, total, own, buckets, span, count, outermost)

    @property
    def mean_s(self) -> float | None:
        """Mean time of a call that is not inside another of the node; None without calls."""
        return self.total_ns / self.outermost / 1e9 if self.outermost else None

    @property
    def error_rate(self) -> float | None:
        """Share of calls that raised, or None without calls."""
        return self.error_rate_of("")

    def error_rate_of(self, exception: str) -> float | None:
        """Share of calls that raised the exception of this name, or any where it is empty.

        Exceptions are counted by the name of their class alone; None without calls.
        """
        if not self.calls:
            return None
        name = exception.rpartition(".")[2]
        raised = self.errors.get(name, 0) if name else sum(self.errors.values())
        return raised / self.calls

    @property
    def throughput(self) -> float | None:
        """Calls a second in one process while the windows were open, or None without time."""
        return self.calls / (self.span_ns / 1e9) if self.calls and self.span_ns else None

    def quantile_s(self, share: float) -> float | None:
        """The time below which ``share`` of the calls ended, in seconds (bucket's lower bound)."""
        total = sum(self.buckets.values())
        if not total:
            return None
        wanted, seen = share * total, 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen >= wanted:
                return lower_bound(index) / 1e9
        return None

    def nth_largest_s(self, n: int) -> float | None:
        """The n-th slowest call's time in seconds (bucket's lower bound), or None."""
        seen = 0
        for index in sorted(self.buckets, reverse=True):
            seen += self.buckets[index]
            if seen >= n:
                return lower_bound(index) / 1e9
        return None


@dataclass(slots=True)
class ProgramTime:
    """Where the program's time went, over all its processes; seconds, and numbers of samples.

    ``python`` counts samples in the user's own Python, ``foreign`` in other Python code,
    ``native`` inside C calls, ``waiting`` in threads that used no CPU.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    agent_cpu_s: float = 0.0
    samples: int = 0
    python: int = 0
    foreign: int = 0
    native: int = 0
    waiting: int = 0

    def shares(self) -> dict[str, float]:
        """Shares of the sampled time of running threads: own, libraries, native; and waiting."""
        running = self.python + self.foreign + self.native
        everything = running + self.waiting
        if not everything:
            return {}
        return {
            "own_python": self.python / everything,
            "other_python": self.foreign / everything,
            "native": self.native / everything,
            "waiting": self.waiting / everything,
        }

    def ceiling(self) -> float | None:
        """The speed-up if the user's own Python took no time at all, waiting left out (Amdahl)."""
        running = self.python + self.foreign + self.native
        if running < 50:
            return None
        return running / max(1, running - self.python)


class LivingGraph:
    """All nodes by address, and the program's time."""

    def __init__(self) -> None:
        self.nodes: dict[str, LiveNode] = {}
        self.program = ProgramTime()

    def node(self, address: str) -> LiveNode:
        """The node's figures, made when first asked for."""
        found = self.nodes.get(address)
        if found is None:
            found = self.nodes[address] = LiveNode(address)
        return found

    def share(self, address: str) -> float | None:
        """Share of the running time that is inside the node, callees included; None where unknown.

        From the looks at the program; from the node's windows while there are too few of them.
        """
        node = self.nodes.get(address)
        program = self.program
        running = program.python + program.foreign + program.native
        if running >= ENOUGH_LOOKS:
            return node.total / running if node else 0.0
        if node is not None:
            seen = node.recent()
            if seen.calls >= ENOUGH_CALLS and seen.span_ns:
                return min(1.0, seen.total_ns / seen.span_ns)
        return None

    def hottest(self, count: int) -> list[str]:
        """Addresses by their share of the time, most first."""
        shares = {address: self.share(address) or 0.0 for address in self.nodes}
        return sorted((a for a in shares if shares[a]), key=lambda a: -shares[a])[:count]

    def snapshot(self) -> dict[str, Any]:
        """The graph as plain data: what ``status`` shows and the store keeps."""
        program = self.program
        return {
            "program": {
                "wall_s": program.wall_s,
                "cpu_s": program.cpu_s,
                "agent_cpu_s": program.agent_cpu_s,
                "samples": program.samples,
                "shares": program.shares(),
                "ceiling": program.ceiling(),
            },
            "nodes": [self._row(node) for node in list(self.nodes.values())],
        }

    def _row(self, node: LiveNode) -> dict[str, Any]:
        summary = node.recent()
        running = node.recent(rewrite=node.rewrite)
        original = node.recent(rewrite="")
        return {
            "address": node.address,
            "share": self.share(node.address),
            "own_samples": node.own,
            "native_samples": node.native,
            "total_samples": node.total,
            "waiting_samples": node.waiting,
            "calls": summary.calls,
            "errors": dict(summary.errors),
            "mean_s": running.mean_s,
            "p50_s": running.quantile_s(0.5),
            "p99_s": running.quantile_s(0.99),
            "original_mean_s": original.mean_s,
            "memory": node.memory(),
            "spans": node.spans(time.monotonic()),
            "rewrite": node.rewrite,
            "deopts": node.deopts,
            "rewritten_calls": node.rewritten_calls,
        }
