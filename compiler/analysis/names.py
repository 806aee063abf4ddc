"""Every mention of a name inside one function, with the scope that the name belongs to there."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from selfsame.compiler.identity.order import COMPREHENSIONS, Scope, header
from selfsame.compiler.identity.scopes import Bindings, bindings, bound_beside

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """One occurrence of ``name``: ``owner`` is the function or the comprehension that binds it.

    ``node`` is the ``ast.Name``, or the statement that binds the name otherwise (``import``,
    ``def``, ``except ... as``, ``match``). ``captured``: it stands in a nested function, class or
    generator expression, so it may run at another time than the code around it.
    """

    name: str
    node: ast.AST
    owner: ast.AST
    stores: bool
    captured: bool


def mentions(function: Function, eager: Callable[[str], bool]) -> Iterator[Mention]:
    """The mentions in the function's body, in no order; its parameters are not among them.

    ``eager`` says which names are builtins that use up a generator expression before they return.
    """
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    walk = _Walk(function, eager)
    for node in body:
        yield from walk.visit(node, (), False)


class _Walk:
    def __init__(self, function: Function, eager: Callable[[str], bool]) -> None:
        self.function = function
        self.eager = eager
        self.used_up: set[int] = set()

    def visit(
        self, node: ast.AST, inner: tuple[tuple[ast.AST, Bindings], ...], captured: bool
    ) -> Iterator[Mention]:
        if isinstance(node, ast.Name):
            stores = not isinstance(node.ctx, ast.Load)
            yield from self.mention(node.id, node, inner, stores, captured)
            return
        if isinstance(node, ast.NamedExpr):
            # `:=` binds in the innermost scope that is not a comprehension.
            outside = tuple(s for s in inner if not isinstance(s[0], COMPREHENSIONS))
            yield from self.mention(node.target.id, node.target, outside, True, captured)
            yield from self.visit(node.value, inner, captured)
            return
        if isinstance(node, Scope):
            for part in (*getattr(node, "decorator_list", ()), *header(node)):
                yield from self.visit(part, inner, captured)
            if not isinstance(node, ast.Lambda):
                yield from self.mention(node.name, node, inner, True, captured)
            deeper = (*inner, (node, bindings(node)))
            for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
                yield from self.visit(part, deeper, True)
            return
        if isinstance(node, COMPREHENSIONS):
            yield from self.comprehension(node, inner, captured)
            return
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and bool(node.args)
            and isinstance(node.args[0], ast.GeneratorExp)
            and (len(node.args) == 1 or node.func.id == "next")
            and self.eager(node.func.id)
        ):
            self.used_up.add(id(node.args[0]))
        for name in bound_beside(node):
            yield from self.mention(name, node, inner, True, captured)
        for child in ast.iter_child_nodes(node):
            yield from self.visit(child, inner, captured)

    def comprehension(
        self, node: ast.AST, inner: tuple[tuple[ast.AST, Bindings], ...], captured: bool
    ) -> Iterator[Mention]:
        assert isinstance(node, COMPREHENSIONS)
        deeper = (*inner, (node, bindings(node)))
        lazy = isinstance(node, ast.GeneratorExp) and id(node) not in self.used_up
        late = captured or lazy
        for index, generator in enumerate(node.generators):
            if index:
                yield from self.visit(generator.iter, deeper, late)
            else:
                yield from self.visit(generator.iter, inner, captured)
            for part in (generator.target, *generator.ifs):
                yield from self.visit(part, deeper, late)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            yield from self.visit(part, deeper, late)

    def mention(
        self,
        name: str,
        node: ast.AST,
        inner: tuple[tuple[ast.AST, Bindings], ...],
        stores: bool,
        captured: bool,
    ) -> Iterator[Mention]:
        for position, (scope, bound) in enumerate(reversed(inner)):
            if isinstance(scope, ast.ClassDef) and position:
                continue
            if name in bound.globals:
                return
            if name in bound.local:
                # A name of a nested function is no business of this one; a comprehension's is.
                if isinstance(scope, COMPREHENSIONS):
                    yield Mention(name, node, scope, stores, captured)
                return
        yield Mention(name, node, self.function, stores, captured)
