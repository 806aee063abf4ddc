"""A type for every local and expression of a group of functions compiled together.

One type per local for the whole function: the join of all that is stored to it. The rules only
ever widen, so going round until nothing changes ends.
"""

import ast
from dataclasses import dataclass, field, replace

from selfsame.compiler.emit.cython.assigned import ends
from selfsame.compiler.emit.cython.complexes import complex_type
from selfsame.compiler.emit.cython.giving import given_names, root
from selfsame.compiler.emit.cython.instances import called
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.normalise import Normalised, normalise
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
    HALF,
    INT,
    LETTERS,
    NONE,
    NUMBERS,
    SCALARS,
    STR,
    UNKNOWN,
    WHOLE,
    WIDE,
    WORD,
    Type,
    as_held,
    join,
    list_of,
    settled,
)

# Lists of these are not repeated or added: what they hold would be shared.
NO_REPEAT = frozenset({"list", "token", "word", "tuple"})
# What a local may hold that is None elsewhere.
SOME = SCALARS - {"wide", "token"} | {"word", "tuple", "complex"}
# A condition whose parts have different types: good for its truth, not for its value.
TRUTH = Type("truth")


def _a(kind: Type) -> str:
    said = word(kind)
    return f"an {said}" if said[0] in "aeiou" else f"a {said}"


def _sure(kind: Type) -> Type:
    """A float for what may still be an int: the int is declined where it is used as a float."""
    if kind == HALF:
        return COMPLEX
    return FLOAT if kind == WIDE else kind


@dataclass
class Inferred:
    """One function with its types."""

    small: Normalised
    parameters: tuple[Type, ...]
    variables: dict[str, Type] = field(default_factory=dict)
    types: dict[ast.expr, Type] = field(default_factory=dict)
    returns: set[Type] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    row_kind: str = "list"
    given: set[str] = field(default_factory=set)
    called: bool = False  # by a function of the unit
    changes: bool = False  # whether lists that it was given may be changed

    @property
    def result(self) -> Type | None:
        """The one type of all results that C can return; None where results have to be boxed."""
        if len(self.returns) != 1:
            return None
        (only,) = self.returns
        if self.called and only == WIDE:
            return FLOAT
        if only.kind in COMPLEXES:
            return COMPLEX
        if self.called and only.kind in {"word", "tuple", "dict", "set"}:
            return only
        if only.kind == "list" and self.called and not only.boxed and only.item.kind != "list":
            return only
        return only if only.kind in {"int", "float", "bool", "char", "None"} else None


