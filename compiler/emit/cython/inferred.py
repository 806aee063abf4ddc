"""What is known of one function of a group: the types of its locals, expressions and results."""

import ast
from dataclasses import dataclass, field

from selfsame.compiler.emit.cython.normalise import Normalised
from selfsame.compiler.emit.cython.types import COMPLEX, COMPLEXES, FLOAT, WIDE, Type


@dataclass
class Inferred:
    """One function with its types."""

    small: Normalised
    parameters: tuple[Type, ...]
    variables: dict[str, Type] = field(default_factory=dict)
    types: dict[ast.expr, Type] = field(default_factory=dict)
    returns: set[Type] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    row_kind: str = "list"
    given: set[str] = field(default_factory=set)
    called: bool = False  # by a function of the unit
    changes: bool = False  # whether lists that it was given may be changed

    @property
    def result(self) -> Type | None:
        """The one type of all results that C can return; None where results have to be boxed."""
        if len(self.returns) != 1:
            return None
        (only,) = self.returns
        if self.called and only == WIDE:
            return FLOAT
        if only.kind in COMPLEXES:
            return COMPLEX
        if self.called and only.kind in {"word", "tuple", "dict", "set"}:
            return only
        if only.kind == "list" and self.called and not only.boxed and only.item.kind != "list":
            return only
        return only if only.kind in {"int", "float", "bool", "char", "None"} else None
