"""Patterns with metavariables, matched against the standard ``ast``.

Positions and load/store contexts do not count. A metavariable that occurs twice matches only
structurally equal code. What a metavariable may stand for is its kind, the annotation of a
template's parameter.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Bound = ast.AST | list[ast.stmt] | list[ast.expr]
KINDS = frozenset({"Expr", "Target", "Block", "Call", "Local", "Loop", "Items", "Comprehension"})
HOLE = "with_hole"


@dataclass(frozen=True, slots=True)
class Metavariable:
    """A name that stands for code of the user's. ``only`` is x of ``Only[x]``."""

    name: str
    kind: str
    only: str = ""


@dataclass(frozen=True, slots=True)
class Hole:
    """One place inside a block where a ``with_hole`` pattern matched, and what it bound there."""

    node: ast.expr
    bindings: Mapping[str, Bound]
    negated: bool = False


@dataclass(slots=True, eq=False)
class Match:
    """What the metavariables stand for; ``m.A`` is ``m.bindings["A"]``.

    ``window`` is the list of statements that was matched, a slice of ``block``; for an expression
    pattern ``expression`` is the expression; ``negated``: it says ``not in`` for the pattern's ``in``.
    """

    bindings: dict[str, Bound] = field(default_factory=dict)
    holes: list[Hole] = field(default_factory=list)
    block: list[ast.stmt] = field(default_factory=list)
    start: int = 0
    stop: int = 0
    expression: ast.expr | None = None
    negated: bool = False

    def __getattr__(self, name: str) -> Any:
        try:
            return self.bindings[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def window(self) -> list[ast.stmt]:
        """The matched statements."""
        return self.block[self.start : self.stop]

    def copy(self) -> "Match":
        """A match that can be tried further without changing this one."""
        return Match(
            dict(self.bindings),
            list(self.holes),
            self.block,
            self.start,
            self.stop,
            self.expression,
            self.negated,
        )


def same(a: object, b: object) -> bool:
    """Whether two trees are the same code, but for positions and contexts."""
    if isinstance(a, ast.expr_context) and isinstance(b, ast.expr_context):
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, ast.AST):
        return all(
            same(getattr(a, f, None), getattr(b, f, None))
            for f in a._fields
            if f not in ("type_comment", "kind")
        )
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b and repr(a) == repr(b)  # 0.0 and -0.0 are not the same code


class Matcher:
    """Matches patterns whose metavariables are ``metavariables``."""

    def __init__(self, metavariables: Mapping[str, Metavariable]) -> None:
        self.metavariables = metavariables

    # Entry points

    def either(self, pattern: ast.expr, node: ast.expr) -> Match | None:
        """As ``expression``; a pattern with ``in`` matches ``not in`` too."""
        positive = _positive(pattern, node)
        match = Match(expression=node, negated=positive is not None)
        found = self._match(pattern, positive or node, match) and self._only(match)
        return match if found else None

    def expression(self, pattern: ast.expr, node: ast.expr) -> Match | None:
        """The match of one expression, or None."""
        match = self.either(pattern, node)
        return match if match is not None and not match.negated else None

    def windows(
        self, pattern: Sequence[ast.stmt], block: list[ast.stmt], start: int
    ) -> Iterator[Match]:
        """The matches of a list of statements that begin at ``block[start]``.

        More than one only where a ``with_hole`` pattern has holes of different bindings.
        """
        match = Match(block=block, start=start)
        hole = _hole_call(pattern[0]) if len(pattern) == 1 else None
        if hole is not None:
            yield from self._with_hole(hole, block, start)
            return
        stop = self._statements(list(pattern), block, start, match, whole=False)
        if stop is not None and self._only(match):
            match.stop = stop
            yield match

    # with_hole(BLOCK, PATTERN)

    def _with_hole(self, call: ast.Call, block: list[ast.stmt], start: int) -> Iterator[Match]:
        body, pattern = call.args
        assert isinstance(body, ast.Name)
        kind = self.metavariables[body.id].kind
        statement = block[start]
        roots = _loop_parts(statement) if kind == "Loop" else [statement]
        shared = {
            name
            for name, variable in self.metavariables.items()
            if variable.kind == "Local" or variable.only
        }
        groups: list[tuple[dict[str, Bound], Match]] = []
        for root in roots:
            for node in own_expressions(root):
                one = self.either(pattern, node)
                if one is None:
                    continue
                hole = Hole(node, one.bindings, one.negated)
                key = {n: v for n, v in one.bindings.items() if n in shared}
                for other, group in groups:
                    if same(list(other.values()), list(key.values())):
                        group.holes.append(hole)
                        break
                else:
                    bound: dict[str, Bound] = {**key, body.id: statement}
                    found = Match(bound, [hole], block, start, start + 1)
                    groups.append((key, found))
        for _, group in groups:
            yield group

    # Structure

    def _match(self, pattern: object, node: object, match: Match) -> bool:
        if isinstance(pattern, ast.Name) and pattern.id in self.metavariables:
            return self._bind(self.metavariables[pattern.id], node, match)
        if isinstance(pattern, ast.expr_context) and isinstance(node, ast.expr_context):
            return True
        if type(pattern) is not type(node):
            return False
        if isinstance(pattern, ast.AST):
            return all(
                self._match(getattr(pattern, f, None), getattr(node, f, None), match)
                for f in pattern._fields
                if f not in ("type_comment", "kind")
            )
        if isinstance(pattern, list) and isinstance(node, list):
            if pattern and isinstance(pattern[0], ast.stmt):
                return self._statements(pattern, node, 0, match, whole=True) is not None
            if len(pattern) == 1 and isinstance(pattern[0], ast.Name):
                variable = self.metavariables.get(pattern[0].id)
                if variable and variable.kind == "Items":
                    return self._bind(variable, node, match)
            return len(pattern) == len(node) and all(
                self._match(p, n, match) for p, n in zip(pattern, node, strict=True)
            )
        return pattern == node and repr(pattern) == repr(node)

    def _statements(
        self,
        pattern: list[ast.stmt],
        block: list[ast.stmt],
        start: int,
        match: Match,
        *,
        whole: bool,
    ) -> int | None:
        """Where the match at ``block[start:]`` ends; a block takes as few as it can."""
        if not pattern:
            return start if not whole or start == len(block) else None
        head = pattern[0]
        variable = self._block_variable(head)
        if variable is None:
            if start >= len(block) or not self._match(head, block[start], match):
                return None
            return self._statements(pattern[1:], block, start + 1, match, whole=whole)
        last = len(pattern) == 1
        for stop in [len(block)] if last else range(start, len(block) + 1):
            trial = match.copy()
            if not self._bind(variable, block[start:stop], trial):
                continue
            end = self._statements(pattern[1:], block, stop, trial, whole=whole)
            if end is not None:
                match.bindings.update(trial.bindings)
                return end
        return None

    def _block_variable(self, statement: ast.stmt) -> Metavariable | None:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name):
            variable = self.metavariables.get(statement.value.id)
            return variable if variable and variable.kind == "Block" else None
        return None

    def _bind(self, variable: Metavariable, node: object, match: Match) -> bool:
        known = match.bindings.get(variable.name)
        if known is not None:
            return same(known, node)
        if not _fits(variable.kind, node):
            return False
        assert isinstance(node, ast.AST | list)
        match.bindings[variable.name] = node
        return True

    def _only(self, match: Match) -> bool:
        """``Only[x]`` mentions x, and no other target of the pattern."""
        targets = {n for n, v in self.metavariables.items() if v.kind == "Target"}
        names = {n: stored_names(match.bindings[n]) for n in targets if n in match.bindings}
        for name, bound in match.bindings.items():
            only = self.metavariables[name].only
            if only:
                used = loaded_names(bound)
                foreign = set().union(*(v for n, v in names.items() if n != only))
                if not used & names.get(only, set()) or used & foreign:
                    return False
        return True


