"""What was seen of a node in windows, and several of them as one."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from selfsame.runtime.link.histogram import lower_bound

T = TypeVar("T")


def nth_largest(histogram: Mapping[int, int], n: int) -> int | None:
    """The lower bound of the bucket that the n-th largest value is in; None where there are fewer."""
    seen = 0
    for index in sorted(histogram, reverse=True):
        seen += histogram[index]
        if seen >= n:
            return lower_bound(index)
    return None


@dataclass
class Newest:
    """Rows of many lists, ``most`` in all: where one more comes, the oldest of all goes."""

    most: int
    _lists: deque[list[Any]] = field(default_factory=deque)
    _gone: Counter[int] = field(default_factory=Counter)

    def add(self, rows: list[T], row: T, most: int) -> None:
        """Append to one of the lists, which has ``most`` rows at most."""
        if len(rows) >= most:
            del rows[0]
            self._gone[id(rows)] += 1  # it is held by the queue: nothing else has this id
        rows.append(row)
        self._lists.append(rows)
        while len(self._lists) > self.most:
            oldest = self._lists.popleft()
            if not self._gone[id(oldest)]:
                del oldest[0]
                del self._gone[id(oldest)]
            elif self._gone[id(oldest)] == 1:
                del self._gone[id(oldest)]
            else:
                self._gone[id(oldest)] -= 1


@dataclass(frozen=True, slots=True)
class Window:
    """One closed time window on a node; ``at`` is monotonic seconds, times are nanoseconds.

    ``total_ns`` adds up the ``outermost`` calls alone: those not inside another of the same node.
    ``slowed`` is by which factor the machine was slower than usual meanwhile.
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
    slowed: float = 1.0


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


@dataclass(frozen=True, slots=True)
class Timing:
    """Captured calls whose CPU time was measured in a worker, in nanoseconds; ``at`` is monotonic."""

    at: float
    nanoseconds: tuple[int, ...]
    rewrite: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the original measured in an earlier run; ``at`` is seconds since the epoch."""

    at: float
    summary: "Summary"
    peaks: tuple[int, ...] = ()
    allocations: tuple[int, ...] = ()
    cpu_times: tuple[float, ...] = ()


@dataclass(slots=True)
class Minute:
    """What the time windows of one minute add up to; ``number`` counts monotonic minutes."""

    number: int
    calls: int = 0
    outermost: int = 0
    total_ns: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Several windows as one: counts, sums in nanoseconds, a histogram, the mean slowing."""

    calls: int
    errors: Mapping[str, int]
    total_ns: int
    own_ns: int
    buckets: Mapping[int, int]
    span_ns: int
    windows: int
    outermost: int
    slowed: float = 1.0

    @classmethod
    def of(cls, windows: Iterable[Window]) -> "Summary":
        """Add windows up."""
        calls = total = own = span = count = outermost = 0
        slowed = 0.0
        errors: Counter[str] = Counter()
        buckets: Counter[int] = Counter()
        for window in windows:
            calls += window.calls
            total += window.total_ns
            own += window.own_ns
            slowed += window.calls * window.slowed
            span += window.span_ns
            outermost += window.outermost or window.calls
            count += 1
            errors.update(window.errors)
            buckets.update(window.buckets)
        slowed = slowed / calls if calls else 1.0
        return cls(calls, errors, total, own, buckets, span, count, outermost, slowed)

    @property
    def mean_s(self) -> float | None:
        """Mean time of a call that is not inside another of the node; None without calls."""
        return self.total_ns / self.outermost / 1e9 if self.outermost else None

    @property
    def nested(self) -> bool:
        """Whether calls were seen inside calls of the same node."""
        return self.outermost < self.calls

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

    def trimmed_s(self, share: float) -> float | None:
        """Mean time of the calls but for the slowest ``share`` of them (buckets' lower bounds)."""
        total = sum(self.buckets.values())
        if not total:
            return None
        left = kept = total - int(share * total + 0.5)
        spent = 0
        for index in sorted(self.buckets):
            taken = min(left, self.buckets[index])
            spent += taken * lower_bound(index)
            left -= taken
        return spent / kept / 1e9 if kept else None

    def nth_largest_s(self, n: int) -> float | None:
        """The n-th slowest call's time in seconds (bucket's lower bound), or None."""
        found = nth_largest(self.buckets, n)
        return None if found is None else found / 1e9
