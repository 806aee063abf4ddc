"""Lists of a class of the module, ``class Stack(list)``, that says nothing itself of what a list does.

What is done to them is done as to lists. That the class is still such a one is looked at when a call starts, and at each
call of a method that the list has no attributes of its own.
"""

import ast
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, Kind, item_of, list_of, own_list
from selfsame.compiler.emit.cython.inplace.methods import Methods
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_MADE_OF = frozenset({"list", "row", "tuple"})


class OwnLists(Methods):
    """Makes such lists, and calls their methods."""

    def new_list(self, cls: str, node: ast.Call) -> Value:
        """``Stack()``, or of what another list or a tuple holds."""
        if len(node.args) > 1 or node.keywords:
            raise CannotPrint(f"makes a {cls} of several values", node)
        self.program.use_list(cls)
        if not node.args:
            return self.made(own_list(cls, BOTTOM), f"sf_new_list(sf_g_{cls}, ())")
        given = self.held(self.some(self.expression(node.args[0])))
        if given.kind == BOTTOM and not self.program.final:
            return given
        if given.kind.name not in _MADE_OF:
            raise CannotPrint(f"makes a {cls} of {said(given.kind)}", node)
        text = f"sf_new_list(sf_g_{cls}, ({self.bare(given)},))"
        return self.made(own_list(cls, item_of(given.kind)), text)

    def as_list_of(self, value: Value) -> Value:
        """The same object, for what is done to it as to any list."""
        return replace(value, kind=list_of(value.kind.parts[0]))

    def _on_own_list(
        self, which: str, value: Value, node: ast.Call, base: ast.expr
    ) -> Value | None:
        self.program.use_list(value.kind.cls)
        self.line(f"sf_bare_list({value.text}, sf_g_{value.kind.cls})")
        return self._on_list(which, self.as_list_of(value), node, base)

    def refine(self, base: ast.expr, kind: Kind) -> None:
        """What is put into a container tells what its place holds."""
        held = self.kind_of(base)
        if kind.name == "list" and held.name == "own_list":
            kind = own_list(held.cls, kind.parts[0])
        super().refine(base, kind)
