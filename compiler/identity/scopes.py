"""Which names a scope binds, by Python's rules, from its ``ast`` alone."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from selfsame.compiler.identity.order import Comprehension, Scope, header


@dataclass(frozen=True, slots=True)
class Bindings:
    """The names of one function, class, module or comprehension.

    ``stores`` are bound by assignment and the like; ``fixed`` by ``def``, ``class`` and ``import``,
    whose names show at run time; ``params`` are parameters.
    """

    stores: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    params: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    @property
    def local(self) -> set[str]:
        """All names that live in this scope."""
        return (self.stores | self.fixed | self.params) - self.globals - self.nonlocals


def parameters(node: ast.arguments) -> set[str]:
    """The names of a function's parameters."""
    names = {a.arg for a in (*node.posonlyargs, *node.args, *node.kwonlyargs)}
    names.update(a.arg for a in (node.vararg, node.kwarg) if a)
    return names


def bound_beside(node: ast.AST) -> list[str]:
    """The names that a node binds itself, with no ``ast.Name`` for them: by ``import``, ``def``, ``as``, ``case``."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def bindings(node: ast.AST) -> Bindings:
    """What ``node`` binds: a function, lambda, class, module or comprehension."""
    found = Bindings()
    if isinstance(node, ast.Lambda):
        found.params.update(parameters(node.args))
        _collect([node.body], found)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        found.params.update(parameters(node.args))
        _collect(node.body, found)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for generator in node.generators:
            found.stores.update(
                n.id
                for n in ast.walk(generator.target)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            )
    elif isinstance(node, ast.Module | ast.ClassDef):
        _collect(node.body, found)
    return found


def _collect(roots: Iterable[ast.AST], found: Bindings) -> None:
    # True beside a node: it stands inside a comprehension, where only `:=` binds in this scope.
    stack: list[tuple[ast.AST, bool]] = [(root, False) for root in roots]
    while stack:
        node, inside = stack.pop()
        kind = type(node)
        if kind is ast.Name:
            assert isinstance(node, ast.Name)
            if not inside and not isinstance(node.ctx, ast.Load):
                found.stores.add(node.id)
            continue
        if isinstance(node, ast.NamedExpr):
            found.stores.add(node.target.id)
            stack.append((node.value, inside))
            continue
        if isinstance(node, Scope):
            outside: list[ast.AST] = [*getattr(node, "decorator_list", ()), *header(node)]
            stack.extend((child, inside) for child in outside)
            found.fixed.update(bound_beside(node))
            continue
        if isinstance(node, Comprehension):
            inside = True
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.fixed.update(bound_beside(node))
        elif isinstance(node, ast.Global):
            found.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            found.nonlocals.update(node.names)
        else:
            found.stores.update(bound_beside(node))
        stack.extend((child, inside) for child in ast.iter_child_nodes(node))


class Names:
    """A chain of scopes, innermost last, that says where a name is bound."""

    __slots__ = ("bound", "is_class", "outer")

    def __init__(self, node: ast.AST, outer: "Names | None") -> None:
        self.bound = bindings(node)
        self.is_class = isinstance(node, ast.ClassDef)
        self.outer = outer

    def owner(self, name: str) -> "Names | None":
        """The scope of the chain that ``name`` read here belongs to; None where it is global."""
        scope: Names | None = self
        first = True
        while scope is not None:
            bound = scope.bound
            if first or not scope.is_class:
                if name in bound.globals:
                    return None
                stored = name in bound.stores or name in bound.fixed or name in bound.params
                if stored and name not in bound.nonlocals:
                    return scope
            first = False
            scope = scope.outer
        return None
