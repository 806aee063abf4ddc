"""The workshop that `mutate_node` works in: variations, trials, the rule, versions, for real programs.

Runs in the engine's worker thread. It reads what the loop thread keeps, and reaches programs only
through the store and the orders.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from selfsame.compiler.analysis.worlds import World
from selfsame.compiler.errors import Skipped
from selfsame.runtime.engine.eligibility import why_not, world
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.monitor.judge import Outcome, Verdict
from selfsame.runtime.mutation.ahead import ahead
from selfsame.runtime.mutation.choice import Choice
from selfsame.runtime.mutation.mutate import Interrupted, mutate_node
from selfsame.runtime.mutation.observe import observe, words_of
from selfsame.runtime.mutation.promotion import RARE_SHARE, Decision, decide, first_share
from selfsame.runtime.mutation.requests import aim_of, declared, request_for
from selfsame.runtime.mutation.sample import (
    AMPLIFIED,
    CAPTURED,
    FEWEST_CAPTURED,
    demand,
    repeated,
)
from selfsame.runtime.mutation.spending import Postponed, Spending
from selfsame.runtime.mutation.wishes import CdlWishes
from selfsame.runtime.shadow.request import Objective
from selfsame.runtime.shadow.trial import Trial, run_trial
from selfsame.runtime.versions.manifest import Manifest, NodeEntry
from selfsame.runtime.versions.store import PinnedError
from selfsame.runtime.versions.word import is_person
from selfsame.variants.catalogue import each_for, survey
from selfsame.variants.site import AnyTemplate, Observed, Refusal, Site, Wishes, print_observed
from selfsame.variants.variation import Variation

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

TRIAL_BUDGET_S = 20.0
LONGEST_TRIAL_S, LONGEST_FOR_FEW_S = 120.0, 60.0
SHARED_BY = 6  # so many trials, at the least, are to fit into the time for work afterwards
CALLS_FOR_EACH = 10
"""Calls that a trial makes for each input, and what a busy machine makes longer."""
S_FOR_BYTE = 1e-6
"""What it takes to read an input so often, and to compare what became of it, by its size."""
LONG_NS = 200_000_000
"""Calls that are asked for take the original no longer: each is made some ten times in a trial."""
LOOK_S = 0.05
SURVEYED = 12
REST_S = 3.0
"""After what passed no more are begun than in so long: other nodes wait."""
LITTLE = 0.05
"""Of a node that takes so little of the time no better variation is looked for."""
TRYING = "trying"
TOO_LATE = "what could be tried was not found out before the program's end"
COMPILING = ("pure-function-to-cython", "scalar-function-to-cython")


def no_more_than_needed(calls: list[tuple[bytes, int]], wanted: int) -> list[tuple[bytes, int]]:
    """All captured calls; of those that take long, as many as are asked for."""
    spent = 0
    for place, (_, nanoseconds) in enumerate(calls):
        if place >= wanted and spent > LONG_NS:
            return calls[:place]
        spent += nanoseconds
    return calls


def _still(entry: NodeEntry | None, variation: Variation, proposed: bool) -> bool:
    """Whether an entry is as it was promoted here, or has come further by itself."""
    if entry is None or entry.rewrite != variation.id or is_person(entry.by):
        return False
    return entry.state in (("proposed",) if proposed else ("canary", "active"))


class LiveWorkshop:
    """One for an engine. ``possible`` and ``refusals`` say by node what can be tried and what not.

    ``alone`` is set while no program is left: nothing more will be captured. ``idle`` is set when
    nothing can be worked on from what was. ``trying`` is set while a trial runs. ``choice`` says which
    node is next.
    """

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self.program: Mapping[str, Any] = {}
        self.cancel = threading.Event()
        self.alone = threading.Event()
        self.idle = threading.Event()
        self.trying = threading.Event()
        self.possible: dict[str, list[str]] = {}
        self.refusals: dict[str, list[str]] = {}
        self._calls: list[tuple[bytes, int]] = []
        self._sequence: list[int] = []
        self._outermost: frozenset[int] = frozenset()
        self._patience_s = LONGEST_TRIAL_S
        self._passed_at: float | None = None
        self._passed_gain = 1.0
        self._undecided = False
        self._observed = Observed()
        self._world: World | None = None
        self._spending = Spending()
        self.choice = Choice(engine, self.alone)

    def work_on(self, node: Node) -> None:
        """Vary, try and perhaps promote one node.

        Raises Skipped where it never can be, and Interrupted at the engine's end.
        """
        with self.choice.working_on(node.address):
            try:
                self._work_on(node)
            except Skipped:
                self.engine.candidates.finished(node.address)  # before its calls may be asked for
                raise

    def _work_on(self, node: Node) -> None:
        engine, address = self.engine, node.address
        progress = engine.candidates.of(address)
        self.choice.check(node)
        violated = [v for v in progress.verdicts if v.outcome is Outcome.FAIL]
        self._calls = no_more_than_needed(
            engine.captures.calls(address), self.choice.sample_of(address).wanted
        )
        self._sequence = engine.captures.sequence(address, self._calls)
        self._outermost = engine.captures.outermost(address, self._calls)
        engine.captures.stop(address)
        self._world = world(engine.modules, node, (payload for payload, _ in self._calls))
        why = why_not(node, self._world)
        if why:
            engine.captures.forget(address)
            raise Skipped(f"these calls of it cannot be shadowed: {why}")
        self._undecided = False
        try:
            version = mutate_node(node, violated, self)
        except Postponed as postponed:
            progress.next_try = time.monotonic() + postponed.wait_s
            progress.state = str(postponed)
            self.log("postponed", node, str(postponed))
            return
        self._spending.forget(address)
        if not version and self._undecided and engine.candidates.later(address):
            # More calls, and a longer trial, may decide it.
            engine.captures.want(address, len(self._calls) + CAPTURED)
            if self.alone.is_set():
                engine.candidates.hasten()
            progress.state = "too little could be compared so far: it will be tried again"
            return
        engine.captures.forget(address)
        engine.candidates.finished(address)
        if not version:
            tried = progress.state.startswith(TRYING)
            progress.state = "no variation was better" if tried else progress.state
        elif engine.mode(address) == "approve":
            progress.state = f"a rewrite is proposed: selfsame approve {address}"
        else:
            progress.state = ""

    def survey(self, late: Callable[[], bool] = lambda: False) -> None:
        """Find out, one node at a time, what could be tried on the nodes that matter.

        Where it is ``late`` by then, what was found out may be that facts were given up.
        """
        engine = self.engine
        wanted = [*engine.candidates.bound(), *engine.graph.hottest(SURVEYED)]
        for address in wanted:
            node = engine.modules.find(address)
            if node is None or address in self.possible:
                continue
            self.possible[address], self.refusals[address] = [], []
            try:
                self.choice.check(node)
            except Skipped as skip:
                self.refusals[address] = [TOO_LATE if late() else skip.reason]
                return
            self.possible[address], refused = survey(self._site(node, Observed()))
            self.refusals[address] = [f"{r.template}: {r.reason}" for r in refused]
            if late():
                self.refusals[address] = [TOO_LATE]
            return

    # what mutate_node asks for

    def generate_variations(self, node: Node) -> Iterator[Variation]:
        """Every variation that the templates make of the node, from its captured calls' types.

        While one is tried, the next is made: a build takes seconds.
        """
        parameters = node.code.co_varnames[: node.parameters]
        payloads = (payload for payload, _ in self._calls)
        observed = observe(payloads, parameters, words_of(node.module.source))
        self._observed = observed = replace(observed, repeats=repeated(self._sequence))
        self._patience_s, self._passed_at, self._passed_gain = LONGEST_TRIAL_S, None, 1.0
        most = self.engine.candidates.limits(node.address).candidates
        refusals: list[str] = []
        self.possible[node.address], self.refusals[node.address] = [], refusals
        count = over = 0
        for result in ahead(self._vary(node, observed)):
            if enough := self._enough(node):
                refusals.append(f"not tried: others, since {enough}")
                break
            if not isinstance(result, Variation):
                refusals.append(f"{result.template}: {result.reason}")
            elif most is not None and count >= most:
                over += 1
            else:
                count += 1
                known = {*self.possible[node.address], result.template}
                self.possible[node.address] = sorted(known)
                yield result
        if over:
            refusals.append(f"{over} variations are over the budget of {most}")
        if not count:
            # What compiles takes nearly every function: why it does not says most.
            telling = sorted(refusals, key=lambda told: told.partition(":")[0] not in COMPILING)
            state = "; ".join(telling[:2]) or "no template applies"
            self.engine.candidates.of(node.address).state = f"nothing to try: {state}"

    def _enough(self, node: Node) -> str:
        """Why no other variation is begun, in a program that runs; empty where one is."""
        if self._passed_at is None or self.alone.is_set():
            return ""
        if time.monotonic() - self._passed_at > REST_S:
            return "one passed and other functions wait"
        share = self.engine.graph.share(node.address) or 1.0
        left = share / self._passed_gain
        left /= 1.0 - share + left
        if left < LITTLE and self.engine.candidates.constraints(node.address) is None:
            return f"with what passed it takes {left:.1%} of the time"
        return ""

    def shadow(self, node: Node, variation: Variation, to_beat: float) -> Trial:
        """Run original and variation side by side on the captured calls."""
        done = self._spending.of(node.address).trials
        if variation.id in done:
            return done[variation.id]  # from before a wait
        if not self.alone.is_set():
            limits = self.engine.candidates.limits(node.address)
            self._spending.check(node.address, limits.shadow_cpu)
            self._let_canaries_go_first()
        progress = self.engine.candidates.of(node.address)
        progress.state = f"{TRYING} {variation.template}"
        self.log("trying", node, variation.summary, template=variation.template)
        constraints = self.engine.candidates.constraints(node.address)
        samples = self.engine.candidates.rules(node.address).shadow_samples
        asked = demand(len(self._calls), declared(variation), samples)
        request = request_for(
            node,
            variation,
            self._calls,
            self.program,
            constraints,
            self._world,
            min_calls=asked.min_calls,
            invented=asked.invented,
            amplified=asked.amplified,
            typed=asked.typed,
            budget_s=min(self._budget(node, variation), self._patience_s),
            objective=self._objective(node),
            weighed=self._memory_bound(node),
            sequence=self._sequence if variation.kept_bytes else (),
            outermost=self._outermost,
            to_beat=to_beat,
        )
        self.trying.set()
        try:
            with self._spending.counted(node.address):
                trial = run_trial(request, cancel=self.cancel)
        finally:
            self.trying.clear()
        if self.cancel.is_set() and not trial.promotable:
            if self.alone.is_set():
                why = "the work ended while {} was tried: a larger --budget lets it go on"
            else:
                why = (
                    "the program ended while {} was tried: `selfsame optimize` goes on where a "
                    "program has ended"
                )
            raise Interrupted(why.format(variation.template))
        done[variation.id] = trial
        if trial.promotable:
            # Other nodes wait while the others are tried: these get about as long as it took.
            if self._passed_at is None:
                self._passed_at = time.monotonic()
            if not variation.kept_bytes:  # what that gains ends where no calls repeat
                self._passed_gain = max(self._passed_gain, trial.gain)
            self._patience_s = min(self._patience_s, max(TRIAL_BUDGET_S / 2, 2 * trial.seconds))
        record = trial.as_json()
        record.update(template=variation.template, variation=variation.id, verdict=trial.same)
        self.engine.store.add_trial(node.address, record)
        if trial.refused:
            raise Skipped(f"it cannot be shadowed: {trial.refused}")
        self._undecided |= trial.same == "inconclusive" and trial.faster != "not faster"
        return trial

    def decide(self, trial: Trial, node: Node, violated: Sequence[Verdict]) -> Decision:
        """The promotion rule, and the mode: ``shadow`` tries and changes nothing."""
        candidates = self.engine.candidates
        decision = decide(
            trial, candidates.constraints(node.address), candidates.of(node.address).verdicts
        )
        if decision.promote and self.engine.mode(node.address) == "shadow":
            return Decision(False, f"{decision.reason}; mode shadow changes nothing")
        return decision

    def promote(
        self,
        node: Node,
        variation: Variation,
        trial: Trial,
        decision: Decision,
        instead_of: Variation | None,
    ) -> str | None:
        """Record a new version; in mode auto it runs at once, in mode approve it waits.

        None where the head says something else of the node by now than ``instead_of``.
        """
        store = self.engine.store
        store.put_rewrite(variation)
        proposed = self.engine.mode(node.address) == "approve"
        effect = trial.speedup
        entry = NodeEntry(
            address=node.address,
            content_hash=node.content_hash,
            dependencies={
                **variation.dependencies,
                **node.module.facts.dependencies(node.address, self._world),
            },
            rewrite=variation.id,
            template=variation.template,
            family=variation.family,
            parameters=variation.parameters,
            observed=print_observed(self._observed),
            guards=variation.guards,
            evidence=trial.evidence,
            speedup=f"{effect.median:.2f}x ({effect.low:.2f} to {effect.high:.2f})"
            if effect
            else "",
            state="proposed" if proposed else "canary",
            canary="" if proposed else self._first_share(node),
            reason=decision.reason,
        )

        def change(manifest: Manifest) -> Manifest:
            there = manifest.nodes.get(node.address)
            if instead_of is not None and not _still(there, instead_of, proposed):
                return manifest
            return manifest.with_entry(entry)

        try:
            version = store.commit(
                change, author="selfsame", reason=f"{entry.state}: {node.address}"
            )
        except PinnedError as pinned:
            raise Skipped(str(pinned)) from pinned
        now = version.manifest.nodes.get(node.address)
        if now is None or now.rewrite != variation.id:
            return None
        # Trials wait for its first comparison, but where its canary takes longer in any case.
        if entry.canary not in ("", RARE_SHARE):
            self.engine.probation.promoted(node.address, variation.id)
        self.engine.changed.set()
        return version.id

    def log(self, kind: str, node: Node, reason: str, **numbers: object) -> None:
        """One structured event."""
        self.engine.log(kind, node.address, reason, **numbers)

    # helpers

    def _let_canaries_go_first(self) -> None:
        """Wait while a processor has better to do than a trial: what passed one gains nothing yet."""
        while self.engine.probation.urgent and not self.alone.is_set():
            if self.cancel.wait(LOOK_S):
                return

    def _first_share(self, node: Node) -> str:
        graph = self.engine.graph
        mean_s = graph.node(node.address).recent(rewrite="").mean_s
        calls_a_s = (graph.share(node.address) or 1.0) / mean_s if mean_s else math.inf
        return first_share(self.engine.candidates.rules(node.address).canary, calls_a_s)

    def _vary(self, node: Node, observed: Observed) -> Iterator[Variation | Refusal]:
        objective = self._objective(node)
        site = self._site(node, observed, objective == "errors")
        aim = objective if objective in ("time", "memory") else ""
        build_s = self.engine.candidates.limits(node.address).build_time_s
        return each_for(site, aim=aim, build_s=build_s)

    def _site(self, node: Node, observed: Observed, only_declared: bool = False) -> Site:
        constraints = self.engine.candidates.constraints(node.address)
        wishes: Wishes = CdlWishes(constraints, only_declared) if constraints else AnyTemplate()
        return Site(
            source=node.module.source,
            definition=node.definition,
            facts=node.module.facts,
            observed=observed,
            constraints=wishes,
            optimize=node.module.optimize,
            registered=self.engine.modules.algorithms() if wishes.algorithms else {},
        )

    def _budget(self, node: Node, variation: Variation) -> float:
        """Seconds for a trial: heavy calls need more to be compared, and so does a second try.

        Not so what keeps results, at first: what else there is for the node, and other nodes, wait for it.
        """
        calls = len(self._calls)
        spent = CALLS_FOR_EACH * sum(nanoseconds for _, nanoseconds in self._calls) / 1e9
        read = S_FOR_BYTE * sum(len(payload) for payload, _ in self._calls)
        needed = (spent + read) * (calls + AMPLIFIED) / max(1, calls)
        least = TRIAL_BUDGET_S if variation.kept_bytes else max(TRIAL_BUDGET_S, needed)
        tries = 1 + self.engine.candidates.of(node.address).tries
        longest = LONGEST_TRIAL_S if calls >= FEWEST_CAPTURED else LONGEST_FOR_FEW_S
        if afterwards_s := self.engine.settings.afterwards_s:  # it is there for all nodes
            longest = min(longest, max(TRIAL_BUDGET_S, afterwards_s / SHARED_BY))
        return min(longest, tries * least)

    def _objective(self, node: Node) -> Objective:
        constraints = self.engine.candidates.constraints(node.address)
        verdicts = self.engine.candidates.of(node.address).verdicts
        return aim_of(constraints, [v.metric for v in verdicts if v.outcome is Outcome.FAIL])

    def _memory_bound(self, node: Node) -> bool:
        """Whether memory was found to be within a bound, which a rewrite must not break."""
        verdicts = self.engine.candidates.of(node.address).verdicts
        return any(v.metric == "memory_usage" and v.value is not None for v in verdicts)
