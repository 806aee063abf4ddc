"""Looks at the parameters that ``tenants`` names: has any function that it is said of one?"""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path

from selfsame.compiler.constraints.sets import ConstraintSet
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import Name, Setting
from selfsame.grammar.words import nearest


def strangers(
    sets: Iterable[ConstraintSet], file_of: Callable[[str], tuple[Path, str] | None]
) -> list[Diagnostic]:
    """The names under ``tenants`` that are no parameter of any function that they are said of.

    ``file_of`` gives the file and the module's name of a node's address; None where there is none.
    """
    known: dict[Path, dict[str, set[str]]] = {}
    said: dict[int, tuple[Setting, set[str]]] = {}
    for constraints in sets:
        origin, file = constraints.origin("tenants"), file_of(constraints.address)
        if origin is None or file is None or not isinstance(origin.statement, Setting):
            continue
        path, module = file
        if path not in known:
            known[path] = _parameters(Source.read(path, module))
        if constraints.address in known[path]:
            _, there = said.setdefault(id(origin.statement), (origin.statement, set()))
            there |= known[path][constraints.address]
    return [
        Diagnostic(
            name.place, f"no function here has a parameter `{name.text}`", nearest(name.text, there)
        )
        for statement, there in said.values()
        for name in (statement.value if isinstance(statement.value, tuple) else ())
        if isinstance(name, Name) and name.text not in there
    ]


def _parameters(source: Source) -> dict[str, set[str]]:
    """The names of the parameters of each function, by address."""
    found = {}
    for definition in definitions(source):
        node = definition.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            told = node.args
            every = [*told.posonlyargs, *told.args, *told.kwonlyargs, told.vararg, told.kwarg]
            found[definition.address] = {argument.arg for argument in every if argument}
    return found
