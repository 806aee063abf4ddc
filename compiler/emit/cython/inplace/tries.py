"""Try statements: with handlers for what the text raises itself, and for what is asked for first.

``try: x = d[k]`` is ``if k in d: x = d[k]``, with what handles a KeyError for its ``else``; likewise items, and
``int(text)`` and ``float(text)``. All else that raises is taken back, and the original runs.
"""

import ast
import builtins
from collections.abc import Callable, Iterator

from selfsame.compiler.emit.cython.inplace.bound_methods import has_method
from selfsame.compiler.emit.cython.inplace.endings import way_through
from selfsame.compiler.emit.cython.inplace.finishing import LOOKS, RAISES, Finishing
from selfsame.compiler.emit.cython.inplace.generators import Mark
from selfsame.compiler.emit.cython.inplace.kinds import BOOL, BOTTOM, INT, NUMBERS, STR
from selfsame.compiler.emit.cython.inplace.raising import caught_by
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

_MAY_RAISE = (
    ast.Call, ast.Raise, ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_MAY_MISS = (ast.Subscript, ast.Call, ast.BinOp, ast.AugAssign, ast.Assert)
_NUMBERS = frozenset({"int", "float"})
_ITEMS = frozenset({"list", "row", "tuple", "str"})
# What no signal handler raises.
_ORDINARY = frozenset(
    {"ArithmeticError", "AssertionError", "AttributeError", "IndexError", "KeyError", "LookupError"}
    | {"NotImplementedError", "OverflowError", "RecursionError", "StopIteration", "TypeError"}
    | {"UnicodeError", "ValueError", "ZeroDivisionError"}
)


class Tries(Finishing):
    """``_s_try`` writes a try statement."""

    def _s_try(self, node: ast.Try) -> None:
        """What a signal handler raises passes all but handlers that are written: without these no signal may be looked
        for where it is caught.
        """
        if not self.program.catches and any(
            isinstance(n, ast.Raise) for s in way_through(node) for n in ast.walk(s)
        ):
            self.program.catches = self.program.changed = True
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node)):
            raise CannotPrint("yields within a try statement", node)
        if node.finalbody:
            self.finally_(node)
            return
        self._note_caught(node)
        mark, parts = self.mark(), way_through(node)
        if not self._handled(node, parts):
            self.statements(parts)
        signals = self._catches_signals(node, mark.lines)
        wanted = signals or self._raises(mark.lines)
        if not (wanted and self._caught(node, mark)) and signals:
            raise CannotPrint("loops, or calls a function, within a try statement", node)

    def _note_caught(self, node: ast.Try) -> None:
        """What Python itself raises is raised where some handler is for it."""
        for each in (c for handler in node.handlers for c in caught_by(handler)):
            which = self.caught_named(each)
            if hasattr(builtins, which) and which not in self.program.caught:
                self.program.caught.add(which)
                self.program.changed = self.program.catches = True

    def _raises(self, start: int) -> bool:
        return any(word in line for line in self.lines[start:] for word in RAISES)

    def _caught(self, node: ast.Try, mark: Mark) -> bool:
        """The same with its handlers, where all of them have a form; else what is raised is left to Python."""
        written = self.lines[mark.lines :]
        after = self.mark()
        self.take_back(mark)
        try:
            self.catching(node, lambda: self._within(node))
            return True
        except CannotPrint:
            self.take_back(mark)
            self.lines += written
            self.depth, self.bound, self.several = after.depth, set(after.bound), after.several
            self.go(after.place)
        return False

    def _within(self, node: ast.Try) -> None:
        # A handler that stands beside what is asked for first must not raise into its own handlers.
        raises = any(isinstance(n, _MAY_RAISE) for h in node.handlers for n in ast.walk(h))
        if raises or node.orelse or not self._handled(node, node.body):
            self.statements(node.body)

    def _catches_signals(self, node: ast.Try, start: int) -> bool:
        """Whether what was written since looks for signals, and a handler may be for what these raise."""
        if not any(word in line for line in self.lines[start:] for word in LOOKS):
            return False
        return any(
            not self._of_python_alone(caught)
            for handler in node.handlers
            for caught in caught_by(handler)
        )

    def _of_python_alone(self, caught: ast.expr | None) -> bool:
        """Whether what a handler names is raised by no signal handler."""
        return self.caught_named(caught) in _ORDINARY

    def _handled(self, node: ast.Try, parts: list[ast.stmt]) -> bool:
        """Writes the statements with the handler of a missing item, where that can be told before."""
        mark, outer = self.mark(), self.quiet
        try:
            found = self._missing(node)
            if found is not None:
                test, handler = found
                # Where nothing but what was asked for may be missing, it is not asked for again.
                asking = [n for n in ast.walk(node.body[0]) if isinstance(n, _MAY_MISS)]
                self.quiet = outer or (len(node.body) == len(asking) == 1)
                self._either_way(test, parts, handler.body)
                if not self._catches_signals(node, mark.lines):
                    return True
        except CannotPrint:
            pass  # without the handler it may have a form all the same
        finally:
            self.quiet = outer
        self.take_back(mark)
        return False

    def _either_way(self, test: str, yes: list[ast.stmt], no: list[ast.stmt]) -> None:
        """An if statement: the statements' half knows how."""
        raise NotImplementedError

    def _missing(self, node: ast.Try) -> tuple[str, ast.ExceptHandler] | None:
        """Whether the item is there, in C, and what handles that it is not."""
        order: list[ast.expr] = []
        for way in _values(node.body[0]):
            if not way(self, order):
                break
        for at, each in enumerate(order):
            error = self._lacking(each)
            handler = self._handler(node, error) if error is not None else None
            if handler is None:
                continue
            # What comes before is done before, as it may fail in another way.
            for earlier in order[:at]:
                value = self.expression(earlier)
                holds = value.kind.name in _ITEMS | {"dict", "set", "deque"}
                self.held(self.some(value) if holds else value)
            return self._there(each), handler
        return None

    def _lacking(self, node: ast.expr) -> type[Exception] | None:
        """What is raised where an item is missing; None where that is not known beforehand."""
        match node:
            case ast.Subscript(value=base):
                kind = self.kind_of(base)
                if kind.name == "dict" and not kind.cls:
                    return KeyError
                return IndexError if kind.name in _ITEMS else None
            case ast.Call() if self._parses(node):
                return ValueError if self.kind_of(node.args[0]) == STR else None
            case ast.Call():
                kind = self.kind_of(_receiver(node))
                return IndexError if kind.name in {"list", "deque"} else None
        return None

    def _takes(self, node: ast.Call) -> bool:
        """Whether it is the call of a method that takes the last or first item."""
        function = node.func
        alone = not node.args and not node.keywords
        return alone and isinstance(function, ast.Attribute) and function.attr in ("pop", "popleft")

    def _parses(self, node: ast.Call) -> bool:
        """Whether it is ``int(text)`` or ``float(text)``."""
        which = node.func.id if isinstance(node.func, ast.Name) else ""
        alone = len(node.args) == 1 and not node.keywords
        return alone and which in _NUMBERS and not self.own(which) and self.names.builtin(which)

    def _handler(self, node: ast.Try, error: type[Exception]) -> ast.ExceptHandler | None:
        """The handler that an error comes to, where it does not look at the error."""
        for handler in node.handlers:
            caught = handler.type
            if caught is None:
                return handler if handler.name is None else None
            for each in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
                which = each.id if isinstance(each, ast.Name) else ""
                named = _builtin_error(which)
                if named is None or self.own(which) or not self.names.builtin(which):
                    return None
                self.program.used_builtins.add(which)
                if issubclass(error, named):
                    return handler if handler.name is None else None
        return None

    def _there(self, node: ast.expr) -> str:
        """Whether an item is there."""
        if isinstance(node, ast.Call) and self._parses(node):
            text = self.held(self.expression(node.args[0]))
            if text.kind != STR:
                return "True"  # in a round to come it is known to be no text
            helper = "sf_reads_int" if ast.unparse(node.func) == "int" else "sf_reads_float"
            return self.made(BOOL, f"{helper}({text.text})").text
        if isinstance(node, ast.Call):
            base = self.held(self.some(self.expression(_receiver(node))))
            return f"({self.length(base, node)} != 0)"
        assert isinstance(node, ast.Subscript)
        base = self.held(self.some(self.expression(node.value)))
        at = self.held(self.expression(node.slice))
        if BOTTOM in (base.kind, at.kind) and not self.program.final:
            return "True"
        if base.kind.name == "dict":
            return self.compared(ast.In(), at, base, node)
        if base.items is not None:
            raise CannotPrint("takes an item of a tuple that is not made", node)
        place = self.held(Value(INT, self.whole(at, node))).text
        size = self.held(Value(INT, self.length(base, node))).text
        return f"(-{size} <= {place} < {size})"

    # what is done in which order

    def asked(self, node: ast.expr, order: list[ast.expr]) -> bool:
        """Adds what is evaluated first, as far as it has no effect; False where that ends."""
        for part in _parts(node):
            if not self.asked(part, order):
                return False
        if isinstance(node, ast.Call):
            if self._parses(node):
                held = node.args[0]
                if self.asked(held, order) and self.kind_of(held) == STR:
                    order.append(node)
                return False
            if self._takes(node) and self.asked(_receiver(node), order):
                order.append(node)
            return False
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            return False
        if isinstance(node, ast.Name):
            if self.own(node.id):
                order.append(node)
            return True
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Subscript) or self._still(node):
            order.append(node)
        return self._still(node)

    def receives(self, node: ast.Attribute, order: list[ast.expr]) -> bool:
        """The same of the object whose method is called, where it is a container."""
        return self.asked(node.value, order) and has_method(self.kind_of(node.value), node.attr)

    def _still(self, node: ast.expr) -> bool:
        """Whether it gives the same a second time and runs no code of the user's."""
        match node:
            case ast.Name() | ast.Constant():
                return True
            case ast.Attribute(value=base, attr=attribute):
                kind = self.kind_of(base)
                if kind.name != "instance" or not self._still(base):
                    return kind == BOTTOM and not self.program.final
                classes = [self.program.classes[cls] for cls in kind.cls.split("|")]
                return not any(c.spelled(attribute, self.inside) in c.properties for c in classes)
            case ast.Tuple(elts=parts):
                return all(map(self._still, parts))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self._number(left) and self._number(right)
            case ast.Subscript(value=base, slice=at) if not isinstance(at, ast.Slice):
                kind = self.kind_of(base)
                plain = kind.name in _ITEMS or (kind.name == "dict" and not kind.cls)
                return plain and self._still(base) and self._still(at)
        return False

    def _number(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return type(node.value) in (int, float)
        return self._still(node) and self.kind_of(node).name in NUMBERS


def _builtin_error(name: str) -> type[BaseException] | None:
    """The builtin exception of a name."""
    named = getattr(builtins, name, None)
    return named if isinstance(named, type) and issubclass(named, BaseException) else None


def _receiver(node: ast.Call) -> ast.expr:
    assert isinstance(node.func, ast.Attribute)
    return node.func.value


def _parts(node: ast.expr) -> list[ast.expr]:
    """What an expression evaluates before anything else, in order."""
    match node:
        case ast.Subscript(value=base, slice=at):
            return [base, at]
        case ast.Attribute(value=base):
            return [base]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=[right, *_]):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            return [first]
    return []


_Way = Callable[[Tries, list[ast.expr]], bool]


def _ask(node: ast.expr) -> _Way:
    return lambda tries, order: tries.asked(node, order)


def _values(node: ast.stmt) -> Iterator[_Way]:
    """What a statement evaluates before it has an effect, in order."""
    match node:
        case ast.AugAssign(target=target, value=value):
            yield _ask(target)
            yield _ask(value)
        case ast.Expr(value=ast.Call(func=ast.Attribute() as function, args=args)) if args:
            yield lambda tries, order: tries.receives(function, order)
            yield from map(_ask, args)
        case ast.Delete(targets=[ast.Subscript() as first]) | ast.If(test=first):
            yield _ask(first)
        case ast.Assign(value=value) | ast.Expr(value=value):
            yield _ask(value)
        case ast.Return(value=ast.expr() as value):
            yield _ask(value)
