"""Enumerations of a module, as its text has them: their members, and what stands for each."""

import ast
from dataclasses import dataclass

from selfsame.compiler.emit.cython.inplace.imports import library_name

_BASES = {"enum.Enum": False, "enum.IntEnum": True}
# With one of these an enumeration says itself what its members are, equal or are called.
_SPECIAL = frozenset(
    {"__new__", "__eq__", "__ne__", "__hash__", "__bool__", "__len__", "__getattribute__"}
    | {"name", "value", "_value_", "_name_", "_generate_next_value_", "_missing_"}
)
# What shows a member, and is never asked here; all else of that kind is what an operator asks.
_SHOWN = frozenset({"__doc__", "__format__", "__repr__", "__str__"})


@dataclass(frozen=True)
class EnumFacts:
    """``members``: each with the text of its value. ``whole``: they are ints as well."""

    members: dict[str, ast.expr]
    whole: bool


def enum_in(tree: ast.Module, name: str, imports: dict[str, str]) -> EnumFacts | None:
    """The enumeration that a module's text binds to a name; None where it is no plain one."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _facts(node, imports)
    return None


def _facts(node: ast.ClassDef, imports: dict[str, str]) -> EnumFacts | None:
    base = library_name(node.bases[0], imports) if len(node.bases) == 1 else ""
    unique = [library_name(d, imports) == "enum.unique" for d in node.decorator_list]
    if base not in _BASES or node.keywords or not all(unique):
        return None
    members: dict[str, ast.expr] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=which)], value=value) if which[:1] != "_":
                members[which] = value
            case ast.FunctionDef(name=which) if which not in _SPECIAL:
                asked = which.startswith("__") and which not in _SHOWN
                if which in members or (asked and _BASES[base]):
                    return None
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return None
    return None if members.keys() & _SPECIAL else EnumFacts(members, _BASES[base])
