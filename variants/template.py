"""The three forms of a template: quasi-quotes, closed worlds, and plain code."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.names import Function
from selfsame.compiler.analysis.stable import Stable
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.errors import InternalError, Skipped
from selfsame.compiler.rewrite.apply import Accepted, find, guard_texts, rewrite
from selfsame.compiler.rewrite.closed_world import (
    Outside,
    Table,
    World,
    candidates,
    close,
    convert,
    replacements,
)
from selfsame.compiler.rewrite.pattern import Match
from selfsame.compiler.rewrite.quasi import Quasi
from selfsame.variants.build import build
from selfsame.variants.facts import RetryFacts, SiteFacts, place
from selfsame.variants.retry import Parts, Retry
from selfsame.variants.site import Refusal, Site
from selfsame.variants.variation import Variation

Result = list[Variation | Refusal]
DEPLOYMENTS = ("live", "next_start", "source_only")


@dataclass(frozen=True)
class Template:
    """A rule that can produce variations of a function.

    ``wins``: what it is for, ``time`` or ``memory`` -> how. ``deploy``: ``live`` (swapped into the
    running program), ``next_start`` or ``source_only``. ``doc`` is the module's docstring.
    ``combines``: it makes one of what others make.
    """

    name: str
    family: str
    wins: Mapping[str, str]
    deploy: str
    doc: str
    module: str
    helpers: Mapping[str, str] = field(default_factory=dict)
    guards: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    combines: bool = False

    def variations(self, site: Site) -> Result:
        """What the template makes of the function, and why not more."""
        function = site.definition.node
        if isinstance(function, ast.ClassDef):
            return []  # its methods are nodes of their own
        if site.definition.kind not in ("function", "lambda"):
            reason = f"it is a {site.definition.kind}: others run between its steps"
            return [self.refusal(site, reason, function)]
        flow = flow_of(function, site)
        looking = flow.sees_locals()
        if looking is not None:
            return [self.refusal(site, "it may look at its own variables by name", looking)]
        try:
            return self.apply(site, flow, function)
        except Skipped as skip:
            return [self.refusal(site, skip.reason, function)]

    def could(self, site: Site) -> "Sequence[Variation | Refusal | None]":
        """As ``variations``, without a build: None stands for a variation that is not made yet."""
        return self.variations(site)

    def contribute(self, site: Site, flow: Flow, parts: Parts) -> Result:
        """Add what the template changes to ``parts``, where it may be combined; why not more."""
        return []

    def apply(self, site: Site, flow: Flow, function: Function) -> Result:
        """``variations`` for a function that may be rewritten; each form has its own."""
        raise InternalError(f"{self.module} has no form")

    def refusal(self, site: Site, reason: str, node: ast.AST | None = None) -> Refusal:
        """Why the template does not apply, at a node of the user's."""
        return Refusal(self.name, reason, place(site, node) if node is not None else None)


@dataclass(frozen=True)
class QuasiTemplate(Template):
    """``before``, ``prepare``, ``after`` and ``where(m, f)``."""

    quasi: Quasi = field(default_factory=lambda: Quasi({}))
    where: Callable[[Match, SiteFacts], Tri] = lambda m, f: Tri.UNKNOWN

    def apply(self, site: Site, flow: Flow, function: Function) -> Result:
        """All matches that do not overlap, outermost first, rewritten together."""
        accepted: list[Accepted] = []
        refusals: Result = []
        covered: list[ast.AST] = []
        for match in find(self.quasi, function):
            nodes: list[ast.AST] = list(match.window)
            if match.expression is not None:
                nodes = [match.expression]
            if any(flow.inside(node, covered) for node in nodes):
                continue
            facts = SiteFacts(site, flow)
            if self.where(match, facts) is not Tri.YES:
                refusals.append(Refusal(self.name, facts.reason, facts.place))
                continue
            if any(d.loop is not None for d in facts.demands) and "doubt" not in self.quasi.parts:
                reason = "what a loop binds would have to be checked"
                refusals.append(self.refusal(site, reason, nodes[0]))
                continue
            guards = [*self.guards, *facts.guards]
            accepted.append(Accepted(match, guards, facts.demands, facts.known_plain))
            covered += nodes
        if not accepted:
            return refusals
        new = rewrite(function, self.quasi, self.helpers, accepted)
        lines = ", ".join(str(getattr(n, "lineno", "?")) for n in covered)
        return [
            build(
                site,
                self.name,
                self.family,
                new,
                summary=f"{title(self.doc)} (line {lines})",
                guards=[text for one in accepted for text in guard_texts(one)],
                watch=self.watch,
            ),
            *refusals,
        ]


