"""Whole numbers under a mask, as ``(h * 31 + ord(c)) & 0xFFFFFFFF``: where only low bits count no overflow is seen."""

import ast
import copy
from collections.abc import Callable, Iterator, Set

from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, FLOAT, INT, UNSIGNED
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.unsigned import Unsigned
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import must_rename

_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "sf_low_add", ast.Sub: "sf_low_sub", ast.Mult: "sf_low_mul", ast.LShift: "sf_low_shl",
}  # fmt: skip
_BITS: dict[type[ast.operator], str] = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
_LONGEST, _END = 1 << 63, 1 << 64
_MASKS = (ast.BitAnd, ast.Mod)
_WHOLE = frozenset({"int", "bool", "unsigned", "nothing"})


class _NotWhole(Exception):
    """An operand is no whole number of C."""


class Masks(Unsigned):
    """``_x_binop`` knows more."""

    def _x_binop(self, node: ast.BinOp) -> Value:
        if isinstance(node.op, _MASKS):
            found = self._masked(node, node.op)
            if found is not None:
                return found
        if isinstance(node.op, ast.Div):
            found = self._halved(node)
            if found is not None:
                return found
        return super()._x_binop(node)

    def _masked(self, node: ast.BinOp, op: ast.operator) -> Value | None:
        """The low bits of a whole number; None where that is not what it is."""
        sides = [(node.right, node.left), (node.left, node.right)]
        for given, other in sides if isinstance(op, ast.BitAnd) else sides[:1]:
            mark = self.mark()
            try:
                mask = self._mask(given, op)
                if mask is not None and (mask >= _LONGEST or _overflows(other)):
                    return _under(self._low(other), mask)
                held = isinstance(op, ast.BitAnd) and isinstance(given, ast.Name | ast.Attribute)
                if mask is None and held and given is node.right and _overflows(other):
                    # All below 2**64, and so are both.
                    low, over = self._low(other), self.expression(given)
                    if over.kind == UNSIGNED:
                        return Value(UNSIGNED, f"(<unsigned long long>{low} & {over.text})")
            except (_NotWhole, CannotPrint):
                pass  # without the mask it may have a form all the same
            self.take_back(mark)
        return None

    def _halved(self, node: ast.BinOp) -> Value | None:
        """A whole number divided by a large power of two, which changes no digit; None for all else."""
        by = self._known(node.right)
        if by is None or not _LONGEST <= by <= 1 << 512 or by & (by - 1):
            return None
        value = self.expression(node.left)
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind.none or value.kind.name not in {"int", "unsigned", "float"}:
            raise CannotPrint("divides by an int of more than 64 bits", node)
        return Value(FLOAT, f"(<double>{value.text} / {float(by)!r})")

    def _mask(self, node: ast.expr, op: ast.operator) -> int | None:
        """What is known to be a mask, or one less than it; None where that is not known or is too wide."""
        number = self._known(node)
        if number is not None and isinstance(op, ast.Mod):
            number = number - 1 if number > 0 and number & (number - 1) == 0 else None
        return number if number is not None and 0 <= number < _END else None

    def _known(self, node: ast.expr) -> int | None:
        """What the text says that an int always is."""
        told = _Constants(self._constant).visit(copy.deepcopy(node))
        found = constant_value(told) if isinstance(told, ast.expr) else None
        return found if type(found) is int else None

    def _constant(self, node: ast.expr) -> int | None:
        """What a name of a module is in its text, which each call looks at."""
        found = self.target(node)
        if (
            found is None
            or found.kind != "constant"
            or must_rename(ast.unparse(node).split(".")[-1])
        ):
            return None
        value = found.home.names.literal(found.name)
        if type(value) is not int:
            return None
        try:
            self.expression(node)
        except CannotPrint:  # but it is looked at
            if value < _END:
                return None
        return value

    def _low(self, node: ast.expr, kinds: Set[str] = _WHOLE) -> str:
        """The low 64 bits of a whole number, whose parts are of these types."""
        match node:
            case ast.BinOp(op=ast.LShift()):
                shifted = self._low(node.left, kinds)
                return f"sf_low_shl({shifted}, {self._exact(node.right, kinds)})"
            case ast.BinOp(op=op) if type(op) in _HELPERS:
                sides = self._low(node.left, kinds), self._low(node.right, kinds)
                return f"{_HELPERS[type(op)]}({sides[0]}, {sides[1]})"
            case ast.BinOp(op=op) if type(op) in _BITS:
                sides = self._low(node.left, kinds), self._low(node.right, kinds)
                return f"({sides[0]} {_BITS[type(op)]} {sides[1]})"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"sf_low_sub(0, {self._low(operand, kinds)})"
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                if isinstance(operand, ast.BinOp) and type(operand.op) in _HELPERS:
                    return f"(~{self._low(operand, kinds)})"
                return f"(~{self._exact(operand, kinds - {'bool'})})"  # of a bool, Python warns
        return self._exact(node, kinds)

    def _exact(self, node: ast.expr, kinds: Set[str]) -> str:
        value = self.expression(node)
        if value.kind.none or value.kind.name not in kinds:
            raise _NotWhole
        if value.kind == BOTTOM and not self.program.final:
            return "0"
        return f"(<long long>{value.text})" if value.kind == UNSIGNED else self.whole(value, node)

    def merged(self, body: list[ast.stmt]) -> Iterator[tuple[int, ast.stmt]]:
        """The statements and where each stands; ``h *= 31`` and ``h &= MASK`` behind it are one."""
        before: tuple[int, ast.stmt] | None = None
        for at, statement in enumerate(body):
            if before is not None:
                whole = self._both(before[1], statement)
                if whole is not None:
                    before = before[0], whole
                    continue
                yield before
            before = at, statement
        if before is not None:
            yield before

    def _both(self, first: ast.stmt, second: ast.stmt) -> ast.stmt | None:
        """One statement for two, of which the second leaves the low bits of the int that the first stores."""
        made, mask = _step(first), _step(second)
        if made is None or mask is None:
            return None
        (which, value), (name, over) = made, mask
        ours = isinstance(over.left, ast.Name) and name == which == over.left.id
        if not (ours and isinstance(over.op, _MASKS) and self.own(which) and _overflows(value)):
            return None
        kind = self.known.locals.get(self.spelled(which), BOTTOM)
        if kind.none or kind.name not in _WHOLE or self._mask(over.right, over.op) is None:
            return None
        mark = self.mark()
        try:
            self._low(value, _WHOLE - {BOTTOM.name})
        except (_NotWhole, CannotPrint):
            return None
        finally:
            self.take_back(mark)
        within = ast.copy_location(ast.BinOp(value, over.op, over.right), second)
        stored = ast.copy_location(ast.Name(which, ast.Store()), first)
        return ast.copy_location(ast.Assign([stored], within), first)


