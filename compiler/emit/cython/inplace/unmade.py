"""Copies that are only looked into: ``x in list(d.keys())`` and ``len(g.nodes())`` ask the dict itself.

A method or function that does no more than return such a copy is read in the place of its call.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM
from selfsame.compiler.emit.cython.inplace.libraries import Libraries
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

MOST_READ = 4
"""So many calls, one inside the other, are read in place."""
_NAMING = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)


class Unmade(Libraries):
    """``unmade`` gives what would be copied."""

    reading = 0

    def unmade(self, node: ast.expr) -> tuple[Value, bool] | None:
        """The dict or list that ``node`` copies, and whether the copy is a list; None where it copies none."""
        match node:
            case ast.Call(
                func=ast.Name(id="list" | "tuple" as which), args=[given], keywords=[]
            ) if not self.own(which) and self.names.builtin(which):
                self.program.used_builtins.add(which)
                return self._copied(given)
            case ast.Call(func=ast.Attribute(value=base, attr="keys"), args=[], keywords=[]):
                held = self._tried(base, {"dict"})
                return (held, False) if held is not None else None
            case ast.Call() if self.reading < MOST_READ:
                return self._read(node)
        return None

    def _copied(self, given: ast.expr) -> tuple[Value, bool] | None:
        inner = self.unmade(given)
        if inner is None:
            held = self._tried(given, {"dict", "list", "row"})
            inner = (held, True) if held is not None else None
        return (inner[0], True) if inner is not None else None

    def _tried(self, node: ast.expr, kinds: set[str]) -> Value | None:
        """The value of ``node``, where it is of one of the kinds; else nothing is written."""
        mark = self.mark()
        value = self.some(self.expression(node))
        unsettled = value.kind == BOTTOM and not self.program.final
        if (unsettled or value.kind.name in kinds) and value.items is None:
            return self.held(value)
        self.take_back(mark)
        return None

    def _read(self, node: ast.Call) -> tuple[Value, bool] | None:
        """What a call copies whose function only returns a copy; else nothing is written."""
        mark = self.mark()
        try:
            with self._inside(node) as body:
                found = self.unmade(body) if body is not None else None
        except CannotPrint:
            found = None  # as a call it may have a form
        if found is None:
            self.take_back(mark)
        return found

    @contextmanager
    def _inside(self, node: ast.Call) -> Iterator[ast.expr | None]:
        """The expression that the called function returns, with its parameters bound; None where it does more."""
        outer, receiver, function = (self.inside, self.home), None, None
        match node.func:
            case ast.Name() | ast.Attribute() as named if (
                target := self.target(named)
            ) is not None and target.node is not None:
                function, inside, home = target.node, "", target.home
            case ast.Attribute(value=base, attr=attribute):
                kind = self.kind_of(base)
                facts = self.program.classes.get(kind.cls) if kind.name == "instance" else None
                name = facts.spelled(attribute, self.inside) if facts is not None else ""
                if facts is not None and name in facts.methods:
                    function, inside = facts.methods[name], facts.homes[name]
                    home = self.program.linked.home_of[inside]
                    receiver = (base, kind.cls, name)
        body = _returned(function) if function is not None else None
        if function is None or body is None or self._clashes(function, body):
            yield None
            return
        given = list(node.args)
        if receiver is not None:
            given = [receiver[0], *given]
        try:
            call = ast.copy_location(ast.Call(node.func, given, node.keywords), node)
            arguments = bound_arguments(function, call)
        except CannotPrint:
            yield None
            return
        self.count += 1
        scope = {}
        for parameter, argument in zip(_parameters(function), arguments, strict=True):
            name = scope[parameter] = f"sf_{parameter}_{self.count}"
            value = self.held(self.expression(argument))
            if receiver is not None and argument is receiver[0]:
                value = self.some(value)
                self.program.used_classes.add(receiver[1])
                self.program.methods.add((receiver[1], receiver[2]))
                self.line(f"sf_own({value.text}, &sf_k_{receiver[1]})")
            self.store(name, value)
        self.scopes.append(scope)
        self.inside, self.home, self.reading = inside, home, self.reading + 1
        try:
            yield body
        finally:
            (self.inside, self.home), self.reading = outer, self.reading - 1
            self.scopes.pop()

    def _clashes(self, function: ast.FunctionDef, body: ast.expr) -> bool:
        """Whether a name that the function reads of its module is one of the names here."""
        names = {n.id for n in ast.walk(body) if isinstance(n, ast.Name)}
        return any(map(self.own, names - set(_parameters(function))))


def _parameters(function: ast.FunctionDef) -> list[str]:
    taken = function.args
    return [a.arg for a in taken.posonlyargs + taken.args + taken.kwonlyargs]


def _returned(function: ast.FunctionDef) -> ast.expr | None:
    """What a plain function returns that does nothing else; it binds no names but its parameters."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    taken = function.args
    if function.decorator_list or taken.vararg or taken.kwarg:
        return None
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            parts = list(ast.walk(value))
            calls_super = any(isinstance(p, ast.Name) and p.id == "super" for p in parts)
            naming = any(isinstance(p, (*_NAMING, ast.Yield, ast.YieldFrom)) for p in parts)
            return None if calls_super or naming else value
    return None
