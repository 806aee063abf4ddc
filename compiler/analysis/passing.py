"""What passes between a function and one that it calls: arguments in, and what it hands out."""

import ast
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from selfsame.compiler.analysis.frame import Frame, Given
from selfsame.compiler.analysis.literals import type_of_literal
from selfsame.compiler.analysis.program import Module
from selfsame.compiler.analysis.values import (
    BOTTOM,
    IMPORTED,
    NOTHING,
    Ref,
    Root,
    Value,
    fewest,
    join,
    lean,
    with_receivers,
)

PLAIN_TYPES = frozenset(
    ["int", "float", "complex", "bool", "str", "bytes", "NoneType", "range", "ellipsis"]
)


@dataclass(slots=True)
class Arguments:
    """The arguments of one call; ``spread``: some came with ``*`` or ``**``, those with ``**`` are ``named`` too.

    ``written``: they stand at the call itself, so that no other may be given by a name.
    """

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    spread: bool = False
    receivers: int = 0  # how many come first whatever is spread
    named: list[Value] = field(default_factory=list)
    written: bool = False

    @property
    def key(self) -> Hashable:
        """Equal for equal arguments."""
        named = tuple(self.keywords.items()), tuple(self.named)
        return tuple(self.positional), named, self.spread, self.receivers, self.written

    def all(self) -> list[Value]:
        """Every argument."""
        return [*self.positional, *self.keywords.values()]

    def at(self, where: int | str) -> Value | None:
        """The argument at a position or under a keyword, if it was given."""
        if isinstance(where, str):
            return self.keywords.get(where)
        return self.positional[where] if where < len(self.positional) else None

    def options(self, where: int | str) -> list[Value]:
        """All that may be the argument at a position or under a keyword."""
        found = self.at(where)
        if isinstance(where, str):
            return [found] if found is not None else self.named
        if self.spread and where >= self.receivers:
            return self.all()[self.receivers :]
        # What has a position may be given by its name, which is the library's.
        return [found] if found is not None else [*self.keywords.values()]

    def after(self, receiver: Value) -> "Arguments":
        """With a receiver in front."""
        positional = [receiver, *self.positional]
        more = self.receivers + 1
        return Arguments(positional, self.keywords, self.spread, more, self.named, self.written)

    def split(self) -> tuple[Value, "Arguments"]:
        """What may come first, and the rest."""
        first, *rest = self.positional
        if self.spread and not self.receivers:
            rest = self.positional
        fewer = max(self.receivers - 1, 0)
        written = self.written
        return first, Arguments(rest, self.keywords, self.spread, fewer, self.named, written)