class _Constants(ast.NodeTransformer):
    """Names whose values are known, as literals."""

    def __init__(self, known: Callable[[ast.expr], int | None]) -> None:
        self._of = known

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or what it is."""
        match node:
            case ast.Name() | ast.Attribute():
                value = self._of(node)
                return node if value is None else ast.copy_location(ast.Constant(value), node)
            case ast.BinOp() | ast.UnaryOp():
                return self.generic_visit(node)
        return node


def _step(statement: ast.stmt) -> tuple[str, ast.BinOp] | None:
    """The local and the operator of ``h = a + b``, or of ``h += b``; None where it is something else."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=which)], value=ast.BinOp() as value):
            return which, value
        case ast.AugAssign(target=ast.Name(id=which) as target):
            read = ast.copy_location(ast.Name(which, ast.Load()), target)
            value = ast.BinOp(read, statement.op, statement.value)
            return which, ast.copy_location(value, statement)
    return None


def _under(low: str, mask: int) -> Value:
    """The bits of a mask."""
    if mask < _LONGEST:
        return Value(INT, f"({low} & {mask}LL)")
    text = f"<unsigned long long>{low}"
    return Value(UNSIGNED, f"({text})" if mask + 1 == _END else f"({text} & {mask}ULL)")


def _overflows(node: ast.expr) -> bool:
    """Whether a sum or the like stands where only its low bits count."""
    match node:
        case ast.BinOp(op=op) if type(op) in _HELPERS:
            return True
        case ast.BinOp(op=op) if type(op) in _BITS:
            return _overflows(node.left) or _overflows(node.right)
        case ast.UnaryOp(op=ast.Invert() | ast.USub()):
            return True
    return False
