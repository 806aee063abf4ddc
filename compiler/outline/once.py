"""Which functions of a script are called by code that runs once, and by nothing else."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from selfsame.compiler.identity.scopes import bound_beside
from selfsame.compiler.outline.scope import Comprehension, Definition

Loop = ast.For | ast.AsyncFor | ast.While


def once_functions(tree: ast.Module, nodes: list[ast.AST]) -> list[ast.FunctionDef]:
    """The functions that the top level calls outside of loops, and those that these call so.

    Only plain functions of the module's own that have one definition, and that nothing else names.
    ``nodes`` are all of the tree's.
    """
    defined = _defined(tree, nodes)
    named = Counter(n.id for n in nodes if isinstance(n, ast.Name))
    once = dict(defined)
    while True:
        called: Counter[str] = Counter()
        reached: list[ast.FunctionDef] = []
        bodies: list[list[ast.stmt]] = [tree.body]
        while bodies:
            for name in _called_once(bodies.pop()):
                called[name] += 1
                function = once.get(name)
                if function is not None and called[name] == 1:
                    reached.append(function)
                    bodies.append(function.body)
        found = {f.name: f for f in reached if called[f.name] == named[f.name]}
        if len(found) == len(reached):
            return sorted(reached, key=lambda f: f.lineno)
        once = found  # what the others call is called as often as they are


def _defined(tree: ast.Module, nodes: list[ast.AST]) -> dict[str, ast.FunctionDef]:
    """The plain functions of the module by their names, which nothing else binds."""
    functions = [f for f in _statements(tree.body) if isinstance(f, ast.FunctionDef)]
    bound: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.Global):
            bound.update(node.names)
        bound.update(bound_beside(node))
    return {
        f.name: f
        for f in functions
        if bound[f.name] == 1
        and not (f.decorator_list or getattr(f, "type_params", None) or _suspends(f))
    }


def _suspends(function: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in inside(function.body))


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a body and of the blocks in it that are run at most once."""
    for statement in body:
        yield statement
        if not isinstance(statement, Loop | Definition):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _statements([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from _statements(child.body)


def _called_once(body: list[ast.stmt]) -> Iterator[str]:
    """The names that code calls, each time that it is run at most once."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.For | ast.AsyncFor):
            stack.append(node.iter)  # and what is done for each item is done often
        elif not isinstance(node, ast.While | Definition | Comprehension):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id
            stack.extend(ast.iter_child_nodes(node))


def inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of some code but those of functions, classes and lambdas in it."""
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Definition):
            stack.extend(ast.iter_child_nodes(node))
