"""Which of a function's variables surely have a value where they are read, and where a loop begins.

Variables that are deleted somewhere never surely have one. What a ``with`` or ``try`` binds before it
fails does not count, nor what a loop binds, which may have no iteration.
"""

import ast
from collections.abc import Sequence

from selfsame.compiler.identity.scopes import bound_beside, parameters
from selfsame.compiler.outline.scope import Try, bound_by, uses_of

State = frozenset[str] | None
"""The variables that have a value; None where no way leads to."""


class Assigned:
    """One pass over a function. ``opaque`` is a statement of which nothing is known to be bound.

    ``files``: ``open`` is the builtin, and what is raised in a ``with`` of it comes out.
    """

    def __init__(
        self,
        function: ast.FunctionDef,
        names: frozenset[str],
        files: bool,
        opaque: ast.stmt | None = None,
    ) -> None:
        self.unsure: list[ast.Name] = []  # reads of what may have no value
        self.at: dict[
            int, frozenset[str]
        ] = {}  # by the id of a loop, what has a value where it begins
        uses = uses_of(function.body)
        self._names = names - uses.gone
        self._all = names
        self._files = files
        self._opaque = opaque
        self._breaks: list[list[State]] = []
        self._block(function.body, frozenset(parameters(function.args)))

    def _block(self, body: Sequence[ast.stmt], state: State) -> State:
        for statement in body:
            state = self._statement(statement, state)
        return state

    def _statement(self, node: ast.stmt, state: State) -> State:
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            self.at[id(node)] = self._names if state is None else state & self._names
        if node is self._opaque:
            return state
        if isinstance(node, ast.For | ast.AsyncFor):
            return self._for(node, state)
        if isinstance(node, ast.While):
            return self._while(node, state)
        if isinstance(node, ast.If):
            self._reads([node.test], state)
            return _met(self._block(node.body, state), self._block(node.orelse, state))
        if isinstance(node, ast.With | ast.AsyncWith):
            return self._with(node, state)
        if isinstance(node, Try):
            return self._try(node, state)
        if isinstance(node, ast.Match):
            self._reads([node.subject], state)
            for case in node.cases:
                inside = self._and(state, uses_of([case.pattern]).stores)
                self._reads([case.pattern, *([case.guard] if case.guard else [])], inside)
                self._block(case.body, inside)
            return state
        self._reads([node], state)
        if isinstance(node, ast.Return | ast.Raise | ast.Continue):
            return None
        if isinstance(node, ast.Break):
            self._breaks[-1].append(state)
            return None
        return self._and(state, _surely_bound(node))

    def _for(self, node: ast.For | ast.AsyncFor, state: State) -> State:
        self._reads([node.iter, node.target], state)
        self._breaks.append([])
        self._block(node.body, self._and(state, bound_by(node.target)))
        return _met(self._block(node.orelse, state), *self._breaks.pop())

    def _while(self, node: ast.While, state: State) -> State:
        self._reads([node.test], state)
        self._breaks.append([])
        self._block(node.body, state)
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        ended = self._block(node.orelse, None if endless else state)
        return _met(ended, *self._breaks.pop())

    def _with(self, node: ast.With | ast.AsyncWith, state: State) -> State:
        for item in node.items:
            self._reads([item.context_expr], state)
            state = self._and(state, bound_by(item.optional_vars))
        ended = self._block(node.body, state)
        return ended if self._files and opens_files(node) else state

    def _try(self, node: Try, state: State) -> State:
        ends = [self._block(node.orelse, self._block(node.body, state))]
        for handler in node.handlers:
            self._reads([handler.type] if handler.type else [], state)
            ends.append(self._block(handler.body, self._and(state, {handler.name or ""})))
        last = self._block(node.finalbody, state)
        ended = _met(*ends)
        return None if last is None or ended is None else ended | last

    def _and(self, state: State, names: set[str]) -> State:
        return None if state is None else state | names

    def _reads(self, nodes: Sequence[ast.AST], state: State) -> None:
        if state is None:
            return
        for name in uses_of(nodes).loads:
            if name.id in self._all and (name.id not in state or name.id not in self._names):
                self.unsure.append(name)


def opens_files(node: ast.With | ast.AsyncWith) -> bool:
    """Whether all that a ``with`` manages comes from ``open``: files swallow no error."""
    return all(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Name)
        and item.context_expr.func.id == "open"
        for item in node.items
    )


def _met(*states: State) -> State:
    reached = [state for state in states if state is not None]
    return frozenset.intersection(*reached) if reached else None


def _surely_bound(node: ast.stmt) -> set[str]:
    """The names that a simple statement binds whenever it ends without an error."""
    if isinstance(node, ast.Assign):
        return set().union(*map(bound_by, node.targets))
    if isinstance(node, ast.AugAssign):
        return bound_by(node.target)
    if isinstance(node, ast.AnnAssign):
        return bound_by(node.target) if node.value is not None else set()
    return set(bound_beside(node))
