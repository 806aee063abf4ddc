"""Puts what the head version says into every agent, watches it there, and takes it back.

An entry holds only while the node's content hash and its whole dependency set are what they were
when the rewrite was tried; otherwise it is dropped, as a version of its own.
"""

import marshal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from selfsame.compiler.constraints.sets import Rollout as Rules
from selfsame.compiler.errors import SelfsameError
from selfsame.compiler.instrument.twins import twin
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.engine.dependencies import changed, live_rows
from selfsame.runtime.engine.modules import Modules, Node
from selfsame.runtime.engine.server import Agent
from selfsame.runtime.engine.watch import Disappointment, Slices, disappoints
from selfsame.runtime.monitor.graph import LiveNode, LivingGraph
from selfsame.runtime.versions.manifest import ORIGINAL, NodeEntry, share_of, share_text
from selfsame.runtime.versions.store import Change, PinnedError, Store
from selfsame.runtime.versions.suspicion import suspect
from selfsame.variants.variation import Variation

STRIKES = 3


Relied = list[tuple[str, str, str]]


class Log(Protocol):
    """Writes one event."""

    def __call__(self, kind: str, address: str, reason: str, **numbers: object) -> None:
        """Kind, node, sentence, numbers."""
        ...


@dataclass
class Rollout:
    """The head version as it must run. Used by the engine's loop thread alone.

    ``entries`` run in full, ``canaries`` in slices; ``frozen`` says who keeps everything as it is.
    ``holds`` says of a node and a rewrite that it is to be compared with the original first.
    """

    store: Store
    modules: Modules
    graph: LivingGraph
    log: Log
    violated: Callable[[str], str]
    rules: Callable[[str], Rules]
    forbids: Callable[[NodeEntry], bool]
    changed: Callable[[], None]
    holds: Callable[[str, str], bool]
    entries: dict[str, NodeEntry] = field(default_factory=dict)
    canaries: dict[str, NodeEntry] = field(default_factory=dict)
    slices: dict[tuple[str, str], Slices] = field(default_factory=dict)
    frozen: str = ""
    rewrites: dict[str, Variation] = field(default_factory=dict)
    _twins: dict[tuple[str, str, tuple[tuple[str, str, str], ...]], bytes] = field(
        default_factory=dict
    )
    _checked: set[tuple[str, str]] = field(default_factory=set)
    _relied: dict[tuple[str, str], Relied] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _sent: dict[tuple[int, str], str] = field(default_factory=dict)
    _strikes: dict[str, int] = field(default_factory=dict)
    _learned: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _judged: dict[str, float] = field(default_factory=dict)
    _since: dict[tuple[str, str], float] = field(default_factory=dict)

    def refresh(self) -> None:
        """Read the head version again."""
        manifest = self.store.head().manifest
        self.entries = {a: entry for a, entry in manifest.nodes.items() if entry.runs}
        self.canaries = {a: entry for a, entry in manifest.nodes.items() if entry.tries}
        self.frozen = manifest.frozen
        now = time.monotonic()
        for address, entry in [*self.entries.items(), *self.canaries.items()]:
            self._since.setdefault((address, entry.rewrite), now)

    def rewrite_of(self, address: str) -> str:
        """The id of the rewrite that a node should run; empty for the original."""
        entry = self.entries.get(address)
        return entry.rewrite if entry else ""

    def shares(self) -> dict[str, float]:
        """The nodes whose rewrite is to run in slices now, with the share of the time for them."""
        if self.frozen:
            return {}
        found = {}
        for address, entry in list(self.canaries.items()):
            node = self.modules.find(address)
            if node is not None and self._holds(node, entry) and not self._closed(address):
                found[address] = share_of(entry.canary) or 0.0
        return found

    def in_canary(self, address: str) -> dict[str, object] | None:
        """The rewrite that a node has in canary, and the share of the time for it (0 to 1)."""
        entry = self.canaries.get(address)
        if entry is None:
            return None
        return {"rewrite": entry.rewrite, "share": share_of(entry.canary) or 0.0}

    def relied(self, entry: NodeEntry) -> Relied:
        """What agents watch while the rewrite of an entry runs."""
        wanted = (entry.address, entry.rewrite)
        if wanted not in self._relied:
            node = self.modules.find(entry.address)
            assert node is not None
            self._relied[wanted] = live_rows(node, self.modules, entry.dependencies)
        return self._relied[wanted]

    def saw(self, address: str, rewrite: str, calls: int) -> None:
        """A slice of a canary closed."""
        self.slices.setdefault((address, rewrite), Slices()).add(calls)

    def variation(self, rewrite: str) -> Variation:
        """A stored rewrite by its id."""
        if rewrite not in self.rewrites:
            self.rewrites[rewrite] = self.store.get_rewrite(rewrite)
        return self.rewrites[rewrite]

    def twin(self, rewrite: str, kind: str, reached: Sequence[tuple[str, str, str]] = ()) -> bytes:
        """The marshalled probed twin of a rewrite. Raises Skipped where it cannot be probed.

        ``reached``: outside functions of which it records what they give.
        """
        wanted = (rewrite, kind, tuple(reached))
        if wanted not in self._twins:
            code = marshal.loads(self.variation(rewrite).code)
            self._twins[wanted] = marshal.dumps(twin(code, kind, reached=reached))
        return self._twins[wanted]

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
                    self.drop(address, f"its rewrite cannot be loaded: {error}")
                    break
                agent.send(install_message(node, variation, self.relied(entry)))
        for (agent_id, address), rewrite in list(self._sent.items()):
            if self.rewrite_of(address) != rewrite:
                del self._sent[agent_id, address]

    def forget(self, agent: Agent) -> None:
        """An agent is gone."""
        for slot in [s for s in self._sent if s[0] == id(agent)]:
            del self._sent[slot]

    def failed(self, address: str, rewrite: str, reason: str) -> None:
        """An agent could not put a rewrite in, for a reason that every process has."""
        if self.rewrite_of(address) == rewrite:
            self.drop(address, f"it could not be put in: {reason}")

    def watch(self) -> None:
        """Roll back what disappoints; let what did well in its canary run in full."""
        for address, entry in [*self.entries.items(), *self.canaries.items()]:
            live = self.graph.nodes.get(address)
            if live is None or (entry.runs and live.rewrite != entry.rewrite):
                continue
            latest = live.windows[-1].at if live.windows else 0.0
            if latest <= self._judged.get(address, 0.0):
                continue
            self._judged[address] = latest
            found = disappoints(live, entry.rewrite, entry.promised, self._keeps_results(entry))
            if found is None and entry.runs and (bounds := self.violated(address)):
                found = Disappointment("bounds", bounds)
            if found is not None and not self.rules(address).rolls_back(found.kind):
                found = None
            strikes = self._strikes.get(address, 0) + 1 if found else 0
            self._strikes[address] = strikes
            if found is not None and (found.certain or strikes >= STRIKES):
                self.drop(address, found.reason)
            elif entry.tries and found is None:
                self._advance(entry, live)

    def found(self, address: str, rewrite: str, kind: str, reason: str) -> None:
        """A comparison speaks against a rewrite; ``kind`` as CDL's ``rollback`` names it."""
        entry = self.entries.get(address) or self.canaries.get(address)
        meant = entry is not None and entry.rewrite == rewrite
        if meant and self.rules(address).rolls_back(kind):
            self.drop(address, reason)

    def learned(self, address: str, rewrite: str, evidence: tuple[str, ...]) -> None:
        """More speaks for a rewrite: the version that lets it run in full says so, or one of its own."""
        entry = self.entries.get(address)
        if entry is None or entry.rewrite != rewrite or self.frozen:
            self._learned[address, rewrite] = evidence
            return
        new = replace(entry, evidence=(*entry.evidence, *evidence))
        change = _where(entry, lambda m: m.with_entry(new))
        try:
            self.store.commit(change, author="selfsame", reason=f"more evidence: {address}")
        except PinnedError as pinned:
            self.log("pinned", address, f"more evidence, but {pinned}")
            return
        self.changed()

    def tried(self) -> dict[str, str]:
        """The rewrites in canary that ran in slices: id by address."""
        return {a: e.rewrite for a, e in self.canaries.items() if (a, e.rewrite) in self.slices}

    def died(self, death: str, rewrites: Mapping[str, str]) -> None:
        """A process crashed while ``rewrites`` ran in it."""
        if not rewrites:
            return
        try:
            version = self.store.commit(
                suspect(rewrites, death), author="selfsame", reason=f"suspected: {death}"
            )
        except PinnedError as pinned:
            self.log("pinned", "", f"{death}, but {pinned}")
            return
        for address, rewrite in rewrites.items():
            self._strikes.pop(address, None)
            self.slices.pop((address, rewrite), None)
            self.log("suspected", address, death, rewrite=rewrite, version=version.id)
        self.changed()

    def _closed(self, address: str) -> bool:
        """Whether CDL has nothing swapped in now: in the machine's local time."""
        now = time.localtime()
        return self.rules(address).frozen(now.tm_wday, now.tm_hour * 60 + now.tm_min)

    def _advance(self, entry: NodeEntry, live: LiveNode) -> None:
        """Take a rewrite to its canary's next step, or to full, where it has seen enough."""
        steps = self.rules(entry.address).canary
        trial = self.slices.setdefault((entry.address, entry.rewrite), Slices())
        done = trial.enough(live, entry.rewrite, (steps and steps.hold_s) or 0.0)
        if not done or self.frozen or self._closed(entry.address):
            return
        if self.holds(entry.address, entry.rewrite):
            return
        share = share_of(entry.canary) or 0.0
        following = next((s for s in steps.steps if s > share), 1.0) if steps else 1.0
        wider = share_text(following)
        if share_of(wider) is not None:
            new, kind = replace(entry, canary=wider), "wider"
        else:
            more = self._learned.pop((entry.address, entry.rewrite), ())
            evidence = (*entry.evidence, *more, f"canaried {trial.calls}")
            new, kind = replace(entry, state="active", canary="", evidence=evidence), "in-full"
        words = f"in canary {wider}" if kind == "wider" else "in full"
        change = _where(entry, lambda m: m.with_entry(new))
        try:
            version = self.store.commit(
                change, author="selfsame", reason=f"{words}: {entry.address}: {done}"
            )
        except PinnedError as pinned:
            self.log("pinned", entry.address, f"{done}, but {pinned}")
            return
        del self.slices[entry.address, entry.rewrite]
        told = f"for {wider} of the time: {done}" if kind == "wider" else done
        self.log(kind, entry.address, told, rewrite=entry.rewrite, version=version.id)
        self.changed()

    def _holds(self, node: Node, entry: NodeEntry) -> bool:
        """Whether an entry's node and dependency set are what they were, and CDL allows it."""
        held = self.frozen or entry.state not in ("active", "canary")  # by a person's word
        if not held and self.forbids(entry):
            self._stale(entry, "the constraints do not allow it")
            return False
        checked = (entry.address, entry.rewrite)
        if checked in self._checked:
            return True
        if node.blocked:
            return False
        if node.content_hash != entry.content_hash:
            self._stale(entry, "its source was edited")
            return False
        stale = changed(node, self.modules, entry.dependencies)
        if stale:
            self._stale(entry, f"what it relied on has changed: {', '.join(stale[:3])}")
            return False
        self._checked.add(checked)
        return True

    def _stale(self, entry: NodeEntry, reason: str) -> None:
        """Forget a rewrite of what is no more so, as a version: others may be tried."""
        told = (entry.address, entry.rewrite)
        if told not in self._told:
            self._told.add(told)
            forget = _where(entry, lambda m: m.without(entry.address))
            self._take_back(entry, "dropped", reason, forget)

    def drop(self, address: str, reason: str) -> None:
        """Roll a rewrite back and bar it, as a version; a person's pin stands, the log says so."""
        entry = self.entries.get(address) or self.canaries.get(address)
        if entry is not None:
            self._strikes.pop(address, None)
            barred = replace(entry, rewrite=ORIGINAL, state="barred", canary="", reason=reason)
            change = _where(entry, lambda m: m.with_entry(barred))
            self._take_back(entry, "rolled-back", reason, change)

    def _keeps_results(self, entry: NodeEntry) -> bool:
        try:
            return bool(self.variation(entry.rewrite).kept_bytes)
        except (SelfsameError, KeyError):
            return False  # whoever puts it in says that it cannot be loaded

    def _take_back(self, entry: NodeEntry, kind: str, reason: str, change: Change) -> None:
        address = entry.address
        words = f"{kind.replace('-', ' ')} {address}: {reason}"
        try:
            version = self.store.commit(change, author="selfsame", reason=words)
        except PinnedError as pinned:
            self._judged[address] = time.monotonic() + 60.0
            self.log("pinned", address, f"{reason}, but {pinned}")
            return
        self.entries.pop(address, None)
        self.canaries.pop(address, None)
        after_s = round(time.monotonic() - self._since.pop((address, entry.rewrite)), 1)
        told = f"{reason}; {after_s} s after it was let in"
        self.log(kind, address, told, rewrite=entry.rewrite, version=version.id, after_s=after_s)
        self.changed()


def _where(entry: NodeEntry, change: Change) -> Change:
    """A change that is made only where the head still says the same of the node."""
    return lambda manifest: (
        change(manifest) if manifest.nodes.get(entry.address) == entry else manifest
    )


def install_message(node: Node, variation: Variation, relied: Relied) -> dict[str, object]:
    """The ``install`` message for a node; ``relied`` is what `live_rows` says."""
    return {
        "t": "install",
        "key": node.key,
        "address": node.address,
        "rewrite": variation.id,
        "code": variation.code,
        "constants": constants_of(variation),
        "fingerprint": fingerprint(node.code),
        "relied": relied,
    }


def constants_of(variation: Variation) -> list[tuple[str, str, str, str, str, str]]:
    """A variation's placeholders as the wire carries them."""
    return [
        (c.placeholder, c.kind, c.module, c.attribute, c.path, c.digest)
        for c in variation.constants
    ]
