"""``finally``: what runs on every way out of a block, also with what the text raises and what a signal brings.

On the way through it stands behind the block, before each statement that leaves it early, and in a handler for all
that is on its way, which goes on from there. A call that is given up takes everything back, and runs none of it.
"""

import ast
from collections.abc import Iterator

from selfsame.compiler.emit.cython.inplace.endings import leaves
from selfsame.compiler.emit.cython.inplace.kinds import ERROR
from selfsame.compiler.emit.cython.inplace.raising import Raising
from selfsame.compiler.emit.cython.inplace.state import Known, Program
from selfsame.compiler.emit.cython.refusal import CannotPrint

LOOKS = ("sf_tick(", "sf_f_")
"""What says, on a line, that a signal may be looked for, or that a function is called, which may do so."""
RAISES = ("sf_raise(", "sf_f_")
"""What says that the text may raise something there."""


class Finishing(Raising):
    """``finally_`` writes a try statement that has one, ``finish`` what runs before a block is left early."""

    def __init__(self, program: Program, known: Known) -> None:
        super().__init__(program, known)
        # Of each statement that leaves some early: these, the outermost first.
        self._left: dict[ast.stmt, list[ast.Try]] = {}

    def finally_(self, node: ast.Try) -> None:
        """Writes the statement. Raises CannotPrint."""
        for early in _leaving(node):
            if self.leaving:
                raise CannotPrint("leaves a try statement early that has a finally", node)
            around = self._left.setdefault(early, [])
            if node not in around:
                around.append(node)
        mark = self.mark()
        if not node.handlers:
            self.statements(node.body)
        if node.handlers or _passes(self.lines[mark.lines :]):
            self.take_back(mark)
            self._guarded(node)
        if not leaves([node]):
            self._final(node)

    def finish(self, node: ast.stmt) -> None:
        """Writes what runs before ``node`` leaves the blocks around it, the innermost first."""
        for left in reversed(self._left.get(node, ())):
            self._final(left)

    def leaves_some(self, node: ast.stmt) -> bool:
        """Whether something runs before ``node`` leaves."""
        return node in self._left

    def _final(self, node: ast.Try) -> None:
        """What runs on each way: what Python raises there gives the call up, so that none comes to its own handler."""
        outer, self.quiet = self.quiet, True
        try:
            self.statements(node.finalbody)
        finally:
            self.quiet = outer

    def _guarded(self, node: ast.Try) -> None:
        """The block, and what runs where something passes it. Raises CannotPrint."""
        if not self.program.catches:
            self.program.catches = self.program.changed = True
        self.program.used_builtins.add("BaseException")
        if not self.names.builtin("BaseException"):
            raise CannotPrint("binds BaseException", node)
        before = set(self.bound)
        with self.block("try"):
            self._guarded_block(node)
        after = set(self.bound)
        with self.block("except BaseException"):
            with self.block("if sf_caught(pool, (BaseException,), 1)"):
                passing = self.made(ERROR, "sf_taken()").text
                self.bound = before
                start = len(self.lines)
                self._final(node)
                if _passes(self.lines[start:]):
                    raise CannotPrint("loops, calls a function, or raises in a finally", node)
                self.line(f"sf_raise_again(pool, {passing})")
            with self.block("else"):
                self.line("raise")
        self.bound = after

    def _guarded_block(self, node: ast.Try) -> None:
        if node.handlers:
            inner = ast.Try(node.body, node.handlers, node.orelse, [])
            self.statements([ast.copy_location(inner, node)])
        else:
            self.statements(node.body)


def _passes(lines: list[str]) -> bool:
    """Whether something may pass these lines that a handler could be for."""
    return any(word in line for line in lines for word in (*LOOKS, *RAISES))


def _leaving(node: ast.Try) -> Iterator[ast.stmt]:
    """Statements of a try statement that leave it: but for its ``finally``."""
    for block in (node.body, node.orelse, *(handler.body for handler in node.handlers)):
        for statement in block:
            yield from _exits(statement, loops=True)


def _exits(node: ast.stmt, loops: bool) -> Iterator[ast.stmt]:
    """Statements in ``node`` that leave what is around it; of loops around it, with ``loops``."""
    match node:
        case ast.Return():
            yield node
        case ast.Break() | ast.Continue():
            if loops:
                yield node
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case ast.For() | ast.While():
            for inner in node.body:
                yield from _exits(inner, loops=False)
            for inner in node.orelse:
                yield from _exits(inner, loops)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    yield from _exits(child, loops)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    for inner in child.body:
                        yield from _exits(inner, loops)
