"""Simple statements -> nodes."""

import ast
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from selfsame.compiler.ir.graph import ANY
from selfsame.compiler.ir.operations import Assign, Import, Module, Opaque, Statement
from selfsame.compiler.lower.compound import Compound
from selfsame.compiler.lower.drafts import Draft
from selfsame.compiler.lower.expressions import Here
from selfsame.compiler.lower.scopes import Scope


class Statements(Compound):
    """Lowers one module."""

    def module(self, tree: ast.Module) -> None:
        """The whole module; ``drafts`` then holds its graph."""
        draft = self.drafts.module(Module())
        scope = Scope(self.drafts, draft, "module")
        self.block(tree.body, draft, Here(scope, draft.address))
        scope.close()

    def block(self, body: Sequence[ast.stmt], into: Draft, here: Here) -> None:
        """Statements one after another."""
        for statement in body:
            handler = _STATEMENTS.get(statement.__class__)
            if handler is None:
                self.unknown(statement, into, here)
            else:
                handler(self, statement, into, here)

    def unknown(self, node: ast.stmt, into: Draft, here: Here) -> None:
        """A statement that is not treated: it reads all names in it, and writes those it stores.

        What it writes it may also not have written, and in any order.
        """
        draft = self.drafts.add(Opaque(type(node).__name__), node, into, here.owner)
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                if isinstance(part.ctx, ast.Load):
                    self.read(part.id, draft, here)
                else:
                    draft.writes.add(part.id)
                    here.scope.write_any(part.id, draft.id)

    def assign(self, node: ast.Assign, into: Draft, here: Here) -> None:
        """``a = b = value``: the value first, then the targets from left to right."""
        draft = self.drafts.add(_assign("plain"), node, into, here.owner)
        self.expression(node.value, draft, here)
        stores: tuple[str, ...] = ()
        for target in node.targets:
            stores += self.bind(target, draft, here)
        if stores:
            draft.operation = Assign("plain", stores)

    def annotated(self, node: ast.AnnAssign, into: Draft, here: Here) -> None:
        """``a: T = value``; without a value nothing is bound, but the name is the scope's."""
        draft = self.drafts.add(_assign("annotated"), node, into, here.owner)
        if node.value is not None:
            self.expression(node.value, draft, here)
            stores = self.bind(node.target, draft, here)
        elif isinstance(node.target, ast.Name):
            stores = ()
            if node.simple:
                here.scope.paths.declare(self.name(node.target.id, here))
        else:
            stores = self.target(node.target, draft, here)
        if stores:
            draft.operation = Assign("annotated", stores)
        self.expression(node.annotation, draft, here)

    def augmented(self, node: ast.AugAssign, into: Draft, here: Here) -> None:
        """``a += value`` reads, then binds."""
        draft = self.drafts.add(_assign("augmented"), node, into, here.owner)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, draft, here)
            self.expression(node.value, draft, here)
            self.write(node.target.id, draft, here)
        else:
            draft.operation = Assign("augmented", self.target(node.target, draft, here))
            self.expression(node.value, draft, here)

    def delete(self, node: ast.Delete, into: Draft, here: Here) -> None:
        """``del``: names are gone, containers are changed."""
        draft = self.drafts.add(_statement("delete"), node, into, here.owner)
        for target in node.targets:
            self.delete_target(target, draft, here)

    def import_(self, node: ast.Import, into: Draft, here: Here) -> None:
        """``import a.b as c``."""
        operation = Import(tuple(a.name for a in node.names))
        draft = self.drafts.add(operation, node, into, here.owner)
        for alias in node.names:
            self.write(alias.asname or alias.name.partition(".")[0], draft, here)

    def from_import(self, node: ast.ImportFrom, into: Draft, here: Here) -> None:
        """``from a import b``. What a star binds is not known."""
        base = "." * node.level + (node.module or "")
        if node.names[0].name == ANY:
            draft = self.drafts.add(Opaque(f"from {base} import *"), node, into, here.owner)
            draft.writes.add(ANY)
            here.scope.star(draft.id)
            return
        names = tuple(a.name + (f"={a.asname}" if a.asname else "") for a in node.names)
        draft = self.drafts.add(Import((base,), names), node, into, here.owner)
        for alias in node.names:
            self.write(alias.asname or alias.name, draft, here)

    def declared(self, node: ast.Global | ast.Nonlocal, into: Draft, here: Here) -> None:
        """``global`` and ``nonlocal``."""
        scope = here.scope
        if isinstance(node, ast.Nonlocal):
            self.drafts.add(_statement("nonlocal"), node, into, here.owner)
            scope.nonlocals |= {self.name(name, here) for name in node.names}
        else:
            self.drafts.add(_statement("global"), node, into, here.owner)
            if scope.outer is not None:
                scope.globals |= {self.name(name, here) for name in node.names}

    def expression_statement(self, node: ast.Expr, into: Draft, here: Here) -> None:
        """An expression alone."""
        draft = self.drafts.add(_statement("expression"), node, into, here.owner)
        self.expression(node.value, draft, here)

    def return_(self, node: ast.Return, into: Draft, here: Here) -> None:
        """``return``."""
        draft = self.drafts.add(_statement("return"), node, into, here.owner)
        self.expression(node.value, draft, here)
        here.scope.paths.jump()

    def raise_(self, node: ast.Raise, into: Draft, here: Here) -> None:
        """``raise``."""
        draft = self.drafts.add(_statement("raise"), node, into, here.owner)
        self.expression(node.exc, draft, here)
        self.expression(node.cause, draft, here)
        here.scope.paths.jump()

    def assert_(self, node: ast.Assert, into: Draft, here: Here) -> None:
        """``assert``: under ``-O`` it is not there, and its message is only for a failure."""
        draft = self.drafts.add(_statement("assert"), node, into, here.owner)
        self.maybe([node.test], draft, here)
        if node.msg is not None:
            paths = here.scope.paths
            before = paths.cut()
            self.expression(node.msg, draft, here)
            paths.go(before)

    def word(self, node: ast.stmt, into: Draft, here: Here) -> None:
        """``pass``, ``break``, ``continue``."""
        word = type(node).__name__.lower()
        self.drafts.add(_statement(word), node, into, here.owner)
        if word != "pass":
            here.scope.paths.leave(word)


