"""Members of enumerations in place: they are what they are, once for each class.

That the class is a plain enumeration is looked at when a call starts, and its members are read then: its
metaclass does not let them be bound anew.
"""

import ast

from selfsame.compiler.emit.cython.inplace.homes import Target
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, INT, STR, Kind, join, member
from selfsame.compiler.emit.cython.inplace.named_tuples import NamedTuples
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Enums(NamedTuples):
    """Reads members, and what they are called and stand for."""

    def target(self, node: ast.expr) -> Target | None:
        """What a name stands for in the tree: the attributes' part knows."""
        raise NotImplementedError

    def key(self, value: Value, node: ast.AST) -> str:
        """A key as an object: the memberships' part knows how."""
        raise NotImplementedError

    def enum_named(self, node: ast.expr) -> str:
        """The enumeration that ``node`` is the name of, or empty."""
        found = self.target(node)
        return found.spelled if found is not None and found.kind == "enum" else ""

    def of_enum(self, node: ast.Attribute) -> Value | None:
        """``Color.RED``; None where that is no member of an enumeration."""
        cls = self.enum_named(node.value)
        if not cls:
            return None
        facts = self.program.linked.enums[cls]
        if facts is None or node.attr not in facts.members:
            raise CannotPrint(f"reads {node.attr} of {cls}, which is no member", node)
        self.program.use_enum(cls)
        self.program.members.add((cls, node.attr))
        return Value(member(cls), f"sf_g_{cls}__at__{node.attr}")

    def all_members(self, node: ast.expr) -> Value | None:
        """What there is to be looped over in ``Color``; None where ``node`` names no enumeration."""
        cls = self.enum_named(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if not cls:
            return None
        self.program.use_enum(cls)
        return self.made(Kind("row", (member(cls),)), f"sf_members(sf_g_{cls})")

    def of_value(self, cls: str, node: ast.Call) -> Value:
        """``Color(1)``."""
        if len(node.args) != 1 or node.keywords:
            raise CannotPrint(f"makes a {cls} of several values", node)
        value = self.held(self.some(self.expression(node.args[0])))
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind == member(cls):
            return value
        self.program.use_enum(cls)
        return self.made(member(cls), f"sf_member_of(sf_g_{cls}, {self.key(value, node)})")

    def of_member(self, value: Value, attribute: str, node: ast.AST) -> Value:
        """``color.name`` and ``color.value``."""
        linked, cls = self.program.linked, value.kind.cls
        if attribute == "name":
            return self.checked(STR, f"sf_of_member({value.text}, '_name_')")
        if attribute != "value":
            raise CannotPrint(f"reads {attribute} of {said(value.kind)}", node)
        (home, _), facts = linked.enum_of[cls], linked.enums[cls]
        kind = BOTTOM
        for each in facts.members.values() if facts is not None else ():
            counted = isinstance(each, ast.Call) and not each.args
            kind = join(kind, INT if counted else linked.kind_of(home, each))
        return self.checked(kind, f"sf_of_member({value.text}, '_value_')")
