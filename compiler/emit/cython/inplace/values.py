"""Names, literals, items, slices, and what is computed on some ways only."""

import ast
import math
import string
from collections.abc import Callable

from selfsame.compiler.emit.cython.inplace.homes import Home, Target, simple
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    STR,
    Kind,
    item_of,
    list_of,
)
from selfsame.compiler.emit.cython.inplace.operators import Operators
from selfsame.compiler.emit.cython.inplace.records import named_key
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.renaming import must_rename

_OF_STRING = frozenset({
    "ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "octdigits",
    "punctuation", "printable", "whitespace",
})  # fmt: skip
_SLICED = frozenset({"list", "own_list", "row", "tuple", "str", "bytes", "bytearray", "array"})
INT_MIN, INT_MAX = -(1 << 63), (1 << 63) - 1
END = f"{INT_MAX}LL"  # behind the last item of any list


class Values(Operators):
    """``expression`` writes what has to happen before, and gives the value."""

    def expression(self, node: ast.expr) -> Value:
        """The value of ``node``. Raises CannotPrint."""
        folded = constant_value(node)
        if folded is not None:
            return self.literal(folded, node)
        method = getattr(self, f"_x_{type(node).__name__.lower()}", None)
        if method is None:
            raise CannotPrint(f"has a {type(node).__name__} expression", node)
        made: Value = method(node)
        return made

    def literal(self, value: object, node: ast.AST) -> Value:
        """The value of a literal. Raises CannotPrint."""
        match value:
            case bool():
                return Value(BOOL, "True" if value else "False")
            case int():
                if not INT_MIN < value <= INT_MAX:
                    raise CannotPrint("has an int literal of more than 64 bits", node)
                return Value(INT, f"{value}LL" if abs(value) >= 1 << 31 else str(value))
            case float():
                if not math.isfinite(value):
                    raise CannotPrint("has the constant inf or nan", node)
                return Value(FLOAT, repr(value))
            case str():
                if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                    raise CannotPrint("has a literal with a lone surrogate", node)
                return Value(STR, f"(<object>{value!a})")
            case bytes():
                return Value(Kind("bytes"), f"(<object>{value!r})")
        raise CannotPrint(f"has the literal {value!r}"[:60], node)

    def _x_constant(self, node: ast.Constant) -> Value:
        if node.value is None:
            return Value(NONE, "None", fresh=True)
        return self.literal(node.value, node)

    def _x_name(self, node: ast.Name) -> Value:
        if self.own(node.id):
            return self.load(node.id)
        text = self._of_string(node) or self._of_math(node)
        if text is not None:
            return text
        found = self.target(node)
        if found is not None and found.kind == "constant" and not must_rename(node.id):
            return self._of_text(found, self.home, node.id, node)
        if self.is_live(node.id):
            return self.live(node.id, node)
        function = self.function_named(node)
        if function is not None:
            return function
        raise CannotPrint(f"reads {node.id}, whose value is not known from the module's text", node)

    def settled(self, node: ast.expr) -> bool | None:
        """What a test by literals of the module's text always says: calls begin by looking at these.

        None where that is not known.
        """
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.settled(operand)
                return None if inner is None else not inner
            case ast.BoolOp(op=op, values=[first, *_]):
                known = self.settled(first)
                return known if known is isinstance(op, ast.Or) else None
            case ast.Name() if not self.own(node.id):
                found = self.target(node)
                if found is None or found.kind != "constant" or must_rename(node.id):
                    return None
                value = found.home.names.literal(found.name)
                if value is None:
                    return None
                self._of_text(found, self.home, node.id, node)
                return bool(value)
        return None

    def _of_text(self, found: Target, home: Home, name: str, node: ast.expr) -> Value:
        """What the text of a module binds to literals, read as ``name`` of the module ``home``."""
        spelled, program = home.spelled(name), self.program
        program.outside[spelled] = home, name
        value = found.home.names.literal(found.name)
        if value is not None:
            program.literals[spelled] = repr(value)
            return self.literal(value, node)
        kind = program.linked.kind_of_data(found.home, found.name)
        program.tables[spelled] = kind
        if kind.name == "instance":
            program.used_classes |= set(kind.cls.split("|"))
        if kind == NONE:
            return Value(NONE, "None", fresh=True)
        if kind.name in NUMBERS | {"unsigned"} and not kind.none:
            return self.narrowed(kind, f"sf_g_{spelled}")
        program.owning.comes_in(kind)
        return Value(kind, f"sf_g_{spelled}")

    def _x_attribute(self, node: ast.Attribute) -> Value:
        constant = self._of_math(node) or self._of_string(node)
        if constant is not None:
            return constant
        function = self.function_named(node)
        if function is not None:
            return function
        outer = self.target(node.value)
        if outer is not None and outer.kind == "module":
            found = self.target(node)
            if found is None or found.kind != "constant" or must_rename(node.attr):
                raise CannotPrint(f"reads {node.attr} of a module, which is not known", node)
            return self._of_text(found, outer.home, node.attr, node)
        member = self.of_enum(node)
        if member is not None:
            return member
        bound = self.kept_methods.get(node)
        if bound is not None:
            return self.bound_to(node, bound.method)
        held = self._of_class(node) or self._of_its_class(node)
        if held is not None:
            return held
        owner = self.owner(node)
        return Value(BOTTOM, "0") if owner is None else self.get(owner, node.attr, node)

    def _of_string(self, node: ast.Name | ast.Attribute) -> Value | None:
        """A constant of the module ``string``."""
        first = node.value if isinstance(node, ast.Attribute) else node
        if not isinstance(first, ast.Name) or self.own(first.id):
            return None
        module, _, which = library_name(node, self.home.imports).rpartition(".")
        if module != "string" or which not in _OF_STRING:
            return None
        return self.literal(getattr(string, which), node)

    def _of_math(self, node: ast.Name | ast.Attribute) -> Value | None:
        """A constant of ``math``."""
        first = node.value if isinstance(node, ast.Attribute) else node
        if not isinstance(first, ast.Name) or self.own(first.id):
            return None
        which = self.names.math_function(node)
        held = getattr(math, which, None) if which else None
        if which and isinstance(held, float) and math.isfinite(held):
            self.program.used_math.add(which)
            return Value(FLOAT, repr(held))
        if which == "inf":
            self.program.used_math.add(which)
            return Value(FLOAT, "(<double>1e308 * 10.0)")
        return None

    def _of_class(self, node: ast.Attribute) -> Value | None:
        """What a class holds, asked of the class itself; None where that is not known from its text."""
        which = self.class_named(node.value)
        return self._in_class(which, node) if which else None

    def _of_its_class(self, node: ast.Attribute) -> Value | None:
        """``value.__class__.name`` or ``type(value).name``; None where it is neither."""
        match node.value:
            case ast.Attribute(value=inner, attr="__class__"):
                pass
            case ast.Call(func=ast.Name(id="type"), args=[inner], keywords=[]) if not self.own(
                "type"
            ) and self.names.builtin("type"):
                self.program.used_builtins.add("type")
            case _:
                return None
        value = self.held(self.some(self.expression(inner)))
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind.name != "instance":
            raise CannotPrint(f"reads {node.attr} of the class of {said(value.kind)}", node)

        def of(one: Value, cls: str) -> Value:
            if "__class__" in self.program.classes[cls].names:
                raise CannotPrint(f"asks a {cls} for its class, of which it has a say", node)
            self.decline(f"not sf_is_of({one.text}, &sf_k_{cls})")
            return self._in_class(cls, node)

        return self.by_class(value, of)

    def _in_class(self, which: str, node: ast.Attribute) -> Value:
        facts = self.program.classes[which]
        spelled = facts.spelled(node.attr, self.inside)
        self.program.used_classes.add(which)
        if node.attr == "__name__":
            return self.checked(STR, f"sf_name_of(&sf_k_{which})")
        kind = self.held_by_class(facts, spelled, node)
        if kind == BOTTOM or spelled.startswith("__"):
            raise CannotPrint(f"reads {node.attr} of the class {simple(which)}", node)
        return self.checked(kind, f"sf_of_class(&sf_k_{which}, {spelled!r})")

    def _x_subscript(self, node: ast.Subscript) -> Value:
        base = self.some(self.expression(node.value))
        if isinstance(node.slice, ast.Slice):
            return self._slice(base, node)
        if base.kind == BOTTOM and not self.program.final:
            self.expression(node.slice)
            return base
        return self.item(base, self.expression(node.slice), node)

    def item(self, base: Value, at: Value, node: ast.AST) -> Value:
        """``base[at]``."""
        kind = base.kind
        if base.items is not None:
            base = self.held(Value(base.kind, self.bare(base), fresh=True))
        own = self.owns(base)
        match kind.name:
            case "list" | "own_list" | "row":
                index = self.index_within(base, self.whole(at, node), node)
                return self.read(self._sure(item_of(kind)), "sf_seq", f"{base.text}, {index}", own)
            case "tuple":
                index = self.whole(at, node)
                number = int(index) if index.lstrip("-").isdigit() else None
                if number is None:
                    return self.read(item_of(kind), "sf_seq", f"{base.text}, {index}", own)
                if not -len(kind.parts) <= number < len(kind.parts):
                    raise CannotPrint("takes an item that the tuple does not have", node)
                number %= len(kind.parts)
                return self.read(kind.parts[number], "sf_tuple", f"{base.text}, {number}", own)
            case "deque":
                text = f"sf_deque_item({base.text}, {self.whole(at, node)})"
                return self.checked(self._sure(item_of(kind)), text)
            case "named":
                index = self.whole(at, node)
                fields = self.program.linked.named[kind.cls]
                number = int(index) if index.lstrip("-").isdigit() else None
                if number is None or not -len(fields) <= number < len(fields):
                    raise CannotPrint(f"takes an item of a {kind.cls} by a number not known", node)
                return self.field_at(base, number % len(fields))
            case "dict" if kind.cls:
                pool = "NULL" if base.fresh else "pool"
                text = f"sf_entry_or_made({pool}, {base.text}, {self.key(at, node)})"
                return self.checked(self._sure(kind.parts[1]), text)  # perhaps a new one
            case "dict":
                key = self.key(at, node)
                if self.program.caught:
                    key = self.held(Value(ANY, key)).text
                    self.missed("KeyError", f"not sf_dict_has({base.text}, {key})", key)
                kind = kind.at(named_key(node))
                return self.read(self._sure(kind), "sf_dict", f"{base.text}, {key}", own)
            case "str":
                index = self.index_within(base, self.whole(at, node), node)
                return self.made(STR, f"sf_letter({base.text}, {index})")
            case "bytes" | "bytearray":
                return self.made(INT, f"sf_byte_at({base.text}, {self.whole(at, node)})")
            case "array":
                return self.array_item(base, self.whole(at, node))
            case "instance":
                return self.special(base, "__getitem__", [at], node)
            case "any" if self.unknown(base):
                return self.item_of_unknown(base, self.plain(at))
        raise CannotPrint(f"takes an item of {said(kind)}", node)

    def index_within(self, base: Value, index: str, node: ast.AST, what: str = "") -> str:
        """The index of an item; ``what``: how Python calls the place where none is."""
        if not self.program.caught:
            return index
        index = self.held(Value(INT, index)).text
        size = self.held(Value(INT, self.length(base, node))).text
        names = {"list": "list", "own_list": "list", "row": "tuple", "str": "string"}
        said = f"{what or names[base.kind.name] + ' index'} out of range"
        self.missed("IndexError", f"not -{size} <= {index} < {size}", repr(said))
        return index

    def _slice(self, base: Value, node: ast.Subscript) -> Value:
        assert isinstance(node.slice, ast.Slice)
        low, high, step = self.bounds(node.slice)
        if base.kind == BOTTOM:
            return base
        if base.kind.name not in _SLICED:
            raise CannotPrint(f"takes a slice of {said(base.kind)}", node)
        kind = base.kind
        if kind.name == "tuple":
            kind = Kind("row", (item_of(kind),))
        if kind.name == "own_list":
            kind = list_of(item_of(kind))
        return self.made(kind, f"sf_part({self.bare(base)}, {low}, {high}, {step})")

    def bounds(self, node: ast.Slice) -> tuple[str, str, str]:
        """Where a slice starts, where it stops, and its step: a literal, or in a variable."""
        ends = [self._end(part) for part in (node.lower, node.upper)]
        given = constant_value(node.step) if node.step is not None else 1
        if node.step is not None and given is None:
            step = self.made(INT, self.whole(self.expression(node.step), node.step)).text
            self.decline(f"{step} == 0 or {step} >= {1 << 31}LL or {step} <= -{1 << 31}LL")
            start = f"(0LL if {step} > 0 else {INT_MAX}LL)"
            stop = f"({INT_MAX}LL if {step} > 0 else {INT_MIN + 1}LL)"
        elif type(given) is not int or not 0 < abs(given) < 1 << 31:
            raise CannotPrint("takes a slice whose step is no whole number", node)
        else:
            step, missing = str(given), (0, INT_MAX) if given > 0 else (INT_MAX, INT_MIN + 1)
            start, stop = f"{missing[0]}LL", f"{missing[1]}LL"
        return ends[0] or start, ends[1] or stop, step

    def _end(self, node: ast.expr | None) -> str:
        """Where a slice begins or ends; empty where that follows from its step."""
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return ""
        return self.whole(self.expression(node), node)

    def either(self, ways: list[Callable[[], Value]], tests: list[str]) -> Value:
        """The value of the first way whose test holds, else of the last."""
        self.count += 1
        name = f"sf_either_{self.count}"
        for way, test in zip(ways, [*tests, ""], strict=True):
            with self.block(f"if {test}" if test else "if True"):
                self.store(name, way())
            if test:
                self.line("else:")
                self.depth += 1
        self.depth -= len(tests)
        self.bound.add(name)
        return self.load(name)

    def _x_ifexp(self, node: ast.IfExp) -> Value:
        test = self.truth(node.test)
        return self.either(
            [lambda: self.expression(node.body), lambda: self.expression(node.orelse)], [test]
        )

    def _x_boolop(self, node: ast.BoolOp) -> Value:
        first = self.held(self.expression(node.values[0]))
        test = self.truth_of(first, node)
        stays = test if isinstance(node.op, ast.Or) else f"not {test}"
        rest: ast.expr = node.values[1]
        if len(node.values) > 2:
            rest = ast.copy_location(ast.BoolOp(node.op, node.values[1:]), node)
        return self.either([lambda: first, lambda: self.expression(rest)], [stays])
