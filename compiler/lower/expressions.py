"""libcst expressions -> calls, comprehensions and lambdas, and the names that each node reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst

from selfsame.compiler.identity import InnerNode, content_hash
from selfsame.compiler.ir.operations import Call, Comprehension, Function, Opaque
from selfsame.compiler.lower.drafts import Draft, Drafts
from selfsame.compiler.lower.places import Places
from selfsame.compiler.lower.reaching import Scope


@dataclass(frozen=True, slots=True)
class Here:
    """Where the walk is: ``owner`` counts the calls, ``parent`` the lambdas; see identity."""

    scope: Scope
    owner: str
    parent: str | None
    targets: tuple[tuple[frozenset[str], int], ...] = ()


class Expressions:
    """The part of lowering that walks expressions. Every name goes to the innermost node."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.drafts = Drafts()

    def expression(self, node: cst.CSTNode | None, into: Draft, here: Here) -> None:
        """Walk ``node``; what it reads, ``into`` reads."""
        if node is None:
            return
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self.opaque(node, into, here)
        else:
            handler(self, node, into, here)

    def opaque(self, node: cst.CSTNode, into: Draft, here: Here) -> None:
        """An expression that is not treated: its parts are walked, and it is named in the graph."""
        draft = self.drafts.add(Opaque(type(node).__name__), into.span, into)
        for child in node.children:
            if isinstance(child, cst.BaseExpression | cst.CSTNode):
                self.parts(child, draft, here)

    def parts(self, node: cst.CSTNode, into: Draft, here: Here) -> None:
        """The expressions in a node that is none itself."""
        if type(node) in _HANDLERS:
            self.expression(node, into, here)
        else:
            for child in node.children:
                self.parts(child, into, here)

    def read(self, name: str, into: Draft, here: Here) -> None:
        """``into`` reads a name: of a comprehension around it, or of the scope."""
        if name in _CONSTANTS:
            return
        into.reads.add(name)
        for names, comprehension in reversed(here.targets):
            if name in names:
                self.drafts.connect(comprehension, into.id, name)
                return
        here.scope.read(name, into.id)

    def write(self, name: str, into: Draft, here: Here) -> None:
        """``into`` binds a name of the scope."""
        into.writes.add(name)
        here.scope.write(name, into.id)

    # --- nodes -------------------------------------------------------------------------------

    def call(self, node: cst.Call, into: Draft, here: Here) -> None:
        """A call: its arguments are its own reads."""
        place = self.places.inner(here.owner, "call")
        arguments = node.args
        plain = sum(1 for a in arguments if a.keyword is None and not a.star)
        operation = Call(
            dotted(node.func) or "?",
            plain,
            tuple(a.keyword.value for a in arguments if a.keyword is not None),
            any(a.star for a in arguments),
        )
        draft = self.inner(operation, place, into, "")
        self.expression(node.func, draft, here)
        for argument in arguments:
            self.expression(argument.value, draft, here)

    def inner(
        self, operation: Call | Comprehension, place: InnerNode, into: Draft, hash_: str
    ) -> Draft:
        """A node for an expression, whose value ``into`` uses."""
        span = self.places.span(place.node, into.span)
        draft = self.drafts.add(operation, span, into, place.address, hash_)
        self.drafts.value(draft)
        return draft

    def comprehension(self, node: Any, into: Draft, here: Here) -> None:
        """A comprehension: its targets are seen inside only, its first iterable is outside."""
        place = self.places.inner(here.owner, "comp")
        clauses: list[cst.CompFor] = []
        clause: cst.CompFor | None = node.for_in
        names: set[str] = set()
        while clause is not None:
            clauses.append(clause)
            _targets(clause.target, names)
            clause = clause.inner_for_in
        operation = Comprehension(_FORMS[type(node)], len(clauses))
        draft = self.inner(operation, place, into, content_hash(place.node))
        draft.writes |= names
        inside = Here(
            here.scope, here.owner, here.parent, (*here.targets, (frozenset(names), draft.id))
        )
        if isinstance(node, cst.DictComp):
            self.expression(node.key, draft, inside)
            self.expression(node.value, draft, inside)
        else:
            self.expression(node.elt, draft, inside)
        for index, clause in enumerate(clauses):
            self.target(clause.target, draft, inside)
            self.expression(clause.iter, draft, inside if index else here)
            for condition in clause.ifs:
                self.expression(condition.test, draft, inside)

    def lambda_(self, node: cst.Lambda, into: Draft, here: Here) -> None:
        """A lambda: its defaults are evaluated here, its body in a scope of its own."""
        definition = self.places.lambda_(here.parent)
        operation = Function("lambda", parameter_names(node.params))
        span = self.places.span(definition.node, into.span)
        draft = self.drafts.add(
            operation, span, into, definition.address, content_hash(definition.node)
        )
        self.drafts.value(draft)
        self.parameters(node.params, draft, here)
        scope = Scope(self.drafts.connect, here.scope)
        inside = Here(scope, definition.address, definition.address, here.targets)
        for name in operation.parameters:
            self.write(name, draft, inside)
        self.expression(node.body, draft, _without(inside, operation.parameters))
        scope.close()

    def parameters(self, node: cst.Parameters, into: Draft, here: Here) -> None:
        """Annotations and defaults, which are evaluated where the definition stands."""
        groups: list[Any] = [*node.posonly_params, *node.params, node.star_arg]
        for parameter in (*groups, *node.kwonly_params, node.star_kwarg):
            if isinstance(parameter, cst.Param):
                if parameter.annotation is not None:
                    self.expression(parameter.annotation.annotation, into, here)
                self.expression(parameter.default, into, here)

    # --- targets -----------------------------------------------------------------------------

    def target(self, node: cst.CSTNode, into: Draft, here: Here) -> tuple[str, ...]:
        """What a target reads: ``x.a`` and ``x[k]`` read ``x``; gives those as text."""
        if isinstance(node, cst.Name):
            return ()
        if isinstance(node, cst.Attribute):
            self.expression(node.value, into, here)
            return (dotted(node) or f"?.{node.attr.value}",)
        if isinstance(node, cst.Subscript):
            self.expression(node, into, here)
            return (f"{dotted(node.value) or '?'}[]",)
        if isinstance(node, cst.Tuple | cst.List):
            found: tuple[str, ...] = ()
            for element in node.elements:
                found += self.target(element.value, into, here)
            return found
        self.expression(node, into, here)
        return ()

    def bind(self, node: cst.CSTNode, into: Draft, here: Here) -> None:
        """The names of a target are bound."""
        names: set[str] = set()
        _targets(node, names)
        for name in sorted(names):
            self.write(name, into, here)


