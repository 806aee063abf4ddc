"""Locals that stand for a method of an object, as ``push = out.append``, and are only ever called.

Such a local holds the object itself, the one that it was bound to: what ``out`` is afterwards does not
matter. Each of its calls is then a call of that method on it.
"""

import ast
from collections import Counter, deque
from dataclasses import dataclass
from random import Random

from selfsame.compiler.emit.cython.inplace.kinds import Kind

# A container has its methods whatever happens: to bind one has no effect and cannot fail.
_HOLDERS: dict[str, type] = {"list": list, "dict": dict, "set": set, "str": str, "deque": deque}
_HOLDERS["random"] = Random


@dataclass(frozen=True)
class BoundMethod:
    """The name of the method, and the expressions whose values it is bound to."""

    method: str
    objects: tuple[ast.expr, ...]


def bound_methods(function: ast.FunctionDef) -> dict[ast.expr, BoundMethod]:
    """For the places where such locals are bound (the attribute) and called (the name): what they are.

    A local is none where it is bound in another way, to methods of two names, or used without a call.
    """
    taken: dict[str, list[ast.Attribute]] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[target], value=value):
                for which, attribute in _pairs(target, value):
                    taken.setdefault(which, []).append(attribute)
    nodes = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
    stores = Counter(n.id for n in nodes if not isinstance(n.ctx, ast.Load))
    stores.update(n.arg for n in ast.walk(function) if isinstance(n, ast.arg))
    calls = {n.func for n in ast.walk(function) if isinstance(n, ast.Call)}
    used = {n.id for n in nodes if isinstance(n.ctx, ast.Load) and n not in calls}
    found: dict[ast.expr, BoundMethod] = {}
    for which, attributes in taken.items():
        methods = {a.attr for a in attributes}
        # A sort by a key asks whether the key looks at the list: that needs its name.
        if len(methods) > 1 or "sort" in methods or which in used:
            continue
        if stores[which] != len(attributes):
            continue
        bound = BoundMethod(min(methods), tuple(a.value for a in attributes))
        places = [n for n in nodes if n.id == which and isinstance(n.ctx, ast.Load)]
        found |= dict.fromkeys([*attributes, *places], bound)
    return found


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.Attribute]]:
    match target, value:
        case ast.Name(id=which), ast.Attribute():
            return [(which, value)]
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            return [p for pair in zip(targets, values, strict=True) for p in _pairs(*pair)]
    return []


def has_method(kind: Kind, method: str) -> bool:
    """Whether a container of this kind has a method of the name."""
    return kind.name in _HOLDERS and callable(getattr(_HOLDERS[kind.name], method, None))