class Inference:
    """Types of ``entry`` and of the functions of its module that it calls."""

    def __init__(self, module: ModuleNames, entry: ast.FunctionDef, writes: bool = False) -> None:
        self.module = module
        self.writes = writes
        self.functions: dict[str, Inferred] = {}
        self.changed = False
        self.now: Inferred
        self.entry = Normalised(entry, module)

    def run(self, parameters: tuple[Type, ...], tables: dict[str, Type]) -> dict[str, Inferred]:
        """All functions with their types; the entry is the first."""
        self.functions = {}
        entry = Inferred(self.entry, parameters)
        entry.variables.update(tables)
        self._start(self.entry.name, entry)
        for _ in range(60):
            self.changed = False
            self._round()
            if not self.changed:
                break
        else:
            raise CannotPrint("its types do not settle")
        for function in self.functions.values():
            function.variables = {k: settled(t) for k, t in function.variables.items()}
            function.types.clear()
        self._round(again=False)
        for function in self.functions.values():
            self.now = function
            self._check_walks()
        return self.functions

    def _check_walks(self) -> None:
        for loop, body in self.now.small.walks:
            for node in (n for s in body for n in ast.walk(s)):
                base: ast.expr | None = None
                match node:
                    case ast.Assign(targets=[ast.Subscript(value=base)]):
                        pass
                    case ast.Call(func=ast.Name(id=which), args=[base, *_]):
                        if which not in {"sf_include", "sf_exclude", "sf_pop_at"}:
                            base = None
                            if which in self.now.small.callees:
                                raise CannotPrint("calls out of a loop over a dict or set", loop)
                if base is not None and self.now.types[base].kind in {"dict", "set"}:
                    raise CannotPrint("changes a dict or set in a loop over one", loop)

    def _start(self, name: str, function: Inferred) -> None:
        function.variables.update(zip(function.small.parameters, function.parameters, strict=True))
        self.functions[name] = function
        self.changed = True

    def _follow(self, function: Inferred) -> None:
        """Which names may stand for a part of an argument, by what is known now."""

        def holds(node: ast.expr) -> bool:
            return function.types.get(node, UNKNOWN).kind in {"list", "dict", "set"}

        taken = {
            p for p, k in zip(function.small.parameters, function.parameters, strict=True)
            if k.kind in {"list", "dict", "set"}
        }  # fmt: skip
        small = function.small
        found = given_names(small.body, taken, set(small.callees), holds)
        if found != function.given:
            function.given = found
            self.changed = True

    def _round(self, again: bool = True) -> None:
        for function in list(self.functions.values()):
            self.now = function
            if again:
                self._follow(function)
            self._block(function.small.body)
            if not ends(function.small.body):
                self._returned(NONE)

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=target)], value=value):
                    self._store(target, self.of(value), statement)
                    self._alias(value, self.now.variables[target])
                case ast.Assign(targets=[ast.Subscript() as place], value=value):
                    self.of(place.slice)
                    self.of(place.value)
                    self._item(place.value, self.of(value), statement)
                    self.of(place)
                    self._alias(value, self.of(place))
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_append" | "sf_cell"), args=[base, value])
                ):
                    if self.of(base).code:
                        raise CannotPrint("changes the length of an array", statement)
                    self._item(base, self.of(value), statement)
                    kind = self.of(base)
                    if kind.kind == "list":
                        self._alias(value, kind.item)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_insert"), args=[base, at, value])
                ):
                    self._whole(self.of(at), at)
                    self._item(base, self.of(value), statement)
                    self._alias(value, self._flat(base, statement).item)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_splice"), args=[base, low, high, value])
                ):
                    self._whole(self.of(low), low)
                    self._whole(self.of(high), high)
                    self._joined(base, value, statement)
                case ast.Expr(
                    value=ast.Call(func=ast.Name(id="sf_include" | "sf_exclude"), args=[base, key])
                ):
                    held, key_kind = self.of(base), self._key(key)
                    if held != UNKNOWN and held.kind != "set":
                        raise CannotPrint(f"calls add on a {word(held)}", statement)
                    self._changes(base)
                    self._alias(base, Type("set", (key_kind,)), statement)
                case ast.Expr(value=ast.Call(func=ast.Name(id="sf_reverse" | "sf_sort")) as made):
                    held = self._flat(made.args[0], statement)
                    sorts = made.func.id == "sf_sort" if isinstance(made.func, ast.Name) else False
                    if sorts and held.kind == "list" and held.item not in (INT, FLOAT, UNKNOWN):
                        raise CannotPrint(f"sorts a {word(held)}", statement)
                case ast.Expr(value=value):
                    self.of(value)
                case ast.If(test=test, body=yes, orelse=no):
                    self.of(test)
                    self._block(yes)
                    self._block(no)
                case ast.While(test=test, body=yes, orelse=no):
                    self.of(test)
                    self._block(yes)
                    self._block(no)
                case ast.Return(value=value) if value is not None:
                    self._returned(self._result(value))
                case _:
                    pass

    def _result(self, value: ast.expr) -> Type:
        if isinstance(value, ast.Tuple):
            kinds = tuple(self._result(e) for e in value.elts)
            return UNKNOWN if UNKNOWN in kinds else Type("tuple", tuple(map(as_held, kinds)))
        kind = self.of(value)
        if kind.kind == "list" and (kind.frozen or kind.boxed) and not self.writes:
            raise CannotPrint("returns an argument's list", value)
        if kind.kind == "list" and kind.item.kind == "token":
            raise CannotPrint("returns a list of strings", value)
        if kind.kind in {"token", "truth"}:
            raise CannotPrint(f"returns a {word(kind)}", value)
        return kind

    def _returned(self, kind: Type) -> None:
        if kind != UNKNOWN and kind not in self.now.returns:
            # A type that has widened replaces what it was.
            kept = {k for k in self.now.returns if not (k.kind == kind.kind == "list")}
            if kind.kind == "wide":
                kept = {k for k in kept if k not in (INT, FLOAT)}
            elif kind in (INT, FLOAT) and any(k.kind == "wide" for k in kept):
                return
            self.now.returns = kept | {kind}
            self.changed = True

    def _store(self, target: str, kind: Type, place: ast.AST) -> None:
        old = self.now.variables.get(target, UNKNOWN)
        kind = WORD if kind == STR and target in self.now.small.optional else kind
        new = join(old, kind) if kind != TRUTH else None
        if new is None:
            raise CannotPrint(
                f"{target} is {_a(old)} in one place and {_a(kind)} in another: it needs one type"
                " (give the second a name of its own)",
                place,
            )
        if target in self.now.small.totals and new.kind in {"float", "wide"}:
            raise CannotPrint("sums floats, which this Python does with compensation", place)
        if new != old or target not in self.now.variables:
            self.now.variables[target] = new
            self.changed = True

    def _item(self, base: ast.expr, kind: Type, place: ast.AST) -> None:
        """Note that a list holds ``kind``."""
        held = self.of(base)
        if held == UNKNOWN:
            return
        if held.kind == "dict":
            assert isinstance(place, ast.Assign) and isinstance(place.targets[0], ast.Subscript)
            key = self._key(place.targets[0].slice)
            self._changes(base)
            self._alias(base, Type("dict", (key, self._kept(kind, place))), place)
            return
        if held.kind != "list":
            raise CannotPrint(f"stores to an item of a {word(held)}", place)
        if held.frozen:
            raise CannotPrint(
                f"stores to an item of {_a(held)} that was not made in this call: only lists of"
                " numbers are changed for the caller",
                place,
            )
        self._changes(base)
        if held.boxed:
            if kind not in (held.item, UNKNOWN):
                raise CannotPrint(f"puts a {word(kind)} into a {word(held)}", place)
            return
        kind = WORD if kind == STR else _sure(kind)
        if kind.kind not in SCALARS | {"list", "unknown", "word", "tuple"} or kind.kind in {
            "wide",
            "token",
        }:
            raise CannotPrint(f"puts {_a(kind)} into a list", place)
        if held.code:
            if kind not in (held.item, UNKNOWN):
                raise CannotPrint(f"puts a {word(kind)} into a {word(held)}", place)
            return
        self._alias(base, list_of(kind), place)

    def _key(self, node: ast.expr) -> Type:
        """The type of a dict's key or a set's element. NaN is found by its identity only."""
        kind = self._kept(self.of(node), node)
        if "float" in str(kind):
            raise CannotPrint("looks for a float in a dict or set", node)
        return kind

    def _kept(self, kind: Type, place: ast.AST) -> Type:
        """The type of what is put into a dict, set or tuple."""
        kind = _sure(kind)
        if kind.kind in {"list", "token", "truth", "bytes", "dict", "set", "complex"}:
            raise CannotPrint(f"puts a {word(kind)} into a dict, set or tuple", place)
        return as_held(kind)

    def _flat(self, base: ast.expr, place: ast.AST) -> Type:
        """The type of a list that is changed as a whole."""
        held = self.of(base)
        if held == UNKNOWN:
            return list_of(UNKNOWN)
        if held.code:
            raise CannotPrint("changes an array as a whole", place)
        if held.kind != "list" or held.frozen or held.boxed:
            raise CannotPrint(
                f"changes {_a(held)} that was not made in this call: only lists of numbers are"
                " changed for the caller",
                place,
            )
        self._changes(base)
        return held

    def _changes(self, base: ast.expr) -> None:
        if root(base) in self.now.given:
            self.now.changes = True

    def _joined(self, base: ast.expr, value: ast.expr, place: ast.AST) -> None:
        """Note that a list takes in the items of another."""
        held, more = self._flat(base, place), self.of(value)
        if more == UNKNOWN:
            return
        if more.kind != "list" or more.boxed or more.code:
            raise CannotPrint(f"puts the items of a {word(more)} into a {word(held)}", place)
        kind = join(held, Type("list", more.items))
        if kind is None:
            raise CannotPrint(f"puts the items of a {word(more)} into a {word(held)}", place)
        self._alias(base, kind, place)
        if kind.item.kind == "list":
            self._alias(value, Type("list", kind.items, more.frozen, fixed=more.fixed), place)

    def _alias(self, value: ast.expr, kind: Type, place: ast.AST | None = None) -> None:
        """Two names of one list have one type: carry what is known of one to the other."""
        if kind.kind not in {"list", "dict", "set"}:
            return
        if isinstance(value, ast.Name) and value.id in self.now.variables:
            old = self.now.variables[value.id]
            if join(old, kind) is None:
                raise CannotPrint(f"{value.id} holds {word(old)} and {word(kind)}", place or value)
            self._store(value.id, kind, place or value)
        elif isinstance(value, ast.Subscript):
            self._alias_part(value.value, kind, place)
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            if value.func.id in {"sf_item", "sf_pop", "sf_pop_at"}:
                self._alias_part(value.args[0], kind, place)
            elif value.func.id == "sf_slice" and kind.item.kind == "list":
                self._alias(value.args[0], list_of(kind.item), place)

    def _alias_part(self, base: ast.expr, kind: Type, place: ast.AST | None) -> None:
        held = self.of(base)
        # What is read in place, and tuples, are arguments: their types are known.
        if not (held.kind == "list" and (held.boxed or held.fixed)):
            self._alias(base, list_of(kind), place)

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
                    item = item and join(item, WORD if kind == STR else _sure(kind))
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

    def _whole(self, kind: Type, node: ast.expr) -> None:
        if kind != UNKNOWN and kind.kind not in WHOLE:
            raise CannotPrint(f"a {word(kind)} where an int belongs", node)

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
        kinds = [_sure(k) for k in kinds]
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
        result = _sure(*known.returns or {UNKNOWN})
        if result.kind == "list" and (result.boxed or (result.item.kind == "list")):
            raise CannotPrint(f"calls {which}, which returns {word(result)}", node)
        return result