def _without(here: Here, names: Sequence[str]) -> Here:
    """A lambda's parameters hide the targets of comprehensions around it."""
    targets = tuple((found - set(names), node) for found, node in here.targets)
    return Here(here.scope, here.owner, here.parent, targets)


def _targets(node: cst.CSTNode, names: set[str]) -> None:
    if isinstance(node, cst.Name):
        names.add(node.value)
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            _targets(element.value, names)


def dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` of a chain of names; empty for anything else."""
    parts = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    return ".".join([node.value, *reversed(parts)])


def parameter_names(node: cst.Parameters) -> tuple[str, ...]:
    """The names of all parameters, in order."""
    groups: list[Any] = [*node.posonly_params, *node.params, node.star_arg]
    groups += [*node.kwonly_params, node.star_kwarg]
    return tuple(p.name.value for p in groups if isinstance(p, cst.Param))


_CONSTANTS = frozenset({"None", "True", "False"})
_FORMS: dict[type[cst.CSTNode], str] = {
    cst.ListComp: "list",
    cst.SetComp: "set",
    cst.DictComp: "dict",
    cst.GeneratorExp: "generator",
}


def _binary(walk: Expressions, node: Any, into: Draft, here: Here) -> None:
    """A chain ``a + b + c`` is as deep as it is long: it is walked from its left end."""
    kind, chain = type(node), [node]
    while type(chain[-1].left) is kind:
        chain.append(chain[-1].left)
    walk.expression(chain[-1].left, into, here)
    for part in reversed(chain):
        walk.expression(part.right, into, here)


def _comparison(walk: Expressions, node: cst.Comparison, into: Draft, here: Here) -> None:
    walk.expression(node.left, into, here)
    for part in node.comparisons:
        walk.expression(part.comparator, into, here)


def _elements(walk: Expressions, node: Any, into: Draft, here: Here) -> None:
    for element in node.elements:
        walk.expression(element.value, into, here)


def _dict(walk: Expressions, node: cst.Dict, into: Draft, here: Here) -> None:
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            walk.expression(element.key, into, here)
        walk.expression(element.value, into, here)


def _subscript(walk: Expressions, node: cst.Subscript, into: Draft, here: Here) -> None:
    walk.expression(node.value, into, here)
    for element in node.slice:
        part = element.slice
        if isinstance(part, cst.Index):
            walk.expression(part.value, into, here)
        elif isinstance(part, cst.Slice):
            for bound in (part.lower, part.upper, part.step):
                walk.expression(bound, into, here)


def _conditional(walk: Expressions, node: cst.IfExp, into: Draft, here: Here) -> None:
    for part in (node.body, node.test, node.orelse):
        walk.expression(part, into, here)


def _walrus(walk: Expressions, node: cst.NamedExpr, into: Draft, here: Here) -> None:
    walk.expression(node.value, into, here)
    if isinstance(node.target, cst.Name):
        walk.write(node.target.value, into, here)


def _formatted(walk: Expressions, node: cst.FormattedString, into: Draft, here: Here) -> None:
    _format_parts(walk, node.parts, into, here)


def _format_parts(walk: Expressions, parts: Sequence[Any], into: Draft, here: Here) -> None:
    for part in parts:
        if isinstance(part, cst.FormattedStringExpression):
            walk.expression(part.expression, into, here)
            _format_parts(walk, part.format_spec or (), into, here)


def _concatenated(walk: Expressions, node: cst.ConcatenatedString, into: Draft, here: Here) -> None:
    walk.expression(node.left, into, here)
    walk.expression(node.right, into, here)


def _nothing(walk: Expressions, node: cst.CSTNode, into: Draft, here: Here) -> None:
    return None


def _yield(walk: Expressions, node: cst.Yield, into: Draft, here: Here) -> None:
    value = node.value
    walk.expression(value.item if isinstance(value, cst.From) else value, into, here)


_Handler = Callable[[Expressions, Any, Draft, Here], None]
_HANDLERS: dict[type[cst.CSTNode], _Handler] = {
    cst.Name: lambda walk, node, into, here: walk.read(node.value, into, here),
    cst.Attribute: lambda walk, node, into, here: walk.expression(node.value, into, here),
    cst.Call: Expressions.call,
    cst.Lambda: Expressions.lambda_,
    cst.ListComp: Expressions.comprehension,
    cst.SetComp: Expressions.comprehension,
    cst.DictComp: Expressions.comprehension,
    cst.GeneratorExp: Expressions.comprehension,
    cst.Subscript: _subscript,
    cst.BinaryOperation: _binary,
    cst.BooleanOperation: _binary,
    cst.Comparison: _comparison,
    cst.UnaryOperation: lambda walk, node, into, here: walk.expression(node.expression, into, here),
    cst.IfExp: _conditional,
    cst.Tuple: _elements,
    cst.List: _elements,
    cst.Set: _elements,
    cst.Dict: _dict,
    cst.Await: lambda walk, node, into, here: walk.expression(node.expression, into, here),
    cst.Yield: _yield,
    cst.NamedExpr: _walrus,
    cst.StarredElement: lambda walk, node, into, here: walk.expression(node.value, into, here),
    cst.FormattedString: _formatted,
    cst.ConcatenatedString: _concatenated,
    cst.SimpleString: _nothing,
    cst.Integer: _nothing,
    cst.Float: _nothing,
    cst.Imaginary: _nothing,
    cst.Ellipsis: _nothing,
}
