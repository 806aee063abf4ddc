"""What the text raises, and the handlers of callers that catch it.

``raise ValueError(...)`` notes its class and gives the call up; a handler for that class, in the same function
or one that called it, takes the note back and goes on. What nobody takes back is given up in the end, and the
original raises it itself. So no handler here sees the exception, and none catches what a helper of C raises.
"""

import ast
from collections.abc import Callable

from selfsame.compiler.emit.cython.inplace.calls import Calls
from selfsame.compiler.emit.cython.inplace.endings import leaves
from selfsame.compiler.emit.cython.refusal import CannotPrint

# What takes any arguments, and no signal handler raises.
_ORDINARY = frozenset(
    {"ArithmeticError", "AssertionError", "AttributeError", "IndexError", "KeyError", "LookupError"}
    | {"NotImplementedError", "OverflowError", "RecursionError", "StopIteration", "TypeError"}
    | {"UnicodeError", "ValueError", "ZeroDivisionError"}
)
# In a generator it would become another.
_RAISED = _ORDINARY - {"StopIteration"}


class Raising(Calls):
    """``_s_raise`` writes a raise statement, ``catching`` the handlers around a block."""

    def _s_raise(self, node: ast.Raise) -> None:
        cls, arguments = node.exc, list[ast.expr]()
        if isinstance(node.exc, ast.Call) and not node.exc.keywords:
            cls, arguments = node.exc.func, node.exc.args
        which = self.ordinary(cls) if cls is not None else ""
        plain = node.cause is None or isinstance(node.cause, ast.Name | ast.Constant)
        if self.program.catches and which in _RAISED and plain:
            mark = self.mark()
            try:
                for argument in arguments:
                    self.held(self.expression(argument))
                self.line(f"sf_raise({which})")
                return
            except CannotPrint:
                self.take_back(mark)
        self.line("sf_deopt()")

    def ordinary(self, node: ast.expr) -> str:
        """The builtin exception that ``node`` names; empty where it is none of the ordinary ones."""
        which = node.id if isinstance(node, ast.Name) else ""
        if which not in _ORDINARY or self.own(which) or not self.names.builtin(which):
            return ""
        self.program.used_builtins.add(which)
        return which

    def catching(self, node: ast.Try, write: Callable[[], None]) -> None:
        """What ``write`` writes, within the handlers. Raises CannotPrint where one of these has no form."""
        if not self.program.catches:
            self.program.catches = self.program.changed = True
        before, ways = set(self.bound), list[set[str]]()
        with self.block("try"):
            write()
        after = set(self.bound)
        with self.block("except BaseException"):
            for at, handler in enumerate(node.handlers):
                self.bound = set(before)
                with self.block(f"{'elif' if at else 'if'} sf_caught({self._classes(handler)})"):
                    self.statements(handler.body)
                self.bound.discard(handler.name or "")
                if not leaves(handler.body):
                    ways.append(set(self.bound))
            with self.block("else"):
                self.line("raise")
        self.bound = after
        if node.orelse:
            with self.block("else"):
                self.statements(node.orelse)
        if not leaves(node.orelse or node.body):
            ways.append(set(self.bound))
        self.bound = set.intersection(*ways) if ways else after

    def _classes(self, handler: ast.ExceptHandler) -> str:
        """The classes that a handler is for, as a tuple of Python's."""
        caught = handler.type
        named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        found = [self.ordinary(each) if each is not None else "" for each in named]
        if not all(found):
            raise CannotPrint("catches what a signal handler may raise", handler)
        if any(
            isinstance(n, ast.Name) and n.id == handler.name
            for s in handler.body
            for n in ast.walk(s)
        ):
            raise CannotPrint("looks at the exception that it catches", handler)
        if any(
            isinstance(n, ast.Raise) and n.exc is None for s in handler.body for n in ast.walk(s)
        ):
            raise CannotPrint("raises once more what it catches", handler)
        return f"({', '.join(found)},)"
