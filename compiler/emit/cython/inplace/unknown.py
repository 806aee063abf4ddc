"""Values of unknown type: what is done to one says what it should be, and that is asked when it is there.

Only where calls were seen: then what has no one type held several. All else is left to the original.
"""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    INT,
    NUMBERS,
    STR,
    WIDE,
    Kind,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import Writing

_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor", ast.LShift: "lshift", ast.RShift: "rshift",
}  # fmt: skip
_SCALARS = frozenset({"any", "int", "bool", "wide", "str"})


class Unknown(Writing):
    """Narrows values to what is asked of them."""

    def unknown(self, value: Value) -> bool:
        """Whether a value may be narrowed."""
        return value.kind == ANY and self.program.observed

    def as_kind(self, value: Value, kind: Kind) -> Value:
        """The value where it is of the kind, else a deopt; what may not be narrowed as it is."""
        return (
            self.narrowed(kind, self.held(value).text, value.fresh)
            if self.unknown(value)
            else value
        )

    def operated_unknown(self, op: ast.operator, left: Value, right: Value) -> Value | None:
        """``left op right`` as Python has it, of numbers of any size or texts; None where there is no such form."""
        kinds = {left.kind.name, right.kind.name}
        helper = _HELPERS.get(type(op))
        text = kinds == {"any", "str"}
        if (
            helper is None
            or "float" in kinds
            or not kinds <= _SCALARS
            or (text and helper != "add")
        ):
            return None
        if not any(map(self.unknown, (left, right))):
            return None
        found = f"sf_any_{helper}({self.boxed(left)}, {self.boxed(right)})"
        return self.made(STR if text else ANY, found)

    def as_operands(self, op: ast.operator, left: Value, right: Value) -> tuple[Value, Value]:
        """Both sides of an operator whose result is a float: an unknown one is a number."""
        if not isinstance(op, (*_HELPERS, ast.Div, ast.Pow)):
            return left, right
        other = right if self.unknown(left) else left
        if other.kind == ANY or other.kind.name in NUMBERS:
            return self.as_kind(left, WIDE), self.as_kind(right, WIDE)
        return left, right

    def plain(self, value: Value) -> Value:
        """The value where it is a number, a text, None or a tuple of such; else a deopt."""
        if not self.unknown(value) and not value.kind.none:
            return value
        value = self.held(value)
        self.decline(f"not sf_plain({value.text})")
        return value

    def item_of_unknown(self, base: Value, at: Value) -> Value:
        """``base[at]`` of a list, tuple, text or dict."""
        if at.kind == INT:
            return self.checked(ANY, f"sf_item_at({base.text}, {at.text})")
        return self.checked(ANY, f"sf_item_of({base.text}, {self.boxed(at)})")

    def truth_of_unknown(self, value: Value) -> str:
        """Whether a builtin value is true."""
        return self.made(BOOL, f"sf_truth_of({value.text})").text

    def length_of_unknown(self, value: Value) -> str:
        """The length of a builtin value."""
        return self.made(INT, f"sf_length_of({value.text})").text
