"""Finds where a quasi-quote template matches in a function, and writes the rewritten function."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from selfsame.compiler.analysis.names import Function
from selfsame.compiler.analysis.quiet import Demand, Need
from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.clone import HELPERS, Cloner, Instance, Words
from selfsame.compiler.rewrite.pattern import Match, Matcher, blocks, own_expressions, stored_names
from selfsame.compiler.rewrite.placeholders import imported
from selfsame.compiler.rewrite.quasi import Quasi
from selfsame.compiler.rewrite.versioning import versioned, versioned_expression

_CHECKS = {Need.SEQUENCE: "sequence", Need.CONTAINER: "container"}


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A match that is to be rewritten.

    ``guards``: expressions over the metavariables, as text. ``demands``: what must be checked for
    the region to run no foreign code. ``known_plain`` says which expressions need no check.
    """

    match: Match
    guards: Sequence[str] = ()
    demands: Sequence[Demand] = ()
    known_plain: Callable[[ast.expr], bool] = field(default=lambda expr: False)


def find(quasi: Quasi, function: Function) -> Iterator[Match]:
    """Every match in the function's own code, outermost first."""
    matcher = Matcher(quasi.metavariables)
    pattern = quasi.expression
    if pattern is not None:
        roots = [function.body] if isinstance(function, ast.Lambda) else function.body
        for root in roots:
            for node in own_expressions(root):
                match = matcher.either(pattern, node)
                if match is not None:
                    yield match
        return
    if isinstance(function, ast.Lambda):
        return
    for block in blocks(function):
        for start in range(len(block)):
            yield from matcher.windows(quasi.parts["before"], block, start)


def rewrite(
    function: Function, quasi: Quasi, helpers: Mapping[str, str], accepted: Sequence[Accepted]
) -> Function:
    """A copy of ``function`` with the accepted matches rewritten; they must not overlap."""
    outer = Cloner()
    written = [s for part in ("prepare", "after", "doubt") for s in quasi.parts.get(part, [])]
    fresh = stored_names(written) - set(quasi.metavariables)
    for serial, one in enumerate(accepted):
        words = Words(frozenset(quasi.metavariables), frozenset(fresh), helpers, serial)
        if one.match.expression is not None:
            outer.replace[id(one.match.expression)] = _expression(quasi, words, one)
        else:
            first, *rest = one.match.window
            outer.replace[id(first)] = _statements(quasi, words, one)
            for statement in rest:
                outer.replace[id(statement)] = list
    new: Function = outer.node(function)
    ast.fix_missing_locations(new)
    return new


def _expression(quasi: Quasi, words: Words, one: Accepted) -> Callable[[], Any]:
    expression = one.match.expression
    assert expression is not None
    statement = quasi.parts["after"][0]
    if len(quasi.parts["after"]) != 1 or not isinstance(statement, ast.Expr):
        raise InternalError("an expression pattern needs an expression in `after`")
    value = statement.value

    def make() -> ast.expr:
        instance = Instance(words, Cloner(), one.match.bindings, expression)
        instance.known_plain = one.known_plain
        guards = _guards(instance, one)
        after = instance.expression(value)
        if one.match.negated:
            after = instance.at_place(ast.UnaryOp(ast.Not(), after))
        return versioned_expression(instance, guards, after, Cloner().node(expression))

    return make


def _statements(quasi: Quasi, words: Words, one: Accepted) -> Callable[[], list[ast.stmt]]:
    match = one.match

    def make() -> list[ast.stmt]:
        cloner = Cloner()
        instance = Instance(words, cloner, match.bindings, match.window[0], match.holes)
        instance.known_plain = one.known_plain
        for loop in {id(d.loop): d.loop for d in one.demands if d.loop is not None}.values():
            demands = [d for d in one.demands if d.loop is loop]
            cloner.insert[id(loop)] = _doubts(instance, quasi, loop, demands)
        guards = _guards(instance, one)
        prepare = instance.statements(quasi.parts.get("prepare", []))
        after = instance.statements(quasi.parts["after"])
        return versioned(instance, guards, prepare, after, Cloner().nodes(match.window))

    return make


def _guards(instance: Instance, one: Accepted) -> list[ast.expr]:
    guards = [instance.expression(ast.parse(g, mode="eval").body) for g in one.guards]
    for demand in one.demands:
        if demand.loop is None:
            guards.append(_check(instance, demand))
    return guards


def _check(instance: Instance, demand: Demand) -> ast.expr:
    name = ast.Name(demand.name, ast.Load())
    if demand.need is Need.PLAIN:
        return instance.is_plain(name)
    return instance.at_place(ast.Call(imported(HELPERS, _CHECKS[demand.need]), [name], []))


def _doubts(
    instance: Instance, quasi: Quasi, loop: ast.AST, demands: Sequence[Demand]
) -> Callable[[], list[Any]]:
    """What stands first inside a loop: where a checked name is not what is needed, ``doubt``."""
    doubt = quasi.parts["doubt"]

    def make() -> list[Any]:
        checks = [_check(instance, d) for d in demands]
        test = checks[0] if len(checks) == 1 else ast.BoolOp(ast.And(), checks)
        body = instance.statements(doubt)
        if not isinstance(loop, ast.comprehension):
            found = ast.If(ast.UnaryOp(ast.Not(), test), body, [])
            return [instance.at_place(found)]
        (assign,) = body
        assert isinstance(assign, ast.Assign) and isinstance(assign.targets[0], ast.Name)
        walrus = ast.NamedExpr(assign.targets[0], assign.value)
        return [instance.at_place(ast.BoolOp(ast.Or(), [test, walrus, ast.Constant(True)]))]

    return make


def guard_texts(one: Accepted) -> list[str]:
    """The checks at run time, for people: the template's own, and what the names must be."""
    texts = []
    for guard in one.guards:
        tree = ast.parse(guard, mode="eval").body
        for node in ast.walk(tree):
            bound = one.match.bindings.get(node.id) if isinstance(node, ast.Name) else None
            if isinstance(node, ast.Name) and isinstance(bound, ast.expr):
                node.id = ast.unparse(bound)
        texts.append(ast.unparse(tree))
    for demand in one.demands:
        what = {Need.PLAIN: "plain", **_CHECKS}[demand.need]
        texts.append(f"{what}({demand.name})" + (" in each round" if demand.loop else ""))
    return texts
