"""Ints from 0 to 2**64 - 1, as generators of random numbers and hashes have them, unboxed in C.

A local, attribute or item is one where some such value is stored to it. What is not known to be in
the range is asked when it is there: a negative number beside one leaves the call to the original.
"""

import ast

from selfsame.compiler.emit.cython.inplace.grouping import Grouping
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    STR,
    UNSIGNED,
    Kind,
    join,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.refusal import CannotPrint

_LEAST, _END = 1 << 63, 1 << 64
_WHOLE = frozenset({"int", "bool", "unsigned"})
_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod",
}  # fmt: skip
_BITS: dict[type[ast.operator], str] = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
_ORDER: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def _literal(value: Value) -> int | None:
    """What an int is known to be, where that is no less than 0."""
    text = value.text.removesuffix("LL")
    return int(text) if value.kind == INT and text.isdigit() else None


class Unsigned(Grouping):
    """Operators, comparisons and the like know more."""

    def literal(self, value: object, node: ast.AST) -> Value:
        """The value of a literal. Raises CannotPrint."""
        if type(value) is int and _LEAST <= value < _END:
            return Value(UNSIGNED, f"{value}ULL")
        return super().literal(value, node)

    # as other types

    def bare(self, value: Value) -> str:
        """The Python object, which nothing is to hold but variables."""
        if value.kind == UNSIGNED:
            return f"(<object>(<unsigned long long>{value.text}))"
        return super().bare(value)

    def number(self, value: Value, node: ast.AST) -> Value:
        """An unboxed number; one that needs all 64 bits is declined."""
        if value.kind.name == "unsigned":
            return Value(INT, f"sf_signed({self.some(value).text})")
        return super().number(value, node)

    def double(self, value: Value, node: ast.AST, exact: bool = False) -> str:
        """A number as ``double``; ``exact``: an int that is not exactly that is declined."""
        if value.kind == UNSIGNED and not exact:
            return f"(<double>{value.text})"
        return super().double(self._signed(value, node), node, exact)

    def _signed(self, value: Value, node: ast.AST) -> Value:
        """An int of C, with a sign, for one without."""
        return self.number(value, node) if value.kind.name == "unsigned" else value

    def _unsigned(self, value: Value, node: ast.AST) -> str:
        """An int that is no less than 0, without a sign; what is less is declined."""
        if value.kind == UNSIGNED:
            return value.text
        known = _literal(value)
        return f"{known}ULL" if known is not None else f"sf_unsigned({self.whole(value, node)})"

    def store(self, name: str, value: Value) -> None:
        """``name = value`` for a local."""
        at = self.spelled(name)
        kind = join(self.known.locals.get(at, BOTTOM), value.kind)
        if kind == UNSIGNED and value.kind == INT:
            self._given_whole(value)
            value = Value(kind, self._unsigned(value, self.known.node))
        super().store(name, value)

    def _given_whole(self, value: Value) -> None:
        """A parameter that is read once, here, is without a sign as what it is stored to is."""
        taken = self.known.node.args
        for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs):
            read = [n for n in ast.walk(self.known.node) if _reads(n, each.arg)]
            if value.text == f"v_{each.arg}" and len(read) == 1:
                self.known.locals[each.arg] = UNSIGNED
                self.program.changed = True

    def converted(self, value: Value, kind: Kind, node: ast.AST) -> str:
        """The value for a parameter or result of the kind."""
        if kind == UNSIGNED and value.kind == INT:
            return self._unsigned(value, node)
        return super().converted(value, kind, node)

    # operators

    def operated(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """``left op right``."""
        names = (left.kind.name, right.kind.name)
        fills = left.kind.some == STR and isinstance(op, ast.Mod)
        if "unsigned" not in names or BOTTOM in (left.kind, right.kind) or fills:
            return super().operated(op, left, right, node)
        left, right = self.some(left), self.some(right)
        if "member" in names:
            left, right = (
                self.held(self.number(v, node)) if v.kind.name == "member" else v
                for v in (left, right)
            )
        names = (left.kind.name, right.kind.name)
        if set(names) <= _WHOLE:
            return self._whole_numbers(op, left, right, node)
        if set(names) <= {"unsigned", "float"}:
            left, right = (Value(FLOAT, self.double(v, node)) for v in (left, right))
            if type(op) in _BITS:
                raise CannotPrint("has a bit operator on floats", node)
            return super().operated(op, left, right, node)
        return super().operated(op, self._beside(left, names), self._beside(right, names), node)

    def _beside(self, value: Value, names: tuple[str, ...]) -> Value:
        """What stands beside a value of another type: a number of any size, or one with a sign."""
        if value.kind != UNSIGNED or "instance" in names:
            return value
        if "any" in names:
            return self.made(ANY, self.boxed(value))
        return self.number(value, self.known.node)

    def _whole_numbers(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        if type(op) in _BITS:
            return self._bits(op, left, right, node)
        if isinstance(op, ast.LShift | ast.RShift):
            if left.kind != UNSIGNED:
                return super().operated(op, left, self.number(right, node), node)
            by = self.whole(right, node)
            if isinstance(op, ast.LShift):
                return Value(UNSIGNED, f"sf_u_shl({left.text}, {by})")
            found = f"sf_u_shr({left.text}, {by})"
            return self._fitting(found, (_literal(right) or 0) > 0)
        if isinstance(op, ast.Div):
            sides = [self._unsigned(v, node) for v in (left, right)]
            return Value(FLOAT, f"sf_u_truediv({sides[0]}, {sides[1]})")
        helper = _HELPERS.get(type(op))
        if helper is None:
            left, right = self._signed(left, node), self._signed(right, node)
            return super().operated(op, left, right, node)
        if isinstance(op, ast.Add | ast.Mult) and left.kind != UNSIGNED:
            left, right = right, left
        signs = right.kind != UNSIGNED and _literal(right) is None
        if isinstance(op, ast.Add | ast.Sub | ast.Mult) and left.kind == UNSIGNED and signs:
            return Value(UNSIGNED, f"sf_ui_{helper}({left.text}, {self.whole(right, node)})")
        found = f"sf_u_{helper}({self._unsigned(left, node)}, {self._unsigned(right, node)})"
        small = isinstance(op, ast.Mod) and right.kind != UNSIGNED
        return self._fitting(found, small or (helper == "floordiv" and (_literal(right) or 0) > 1))

    def _fitting(self, text: str, fits: bool) -> Value:
        """What is known to be below 2**63 has a sign again, as what it is used with mostly has."""
        return Value(INT, f"(<long long>{text})") if fits else Value(UNSIGNED, text)

    def _bits(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        if not isinstance(op, ast.BitAnd):
            sides = [self._unsigned(v, node) for v in (left, right)]
            return Value(UNSIGNED, f"({sides[0]} {_BITS[type(op)]} {sides[1]})")
        # Of a negative number those 64 bits count that it has in C.
        sides = [
            v.text if v.kind == UNSIGNED else f"(<unsigned long long>{self.whole(v, node)})"
            for v in (left, right)
        ]
        small = any(_literal(v) is not None for v in (left, right))
        return self._fitting(f"({sides[0]} & {sides[1]})", small)

    # comparisons and tests

    def compared(self, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> str:
        """A comparison, as a C truth value."""
        sign, names = _ORDER.get(type(op)), (left.kind.name, right.kind.name)
        missing = isinstance(op, ast.Eq | ast.NotEq) and self._either_is_none(left, right)
        nothing = {BOTTOM, NONE} & {left.kind, right.kind}
        if sign is None or "unsigned" not in names or missing or nothing:
            return super().compared(op, left, right, node)
        left, right = self.some(left), self.some(right)
        names = (left.kind.name, right.kind.name)
        if set(names) <= _WHOLE:
            known = [v.kind == UNSIGNED or _literal(v) is not None for v in (left, right)]
            if all(known):
                return f"({self._unsigned(left, node)} {sign} {self._unsigned(right, node)})"
            if left.kind == UNSIGNED:
                return f"(sf_ui_order({left.text}, {self.whole(right, node)}) {sign} 0)"
            return f"(0 {sign} sf_ui_order({right.text}, {self.whole(left, node)}))"
        left, right = self._beside(left, names), self._beside(right, names)
        return super().compared(op, left, right, node)

    def truth_of(self, value: Value, node: ast.AST) -> str:
        """Whether a value is true."""
        if value.kind == UNSIGNED:
            return f"({value.text} != 0)"
        return super().truth_of(value, node)

    def given_unsigned(self, which: str, value: Value, node: ast.Call) -> Value | None:
        """``abs(value)`` and the like; None where only a number with a sign has a form."""
        match which:
            case "bool":
                return Value(BOOL, self.truth_of(value, node))
            case "abs" | "int" | "round":
                return value
            case "float":
                return Value(FLOAT, self.double(value, node))
            case "bin" | "hex" | "oct":
                return self.checked(STR, f"{which}({self.boxed(value)})")
        return None


def _reads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
