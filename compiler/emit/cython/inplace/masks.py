"""Whole numbers under a mask, as ``(h * 31 + ord(c)) & 0xFFFFFFFF``: where only low bits count no overflow is seen."""

import ast

from selfsame.compiler.emit.cython.inplace.iterators import Iterators
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, INT
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "sf_low_add", ast.Sub: "sf_low_sub", ast.Mult: "sf_low_mul", ast.LShift: "sf_low_shl",
}  # fmt: skip
_BITS: dict[type[ast.operator], str] = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
_NAMED = (ast.Constant, ast.Name, ast.Attribute, ast.BinOp)


class _NotWhole(Exception):
    """An operand is no whole number of C."""


class Masks(Iterators):
    """``_x_binop`` knows more."""

    def _x_binop(self, node: ast.BinOp) -> Value:
        sides = [(node.right, node.left), (node.left, node.right)]
        for given, other in sides if isinstance(node.op, ast.BitAnd) else sides[:1]:
            if not isinstance(node.op, ast.BitAnd | ast.Mod) or not _overflows(other):
                continue
            mark = self.mark()
            try:
                mask = self._mask(given, node.op)
                low = self._low(other) if mask is not None else ""
                if mask is not None:
                    return Value(INT, f"({low} & {mask}LL)")
            except (_NotWhole, CannotPrint):
                pass  # without the mask it may have a form all the same
            self.take_back(mark)
        return super()._x_binop(node)

    def _mask(self, node: ast.expr, op: ast.operator) -> int | None:
        """What is known to be a mask, or one more than it; None where that is not known or is too wide."""
        if not isinstance(node, _NAMED):
            return None
        value = self.expression(node)
        text = value.text.removesuffix("LL")
        if value.kind != INT or not text.isdigit():
            return None
        number = int(text)
        if isinstance(op, ast.BitAnd):
            return number
        return number - 1 if number > 0 and number & (number - 1) == 0 else None

    def _low(self, node: ast.expr) -> str:
        """The low 64 bits of a whole number."""
        match node:
            case ast.BinOp(op=ast.LShift()):
                return f"sf_low_shl({self._low(node.left)}, {self._exact(node.right)})"
            case ast.BinOp(op=op) if type(op) in _HELPERS:
                return f"{_HELPERS[type(op)]}({self._low(node.left)}, {self._low(node.right)})"
            case ast.BinOp(op=op) if type(op) in _BITS:
                return f"({self._low(node.left)} {_BITS[type(op)]} {self._low(node.right)})"
        return self._exact(node)

    def _exact(self, node: ast.expr) -> str:
        value = self.expression(node)
        if value.kind == BOTTOM and not self.program.final:
            return "0"
        if value.kind.none or value.kind.name not in {"int", "bool"}:
            raise _NotWhole
        return self.whole(value, node)


def _overflows(node: ast.expr) -> bool:
    """Whether a sum or the like stands where only its low bits count."""
    match node:
        case ast.BinOp(op=op) if type(op) in _HELPERS:
            return True
        case ast.BinOp(op=op) if type(op) in _BITS:
            return _overflows(node.left) or _overflows(node.right)
    return False
