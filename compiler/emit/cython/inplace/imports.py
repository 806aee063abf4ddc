"""What a module names of the libraries that it imports."""

import ast

from selfsame.compiler.emit.cython.module_names import ModuleNames


def imported(module: ast.Module, names: ModuleNames) -> dict[str, str]:
    """Local name -> ``heapq`` or ``heapq.heappush``, of what the module imports at its top level."""
    found: dict[str, str] = {}
    for statement in module.body:
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    found[alias.asname or alias.name] = alias.name
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                for alias in aliases:
                    found[alias.asname or alias.name] = f"{origin}.{alias.name}"
    return {local: what for local, what in found.items() if names.once(local)}


def library_name(node: ast.expr, imports: dict[str, str]) -> str:
    """``heapq.heappush``, of what ``node`` names in a module with these imports; empty where it is none of those."""
    match node:
        case ast.Name(id=which):
            return imports.get(which, "")
        case ast.Attribute(value=ast.Name(id=base), attr=which) if base in imports:
            return f"{imports[base]}.{which}"
    return ""
