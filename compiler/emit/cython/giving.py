"""Which locals of a function may stand for a list that it was given, or for a part of one."""

import ast
from collections.abc import Callable

# Helpers of the small language whose result may be a part of their first argument.
_PARTS = frozenset({"sf_item", "sf_pop", "sf_pop_at", "sf_slice"})


def given_names(
    body: list[ast.stmt],
    parameters: set[str],
    callees: set[str],
    holds: Callable[[ast.expr], bool],
) -> set[str]:
    """Names that may stand for what the parameters hold; flow does not count.

    ``body`` is in the small language; ``holds`` says whether an expression may be a list or hold one.
    """
    found = set(parameters)

    def given(node: ast.expr) -> bool:
        return holds(node) and _given(node, found, callees)

    while True:
        before = len(found)
        for statement in body:
            for node in ast.walk(statement):
                match node:
                    case ast.Assign(targets=[target], value=value):
                        if given(value):
                            found.add(root(target))
                    case ast.Call(
                        func=ast.Name(id="sf_append" | "sf_insert" | "sf_cell"), args=[base, *more]
                    ):
                        if given(more[-1]):
                            found.add(root(base))
                    case ast.Call(func=ast.Name(id="sf_splice"), args=[base, _, _, value]):
                        if given(value):
                            found.add(root(base))
                    case ast.Call(func=ast.Name(id=which), args=args) if which in callees:
                        # What it is given may come to stand in another of its arguments.
                        if any(map(given, args)):
                            found |= {root(a) for a in args}
        found.discard("")
        if len(found) == before:
            return found


def root(node: ast.expr) -> str:
    """The name at the bottom of subscripts and helpers; empty where there is none."""
    while True:
        match node:
            case ast.Name(id=which):
                return which
            case ast.Subscript(value=value):
                node = value
            case ast.Call(func=ast.Name(id=which), args=[value, *_]) if which in _PARTS:
                node = value
            case _:
                return ""


def _given(node: ast.expr, found: set[str], callees: set[str]) -> bool:
    match node:
        case ast.IfExp(body=yes, orelse=no):
            return _given(yes, found, callees) or _given(no, found, callees)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return any(_given(p, found, callees) for p in parts)
        case ast.BinOp(left=left, right=right):
            return _given(left, found, callees) or _given(right, found, callees)
        case ast.Call(func=ast.Name(id=which), args=args) if which in callees:
            return any(_given(a, found, callees) for a in args)
    return root(node) in found
