"""Expressions -> calls, comprehensions, container operations, and the names that each node reads.

Nodes inside a statement stand in the order in which they are evaluated.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity.names import mangled
from selfsame.compiler.ir.operations import (
    Assign,
    Call,
    Comprehension,
    Container,
    Opaque,
    Operation,
)
from selfsame.compiler.lower.drafts import Draft, Drafts
from selfsame.compiler.lower.scopes import Over, Scope


@dataclass(frozen=True, slots=True)
class Here:
    """Where the walk is.

    ``owner`` counts addresses; ``over`` are the comprehensions and type parameters around, within
    the scope; ``any_time``: what is here may run later; ``from_class``: and sees the names of a
    class around it; ``private``: the class whose names ``__x`` are.
    """

    scope: Scope
    owner: str
    over: Over = ()
    any_time: bool = False
    from_class: bool = False
    private: str = ""


class Expressions:
    """The part of lowering that walks expressions. Every name goes to the innermost node."""

    def __init__(self, source: Source) -> None:
        self.drafts = Drafts(source)
        self.binds = ":=" in source.text  # whether any expression may bind a name
        self.formatted = 0  # how many f-strings are open

    def expression(self, node: ast.expr | None, into: Draft, here: Here) -> None:
        """Walk ``node``; what it reads, ``into`` reads."""
        if node is None:
            return
        handler = _HANDLERS.get(node.__class__)
        if handler is None:
            self.opaque(node, into, here)
        else:
            handler(self, node, into, here)

    def each(self, nodes: Iterable[ast.expr | None], into: Draft, here: Here) -> None:
        """Walk several, one after another."""
        for node in nodes:
            self.expression(node, into, here)

    def opaque(self, node: ast.expr, into: Draft, here: Here) -> None:
        """An expression that is not treated: its parts are walked, and it is named in the graph."""
        draft = self.node(Opaque(type(node).__name__), node, into, here)
        stack: list[ast.AST] = [node]
        while stack:
            for child in ast.iter_child_nodes(stack.pop()):
                if isinstance(child, ast.expr):
                    self.expression(child, draft, here)
                else:
                    stack.append(child)

    def node(self, operation: Operation, node: ast.expr, into: Draft, here: Here) -> Draft:
        """A node for an expression, whose value ``into`` uses."""
        add = self.drafts.add_formatted if self.formatted else self.drafts.add
        draft = add(operation, node, into, here.owner)
        self.drafts.value(draft)
        return draft

    # --- names -------------------------------------------------------------------------------

    def name(self, name: str, here: Here) -> str:
        """A name as its scope has it: ``__x`` has the name of the class in it."""
        return mangled(name, here.private) if here.private else name

    def read(self, name: str, into: Draft, here: Here) -> None:
        """``into`` reads a name."""
        name = self.name(name, here)
        into.reads.add(name)
        for names, definition in reversed(here.over):
            if name in names:
                self.drafts.connect(definition, into.id, name)
                return
        if here.any_time:
            here.scope.read_any(name, into.id, here.from_class)
        else:
            here.scope.read(name, into.id)

    def write(self, name: str, into: Draft, here: Here) -> None:
        """``into`` binds a name of the scope."""
        name = self.name(name, here)
        into.writes.add(name)
        if here.any_time:
            here.scope.write_any(name, into.id)
        else:
            here.scope.write(name, into.id)

    def maybe(self, nodes: Sequence[ast.expr], into: Draft, here: Here) -> None:
        """Expressions that may be left out, each only with those after it."""
        for node in nodes:
            if not self.binds:
                self.expression(node, into, here)
                continue
            paths = here.scope.paths
            before, low = paths.cut(), paths.count
            self.expression(node, into, here)
            if paths.count != low:
                paths.cut()
                paths.after_any(before, low)

    # --- nodes -------------------------------------------------------------------------------

    def call(self, node: ast.Call, into: Draft, here: Here) -> None:
        """A call: its arguments are its own reads."""
        keywords = tuple(k.arg for k in node.keywords if k.arg is not None)
        starred = sum(1 for a in node.args if a.__class__ is ast.Starred)
        spread = starred > 0 or len(keywords) < len(node.keywords)
        operation = Call(dotted(node.func), len(node.args) - starred, keywords, spread)
        draft = self.node(operation, node, into, here)
        self.expression(node.func, draft, here)
        self.each(node.args, draft, here)
        for keyword in node.keywords:
            self.expression(keyword.value, draft, here)

    def comprehension(self, node: Any, into: Draft, here: Here) -> None:
        """A comprehension: its targets are seen inside only, its first iterable is outside.

        All but generator expressions run here and now; in a class none sees the class's names.
        """
        form = _FORMS[node.__class__]
        draft = self.node(Comprehension(form, len(node.generators)), node, into, here)
        self.expression(node.generators[0].iter, draft, here)
        names: set[str] = set()
        for clause in node.generators:
            bound_names(clause.target, names)
        names = {self.name(name, here) for name in names}
        draft.writes |= names
        lazy = form == "generator" or here.scope.kind == "class"
        inside = replace(
            here,
            over=(*here.over, (frozenset(names), draft.id)),
            any_time=here.any_time or lazy,
            from_class=here.from_class and not lazy,
        )
        repeats = self.binds and not inside.any_time
        frame = here.scope.paths.enter_loop() if repeats else None
        stores: tuple[str, ...] = ()
        for index, clause in enumerate(node.generators):
            if index:
                self.expression(clause.iter, draft, inside)
            stores += self.target(clause.target, draft, inside)
            self.maybe(clause.ifs, draft, inside)
        if isinstance(node, ast.DictComp):
            self.maybe([node.key, node.value], draft, inside)
        else:
            self.maybe([node.elt], draft, inside)
        if stores:
            draft.operation = Comprehension(form, len(node.generators), stores)
        if frame is not None:
            paths = here.scope.paths
            paths.cut()
            paths.end_body(frame)
            paths.after_any(frame.before, frame.low)

    def subscript(self, node: ast.Subscript, into: Draft, here: Here) -> None:
        """``x[k]`` as a value."""
        draft = self.node(_container("get", dotted(node.value)), node, into, here)
        self.expression(node.value, draft, here)
        self.expression(node.slice, draft, here)

    def drop(self, node: ast.Subscript, into: Draft, here: Here) -> None:
        """``del x[k]``."""
        draft = self.drafts.add(_container("drop", dotted(node.value)), node, into, here.owner)
        self.expression(node.value, draft, here)
        self.expression(node.slice, draft, here)

    def comparison(self, node: ast.Compare, into: Draft, here: Here) -> None:
        """``a < b < c``; with ``in`` it asks a container."""
        if any(op.__class__ in _MEMBERSHIP for op in node.ops):
            last = node.comparators[-1] if len(node.ops) == 1 else None
            of = dotted(last) if last is not None else "?"
            into = self.node(_container("has", of), node, into, here)
        self.expression(node.left, into, here)
        self.expression(node.comparators[0], into, here)
        if len(node.comparators) > 1:
            self.maybe(node.comparators[1:], into, here)

    def display(self, node: Any, into: Draft, here: Here) -> None:
        """A list, tuple or set with its elements."""
        if node.__class__ is ast.Tuple:
            if all(e.__class__ is ast.Constant for e in node.elts):
                return
            into = self.node(_container("tuple", ""), node, into, here)
        else:
            form = "list" if node.__class__ is ast.List else "set"
            into = self.node(_container(form, ""), node, into, here)
        self.each(node.elts, into, here)

    def dict_(self, node: ast.Dict, into: Draft, here: Here) -> None:
        """A dict; without a key: ``**value``."""
        draft = self.node(_container("dict", ""), node, into, here)
        for key, value in zip(node.keys, node.values, strict=True):
            self.expression(key, draft, here)
            self.expression(value, draft, here)

    def walrus(self, node: ast.NamedExpr, into: Draft, here: Here) -> None:
        """``name := value``."""
        draft = self.node(Assign("walrus"), node, into, here)
        self.expression(node.value, draft, here)
        # In a comprehension it binds in the scope around: the targets over it are not meant.
        self.write(node.target.id, draft, here)

    def conditional(self, node: ast.IfExp, into: Draft, here: Here) -> None:
        """``a if test else b``."""
        self.expression(node.test, into, here)
        if not self.binds:
            self.expression(node.body, into, here)
            self.expression(node.orelse, into, here)
            return
        paths = here.scope.paths
        before, low = paths.cut(), paths.count
        self.expression(node.body, into, here)
        end = paths.cut()
        paths.go(before)
        self.expression(node.orelse, into, here)
        paths.join(before, low, [end, paths.cut()])

    def binary(self, node: ast.BinOp, into: Draft, here: Here) -> None:
        """A chain ``a + b + c`` is as deep as it is long: it is walked from its left end."""
        rights = []
        left: ast.expr = node
        while left.__class__ is ast.BinOp:
            rights.append(left.right)
            left = left.left
        self.expression(left, into, here)
        self.each(reversed(rights), into, here)

    def boolean(self, node: ast.BoolOp, into: Draft, here: Here) -> None:
        """``a and b or c``."""
        self.expression(node.values[0], into, here)
        self.maybe(node.values[1:], into, here)

    def formatting(self, node: ast.JoinedStr, into: Draft, here: Here) -> None:
        """An f-string."""
        self.formatted += 1
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.formatted_value(part, into, here)
        self.formatted -= 1

    def formatted_value(self, node: ast.FormattedValue, into: Draft, here: Here) -> None:
        """``{value:spec}``."""
        self.expression(node.value, into, here)
        self.expression(node.format_spec, into, here)

    def lambda_(self, node: ast.Lambda, into: Draft, here: Here) -> None:
        """A lambda; see ``Definitions``."""
        raise NotImplementedError

    # --- targets -----------------------------------------------------------------------------

    def target(self, node: ast.expr, into: Draft, here: Here) -> tuple[str, ...]:
        """What a target reads, and stores to: ``x.a`` and ``x[]`` as text. Names are bound after."""
        if isinstance(node, ast.Attribute):
            self.expression(node.value, into, here)
            return (f"{dotted(node.value)}.{node.attr}",)
        if isinstance(node, ast.Subscript):
            of = dotted(node.value)
            draft = self.drafts.add(_container("put", of), node, into, here.owner)
            self.expression(node.value, draft, here)
            self.expression(node.slice, draft, here)
            return (f"{of}[]",)
        if isinstance(node, ast.Tuple | ast.List):
            found: tuple[str, ...] = ()
            for element in node.elts:
                found += self.target(element, into, here)
            return found
        return self.target(node.value, into, here) if isinstance(node, ast.Starred) else ()

    def bind(self, node: ast.expr, into: Draft, here: Here) -> tuple[str, ...]:
        """A target gets its value: names are bound one after another; gives what it stores to."""
        if isinstance(node, ast.Name):
            self.write(node.id, into, here)
            return ()
        if isinstance(node, ast.Tuple | ast.List):
            found: tuple[str, ...] = ()
            for element in node.elts:
                found += self.bind(element, into, here)
            return found
        if isinstance(node, ast.Starred):
            return self.bind(node.value, into, here)
        return self.target(node, into, here)


def bound_names(node: ast.expr, names: set[str]) -> None:
    """Add the names that a target binds."""
    if isinstance(node, ast.Name):
        names.add(node.id)
    elif isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            bound_names(element, names)
    elif isinstance(node, ast.Starred):
        bound_names(node.value, names)


def dotted(node: ast.expr | None) -> str:
    """``a.b.c`` of a chain of names; ``?`` for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return "?"
    if not parts:
        return node.id
    return ".".join([node.id, *reversed(parts)])


