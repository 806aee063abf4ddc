"""Puts what the head version says into every agent, watches it there, and takes it back.

An entry holds only while the node's content hash and its whole dependency set are what they were
when the rewrite was tried; otherwise it is dropped, as a version of its own.
"""

import marshal
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from selfsame.compiler.errors import SelfsameError
from selfsame.compiler.instrument.twins import twin
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.monitor.judge import show_seconds
from selfsame.runtime.versions.manifest import Manifest, NodeEntry
from selfsame.runtime.versions.store import PinnedError, Store
from selfsame.variants.variation import Variation

WATCHED_CALLS = 100
SLOWER = 1.25
STRIKES = 3
ERRS_MORE = 0.001
DEOPT_CALLS = 200
DEOPT_SHARE = 0.5


class Log(Protocol):
    """Writes one event."""

    def __call__(self, kind: str, address: str, reason: str, **numbers: object) -> None:
        """Kind, node, sentence, numbers."""
        ...


@dataclass
class Rollout:
    """The head version as it must run. Used by the engine's loop thread alone."""

    store: Store
    modules: Modules
    graph: LivingGraph
    log: Log
    constrained_fail: Callable[[str], str]
    entries: dict[str, NodeEntry] = field(default_factory=dict)
    rewrites: dict[str, Variation] = field(default_factory=dict)
    _twins: dict[str, bytes] = field(default_factory=dict)
    _checked: set[tuple[str, str]] = field(default_factory=set)
    _sent: dict[tuple[int, str], str] = field(default_factory=dict)
    _strikes: dict[str, int] = field(default_factory=dict)
    _judged: dict[str, float] = field(default_factory=dict)

    def refresh(self) -> None:
        """Read the head version again."""
        manifest = self.store.head().manifest
        self.entries = {a: entry for a, entry in manifest.nodes.items() if entry.runs}

    def rewrite_of(self, address: str) -> str:
        """The id of the rewrite that a node should run; empty for the original."""
        entry = self.entries.get(address)
        return entry.rewrite if entry else ""

    def variation(self, rewrite: str) -> Variation:
        """A stored rewrite by its id."""
        if rewrite not in self.rewrites:
            self.rewrites[rewrite] = self.store.get_rewrite(rewrite)
        return self.rewrites[rewrite]

    def twin(self, rewrite: str) -> bytes:
        """The marshalled probed twin of a rewrite. Raises Skipped where it cannot be probed."""
        if rewrite not in self._twins:
            code = marshal.loads(self.variation(rewrite).code)
            self._twins[rewrite] = marshal.dumps(twin(code, "time"))
        return self._twins[rewrite]

    def sync(self, agents: Sequence[Agent]) -> None:
        """Send every agent the rewrites that it should run and was not sent yet."""
        for address, entry in list(self.entries.items()):
            node = self.modules.find(address)
            if node is None or not self._holds(node, entry):
                continue
            for agent in agents:
                if agent.hello is None or self._sent.get((id(agent), address)) == entry.rewrite:
                    continue
                self._sent[id(agent), address] = entry.rewrite
                try:
                    variation = self.variation(entry.rewrite)
                except (SelfsameError, KeyError) as error:
                    self._drop(address, f"its rewrite cannot be loaded: {error}")
                    break
                agent.send(install_message(node, variation))
        for (agent_id, address), rewrite in list(self._sent.items()):
            if self.rewrite_of(address) != rewrite:
                del self._sent[agent_id, address]

    def forget(self, agent: Agent) -> None:
        """An agent is gone."""
        for slot in [s for s in self._sent if s[0] == id(agent)]:
            del self._sent[slot]

    def failed(self, address: str, rewrite: str, reason: str) -> None:
        """An agent could not put a rewrite in."""
        if self.rewrite_of(address) == rewrite:
            self._drop(address, f"it could not be put in: {reason}")

    def watch(self) -> None:
        """Roll back what errs more, is slower than what it replaced, deopts, or violates."""
        for address in list(self.entries):
            live = self.graph.nodes.get(address)
            if live is None or live.rewrite != self.rewrite_of(address):
                continue
            latest = live.windows[-1].at if live.windows else 0.0
            if latest <= self._judged.get(address, 0.0):
                continue
            self._judged[address] = latest
            reason, certain = self._disappoints(live)
            strikes = self._strikes.get(address, 0) + 1 if reason else 0
            self._strikes[address] = strikes
            if reason and (certain or strikes >= STRIKES):
                self._drop(address, reason)

    def _disappoints(self, live: LiveNode) -> tuple[str, bool]:
        """Why a rewrite should go, and whether one look is enough to say so."""
        after = live.recent(rewrite=live.rewrite)
        before = live.recent(rewrite="")
        if live.rewritten_calls >= DEOPT_CALLS and live.deopts > DEOPT_SHARE * live.rewritten_calls:
            return f"{live.deopts:,} of {live.rewritten_calls:,} calls deoptimised", True
        if after.calls >= 30 and before.calls >= 30:
            failed, failed_before = sum(after.errors.values()), sum(before.errors.values())
            table = (failed, after.calls, failed_before, before.calls)
            if _chance_of_more(*table) < ERRS_MORE:
                return (
                    f"{failed} of {after.calls:,} calls failed, before {failed_before} of "
                    f"{before.calls:,}",
                    True,
                )
        if after.calls < WATCHED_CALLS:
            return "", False
        slow, slow_before = after.mean_s, before.mean_s
        if slow and slow_before and before.calls >= 30 and slow > SLOWER * slow_before:
            return f"mean {show_seconds(slow)}, before {show_seconds(slow_before)}", False
        return self.constrained_fail(live.address), False

    def _holds(self, node: Node, entry: NodeEntry) -> bool:
        """Whether an entry's node and dependency set are what they were."""
        checked = (entry.address, entry.rewrite)
        if checked in self._checked:
            return True
        if node.blocked:
            return False
        if node.content_hash != entry.content_hash:
            self._drop(entry.address, "its source was edited")
            return False
        now = node.module.facts.dependencies(entry.address)
        stale = sorted(n for n, value in now.items() if entry.dependencies.get(n) != value)
        if stale:
            self._drop(entry.address, f"what it relied on has changed: {', '.join(stale[:3])}")
            return False
        self._checked.add(checked)
        return True

    def _drop(self, address: str, reason: str) -> None:
        """Take a rewrite back, as a version; a person's pin stands, and the log says so."""
        entry = self.entries.pop(address, None)
        if entry is None:
            return
        self._strikes.pop(address, None)

        def change(manifest: Manifest) -> Manifest:
            return manifest.with_entry(
                replace(entry, rewrite="original", state="barred", reason=reason)
            )

        try:
            version = self.store.commit(
                change, author="selfsame", reason=f"rolled back {address}: {reason}"
            )
        except PinnedError as pinned:
            self.entries[address] = entry
            self._judged[address] = time.monotonic() + 60.0
            self.log("pinned", address, f"{reason}, but {pinned}")
            return
        self.log("rolled-back", address, reason, rewrite=entry.rewrite, version=version.id)


def _chance_of_more(failed: int, calls: int, failed_before: int, calls_before: int) -> float:
    """The chance of so many failures or more if the rewrite fails like the original.

    The hypergeometric tail of Fisher's exact test (Fisher 1922), one-sided.
    """
    from scipy.special import betaln

    def log_choose(n: int, k: int) -> float:
        return float(-betaln(n - k + 1, k + 1) - math.log(n + 1))

    both, everything = failed + failed_before, calls + calls_before
    whole = log_choose(everything, both)
    least = max(failed, both - calls_before)
    return sum(
        math.exp(log_choose(calls, k) + log_choose(calls_before, both - k) - whole)
        for k in range(least, min(both, calls) + 1)
    )


def install_message(node: Node, variation: Variation) -> dict[str, object]:
    """The ``install`` message for a node."""
    return {
        "t": "install",
        "key": node.key,
        "address": node.address,
        "rewrite": variation.id,
        "code": variation.code,
        "constants": constants_of(variation),
    }


def constants_of(variation: Variation) -> list[tuple[str, str, str, str, str, str]]:
    """A variation's placeholders as the wire carries them."""
    return [
        (c.placeholder, c.kind, c.module, c.attribute, c.path, c.digest)
        for c in variation.constants
    ]