@dataclass(frozen=True)
class RetryTemplate(QuasiTemplate):
    """Quasi-quotes of an expression in a pure function, whose original can start over.

    ``where`` says with ``f.repeats(m, ...)`` what stays the same where it is repeated; ``after``
    may make that ``once``. Whatever declines or raises is left to the original.
    """

    def apply(self, site: Site, flow: Flow, function: Function) -> Result:
        """All matches that do not overlap, outermost first, rewritten together."""
        if not isinstance(function, ast.FunctionDef) or not any(find(self.quasi, function)):
            return []  # a lambda has no loop with statements in front of it
        try:
            retry = Retry(site, flow)
        except Skipped:
            stable = Stable(flow)
            if any(self._fits(site, flow, m, stable) for m in find(self.quasi, function)):
                raise
            return []  # nothing here that it could change in a pure function
        refusals = self.contribute(site, flow, Parts(retry.replace, retry))
        if not retry.places:
            return refusals
        summary = f"{title(self.doc)} (line {retry.lines()})"
        new = retry.changed()
        made = build(site, self.name, self.family, new, summary=summary, watch=self.watch)
        return [made, *refusals]

    def contribute(self, site: Site, flow: Flow, parts: Parts) -> Result:
        """All matches that do not overlap with what is changed already, outermost first."""
        retry, function = parts.retry, site.definition.node
        refusals: Result = []
        if retry is None or not isinstance(function, ast.FunctionDef):
            return refusals
        for match in find(self.quasi, function):
            expression = match.expression
            assert expression is not None
            if flow.inside(expression, retry.places) or id(expression) in retry.replace:
                continue
            facts = RetryFacts(site, flow, retry.stable)
            if self.where(match, facts) is not Tri.YES or facts.statement is None:
                if facts.worth_saying:
                    refusals.append(Refusal(self.name, facts.reason, facts.place))
                continue
            retry.put(match, self.quasi, self.helpers, facts.statement)
        return refusals

    def _fits(self, site: Site, flow: Flow, match: Match, stable: Stable) -> bool:
        return self.where(match, RetryFacts(site, flow, stable)) is Tri.YES


@dataclass(frozen=True)
class WorldTemplate(Template):
    """``define``, ``uses`` and ``where(m, f)``: one local variable changes its type."""

    define: Table = field(default_factory=dict)
    uses: Table = field(default_factory=dict)
    where: Callable[[World, SiteFacts], Tri] = lambda m, f: Tri.UNKNOWN
    seeks: tuple[str, ...] = ()

    def apply(self, site: Site, flow: Flow, function: Function) -> Result:
        """One variation for each variable whose mentions are all covered.

        A variable with no use in ``seeks`` is none of the template's business: not even refused.
        """
        worlds, results = self._worlds(site, flow)
        for world in worlds:
            new = convert(function, world, self.define, self.uses, self.helpers)
            results.append(
                build(
                    site,
                    self.name,
                    self.family,
                    new,
                    summary=f"{title(self.doc)}: {world.name}",
                    watch=self.watch,
                    parameters={"variable": world.name},
                )
            )
        return results

    def contribute(self, site: Site, flow: Flow, parts: Parts) -> Result:
        """All variables that may be changed, together."""
        worlds, results = self._worlds(site, flow)
        for world in worlds:
            serial = len(parts.variables) + 100  # apart from those of one template alone
            new = replacements(world, self.define, self.uses, self.helpers, serial)
            if not new.keys() & parts.replace.keys():
                parts.variables.append(world.name)
                parts.replace.update(new)
        return results

    def _worlds(self, site: Site, flow: Flow) -> tuple[list[World], Result]:
        worlds: list[World] = []
        refusals: Result = []
        for name in candidates(flow, self.define, self.uses, self.seeks):
            world = close(flow, name, self.define, self.uses)
            if isinstance(world, Outside):
                refusals.append(self.refusal(site, f"{name}: {world.reason}", world.node))
                continue
            facts = SiteFacts(site, flow)
            if self.where(world, facts) is not Tri.YES:
                refusals.append(Refusal(self.name, f"{name}: {facts.reason}", facts.place))
                continue
            worlds.append(world)
        return worlds, refusals


@dataclass(frozen=True)
class CodeTemplate(Template):
    """``variations(site, template)``: what quasi-quotes cannot say. ``text(site)``: the ``.pyx`` of
    a variation that costs a build."""

    make: Callable[[Site, Any], Sequence[Variation | Refusal]] = lambda site, template: []
    look: Callable[[Site], Refusal | None] | None = None
    text: Callable[[Site], str] | None = None
    join: Callable[[Site, Flow, Parts], Result] | None = None

    def contribute(self, site: Site, flow: Flow, parts: Parts) -> Result:
        """What the template's own ``contribute`` adds, where it has one."""
        return self.join(site, flow, parts) if self.join is not None else []

    def could(self, site: Site) -> Sequence[Variation | Refusal | None]:
        """What the template's own ``could`` says, where it has one."""
        return [self.look(site)] if self.look is not None else self.variations(site)

    def variations(self, site: Site) -> Result:
        """What the template's own code returns."""
        try:
            return list(self.make(site, self))
        except Skipped as skip:
            return [self.refusal(site, skip.reason, site.definition.node)]


_last: list[Flow] = []


def flow_of(function: Function, site: Site) -> Flow:
    """The facts of the site's function: all templates look at one function after the other."""
    known = _last[-1] if _last else None
    if known is not None and known.function is function and known.facts is site.facts:
        return known
    flow = Flow(function, site.source.tree, site.source.module, site.facts)
    _last[:] = [flow]
    return flow


def title(doc: str) -> str:
    """The first line of a docstring, without its full stop."""
    return doc.strip().split("\n")[0].rstrip(".")
