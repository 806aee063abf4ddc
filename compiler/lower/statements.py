"""libcst statements -> nodes, in source order, with the paths between them."""

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from selfsame.compiler.identity import content_hash
from selfsame.compiler.ir.operations import (
    Assign,
    Block,
    Class,
    Function,
    Import,
    Loop,
    Module,
    Opaque,
    Operation,
    Statement,
)
from selfsame.compiler.lower.drafts import Draft
from selfsame.compiler.lower.expressions import Expressions, Here, dotted, parameter_names
from selfsame.compiler.lower.reaching import Scope, State


class Statements(Expressions):
    """Lowers one module."""

    def module(self, tree: cst.Module) -> None:
        """The whole module; ``drafts`` then holds its graph."""
        name = self.places.source.module
        scope = Scope(self.drafts.connect, None)
        draft = self.drafts.add(Module(), self.places.whole(), None, f"{name}:<module>")
        here = Here(scope, draft.address, None)
        self.block(tree.body, draft, here)
        scope.close()

    def block(self, body: Sequence[cst.CSTNode], into: Draft, here: Here) -> None:
        """Statements one after another."""
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine | cst.SimpleStatementSuite):
                for small in statement.body:
                    self.statement(small, into, here)
            else:
                self.statement(statement, into, here)

    def suite(self, node: Any, into: Draft, here: Here) -> None:
        """The body of a compound statement."""
        body = node.body
        self.block(body.body if isinstance(body, cst.IndentedBlock) else [body], into, here)

    def statement(self, node: cst.CSTNode, into: Draft, here: Here) -> None:
        """One statement."""
        kinds, handler = _STATEMENTS.get(type(node), _UNKNOWN)
        place = self.places.statement(kinds)
        handler(self, node, place, into, here)

    def add(self, operation: Operation, place: ast.stmt, into: Draft) -> Draft:
        """A node for a statement."""
        return self.drafts.add(operation, self.places.span(place, into.span), into)

    # --- definitions -------------------------------------------------------------------------

    def function(self, node: cst.FunctionDef, place: ast.stmt, into: Draft, here: Here) -> None:
        """``def``: what stands in its header is evaluated here, its body in a scope of its own."""
        definition = self.places.definition_of[id(place)]
        names = parameter_names(node.params)
        operation = Function(definition.kind, names, _names(d.decorator for d in node.decorators))
        draft = self.drafts.add(
            operation,
            self.places.span(place, into.span),
            into,
            definition.address,
            content_hash(definition.node),
        )
        for decorator in node.decorators:
            self.expression(decorator.decorator, draft, here)
        types = self.type_parameters(node.type_parameters, draft, here)
        self.parameters(node.params, draft, here)
        if node.returns is not None:
            self.expression(node.returns.annotation, draft, here)
        self.write(node.name.value, draft, here)
        scope = Scope(self.drafts.connect, here.scope)
        inside = Here(scope, definition.address, definition.address)
        for name in (*types, *names):
            self.write(name, draft, inside)
        self.suite(node, draft, inside)
        scope.close()

    def class_(self, node: cst.ClassDef, place: ast.stmt, into: Draft, here: Here) -> None:
        """``class``: its body runs here and now, and sees its own names first."""
        definition = self.places.definition_of[id(place)]
        bases = _names(a.value for a in node.bases)
        draft = self.drafts.add(
            Class(bases, _names(d.decorator for d in node.decorators)),
            self.places.span(place, into.span),
            into,
            definition.address,
            content_hash(definition.node),
        )
        for decorator in node.decorators:
            self.expression(decorator.decorator, draft, here)
        types = self.type_parameters(node.type_parameters, draft, here)
        for argument in (*node.bases, *node.keywords):
            self.expression(argument.value, draft, here)
        scope = Scope(self.drafts.connect, here.scope, is_class=True)
        inside = Here(scope, definition.address, definition.address)
        for name in types:
            self.write(name, draft, inside)
        self.suite(node, draft, inside)
        scope.close()
        self.write(node.name.value, draft, here)

    def type_parameters(
        self, node: cst.TypeParameters | None, into: Draft, here: Here
    ) -> tuple[str, ...]:
        """``[T: int]``: bounds and defaults are read; gives the names."""
        if node is None:
            return ()
        for parameter in node.params:
            self.expression(getattr(parameter.param, "bound", None), into, here)
            self.expression(parameter.default, into, here)
        return tuple(p.param.name.value for p in node.params)

    # --- simple statements -------------------------------------------------------------------

    def assign(self, node: cst.Assign, place: ast.stmt, into: Draft, here: Here) -> None:
        """``a = b = value``: walked as the text goes, bound when the value is there."""
        draft = self.add(Assign("plain"), place, into)
        stores: list[str] = []
        for target in node.targets:
            stores += self.target(target.target, draft, here)
        draft.operation = Assign("plain", tuple(stores))
        self.expression(node.value, draft, here)
        for target in node.targets:
            self.bind(target.target, draft, here)

    def annotated(self, node: cst.AnnAssign, place: ast.stmt, into: Draft, here: Here) -> None:
        """``a: T = value``; without a value nothing is bound."""
        draft = self.add(Assign("annotated"), place, into)
        draft.operation = Assign("annotated", self.target(node.target, draft, here))
        self.expression(node.annotation.annotation, draft, here)
        if node.value is not None:
            self.expression(node.value, draft, here)
            self.bind(node.target, draft, here)

    def augmented(self, node: cst.AugAssign, place: ast.stmt, into: Draft, here: Here) -> None:
        """``a += value`` reads and binds."""
        draft = self.add(Assign("augmented"), place, into)
        if isinstance(node.target, cst.Name):
            self.read(node.target.value, draft, here)
            self.expression(node.value, draft, here)
            self.write(node.target.value, draft, here)
        else:
            draft.operation = Assign("augmented", self.target(node.target, draft, here))
            self.expression(node.value, draft, here)

    def delete(self, node: cst.Del, place: ast.stmt, into: Draft, here: Here) -> None:
        """``del``: names are gone, containers are read."""
        draft = self.add(Statement("delete"), place, into)
        self._delete(node.target, draft, here)

    def _delete(self, node: cst.CSTNode, draft: Draft, here: Here) -> None:
        if isinstance(node, cst.Name):
            self.read(node.value, draft, here)
            here.scope.delete(node.value)
        elif isinstance(node, cst.Tuple | cst.List):
            for element in node.elements:
                self._delete(element.value, draft, here)
        else:
            self.expression(node, draft, here)

    def import_(self, node: cst.Import, place: ast.stmt, into: Draft, here: Here) -> None:
        """``import a.b as c``."""
        assert isinstance(place, ast.Import)
        draft = self.add(Import(tuple(a.name for a in place.names)), place, into)
        for alias in place.names:
            self.write(alias.asname or alias.name.partition(".")[0], draft, here)

    def from_import(self, node: cst.ImportFrom, place: ast.stmt, into: Draft, here: Here) -> None:
        """``from a import b``. What a star binds is not known."""
        assert isinstance(place, ast.ImportFrom)
        base = "." * place.level + (place.module or "")
        if place.names[0].name == "*":
            self.add(Opaque(f"from {base} import *"), place, into)
            return
        draft = self.add(Import((base,)), place, into)
        for alias in place.names:
            self.write(alias.asname or alias.name, draft, here)

    def declared(self, node: Any, place: ast.stmt, into: Draft, here: Here) -> None:
        """``global`` and ``nonlocal``."""
        word = "global" if isinstance(node, cst.Global) else "nonlocal"
        self.add(Statement(word), place, into)
        names = {item.name.value for item in node.names}
        if word == "nonlocal":
            here.scope.nonlocals |= names
        elif here.scope.outer is not None:
            here.scope.globals |= names

    def type_alias(self, node: cst.TypeAlias, place: ast.stmt, into: Draft, here: Here) -> None:
        """``type A[T] = ...``: evaluated when it is first asked for."""
        draft = self.add(Statement("type"), place, into)
        self.type_parameters(node.type_parameters, draft, here)
        self.expression(node.value, draft, here)
        self.write(node.name.value, draft, here)

    # --- compound statements -----------------------------------------------------------------

    def if_(self, node: cst.If, place: ast.stmt, into: Draft, here: Here) -> None:
        """``if``; an ``elif`` is an ``if`` inside it."""
        draft = self.add(Block("if"), place, into)
        self.expression(node.test, draft, here)
        start = here.scope.fork()
        self.suite(node, draft, here)
        end, here.scope.now = here.scope.now, start
        if isinstance(node.orelse, cst.If):
            self.statement(node.orelse, draft, here)
        elif node.orelse is not None:
            self.suite(node.orelse, draft, here)
        here.scope.merge([end, here.scope.now])

    def loop(self, node: Any, place: ast.stmt, into: Draft, here: Here) -> None:
        """``for`` and ``while``."""
        inner = self.places.inner(here.owner, "loop")
        form = "while"
        if isinstance(node, cst.For):
            form = "async-for" if node.asynchronous else "for"
        span = self.places.span(place, into.span)
        draft = self.drafts.add(Loop(form), span, into, inner.address, content_hash(inner.node))
        scope = here.scope
        if isinstance(node, cst.For):
            self.target(node.target, draft, here)
            self.expression(node.iter, draft, here)
            scope.enter_loop()
            self.bind(node.target, draft, here)
        else:
            scope.enter_loop()
            self.expression(node.test, draft, here)
        self.suite(node, draft, here)
        ending = scope.end_body()
        if node.orelse is not None:
            self.suite(node.orelse, draft, here)
        ending.finish()

    def try_(self, node: Any, place: ast.stmt, into: Draft, here: Here) -> None:
        """``try``: a handler may follow after any part of the body."""
        draft = self.add(Block("try"), place, into)
        scope = here.scope
        start, mark = scope.fork(), len(scope.log)
        self.suite(node, draft, here)
        end = scope.now
        thrown = scope.after_any(start, mark)
        ends = []
        for handler in node.handlers:
            scope.now = State(dict(thrown.reaching))
            self.expression(handler.type, draft, here)
            if handler.name is not None:
                self.bind(handler.name.name, draft, here)
            self.suite(handler, draft, here)
            ends.append(scope.now)
        scope.now = end
        if node.orelse is not None:
            self.suite(node.orelse, draft, here)
        ends.append(scope.now)
        scope.merge(ends)
        if node.finalbody is not None:
            after = scope.now
            scope.merge([scope.after_any(start, mark), after])
            self.suite(node.finalbody, draft, here)
            scope.now.alive = after.alive

    def with_(self, node: cst.With, place: ast.stmt, into: Draft, here: Here) -> None:
        """``with``: the managers are computed and bound one after another."""
        draft = self.add(Block("async-with" if node.asynchronous else "with"), place, into)
        start, mark = here.scope.fork(), len(here.scope.log)
        for item in node.items:
            self.expression(item.item, draft, here)
            if item.asname is not None:
                self.target(item.asname.name, draft, here)
                self.bind(item.asname.name, draft, here)
        self.suite(node, draft, here)
        # A manager may swallow an exception from anywhere inside.
        swallowed = here.scope.after_any(start, mark)
        end = here.scope.now
        here.scope.merge([end, swallowed])
        here.scope.now.alive = end.alive

    def match(self, node: cst.Match, place: ast.stmt, into: Draft, here: Here) -> None:
        """``match``: a pattern that fails may have bound some of its names."""
        draft = self.add(Block("match"), place, into)
        self.expression(node.subject, draft, here)
        ends = [here.scope.fork()]
        for case in node.cases:
            self.pattern(case.pattern, draft, here)
            self.expression(case.guard, draft, here)
            skipped = here.scope.fork()
            self.suite(case, draft, here)
            ends.append(here.scope.now)
            here.scope.merge([skipped, ends[0]])
            ends[0] = here.scope.fork()
        here.scope.merge(ends)

    def pattern(self, node: cst.CSTNode, into: Draft, here: Here) -> None:
        """The names that a pattern binds, and the values and classes that it reads."""
        if isinstance(node, cst.MatchAs | cst.MatchStar):
            if isinstance(node, cst.MatchAs) and node.pattern is not None:
                self.pattern(node.pattern, into, here)
            if node.name is not None:
                self.write(node.name.value, into, here)
        elif isinstance(node, cst.MatchValue):
            self.expression(node.value, into, here)
        elif isinstance(node, cst.MatchClass):
            self.expression(node.cls, into, here)
            for positional in node.patterns:
                self.pattern(positional.value, into, here)
            for keyword in node.kwds:
                self.pattern(keyword.pattern, into, here)
        elif isinstance(node, cst.MatchMapping):
            for entry in node.elements:
                self.pattern(entry.pattern, into, here)
            if node.rest is not None:
                self.write(node.rest.value, into, here)
        elif isinstance(node, cst.MatchOr):
            for option in node.patterns:
                self.pattern(option.pattern, into, here)
        elif isinstance(node, cst.MatchList | cst.MatchTuple):
            for item in node.patterns:
                inner = item if isinstance(item, cst.MatchStar) else item.value
                self.pattern(inner, into, here)


