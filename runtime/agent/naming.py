"""Names in reasons and in payloads: what a class or function is called, and whether that leads to it."""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A metaclass may answer `kind.anything` itself; these ask ``type``.
namespace_of = type.__dict__["__dict__"].__get__
of_type = type.__getattribute__
HEAP_TYPE = 1 << 9
TOO_LARGE = "larger than the budget"
MOST_ITEMS = 1 << 14  # of a container that is copied before the pickler can ask for room


class Unpicklable(Exception):
    """A value that is not captured; the message is the reason, with a type but no value in it."""


def bounded(items: int) -> None:
    """Raises Unpicklable for more items than are copied at once."""
    if items > MOST_ITEMS:
        raise Unpicklable(TOO_LARGE)


def told(named: Any) -> str:
    """A class or function in a reason: ``yaml.loader.Loader``."""
    module, qualname = name_of(named)
    return f"{module}.{qualname}" if type(module) is str and module != "builtins" else str(qualname)


def by_name(value: Any) -> Any:
    """By reference, where the name leads to this very value."""
    for base in of_type(type(value), "__mro__"):
        if of_type(base, "__flags__") & HEAP_TYPE and "__getattribute__" in namespace_of(base):
            raise Unpicklable("a class whose metaclass answers for it")
    if not found_by_name(value):
        raise Unpicklable(f"a {_called(value)} that is not found under its name, {told(value)}")
    return NotImplemented


def found_by_name(value: Any) -> bool:
    """Whether the name of a class or function leads to it."""
    module, qualname = name_of(value)
    home = sys.modules.get(module) if type(module) is str else None
    return home is not None and type(qualname) is str and leads(home, qualname, value)


def name_of(named: Any) -> tuple[Any, Any]:
    """The module and qualified name that a class or function says are its own; texts, or anything."""
    if issubclass(type(named), type):
        module = namespace_of(named).get("__module__")
        if not of_type(named, "__flags__") & HEAP_TYPE:
            module = of_type(named, "__module__")
        return module, of_type(named, "__qualname__")
    return named.__module__, named.__qualname__


def leads(home: ModuleType, qualname: str, value: Any) -> bool:
    """Whether a qualified name in a module is this very value."""
    found: Any = home
    for part in qualname.split("."):
        if type(found) is ModuleType:
            namespace = found.__dict__
        elif issubclass(type(found), type):
            namespace = namespace_of(found)
        else:
            return False
        if part not in namespace:
            return False
        found = namespace[part]
    return found is value or (type(found) is staticmethod and found.__func__ is value)


def _called(value: Any) -> str:
    return "class" if issubclass(type(value), type) else "function"
