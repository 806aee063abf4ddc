"""Which one type each parameter is compiled for: what was seen, else what annotations say."""

import ast
from collections.abc import Iterable, Mapping

from selfsame.compiler.emit.cython import CannotPrint, parse_type

_SEQUENCES = frozenset({"list", "List", "Sequence", "MutableSequence", "Iterable", "Collection"})


def types_for(
    function: ast.FunctionDef,
    observed: Mapping[str, frozenset[str]],
    spelled: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """A type for every parameter. Raises CannotPrint where none, or more than one, is known.

    ``spelled`` gives parameters that stand for attributes the names that the user wrote.
    """
    shown = spelled or {}
    arguments = function.args
    found: dict[str, str] = {}
    for parameter in arguments.posonlyargs + arguments.args + arguments.kwonlyargs:
        seen = observed.get(parameter.arg)
        if seen:
            name = shown.get(parameter.arg, parameter.arg)
            found[parameter.arg] = one_type(name, seen, function)
            continue
        hint = hinted(parameter.annotation)
        if hint is None:
            name = shown.get(parameter.arg, parameter.arg)
            place = parameter if hasattr(parameter, "lineno") else function
            raise CannotPrint(f"nothing was seen of the type of {name}", place)
        found[parameter.arg] = hint
    return found


def one_type(parameter: str, seen: Iterable[str], place: ast.AST) -> str:
    """The one type that all observations agree on; an empty list agrees with any list.

    >>> one_type("a", {"list[]", "list[int]"}, ast.Module([], []))
    'list[int]'
    """
    kinds: set[str] = set()
    for name in seen:
        kinds |= set(_spread(name))
    settled = {k for k in kinds if "[]" not in k}
    for empty in kinds - settled:
        if not any(k.startswith(empty[: empty.index("[]") + 1]) for k in settled):
            settled.add(empty)
    if len(settled) != 1:
        words = " and ".join(sorted(settled))
        raise CannotPrint(
            f"{parameter} was seen to be {words}: what is compiled takes one type", place
        )
    (only,) = settled
    if "[]" in only:
        raise CannotPrint(f"{parameter} was only seen empty", place)
    if parse_type(only) is None:
        raise CannotPrint(
            f"{parameter} is {only}, which has no compiled form (numbers, text, lists of them,"
            " arrays and instances of plain classes of the module have one)",
            place,
        )
    return only


def _spread(name: str) -> list[str]:
    """``list[list[int]|list[]]`` as ``list[list[int]]`` and ``list[list[]]``."""
    outer, bracket, rest = name.partition("[")
    if not bracket:
        return [name]
    inner, depth, parts = rest[:-1], 0, [""]
    for char in inner:
        depth += (char == "[") - (char == "]")
        if char == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [f"{outer}[{deep}]" for part in parts for deep in _spread(part)]


def hinted(annotation: ast.expr | None) -> str | None:
    """The type that an annotation promises; the guards find out whether it keeps the promise."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    if isinstance(annotation, ast.Subscript):
        outer = annotation.value
        word = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
        inner = hinted(annotation.slice)
        if word in _SEQUENCES and inner is not None:
            name = f"list[{inner}]"
            return name if parse_type(name) is not None else None
        return None
    if isinstance(annotation, ast.Name) and parse_type(annotation.id) is not None:
        return annotation.id
    return None
