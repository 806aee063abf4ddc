"""``array.array``: what is read out of one and stored to it, and new ones.

What does not fit its type code, NaN (which is not told from others but in an array), and an index that it
does not have, are left to the original.
"""

import ast

from selfsame.compiler.emit.cython.inplace.arrays_c import CODES
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    Kind,
    array_of,
    item_of,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.unknown import Unknown
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_GIVEN = frozenset({"list", "row", "tuple", "bytes", "bytearray", "array"})


class Arrays(Unknown):
    """Arrays of numbers; one that came in keeps its length."""

    def expression(self, node: ast.expr) -> Value:
        """The value of ``node``: the values' part knows how."""
        raise NotImplementedError

    def array_item(self, base: Value, index: str) -> Value:
        """What an array has at an index."""
        text = f"sf_array_at_{base.kind.cls}({base.text}, {index})"
        return self.made(item_of(base.kind), text, fresh=False)

    def put_in_array(self, base: Value, at: Value, value: Value, node: ast.AST) -> None:
        """``base[at] = value``."""
        pool = "NULL" if base.fresh else "pool"
        index = self.whole(at, node)
        item = self._number_for(base.kind, value, node)
        self.line(f"sf_array_put_{base.kind.cls}({pool}, {base.text}, {index}, {item})")

    def _number_for(self, kind: Kind, value: Value, node: ast.AST) -> str:
        """A number as an array takes it: an int is one of floats, too."""
        return (self.double if item_of(kind) == FLOAT else self.whole)(value, node)

    def new_array(self, code: ast.expr, given: Value | None, node: ast.AST) -> Value:
        """``array(code, given)``."""
        which = code.value if isinstance(code, ast.Constant) else None
        if not isinstance(which, str) or which not in CODES:
            raise CannotPrint("makes an array of no type code for numbers", node)
        if given is not None and given.kind == BOTTOM and not self.program.final:
            return Value(array_of(which), "None", fresh=True)
        if given is not None and given.kind.name not in _GIVEN:
            raise CannotPrint(f"makes an array of {said(given.kind)}", node)
        held = "()" if given is None else self.boxed(given)
        return self.made(array_of(which), f"sf_new_array({ord(which)}, {held})")

    def _on_array(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        match which, [self.held(self.some(self.expression(a))) for a in node.args]:
            case "tolist", []:
                return self.made(list_of(item_of(value.kind)), f"(<object>{value.text}).tolist()")
            case "append", [new] if value.fresh:
                number = self._number_for(value.kind, new, node)
                self.line(f"sf_array_append_{value.kind.cls}({value.text}, {number})")
                return Value(NONE, "None", fresh=True)
            case "append", [_]:
                raise CannotPrint("makes an array longer that was not made in the call", node)
        return None

    def array_length(self, value: Value) -> str:
        """How many items an array has, in a variable."""
        return self.made(INT, f"sf_array_len({value.text})").text
