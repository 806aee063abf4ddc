"""Types of literals and of what builtins and ``math`` return."""

import ast

from selfsame.compiler.emit.cython.helpers import FLOAT_MATH
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.types import (
    BOOL,
    CHAR,
    COMPLEX,
    COMPLEXES,
    FLOAT,
    HELD,
    INT,
    LETTERS,
    NONE,
    NUMBERS,
    STR,
    TEXT,
    UNKNOWN,
    WHOLE,
    Type,
)

_INT_MATH = frozenset({"floor", "ceil"})
_FLOAT_MATH = frozenset(FLOAT_MATH) | {"sqrt", "log", "fabs"}
_MATH_COUNTS = {"gcd": 2, "isqrt": 1, "atan2": 2, "isnan": 1, "isinf": 1}


def literal_type(value: object) -> Type:
    """The type of a literal."""
    if isinstance(value, str):
        if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise CannotPrint("has a literal with a lone surrogate")
        return CHAR if len(value) == 1 else STR
    if value is None:
        return NONE
    return {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}[type(value)]


def builtin_type(which: str, kinds: list[Type]) -> Type | None:
    """The type of a builtin's result; None where there is no exact form."""
    first, names = kinds[0] if kinds else UNKNOWN, {k.kind for k in kinds}
    if which in {"min", "max"}:
        if len(kinds) == 1:
            flat = first.kind == "list" and not first.boxed
            return first.item if flat and first.item in (INT, FLOAT) else None
        return first if first == kinds[1] and first in (INT, FLOAT) else None
    if which == "sum":
        return INT if first.kind == "list" and not first.boxed and first.item == INT else None
    if which == "pow":
        if len(kinds) == 3:
            return INT if names == {"int"} else None
        if len(kinds) == 2 and names <= NUMBERS:
            return INT if names <= WHOLE else FLOAT
        return None
    if which == "complex" and (names <= NUMBERS or kinds == [COMPLEX]):
        return COMPLEX if len(kinds) in (1, 2) else None
    if len(kinds) != 1:
        return None
    if which == "abs" and first.kind in COMPLEXES:
        return FLOAT
    number = first.kind in NUMBERS
    match which:
        case "len":
            return INT if first.kind in TEXT | HELD | {"list"} else None
        case "abs":
            return (INT if first.kind in WHOLE else FLOAT) if number else None
        case "ord":
            return INT if first == CHAR else None
        case "chr":
            return CHAR if first == INT else None
        case "int":
            return INT if number or first.kind in LETTERS else None
        case "float":
            return FLOAT if number or first.kind in LETTERS else None
        case "bool":
            return BOOL if number or first.kind in TEXT | {"list"} else None
        case "round":
            return INT if first in (INT, FLOAT) else None
    return None


def word(kind: Type) -> str:
    """A type as a person says it."""
    if kind.kind == "char":
        return "str"
    if kind.kind in {"token", "word"}:
        return "str"
    if kind.kind in HELD:
        return f"{kind.kind}[{', '.join(map(word, kind.items))}]"
    if kind.kind == "list":
        if kind.code:
            return f"array of {word(kind.item)}"
        return f"{'tuple' if kind.fixed else 'list'} of {word(kind.item)}"
    if kind.kind == "half":
        return "complex"
    return "condition" if kind.kind == "truth" else kind.kind


def a(kind: Type) -> str:
    """`word` with its article."""
    said = word(kind)
    return f"an {said}" if said[0] in "aeiou" else f"a {said}"


def math_type(which: str, kinds: list[Type], node: ast.Call) -> Type:
    """The type of a ``math`` function's result. Raises CannotPrint where it is not exact."""
    if all(k.kind in NUMBERS for k in kinds):
        if len(kinds) == 1 and which in _FLOAT_MATH:
            return FLOAT
        if len(kinds) == 1 and which in _INT_MATH:
            return INT
        if _MATH_COUNTS.get(which) == len(kinds):
            if which in {"gcd", "isqrt"}:
                if all(k == INT for k in kinds):
                    return INT
            else:
                return FLOAT if which == "atan2" else BOOL
    raise CannotPrint(f"calls math.{which}, which has no exact compiled form", node)
