"""Names of the own module that some function binds by ``global``: read and stored where the module keeps them.

Others may bind them at any time, as a thread or a signal handler does: each access looks there, and checks what it
finds. What is stored is noted, and taken back where the call is given up.
"""

import ast

from selfsame.compiler.emit.cython.inplace.errors import Errors
from selfsame.compiler.emit.cython.inplace.homes import Home
from selfsame.compiler.emit.cython.inplace.kinds import ANY, BOTTOM, Kind, join
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Live(Errors):
    """``declared``: the names that the function binds by ``global``."""

    def __init__(self, program: Program, known: Known) -> None:
        super().__init__(program, known)
        self.declared = declared_global(known.node)

    def is_live(self, name: str) -> bool:
        """Whether a name that is no local is bound by some function of the module."""
        return name in self.home.names.rebound and not self.home.names.star

    def live(self, name: str, node: ast.AST) -> Value:
        """What the module has by the name now."""
        kind = self.kind_of_live(name, node)
        if kind == BOTTOM and not self.program.final:
            return Value(BOTTOM, "0")
        return self.checked(kind, f"sf_live(pool, {name!r})")

    def put_live(self, name: str, value: Value) -> None:
        """``name = value`` of a name that is declared ``global``."""
        self.kind_of_live(name, self.known.node)
        self.program.set_live(name, value.kind)
        if value.kind != BOTTOM:
            self.line(f"sf_live_put(pool, {name!r}, {self.boxed(value)})")

    def kind_of_live(self, name: str, node: ast.AST) -> Kind:
        """The type of what the module has by the name."""
        if self.home.key:
            raise CannotPrint(f"uses {name} of another module, which binds it by global", node)
        if not name.isascii():
            raise CannotPrint(f"uses {name}, a name that C does not spell", node)
        self.program.uses_live = True
        told = self.program.linked.seen.get((self.home.name, name), BOTTOM)
        if told == BOTTOM:
            told = self._said_at_import(self.home, name)
        return join(told, self.program.kinds_live.get(name, BOTTOM))

    def _said_at_import(self, home: Home, name: str) -> Kind:
        """What the module's own statements bind the name to."""
        found = BOTTOM
        for statement in home.tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=which)], value=value) if which == name:
                    found = join(found, self.program.linked.kind_of(home, value))
                case ast.AnnAssign(target=ast.Name(id=which), value=ast.expr() as value) if (
                    which == name
                ):
                    found = join(found, self.program.linked.kind_of(home, value))
        return BOTTOM if found == ANY else found


def declared_global(function: ast.FunctionDef) -> frozenset[str]:
    """The names that a function declares ``global``."""
    statements = (n for s in function.body for n in ast.walk(s))
    return frozenset(name for n in statements if isinstance(n, ast.Global) for name in n.names)