def _fits(kind: str, node: object) -> bool:
    if kind in ("Block", "Items"):
        return isinstance(node, list)
    if kind == "Target":
        return isinstance(node, ast.Name | ast.Tuple | ast.List)
    if kind == "Call":
        return isinstance(node, ast.Call)
    if kind == "Comprehension":
        return isinstance(node, ast.ListComp)
    if kind == "Local":
        return isinstance(node, ast.Name)
    return isinstance(node, ast.expr) and not isinstance(node, ast.Starred)


def _positive(pattern: ast.expr, node: ast.expr) -> ast.expr | None:
    """``x in y`` for a node ``x not in y`` where the pattern is an ``in``, else None."""
    if not (isinstance(pattern, ast.Compare) and isinstance(node, ast.Compare)):
        return None
    if isinstance(pattern.ops[0], ast.In) and [type(op) for op in node.ops] == [ast.NotIn]:
        return ast.copy_location(ast.Compare(node.left, [ast.In()], node.comparators), node)
    return None


def called(call: ast.Call) -> str:
    """The plain name that is called; empty where it is none."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _hole_call(statement: ast.stmt) -> ast.Call | None:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return statement.value if called(statement.value) == HOLE else None
    return None


def _loop_parts(statement: ast.stmt) -> list[ast.AST]:
    """What of a statement runs more than once: a loop's body and test, a comprehension's inside."""
    if isinstance(statement, ast.For):
        return [*statement.body]
    if isinstance(statement, ast.While):
        return [statement.test, *statement.body]
    if not isinstance(
        statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return
    ):
        return []
    parts: list[ast.AST] = []
    for node in own_expressions(statement):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            parts.append(node.elt)
        elif isinstance(node, ast.DictComp):
            parts += [node.key, node.value]
        else:
            continue
        parts += [test for generator in node.generators for test in generator.ifs]
    return parts


def own_expressions(root: ast.AST) -> Iterator[ast.expr]:
    """The expressions under ``root`` in source order, without those of nested functions.

    The iterables of comprehensions are left out: Python allows no ``:=`` there.
    """
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.expr):
            yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.comprehension):
            children.remove(node.iter)
        stack += reversed(children)


def blocks(root: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements under ``root``, outermost first, without nested functions."""
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            value = getattr(node, name, None)
            if not isinstance(value, list) or not value:
                continue
            if isinstance(value[0], ast.stmt):
                yield value
            stack += [
                child
                for child in reversed(value)
                if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            ]


def stored_names(bound: Bound) -> set[str]:
    """The names that a piece of code stores, or that a target is made of."""
    roots = bound if isinstance(bound, list) else [bound]
    return {
        n.id
        for root in roots
        for n in ast.walk(root)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }


def loaded_names(bound: Bound) -> set[str]:
    """The names that a piece of code reads."""
    roots = bound if isinstance(bound, list) else [bound]
    return {
        n.id
        for root in roots
        for n in ast.walk(root)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
