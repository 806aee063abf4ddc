"""A template's text, read: the functions that are never run and their metavariables."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.pattern import HOLE, KINDS, Metavariable, called

PARTS = ("before", "prepare", "after", "doubt")


@dataclass(frozen=True, slots=True)
class Quasi:
    """The quasi-quotes of one template: its parts as statements, its metavariables by name."""

    metavariables: Mapping[str, Metavariable]
    parts: Mapping[str, list[ast.stmt]] = field(default_factory=dict)

    @property
    def expression(self) -> ast.expr | None:
        """The pattern, where ``before`` is one expression and no ``with_hole``."""
        body = self.parts["before"]
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            value = body[0].value
            if not (isinstance(value, ast.Call) and called(value) == HOLE):
                return value
        return None


def read(text: str, path: str) -> Quasi:
    """The parts of the template in ``text``. Raises InternalError where the template is wrong."""
    parts: dict[str, list[ast.stmt]] = {}
    metavariables: dict[str, Metavariable] = {}
    for node in ast.parse(text, path).body:
        if isinstance(node, ast.FunctionDef) and node.name in PARTS:
            for argument in node.args.args:
                variable = _metavariable(argument, path)
                known = metavariables.setdefault(variable.name, variable)
                if known != variable:
                    raise InternalError(f"{path}: {variable.name} has two kinds")
            parts[node.name] = node.body
    return Quasi(metavariables, parts)


def _metavariable(argument: ast.arg, path: str) -> Metavariable:
    note = argument.annotation
    if isinstance(note, ast.Name) and note.id in KINDS:
        return Metavariable(argument.arg, note.id)
    if isinstance(note, ast.Subscript) and ast.unparse(note.value) == "Only":
        return Metavariable(argument.arg, "Expr", ast.unparse(note.slice))
    raise InternalError(f"{path}:{argument.lineno}: {argument.arg} needs a kind: {sorted(KINDS)}")
