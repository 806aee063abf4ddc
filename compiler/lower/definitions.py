"""Functions, lambdas, classes and type parameters: what runs where they stand, and what inside."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from selfsame.compiler.ir.operations import Class, Function, Statement
from selfsame.compiler.lower.drafts import Draft
from selfsame.compiler.lower.expressions import Expressions, Here, dotted
from selfsame.compiler.lower.scopes import Scope


class Definitions(Expressions):
    """The part of lowering that opens scopes."""

    def block(self, body: Sequence[ast.stmt], into: Draft, here: Here) -> None:
        """Statements one after another; see ``Statements``."""
        raise NotImplementedError

    def function(self, node: Any, into: Draft, here: Here) -> None:
        """``def``: what stands in its header is evaluated here, its body in a scope of its own."""
        arguments = _arguments(node.args)
        names = tuple(a.arg for a in arguments)
        form = self.drafts.forms[id(node)]
        operation = Function(form, _starred(node.args), _names(node.decorator_list))
        draft = self.drafts.add(operation, node, into, here.owner)
        self.each(node.decorator_list, draft, here)
        self.defaults(node.args, draft, here)
        header = self.type_parameters(node, draft, here)
        for argument in arguments:
            self.expression(argument.annotation, draft, header)
        self.expression(node.returns, draft, header)
        self.write(node.name, draft, here)
        inside = self.scope(draft, header, names)
        self.block(node.body, draft, inside)
        inside.scope.close()

    def lambda_(self, node: ast.Lambda, into: Draft, here: Here) -> None:
        """A lambda: its defaults are evaluated here."""
        names = tuple(a.arg for a in _arguments(node.args))
        draft = self.node(Function("lambda", _starred(node.args)), node, into, here)
        self.defaults(node.args, draft, here)
        inside = self.scope(draft, here, names)
        self.expression(node.body, draft, inside)
        inside.scope.close()

    def scope(self, draft: Draft, around: Here, parameters: tuple[str, ...]) -> Here:
        """The inside of a function, with its parameters."""
        scope = Scope(self.drafts, draft, "function", around.scope, around.over)
        inside = Here(scope, draft.address, private=around.private)
        for name in parameters:
            self.write(name, draft, inside)
        return inside

    def defaults(self, node: ast.arguments, into: Draft, here: Here) -> None:
        """The defaults of parameters: evaluated where the definition stands."""
        self.each(node.defaults, into, here)
        self.each(node.kw_defaults, into, here)

    def class_(self, node: ast.ClassDef, into: Draft, here: Here) -> None:
        """``class``: its body runs here and now, and sees its own names first."""
        keywords = tuple(k.arg or "?" for k in node.keywords)
        operation = Class(_names(node.bases), keywords, _names(node.decorator_list))
        draft = self.drafts.add(operation, node, into, here.owner)
        self.each(node.decorator_list, draft, here)
        header = self.type_parameters(node, draft, here)
        self.each(node.bases, draft, header)
        for keyword in node.keywords:
            self.expression(keyword.value, draft, header)
        scope = Scope(self.drafts, draft, "class", here.scope, header.over)
        self.block(node.body, draft, Here(scope, draft.address, private=node.name))
        scope.close()
        self.write(node.name, draft, here)

    def type_alias(self, node: Any, into: Draft, here: Here) -> None:
        """``type A[T] = ...``: evaluated when it is first asked for."""
        draft = self.drafts.add(Statement("type"), node, into, here.owner)
        header = self.type_parameters(node, draft, here)
        self.expression(node.value, draft, replace(header, any_time=True, from_class=True))
        self.write(node.name.id, draft, here)

    def type_parameters(self, node: Any, into: Draft, here: Here) -> Here:
        """``[T: int]``: seen in the rest of the definition; bounds are evaluated when asked for."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return here
        names = [self.name(p.name, here) for p in parameters]
        into.writes.update(names)
        header = replace(here, over=(*here.over, (frozenset(names), into.id)))
        lazy = replace(header, any_time=True, from_class=True)
        for parameter in parameters:
            self.expression(getattr(parameter, "bound", None), into, lazy)
            self.expression(getattr(parameter, "default_value", None), into, lazy)
        return header


def _arguments(node: ast.arguments) -> list[ast.arg]:
    found = [*node.posonlyargs, *node.args]
    if node.vararg:
        found.append(node.vararg)
    found += node.kwonlyargs
    if node.kwarg:
        found.append(node.kwarg)
    return found


def _starred(node: ast.arguments) -> tuple[str, ...]:
    stars = {id(node.vararg): "*", id(node.kwarg): "**"}
    return tuple(stars.get(id(a), "") + a.arg for a in _arguments(node))


def _names(nodes: Sequence[ast.expr]) -> tuple[str, ...]:
    return tuple(dotted(n.func if isinstance(n, ast.Call) else n) for n in nodes)
