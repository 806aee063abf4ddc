"""Builtins, ``math``, ``random``, ``heapq``, ``deque``, ``Counter`` and ``defaultdict``."""

import ast

from selfsame.compiler.emit.cython.inplace.folds import is_still
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    STR,
    UNSIGNED,
    WIDE,
    Kind,
    is_closure,
    item_of,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.makers import FACTORIES, Makers
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint

_FLOAT_MATH = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "exp",
        "atan",
        "asin",
        "acos",
        "sinh",
        "cosh",
        "tanh",
        "sqrt",
        "log",
        "fabs",
    ]
)

# What only the function of Python computes to the last bit, and what it gives.
_CALLED_MATH = dict.fromkeys(
    [
        "hypot",
        "log10",
        "log2",
        "log1p",
        "expm1",
        "log",
        "degrees",
        "radians",
        "copysign",
        "fmod",
        "remainder",
        "cbrt",
        "exp2",
        "erf",
        "erfc",
        "gamma",
        "lgamma",
        "acosh",
        "asinh",
        "atanh",
        "ldexp",
        "ulp",
        "nextafter",
    ],
    FLOAT,
)
_CALLED_MATH |= dict.fromkeys(["trunc", "comb", "perm", "factorial", "gcd", "lcm"], INT)

_UNASKED = frozenset({"instance", "wide", "range", "nothing"})
# As in sf_is_one. A bool is an int.
_CLASSES = {"int": 1, "float": 2, "str": 4, "bool": 8, "list": 16, "tuple": 32, "dict": 64}


