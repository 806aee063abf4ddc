"""What a template may ask of a match: ``f`` of ``where(m, f)``.

Every answer is a ``Tri``; one that is not yes leaves its reason and place for the refusal. What
must be checked at run time for a yes to hold is collected as guards and demands.
"""

import ast
from collections.abc import Callable, Sequence

from selfsame.compiler.analysis.flow import Flow, Region
from selfsame.compiler.analysis.quiet import Demand, Kind, Quiet
from selfsame.compiler.analysis.stable import Stable
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.errors import Place
from selfsame.compiler.rewrite.closed_world import World
from selfsame.compiler.rewrite.pattern import Bound, Match, loaded_names
from selfsame.variants.site import Site


class SiteFacts:
    """Facts for one match at one site."""

    def __init__(self, site: Site, flow: Flow) -> None:
        self.site = site
        self.flow = flow
        self.reason = "its conditions do not hold"
        self.place: Place | None = None
        self.guards: list[str] = []
        self.demands: list[Demand] = []
        self.known_plain: Callable[[ast.expr], bool] = lambda expr: False

    def no(self, reason: str, node: ast.AST | None = None, answer: Tri = Tri.NO) -> Tri:
        """An answer that is not yes, and why."""
        self.reason = reason
        if node is not None:
            self.place = place(self.site, node)
        return answer

    def size(self, expr: ast.expr, at_least: int) -> Tri:
        """Whether a parameter was seen to be long enough; unseen, the trial decides."""
        name = expr.id if isinstance(expr, ast.Name) else None
        seen = self.site.observed.sizes.get(name) if name else None
        if name and seen is not None and seen < at_least and not self.flow.defs(name):
            return self.no(f"{name!r} has {seen} elements at the median: {at_least} pay off", expr)
        return Tri.YES

    def may_be(self, expr: ast.expr, *types: str) -> Tri:
        """Whether a name may hold one of the exact types: no where only others were seen."""
        if not isinstance(expr, ast.Name):
            return Tri.UNKNOWN
        seen = {t.partition("[")[0] for t in self.site.observed.types.get(expr.id, ())}
        if seen and not seen & set(types) and not self.flow.defs(expr.id):
            return self.no(f"{expr.id!r} was only seen to be {' or '.join(sorted(seen))}", expr)
        for definition in self.flow.defs(expr.id):
            if isinstance(definition.value, ast.Set | ast.Dict | ast.SetComp | ast.DictComp):
                return self.no(f"{expr.id!r} is a set or dict already", definition.node)
            if isinstance(definition.value, ast.Constant | ast.JoinedStr):
                return self.no(f"{expr.id!r} is no list", definition.node)
        return Tri.YES

    def joined_by_texts(self, m: World) -> Tri:
        """Whether all that the list is joined by, ``E.join(Q)``, are surely texts, for they are written
        as such: anything else may keep the list."""
        for call in m.sites("E.join(Q)"):
            assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            owner = call.func.value
            written = isinstance(owner, ast.JoinedStr) or (
                isinstance(owner, ast.Constant) and isinstance(owner.value, str)
            )
            if not written:
                return self.no(f"{ast.unparse(owner)!r} may be no text", owner)
        return Tri.YES

    def unchanged(self, expr: ast.expr, m: Match) -> Tri:
        """Whether the list named ``expr`` stays as it is while the matched statement runs.

        Either no code outside this function can reach it, or no code outside this function runs:
        the latter may rest on checks of other names at run time (``demands``).
        """
        flow, (statement,) = self.flow, m.window
        judged = [hole.node for hole in m.holes]
        if not isinstance(expr, ast.Name) or flow.owner(expr) is not flow.function:
            return self.no("what is searched is bound by a comprehension", expr)
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                return self.no("a function or class is defined inside", node)
        if flow.rebound(expr.id, statement):
            return self.no(f"{expr.id!r} is bound again inside", statement)
        written = flow.writes_to(expr.id, statement)
        if written is not None:
            return self.no(f"{expr.id!r} is changed inside: {ast.unparse(written)!r}", written)
        if flow.escapes(expr.id) is Tri.NO:
            static = Quiet(flow, [])
            self.known_plain = lambda e: static.kind(e) is Kind.PLAIN
            return Tri.YES
        if flow.defs(expr.id) and not self._unaliased(expr.id):
            return self.no(f"another name may hold the list {expr.id!r}", expr, Tri.UNKNOWN)
        quiet = Quiet(flow, _region(flow, statement, judged), judged)
        offences = quiet.offences()
        if offences:
            node, what = offences[0]
            reason = f"{what}, which may change {expr.id!r}, known outside this function"
            return self.no(reason, node, Tri.UNKNOWN)
        self.demands = quiet.demands()
        self.known_plain = lambda e: quiet.kind(e) is Kind.PLAIN
        return Tri.YES

    def _unaliased(self, name: str) -> bool:
        """Whether a list made here is only ever read in place or passed to calls."""
        flow = self.flow
        if not flow.own_list(name):
            return False
        for use in flow.uses(name):
            parent = flow.parents[id(use)]
            passed = isinstance(parent, ast.Call) and use in parent.args
            if not passed and not flow.keeps(use):
                return False
        return not flow.captured(name)

    def changes(self, expr: Bound, region: Region) -> Tri:
        """Whether the expression reads a name that the region binds: its value may differ."""
        for name in loaded_names(expr):
            for mention in self.flow.all_mentions(name):
                if mention.stores and self.flow.inside(mention.node, region):
                    return Tri.YES
        return self.no("what is searched for is the same in every round")


