"""Typed expressions to checked helper calls and plain C operators."""

import ast

from selfsame.compiler.emit.cython.complexes import ComplexValues
from selfsame.compiler.emit.cython.helpers import FLOAT_MATH
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.iteration import call, constant, name
from selfsame.compiler.emit.cython.nodes import Cast
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.texts import VIEWS
from selfsame.compiler.emit.cython.types import (
    BOOL,
    BYTES,
    CHAR,
    COMPLEXES,
    INT,
    STR,
    TEXT,
    WHOLE,
    WORD,
    Type,
    family,
)

_INT_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "sf_add",
    ast.Sub: "sf_sub",
    ast.Mult: "sf_mul",
    ast.FloorDiv: "sf_floordiv",
    ast.Mod: "sf_mod",
    ast.LShift: "sf_shl",
    ast.RShift: "sf_shr",
    ast.Pow: "sf_pow",
    ast.Div: "sf_truediv",
}
_LOW_HELPERS: dict[type[ast.operator], str] = {
    ast.Add: "sf_low_add",
    ast.Sub: "sf_low_sub",
    ast.Mult: "sf_low_mul",
}
_FLOAT_HELPERS: dict[type[ast.operator], str] = {
    ast.Div: "sf_fdiv",
    ast.FloorDiv: "sf_ffloordiv",
    ast.Mod: "sf_fmod",
    ast.Pow: "sf_fpow",
}
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor)


