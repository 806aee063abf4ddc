"""The names of one function's own scope: what its statements load, bind and hand to inner scopes."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from selfsame.compiler.identity.scopes import bound_beside, parameters

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Try = ast.Try | ast.TryStar
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


@dataclass
class Uses:
    """What some code does with the names of its scope.

    ``loads`` are the nodes that read one where the code runs, comprehensions inside included;
    ``captured`` are names that what is defined there (functions, lambdas, classes) reads or binds,
    ``lazy`` those that generator expressions read, which may run later.
    """

    loads: list[ast.Name] = field(default_factory=list)
    stores: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)  # deleted, as by ``except ... as name``
    captured: set[str] = field(default_factory=set)
    rebound_inside: set[str] = field(default_factory=set)  # by ``nonlocal`` in inner functions
    lazy: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)  # global


def uses_of(nodes: Iterable[ast.AST]) -> Uses:
    """What the code of some statements or expressions does with names."""
    found = Uses()
    for node in nodes:
        _visit(node, found, frozenset(), False)
    return found


def bound_by(target: ast.AST | None) -> set[str]:
    """The names that an assignment to a target binds."""
    return set() if target is None else uses_of([target]).stores


def _visit(node: ast.AST, found: Uses, own: frozenset[str], lazy: bool) -> None:
    """``own`` are names of comprehensions around the node; ``lazy``: in a generator expression."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Del):
            found.gone.add(node.id)
        if node.id in own:
            return
        if isinstance(node.ctx, ast.Load):
            found.loads.append(node)
            if lazy:
                found.lazy.add(node.id)
        else:
            found.stores.add(node.id)
        return
    if isinstance(node, ast.NamedExpr):
        # Inside a comprehension too it binds a name of the function.
        found.stores.add(node.target.id)
        if own:
            found.gone.add(node.target.id)
        _visit(node.value, found, own, lazy)
        return
    if isinstance(node, Comprehension):
        _comprehension(node, found, own, lazy)
        return
    if isinstance(node, Definition):
        _definition(node, found, own, lazy)
        return
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        found.loads.append(node.target)
    elif isinstance(node, ast.ExceptHandler) and node.name:
        found.gone.add(node.name)
    elif isinstance(node, ast.Global):
        found.declared.update(node.names)
    found.stores.update(bound_beside(node))
    for child in ast.iter_child_nodes(node):
        _visit(child, found, own, lazy)


def _comprehension(node: Comprehension, found: Uses, own: frozenset[str], lazy: bool) -> None:
    inner = own.union(*(bound_by(g.target) for g in node.generators))
    later = lazy or isinstance(node, ast.GeneratorExp)
    for index, generator in enumerate(node.generators):
        # Only the first iterable is evaluated at once, in the scope around.
        _visit(generator.iter, found, inner if index else own, later if index else lazy)
        _visit(generator.target, found, inner, later)
        for condition in generator.ifs:
            _visit(condition, found, inner, later)
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for part in parts:
        _visit(part, found, inner, later)


def _definition(node: Definition, found: Uses, own: frozenset[str], lazy: bool) -> None:
    if not isinstance(node, ast.Lambda):
        found.stores.add(node.name)
        for decorator in node.decorator_list:
            _visit(decorator, found, own, lazy)
    if isinstance(node, ast.ClassDef):
        for part in (*node.bases, *node.keywords):
            _visit(part, found, own, lazy)
    else:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            _visit(default, found, own, lazy)
    for inner in _inside(node):
        if isinstance(inner, ast.Name):
            found.captured.add(inner.id)
        elif isinstance(inner, ast.Nonlocal):
            found.captured.update(inner.names)
            found.rebound_inside.update(inner.names)


def _inside(node: Definition) -> Iterator[ast.AST]:
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    own = parameters(node.args) if isinstance(node, ast.Lambda) else set()
    for statement in body:
        for inner in ast.walk(statement):
            if not (isinstance(inner, ast.Name) and inner.id in own):
                yield inner


def locals_of(function: ast.FunctionDef) -> frozenset[str]:
    """The names that are the function's own variables, its parameters first of all."""
    uses = uses_of(function.body)
    names = parameters(function.args) | uses.stores | uses.gone
    return frozenset(names - uses.declared)
