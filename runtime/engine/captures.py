"""Captured calls, by node, in memory alone: they never reach the store, a log or a report."""

import threading
import time
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Call = tuple[bytes, int]
MOST_IN_ORDER = 5_000
"""Of so many calls of a node it is known in which order they came."""


@dataclass
class Captured:
    """What was captured of one node. ``seen`` counts the calls that were taken, ``took_ns`` is their time.

    ``order`` are the calls as they came, one window after the other, each with its repetitions;
    ``outermost`` are those that were not always made inside another call of the node.
    """

    wanted: int
    calls: dict[bytes, Call] = field(default_factory=dict)
    order: list[bytes] = field(default_factory=list)
    outermost: set[bytes] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    took_ns: int = 0
    since: float = field(default_factory=time.monotonic)


class Captures:
    """Collects distinct calls for the nodes that are asked for; the oldest go when it is full."""

    def __init__(self, most_bytes: int = 256 * 1024 * 1024) -> None:
        self._by_node: dict[str, Captured] = {}
        self._order: deque[tuple[str, bytes]] = deque()
        self._bytes = 0
        self._most = most_bytes
        self._lock = threading.Lock()

    def want(self, address: str, count: int) -> None:
        """Ask for ``count`` distinct calls of a node from now on."""
        with self._lock:
            entry = self._by_node.setdefault(address, Captured(count))
            entry.wanted = max(entry.wanted, count)

    def missing(self, address: str) -> int:
        """How many calls are still wanted of a node; 0 where none are."""
        with self._lock:
            entry = self._by_node.get(address)
            return max(0, entry.wanted - len(entry.calls)) if entry else 0

    def wanted(self) -> list[str]:
        """The nodes of which calls are still wanted."""
        with self._lock:
            return [a for a, e in self._by_node.items() if len(e.calls) < e.wanted]

    def add(
        self,
        address: str,
        calls: Iterable[Call],
        refused: Mapping[str, int],
        seen: int,
        nested: Collection[int] = (),
    ) -> None:
        """Take what a window captured; the same arguments are kept once.

        ``nested`` are the places of calls that were made inside another call of the same function.
        """
        with self._lock:
            entry = self._by_node.setdefault(address, Captured(0))
            entry.refused.update(refused)
            entry.seen += seen
            for place, (payload, nanoseconds) in enumerate(calls):
                entry.took_ns += nanoseconds
                kept, _ = entry.calls.get(payload, (payload, 0))
                if len(entry.order) < MOST_IN_ORDER:
                    entry.order.append(kept)
                if place not in nested:
                    entry.outermost.add(kept)
                if payload not in entry.calls:
                    entry.calls[payload] = (payload, nanoseconds)
                    self._order.append((address, payload))
                    self._bytes += len(payload)
            while self._bytes > self._most and self._order:
                old, payload = self._order.popleft()
                holder = self._by_node.get(old)
                if holder and holder.calls.pop(payload, None):
                    holder.outermost.discard(payload)
                    self._bytes -= len(payload)

    def calls(self, address: str) -> list[Call]:
        """The distinct calls that were captured of a node so far."""
        with self._lock:
            entry = self._by_node.get(address)
            return list(entry.calls.values()) if entry else []

    def sequence(self, address: str, calls: Sequence[Call]) -> list[int]:
        """The calls as they came, as places among ``calls``, with every repetition that was captured."""
        with self._lock:
            entry = self._by_node.get(address)
            if entry is None:
                return []
            places = {payload: place for place, (payload, _) in enumerate(calls)}
            return [places[payload] for payload in entry.order if payload in places]

    def outermost(self, address: str, calls: Sequence[Call]) -> frozenset[int]:
        """Places among ``calls`` of those that were not always made inside another one."""
        with self._lock:
            entry = self._by_node.get(address)
            seen = entry.outermost if entry else set[bytes]()
            return frozenset(place for place, (payload, _) in enumerate(calls) if payload in seen)

    def seen(self, address: str) -> int:
        """How many calls of a node were looked at, those with the same arguments too."""
        with self._lock:
            entry = self._by_node.get(address)
            return entry.seen if entry else 0

    def took_s(self, address: str) -> float:
        """Seconds that the calls of a node that were taken took together."""
        with self._lock:
            entry = self._by_node.get(address)
            return entry.took_ns / 1e9 if entry else 0.0

    def age(self, address: str) -> float:
        """Seconds since calls of a node were first asked for; 0 where they were not."""
        with self._lock:
            entry = self._by_node.get(address)
            return time.monotonic() - entry.since if entry else 0.0

    def stop(self, address: str) -> None:
        """Ask for no more calls of a node; what was captured stays."""
        with self._lock:
            entry = self._by_node.get(address)
            if entry:
                entry.wanted = 0

    def refusals(self, address: str) -> dict[str, int]:
        """Why calls of a node could not be captured, with how often."""
        with self._lock:
            entry = self._by_node.get(address)
            return dict(entry.refused) if entry else {}

    def forget(self, address: str) -> None:
        """Drop what was captured of a node."""
        with self._lock:
            entry = self._by_node.pop(address, None)
            if entry:
                self._bytes -= sum(len(p) for p in entry.calls)
