"""Methods of ints: their bits, and whole numbers read out of bytes and written into them."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, BYTES_LIKE, INT, Kind
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.unmade import Unmade
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_ORDERS = ("big", "little")


class Integers(Unmade):
    """What does not fit 64 bits, and what raises, is left to the original."""

    def whole_of_bytes(self, node: ast.Call) -> Value:
        """``int.from_bytes(data, order, signed=...)``."""
        order, signed = self._order_of(node)
        data = self.some(self.expression(node.args[0]))
        if data.kind == BOTTOM and not self.program.final:
            return Value(INT, "0")
        if data.kind.name not in BYTES_LIKE:
            raise CannotPrint(f"reads an int out of {said(data.kind)}", node)
        return self.checked(INT, f"int.from_bytes({self.boxed(data)}, {order!r}, signed={signed})")

    def on_whole(self, which: str, value: Value, node: ast.Call) -> Value | None:
        """``value.which(...)``; None where there is no compiled form."""
        if which in ("bit_length", "bit_count") and not node.args and not node.keywords:
            return self.checked(INT, f"(<object>(<long long>{value.text})).{which}()")
        if which != "to_bytes":
            return None
        order, signed = self._order_of(node)
        size = self.whole(self.expression(node.args[0]), node) if node.args else "1"
        text = f"(<object>(<long long>{value.text})).to_bytes({size}, {order!r}, signed={signed})"
        return self.made(Kind("bytes"), text)

    def _order_of(self, node: ast.Call) -> tuple[str, bool]:
        """The order of the bytes, which may be the second argument, and whether there is a sign."""
        given = {k.arg: k.value for k in node.keywords}
        if len(node.args) == 2 and "byteorder" not in given:
            given["byteorder"] = node.args[1]
        order = given.pop("byteorder", ast.Constant("big"))
        match order, given.pop("signed", ast.Constant(False)):
            case ast.Constant(str() as written), ast.Constant(bool() as signed):
                if written in _ORDERS and not given and len(node.args) <= 2:
                    return written, signed
        raise CannotPrint(
            "the order of bytes, or whether they have a sign, is not written out", node
        )