class Passing(Frame):
    """The part of the analysis that puts a callee's terms into those of its caller."""

    def let_go(self, node: ast.AST, value: Value) -> None:
        """Unknown code gets hold of ``value`` and may change it."""
        reached = self.reached(value)
        self.lost.append(Value(reached.own))
        self.mutate(node, Value(reached.own), "passes it to unknown code", sure=False)

    def mixed(self, values: Iterable[Value]) -> Value:
        """Anything that is reached from any of ``values``."""
        reached = [self.reached(v) for v in values]
        return Value(
            frozenset().union(*(r.own for r in reached)),
            None,
            fewest(frozenset().union(*(r.refs for r in reached))),
        )

    def received(
        self,
        node: ast.AST,
        given: Given,
        bound: dict[str, Value],
        substitute: Callable[[frozenset[Root]], frozenset[Root]],
    ) -> Value:
        """What a callee hands out, in this function's terms."""
        known = given.known
        refs = self.moved(known.refs, substitute) | self.code_in(known.own, bound)
        result = Value(substitute(known.own), known.types, refs)
        if given.fresh:
            inside = given.inside
            refs = self.moved(inside.refs, substitute) | self.code_in(inside.own, bound)
            held = Value(substitute(inside.own), None, refs)
            made = self.new(node, "", held, part="of the callee")
            result = Value(result.own | made.own, result.types, result.refs)
        return result

    def code_in(self, roots: Iterable[Root | Ref], bound: dict[str, Value]) -> frozenset[Ref]:
        """The functions and classes that are, or are held by, what a callee's roots stand for here."""
        found: frozenset[Ref] = frozenset()
        for root in roots:
            kind, name = root[0], str(root[1]).partition(".")[0]
            values = bound if kind in ("param", "in") else self.env
            self.looked_around = self.looked_around or kind in ("free", "in-free")
            if kind in ("param", "free"):
                found |= values.get(name, BOTTOM).refs
            elif kind in ("in", "in-free") and name in values:
                found |= self.reached(values[name]).refs
        return found

    def bind(
        self,
        parameters: ast.arguments,
        given: Arguments,
        module: Module,
        class_: str | None = None,
    ) -> dict[str, Value]:
        """Parameter -> what is passed for it, defaults included; ``class_``: whose body has the function."""
        bound: dict[str, Value] = {}
        for passed in given.all():
            self.meet(passed)
        plain = parameters.posonlyargs + parameters.args
        anything = self.mixed(given.all()[given.receivers :]) if given.spread else BOTTOM
        for index, parameter in enumerate(plain):
            options = []
            if index < len(given.positional):
                options.append(given.positional[index])
            if parameter.arg in given.keywords:
                options.append(given.keywords[parameter.arg])
            default = index - (len(plain) - len(parameters.defaults))
            if default >= 0 and (not options or (given.spread and index >= given.receivers)):
                options.append(self.default(parameters.defaults[default], module, class_))
            if index >= given.receivers:
                options.append(anything)
            bound[parameter.arg] = join(options)
        for parameter, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
            found = given.keywords.get(parameter.arg)
            default_value = self.default(value, module, class_) if value is not None else BOTTOM
            bound[parameter.arg] = join([found if found is not None else default_value, anything])
        for extra in (parameters.vararg, parameters.kwarg):
            if extra is not None:
                rest = self.mixed(given.all())
                bound[extra.arg] = Value(rest.own, None, rest.refs)
        return bound

    def default(self, node: ast.expr, module: Module, class_: str | None) -> Value:
        """A default value: one object for all calls."""
        info = self.names.program.classes.get(class_ or "")
        bound = info.data.get(node.id) if info is not None and isinstance(node, ast.Name) else None
        if bound is not None and bound.lineno < node.lineno:  # later, it is a global's still
            assert info is not None and isinstance(node, ast.Name)
            value = self.names.in_class(info, node.id, [info])
        else:
            value = self.names.expression(module, node)
        if not value.own and value.types is not None and value.types <= PLAIN_TYPES:
            return value
        if value.is_code or type_of_literal(node) in PLAIN_TYPES or isinstance(node, ast.Constant):
            return value
        if not (isinstance(node, ast.Tuple) and not node.elts):
            self.meets.add(IMPORTED)
        return Value(frozenset({("global", f"{module.name}.a default value")}), value.types)

    def substitution(self, bound: dict[str, Value]) -> Callable[[frozenset[Root]], frozenset[Root]]:
        """From a callee's roots to this function's."""

        kept: dict[frozenset[Root], frozenset[Root]] = {}

        def substitute(roots: frozenset[Root]) -> frozenset[Root]:
            """The objects that the callee's ``roots`` are here."""
            if roots in kept:
                return kept[roots]
            own: set[Root] = set()
            for root in sorted(roots):
                kind, name = root
                if kind in ("free", "in-free"):
                    self.looked_around = True
                if kind == "param":
                    own |= bound.get(name, BOTTOM).own
                elif kind == "in":
                    base, _, field = name.partition(".")
                    own |= self.reached_by(bound.get(base, BOTTOM), field)
                elif kind == "free" and name in self.env:
                    own |= self.env[name].own
                elif kind == "in-free" and name.partition(".")[0] in self.env:
                    base, _, field = name.partition(".")
                    own |= self.reached_by(self.env[base], field)
                else:
                    own.add(root)
            result = kept[roots] = lean(own)
            return result

        return substitute

    def reached_by(self, value: Value, path: str) -> frozenset[Root]:
        """The objects at ``lines``, or all reached from there (``lines.*``), or from anywhere (``*``)."""
        if path == "*":
            return self.reached(self.parts(value)).own
        if path.endswith(".*"):
            first = self.parts(value, as_iterated(path.removesuffix(".*")))
            return self.reached(self.parts(first)).own
        return self.parts(value, as_iterated(path)).own

    def moved(
        self, refs: frozenset[Ref], substitute: Callable[[frozenset[Root]], frozenset[Root]]
    ) -> frozenset[Ref]:
        """Refs with the roots of their receivers in this function's terms."""
        return fewest(with_receivers(refs, lambda v: Value(substitute(v.own), v.types)))


def as_iterated(path: str) -> str:
    """An argument's items are what subscripts and iterations of it gave."""
    return "{}" if path == "[]" else path


def half(
    other: Root | Ref,
    bound: dict[str, Value],
    substitute: Callable[[frozenset[Root]], frozenset[Root]],
) -> Value:
    """The second part of a link between objects, in the caller's terms."""
    if other[0] == "param":
        return bound.get(str(other[1]), BOTTOM)
    if len(other) == 2 and other[0] in ("in", "free", "in-free", "global", "class", "unknown"):
        return Value(substitute(frozenset({(other[0], other[1])})))
    return Value(NOTHING, None, frozenset({other}))
