"""Which nodes are to be mutated now: a violation that was confirmed, or (``--auto``) plain heat."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from selfsame.compiler.constraints.bind import Binding, ConstraintSet
from selfsame.compiler.constraints.sets import Budget, Rollout
from selfsame.compiler.instrument.probes import refused
from selfsame.runtime.engine.inner import Inner
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.monitor.confirm import PASSED, Confirmation
from selfsame.runtime.monitor.edges import Passed
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.judge import Observation, Outcome, Verdict, judge
from selfsame.runtime.monitor.kept import BASELINE_CALLS
from selfsame.runtime.mutation.wishes import still_allowed
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.owners import owner_of

CONFIRMATIONS = 2
HOT_SHARE = 0.03
WARM_SHARE, WARM_LOOKS = 0.005, 10
"""What was seen so often is worked on too: many programs spend their time a percent here and a percent there."""
RETRY_S = 20.0
MOST_TRIES = 6


@dataclass
class Progress:
    """How far a node has come: verdicts in a row that failed, tries so far, what was said last."""

    fails: int = 0
    confirmation: Confirmation = field(default_factory=Confirmation)
    judged_at: float = 0.0
    tries: int = 0
    next_try: float = 0.0
    done: bool = False
    verdicts: Sequence[Verdict] = ()
    state: str = ""


@dataclass
class Candidates:
    """Judges every known node and hands out the ones to work on, the hottest first."""

    modules: Modules
    graph: LivingGraph
    binding: Binding | None
    hot: bool
    progress: dict[str, Progress] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._inner = Inner(self.modules)

    @property
    def inner(self) -> Inner:
        """What is timed inside functions."""
        self._inner.bind(self.binding)
        return self._inner

    def of(self, address: str) -> Progress:
        """The node's progress, made when first asked for."""
        return self.progress.setdefault(address, Progress())

    def constraints(self, address: str) -> ConstraintSet | None:
        """The node's constraint set, if CDL says anything of it.

        An outlined loop that is not named itself has that of its function, without what bounds its calls.
        """
        if self.binding is None:
            return None
        found = self.binding.of(address)
        of_owner = self.binding.of(owner_of(address)) if found is None else None
        if of_owner is None:
            return found
        return replace(of_owner, address=address, bounds=(), objective=None)

    def rules(self, address: str) -> Rollout:
        """How CDL wants new versions of a node let in; the defaults where it does not say."""
        constraints = self.constraints(address)
        return constraints.rollout if constraints is not None else Rollout()

    def limits(self, address: str) -> Budget:
        """What CDL says that work on a node may cost; no limit where it does not say."""
        constraints = self.constraints(address)
        return constraints.budget if constraints is not None else Budget()

    def forbids(self, entry: NodeEntry) -> bool:
        """Whether CDL says by now that a node must not run what an entry says."""
        constraints = self.constraints(entry.address)
        return constraints is not None and not still_allowed(constraints, entry)

    def bound(self) -> list[str]:
        """Addresses of nodes that constraints want watched: those with a bound or an objective."""
        if self.binding is None:
            return []
        sets = self.binding.sets
        return [
            a
            for a in list(self.modules.nodes)
            if a in sets and (sets[a].bounds or sets[a].objective)
        ]

    def watched(self) -> list[str]:
        """The functions that constraints want watched, for their own sake or for what is in them."""
        return list(dict.fromkeys([*self.bound(), *self.inner.functions()]))

    def callees(self) -> list[str]:
        """The nodes that bounds on edges name: what calls pass to them is looked at more often."""
        if self.binding is None:
            return []
        known = [a for a in list(self.modules.nodes) if a in self.binding.sets]
        bounds = [b for a in known for b in self.binding.sets[a].bounds if b.metric in PASSED]
        return [b.subject for b in bounds if b.subject in self.modules.nodes]

    def passed(self, address: str, callee: str, over_s: float | None, rewrite: str) -> Passed:
        """What passed along the edges of a node, or why nothing is known of it."""
        found = self.graph.edges.passed(address, callee, time.monotonic(), over_s, rewrite)
        if found.times.calls or not callee:
            return found
        node = self.modules.find(callee)
        why = f"{callee} is no function that is watched"
        if node is not None:
            why = refused(node.definition.kind, "capture") and f"{callee} can be suspended"
        return replace(found, why=why)

    def observe(self, address: str, rewrite: str) -> Observation:
        """What is known of a node while ``rewrite`` ran ("" is the original)."""
        node = self.graph.node(address)
        now = time.monotonic()
        return Observation(
            over=lambda over_s: node.recent(now, over_s, rewrite),
            peaks=node.peaks(rewrite),
            unweighed=node.unweighed,
            allocations=node.allocations(rewrite),
            cpu_times=node.cpu_times(rewrite),
            share=self.graph.share(address),
            passed=lambda callee, over_s: self.passed(address, callee, over_s, rewrite),
            baseline=self._baseline(address) if rewrite else None,
        )

    def _baseline(self, address: str) -> Observation:
        """What the original measures: in this run, or where it hardly ran, in an earlier one."""
        seen, earlier = self.observe(address, ""), self.graph.node(address).earlier
        if earlier is None:
            return seen
        if seen.over(None).calls < BASELINE_CALLS:
            seen = replace(seen, over=lambda _: earlier.summary, since=earlier.at)
        return replace(
            seen,
            peaks=seen.peaks or earlier.peaks,
            allocations=seen.allocations or earlier.allocations,
            cpu_times=seen.cpu_times or earlier.cpu_times,
        )

    def judge(self) -> None:
        """Judge every bound node once for each new window; count failures in a row."""
        for address in (*self.bound(), *self.inner.addresses()):
            constraints = self.constraints(address)
            live = self.graph.nodes.get(address)
            if constraints is None or live is None:
                continue
            progress = self.of(address)
            timed_at = live.windows[-1].at if live.windows else 0.0
            weighed_at = live.weighings[-1].at if live.weighings else 0.0
            replayed_at = live.timings[-1].at if live.timings else 0.0
            passed_at = self.graph.edges.at.get(address, 0.0)
            newest = max(timed_at, weighed_at, passed_at, replayed_at)
            if newest <= progress.judged_at:
                continue
            progress.judged_at = newest
            progress.verdicts = judge(constraints, self.observe(address, live.rewrite))
            progress.fails = progress.confirmation.take(
                progress.verdicts, timed_at, weighed_at, passed_at, replayed_at
            )

    def failing(self, address: str) -> str:
        """The bound that a node violates now, in words; empty where it violates none."""
        progress = self.progress.get(address)
        if progress is None or self.constraints(address) is None:
            return ""
        return "; ".join(v.text() for v in progress.verdicts if v.outcome is Outcome.FAIL)

    def violates(self, address: str) -> bool:
        """Whether it is confirmed that a node, or something in it, violates what constraints say of it."""
        inside = [one.address for one in self.inner.of(address)]
        return any(
            self.of(a).fails >= CONFIRMATIONS and self.constraints(a) is not None
            for a in (address, *inside)
        )

    def violated_for_good(self, address: str) -> str:
        """As `failing`; empty where CDL takes a rewrite that only comes nearer to its bounds."""
        constraints = self.constraints(address)
        if constraints is None or constraints.partial:
            return ""
        return self.failing(address)

    def ready(self, allowed: Callable[[str], bool], hot: bool | None = None) -> list[str]:
        """The addresses to work on, those that matter most first; ``allowed`` asks a node's mode.

        ``hot`` in place of the engine's own: whether heat is enough.
        """
        hot = self.hot if hot is None else hot
        now = time.monotonic()
        ready = []
        for address, node in list(self.modules.nodes.items()):
            progress = self.of(address)
            if node.blocked or progress.done or progress.next_try > now:
                continue
            live = self.graph.nodes.get(address)
            if live is None or live.rewrite:
                continue
            if node.untried:
                progress.done, progress.state = True, node.untried
                continue
            constraints = self.constraints(address)
            share = self.graph.share(address) or 0.0
            least = WARM_SHARE if live.total >= WARM_LOOKS else HOT_SHARE
            violated = self.violates(address)
            wanted = violated or (share >= least and self._improvable(constraints, progress, hot))
            if wanted and allowed(address):
                ready.append((violated, self.graph.weight(address), address))
        return [address for _, _, address in sorted(ready, reverse=True)]

    def _improvable(self, constraints: ConstraintSet | None, progress: Progress, hot: bool) -> bool:
        """Whether a node is worth working on that violates nothing, if it is hot.

        With ``--auto`` where no bound speaks of it; with an objective once all bounds are met.
        """
        if constraints is None or not (constraints.bounds or constraints.objective):
            return hot
        if constraints.objective is None:
            return False
        passed = (v.outcome is Outcome.PASS for v in progress.verdicts)
        return bool(not constraints.bounds or progress.verdicts) and all(passed)

    def later(self, address: str) -> bool:
        """Too little was captured, say: try again after a while, a few times; False when done."""
        progress = self.of(address)
        progress.tries += 1
        progress.next_try = time.monotonic() + RETRY_S * progress.tries
        progress.done = progress.tries >= MOST_TRIES
        return not progress.done

    def hasten(self) -> None:
        """No program is left: waiting brings nothing."""
        for progress in self.progress.values():
            progress.next_try = 0.0

    def finished(self, address: str) -> None:
        """The node was promoted or refused for good in this run."""
        self.of(address).done = True
