"""Lambdas that a local is bound to become inner functions, and those that are handed on are called by lambdas.

``double = lambda x: 2 * x`` becomes ``def double(x): return 2 * x``, and ``map(double, xs)`` or ``apply(double, xs)``
has a lambda that calls it.
"""

import ast
import copy
from collections import Counter
from collections.abc import Mapping

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
    inner = {
        s.name: s.args for s in made.body if isinstance(s, ast.FunctionDef) and bound[s.name] == 1
    }
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
    def __init__(self, inner: Mapping[str, ast.arguments], free: set[str], taken: set[str]) -> None:
        self._inner = inner
        self._free = free
        self._taken = taken

    def _item(self, name: str) -> str:
        item = f"{name}_item"
        while item in self._taken:
            item += "_"
        return item

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``map(f, xs)``, ``filter(f, xs)``, ``key=f``, and any other call that is given ``f``."""
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
            case ast.Call(func=ast.Name(id=name)) if name in _OVER:
                return node
        node.args = [self._passed(argument) for argument in node.args]
        return node

    def _passed(self, argument: ast.expr) -> ast.expr:
        """A lambda that takes what an inner function takes, where there is one of that name."""
        taken = self._inner.get(argument.id) if isinstance(argument, ast.Name) else None
        if taken is None or taken.kwonlyargs or taken.vararg or taken.kwarg:
            return argument
        assert isinstance(argument, ast.Name)
        items = [self._item(f"{argument.id}_{a.arg}") for a in (*taken.posonlyargs, *taken.args)]
        plain = ast.arguments([], list(map(ast.arg, items)), None, [], [], None, taken.defaults)
        return ast.copy_location(ast.Lambda(plain, _called(argument.id, *items)), argument)

    def _as_lambda(self, function: ast.expr) -> ast.expr:
        match function:
            case ast.Name(id=name) if name in self._inner:
                item = self._item(name)
                plain = ast.arguments([], [ast.arg(item)], None, [], [], None, [])
                return ast.copy_location(ast.Lambda(plain, _called(name, item)), function)
        return function


def _called(name: str, *items: str) -> ast.expr:
    given: list[ast.expr] = [ast.Name(item, ast.Load()) for item in items]
    return ast.Call(ast.Name(name, ast.Load()), given, [])
