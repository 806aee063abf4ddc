"""Statements: from all that Python writes to assignments, ``if``, ``while`` and ``return``.

A compiled call touches nothing outside itself and leaves every error to the original, so an
expression may be computed earlier than Python would, or once more, without anyone noticing.
``comprehensions`` and tests of loops rely on that.
"""

import ast
from collections import Counter

from selfsame.compiler.emit.cython.assigned import assured
from selfsame.compiler.emit.cython.declining import SCOPE
from selfsame.compiler.emit.cython.expressions import INT_MAX, Expressions
from selfsame.compiler.emit.cython.iteration import call, constant, name, store
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.optionals import with_flags
from selfsame.compiler.emit.cython.ordering import Ordering, fixed
from selfsame.compiler.emit.cython.plain_classes import called
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import renamed
from selfsame.compiler.emit.cython.texts import VIEWS


def normalise(function: ast.FunctionDef, module: ModuleNames) -> "Normalised":
    """The function in the small language. Raises CannotPrint for what is not in it."""
    return Normalised(function, module)


class Normalised(Expressions):
    """``body`` in the small language, and what it relies on outside the function."""

    def __init__(self, function: ast.FunctionDef, module: ModuleNames) -> None:
        function, self.optional = with_flags(renamed(function))
        super().__init__(function, module)
        self.name = function.name
        for node in ast.walk(function):
            if isinstance(node, SCOPE):
                raise CannotPrint(f"has {_WHOLLY[type(node)]}", node)
        arguments = function.args
        if arguments.vararg or arguments.kwarg:
            raise CannotPrint("takes *args or **kwargs", function)
        self.positional = [a.arg for a in arguments.posonlyargs + arguments.args]
        self.parameters = self.positional + [a.arg for a in arguments.kwonlyargs]
        self.ordering = Ordering(self.callees, self.alone, self.keep)
        body = function.body
        if ast.get_docstring(function, clean=False) is not None:
            body = body[1:]
        self.bound_methods = _bound_methods(function, set(self.parameters))
        # Loops over dicts and sets, with what they do: it must not change any.
        self.walks: list[tuple[ast.For, list[ast.stmt]]] = []
        self.body = self.block(body)
        self._bound_somewhere()
        known = set(self.parameters) | self.trusted | self.optional
        self.body = assured(self.body, known, self.locals, self.fresh)

    def _bound_somewhere(self) -> None:
        """Handlers and branches that are left to Python may have held a name's only value."""
        names = [n for s in self.body for n in ast.walk(s) if isinstance(n, ast.Name)]
        bound = {n.id for n in names if isinstance(n.ctx, ast.Store)} | set(self.parameters)
        for read in names:
            if read.id in self.locals - bound and isinstance(read.ctx, ast.Load):
                raise CannotPrint(f"reads {read.id}, which no statement here binds", read)

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The statements of a block, with what they need computed before them."""
        outer, self.out = self.out, []
        for statement in statements:
            method = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if method is None:
                raise CannotPrint(f"has {_WORDS.get(type(statement), 'a statement')}", statement)
            before = len(self.out)
            method(statement)
            for made in self.out[before:]:
                _place(made, statement)
        result, self.out = self.out, outer
        return result or [ast.Pass()]

    def _pass(self, node: ast.Pass) -> None:
        return

    def _break(self, node: ast.Break) -> None:
        self.out.append(node)

    def _continue(self, node: ast.Continue) -> None:
        self.out.append(node)

    def _return(self, node: ast.Return) -> None:
        before = len(self.out)
        result = self._result(node.value)
        if isinstance(result, ast.Tuple) and len(self.out) == before:
            result = self.ordering.settled(result)
        self.out.append(ast.Return(self._alone(result)))

    def _result(self, value: ast.expr | None) -> ast.expr:
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            return ast.Constant(None)
        if isinstance(value, ast.Tuple):
            return ast.Tuple([self._result(e) for e in value.elts], ast.Load())
        return self._value(value)

    def _raise(self, node: ast.Raise) -> None:
        self.out.append(ast.Expr(call("sf_deopt")))

    def _try(self, node: ast.Try) -> None:
        """The statements without their handlers: where one raises, the original runs.

        What a signal handler raises is let through at once, so no signal may be looked for in them.
        """
        ends_early = (ast.Return, ast.Break, ast.Continue)
        left = any(isinstance(n, ends_early) for s in node.body + node.orelse for n in ast.walk(s))
        if node.finalbody and left:
            raise CannotPrint("leaves a try statement early that has a finally", node)
        for part in (node.body, node.orelse, node.finalbody):
            made = self.block(part) if part else []
            for inner in (n for s in made for n in ast.walk(s)):
                if isinstance(inner, ast.While):
                    raise CannotPrint("loops within a try statement", node)
                if isinstance(inner, ast.Name) and inner.id in self.callees:
                    raise CannotPrint(f"calls {called(inner.id)} within a try statement", node)
            self.out += made

    def _assert(self, node: ast.Assert) -> None:
        test = ast.UnaryOp(ast.Not(), self.expression(node.test))
        self.out.append(ast.If(test, [ast.Expr(call("sf_deopt"))], []))

    def _expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant):
            return
        if isinstance(value, ast.Call):
            method = self._method(value)
            if method is not None and self._change(value, *method):
                return
        self.out.append(ast.Expr(self._alone(self._value(value))))

    def _method(self, node: ast.Call) -> tuple[ast.expr, str] | None:
        """The object and the method that a call names, itself or by ``push = a.append``."""
        function = node.func
        if isinstance(function, ast.Name):
            function = self.bound_methods.get(function.id, function)
        return (function.value, function.attr) if isinstance(function, ast.Attribute) else None

    def _change(self, node: ast.Call, base: ast.expr, method: str) -> bool:
        """Write out a statement that changes a list; False where it is none."""
        arguments = list(node.args)
        if any(isinstance(a, ast.Starred) for a in arguments):
            return False
        if arguments and all(isinstance(a, ast.Name | ast.Constant) for a in arguments[:-1]):
            last = arguments[-1]
            taken = self._method(last) if isinstance(last, ast.Call) else None
            if taken is not None and taken[1] == "pop" and isinstance(base, ast.Name):
                arguments[-1] = name(self.keep(self._value(last), "v"))
        made: ast.expr
        match method, len(arguments):
            case "sort", 0:
                made = call("sf_sort", self.expression(base), self.order(node.keywords, node))
            case _ if node.keywords:
                return False
            case "append", 1:
                made = call("sf_append", self.expression(base), self.expression(arguments[0]))
            case "insert", 2:
                made = call("sf_insert", *map(self.expression, (base, *arguments)))
            case "_sf_set", 1:
                made = call("sf_cell", *map(self.expression, (base, *arguments)))
            case "add", 1:
                made = call("sf_include", *map(self.expression, (base, *arguments)))
            case "discard", 1:
                made = call("sf_exclude", *map(self.expression, (base, *arguments)))
            case "reverse", 0:
                made = call("sf_reverse", self.expression(base))
            case "clear", 0:
                nothing = ast.List([], ast.Load())
                made = call("sf_splice", self.expression(base), *_WHOLE, nothing)
            case "extend", 1:
                held = self.listed(arguments[0])
                made = call("sf_splice", self.expression(base), *_END, held)
            case _:
                return False
        self.out.append(ast.Expr(made))
        return True

    def _alone(self, node: ast.expr) -> ast.expr:
        """Mark a call that is all, or nearly all, of a statement: nothing can be between."""
        inner = node
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
            inner = inner.operand
        if isinstance(inner, ast.BinOp) and isinstance(inner.left, ast.Name | ast.Constant):
            inner = inner.right
        if isinstance(inner, ast.Call):
            self.alone.add(inner)
        return node

    def _assign(self, node: ast.Assign) -> None:
        if len(node.targets) > 1:
            held = self.keep(self._value(node.value), "v")
            for target in node.targets:
                self.assign(target, name(held))
            return
        target = node.targets[0]
        if isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, node.value)
            return
        if isinstance(target, ast.Name) and target.id in self.bound_methods:
            return
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            self._put_slice(target, node.value)
            return
        self.assign(target, self._alone(self._value(node.value)))

    def _put_slice(self, target: ast.Subscript, value: ast.expr) -> None:
        assert isinstance(target.slice, ast.Slice)
        held = self.listed(value)
        if not isinstance(held, ast.Name):
            held = name(self.keep(held, "v"))
        base = self.expression(target.value)
        *ends, step = self.bounds(target.slice)
        if not (isinstance(step, ast.Constant) and step.value == 1):
            raise CannotPrint("stores to a slice with a step", target)
        self.out.append(ast.Expr(call("sf_splice", base, *ends, held)))

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise CannotPrint("deletes a name or an attribute", target)
            if isinstance(target.slice, ast.Slice):
                self._put_slice(target, ast.List([], ast.Load()))
                continue
            taken = call("sf_pop_at", self.expression(target.value), self.expression(target.slice))
            self.out.append(ast.Expr(taken))

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self._value(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            left: ast.expr = self.expression(ast.Name(node.target.id, ast.Load()))
        elif isinstance(node.target, ast.Subscript):
            left = self.expression(ast.Subscript(node.target.value, node.target.slice, ast.Load()))
        else:
            raise CannotPrint("stores to an attribute", node)
        right = node.value
        plain = isinstance(left, ast.Name | ast.Constant)
        before = len(self.out)
        value = ast.BinOp(left, node.op, self._value(right) if plain else self.expression(right))
        self.in_place.add(value)
        # The place is computed again for the store: it must be the same after a call.
        steady = (
            isinstance(left, ast.Subscript)
            and isinstance(left.value, ast.Name)
            and fixed(left.slice)
        )
        if steady and len(self.out) == before:
            self.ordering.settled(value)
        self._alone(value)
        self.assign(node.target, value)

    def _value(self, node: ast.expr) -> ast.expr:
        """The right side of an assignment: the only place besides a statement for ``pop``."""
        method = self._method(node) if isinstance(node, ast.Call) and not node.keywords else None
        if method is not None and method[1] == "pop" and isinstance(node, ast.Call):
            if not node.args:
                return call("sf_pop", self.expression(method[0]))
            if len(node.args) == 1:
                return call("sf_pop_at", *map(self.expression, (method[0], node.args[0])))
        return self._ordered(node)

    def _ordered(self, node: ast.expr) -> ast.expr:
        """The expression; calls of own functions in it may change what is read around them."""
        before = len(self.out)
        value = self.expression(node)
        # What was written out before the statement would come before such a call.
        return self.ordering.settled(value, root=True) if len(self.out) == before else value

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        """``target = value``, where ``value`` is in the small language already."""
        if isinstance(target, ast.Name):
            self.out.append(store(target.id, value))
        elif isinstance(target, ast.Subscript):
            if isinstance(target.slice, ast.Slice):
                raise CannotPrint("unpacks into a slice", target)
            place = ast.Subscript(
                self.expression(target.value), self.expression(target.slice), ast.Store()
            )
            self.out.append(ast.Assign([place], value))
        elif isinstance(target, ast.Tuple | ast.List):
            self._spread(target, value)
        else:
            raise CannotPrint("stores to an attribute", target)

    def _unpack(self, target: ast.Tuple | ast.List, node: ast.expr) -> None:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "divmod"
            and self.builtin("divmod")
            and len(node.args) == 2
            and not node.keywords
        ):
            left, right = (name(self.keep(self.expression(a), "v")) for a in node.args)
            node = ast.Tuple(
                [ast.BinOp(left, ast.FloorDiv(), right), ast.BinOp(left, ast.Mod(), right)],
                ast.Load(),
            )
        if isinstance(node, ast.Tuple | ast.List) and not any(
            isinstance(e, ast.Starred) for e in node.elts
        ):
            held: list[ast.expr] = [
                name(self.keep(self._alone(self._value(e)), "v")) for e in node.elts
            ]
            self._spread(target, ast.Tuple(held, ast.Load()))
            return
        self._spread(target, self._value(node))

    def _spread(self, target: ast.Tuple | ast.List, value: ast.expr) -> None:
        if any(isinstance(t, ast.Starred) for t in target.elts):
            raise CannotPrint("unpacks with a star", target)
        if isinstance(value, ast.Tuple):
            if len(value.elts) != len(target.elts):
                raise CannotPrint("unpacks a tuple of another length", target)
            for part, item in zip(target.elts, value.elts, strict=True):
                self.assign(part, item)
            return
        row = self.keep(value, "row")
        wrong = ast.Compare(call("len", name(row)), [ast.NotEq()], [constant(len(target.elts))])
        self.out.append(ast.If(wrong, [ast.Expr(call("sf_deopt"))], []))
        for i, part in enumerate(target.elts):
            self.assign(part, ast.Subscript(name(row), constant(i), ast.Load()))

    def _if(self, node: ast.If) -> None:
        test = self._alone(self._ordered(node.test))
        self.out.append(
            ast.If(test, self.block(node.body), self.block(node.orelse) if node.orelse else [])
        )

    def _while(self, node: ast.While) -> None:
        outer, self.out = self.out, []
        test = self._alone(self.expression(node.test))
        before, self.out = self.out, outer
        body = self.block(node.body)
        orelse = self.block(node.orelse) if node.orelse else []
        if before:
            # What the test needs is computed anew each time; break then skips the else, so move it.
            body = [
                *before,
                ast.If(ast.UnaryOp(ast.Not(), test), [*orelse, ast.Break()], []),
                *body,
            ]
            test, orelse = ast.Constant(True), []
        self.out.append(ast.While(test, body, orelse))

    def _for(self, node: ast.For) -> None:
        counter = self.fresh("k")
        steps = self.iterables.over(node.iter, counter)
        self.out.append(store(counter, steps.start))
        outer, self.out = self.out, []
        item = steps.item
        if isinstance(node.target, ast.Tuple | ast.List) and not isinstance(item, ast.Tuple):
            item = name(self.keep(item, "row"))
        self.assign(node.target, item)
        head, self.out = self.out, outer
        head.append(store(counter, call("sf_inc", name(counter))))
        inner = self.block(node.body)
        if any(n in self.mappings for n in _names(node.iter)) or _views(node.iter):
            self.walks.append((node, inner))
        body = head + inner
        orelse = self.block(node.orelse) if node.orelse else []
        self.out.append(ast.While(steps.test, body, orelse))


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _views(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr in VIEWS for n in ast.walk(node))


# Ends of slices: all of a list, and what is behind its last item.
_WHOLE = (constant(0), constant(INT_MAX))
_END = (constant(INT_MAX), constant(INT_MAX))


def _bound_methods(function: ast.FunctionDef, parameters: set[str]) -> dict[str, ast.Attribute]:
    """``push`` where ``push = a.append`` stands before all loops, and neither is bound again."""
    stores = Counter(
        n.id
        for n in ast.walk(function)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    )
    called = {id(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)}
    read = {
        n.id
        for n in ast.walk(function)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in called
    }
    found: dict[str, ast.Attribute] = {}
    bound = set(parameters)
    for statement in function.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=which)], value=ast.Attribute(value=ast.Name(id=base)) as value
            ) if which not in read and stores[which] == 1 and base in bound:
                if stores[base] + (base in parameters) == 1:
                    found[which] = value
        if isinstance(statement, ast.Assign):
            bound |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
    return found


_WORDS: dict[type[ast.stmt], str] = {
    ast.With: "a with statement",
    ast.FunctionDef: "a nested function",
    ast.AsyncFunctionDef: "a nested function",
    ast.ClassDef: "a nested class",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Match: "a match statement",
    ast.AsyncFor: "an async for",
    ast.AsyncWith: "an async with",
}

# Also where it stands in what is left out, as handlers are.
_WHOLLY: dict[type[ast.AST], str] = {
    ast.Global: "a global statement",
    ast.Nonlocal: "a nonlocal statement",
    ast.Yield: "a yield",
    ast.YieldFrom: "a yield from",
    ast.Await: "an await",
}


def _place(made: ast.stmt, origin: ast.stmt) -> None:
    """Give new nodes the place of the statement that they came from, for refusals."""
    for node in ast.walk(made):
        if isinstance(node, ast.expr | ast.stmt) and not hasattr(node, "lineno"):
            ast.copy_location(node, origin)
