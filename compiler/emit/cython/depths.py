"""How often an argument is read: how many loops stand around the deepest read of it."""

import ast

from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.normalise import Normalised, normalise

RECURSION = 2  # a call that comes round counts as so many loops


class Depths:
    """Depths of names in functions of one module, which may hand them on to each other."""

    def __init__(self, module: ModuleNames) -> None:
        self.module = module
        self._known: dict[str, tuple[list[str], dict[str, int]]] = {}

    def of(self, function: Normalised) -> dict[str, int]:
        """Loops around the deepest read of each name; an alias counts for what it stands for."""
        found: dict[str, int] = {}
        self._known[function.name] = function.parameters, found
        alias: dict[str, str] = {}

        def reads(which: str, depth: int) -> None:
            known: str | None = which
            seen: set[str] = set()
            while known is not None and known not in seen:
                seen.add(known)
                found[known] = max(found.get(known, 0), depth)
                known = alias.get(known)

        def walk(node: ast.AST, depth: int) -> None:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                (target,) = node.targets
                if isinstance(target, ast.Name):
                    alias[target.id] = node.value.id
                    return
            if isinstance(node, ast.While):
                depth += 1
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                reads(node.id, depth)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = zip(self._inside(node.func.id, function), node.args, strict=False)
                for inside, argument in given:
                    if isinstance(argument, ast.Name):
                        reads(argument.id, depth + inside)
            for child in ast.iter_child_nodes(node):
                walk(child, depth)

        for statement in function.body:
            walk(statement, 0)
        return found

    def _inside(self, which: str, function: Normalised) -> list[int]:
        """The depths of a called function's parameters."""
        if which not in function.callees:
            return []
        if which in self._known:
            return [RECURSION] * len(self._known[which][0])
        small = normalise(function.callees[which], self.module)
        found = self.of(small)
        del self._known[which]
        return [found.get(parameter, 0) for parameter in small.parameters]