@cache
def _container(form: str, of: str) -> Container:
    return Container(form, of)


def _nothing(walk: Expressions, node: ast.expr, into: Draft, here: Here) -> None:
    return None


def _value(walk: Expressions, node: Any, into: Draft, here: Here) -> None:
    walk.expression(node.value, into, here)


def _slice(walk: Expressions, node: ast.Slice, into: Draft, here: Here) -> None:
    walk.each((node.lower, node.upper, node.step), into, here)


_MEMBERSHIP = (ast.In, ast.NotIn)
_FORMS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
_Handler = Callable[[Expressions, Any, Draft, Here], None]
_HANDLERS: dict[type[ast.AST], _Handler] = {
    ast.Name: lambda walk, node, into, here: walk.read(node.id, into, here),
    ast.Constant: _nothing,
    ast.Attribute: _value,
    ast.Call: Expressions.call,
    ast.Lambda: lambda walk, node, into, here: walk.lambda_(node, into, here),
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.Subscript: Expressions.subscript,
    ast.BinOp: Expressions.binary,
    ast.BoolOp: Expressions.boolean,
    ast.Compare: Expressions.comparison,
    ast.UnaryOp: lambda walk, node, into, here: walk.expression(node.operand, into, here),
    ast.IfExp: Expressions.conditional,
    ast.Tuple: Expressions.display,
    ast.List: Expressions.display,
    ast.Set: Expressions.display,
    ast.Dict: Expressions.dict_,
    ast.Await: _value,
    ast.Yield: _value,
    ast.YieldFrom: _value,
    ast.Starred: _value,
    ast.NamedExpr: Expressions.walrus,
    ast.JoinedStr: Expressions.formatting,
    ast.FormattedValue: Expressions.formatted_value,
    ast.Slice: _slice,
}
