"""Rewriting a pure function with its original to start over with: what such templates share."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.analysis.flow import Flow
from selfsame.compiler.analysis.stable import Stable
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.errors import Skipped
from selfsame.compiler.rewrite.clone import Cloner, Instance, Words
from selfsame.compiler.rewrite.pattern import Match, stored_names
from selfsame.compiler.rewrite.placeholders import FRESH, imported
from selfsame.compiler.rewrite.quasi import Quasi
from selfsame.compiler.rewrite.retry import refuse, retried
from selfsame.variants.site import Site

Maker = Callable[[Cloner], object]


@dataclass(frozen=True, slots=True)
class Parts:
    """What templates change in one function together.

    ``replace``: id of a node -> what makes the new one, the one of ``retry`` where that is there:
    where the function is pure. ``variables``: those that hold something else already.
    """

    replace: dict[int, Maker]
    retry: "Retry | None" = None
    variables: list[str] = field(default_factory=list)


class Retry:
    """Collects what is replaced in one pure function. Raises Skipped where it may not be retried."""

    def __init__(self, site: Site, flow: Flow) -> None:
        function = site.definition.node
        assert isinstance(function, ast.FunctionDef)
        facts = site.facts or ModuleFacts.of(site.source, lambda wanted: None)
        effects = facts.effects(site.definition.address)
        if effects.pure is not Tri.YES:
            why = effects.reasons[:1]
            raise Skipped("; ".join(["it may leave a trace beside its result", *why]))
        refuse(flow, function)
        if flow.facts is None:
            flow.facts = facts
        self.flow, self.function = flow, function
        self.stable = Stable(flow)
        self.replace: dict[int, Maker] = {}
        self.before: dict[int, list[ast.stmt]] = {}
        self.places: list[ast.AST] = []
        self._made: dict[tuple[int, str], str] = {}

    def name_once(self, statement: ast.stmt, value: ast.expr, first: ast.expr | None = None) -> str:
        """The variable of what is made once after ``statement`` began: ``first`` is its start."""
        key = id(statement), ast.dump(value)
        name = self._made.get(key)
        if name is None:
            name = self._made[key] = FRESH + "once" + (f"_{len(self._made)}" if self._made else "")
            start = first if first is not None else ast.Constant(...)
            assign = ast.Assign([ast.Name(name, ast.Store())], start)
            self.before.setdefault(id(statement), []).append(assign)
        return name

    def put(
        self, match: Match, quasi: Quasi, helpers: Mapping[str, str], statement: ast.stmt
    ) -> None:
        """Replace a matched expression by the template's ``after``."""
        expression, after = match.expression, quasi.parts["after"][0]
        assert expression is not None and isinstance(after, ast.Expr)
        variables = frozenset(quasi.metavariables)
        fresh = stored_names(after) - variables
        words = Words(variables, frozenset(fresh), helpers, len(self.places))

        names: list[str] = []

        def make(cloner: Cloner) -> ast.AST:
            known = iter(names)

            def once(value: ast.expr) -> ast.expr:
                name = next(known, None)
                if name is None:
                    name = self.name_once(statement, value)
                    names.append(name)
                return reading(name, value)

            instance = Instance(words, cloner, match.bindings, expression, once=once)
            mine = cloner.replace.pop(id(expression), None)  # it may be part of what replaces it
            new = instance.expression(after.value)
            if mine is not None:
                cloner.replace[id(expression)] = mine
            return instance.at_place(ast.UnaryOp(ast.Not(), new) if match.negated else new)

        self.replace[id(expression)] = make
        # What is made once must be known before the statement is copied.
        make(Cloner())
        self.places.append(expression)

    def changed(self) -> ast.FunctionDef:
        """The rewritten function."""
        new = retried(self.function, self.flow, self.replace, self.before)
        ast.fix_missing_locations(new)
        return new

    def lines(self) -> str:
        """The lines of what was replaced, for people."""
        return ", ".join(str(n) for n in sorted({getattr(p, "lineno", 0) for p in self.places}))


def reading(name: str, value: ast.expr) -> ast.expr:
    """Reads the variable, which is given its value on first use."""
    made = ast.Compare(ast.Name(name, ast.Load()), [ast.IsNot()], [ast.Constant(...)])
    making = ast.NamedExpr(ast.Name(name, ast.Store()), value)
    return ast.IfExp(made, ast.Name(name, ast.Load()), making)


def helper(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of one of the helpers of rewrites that may decline."""
    return ast.Call(imported("selfsame.runtime.agent.prepared", name), list(arguments), [])