class Values(ComplexValues):
    """Lowers expressions of one function; ``flags`` names the int flag of each wide local."""

    def __init__(self, function: Inferred, flags: dict[str, str], prefix: str) -> None:
        self.function = function
        self.flags = flags
        self.prefix = prefix
        self.extra: list[ast.expr] = []
        self.unchecked: set[ast.Subscript] = set()

    def kind(self, node: ast.expr) -> Type:
        """The inferred type."""
        return self.function.types[node]

    def value(self, node: ast.expr) -> ast.expr:
        """The scalar, text or list value of ``node`` in C."""
        kind = self.function.types.get(node)  # a tuple that is returned has none
        if kind is not None and kind.kind in COMPLEXES:
            return self.complex(node)
        return self._value(node)

    def _value(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=str(text)) if len(text) == 1:
                return constant(ord(text))
            case ast.Constant(value=str()):
                return call("sf_text_of", node)
            case ast.Constant(value=bool(flag)):
                return constant(int(flag))
            case ast.Constant(value=int(number)) if number == -(1 << 63):
                return ast.BinOp(ast.Constant(number + 1), ast.Sub(), constant(1))
            case ast.Constant(value=float(number)) if number != number or abs(number) == 1e999:
                raise CannotPrint("has the constant inf or nan", node)
            case ast.Constant() | ast.Name():
                return node
            case ast.BinOp() if self.kind(node) == WORD:
                return self._text_operator(node)
            case ast.Tuple():
                return self.boxed(node)
            case ast.Dict():
                return Cast("object", node)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp(op=op, operand=operand):
                if isinstance(op, ast.Not):
                    return ast.UnaryOp(ast.Not(), self.truth(operand))
                return self._unary(node, op)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp(op=op, values=values):
                return ast.BoolOp(op, [self.value(v) for v in values])
            case ast.IfExp(test=test, body=body, orelse=orelse) if self.kind(node) == WORD:
                parts = (Cast("object", self.boxed(e)) for e in (body, orelse))
                return ast.IfExp(self.truth(test), *parts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return ast.IfExp(self.truth(test), self.value(body), self.value(orelse))
            case ast.Subscript(value=base, slice=index) if node in self.unchecked:
                return self._element(base, self.low(index), checked=False)
            case ast.Subscript(value=base, slice=index) if self.kind(base).kind == "dict":
                read = f"sf_dict_{_read(self.kind(node))}"
                return call(read, self.value(base), self.boxed(index))
            case ast.Subscript(value=base, slice=index) if self.kind(base).kind == "tuple":
                read = f"sf_tuple_{_read(self.kind(node))}"
                return call(read, self.value(base), self.value(index))
            case ast.Subscript(value=base, slice=index):
                return self._element(base, self.whole(index), checked=True)
            case ast.Call():
                return self._call(node)
        raise CannotPrint(f"has a {type(node).__name__} where a value belongs", node)

    def boxed(self, node: ast.expr) -> ast.expr:
        """The Python object that Python would have: the statements' half knows how."""
        raise NotImplementedError

    def _text_operator(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Mult):
            text, times = node.left, node.right
            if self.kind(text) == INT:
                text, times = times, text
            return call("sf_text_repeat", self.boxed(text), self.whole(times))
        if node in self.function.small.in_place and self.kind(node.left) == WORD:
            return call("sf_text_append", node.left, Cast("object", self.boxed(node.right)))
        left, right = (Cast("object", self.boxed(e)) for e in (node.left, node.right))
        return ast.BinOp(left, ast.Add(), right)

    def whole(self, node: ast.expr) -> ast.expr:
        """An int or bool as ``long long``."""
        value = self.value(node)
        return Cast("long long", value) if self.kind(node) == BOOL and _computed(value) else value

    def double(self, node: ast.expr, exact: bool = False) -> ast.expr:
        """A number as ``double``, rounded as Python rounds it; ``exact``: or a deopt."""
        kind, value = self.kind(node), self.value(node)
        if kind.kind in {"float", "wide"}:
            return value
        literal = value.value if isinstance(value, ast.Constant) else None
        if isinstance(literal, int) and abs(literal) <= 1 << 53:
            return ast.Constant(float(literal))
        return call("sf_exact", value) if exact else Cast("double", value)

    real = double
    plain_complex = _value

    def sure_double(self, node: ast.expr) -> ast.expr:
        """The same where Python's result would be an int if a wide local still held one."""
        if self.kind(node).kind == "wide" and isinstance(node, ast.Name):
            return call("sf_need_float", node, name(self.flags[node.id]))
        return self.double(node)

    def truth(self, node: ast.expr) -> ast.expr:
        """What ``if node`` tests."""
        if isinstance(node, ast.BoolOp):
            return ast.BoolOp(node.op, [self.truth(v) for v in node.values])
        kind = self.kind(node)
        if kind == CHAR:
            return constant(1)
        if kind.kind in TEXT or kind.kind in {"list", "dict", "set"}:
            return ast.Compare(self.length(node), [ast.NotEq()], [constant(0)])
        if kind.kind == "tuple":
            return constant(1)
        if kind.kind in {"int", "float", "wide", "bool"}:
            return self.value(node)
        raise CannotPrint(f"tests the truth of a {kind}", node)

    def length(self, node: ast.expr) -> ast.expr:
        """``len(node)``."""
        kind = self.kind(node)
        if kind.kind in TEXT:
            return ast.Attribute(self.text(node), "n", ast.Load())
        if kind.kind == "tuple":
            return constant(len(kind.items))
        if kind.kind in {"dict", "set"}:
            return call(f"sf_{kind.kind}_len", self.value(node))
        return call("sf_seq_len" if kind.boxed else "sf_len", self.base(node))

    def text(self, node: ast.expr) -> ast.expr:
        """A str or bytes as ``sf_text``."""
        value = self.value(node)
        if self.kind(node) != WORD:
            return value
        if isinstance(node, ast.BinOp | ast.IfExp) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            and node.func.id not in {"sf_item", "sf_some"}
        ):  # fmt: skip
            raise CannotPrint("uses a text that has no name", node)
        return call("sf_text_of", value)

    def base(self, node: ast.expr) -> ast.expr:
        """A list without a reference of one's own; only for what is named or part of a list."""
        if isinstance(node, ast.Name | ast.Subscript) or (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            and node.func.id == "sf_item"
        ):  # fmt: skip
            return self.value(node)
        raise CannotPrint("uses a list that has no name", node)

    def low(self, node: ast.expr) -> ast.expr:
        """The low 64 bits of an int expression: no overflow can be seen under a mask."""
        if isinstance(node, ast.BinOp) and self.kind(node) == INT:
            helper = _LOW_HELPERS.get(type(node.op))
            if helper:
                return call(helper, self.low(node.left), self.low(node.right))
            if isinstance(node.op, _BITS):
                return ast.BinOp(self.low(node.left), node.op, self.low(node.right))
            if isinstance(node.op, ast.LShift):
                return call("sf_low_shl", self.low(node.left), self.whole(node.right))
        return self.whole(node)

    def _binary(self, node: ast.BinOp) -> ast.expr:
        left, right, op = node.left, node.right, node.op
        kinds = {self.kind(left).kind, self.kind(right).kind}
        if kinds <= WHOLE:
            masked = self._masked(node)
            if masked is not None:
                return masked
            if isinstance(op, _BITS):
                return ast.BinOp(self.whole(left), op, self.whole(right))
            return call(_INT_HELPERS[type(op)], self.whole(left), self.whole(right))
        # Division gives a float whatever the operands are; so does any operator beside a float.
        sure = "float" in kinds or isinstance(op, ast.Div)
        to_double = self.double if sure else self.sure_double
        a, b = to_double(left), to_double(right)
        if sure and "float" not in kinds:
            # A wide operand may be an int: then both must be exact for one rounding to be right.
            a, b = self.double(left, exact=True), self.double(right, exact=True)
        helper = _FLOAT_HELPERS.get(type(op))
        return call(helper, a, b) if helper else ast.BinOp(a, op, b)

    def _masked(self, node: ast.BinOp) -> ast.expr | None:
        for mask, other in ((node.right, node.left), (node.left, node.right)):
            if not isinstance(mask, ast.Constant) or type(mask.value) is not int or mask.value < 0:
                continue
            if isinstance(node.op, ast.BitAnd):
                return ast.BinOp(self.low(other), ast.BitAnd(), constant(mask.value))
            power = mask.value > 0 and mask.value & (mask.value - 1) == 0
            if isinstance(node.op, ast.Mod) and power and mask is node.right:
                return ast.BinOp(self.low(other), ast.BitAnd(), constant(mask.value - 1))
        return None

    def _unary(self, node: ast.UnaryOp, op: ast.unaryop) -> ast.expr:
        operand = node.operand
        if self.kind(node) == INT:
            value = self.whole(operand)
            if isinstance(op, ast.USub):
                return call("sf_neg", value)
            return ast.UnaryOp(op, value) if isinstance(op, ast.Invert) else value
        value = self.sure_double(operand)
        return ast.UnaryOp(op, value) if isinstance(op, ast.USub) else value

    def _compare(self, node: ast.Compare) -> ast.expr:
        left, op, right = node.left, node.ops[0], node.comparators[0]
        a, b = self.kind(left), self.kind(right)
        if isinstance(op, ast.In | ast.NotIn):
            found = self._membership(left, right, node)
            return found if isinstance(op, ast.In) else ast.UnaryOp(ast.Not(), found)
        kinds = {a.kind, b.kind}
        if kinds & COMPLEXES and isinstance(op, ast.Eq | ast.NotEq):
            parts = (self.complex(e, sure=False, exact=True) for e in (left, right))
            same = call("sf_complex_eq", *parts)
            return same if isinstance(op, ast.Eq) else ast.UnaryOp(ast.Not(), same)
        if kinds <= WHOLE:
            return ast.Compare(self.whole(left), [op], [self.whole(right)])
        if kinds <= {"int", "float", "wide", "bool"}:
            sides = [self.size(e) or self.double(e, True) for e in (left, right)]
            return ast.Compare(sides[0], [op], sides[1:])
        if kinds == {"char"}:
            return ast.Compare(self.value(left), [op], [self.value(right)])
        if kinds <= {"token"} and isinstance(op, ast.Eq | ast.NotEq):
            return ast.Compare(self.value(left), [op], [self.value(right)])
        if a == b == WORD and isinstance(op, ast.Eq | ast.NotEq):
            same = call("sf_word_eq", self.value(left), self.value(right))
            return same if isinstance(op, ast.Eq) else ast.UnaryOp(ast.Not(), same)
        if kinds <= {"str", "word"} or a == b == BYTES:
            order = call("sf_text_cmp", self.text(left), self.text(right))
            return ast.Compare(order, [op], [constant(0)])
        if kinds in ({"str", "char"}, {"word", "char"}) and isinstance(op, ast.Eq | ast.NotEq):
            text, char = (left, right) if b == CHAR else (right, left)
            same = call("sf_text_is", self.text(text), self.value(char))
            return same if isinstance(op, ast.Eq) else ast.UnaryOp(ast.Not(), same)
        raise CannotPrint(f"compares {a} and {b}", node)

    def _membership(self, left: ast.expr, right: ast.expr, node: ast.Compare) -> ast.expr:
        a, b = self.kind(left), self.kind(right)
        if b.kind in {"dict", "set"}:
            return call(f"sf_{b.kind}_has", self.value(right), self.boxed(left))
        if (a, b) == (CHAR, CHAR):
            return ast.Compare(self.value(left), [ast.Eq()], [self.value(right)])
        letters = right.value if isinstance(right, ast.Constant) else None
        if (a, b) == (CHAR, STR) and isinstance(letters, str) and len(letters) <= 12:
            value = self.value(left)
            if not letters:
                return constant(0)
            if isinstance(value, ast.Name):
                same: list[ast.expr] = [
                    ast.Compare(value, [ast.Eq()], [constant(ord(c))]) for c in letters
                ]
                return ast.BoolOp(ast.Or(), same)
        if a == CHAR and b in (STR, WORD):
            return call("sf_text_has", self.text(right), self.value(left))
        if b.kind == "list" and not b.boxed and a == b.item and a in (INT, CHAR):
            return call(f"sf_{family(b)}_has", self.base(right), self.value(left))
        raise CannotPrint(f"looks for a {a} in a {b}", node)

    def _element(self, base: ast.expr, index: ast.expr, checked: bool) -> ast.expr:
        kind = self.kind(base)
        way = "at" if checked else "read"
        if kind.kind in TEXT:
            which = "bytes" if kind == BYTES else "text"
            return call(f"sf_{which}_{way}", self.text(base), index)
        if not kind.boxed:
            return call(f"sf_{family(kind)}_{way}", self.base(base), index)
        item = kind.item.kind
        if item == "tuple":
            return call("sf_seq_object", self.base(base), index)
        if item == "list":
            return call("sf_seq_row", self.base(base), index, name(self.row_kind(base)))
        return call(f"sf_seq_{item}", self.base(base), index)

    def row_kind(self, base: ast.expr) -> str:
        """``list`` or ``tuple``: the observed class of an argument's rows."""
        return self.function.row_kind

    def _call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        which, arguments = node.func.id, node.args
        if which in self.function.small.callees:
            return call(f"{self.prefix}{which}", *self.extra, *map(self._argument, arguments))
        if which == "sf_item":
            return self._element(arguments[0], self.value(arguments[1]), checked=False)
        if which == "sf_pop" and self.kind(arguments[0]).boxed:
            item = self.kind(node)
            taken = item.kind if item.kind in {"int", "float", "bool"} else "object"
            return call(f"sf_seq_pop_{taken}", name("pool"), self.base(arguments[0]))
        if which in {"sf_pop", "sf_pop_at"}:
            rest = [self.whole(a) for a in arguments[1:]]
            helper = f"sf_{family(self.kind(arguments[0]))}{which[2:]}"
            return call(helper, self.base(arguments[0]), *rest)
        if which == "sf_some":
            flag, held = arguments
            kind = self.kind(held).kind
            kind = kind if kind in {"int", "float", "bool", "char"} else "object"
            return call(f"sf_some_{kind}", flag, self._value(held))
        if which == "sf_new_set":
            return Cast("object", call("set"))
        if which == "sf_joined":
            parts = ast.Tuple([self._shown(a) for a in arguments], ast.Load())
            join = ast.Attribute(Cast("object", ast.Constant("")), "join", ast.Load())
            return Cast("object", ast.Call(join, [parts], []))
        if which == "sf_slice":
            return call(
                "sf_text_slice", self.text_of_any(arguments[0]), *map(self.whole, arguments[1:])
            )
        if which.startswith("sf_"):
            return call(which, *map(self.whole, arguments))
        if which.startswith(".") and (len(arguments) > 1 or self.kind(arguments[0]) != CHAR):
            return self._method(which[1:], arguments, self.kind(node))
        if which.startswith("."):
            return call(f"sf_{which[1:]}", self.value(arguments[0]))
        if which.startswith("math."):
            return self._math(which[5:], arguments)
        return self._builtin(which, arguments, node)

    def text_of_any(self, node: ast.expr) -> ast.expr:
        """Any text as a view; one letter has an object of its own that Python keeps."""
        if self.kind(node) == CHAR:
            raise CannotPrint("takes a slice of one letter", node)
        return self.text(node)

    def _shown(self, node: ast.expr) -> ast.expr:
        """One part of an f-string."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return node
        value, how, *spec = node.args
        shown: ast.expr = Cast("object", self.boxed(value))
        assert isinstance(how, ast.Constant)
        maker = {"r": "repr", "s": "str", "a": "ascii"}.get(str(how.value))
        if maker is not None:
            shown = Cast("object", call(maker, shown))
        return Cast("object", call("format", shown, *(spec or [ast.Constant("")])))

    def _method(self, which: str, arguments: list[ast.expr], kind: Type) -> ast.expr:
        base, *rest = arguments
        held = self.kind(base)
        if held.kind in COMPLEXES:
            return call(f"sf_complex_{which}", self.complex(base))
        if held.kind in {"dict", "set"} and which in VIEWS:
            return call(f"sf_{held.kind}_{which}", self.value(base))
        if held.kind == "dict":
            read = f"sf_dict_{_read(kind)}_or"
            other = self.boxed(rest[1]) if _read(kind) == "object" else self.value(rest[1])
            return call(read, self.value(base), self.boxed(rest[0]), other)
        if which == "join":
            between = self.boxed(base)
            return call(f"sf_{family(self.kind(rest[0]))}_join", between, self.base(rest[0]))
        method = ast.Attribute(Cast("object", self.boxed(base)), which, ast.Load())
        made = Cast("object", ast.Call(method, [Cast("object", self.boxed(a)) for a in rest], []))
        if kind == BOOL:
            return Cast("bint", made)
        return call("sf_exact_int", made) if kind == INT else made

    def _argument(self, node: ast.expr) -> ast.expr:
        kind = self.kind(node)
        if kind.kind == "list":
            return self.base(node)
        return self.sure_double(node) if kind.kind == "wide" else self.value(node)

    def _math(self, which: str, arguments: list[ast.expr]) -> ast.expr:
        if which in {"gcd", "isqrt"}:
            return call(f"sf_{which}", *map(self.whole, arguments))
        if which in {"floor", "ceil"} and self.kind(arguments[0]).kind in WHOLE:
            return self.whole(arguments[0])
        doubles = [self.double(a) for a in arguments]
        if which in {"isnan", "isinf", "fabs"}:
            return call(f"sf_c_{which}", *doubles)
        assert which in FLOAT_MATH or which in {"sqrt", "log", "atan2", "floor", "ceil"}
        return call(f"sf_{which}", *doubles)

    def _builtin(self, which: str, arguments: list[ast.expr], node: ast.Call) -> ast.expr:
        first = arguments[0]
        kind = self.kind(first)
        match which:
            case "min" | "max" if len(arguments) == 1:
                return call(f"sf_{family(kind)}_{which}", self.base(first))
            case "min" | "max":
                helper = f"sf_{which}" if kind == INT else f"sf_f{which}"
                return call(helper, *map(self.value, arguments))
            case "sum":
                return call("sf_ints_sum", self.base(first))
            case "pow" if len(arguments) == 3:
                return call("sf_powmod", *map(self.value, arguments))
            case "pow":
                power = ast.BinOp(first, ast.Pow(), arguments[1])
                return self._binary(power)
            case "len":
                return self.length(first)
            case "abs" if kind.kind in COMPLEXES:
                return call("sf_complex_abs", self.complex(first))
            case "abs" if kind.kind in WHOLE:
                return call("sf_abs", self.whole(first))
            case "abs":
                return call("sf_c_fabs", self.sure_double(first))
            case "ord":
                return Cast("long long", self.value(first))
            case "chr":
                return call("sf_chr", self.value(first))
            case "int" | "float" if kind.kind in {"str", "word"} or (kind, which) == (
                CHAR,
                "float",
            ):
                made = Cast("object", call(which, Cast("object", self.boxed(first))))
                return call(f"sf_exact_{which}", made)
            case "int" if kind == CHAR:
                return call("sf_digit", self.value(first))
            case "int" if kind.kind in WHOLE:
                return self.whole(first)
            case "int":
                return call("sf_trunc", self.value(first))
            case "float":
                return self.double(first)
            case "bool":
                return ast.Compare(self._flag(first), [ast.NotEq()], [constant(0)])
            case "round":
                return self.value(first) if kind == INT else call("sf_round", self.value(first))
        raise CannotPrint(f"calls {which}", node)

    def _flag(self, node: ast.expr) -> ast.expr:
        kind = self.kind(node)
        if kind.kind in TEXT or kind.kind == "list":
            return self.length(node)
        return self.value(node)


def _read(kind: Type) -> str:
    """How the helpers for tuples and dicts call a value."""
    return kind.kind if kind.kind in {"int", "float", "bool"} else "object"


def _computed(value: ast.expr) -> bool:
    """Whether Cython may see a Python-like bool here instead of a C int."""
    return isinstance(value, ast.Compare | ast.BoolOp | ast.UnaryOp)
