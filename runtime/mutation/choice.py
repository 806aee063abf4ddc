"""Which node is worked on next: calls of all that may be are asked for, and one that has enough is taken."""

import ast
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selfsame.compiler.errors import Skipped
from selfsame.runtime.engine.eligibility import why_never
from selfsame.runtime.engine.modules import Node
from selfsame.runtime.mutation.sample import Sample
from selfsame.runtime.shadow.bench import NAMES
from selfsame.runtime.shadow.forkserver import start_ahead
from selfsame.runtime.versions.word import closed

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

logger = logging.getLogger("selfsame.engine")

MUCH_HEAVIER = 2.0
"""A node is waited for that matters so many times as much as one whose calls are there."""
NO_CALL_S = 1.0
"""Looked at for so long, a function none of whose calls has ended may be one that is called once."""


def no_reentry(node: Node) -> str:
    """That a function runs and is not called, and which part of it could be: its outermost loop."""
    text = (
        "no re-entry point so far: no call of it has ended since it is looked at, and what would run in "
        "its place begins with the next call"
    )
    loops = (
        n
        for n in ast.walk(node.definition.node)
        if isinstance(n, ast.For | ast.AsyncFor | ast.While)
    )
    first = next(loops, None)
    if first is None:
        return text
    text += f" (the inside of its loop in line {first.lineno}, as a function, would be called)"
    left = node.module.outline.left_in(node.definition.qualname) if node.module is not None else []
    return "; ".join([text, *left])


class Choice:
    """Asks for calls of nodes, and chooses one of those that have enough.

    `ask` is called from a thread of its own, so that calls of all hot nodes are captured while one is
    worked on. ``alone`` is set while no program is left: nothing more will be captured.
    """

    def __init__(self, engine: "Engine", alone: threading.Event) -> None:
        self.engine = engine
        self._alone = alone
        self._asking = threading.Lock()
        self._working = ""
        self._prepared: set[int] = set()

    @contextmanager
    def working_on(self, address: str) -> Iterator[None]:
        """A block in which no calls of a node are asked for."""
        with self._asking:
            self._working = address
        try:
            yield
        finally:
            with self._asking:
                self._working = ""

    def ask(self, ready: Sequence[str]) -> None:
        """Ask for calls of all nodes that can be worked on, but for the one that is."""
        for node, refused in self._checked(ready):
            if refused:
                continue
            address = node.address
            with self._asking:
                progress = self.engine.candidates.of(address)
                if address == self._working or progress.done:
                    continue
                if progress.next_try > time.monotonic():
                    continue  # it rests
                sample = self.sample_of(address)
                self._prepare(node.module.optimize)
                if sample.standing == "ready":
                    # What more calls cost is for nodes that have too few.
                    self.engine.captures.stop(address)
                    continue
                self.engine.parts.prepare(node)
                self.engine.captures.want(address, sample.wanted)
                if sample.standing == "waiting":
                    progress.state = f"capturing calls ({sample.have} of {sample.wanted}"
                    progress.state += f"{self._hindrance(address)})"
                    if not self._called(address):
                        progress.state = no_reentry(node)

    def _prepare(self, optimize: int) -> None:
        """Have the interpreters start that the first trial's workers come from."""
        if optimize not in self._prepared:
            self._prepared.add(optimize)
            start_ahead(NAMES, optimize)

    def choose(self, ready: Sequence[str]) -> Node | None:
        """The first node of which enough was captured.

        One that can never be worked on comes back too: ``work_on`` says why. A node that violates
        nothing waits while one that matters much more is about to have its calls: a trial takes a while.
        """
        awaited = 0.0
        for node, refused in self._checked(ready):
            if refused:
                return node
            sample = self.sample_of(node.address)
            weight = self.engine.graph.weight(node.address)
            violates = self.engine.candidates.of(node.address).fails
            if sample.standing == "ready" and (violates or awaited <= MUCH_HEAVIER * weight):
                return node
            if sample.standing == "waiting" and sample.soon:
                awaited = max(awaited, weight)
            if sample.standing == "too few":
                with self._asking:
                    self._give_up_for_now(node, sample)
        return None

    def _checked(self, ready: Sequence[str]) -> Iterator[tuple[Node, bool]]:
        """The nodes at the addresses, each with whether it must not be worked on at all."""
        for address in ready:
            node = self.engine.modules.find(address)
            if node is None:
                continue
            refused = False
            try:
                self.check(node)
            except Skipped:
                refused = True
            except Exception as error:  # ours, and of this node alone: others are worked on
                logger.exception("while looking at %s", address)
                self.engine.log("internal-error", address, f"{type(error).__name__}: {error}")
                node = self.engine.modules.block(address, f"an error inside selfsame: {error}")
                refused = True
            if self.engine.stopping.is_set():
                return  # facts were given up for that
            yield node, refused

    def check(self, node: Node) -> None:
        """Raise Skipped where a node must not be worked on at all."""
        if node.blocked:
            raise Skipped(node.blocked)
        head = self.engine.store.head().manifest
        entry = closed(head, node.address, node.content_hash)
        if entry is not None:
            raise Skipped(f"{entry.state} by {entry.by or 'selfsame'}: {entry.reason}")
        said = head.nodes.get(node.address)
        if said is not None and said.tries and said.content_hash == node.content_hash:
            raise Skipped(f"a rewrite is in canary ({said.canary}): {said.template}")
        constraints = self.engine.candidates.constraints(node.address)
        if constraints is not None and constraints.untouchable:
            raise Skipped("CDL says that it is never to be touched")
        why = why_never(node)
        if why:
            raise Skipped(f"it cannot be shadowed: {why}")

    def _called(self, address: str) -> bool:
        """Whether a call of a node was seen to end, or it was not looked at for long."""
        captures, live = self.engine.captures, self.engine.graph.nodes.get(address)
        looked_at = captures.age(address) > NO_CALL_S
        return not looked_at or bool(captures.seen(address) or (live and live.windows))

    def sample_of(self, address: str) -> Sample:
        """How many calls of a node there are, and since when they are asked for."""
        captures, rules = self.engine.captures, self.engine.candidates.rules(address)
        asked, rate = rules.shadow_samples, rules.shadow_rate
        # Where only a share of the calls is captured, as many take as much longer.
        age_s = captures.age(address) * (rate if rate is not None else 1.0)
        have, seen = len(captures.calls(address)), captures.seen(address)
        refused = sum(captures.refusals(address).values())
        took_s = captures.took_s(address)
        return Sample(have, seen, age_s, self._alone.is_set(), asked, refused, took_s)

    def _give_up_for_now(self, node: Node, sample: Sample) -> None:
        engine, address = self.engine, node.address
        reason = self._too_few(address, sample)
        engine.candidates.of(address).state = reason
        engine.candidates.later(address)
        engine.captures.forget(address)
        engine.log("inconclusive", address, reason)

    def _too_few(self, address: str, sample: Sample) -> str:
        text = f"{sample.have} of {sample.least} distinct calls captured so far"
        return text + self._hindrance(address)

    def _hindrance(self, address: str) -> str:
        """Why calls of a node could not be captured, most of them; empty where all could."""
        refused = self.engine.captures.refusals(address)
        if not refused:
            return ""
        reason, count = max(refused.items(), key=lambda item: item[1])
        return f"; {count:,} calls could not be captured: {reason}"
