"""Lambdas that a local is bound to become inner functions, and those that are handed on are called by lambdas.

``double = lambda x: 2 * x`` becomes ``def double(x): return 2 * x``, and ``map(double, xs)`` has a lambda
that calls it.
"""

import ast
import copy
from collections import Counter

from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.renaming import all_names, every_binding

_OVER = frozenset({"filter", "map"})


def is_lambda(statement: ast.stmt) -> bool:
    """Whether a statement binds one name to a lambda."""
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Lambda()):
            return True
    return False


def with_functions(function: ast.FunctionDef, names: ModuleNames) -> ast.FunctionDef:
    """A copy in which local lambdas are functions, and inner functions are called where they were handed on.

    >>> text = "def f(xs):\\n    g = lambda x: 2 * x\\n    return sum(map(g, xs))"
    >>> tree = ast.parse(text)
    >>> print(ast.unparse(with_functions(tree.body[0], ModuleNames.of(tree))))
    def f(xs):
    <BLANKLINE>
        def g(x):
            return 2 * x
        return sum(map(lambda g_item: g(g_item), xs))
    """
    made = copy.deepcopy(function)
    bound = Counter(every_binding(made))
    made.body = [_as_function(s, bound) for s in made.body]
    inner = {s.name for s in made.body if isinstance(s, ast.FunctionDef) and bound[s.name] == 1}
    free = {which for which in _OVER if names.builtin(which) and not bound[which]}
    _Handed(inner, free, all_names(made)).visit(made)
    return ast.fix_missing_locations(made)


def _as_function(statement: ast.stmt, bound: Counter[str]) -> ast.stmt:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=taken, body=body)):
            inside = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
            if bound[name] == 1 and not any(isinstance(n, inside) for n in ast.walk(body)):
                given = ast.copy_location(ast.Return(body), body)
                made = ast.FunctionDef(name, taken, [given], [])
                return ast.copy_location(made, statement)
    return statement


class _Handed(ast.NodeTransformer):
    def __init__(self, inner: set[str], free: set[str], taken: set[str]) -> None:
        self._inner = inner
        self._free = free
        self._taken = taken

    def _item(self, name: str) -> str:
        item = f"{name}_item"
        while item in self._taken:
            item += "_"
        return item

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``map(f, xs)``, ``filter(f, xs)`` and ``key=f``."""
        self.generic_visit(node)
        for keyword in node.keywords:
            if keyword.arg == "key":
                keyword.value = self._as_lambda(keyword.value)
        match node:
            case ast.Call(func=ast.Name(id="map"), args=[function, _], keywords=[]):
                if "map" in self._free:
                    node.args[0] = self._as_lambda(function)
            case ast.Call(func=ast.Name(id="filter"), args=[ast.Name(id=name), over], keywords=[]):
                if "filter" in self._free and name in self._inner:
                    item = self._item(name)
                    test = _called(name, item)
                    loop = ast.comprehension(ast.Name(item, ast.Store()), over, [test], 0)
                    each = ast.GeneratorExp(ast.Name(item, ast.Load()), [loop])
                    return ast.copy_location(each, node)
        return node

    def _as_lambda(self, function: ast.expr) -> ast.expr:
        match function:
            case ast.Name(id=name) if name in self._inner:
                item = self._item(name)
                plain = ast.arguments([], [ast.arg(item)], None, [], [], None, [])
                return ast.copy_location(ast.Lambda(plain, _called(name, item)), function)
        return function


def _called(name: str, item: str) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [ast.Name(item, ast.Load())], [])
