"""Functions as values: those that the text names, and those that were seen to come in.

Such a value is the object itself, and its type says which functions it may be. A call asks which it is.
"""

import ast

from selfsame.compiler.emit.cython.inplace.borrowed import held
from selfsame.compiler.emit.cython.inplace.formatting import Formatting
from selfsame.compiler.emit.cython.inplace.kinds import CLOSURE, LAMBDA, function_kind
from selfsame.compiler.emit.cython.inplace.state import Value


class Functions(Formatting):
    """``function_named`` gives the value of a name."""

    def function_named(self, node: ast.Name | ast.Attribute) -> Value | None:
        """A function of the tree, or one of a library's; None where it is neither."""
        first = node.value if isinstance(node, ast.Attribute) else node
        if not isinstance(first, ast.Name) or self.own(first.id):
            return None
        which = self.program.linked.function_at(self.home, node)
        if not which:
            return None
        self.target(node)  # it is relied upon
        return Value(function_kind(which), self.identity(which))

    def identity(self, which: str) -> str:
        """The object that a function is, in the unit; of one that the call makes, what stands first in it."""
        if which.startswith(CLOSURE):
            return f"sf_l_{which.removeprefix(CLOSURE)}"
        if "." in which:
            self.program.compared_with.add(which)
            return held(which)
        self.program.use_function(which)
        return f"sf_g_{which}"

    def is_one_of(self, value: Value) -> str:
        """The test that a value is one of the functions that its type says."""
        return " or ".join(self.is_that(value, name) for name in value.kind.cls.split("|"))

    def is_that(self, value: Value, which: str) -> str:
        """The test that a value is this function."""
        if which.startswith(CLOSURE):
            return f"sf_is_made({value.text}, {self.identity(which)})"
        if which.startswith(LAMBDA):
            self.program.uses_live = True
            made = self.program.linked.functions[which].node
            taken = len(made.args.posonlyargs + made.args.args) if made is not None else 0
            return f"sf_is_lambda(pool, {value.text}, {which.removeprefix(LAMBDA)}, {taken})"
        return f"{value.text} is {self.identity(which)}"
