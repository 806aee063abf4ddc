"""Whether a class's own ``__new__`` makes a new instance each time: one that it gives out again is not copied.

Decorators around it are looked through, to the function that the class's text has: none of them may hold an
instance of the class, as one that interns them does.
"""

from __future__ import annotations

from opcode import opname
from types import CellType, FunctionType

from selfsame.runtime.agent.naming import HEAP_TYPE, of_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_get = object.__getattribute__
MOST_LAYERS = 32
MOST_HELD = 10_000
"""Items of a container that are looked at; one that is larger is taken to hold an instance."""


def makes_anew(entry: Any, kind: type) -> bool:
    """Whether ``__new__`` keeps nothing of what it makes, to give it out again."""
    function = entry.__func__ if type(entry) is staticmethod else entry
    if type(function) is not FunctionType:
        return False
    if function.__code__.co_name == "__new__" and not function.__dict__:
        return function.__code__.co_freevars in ((), ("__class__",)) and _stores_in_locals(function)
    functions, held = _layers(function)
    own = [each for each in functions if each.__code__.co_name == "__new__"]
    alone = all(map(_stores_in_locals, functions)) and not any(_has_one(x, kind) for x in held)
    return len({each.__code__ for each in own}) == 1 and alone


def _layers(function: FunctionType) -> tuple[list[FunctionType], list[Any]]:
    """A function with those that it was put around, and what all of these hold: attributes, cells and globals."""
    functions: list[FunctionType] = []
    held: list[Any] = []
    todo: list[Any] = [function]
    seen: set[int] = set()
    while todo and len(seen) < MOST_LAYERS:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        inside = list(_attributes(part).values())
        if type(part) is FunctionType:
            functions.append(part)
            inside += [one for cell in part.__closure__ or () for one in _content(cell)]
            held += [part.__globals__.get(name) for name in part.__code__.co_names]
        held += inside
        todo += [x for x in inside if type(x) is FunctionType or _is_plain(x)]
    return functions, held


def _attributes(part: Any) -> dict[str, Any]:
    try:
        own = _get(part, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else {}


def _is_plain(part: Any) -> bool:
    """Whether it is an instance of a class that was written in Python."""
    kind = type(part)  # asked by it alone: an instance may answer anything
    return not issubclass(kind, type) and bool(of_type(kind, "__flags__") & HEAP_TYPE)


def _content(cell: CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # it is empty
        return []


def _has_one(part: Any, kind: type) -> bool:
    """Whether it is an instance of the class, or a container with one among its items."""
    if type(part) is kind:
        return True
    if type(part) not in (dict, list, set):
        return False
    if len(part) > MOST_HELD:
        return True
    items = part.values() if type(part) is dict else part
    return any(type(item) is kind for item in list(items))


def _stores_in_locals(function: FunctionType) -> bool:
    """Whether it stores nothing elsewhere, but attributes of what it makes."""
    code = function.__code__
    if "setdefault" in code.co_names:
        return False
    before = ("", 0)
    for place in range(0, len(code.co_code), 2):
        name, argument = opname[code.co_code[place]], code.co_code[place + 1]
        if name in ("STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF", "STORE_NAME"):
            return False
        # Of the first parameter, which is the class, and of what is no local nothing is set.
        if name == "STORE_ATTR" and not (before[0].endswith("LOAD_FAST") and before[1] & 15):
            return False
        if name not in ("CACHE", "EXTENDED_ARG"):
            before = name, argument
    return True