@cache
def _statement(word: str) -> Statement:
    return Statement(word)


@cache
def _assign(form: str) -> Assign:
    return Assign(form)


_Handler = Callable[[Statements, Any, Draft, Here], None]
_STATEMENTS: dict[type[ast.AST], _Handler] = {
    ast.FunctionDef: Statements.function,
    ast.AsyncFunctionDef: Statements.function,
    ast.ClassDef: Statements.class_,
    ast.If: Statements.if_,
    ast.For: Statements.loop,
    ast.AsyncFor: Statements.loop,
    ast.While: Statements.loop,
    ast.Try: Statements.try_,
    ast.TryStar: Statements.try_,
    ast.With: Statements.with_,
    ast.AsyncWith: Statements.with_,
    ast.Match: Statements.match,
    ast.Assign: Statements.assign,
    ast.AnnAssign: Statements.annotated,
    ast.AugAssign: Statements.augmented,
    ast.Delete: Statements.delete,
    ast.Import: Statements.import_,
    ast.ImportFrom: Statements.from_import,
    ast.Global: Statements.declared,
    ast.Nonlocal: Statements.declared,
    ast.Expr: Statements.expression_statement,
    ast.Return: Statements.return_,
    ast.Raise: Statements.raise_,
    ast.Assert: Statements.assert_,
    ast.Pass: Statements.word,
    ast.Break: Statements.word,
    ast.Continue: Statements.word,
}
if hasattr(ast, "TypeAlias"):  # 3.12
    _STATEMENTS[ast.TypeAlias] = Statements.type_alias
