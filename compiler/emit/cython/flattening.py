"""Loops over generator expressions become loops over what these go over.

``for a in (E for r in rows if C): BODY`` asks for each item when the loop does, so it is
``for r in rows: if not C: continue; a = E; BODY``. In a comprehension its clauses stand before ``for a in [E]``.
"""

import ast
import copy
from collections.abc import Iterator

from selfsame.compiler.emit.cython.renaming import Renamer, all_names

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ELSEWHERE = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)


def flattened(function: ast.FunctionDef) -> ast.FunctionDef:
    """A copy in which no loop goes over a generator expression, or the function where none does.

    >>> text = "def f(rows):\\n    for a, b in (r.split() for r in rows if r):\\n        print(a, b)"
    >>> print(ast.unparse(flattened(ast.parse(text).body[0])))
    def f(rows):
        for each_r in rows:
            if not each_r:
                continue
            a, b = each_r.split()
            print(a, b)
    """
    if not any(_goes_over(node) for node in ast.walk(function)):
        return function
    made: ast.FunctionDef = _Flat(all_names(function)).visit(copy.deepcopy(function))
    return ast.fix_missing_locations(made)


def _goes_over(node: ast.AST) -> bool:
    return isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.GeneratorExp)


class _Flat(ast.NodeTransformer):
    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def visit_For(self, node: ast.For) -> ast.AST:
        """Of one clause: ``break`` must leave all."""
        self.generic_visit(node)
        over = self._over(node)
        if over is None or len(over.generators) != 1:
            return node
        (clause,) = over.generators
        tests = [
            ast.copy_location(
                ast.If(ast.UnaryOp(ast.Not(), test), [ast.Continue()], []), clause.iter
            )
            for test in clause.ifs
        ]
        taken = ast.copy_location(ast.Assign([node.target], over.elt), over.elt)
        node.target, node.iter = clause.target, clause.iter
        node.body = [*tests, taken, *node.body]
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """The clauses of a comprehension, one by one."""
        super().generic_visit(node)
        if isinstance(node, _COMPREHENSIONS):
            node.generators = [made for clause in node.generators for made in self._clauses(clause)]
        return node

    def _clauses(self, clause: ast.comprehension) -> Iterator[ast.comprehension]:
        over = self._over(clause)
        if over is None:
            yield clause
            return
        yield from over.generators
        one = ast.copy_location(ast.List([over.elt], ast.Load()), over.elt)
        yield ast.comprehension(clause.target, one, clause.ifs, 0)

    def _over(self, node: ast.For | ast.comprehension) -> ast.GeneratorExp | None:
        """The generator expression that it goes over, with names that nobody else has; None where it is another."""
        over = node.iter
        if not isinstance(over, ast.GeneratorExp):
            return None
        if any(isinstance(n, _ELSEWHERE) for n in ast.walk(over)):
            return None
        if any(clause.is_async for clause in over.generators):
            return None
        table = {}
        for name in _bound(over):
            new = f"each_{name}"
            while new in self._taken:
                new += "_"
            self._taken.add(new)
            table[name] = new
        first = over.generators[0].iter  # which is not in its scope
        over.generators[0].iter = ast.Constant(None)
        Renamer(table).visit(over)
        over.generators[0].iter = first
        return over


def _bound(over: ast.GeneratorExp) -> list[str]:
    """The names that its clauses bind."""
    targets = [n for clause in over.generators for n in ast.walk(clause.target)]
    return sorted({n.id for n in targets if isinstance(n, ast.Name)})
