"""What is never equal, and what may be None beside what it is compared with."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import BYTES_LIKE, NONE, NUMBERS, SETS, Kind
from selfsame.compiler.emit.cython.inplace.membership import Membership
from selfsame.compiler.emit.cython.inplace.state import Value

_NUMBERS = NUMBERS | {"unsigned"}
_FAMILIES = (_NUMBERS, {"str"}, BYTES_LIKE, {"list"}, {"tuple", "row", "named"}, SETS)
# What equals None only where it is None.
_EQUAL_BY_VALUE = _NUMBERS | {"member", "str", "tuple", "row", "named", "list"}


class Equality(Membership):
    """Parts of ``==``."""

    def _either_is_none(self, left: Value, right: Value) -> bool:
        """Whether one side may be None, and both are of types that say nothing of their own of that."""
        kinds = (left.kind, right.kind)
        plain = all(kind == NONE or kind.name in _EQUAL_BY_VALUE for kind in kinds)
        return plain and any(kind == NONE or kind.none for kind in kinds)

    def _same_or_none(self, left: Value, right: Value, node: ast.AST) -> str:
        """``left == right``, where None equals itself alone."""
        sides = [self.held(left), self.held(right)]
        missing = [f"({v.text} is None)" for v in sides if v.kind == NONE or v.kind.none]
        found = self.temp("bint")
        self.line(f"{found} = {' and '.join(missing) if len(missing) == 2 else 'False'}")
        if NONE not in (left.kind, right.kind):
            with self.block(f"if not ({' or '.join(missing)})"):
                one, other = map(self.some, sides)
                self.line(f"{found} = {self.compared(ast.Eq(), one, other, node)}")
        return found

    def _by_identity(self, a: Kind, b: Kind) -> bool:
        """Whether two instances, of several classes or None among them, equal nothing but themselves."""
        simple = all(kind.cls in self.program.classes and not kind.none for kind in (a, b))
        return not simple and self.equal_themselves(a, b)

    def _never_equal(self, a: Kind, b: Kind) -> bool:
        """Whether values of two types are told apart by their types alone."""
        families = [next((f for f in _FAMILIES if k.name in f), None) for k in (a, b)]
        return None not in families and families[0] is not families[1]

    def _wrote_equality(self, kind: Kind) -> bool:
        facts = self.program.classes.get(kind.cls)
        return facts is not None and "__eq__" in facts.wrote and "__ne__" not in facts.names
