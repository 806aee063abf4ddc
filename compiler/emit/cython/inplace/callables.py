"""Calls of functions of the unit, and of values that are functions: which of those they may be is asked first."""

import ast
from collections.abc import Callable, Sequence

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.by_name import BY_NAME, COMPARISONS, OPERATORS
from selfsame.compiler.emit.cython.inplace.byte_methods import ByteMethods
from selfsame.compiler.emit.cython.inplace.kinds import BOOL, BOTTOM, CONTAINERS, NONE
from selfsame.compiler.emit.cython.inplace.linking import Target
from selfsame.compiler.emit.cython.inplace.state import Known, Value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Callables(ByteMethods):
    """``function_called`` gives the value of a call of what is a function."""

    def function_called(self, value: Value, node: ast.Call) -> Value:
        """``value(...)``; one way for each function that it may be."""
        value = self.held(value)
        names = value.kind.cls.split("|")
        if len(names) == 1:
            self.decline(f"not ({self.is_one_of(value)})")
            return self._by_name(names[0], node)
        tests = [f"{value.text} is {self.identity(name)}" for name in names]

        def way(name: str) -> Callable[[], Value]:
            return lambda: self.or_declined(lambda: self._by_name(name, node), CannotPrint)

        def none_of_them() -> Value:
            self.line("sf_deopt()")
            return Value(BOTTOM, "0")

        return self.either([*map(way, names), none_of_them], tests)

    def _by_name(self, which: str, node: ast.Call) -> Value:
        module, _, name = which.rpartition(".")
        if not module:
            return self.of_tree(self.program.linked.functions[which], node)
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
