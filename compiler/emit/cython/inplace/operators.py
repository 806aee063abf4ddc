"""Operators, comparisons and tests: numbers in C, all else by what Python would do."""

import ast
from dataclasses import replace

from selfsame.compiler.emit.cython.inplace.functions import Functions
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    BYTES_LIKE,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    RANGE,
    SETS,
    STR,
    WIDE,
    Kind,
    instance,
    is_closure,
    item_of,
    join,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_INT = {
    ast.Add: "sf_add", ast.Sub: "sf_sub", ast.Mult: "sf_mul", ast.FloorDiv: "sf_floordiv",
    ast.Mod: "sf_mod", ast.LShift: "sf_shl", ast.RShift: "sf_shr", ast.Pow: "sf_pow",
}  # fmt: skip
_BITS = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^"}
_PLAIN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_FLOAT = {ast.FloorDiv: "sf_ffloordiv", ast.Mod: "sf_fmod", ast.Pow: "sf_fpow", ast.Div: "sf_fdiv"}
_WIDE = {ast.FloorDiv: "sf_wide_floordiv", ast.Mod: "sf_wide_mod"}
_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_THEMSELVES = frozenset({"instance", "member", "function", "list", "dict", "set", "deque"})
"""Kinds whose values are the program's own objects, whatever is done to them."""
_CODES = {"<": 0, "<=": 1, ">": 4, ">=": 5}  # Py_LT and the like
_METHODS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("__add__", "__radd__"), ast.Sub: ("__sub__", "__rsub__"),
    ast.Mult: ("__mul__", "__rmul__"), ast.Div: ("__truediv__", "__rtruediv__"),
    ast.FloorDiv: ("__floordiv__", "__rfloordiv__"), ast.Mod: ("__mod__", "__rmod__"),
    ast.Pow: ("__pow__", "__rpow__"), ast.BitAnd: ("__and__", "__rand__"),
    ast.BitOr: ("__or__", "__ror__"), ast.BitXor: ("__xor__", "__rxor__"),
    ast.MatMult: ("__matmul__", "__rmatmul__"), ast.LShift: ("__lshift__", "__rlshift__"),
    ast.RShift: ("__rshift__", "__rrshift__"), ast.Lt: ("__lt__", "__gt__"),
    ast.Gt: ("__gt__", "__lt__"), ast.LtE: ("__le__", "__ge__"), ast.GtE: ("__ge__", "__le__"),
    ast.Eq: ("__eq__", "__eq__"), ast.NotEq: ("__ne__", "__ne__"),
}  # fmt: skip


def in_place_method(op: ast.operator) -> str:
    """``__iadd__`` for ``+=``."""
    return f"__i{_METHODS[type(op)][0][2:]}"


_UNARY: dict[type[ast.unaryop], str] = {
    ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"
}  # fmt: skip