class RetryFacts(SiteFacts):
    """Facts for one match in a pure function: what stays the same there, and from where on.

    ``statement``: in front of it, what stays the same may be made. ``worth_saying``: whether a
    refusal tells a person something.
    """

    def __init__(self, site: Site, flow: Flow, stable: Stable) -> None:
        super().__init__(site, flow)
        self.stable = stable
        self.statement: ast.stmt | None = None
        self.region: ast.AST | None = None
        self.worth_saying = True

    def repeats(self, match: Match, *stays: ast.expr) -> Tri:
        """Whether the match runs repeatedly while the expressions give the same."""
        assert match.expression is not None
        regions = list(self.stable.regions(match.expression))
        for statement, region in regions:
            if all(self.stable.stable(e, region) is Tri.YES for e in stays):
                self.statement, self.region = statement, region
                return Tri.YES
        if not regions:
            return self.silent("it runs once a call")
        if self.stable.varies:
            return self.silent(self.stable.reason)
        return self.no(self.stable.reason, self.stable.node, Tri.UNKNOWN)

    def differs(self, expr: ast.expr) -> Tri:
        """Whether the expression may give something else in another round."""
        assert self.region is not None
        if self.stable.stable(expr, self.region) is Tri.YES:
            return self.silent("it gives the same in every round")
        return Tri.YES

    def silent(self, reason: str) -> Tri:
        """As ``no``, where the template never had anything to do with the match."""
        self.worth_saying = False
        return self.no(reason)


def place(site: Site, node: ast.AST) -> Place:
    """Where a node stands in the user's file."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    width = 1
    if getattr(node, "end_lineno", None) == line:
        width = max(1, getattr(node, "end_col_offset", column + 1) - column)
    return Place(site.source.path, line, column + 1, width)


def _region(flow: Flow, statement: ast.stmt, holes: Sequence[ast.AST]) -> list[ast.AST]:
    """What runs between the start of a statement and the last search in it.

    For a loop that is all of it. For a comprehension: itself and what is evaluated beside it; the
    calls that it is an argument of run when it is done.
    """
    if isinstance(statement, ast.For | ast.While):
        return [statement]
    found: dict[int, ast.AST] = {}
    for hole in holes:
        node: ast.AST = hole
        outermost: ast.AST = hole
        while node is not statement:
            if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
                outermost = node
            node = flow.parents[id(node)]
        if isinstance(outermost, ast.GeneratorExp):
            outermost = flow.parents[id(outermost)]
        found[id(outermost)] = outermost
    for node in list(found.values()):
        while node is not statement:
            parent = flow.parents[id(node)]
            if isinstance(parent, ast.stmt) and not isinstance(parent, ast.AugAssign):
                break
            for child in ast.iter_child_nodes(parent):
                if child is not node and id(child) not in found and not _holds(child, found):
                    found[id(child)] = child
            node = parent
    return list(found.values())


def _holds(node: ast.AST, found: dict[int, ast.AST]) -> bool:
    return any(id(n) in found for n in ast.walk(node))
