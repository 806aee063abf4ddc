"""Branches without a compiled form: the compiled call ends there, and the original runs instead.

A call may be given up at any point, so a branch that is seldom taken (an error message, a report,
a case that callers hardly have) need not keep the rest of the function from being compiled.
"""

import ast
import copy

from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import assigned_names, bound_names

# What says something about the function as a whole, wherever in it it stands.
SCOPE = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await)
LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Place = tuple[int, int]


def without_branch(tree: ast.Module, refused: CannotPrint) -> tuple[ast.Module, int] | None:
    """The module with ``raise`` for the innermost branch of an ``if`` around a refusal's place.

    With it, the branch's first line. None where there is no such branch, where it loops (that is
    hardly the rare case), where the other branch is given up already, or where the branch makes the
    rest of the function another one: a generator, or with other locals. ``tree`` is not changed.

    >>> tree = ast.parse("def f(a):\\n    if a < 0:\\n        print(a)\\n    return a")
    >>> made = without_branch(tree, CannotPrint("", tree.body[0].body[0].body[0]))
    >>> ast.unparse(made[0]), made[1]
    ('def f(a):\\n    if a < 0:\\n        raise\\n    return a', 3)
    """
    if not refused.line:
        return None
    where = refused.line, refused.column - 1
    for number, statement in enumerate(tree.body):
        if _holds([statement], where):
            cut = _Cut(where)
            new = cut.visit(copy.deepcopy(statement))
            if not cut.line or not cut.apart():
                return None
            body = [*tree.body[:number], new, *tree.body[number + 1 :]]
            return ast.Module(body, tree.type_ignores), cut.line
    return None


def _holds(block: list[ast.stmt], where: Place) -> bool:
    if not block:
        return False
    first, last = block[0], block[-1]
    # Of statements that were made of others, only the place is known.
    end = (getattr(last, "end_lineno", 0) or 0, getattr(last, "end_col_offset", 0) or 0)
    return (first.lineno, first.col_offset) <= where < end


class _Cut(ast.NodeTransformer):
    def __init__(self, where: Place) -> None:
        self.where = where
        self.line = 0
        self.within: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
        self.removed: list[ast.stmt] = []

    def apart(self) -> bool:
        """Whether the rest of the function means the same without what was cut from it."""
        if self.function is None:
            return False
        if any(isinstance(n, SCOPE) for s in self.removed for n in ast.walk(s)):
            return False
        lost = bound_names(self.removed) - assigned_names(self.function)
        left = {n.id for n in ast.walk(self.function) if isinstance(n, ast.Name)}
        return not lost & left

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> ast.FunctionDef | ast.AsyncFunctionDef:
        self.within.append(node)
        self.generic_visit(node)
        self.within.pop()
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_If(self, node: ast.If) -> ast.If:
        """Inner branches first."""
        self.generic_visit(node)
        for block, other in ((node.body, node.orelse), (node.orelse, node.body)):
            if self.line or not _holds(block, self.where) or _given_up(other):
                continue
            if any(isinstance(n, LOOPS) for s in block for n in ast.walk(s)):
                continue
            self.line = block[0].lineno
            self.function = self.within[-1] if self.within else None
            self.removed = block[:]
            block[:] = [ast.copy_location(ast.Raise(), block[0])]
        return node


def _given_up(block: list[ast.stmt]) -> bool:
    return len(block) == 1 and isinstance(block[0], ast.Raise)
