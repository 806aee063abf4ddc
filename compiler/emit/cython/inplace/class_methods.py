"""Class methods: for one class such a function is a static one, in which the class stands under its own name."""

import ast
import copy

from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import assigned_names, bound_names


def for_class(method: ast.FunctionDef, cls: str) -> ast.FunctionDef:
    """A class method without its first parameter, which is the class that the module calls ``cls``. Raises CannotPrint."""
    taken = method.args
    parameters = taken.posonlyargs or taken.args
    if not parameters or len(taken.defaults) == len(taken.posonlyargs + taken.args):
        raise CannotPrint(f"calls {method.name}, which does not take its class", method)
    first = parameters[0].arg
    inside = [n for statement in method.body for n in ast.walk(statement)]
    bound = bound_names(method.body) | {n.arg for n in inside if isinstance(n, ast.arg)}
    bound |= {n.id for n in inside if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    if first in bound or cls in bound | assigned_names(method):
        raise CannotPrint(f"calls {method.name}, which binds its class anew", method)
    if any(isinstance(n, ast.Name) and n.id in ("super", "__class__") for n in inside):
        raise CannotPrint(f"calls {method.name}, a class method that asks for its base", method)
    made = copy.deepcopy(method)
    del (made.args.posonlyargs or made.args.args)[0]
    for node in (n for statement in made.body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == first:
            node.id = cls
    return made
