"""Functions that no name leads to, as data: the code of the user's that they run, and all that they hold.

A closure, a lambda of a table, what a decorator made or took in: each goes by where its code stands, with
its cells, defaults and attributes. What shares a cell shares it afterwards, and a cell may hold its function.
"""

from __future__ import annotations

from types import CellType, FunctionType

from selfsame.runtime.agent.naming import Unpicklable, found_by_name, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

    Origin = tuple[str, str, int, int]
    """Of code: the module's name, the qualified name, the first line, the fingerprint."""

_WRITTEN = ("__name__", "__qualname__", "__module__", "__doc__")


def _nowhere(_function: FunctionType) -> Origin | None:
    return None


origin_of: Callable[[FunctionType], Origin | None] = _nowhere
"""Where the code of a function stands; None where it is not the user's. Each process has its way to tell."""


def told_by(way: Callable[[FunctionType], Origin | None]) -> None:
    """From here on `origin_of` is this."""
    global origin_of
    origin_of = way


def reduced(value: FunctionType) -> Any:
    """How a function is pickled: by its name, or by its code. Raises Unpicklable."""
    if found_by_name(value):
        return NotImplemented
    origin = origin_of(value)
    if origin is None:
        raise Unpicklable(f"a function that is not found under its name, {told(value)}")
    if getattr(value, "__type_params__", ()):
        raise Unpicklable(f"a function with type parameters, {told(value)}")
    if type(value.__dict__) is not dict:
        raise Unpicklable(f"a function with a __dict__ of its own, {told(value)}")
    notes = value.__annotations__
    if not all(map(_is_plain, notes.values())):
        notes = {}  # a world of its own, on which nothing hangs that is compared
    held = (value.__defaults__, value.__kwdefaults__, notes, value.__dict__)
    written = {name: getattr(value, name) for name in _WRITTEN}
    usual = _usual(value.__code__, origin[0])
    other = {name: text for name, text in written.items() if text is not usual[name]}
    return made, (*origin, value.__closure__), (*held, other), None, None, filled


def _is_plain(note: object) -> bool:
    return note is None or type(note) is str or (type(note) is type and found_by_name(note))


def _usual(code: CodeType, module: str) -> dict[str, object]:
    """What a function of this code is called where nobody said otherwise."""
    first = code.co_consts[0] if code.co_consts else None
    names = (code.co_name, code.co_qualname, module, first if type(first) is str else None)
    return dict(zip(_WRITTEN, names, strict=True))


def made(
    module: str, qualname: str, line: int, fingerprint: int, cells: tuple[CellType, ...] | None
) -> FunctionType:
    """A captured function, made again; where code is found is up to who reads payloads."""
    raise Unpicklable(f"a function of {module}, whose code is not looked for here")


def filled(function: FunctionType, state: Any) -> None:
    """Give a function that was made again what it had."""
    defaults, keywords, annotations, attributes, other = state
    function.__defaults__, function.__kwdefaults__ = defaults, keywords
    function.__annotations__ = annotations
    function.__dict__.update(attributes)
    for name, text in other.items():
        setattr(function, name, text)


def reduced_cell(value: CellType) -> Any:
    """How a variable of an enclosing function is pickled: it comes first, then what it holds."""
    try:
        held = (value.cell_contents,)
    except ValueError:  # nothing is assigned yet
        return cell, ()
    return cell, (), held, None, None, filled_cell


def cell() -> CellType:
    """A captured variable, made again."""
    return CellType()


def filled_cell(variable: CellType, state: tuple[object]) -> None:
    """Let a variable that was made again hold what it held."""
    (variable.cell_contents,) = state
