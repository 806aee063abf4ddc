"""Calls of functions of the unit, and of values that are functions: which of those they may be is asked first."""

import ast
import copy
from collections.abc import Callable, Mapping, Sequence

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.by_name import BY_NAME, COMPARISONS, OPERATORS
from selfsame.compiler.emit.cython.inplace.byte_methods import ByteMethods
from selfsame.compiler.emit.cython.inplace.homes import Target
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    CLOSURE,
    CONTAINERS,
    NONE,
    function_kind,
    is_closure,
)
from selfsame.compiler.emit.cython.inplace.state import Closure, Known, Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

_RECEIVER = "receiver_of_it"


def passed_lambdas(function: ast.FunctionDef) -> frozenset[ast.Lambda]:
    """The lambdas that are arguments of calls."""
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
    given = [a for call in calls for a in (*call.args, *(k.value for k in call.keywords))]
    return frozenset(a for a in given if isinstance(a, ast.Lambda))


class Callables(ByteMethods):
    """``function_called`` gives the value of a call of what is a function."""

    def function_called(self, value: Value, node: ast.Call) -> Value:
        """``value(...)``; one way for each function that it may be."""
        value = self.held(value)
        names = value.kind.cls.split("|")
        if len(names) == 1:
            self.decline(f"not ({self.is_one_of(value)})")
            return self._by_name(names[0], value, node)
        tests = [self.is_that(value, name) for name in names]

        def way(name: str) -> Callable[[], Value]:
            return lambda: self.or_declined(lambda: self._by_name(name, value, node), CannotPrint)

        def none_of_them() -> Value:
            self.line("sf_deopt()")
            return Value(BOTTOM, "0")

        return self.either([*map(way, names), none_of_them], tests)

    def _by_name(self, which: str, value: Value, node: ast.Call) -> Value:
        if which.startswith(CLOSURE):
            (made,) = (each for each in self.program.closures.values() if each.name == which)
            return self._made_here(made, value, node)
        target = self.program.linked.functions.get(which)
        if target is not None:
            return (
                self.new_instance(which, node)
                if target.kind == "class"
                else self.of_tree(target, node)
            )
        module, _, name = which.rpartition(".")
        if module == "builtins":
            return self._builtin(name, node)
        if module == "operator" and name in BY_NAME:
            return self._as_operator(name, node)
        if node.keywords:
            raise CannotPrint(f"calls {which} by keyword", node)
        return self._math(name, [self.expression(a) for a in node.args], node)

    def _as_operator(self, name: str, node: ast.Call) -> Value:
        match node:
            case ast.Call(args=[one, two], keywords=[]) if name in OPERATORS:
                left = self.held(self.expression(one))
                return self.operated(OPERATORS[name], left, self.expression(two), node)
            case ast.Call(args=[one, two], keywords=[]) if name in COMPARISONS:
                left = self.held(self.expression(one))
                return Value(
                    BOOL, self.compared(COMPARISONS[name], left, self.expression(two), node)
                )
        raise CannotPrint(f"calls operator.{name} in another way", node)

    def _made_here(self, made: Closure, value: Value, node: ast.Call) -> Value:
        """A call of a function that the call has made, with what it captured."""
        own = copy.copy(made.node)
        own.args = copy.copy(own.args)
        own.args.kwonlyargs, own.args.kw_defaults = [], []
        values = [self.expression(a) for a in bound_arguments(own, node)]
        for at, kind in enumerate(made.captured):
            values.append(self.checked(kind, f"(<tuple>{value.text})[{at + 1}]"))
        name = f"sf_made_{made.number}"
        known = self.program.function(name, made.node, values, made.inside, made.home)
        return self.called(known, values, node)

    def _x_lambda(self, node: ast.Lambda) -> Value:
        """A lambda in a call's arguments: until the call returns, what it reads stays what it is."""
        taken = node.args
        if node not in self.passed_lambdas:
            raise CannotPrint("has a Lambda expression", node)
        if taken.kwonlyargs or taken.vararg or taken.kwarg:
            raise CannotPrint("makes a function that takes stars or keywords", node)
        inside = list(ast.walk(node.body))
        bound = {n.arg for n in inside if isinstance(n, ast.arg)}
        bound |= {
            n.id for n in inside if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        }
        own = {a.arg for a in (*taken.posonlyargs, *taken.args)}
        if again := sorted(name for name in bound if name in own or self.own(name)):
            raise CannotPrint(f"makes a function that binds {again[0]} anew inside", node)
        read = {n.id for n in inside if isinstance(n, ast.Name)} - own - bound
        captured = sorted(name for name in read if self.own(name))
        return self._making(node, taken, node.body, {name: self.load(name) for name in captured})

    def method_taken(self, value: Value, cls: str, name: str, node: ast.AST) -> Value:
        """``value.name`` that is not called here."""
        method = self.program.classes[cls].methods.get(name)
        if method is None or method.args.kwonlyargs:
            raise CannotPrint(f"takes {name} of a {cls} without calling it", node)
        self.plain_function(method, node)
        self.keep(value, cls, name)
        taken = copy.copy(method.args)
        taken.posonlyargs, taken.args = [], [*method.args.posonlyargs, *method.args.args][1:]
        on = ast.Attribute(ast.Name(_RECEIVER, ast.Load()), name, ast.Load())
        given: list[ast.expr] = [ast.Name(a.arg, ast.Load()) for a in taken.args]
        body = ast.copy_location(ast.Call(on, given, []), method)
        return self._making((cls, name), taken, ast.fix_missing_locations(body), {_RECEIVER: value})

    def _making(
        self, key: object, taken: ast.arguments, body: ast.expr, captured: Mapping[str, Value]
    ) -> Value:
        given = copy.copy(taken)
        given.kwonlyargs = [ast.arg(name) for name in captured]
        given.kw_defaults = [None for _ in captured]
        function = ast.FunctionDef("made", given, [ast.copy_location(ast.Return(body), body)], [])
        ast.fix_missing_locations(ast.copy_location(function, body))
        values = list(captured.values())
        made = self.program.closure(key, function, self.home, self.inside, values)
        inner = "".join(
            f", {self.bare(v) if is_closure(v.kind) else self.boxed(v)}" for v in values
        )
        return self.made(function_kind(made.name), f"({made.sentinel}{inner},)")

    def new_instance(self, cls: str, node: ast.Call) -> Value:
        """An instance of a plain class: the calls' half knows how."""
        raise NotImplementedError

    def of_tree(self, target: Target, node: ast.Call) -> Value:
        """A call of a function of the tree."""
        assert target.node is not None
        given = bound_arguments(target.node, node)
        values = [self.expression(a) for a in given]
        known = self.program.function(target.spelled, target.node, values, home=target.home)
        self.filled_by(known, given)
        return self.called(known, values, node)

    def filled_by(self, known: Known, given: Sequence[ast.expr]) -> None:
        """What a function puts into a container that it is given tells what the place it came from holds."""
        for place, kind in zip(given, known.filled(), strict=True):
            if kind.name in CONTAINERS | {"own_list"} and self.kind_of(place).name == kind.name:
                self.refine(place, kind.some)

    def plain_function(self, function: ast.FunctionDef, node: ast.AST) -> None:
        """Raises CannotPrint where a function is decorated, or takes any number of arguments."""
        words = [ast.unparse(d) for d in function.decorator_list]
        if words not in (
            [],
            ["property"],
            [f"{function.name}.setter"],
            ["staticmethod"],
            ["classmethod"],
        ):
            raise CannotPrint(f"calls {function.name}, which is decorated", node)
        if function.args.vararg or function.args.kwarg:
            raise CannotPrint(f"calls {function.name}, which takes *args or **kwargs", node)

    def called(self, known: Known, values: Sequence[Value], node: ast.AST) -> Value:
        """A call of a function of the unit."""
        self.plain_function(known.node, node)
        self.known.calls.add(known.name)
        passed = [self.converted(v, k, node) for v, k in zip(values, known.parameters, strict=True)]
        result = known.result
        text = f"sf_f_{known.name}({', '.join(['pool', 'depth - 1', *passed])})"
        if result in (BOTTOM, NONE):
            self.line(text)
            return Value(result, "None", fresh=True)
        if result.name == "wide" and not result.none:
            return self.checked(result, text)
        return self.made(result, text, fresh=known.fresh_result)