class Libraries(Makers):
    """Values of calls of what is not the module's."""

    def _math(self, which: str, values: list[Value], node: ast.Call) -> Value:
        if any(v.kind == BOTTOM for v in values) and not self.program.final:
            return Value(BOTTOM, "0")
        values = [self.number(v, node) for v in values]
        whole = all(v.kind.name in {"int", "bool"} for v in values)
        match which, values:
            case ("gcd", [_, _]) | ("isqrt", [_]) if whole:
                return Value(INT, f"sf_{which}({', '.join(v.text for v in values)})")
            case "floor" | "ceil", [one]:
                if whole:
                    return Value(INT, self.whole(one, node))
                return Value(INT, f"sf_{which}({self._sure_double(one, node)})")
            case "atan2" | "pow", [one, two]:
                helper = {"pow": "sf_fpow"}.get(which, "sf_atan2")
                return Value(FLOAT, f"{helper}({self.double(one, node)}, {self.double(two, node)})")
            case "isnan" | "isinf", [one]:
                return Value(BOOL, f"sf_c_{which}({self.double(one, node)})")
            case "fabs", [one]:
                return Value(FLOAT, f"sf_c_fabs({self.double(one, node)})")
            case _, [one] if which in _FLOAT_MATH:
                return Value(FLOAT, f"sf_{which}({self.double(one, node)})")
        kind = _CALLED_MATH.get(which)
        if kind is not None and values:
            self.program.called_math.add(which)
            given = ", ".join(self.boxed(value) for value in values)
            return self.checked(kind, f"sf_m_{which}({given})")
        raise CannotPrint(f"calls math.{which}, which has no exact compiled form", node)

    def _sure_double(self, value: Value, node: ast.AST) -> str:
        if value.flag:
            return f"sf_need_float({value.text}, {value.flag})"
        return self.double(value, node)

    def _of_library(self, which: str, node: ast.Call) -> Value:
        if which == "collections.deque" and {k.arg for k in node.keywords} <= {"maxlen"}:
            return self._new_deque(node)
        if which == "array.array" and not node.keywords and 1 <= len(node.args) <= 2:
            values = [self._listed_if_lazy(a) for a in node.args[1:]]
            return self.new_array(node.args[0], values[0] if values else None, node)
        if which == "collections.Counter" and not node.keywords and len(node.args) <= 1:
            return self._count_of(node)
        if which == "collections.defaultdict" and not node.keywords and len(node.args) == 1:
            return self._with_default(node.args[0])
        if self.asks_one_by_one(node):
            return self.started(node)
        if which == "functools.reduce" and not node.keywords and len(node.args) in (2, 3):
            function, over, *first = node.args
            return self.reduced(function, over, first[0] if first else None)
        if which.startswith("bisect.") and not node.keywords and len(node.args) == 2:
            return self._bisected(which.partition(".")[2], node)
        if which.startswith("heapq.") and not node.keywords and node.args:
            return self._heap(which.partition(".")[2], node)
        if which.startswith("random."):
            return self._of_random(which.partition(".")[2], node)
        if which.startswith("re."):
            return self.of_re(which.partition(".")[2], node)
        raise CannotPrint(f"calls {which}, which has no exact compiled form", node)

    def _new_deque(self, node: ast.Call) -> Value:
        """``deque(items, maxlen)``: one that is full drops what is at its other end itself."""
        first = [self._listed_if_lazy(a) for a in node.args[:1]]
        longest = [self.expression(a) for a in (*node.args[1:], *(k.value for k in node.keywords))]
        for value in first:
            if value.kind.name not in {"list", "row", "tuple", "nothing"}:
                raise CannotPrint(f"makes a deque of {said(value.kind)}", node)
        if len(longest) > 1 or any(v.kind not in (INT, NONE, BOTTOM) for v in longest):
            raise CannotPrint("makes a deque with other arguments", node)
        item = item_of(first[0].kind) if first else BOTTOM
        inner = self.bare(first[0]) if first else ""
        most = self.boxed(longest[0]) if longest else "None"
        return self.made(Kind("deque", (item,)), f"sf_new_deque(({inner}), {most})")

    def _listed_if_lazy(self, node: ast.expr) -> Value:
        """A container; of what makes its items while they are taken, a new list."""
        return (
            self._listed(node) if self.given_one_by_one(node) else self.some(self.expression(node))
        )

    def _bisected(self, which: str, node: ast.Call) -> Value:
        """Where a value belongs in a list in order; or it is put there."""
        items = self.held(self.some(self.expression(node.args[0])))
        sought = self.held(self.expression(node.args[1]))
        if BOTTOM in (items.kind, sought.kind) and not self.program.final:
            return Value(INT, "0") if which.startswith("bisect") else Value(NONE, "None")
        plain = sought.kind.name in NUMBERS | {"str", "tuple", "row"} and not sought.kind.none
        if items.kind.name != "list" or not plain:
            raise CannotPrint(f"looks for {said(sought.kind)} in {said(items.kind)}", node)
        right = int(not which.endswith("_left"))
        found = self.made(INT, f"sf_bisect({items.text}, {self.bare(sought)}, {right})")
        if which in ("bisect", "bisect_left", "bisect_right"):
            return found
        pool = "NULL" if items.fresh else "pool"
        self.line(
            f"sf_list_insert({pool}, {items.text}, {found.text}, {self.boxed(sought, items)})"
        )
        self.refine(node.args[0], list_of(sought.kind))
        return Value(NONE, "None", fresh=True)

    def _count_of(self, node: ast.Call) -> Value:
        """A Counter of what a list, text or the like holds."""
        value = None
        if node.args:
            given = node.args[0]
            listed = isinstance(given, ast.ListComp | ast.GeneratorExp)
            value = self._listed(given) if listed else self.some(self.expression(given))
            value = self.held(value)
        item = BOTTOM if value is None else item_of(value.kind)
        made = self.made(Kind("dict", (item, INT), "collections.Counter"), "sf_new_counts()")
        if value is not None:
            self.counted(made, value, node)
        return made

    def from_keys(self, node: ast.Call) -> Value:
        """``dict.fromkeys(keys)``, or with a value for all of them."""
        if not 1 <= len(node.args) <= 2:
            raise CannotPrint("calls fromkeys with other arguments than it takes", node)
        keys = self.held(self._listed(node.args[0]))
        other = node.args[1] if len(node.args) > 1 else ast.Constant(None)
        if not is_still(other):
            raise CannotPrint("makes a dict of keys with a value that is computed", node)
        value = self.held(self.expression(other))
        if BOTTOM in (keys.kind, value.kind) and not self.program.final:
            return Value(BOTTOM, "0")
        kind = Kind("dict", (item_of(keys.kind), value.kind))
        return self.made(kind, f"sf_from_keys({keys.text}, {self.boxed(value)})")

    def _with_default(self, factory: ast.expr) -> Value:
        """A defaultdict whose entries are made by a builtin type, or by a plain lambda."""
        if isinstance(factory, ast.Lambda):
            return self.made_by_lambda(factory)
        first = factory.value if isinstance(factory, ast.Attribute) else factory
        free = isinstance(first, ast.Name) and not self.own(first.id)
        made_by = library_name(factory, self.home.imports) if free else ""
        if made_by in ("collections.Counter", "collections.deque"):
            inner = Kind("dict", (BOTTOM, INT), made_by)
            inner = Kind("deque", (BOTTOM,)) if made_by.endswith("deque") else inner
            kind = Kind("dict", (BOTTOM, inner), "collections.defaultdict")
            return self.made(kind, f"sf_default_{made_by.rpartition('.')[2]}()")
        which = factory.id if isinstance(factory, ast.Name) else ""
        if which not in FACTORIES or self.own(which) or not self.names.builtin(which):
            raise CannotPrint("makes a defaultdict of what no builtin type makes", factory)
        self.program.used_builtins.add(which)
        kind = Kind("dict", (BOTTOM, FACTORIES[which]), "collections.defaultdict")
        return self.made(kind, f"sf_new_defaultdict({which})")

    def _builtin(self, which: str, node: ast.Call) -> Value:
        if which in {"sum", "any", "all", "min", "max", "list", "tuple", "set", "sorted", "dict"}:
            return self.gathered(which, node)
        if which == "frozenset":
            return self.frozen(node)
        if node.keywords:
            raise CannotPrint(f"calls {which}, which has no exact compiled form", node)
        if which in {"str", "repr", "format"}:
            made = self.text_of(which, node)
            if made is not None:
                return made
        if which == "range":
            made = self.ranged(node.args, node)
            return self.listed_range(made) if node in self.listed_ranges else made
        if which == "isinstance" and len(node.args) == 2:
            return self._isinstance(node)
        if which == "iter" and len(node.args) == 1:
            return self.started(node.args[0])
        if which == "next" and len(node.args) in (1, 2):
            return self.next_of(node)
        copied = self.unmade(node.args[0]) if which == "len" and len(node.args) == 1 else None
        values = [copied[0]] if copied else [self.some(self.expression(a)) for a in node.args]
        if any(v.kind == BOTTOM for v in values) and not self.program.final:
            return Value(BOTTOM, "0")
        if len(values) == 1:
            found = self._of_one(which, values[0], node)
            if found is not None:
                return found
        match which, values:
            case "bytearray" | "bytes", []:
                return self.made(Kind(which), f"{which}()")
            case "int", [one, two] if one.kind == STR:
                return self.checked(INT, f"int({one.text}, {self.whole(two, node)})")
            case "pow", [one, two]:
                return self.operated(ast.Pow(), one, two, node)
            case "pow", [one, two, three]:
                text = ", ".join(self.whole(v, node) for v in (one, two, three))
                return Value(INT, f"sf_powmod({text})")
            case "divmod", [one, two]:
                one, two = self.held(one), self.held(two)
                parts = [self.operated(op, one, two, node) for op in (ast.FloorDiv(), ast.Mod())]
                return Value(tuple_of(*(p.kind for p in parts)), "", items=tuple(parts), fresh=True)
            case "round", [one, two] if two.kind == INT and one.kind.name in NUMBERS:
                kind = INT if one.kind == BOOL else one.kind
                return self.checked(kind, f"round({self.boxed(one)}, {self.boxed(two)})")
        raise CannotPrint(
            f"calls {which} on {', '.join(said(v.kind) for v in values) or 'nothing'}", node
        )

    def _of_one(self, which: str, value: Value, node: ast.Call) -> Value | None:
        if value.kind == UNSIGNED:
            found = self.given_unsigned(which, value, node)
            if found is not None:
                return found
            value = self.number(value, node)
        kind = value.kind
        number = kind.name in NUMBERS
        match which:
            case "len":
                return Value(INT, self.length(value, node))
            case "bool":
                return Value(BOOL, self.truth_of(value, node))
            case "abs" if kind.name in {"int", "bool"}:
                return Value(INT, f"sf_abs({self.whole(value, node)})")
            case "abs" if kind == FLOAT:
                return Value(FLOAT, f"sf_c_fabs({value.text})")
            case "abs" if kind == WIDE:
                return self.held(Value(WIDE, f"sf_c_fabs({value.text})", value.flag))
            case "int" if kind.name in {"int", "bool"}:
                return Value(INT, self.whole(value, node))
            case "int" if number:
                return Value(INT, f"sf_trunc({value.text})")
            case "float" if number:
                return Value(FLOAT, self.double(value, node))
            case "int" | "float" if kind == STR:
                if self.program.caught:
                    value = self.held(value)
                    self.missed("ValueError", f"not sf_reads_{which}({value.text})", None)
                return self.checked(INT if which == "int" else FLOAT, f"{which}({value.text})")
            case "round" if kind == INT:
                return value
            case "bin" | "hex" | "oct" if kind == INT:
                return self.checked(STR, f"{which}({value.text})")
            case "round" if number and kind != BOOL:
                return Value(INT, f"sf_round({self._sure_double(value, node)})")
            case "ord" if kind == STR:
                return Value(INT, f"sf_ord_of({value.text})")
            case "chr" if kind == INT:
                return self.made(STR, f"sf_chr({value.text})")
            case "bytearray" | "bytes" if kind.name in {"int", "list", "row", "bytes", "bytearray"}:
                return self.made(Kind(which), f"{which}({self.boxed(value)})")
        return None

    def _isinstance(self, node: ast.Call) -> Value:
        value = self.held(self.expression(node.args[0]))
        match node.args[1]:
            case ast.Name() | ast.Attribute() as named if value.kind.name == "instance":
                cls = self.class_named(named)
                if cls:
                    return self._is_a(value, cls, node)
        if value.kind == BOTTOM and not self.program.final:
            return Value(BOOL, "False")
        wanted = self._builtin_classes(node.args[1])
        asked = value.items is None and not is_closure(value.kind)
        if wanted and asked and value.kind.name not in _UNASKED:
            self.program.used_builtins |= wanted
            if not value.kind.boxed:
                own = "int" if value.kind == UNSIGNED else value.kind.name
                known = {own, "int"} if value.kind == BOOL else {own}
                return Value(BOOL, str(bool(wanted & known)))
            if value.kind.name != "any" or self.program.observed:
                bits = sum(_CLASSES[word] for word in wanted)
                return self.made(BOOL, f"sf_is_one({value.text}, {bits})")
        raise CannotPrint("asks for a class that is not known", node)

    def _builtin_classes(self, node: ast.expr) -> set[str]:
        """The builtin classes that are asked for; empty where there are others."""
        names = {
            part.id if isinstance(part, ast.Name) and not self.own(part.id) else ""
            for part in (node.elts if isinstance(node, ast.Tuple) else [node])
        }
        known = names <= _CLASSES.keys() and all(map(self.names.builtin, names))
        return names if known else set()

    def _is_a(self, value: Value, wanted: str, node: ast.AST) -> Value:
        """``isinstance(value, wanted)`` of one that may be None."""
        if self.program.classes[wanted].abstract:
            raise CannotPrint("asks for a class that decides itself what is one of it", node)
        self.program.used_classes.add(wanted)

        def one(held: Value, cls: str) -> Value:
            self.line(f"sf_there({held.text}, &sf_k_{cls})")
            while cls and cls != wanted:
                cls = self.program.classes[cls].base
            return Value(BOOL, "True" if cls else "False")

        return self.either(
            [lambda: Value(BOOL, "False"), lambda: self.by_class(value, one)],
            [f"{value.text} is None"],
        )
