"""Local variables that only ever hold a new list, dict or set, and so may be declared as one."""

import ast
from typing import Protocol

DISPLAYS = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
}
MAKERS = {"list": "list", "dict": "dict", "set": "set", "sorted": "list"}


class Names(Protocol):
    """What is asked of the form that a function is printed in."""

    builtins: frozenset[str]

    def spelled(self, name: str) -> str:
        """A name of the function's as the printed text has it."""
        ...


def typed_containers(
    function: ast.FunctionDef, form: Names, parameters: set[str]
) -> dict[str, str]:
    """Printed name -> ``list``, ``dict`` or ``set``.

    Names that a lambda or a generator expression uses are left out: their cells hold any object.
    """
    kinds: dict[str, set[str]] = {}
    captured: set[str] = set()
    plain: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            kind = _kind(node.value, form)
            for target in node.targets:
                if isinstance(target, ast.Name) and kind:
                    kinds.setdefault(target.id, set()).add(kind)
                    plain.add(id(target))
        elif isinstance(node, ast.Lambda | ast.GeneratorExp):
            captured |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    for node in ast.walk(function):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()) if id(node) not in plain:
                captured.add(node.id)
    return {
        form.spelled(name): min(found)
        for name, found in kinds.items()
        if len(found) == 1 and name not in captured and form.spelled(name) not in parameters
    }


def _kind(value: ast.expr, form: Names) -> str:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return MAKERS.get(value.func.id, "") if value.func.id in form.builtins else ""
    return DISPLAYS.get(type(value), "")
