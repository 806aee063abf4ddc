"""What passes between nodes: calls along edges, and what a node's arguments are.

Written by the engine's loop thread from shape windows; types, lengths and sizes, never values.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from selfsame.runtime.monitor.seen import Summary, Window, nth_largest

KEPT_WINDOWS = 64
MOST_TYPES = 16
MOST_EDGES = 100_000

Edge = tuple[str, str]


@dataclass(slots=True)
class Parameter:
    """One parameter as it was seen: exact types with how often, lengths, approximate bytes.

    ``sized`` of the values had a length, of ``length`` items in all and ``longest`` at most.
    """

    name: str
    types: Counter[str] = field(default_factory=Counter)
    sized: int = 0
    length: int = 0
    longest: int = 0
    bytes: int = 0
    largest: int = 0

    def saw(self, row: Iterable[Any]) -> None:
        """One row of a ``shaped`` message."""
        _, types, sized, length, longest, size, largest = row
        for name, count in types.items():
            if name in self.types or len(self.types) < MOST_TYPES:
                self.types[name] += count
        self.sized += sized
        self.length += length
        self.longest = max(self.longest, longest)
        self.bytes += size
        self.largest = max(self.largest, largest)


@dataclass(slots=True)
class Shape:
    """What a node's arguments are. Of ``digested`` calls, ``repeats`` had those of one before.

    Both are counted window by window: arguments that come again later only are not repeats.
    """

    calls: int = 0
    digested: int = 0
    repeats: int = 0
    parameters: dict[str, Parameter] = field(default_factory=dict)

    @property
    def repeat_rate(self) -> float | None:
        """The share of calls whose arguments were seen before in the window; None where unknown."""
        return self.repeats / self.digested if self.digested else None

    def saw(self, message: Mapping[str, Any]) -> None:
        """Add a ``shaped`` message."""
        self.calls += message["calls"]
        self.digested += message["digested"]
        self.repeats += message["repeats"]
        for row in message["parameters"]:
            self.parameters.setdefault(row[0], Parameter(row[0])).saw(row)

    def row(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "calls": self.calls,
            "repeat_rate": self.repeat_rate,
            "parameters": [
                {
                    "name": p.name,
                    "types": dict(p.types.most_common()),
                    "mean_length": p.length / p.sized if p.sized else None,
                    "longest": p.longest if p.sized else None,
                    "mean_bytes": p.bytes / max(1, p.types.total()),
                    "largest_bytes": p.largest,
                }
                for p in self.parameters.values()
            ],
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """Calls along one edge in one window: their times, and the bytes of their arguments."""

    window: Window
    bytes: int
    sizes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Passed:
    """Several passages as one; sizes are a histogram as times are. ``why`` says why there are none, where that is known."""

    times: Summary
    bytes: int = 0
    sizes: Mapping[int, int] = field(default_factory=dict)
    why: str = ""

    @property
    def mean_bytes(self) -> float | None:
        """Approximate bytes a call; None without calls."""
        return self.bytes / self.times.calls if self.times.calls else None

    def nth_largest(self, n: int) -> float | None:
        """About the bytes of the n-th largest call (a bucket's lower bound), or None."""
        found = nth_largest(self.sizes, n)
        return None if found is None else float(found)


@dataclass
class Edges:
    """The edges between nodes, and the shapes of the nodes they lead to."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    passages: dict[Edge, deque[Passage]] = field(default_factory=dict)
    callees: dict[str, set[str]] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)

    def saw(
        self,
        address: str,
        message: Mapping[str, Any],
        now: float,
        name: Callable[[Any], tuple[str, str] | None],
    ) -> None:
        """A shape window closed on a node; ``name`` gives a caller's address and its rewrite."""
        self.shapes.setdefault(address, Shape()).saw(message)
        for key, calls, size, sizes, total_ns, times in message["edges"]:
            caller = name(key)
            if caller is None:
                continue
            edge = (caller[0], address)
            kept = self.passages.get(edge)
            if kept is None:
                if len(self.passages) >= MOST_EDGES:
                    continue
                kept = self.passages[edge] = deque(maxlen=KEPT_WINDOWS)
                self.callees.setdefault(caller[0], set()).add(address)
            window = Window(now, calls, total_ns, total_ns, {}, times, 0, caller[1])
            kept.append(Passage(window, size, sizes))
            self.at[caller[0]] = now

    def passed(
        self,
        caller: str,
        callee: str = "",
        now: float | None = None,
        over_s: float | None = None,
        rewrite: str | None = None,
    ) -> Passed:
        """What passed from a node to another, or to any, in the last ``over_s`` seconds.

        With ``rewrite``, only while the caller ran that ("" is the original).
        """
        ends = [callee] if callee else list(self.callees.get(caller, ()))
        chosen = [
            p
            for end in ends
            for p in list(self.passages.get((caller, end), ()))
            if (over_s is None or now is None or now - p.window.at <= over_s)
            and (rewrite is None or p.window.rewrite == rewrite)
        ]
        sizes: Counter[int] = Counter()
        for passage in chosen:
            sizes.update(passage.sizes)
        times = Summary.of(p.window for p in chosen)
        return Passed(times, sum(p.bytes for p in chosen), sizes)

    def rows(self) -> list[dict[str, Any]]:
        """Every edge as plain data: what ``graph`` shows and the store keeps."""
        found = []
        for caller, callee in list(self.passages):
            passed = self.passed(caller, callee)
            found.append(
                {
                    "from": caller,
                    "to": callee,
                    "calls": passed.times.calls,
                    "mean_bytes": passed.mean_bytes,
                    "largest_bytes": passed.nth_largest(1),
                    "mean_s": passed.times.mean_s,
                    "p95_s": passed.times.quantile_s(0.95),
                }
            )
        return found
