"""``for`` over ranges, sequences, ``zip``, ``enumerate`` and ``reversed``, as a counter and a test.

``for i, c in enumerate(s): ...`` becomes ``k = 0``, ``while k < len(s_1): ...`` with ``i = 0 + k``
and ``c = s_1[k]`` at the top of the body, so that later stages know one kind of loop.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint


def name(id: str) -> ast.Name:
    """A name to be read."""
    return ast.Name(id, ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """A call of a helper or builtin by name."""
    return ast.Call(name(function), list(arguments), [])


def constant(value: int) -> ast.Constant:
    """An int literal."""
    return ast.Constant(value)


def store(target: str, value: ast.expr) -> ast.Assign:
    """``target = value``."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


@dataclass(frozen=True)
class Iteration:
    """A way of stepping through something: the counter goes from ``start`` while ``test``."""

    start: ast.expr
    test: ast.expr
    item: ast.expr


class Iterables:
    """Builds iterations; ``keep`` stores an expression in a temporary and returns its name."""

    def __init__(
        self,
        keep: Callable[[ast.expr, str], str],
        expression: Callable[[ast.expr], ast.expr],
        iterated: Callable[[ast.expr], ast.expr],
        builtin: Callable[[str], bool],
    ) -> None:
        self._keep = keep
        self._expression = expression
        self._iterated = iterated
        self._builtin = builtin

    def over(self, iterable: ast.expr, counter: str, alone: bool = True) -> Iteration:
        """The iteration over ``iterable``; ``alone``: the counter may start anywhere."""
        if (
            isinstance(iterable, ast.Call)
            and isinstance(iterable.func, ast.Name)
            and self._builtin(iterable.func.id)
            and not any(isinstance(a, ast.Starred) for a in iterable.args)
        ):
            which, arguments = iterable.func.id, iterable.args
            if which == "range" and not iterable.keywords and 1 <= len(arguments) <= 3:
                return self._range(arguments, counter, alone)
            if which == "enumerate" and 1 <= len(arguments) <= 2:
                return self._enumerate(iterable, counter)
            if which == "zip" and arguments and not iterable.keywords:
                parts = [self.over(a, counter, alone=False) for a in arguments]
                test = parts[0].test
                if len(parts) > 1:
                    test = ast.BoolOp(ast.And(), [p.test for p in parts])
                return Iteration(constant(0), test, ast.Tuple([p.item for p in parts], ast.Load()))
            if which == "reversed" and len(arguments) == 1 and not iterable.keywords:
                return self._reversed(arguments[0], counter)
        if isinstance(iterable, ast.Tuple):
            iterable = ast.copy_location(ast.List(iterable.elts, ast.Load()), iterable)
        if isinstance(iterable, ast.Set | ast.Dict | ast.GeneratorExp):
            raise CannotPrint("loops over something that is not a sequence or a range", iterable)
        held = self._keep(self._iterated(iterable), "s")
        return Iteration(
            constant(0),
            ast.Compare(name(counter), [ast.Lt()], [call("len", name(held))]),
            call("sf_item", name(held), name(counter)),
        )

    def _range(self, arguments: list[ast.expr], counter: str, alone: bool) -> Iteration:
        parts = [self._expression(a) for a in arguments]
        start: ast.expr = parts[0] if len(parts) > 1 else constant(0)
        stop = parts[1] if len(parts) > 1 else parts[0]
        step: ast.expr = parts[2] if len(parts) > 2 else constant(1)
        if constant_value(step) == 1 and (alone or constant_value(start) == 0):
            held = self._simple(stop, "stop")
            return Iteration(start, ast.Compare(name(counter), [ast.Lt()], [held]), name(counter))
        start, step = self._simple(start, "start"), self._simple(step, "step")
        count = self._keep(call("sf_range_len", start, stop, step), "count")
        return Iteration(
            constant(0),
            ast.Compare(name(counter), [ast.Lt()], [name(count)]),
            call("sf_span", start, name(counter), step),
        )

    def _enumerate(self, node: ast.Call, counter: str) -> Iteration:
        start: ast.expr = constant(0)
        if len(node.args) == 2:
            start = self._expression(node.args[1])
        for keyword in node.keywords:
            if keyword.arg != "start" or len(node.args) == 2:
                raise CannotPrint("enumerate with unknown arguments", node)
            start = self._expression(keyword.value)
        start = self._simple(start, "start")
        inner = self.over(node.args[0], counter, alone=False)
        index: ast.expr = name(counter)
        if constant_value(start) != 0:
            # start + k stays in range for any k that can be reached when start is small.
            index = ast.BinOp(start, ast.Add(), name(counter))
        return Iteration(constant(0), inner.test, ast.Tuple([index, inner.item], ast.Load()))

    def _reversed(self, node: ast.expr, counter: str) -> Iteration:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "range"
            and self._builtin("range")
            and not node.keywords
            and 1 <= len(node.args) <= 2
        ):
            parts = [self._expression(a) for a in node.args]
            start = self._simple(parts[0] if len(parts) > 1 else constant(0), "start")
            stop = self._simple(parts[-1], "stop")
            count = self._keep(call("sf_range_len", start, stop, constant(1)), "count")
            last = self._keep(ast.BinOp(stop, ast.Sub(), constant(1)), "last")
            item: ast.expr = call("sf_span", name(last), name(counter), constant(-1))
        else:
            held = self._keep(self._expression(node), "s")
            count = self._keep(call("len", name(held)), "count")
            last = self._keep(ast.BinOp(name(count), ast.Sub(), constant(1)), "last")
            index = call("sf_span", name(last), name(counter), constant(-1))
            item = ast.Subscript(name(held), index, ast.Load())
        return Iteration(constant(0), ast.Compare(name(counter), [ast.Lt()], [name(count)]), item)

    def _simple(self, node: ast.expr, hint: str) -> ast.expr:
        """The expression itself where it is a literal, else a temporary that holds it."""
        if constant_value(node) is not None:
            return node
        return name(self._keep(node, hint))