class Operators(Functions):
    """Values of operators, of values."""

    def _x_binop(self, node: ast.BinOp) -> Value:
        left = self.expression(node.left)
        return self.operated(node.op, left, self.expression(node.right), node)

    def operated(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        """``left op right``."""
        left = self.some(left)
        if left.kind == STR and isinstance(op, ast.Mod):
            return self.filled(left, right, node)
        right = self.some(right)
        a, b = left.kind, right.kind
        if BOTTOM in (a, b) and not self.program.final:
            return Value(BOTTOM, "0")
        if "member" in (a.name, b.name):  # which an operator takes for the int that it is
            left, right = self.held(self.number(left, node)), self.held(self.number(right, node))
            a, b = left.kind, right.kind
        if ANY in (a, b):
            known = self.operated_unknown(op, left, right)
            if known is not None:
                return known
            left, right = self.as_operands(op, left, right)
            a, b = left.kind, right.kind
        if "instance" in (a.name, b.name):
            return self._method_operator(op, left, right, node)
        if a.name in NUMBERS and b.name in NUMBERS:
            return self._numbers(op, left, right, node)
        joined = a == b if a.name == "array" else a.name == b.name
        if isinstance(op, ast.Add) and joined and a.name in {"list", "str", "row", "array"}:
            kind = join(a, b)
            return self.made(kind, f"({self.bare(left)} + {self.bare(right)})")
        if isinstance(op, ast.Add) and {a.name, b.name} <= BYTES_LIKE:
            return self.made(a, f"({self.bare(left)} + {self.bare(right)})")
        if isinstance(op, ast.Add) and {a.name, b.name} <= {"tuple", "row"}:
            kind = join(a, b)
            if a.name == b.name == "tuple":
                kind = Kind("tuple", a.parts + b.parts)
            return self.made(kind, f"({self.bare(left)} + {self.bare(right)})")
        if isinstance(op, ast.Mult):
            for seq, times in ((left, right), (right, left)):
                if times.kind.name in {"int", "bool", "wide"} and seq.kind.name in {
                    "list",
                    "row",
                    "tuple",
                    "str",
                    "bytes",
                    "bytearray",
                    "array",
                }:
                    kind = seq.kind
                    if kind.name == "tuple":
                        kind = Kind("row", (item_of(kind),))
                    return self.made(
                        kind, f"sf_list_times({self.bare(seq)}, {self.whole(times, node)})"
                    )
        if {a.name, b.name} <= SETS and type(op) in {ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub}:
            kind = Kind(a.name, (join(item_of(a), item_of(b)),))
            return self.made(kind, self._of_sets(_BITS.get(type(op), "-"), left, right))
        raise CannotPrint(f"has an operator on {said(a)} and {said(b)}", node)

    def _of_sets(self, sign: str, left: Value, right: Value) -> str:
        """An operator on two sets, whose items say nothing of their own."""
        left, right = self.held(left), self.held(right)
        self.decline(f"not sf_are_keys({left.text}) or not sf_are_keys({right.text})")
        return f"({left.text} {sign} {right.text})"

    def _numbers(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        if isinstance(op, ast.Div | ast.FloorDiv | ast.Mod) and self.program.caught:
            right = self.held(right)
            self.missed("ZeroDivisionError", f"{right.text} == 0", None)
        kinds = {left.kind.name, right.kind.name}
        if isinstance(op, ast.MatMult):
            raise CannotPrint("has a matrix product of numbers", node)
        if type(op) in _BITS:
            if "float" in kinds:
                raise CannotPrint("has a bit operator on floats", node)
            sign, both = _BITS[type(op)], [self.whole(v, node) for v in (left, right)]
            if kinds == {"bool"}:
                return Value(BOOL, f"(({both[0]} {sign} {both[1]}) != 0)")
            return Value(INT, f"({both[0]} {sign} {both[1]})")
        shifts = isinstance(op, ast.LShift | ast.RShift)
        if shifts and "float" in kinds:
            raise CannotPrint("has a shift of floats", node)
        if shifts or kinds <= {"int", "bool"}:
            both = [self.whole(v, node) for v in (left, right)]
            if isinstance(op, ast.Div):
                return Value(FLOAT, f"sf_truediv({both[0]}, {both[1]})")
            return Value(INT, f"{_INT[type(op)]}({both[0]}, {both[1]})")
        wide = "wide" in kinds and "float" not in kinds
        sides = [self.double(v, node) for v in (left, right)]
        if wide and type(op) in _PLAIN:
            flags = " and ".join(v.flag or "1" for v in (left, right))
            flag = self.temp("int")
            self.line(f"{flag} = {flags}")
            text = f"{sides[0]} {_PLAIN[type(op)]} {sides[1]}"
            return self.held(Value(WIDE, f"sf_wide_of({text}, {flag})", flag))
        if wide and type(op) in _WIDE:
            ints = [v.flag or "1" for v in (left, right)]
            given = f"{sides[0]}, {ints[0]}, {sides[1]}, {ints[1]}"
            flag = self.temp("int")
            self.line(f"{flag} = {' and '.join(ints)}")
            return self.held(Value(WIDE, f"{_WIDE[type(op)]}({given})", flag))
        if wide and not isinstance(op, ast.Div):
            sides = [
                f"sf_need_float({v.text}, {v.flag})" if v.flag else s
                for v, s in zip((left, right), sides, strict=True)
            ]
        if type(op) in _PLAIN:
            return Value(FLOAT, f"({sides[0]} {_PLAIN[type(op)]} {sides[1]})")
        return Value(FLOAT, f"{_FLOAT[type(op)]}({sides[0]}, {sides[1]})")

    def _method_operator(
        self, op: ast.operator | ast.cmpop, left: Value, right: Value, node: ast.AST
    ) -> Value:
        for value, name, other in self._asked(op, left, right, node):
            if value.kind.name == "instance":
                facts = self.facts(value.kind, node)
                if name in facts.wrote and other.kind != value.kind:
                    break  # of another class it is compared in another way
                if name in facts.methods:
                    if other.kind.name == "instance":
                        self.line(f"sf_own({other.text}, &sf_k_{self.class_of(other)})")
                    return self.special(value, name, [other], node)
                if name in facts.names:
                    break
        raise CannotPrint(f"has an operator on {said(left.kind)} and {said(right.kind)}", node)

    def _asked(
        self, op: ast.operator | ast.cmpop, left: Value, right: Value, node: ast.AST
    ) -> list[tuple[Value, str, Value]]:
        """Whose method Python asks, in this order: ``(value, method, the other)``."""
        forth, back = _METHODS[type(op)]
        ways = [(left, forth, right), (right, back, left)]
        a, b = left.kind, right.kind
        if ANY in (a, b) or (isinstance(op, ast.Mod) and a.name in {"str", "bytes", "bytearray"}):
            # What is not known may be of a derived class, which is asked first; texts are formatted.
            raise CannotPrint(f"has an operator on {said(a)} and {said(b)}", node)
        if a.name == b.name == "instance":
            ours, theirs = self.facts(a, node), self.facts(b, node)
            compares = isinstance(op, ast.cmpop)
            if ours is theirs:
                return ways if compares else ways[:1]
            derived = ours.name in self.above(theirs) and back in theirs.names
            if derived and (compares or theirs.homes.get(back) != ours.homes.get(back)):
                ways.reverse()
        return ways

    def _x_unaryop(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return Value(BOOL, f"(not {self.truth(node.operand)})")
        value = self.some(self.expression(node.operand))
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind.name == "instance":
            return self.special(value, _UNARY[type(node.op)], [], node)
        if value.kind.name in {"int", "bool", "unsigned"}:
            text = self.whole(value, node)
            if value.kind == BOOL and isinstance(node.op, ast.Invert):
                raise CannotPrint("inverts a bool, of which Python warns", node)
            if isinstance(node.op, ast.USub):
                return Value(INT, f"sf_neg({text})")
            return Value(INT, f"(~{text})" if isinstance(node.op, ast.Invert) else text)
        if self.unknown(value) and not isinstance(node.op, ast.UAdd):
            which = "neg" if isinstance(node.op, ast.USub) else "invert"
            return self.made(ANY, f"sf_any_{which}({value.text})")
        if value.kind.name not in NUMBERS or isinstance(node.op, ast.Invert):
            raise CannotPrint(f"has an operator on {said(value.kind)}", node)
        if isinstance(node.op, ast.UAdd):
            return value
        if value.flag:
            return self.held(Value(WIDE, f"sf_wide_of(-{value.text}, {value.flag})", value.flag))
        return Value(FLOAT, f"(-{value.text})")

    def _x_compare(self, node: ast.Compare) -> Value:
        left = (
            self.held(self.expression(node.left))
            if len(node.ops) > 1
            else self.expression(node.left)
        )
        if len(node.ops) == 1:
            found = self.among_copied(node, left)
            if found is not None:
                return Value(BOOL, found)
            right = self._right(node.ops[0], left, node.comparators[0])
            return Value(BOOL, self.compared(node.ops[0], left, right, node))
        found = self.temp("bint")
        self._chain(node, 0, left, found)
        return Value(BOOL, found)

    def _right(self, op: ast.cmpop, left: Value, node: ast.expr) -> Value:
        """The right side; a literal container of a membership test is taken apart."""
        if isinstance(op, ast.In | ast.NotIn) and isinstance(node, ast.List | ast.Set):
            if isinstance(node, ast.Set) and left.kind.name != "member":
                self.key(left, node)  # what has no hash is looked for in no set
            node = ast.copy_location(ast.Tuple(node.elts, ast.Load()), node)
        return self.expression(node)

    def _chain(self, node: ast.Compare, at: int, left: Value, found: str) -> None:
        right = self.held(self._right(node.ops[at], left, node.comparators[at]))
        self.line(f"{found} = {self.compared(node.ops[at], left, right, node)}")
        if at + 1 < len(node.ops):
            with self.block(f"if {found}"):
                self._chain(node, at + 1, right, found)

    def compared(self, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> str:
        """A comparison, as a C truth value."""
        if isinstance(op, ast.Is | ast.IsNot):
            same = self._identical(left, right, node)
            return same if isinstance(op, ast.Is) else f"(not {same})"
        if isinstance(op, ast.In | ast.NotIn):
            found = self.member(left, self.some(right), node)
            return found if isinstance(op, ast.In) else f"(not {found})"
        if isinstance(op, ast.Eq | ast.NotEq) and self._either_is_none(left, right):
            same = self._same_or_none(left, right, node)
            return same if isinstance(op, ast.Eq) else f"(not {same})"
        if isinstance(op, ast.Eq | ast.NotEq) and self._by_identity(left.kind, right.kind):
            left, right = self.held(left), self.held(right)
            for value in (left, right):
                self.line(f"sf_equals_itself({value.text})")
            same = f"({left.text} is {right.text})"
            return same if isinstance(op, ast.Eq) else f"(not {same})"
        left, right = self.some(left), self.some(right)
        a, b = left.kind, right.kind
        if BOTTOM in (a, b) and not self.program.final:
            return "False"
        sign = _ORDER[type(op)]
        if a == b and a.name == "member" and isinstance(op, ast.Eq | ast.NotEq):
            return f"({left.text} {'is' if isinstance(op, ast.Eq) else 'is not'} {right.text})"
        if "member" in (a.name, b.name) and not self._never_equal(a, b):
            left, right = self.held(self.number(left, node)), self.held(self.number(right, node))
            a, b = left.kind, right.kind
        if a.name in NUMBERS and b.name in NUMBERS:
            if {a.name, b.name} <= {"int", "bool"}:
                return f"({self.whole(left, node)} {sign} {self.whole(right, node)})"
            sides = [self.double(v, node, exact=True) for v in (left, right)]
            return f"({sides[0]} {sign} {sides[1]})"
        if a.name == b.name == "str":
            if isinstance(op, ast.Eq | ast.NotEq):
                same = f"sf_word_eq({left.text}, {right.text})"
                return same if isinstance(op, ast.Eq) else f"(not {same})"
            return f"(sf_text_cmp(sf_text_of({left.text}), sf_text_of({right.text})) {sign} 0)"
        if {a.name, b.name} <= BYTES_LIKE:
            return self.made(BOOL, f"(<object>{left.text} {sign} <object>{right.text})").text
        if a.name == b.name == "array":
            return self.made(BOOL, f"((<object>{left.text}) {sign} (<object>{right.text}))").text
        if {a.name, b.name} <= SETS:
            return self.made(BOOL, self._of_sets(sign, left, right)).text
        lists = a.name == b.name == "list" and isinstance(op, ast.Eq | ast.NotEq)
        unknown = any(map(self.unknown, (left, right))) and "instance" not in (a.name, b.name)
        if unknown and not isinstance(op, ast.Eq | ast.NotEq):
            sides = [self.bare(left), self.bare(right)]
            return self.made(BOOL, f"sf_any_order({sides[0]}, {sides[1]}, {_CODES[sign]})").text
        if {a.name, b.name} <= {"tuple", "row", "named"} or lists or unknown:
            helper = "sf_same" if isinstance(op, ast.Eq | ast.NotEq) else "sf_before"
            sides = [self.bare(left), self.bare(right)]
            if unknown and helper == "sf_same" and STR in (a, b):
                helper, sides = "sf_is_word", sides[::-1] if a == STR else sides
            if isinstance(op, ast.Gt | ast.LtE):
                sides.reverse()
            held = self.made(BOOL, f"{helper}({sides[0]}, {sides[1]})").text
            return f"(not {held})" if isinstance(op, ast.NotEq | ast.LtE | ast.GtE) else held
        if "instance" in (a.name, b.name):
            if isinstance(op, ast.Eq | ast.NotEq) and a.name == b.name:
                names = self.facts(a, node).names | self.facts(b, node).names
                if not names & {"__eq__", "__ne__"}:
                    for value in (left, right):
                        self.line(f"sf_own({value.text}, &sf_k_{self.class_of(value)})")
                    same = f"({left.text} is {right.text})"
                    return same if isinstance(op, ast.Eq) else f"(not {same})"
            if isinstance(op, ast.NotEq) and a == b and self._wrote_equality(a):
                return f"(not {self.compared(ast.Eq(), left, right, node)})"
            if isinstance(op, ast.NotEq):
                raise CannotPrint("tells instances apart that say themselves what they equal", node)
            answer = self._method_operator(op, left, right, node)
            if answer.kind not in (BOOL, BOTTOM):  # that is what the comparison gives, no truth
                raise CannotPrint(f"compares by a method that gives {said(answer.kind)}", node)
            return self.truth_of(answer, node)
        if isinstance(op, ast.Eq | ast.NotEq) and self._never_equal(a, b):
            self.held(left), self.held(right)  # what is computed may fail
            return str(isinstance(op, ast.NotEq))
        raise CannotPrint(f"compares {said(a)} and {said(b)}", node)

    def _identical(self, left: Value, right: Value, node: ast.AST) -> str:
        literal = right.text if right.kind == BOOL and right.text in {"True", "False"} else ""
        left, right = self.held(left), self.held(right)  # what is computed may fail
        object_there = left.kind.none or left.kind.name not in {"wide", "range", "nothing"}
        if (
            literal
            and left.items is None
            and (left.kind == BOOL or left.kind.boxed)
            and object_there
        ):
            return f"({left.text} {'==' if left.kind == BOOL else 'is'} {literal})"
        if left.kind == NONE:
            left, right = right, left
        if right.kind == NONE:
            if left.items is not None or not left.kind.boxed or left.kind.name == "wide":
                none = left.kind.none or left.kind == NONE
                return f"({left.text} is None)" if none else "False"
            return "False" if left.kind == BOTTOM else f"({left.text} is None)"
        objects = all(v.kind.boxed and v.items is None for v in (left, right))
        if objects and (is_closure(left.kind) or is_closure(right.kind)):
            raise CannotPrint("asks which function it is that the call made", node)
        if objects and _THEMSELVES & {left.kind.name, right.kind.name}:
            return f"({left.text} is {right.text})"
        if BOTTOM in (left.kind, right.kind) and not self.program.final:
            return "False"
        raise CannotPrint("compares identities", node)

    def truth(self, node: ast.expr) -> str:
        """What ``if node`` tests, in C."""
        if isinstance(node, ast.BoolOp):
            found = self.temp("bint")
            self._either(node, 0, found)
            return found
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"(not {self.truth(node.operand)})"
        return self.truth_of(self.expression(node), node)

    def _either(self, node: ast.BoolOp, at: int, found: str) -> None:
        self.line(f"{found} = {self.truth(node.values[at])}")
        if at + 1 < len(node.values):
            test = found if isinstance(node.op, ast.And) else f"not {found}"
            with self.block(f"if {test}"):
                self._either(node, at + 1, found)

    def truth_of(self, value: Value, node: ast.AST) -> str:
        """Whether a value is true."""
        kind = value.kind
        if kind in (BOTTOM, NONE):
            return "False"
        if kind.name == "member" and not kind.none:
            whole = self.program.linked.is_whole(kind.cls)
            return f"({self.number(value, node).text} != 0)" if whole else "True"
        if kind.name == "instance":
            found = self.temp("bint")
            self.line(f"{found} = {value.text} is not None")
            with self.block(f"if {found}"):
                some = replace(value, kind=kind.some)
                answer = self.by_class(some, lambda one, cls: self._says(one, cls, node))
                self.line(f"{found} = {answer.text}")
            return found
        if kind.none:
            found = self.temp("bint")
            self.line(f"{found} = {value.text} is not None")
            with self.block(f"if {found}"):
                some = self.narrowed(kind.some, value.text)
                self.line(f"{found} = {self.truth_of(some, node)}")
            return found
        if kind.name in NUMBERS:
            return f"({value.text} != 0)" if kind != BOOL else value.text
        if self.unknown(value):
            return self.truth_of_unknown(value)
        if kind.name in ("match", "pattern"):
            return "True"
        if kind.name == "function":
            self.decline(f"not ({self.is_one_of(value)})")
            return "True"
        return f"({self.length(value, node)} != 0)"

    def _says(self, value: Value, cls: str, node: ast.AST) -> Value:
        """Whether an instance is true: its ``__bool__`` says so, else its ``__len__``; else it is."""
        facts = self.program.classes[cls]
        which = next((name for name in ("__bool__", "__len__") if name in facts.names), "")
        if not which:
            self.line(f"sf_there({value.text}, &sf_k_{cls})")
            return Value(BOOL, "1")
        if which == "__len__":
            return Value(BOOL, f"({self._measured(value, cls, node).text} != 0)")
        answer = self.special(value, which, [], node)
        if answer.kind == BOTTOM and not self.program.final:
            return Value(BOOL, "0")
        if answer.kind != BOOL:
            raise CannotPrint(f"tests a {cls}, whose __bool__ gives {said(answer.kind)}", node)
        return answer

    def _measured(self, value: Value, cls: str, node: ast.AST) -> Value:
        """What ``__len__`` gives, where that is a length."""
        answer = self.special(replace(value, kind=instance(cls)), "__len__", [], node)
        length = self.held(Value(INT, self.whole(answer, node)))
        self.decline(f"{length.text} < 0")
        return length

    def length(self, value: Value, node: ast.AST) -> str:
        """``len(value)``, in a variable."""
        kind = value.kind
        if value.items is not None:
            self.held(value)  # what is computed may fail
            return str(len(value.items))
        if kind.name == "tuple":
            return str(len(kind.parts))
        if kind.name == "named":
            return str(len(self.program.linked.named[kind.cls]))
        if kind == RANGE:
            return value.text
        if kind.name == "str":
            return self.made(INT, f"sf_text_of({value.text}).n").text
        helper = {"list": "seq", "own_list": "seq", "row": "seq", "dict": "dict"}.get(kind.name)
        helper = "set" if kind.name in SETS else helper
        if kind.name in BYTES_LIKE:
            helper = "byte"
        if kind.name == "array":
            return self.array_length(value)
        if kind.name == "deque":
            return self.made(INT, f"sf_deque_len({value.text})").text
        if kind.name == "instance":
            return self.by_class(value, lambda one, cls: self._measured(one, cls, node)).text
        if self.unknown(value):
            return self.length_of_unknown(value)
        if helper is None:
            raise CannotPrint(f"takes the length of {said(kind)}", node)
        return self.made(INT, f"sf_{helper}_len({value.text})").text
