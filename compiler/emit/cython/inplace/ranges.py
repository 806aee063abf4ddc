"""Ranges in the place of lists: ``range(n) if every else places``, where the two are only gone over.

Such a range is made as a list: nobody can tell the one from the other.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

MOST_LISTED = 100_000
"""Items: of a longer range only the first may be wanted."""

_GOING_OVER = frozenset(
    {"all", "any", "enumerate", "len", "list", "max", "min", "reversed", "set", "sorted", "sum"}
    | {"tuple", "zip"}
)


def listed_ranges(function: ast.FunctionDef, builtin: Callable[[str], bool]) -> frozenset[ast.expr]:
    """The calls of ``range`` that are made as lists. ``builtin``: whether a name is that of a builtin there."""
    if not builtin("range"):
        return frozenset()
    nodes = list(ast.walk(function))
    gone_over = {place for node in nodes for place in _gone_over(node, builtin)}
    bound: dict[str, list[ast.expr]] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=which)], value=value):
                bound.setdefault(which, []).append(value)
    names = [n for n in nodes if isinstance(n, ast.Name)]
    stores = Counter(n.id for n in names if not isinstance(n.ctx, ast.Load))
    stores.update(n.arg for n in nodes if isinstance(n, ast.arg))
    others = {n.id for n in names if isinstance(n.ctx, ast.Load) and n not in gone_over}
    others |= {n for s in nodes if isinstance(s, ast.Global | ast.Nonlocal) for n in s.names}
    found: set[ast.expr] = set()
    for which, values in bound.items():
        if which not in others and stores[which] == len(values):
            found |= _among([leaf for value in values for leaf in _leaves(value)])
    for place in gone_over:
        found |= _among(list(_leaves(place)))
    return frozenset(found)


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _leaves(node.body)
        yield from _leaves(node.orelse)
    else:
        yield node


def _among(leaves: list[ast.expr]) -> set[ast.expr]:
    """The ranges, where there are others beside them."""
    ranges = {leaf for leaf in leaves if _is_range(leaf)}
    return ranges if len(ranges) < len(leaves) else set()


def _is_range(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="range")):
            return True
    return False


def _gone_over(node: ast.AST, builtin: Callable[[str], bool]) -> list[ast.expr]:
    """What is there only to give its items or its length: an index that is none says of which it is none."""
    match node:
        case ast.For(iter=place) | ast.comprehension(iter=place, is_async=0):
            return [place]
        case ast.Call(func=ast.Name(id=which), args=places, keywords=_) if which in _GOING_OVER:
            return places if builtin(which) and (len(places) == 1 or which == "zip") else []
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[place]):
            return [place]
    return []
