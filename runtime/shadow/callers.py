"""What the functions of a module pass to each other, where their source says its value.

A private function has callers in its module that give it a table, an alphabet or a default of theirs:
what nobody would guess from the use of a parameter.
"""

import ast
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from selfsame.runtime.shadow.encoder import PLAIN
from selfsame.runtime.shadow.usage import FunctionNode

MOST, ENTRIES = 12, 2_000
"""Values for one parameter, and what a container of them may hold."""
CONTAINERS = (list, tuple, dict, set, frozenset)


def passed(callers: Iterable[FunctionNode], function: types.FunctionType, name: str) -> list[Any]:
    """Different values for the parameter ``name`` of a function or method in calls of it by its name."""
    code = function.__code__
    place = code.co_varnames.index(name)
    of_class = "." in function.__qualname__
    found: dict[str, Any] = {}
    for caller in callers:
        defaults = _defaults(caller)
        for node in ast.walk(caller):
            if not isinstance(node, ast.Call) or not _names(node.func, function, of_class):
                continue
            position = place - of_class if place < code.co_argcount else -1
            for given in _given(node, position, name):
                for value in _value(given, defaults, function.__globals__):
                    if len(found) < MOST:
                        found.setdefault(f"{type(value).__name__} {value!r}", value)
    return list(found.values())


def _names(node: ast.expr, function: types.FunctionType, of_class: bool) -> bool:
    if of_class:
        return isinstance(node, ast.Attribute) and node.attr == function.__name__
    return isinstance(node, ast.Name) and node.id == function.__name__


def _given(call: ast.Call, position: int, name: str) -> Iterator[ast.expr]:
    """The expression for a parameter; none where stars hide it."""
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    if not starred and 0 <= position < len(call.args):
        yield call.args[position]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)


def _value(
    node: ast.expr, defaults: Mapping[str, ast.expr | None], namespace: Mapping[str, Any]
) -> Iterator[Any]:
    """The value of an expression: a constant, a global, or the default of a parameter passed on."""
    if isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Name):
        if node.id not in defaults:
            value = namespace.get(node.id)
            if value is not None and _plain(value):
                yield value
        elif isinstance(default := defaults[node.id], ast.Constant):
            yield default.value


def _defaults(caller: FunctionNode) -> dict[str, ast.expr | None]:
    """Local names of a function, with the defaults of those that are parameters."""
    arguments = caller.args
    plain = [*arguments.posonlyargs, *arguments.args]
    local: dict[str, ast.expr | None] = {
        node.id: None
        for node in ast.walk(caller)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    local |= {argument.arg: None for argument in [*plain, *arguments.kwonlyargs]}
    defaults = arguments.defaults
    local |= {
        argument.arg: default
        for argument, default in zip(plain[len(plain) - len(defaults) :], defaults, strict=True)
    }
    return local | {
        argument.arg: default
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }


def _plain(value: Any) -> bool:
    """Whether a value is an atom, or a container of atoms alone."""
    kind = type(value)
    if kind in PLAIN or kind is float:
        return True
    if kind not in CONTAINERS or len(value) > ENTRIES:
        return False
    items = [*value, *value.values()] if kind is dict else value
    return all(type(item) in PLAIN or type(item) is float for item in items)
