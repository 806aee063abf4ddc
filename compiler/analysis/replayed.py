"""Outside functions whose results can be recorded in the program, and given to the calls of a trial.

They take nothing and give a number, so a record of what they gave is all that a call learnt of the
outside. A call is one where it is written as ``module.function()`` or ``function()`` of a global name,
or of a local one that is bound once, to such a global: ``clock = time.time; clock()``. It has no
arguments and stands in the function's own code: then the capturing twin can listen right behind it,
and a worker can bind the global name to what plays the record.
"""

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass

_CLOCKS = "monotonic perf_counter process_time thread_time time"

REPLAYED: dict[str, str] = {
    **{f"time.{name}": "float" for name in _CLOCKS.split()},
    **{f"time.{name}_ns": "int" for name in _CLOCKS.split()},
}
"""The functions by dotted name, with the type of what they give."""


@dataclass(frozen=True, slots=True, order=True)
class OutsideCall:
    """A call of a function of `REPLAYED`: ``attribute`` is empty where the function itself is the global.

    ``local`` is the local name that it is called by, if it is. ``place`` is the expression's: line, end
    line, column and end column in bytes, as code objects have them.
    """

    dotted: str
    name: str
    attribute: str
    place: tuple[int, int, int, int]
    local: str = ""

    @property
    def named(self) -> tuple[str, str, str]:
        """How the function is reached, and which it is: the same for all its calls."""
        return self.name, self.attribute, self.dotted


def outside_call(
    node: ast.AST, dotted: str, function: ast.AST, own: set[str], is_global: Callable[[str], bool]
) -> tuple[OutsideCall, ...]:
    """The call in ``function`` as one that can be replayed; nothing where it is written in another way.

    ``own`` are the names that the function binds; ``is_global`` says of another whether it is a global's.
    """
    if not dotted or not isinstance(node, ast.Call) or node.args or node.keywords:
        return ()
    if node.end_lineno is None or node.end_col_offset is None or _apart(function, node):
        return ()
    callee, local = node.func, ""
    if isinstance(callee, ast.Name) and callee.id in own:
        local = callee.id
        bound = _bound_to(function, local)
        if bound is None:
            return ()
        callee = bound
    attribute = callee.attr if isinstance(callee, ast.Attribute) else ""
    named = callee.value if isinstance(callee, ast.Attribute) else callee
    if not isinstance(named, ast.Name) or named.id in own or not is_global(named.id):
        return ()
    place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
    return (OutsideCall(dotted, named.id, attribute, place, local),)


def _bound_to(function: ast.AST, name: str) -> ast.expr | None:
    """What a local name is bound to, where one plain assignment is all that binds it, and code below
    does not mention it.
    """
    found: list[ast.expr] = []
    for node in ast.walk(function):
        if node is not function and isinstance(node, _SCOPES) and _mentions(node, name):
            return None
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                found.append(value)
            case ast.Nonlocal(names=names) | ast.Global(names=names) if name in names:
                return None
            case ast.arg(arg=parameter) if parameter == name:
                return None
            case ast.ExceptHandler(name=caught) if caught == name:
                return None
            case ast.MatchAs(name=matched) | ast.MatchStar(name=matched) if matched == name:
                return None
            case ast.alias(name=imported, asname=asname) if name in (asname, imported):
                return None
            case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined) if defined == name:
                return None
    stored = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    return found[0] if len(found) == len(stored) == 1 else None


_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


_OWN_CODE = (
    (ast.GeneratorExp,)
    if sys.version_info >= (3, 12)
    else (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
)


def _apart(function: ast.AST, call: ast.Call) -> bool:
    """Whether a call is in code of its own: a comprehension, where that is a function below."""
    for node in ast.walk(function):
        if isinstance(node, _OWN_CODE) and any(inner is call for inner in ast.walk(node)):
            return True
    return False