def _names(nodes: Any) -> tuple[str, ...]:
    found = []
    for node in nodes:
        called = node.func if isinstance(node, cst.Call) else node
        found.append(dotted(called) or "?")
    return tuple(found)


def _word(word: str, *parts: str, jumps: bool = False) -> "_Handler":
    """A simple statement that reads some expressions."""

    def handle(walk: Statements, node: Any, place: ast.stmt, into: Draft, here: Here) -> None:
        draft = walk.add(Statement(word), place, into)
        for part in parts:
            value = getattr(node, part)
            walk.expression(value.item if isinstance(value, cst.From) else value, draft, here)
        if word in ("break", "continue"):
            here.scope.leave(word)
        elif jumps:
            here.scope.jump()

    return handle


def _unknown(walk: Statements, node: cst.CSTNode, place: ast.stmt, into: Draft, here: Here) -> None:
    draft = walk.add(Opaque(type(node).__name__), place, into)
    walk.parts(node, draft, here)


_Handler = Callable[[Statements, Any, ast.stmt, Draft, Here], None]
_UNKNOWN: tuple[tuple[type[ast.AST], ...], _Handler] = ((ast.stmt,), _unknown)
_STATEMENTS: dict[type[cst.CSTNode], tuple[tuple[type[ast.AST], ...], _Handler]] = {
    cst.FunctionDef: ((ast.FunctionDef, ast.AsyncFunctionDef), Statements.function),
    cst.ClassDef: ((ast.ClassDef,), Statements.class_),
    cst.If: ((ast.If,), Statements.if_),
    cst.For: ((ast.For, ast.AsyncFor), Statements.loop),
    cst.While: ((ast.While,), Statements.loop),
    cst.Try: ((ast.Try,), Statements.try_),
    cst.TryStar: ((ast.TryStar,), Statements.try_),
    cst.With: ((ast.With, ast.AsyncWith), Statements.with_),
    cst.Match: ((ast.Match,), Statements.match),
    cst.Assign: ((ast.Assign,), Statements.assign),
    cst.AnnAssign: ((ast.AnnAssign,), Statements.annotated),
    cst.AugAssign: ((ast.AugAssign,), Statements.augmented),
    cst.Del: ((ast.Delete,), Statements.delete),
    cst.Import: ((ast.Import,), Statements.import_),
    cst.ImportFrom: ((ast.ImportFrom,), Statements.from_import),
    cst.Global: ((ast.Global,), Statements.declared),
    cst.Nonlocal: ((ast.Nonlocal,), Statements.declared),
    cst.TypeAlias: ((ast.stmt,), Statements.type_alias),
    cst.Expr: ((ast.Expr,), _word("expression", "value")),
    cst.Return: ((ast.Return,), _word("return", "value", jumps=True)),
    cst.Raise: ((ast.Raise,), _word("raise", "exc", "cause", jumps=True)),
    cst.Assert: ((ast.Assert,), _word("assert", "test", "msg")),
    cst.Pass: ((ast.Pass,), _word("pass")),
    cst.Break: ((ast.Break,), _word("break")),
    cst.Continue: ((ast.Continue,), _word("continue")),
}
