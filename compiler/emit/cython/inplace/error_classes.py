"""Exception classes of a module, as its text has them: what each derives from, and its ``__init__``."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass

from selfsame.compiler.emit.cython.module_names import ModuleNames

# Builtin exceptions that keep what they are given in ``args``, whatever that is.
RAISED = frozenset(
    {"ArithmeticError", "AssertionError", "AttributeError", "EOFError", "Exception", "IndexError"}
    | {"KeyError", "LookupError", "NameError", "NotImplementedError", "OverflowError"}
    | {"RecursionError", "RuntimeError", "TypeError", "UnicodeError", "ValueError"}
    | {"ZeroDivisionError"}
)
# With one of these a class says itself how an instance is made, holds what it holds, or goes.
_SPECIAL = frozenset(
    {"__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__del__"}
    | {"__init_subclass__", "__slots__"}
)


@dataclass(frozen=True)
class ErrorFacts:
    """``base``: the builtin, or the one of the tree as the unit calls it (``own``). ``init``: the ``__init__``
    that stands in its body. ``constants``: what its body binds to literals.
    """

    name: str
    base: str
    own: bool
    init: ast.FunctionDef | None
    constants: dict[str, ast.expr]


def error_in(
    tree: ast.Module,
    name: str,
    spelled: str,
    names: ModuleNames,
    find: Callable[[ast.expr], ErrorFacts | None],
) -> ErrorFacts | None:
    """The exception class that a module's text binds to a name; None where it is no plain one.

    ``find`` gives the exception class of the tree that a base is; ``spelled``: its name in the unit.
    """
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return _facts(node, spelled, names, find)
    return None


def builtin_error(node: ast.expr | None, names: ModuleNames) -> str:
    """The builtin exception that ``node`` names in a module; empty where it is none."""
    which = node.id if isinstance(node, ast.Name) else ""
    found = getattr(builtins, which, None) if which else None
    is_one = isinstance(found, type) and issubclass(found, BaseException)
    return which if is_one and names.builtin(which) else ""


def _facts(
    node: ast.ClassDef,
    spelled: str,
    names: ModuleNames,
    find: Callable[[ast.expr], ErrorFacts | None],
) -> ErrorFacts | None:
    if len(node.bases) != 1 or node.keywords or node.decorator_list:
        return None
    base, own = builtin_error(node.bases[0], names), find(node.bases[0])
    if own is None and base not in RAISED:
        return None
    init, constants = None, dict[str, ast.expr]()
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name="__init__", decorator_list=[]) if init is None:
                init = statement
            case ast.FunctionDef(name=which) if which != "__init__" and which not in _SPECIAL:
                pass
            case ast.Assign(targets=[ast.Name(id=which)], value=ast.Constant() as value) | (
                ast.AnnAssign(target=ast.Name(id=which), value=ast.Constant() as value)
            ) if which not in _SPECIAL:
                constants[which] = value
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign(value=None):
                pass
            case _:
                return None
    if init is not None and any(_private(n) for n in ast.walk(init)):
        return None
    return ErrorFacts(spelled, own.name if own else base, own is not None, init, constants)


def _private(node: ast.AST) -> bool:
    """Whether it is a name that means another within a class."""
    which = node.attr if isinstance(node, ast.Attribute) else ""
    which = node.id if isinstance(node, ast.Name) else which
    return which.startswith("__") and not which.endswith("__")
