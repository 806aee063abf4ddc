"""The type of every expression, from those of the names in it."""

import ast
from abc import abstractmethod
from dataclasses import replace

from selfsame.compiler.emit.cython.complexes import complex_type
from selfsame.compiler.emit.cython.holding import Holding
from selfsame.compiler.emit.cython.inferred import Inferred
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.normalise import normalise
from selfsame.compiler.emit.cython.plain_classes import called
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.rules import builtin_type, literal_type, math_type, word
from selfsame.compiler.emit.cython.texts import TEXT_METHODS, VIEWS
from selfsame.compiler.emit.cython.types import (
    BOOL,
    BYTES,
    CHAR,
    COMPLEX,
    COMPLEXES,
    FLOAT,
    INT,
    LETTERS,
    NUMBERS,
    SCALARS,
    STR,
    TRUTH,
    UNKNOWN,
    WHOLE,
    WORD,
    Type,
    join,
    list_of,
    sure,
)

# Lists of these are not repeated or added: what they hold would be shared.
NO_REPEAT = frozenset({"list", "token", "word", "tuple"})
# What a local may hold that is None elsewhere.
SOME = SCALARS - {"wide", "token"} | {"word", "tuple", "complex"}


class Valuing(Holding):
    """The rules of expressions: literals, operators, subscripts and calls.

    Raises CannotPrint for what has no exact form in C.
    """

    module: ModuleNames
    writes: bool

    @abstractmethod
    def _start(self, name: str, function: Inferred) -> None:
        """Take a function into the group."""

    @abstractmethod
    def _block(self, body: list[ast.stmt]) -> None:
        """Apply the rules of statements."""

    def of(self, node: ast.expr) -> Type:
        """The type of an expression as far as it is known."""
        kind = self._of(node)
        self.now.types[node] = kind
        return kind

    def _of(self, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=value):
                return literal_type(value)
            case ast.Name(id=which):
                return self.now.variables.get(which, UNKNOWN)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp(op=op, operand=operand):
                kind = self.of(operand)
                if isinstance(op, ast.Not):
                    return BOOL
                return self._unary(node, op, kind)
            case ast.Compare():
                self._compared(node, self.of(node.left), self.of(node.comparators[0]))
                return BOOL
            case ast.BoolOp():
                kinds = {self.of(v) for v in node.values}
                if UNKNOWN in kinds:
                    return UNKNOWN
                (first, *rest) = kinds
                return first if not rest and first in (INT, FLOAT, BOOL) else TRUTH
            case ast.IfExp():
                self.of(node.test)
                kind = join(self.of(node.body), self.of(node.orelse)) or TRUTH
                if kind.kind in {"wide", "half", "truth", "list"}:
                    raise CannotPrint("a conditional expression with two types", node)
                return kind
            case ast.Tuple():
                return Type("tuple", tuple(self._kept(self.of(e), e) for e in node.elts))
            case ast.Dict():
                return Type("dict", (UNKNOWN, UNKNOWN))
            case ast.List():
                item: Type | None = UNKNOWN
                for element in node.elts:
                    kind = self.of(element)
                    item = item and join(item, WORD if kind == STR else sure(kind))
                if item is None or item.kind not in {
                    "int",
                    "float",
                    "bool",
                    "char",
                    "unknown",
                    "list",
                    "word",
                    "tuple",
                }:
                    raise CannotPrint("a list of several types", node)
                return list_of(item)
            case ast.Subscript():
                return self._subscript(self.of(node.value), node)
            case ast.Call():
                return self._call(node)
        raise CannotPrint(f"has a {type(node).__name__} expression", node)

    def _subscript(self, held: Type, node: ast.Subscript) -> Type:
        at = node.slice
        if held.kind == "dict":
            key = self._key(at)
            if join(held.items[0], key) is None:
                raise CannotPrint(f"looks for a {word(key)} in a {word(held)}", node)
            return held.items[1]
        if held.kind == "tuple":
            self.of(at)
            if not isinstance(at, ast.Constant) or type(at.value) is not int:
                raise CannotPrint("takes an item of a tuple by a computed index", node)
            if not 0 <= at.value < len(held.items):
                raise CannotPrint("takes an item that the tuple does not have", node)
            return held.items[at.value]
        self._whole(self.of(at), at)
        return self._element(held, node)

    def _compared(self, node: ast.Compare, left: Type, right: Type) -> None:
        looks = isinstance(node.ops[0], ast.In | ast.NotIn) and right.kind in {"dict", "set"}
        if looks and join(self._key(node.left), right.items[0]) is None:
            raise CannotPrint(f"looks for a {word(left)} in a {word(right)}", node)

    def _given(self, known: Inferred, kinds: list[Type], node: ast.Call) -> None:
        """Join the types of the arguments with those of earlier calls."""
        for at, (have, want) in enumerate(zip(kinds, known.parameters, strict=True)):
            parameter = known.small.parameters[at]
            if not self.writes:
                have = replace(have, frozen=want.frozen)
            if have == want:
                continue
            new = join(want, have)
            if new is None or new.kind in {"wide", "half"} or new.frozen is not want.frozen:
                which = called(known.small.name)
                raise CannotPrint(
                    f"calls {which} with {word(have)} for {parameter}, elsewhere with {word(want)}",
                    node,
                )
            if new != want:
                parameters = list(known.parameters)
                parameters[at] = new
                known.parameters = tuple(parameters)
                old = known.variables.get(parameter, UNKNOWN)
                known.variables[parameter] = join(old, new) or old
                self.changed = True

    def _element(self, kind: Type, node: ast.expr) -> Type:
        if kind == UNKNOWN:
            return UNKNOWN
        if kind in (STR, WORD):
            return CHAR
        if kind == BYTES:
            return INT
        if kind.kind == "list":
            return kind.item
        raise CannotPrint(f"takes an element of a {word(kind)}", node)

    def _unary(self, node: ast.UnaryOp, op: ast.unaryop, kind: Type) -> Type:
        if kind == UNKNOWN:
            return UNKNOWN
        if isinstance(op, ast.Invert):
            if kind == INT:
                return INT
        elif kind.kind in COMPLEXES:
            return COMPLEX
        elif kind.kind in NUMBERS:
            return INT if kind.kind in WHOLE else FLOAT
        raise CannotPrint(f"an operator on a {word(kind)}", node)

    def _binary(self, node: ast.BinOp) -> Type:
        left, right = self.of(node.left), self.of(node.right)
        if "list" in (left.kind, right.kind):
            return self._list_operator(node, left, right)
        if UNKNOWN in (left, right):
            return UNKNOWN
        if left.kind in COMPLEXES or right.kind in COMPLEXES:
            return complex_type(node, left, right)
        if left.kind in LETTERS or right.kind in LETTERS:
            return self._text_operator(node, left, right)
        if left.kind not in NUMBERS or right.kind not in NUMBERS:
            raise CannotPrint(f"an operator on {word(left)} and {word(right)}", node)
        whole = left.kind in WHOLE and right.kind in WHOLE
        if isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor):
            if not whole:
                raise CannotPrint("a bit operator on floats", node)
            return BOOL if left == right == BOOL else INT
        if isinstance(node.op, ast.LShift | ast.RShift):
            if not whole:
                raise CannotPrint("a shift of floats", node)
            return INT
        if isinstance(node.op, ast.MatMult):
            raise CannotPrint("a matrix product", node)
        return INT if whole and not isinstance(node.op, ast.Div) else FLOAT

    def _text_operator(self, node: ast.BinOp, left: Type, right: Type) -> Type:
        kinds = {left.kind, right.kind}
        if node in self.now.small.in_place and not isinstance(node.left, ast.Name):
            raise CannotPrint("builds a text piece by piece where it has no name", node)
        if isinstance(node.op, ast.Add) and kinds <= LETTERS:
            return WORD
        if isinstance(node.op, ast.Mult) and "int" in kinds:
            return WORD
        raise CannotPrint(f"an operator on {word(left)} and {word(right)}", node)

    def _list_operator(self, node: ast.BinOp, left: Type, right: Type) -> Type:
        if left.fixed or right.fixed or left.code or right.code:
            raise CannotPrint("an operator on a tuple or an array", node)
        if node in self.now.small.in_place and isinstance(node.op, ast.Add):
            if not isinstance(node.left, ast.Name):
                raise CannotPrint("extends in place a list that has no name", node)
            self._joined(node.left, node.right, node)
            return self.of(node.left)
        if node in self.now.small.in_place:
            raise CannotPrint("repeats a list in place", node)
        if UNKNOWN in (left, right):
            return UNKNOWN
        kind: Type | None = None
        if isinstance(node.op, ast.Mult):
            kind = left if left.kind == "list" else right
            self._whole(right if left.kind == "list" else left, node)
        elif isinstance(node.op, ast.Add):
            kind = join(left, right)
        if kind is None or kind.kind != "list" or kind.boxed or kind.item.kind in NO_REPEAT:
            raise CannotPrint("an operator on lists that would share their elements", node)
        return list_of(kind.item)

    def _call(self, node: ast.Call) -> Type:
        assert isinstance(node.func, ast.Name)
        which, kinds = node.func.id, [self.of(a) for a in node.args]
        if which in self.now.small.callees:
            return self._own(which, kinds, node)
        if which == "sf_item":
            return self._element(kinds[0], node)
        if which == "sf_new_set":
            return Type("set", (UNKNOWN,))
        if which == "sf_some":
            if kinds[1].kind not in SOME | {"unknown"}:
                raise CannotPrint(f"has a {word(kinds[1])} that is None elsewhere", node)
            return kinds[1]
        if which in {"sf_joined", "sf_shown"}:
            for kind in kinds:
                if kind.kind not in LETTERS | {"int", "float", "bool", "tuple", "unknown"}:
                    raise CannotPrint(f"shows a {word(kind)}", node)
            return WORD
        if which in {"sf_pop", "sf_pop_at"}:
            if kinds[0] == UNKNOWN:
                return UNKNOWN
            if kinds[0].kind == "dict" and which == "sf_pop_at":
                self._key(node.args[1])
                self._changes(node.args[0])
                return INT
            if kinds[0].kind != "list":
                raise CannotPrint(f"calls pop on a {word(kinds[0])}", node)
            if kinds[0].frozen or kinds[0].code or (kinds[0].boxed and which == "sf_pop_at"):
                raise CannotPrint("takes an element out of an argument", node)
            self._changes(node.args[0])
            if which == "sf_pop_at":
                self._whole(kinds[1], node)
            return kinds[0].item
        if which == "sf_slice":
            for kind in kinds[1:]:
                self._whole(kind, node)
            if kinds[0] == UNKNOWN:
                return UNKNOWN
            if kinds[0].kind in LETTERS:
                step = node.args[3]
                if not (isinstance(step, ast.Constant) and step.value == 1):
                    raise CannotPrint("takes a slice of a str with a step", node)
                return WORD
            if kinds[0].kind != "list" or kinds[0].boxed or kinds[0].fixed or kinds[0].code:
                raise CannotPrint(f"takes a slice of a {word(kinds[0])}", node)
            return list_of(kinds[0].item)
        if which in {"sf_inc", "sf_span", "sf_range_len", "sf_deopt"}:
            for kind in kinds:
                self._whole(kind, node)
            return INT
        if UNKNOWN in kinds:
            return UNKNOWN
        if which.startswith("math."):
            return math_type(which.removeprefix("math."), kinds, node)
        if which.startswith("."):
            return self._method(which[1:], kinds, node)
        result = builtin_type(which, kinds)
        if result is None:
            words = ", ".join(map(word, kinds))
            raise CannotPrint(f"calls {which} on {words}", node)
        return result

    def _method(self, which: str, kinds: list[Type], node: ast.Call) -> Type:
        held, given = kinds[0], kinds[1:]
        if held.kind in LETTERS and which in TEXT_METHODS:
            if which == "join":
                parts = given[0]
                flat = parts.kind == "list" and parts.item.kind in {"char", "word"}
                if not flat or parts.boxed:
                    raise CannotPrint(f"joins a {word(parts)}", node)
            elif not all(k.kind in LETTERS | {"int", "tuple"} for k in given):
                raise CannotPrint(f"calls {which} on {', '.join(map(word, kinds))}", node)
            return TEXT_METHODS[which]
        if held.kind == "dict" and which == "get" and len(given) == 2:
            key, other = self._key(node.args[1]), self._kept(given[1], node)
            kind = join(held.items[1], other)
            if kind is None or kind.kind == "wide" or join(held.items[0], key) is None:
                raise CannotPrint("calls get with a value of another type", node)
            return kind
        if which in VIEWS and (held.kind == "dict" or (held.kind == "set" and which == "keys")):
            if held.kind == "dict" and which == "items":
                item = Type("tuple", held.items)
            else:
                item = held.items[which == "values"]
            return list_of(item, frozen=True, boxed=True)
        if which in {"real", "imag"} and held.kind in COMPLEXES:
            return FLOAT
        raise CannotPrint(f"calls {which} on a {word(held)}", node)

    def _own(self, which: str, kinds: list[Type], node: ast.Call) -> Type:
        self.now.calls.add(which)
        if UNKNOWN in kinds:
            return UNKNOWN
        # What may still be an int is given and returned as a float, or the call is declined.
        kinds = [sure(k) for k in kinds]
        known = self.functions.get(which)
        if known is None:
            small = normalise(self.now.small.callees[which], self.module)
            if small.used_globals and any(not v for v in small.used_globals.values()):
                raise CannotPrint(f"calls {which}, which reads a global table", node)
            if len(small.parameters) != len(kinds):
                raise CannotPrint(f"calls {which} with other arguments than it takes", node)
            if len(self.functions) > 12:
                raise CannotPrint("calls too many functions of its module", node)
            frozen = tuple(k if self.writes else replace(k, frozen=k.kind == "list") for k in kinds)
            known = Inferred(small, frozen)
            self._start(which, known)
            # At once, so that its result is known where it is called.
            outer, self.now = self.now, known
            self._block(small.body)
            self.now = outer
        for argument, parameter in zip(node.args, known.small.parameters, strict=True):
            have, back = self.of(argument), known.variables.get(parameter, UNKNOWN)
            if have.kind == back.kind and (self.writes or have.kind in {"dict", "set"}):
                self._alias(argument, replace(back, frozen=have.frozen), node)
        if known.changes and any(k.kind in {"list", "dict", "set"} for k in kinds):
            for argument in node.args:
                self._changes(argument)
            if node not in self.now.small.alone:
                raise CannotPrint(
                    f"calls {called(which)}, which changes a list, within an expression (give its"
                    " result a name first)",
                    node,
                )
        known.called = True
        self._given(known, kinds, node)
        if len(known.returns) > 1:
            words = " and ".join(sorted(map(word, known.returns)))
            raise CannotPrint(
                f"calls {called(which)}, whose results have several types ({words})", node
            )
        result = sure(*known.returns or {UNKNOWN})
        if result.kind == "list" and (result.boxed or (result.item.kind == "list")):
            raise CannotPrint(f"calls {which}, which returns {word(result)}", node)
        return result
