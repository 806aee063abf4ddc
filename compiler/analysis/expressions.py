"""The effects and the value of each kind of expression."""

import ast
from collections.abc import Callable

from selfsame.compiler.analysis.applying import BY_ANY_NAME
from selfsame.compiler.analysis.attributes import Attributes, is_super
from selfsame.compiler.analysis.known import HASHES, ITEMS, MAPPING, SHOWS, TRUTH
from selfsame.compiler.analysis.known_functions import GETTER
from selfsame.compiler.analysis.literals import type_of_literal
from selfsame.compiler.analysis.passing import Arguments
from selfsame.compiler.analysis.values import (
    ANY,
    ANYTHING,
    BOTTOM,
    IMPORTED,
    NOTHING,
    Value,
    code,
    join,
    of_type,
    ordered,
)
from selfsame.compiler.identity.order import Comprehension

_OPERATORS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.MatMult: "matmul",
}
_COMPARES = {
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
    ast.In: "__contains__",
    ast.NotIn: "__contains__",
}
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
PLACES = ("__index__", "__int__", "__float__")
"""What a text's places for numbers (``%d``) ask of what goes into them."""
NUMBERS = frozenset({"int", "float", "complex", "bool", "number"})
TEXTS = frozenset({"str", "bytes"})


class Expressions(Attributes):
    """The part of the analysis that gives expressions their values."""

    def value(self, node: ast.expr | None) -> Value:
        """What ``node`` may be; the effects of computing it are noted."""
        if node is None:
            return BOTTOM
        handler = _HANDLERS.get(type(node))
        if handler is None:
            self.problem(node, "unknown", f"uses {type(node).__name__}, which is not understood")
            return join([ANY, *(self.value(c) for c in _expressions(node))])
        return handler(self, node)

    # --- names -------------------------------------------------------------------------------

    def name(self, name: str) -> Value:
        """A name read: a local, a name of an enclosing function, a global, a builtin."""
        found = self.env.get(name)
        if found is not None:
            return found
        if name in self.local_names:
            return BOTTOM
        enclosing = self.enclosing(name)
        if enclosing is not None:
            return enclosing
        value = self.names.of(self.module, name)
        if self.names.is_data(self.module, name):
            home, original = self.names.home(self.module, name)
            self.reads.add((home.name, original))
        else:
            self.meet_foreign(value)
        return value

    @property
    def local_names(self) -> set[str]:
        """The names that are this function's own."""
        return self.scope_names

    scope_names: set[str]
    globals_declared: set[str]

    def enclosing(self, name: str) -> Value | None:
        """A name of a function around this one; a nested ``def`` bound once is known code."""
        parent = None if name in self.globals_declared else self.definition.parent
        while parent is not None:
            outer = self.names.program.definition(parent)
            if outer is None:
                return None
            bound = self.module.bound_in(outer)
            if isinstance(outer.node, ast.ClassDef):
                parent = outer.parent
                continue
            if name in bound.globals:
                return None
            if name in bound.local:
                if name in bound.fixed and name not in bound.stores | bound.params:
                    nested = [
                        d.address
                        for d in self.module.functions.values()
                        if d.parent == parent and getattr(d.node, "name", "") == name
                    ]
                    if len(nested) == 1:
                        return self.names.function(nested[0])
                return Value(frozenset({("free", name)}))
            parent = outer.parent
        return None

    # --- calls -------------------------------------------------------------------------------

    def called(self, node: ast.Call) -> Value:
        """A call, with the callee's name where it is a method's."""
        func = node.func
        if isinstance(func, ast.Attribute) and not is_super(func.value):
            owner = self.value(func.value)
            given = self.arguments(node)
            shown = _spelled(func)
            if owner.is_code:
                callee = self.attribute_of(node, owner, func.attr)
                return self.call(node, callee, given, shown)
            found = [self.method(node, owner.without_code(), func.attr, given, shown)]
            for ref in ordered(owner.refs):
                if ref[0] in ("class", "module", "known"):
                    part = Value(NOTHING, frozenset({"type"}), frozenset({ref}))
                    callee = self.attribute_of(node, part, func.attr)
                    found.append(self.call(node, callee, given, shown))
            return join(found)
        if isinstance(func, ast.Name) and func.id in BY_ANY_NAME and len(node.args) > 1:
            special = self.by_name(node, func.id)
            if special is not None:
                return special
        own = code(("known", "builtins.locals"))
        if isinstance(func, ast.Name) and func.id == "locals" and self.name("locals") == own:
            return self.new(node, "dict", *self.env.values())
        if isinstance(func, ast.Name) and func.id in _SEES and func.id not in self.env:
            self.problem(node, "unknown", f"calls `{func.id}`")
            self.lost += self.env.values()
            called = self.call(node, self.value(func), self.arguments(node), func.id)
            return join([called, ANY])
        return self.call(node, self.value(func), self.arguments(node), _spelled(func))

    def named_getter(self, node: ast.Call, made: Value) -> Value:
        """``operator.attrgetter("a", "b.c")`` with the names that it reads, where they are written out."""
        names = [a.value for a in node.args if isinstance(a, ast.Constant)]
        if made.types != frozenset({f"{GETTER} of *"}) or len(names) < len(node.args):
            return made
        return of_type(f"{GETTER} of {' '.join(str(name) for name in names)}")

    def arguments(self, node: ast.Call) -> Arguments:
        """The arguments of a call, evaluated."""
        given = Arguments(written=True)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                given.receivers = given.receivers if given.spread else len(given.positional)
                given.spread = True
                given.positional.append(self.iterated(argument.value))
            else:
                given.positional.append(self.value(argument))
        for keyword in node.keywords:
            if keyword.arg is None:
                given.receivers = given.receivers if given.spread else len(given.positional)
                given.spread = True
                unpacked = self.value(keyword.value)
                self.unpacked(node, unpacked)
                given.named.append(self.parts(unpacked))
                given.positional.append(given.named[-1])
            else:
                given.keywords[keyword.arg] = self.value(keyword.value)
        return given

    # --- iteration and operators ---------------------------------------------------------------

    def iterated(self, node: ast.expr) -> Value:
        """What iterating over ``node`` gives."""
        value = self.value(node)
        return self.items_of(node, value)

    def asked(self, node: ast.AST, value: Value) -> None:
        """Whether ``value`` is true is asked."""
        for name in TRUTH:
            self.special(node, name, value)

    def unpacked(self, node: ast.AST, value: Value) -> None:
        """``**value``."""
        for name in MAPPING:
            self.special(node, name, value)

    def items_of(self, node: ast.AST, value: Value) -> Value:
        """One item of an iteration; iterating may run the tree's own ``__iter__``."""
        self.meet_items(value)
        given = [self.special(node, n, value) for n in ("__next__", "__getitem__")]
        self.special(node, "__len__", value)
        iterator = self.special(node, "__iter__", value)
        given += [self.special(node, "__next__", iterator), self.parts(iterator, "{}")]
        if value.types is not None and value.types and value.types <= TEXTS | {"range"}:
            return of_type("str" if "str" in value.types else "int")
        return _or(self.parts(value, "{}"), *given)

    def meet_items(self, value: Value) -> None:
        """What looks like code and is asked for its items is data of another package."""
        if ("known", "sys.modules") in value.refs:  # leads to all that there is
            self.meets.add(ANYTHING)
        elif any(ref[0] in ("known", "module") for ref in value.refs):
            self.meets.add(IMPORTED)

    def comprehension(self, node: ast.expr) -> Value:
        """A comprehension or generator expression: its targets live in it alone."""
        assert isinstance(node, Comprehension)
        kept: dict[str, Value | None] = {}
        for generator in node.generators:
            items = self.iterated(generator.iter)
            for name in _stored(generator.target):
                kept.setdefault(name, self.env.get(name))
            self.bind_target(generator.target, items)
            for condition in generator.ifs:
                self.asked(condition, self.value(condition))
            if generator.is_async:
                self.problem(node, "no", "suspends at `async for`", own_only=True)
        if isinstance(node, ast.DictComp):
            results = [self.value(node.key), self.value(node.value)]
        else:
            results = [self.value(node.elt)]
        if isinstance(node, ast.DictComp | ast.SetComp):
            for name in HASHES:
                self.special(node, name, results[0])
        for name, before in kept.items():
            if before is None:
                self.env.pop(name, None)
            else:
                self.env[name] = before
        made = self.new(node, type_of_literal(node) or "")
        if isinstance(node, ast.DictComp):
            self.hold(made.own, results.pop(0), "{}")
        self.hold(made.own, results[0], "[]")
        return made

    def bind_target(self, target: ast.expr, value: Value) -> None:
        """Assign to a target. Statements give the full rules; comprehensions need the same."""
        raise NotImplementedError

    def operator(self, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
        """A binary operator on two values."""
        name = _OPERATORS[type(op)]
        types = None if left.types is None or right.types is None else left.types | right.types
        if types is not None and types <= NUMBERS:
            kind = "float" if isinstance(op, ast.Div) or "float" in types else "number"
            return of_type("int" if types <= {"int", "bool"} and kind != "float" else kind)
        if types is not None and types <= TEXTS | NUMBERS:
            return of_type("bytes" if "bytes" in types else "str")
        given = self.special(node, f"__{name}__", left, right)
        reflected = self.special(node, f"__r{name}__", right, left)
        if isinstance(op, ast.Mod) and (left.types is None or left.types & TEXTS):
            for special in (*SHOWS, *ITEMS, *PLACES):
                self.special(node, special, right)
            if left.types == frozenset({"str"}):
                return of_type("str")
        if isinstance(op, ast.Mult):  # of a text or list, so many times
            for value in (left, right):
                self.special(node, "__index__", value)
        kinds = left.types if left.types is not None and left.types == right.types else None
        type_ = next(iter(kinds)) if kinds is not None and len(kinds) == 1 else ""
        made = self.new(node, type_, self.parts(left), self.parts(right))
        return _or(made, given, reflected)

    def binary(self, node: ast.BinOp) -> Value:
        """``a + b`` and the like; a long chain of them without deep recursion."""
        chain: list[ast.BinOp] = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        result = self.value(chain[-1].left)
        for part in reversed(chain):
            result = self.operator(part, part.op, result, self.value(part.right))
        return result

    def subscript(self, node: ast.Subscript) -> Value:
        """``owner[key]`` read."""
        owner = self.value(node.value)
        key = self.value(node.slice)
        self.meet_items(owner)
        given = [self.special(node, n, owner, key) for n in (*ITEMS, "__class_getitem__")]
        for name in HASHES:
            self.special(node, name, key)
        if owner.types is not None and owner.types and owner.types <= TEXTS:
            return of_type(*owner.types)
        if isinstance(node.slice, ast.Slice):
            if owner.types is not None and owner.types <= {"list", "tuple", "bytearray"}:
                one = min(owner.types) if len(owner.types) == 1 else ""
                made = self.new(node, one, self.parts(owner))
                return Value(made.own, owner.types or None)
            fresh = self.new(node, "", self.parts(owner, "[]"))
            return _or(Value(fresh.own | self.parts(owner, "[]").own, None), *given)
        return _or(self.parts(owner, "[]"), *given)

    def compare(self, node: ast.Compare) -> Value:
        """Comparisons: always a truth value for what is builtin."""
        values = [self.value(node.left), *self.values(node.comparators)]
        given = []
        for index, op in enumerate(node.ops):
            name = _COMPARES.get(type(op))
            if name is None:
                continue
            left, right = values[index], values[index + 1]
            if name == "__contains__":  # without one it is gone over
                self.items_of(node, right)
            for value, other in ((left, right), (right, left)):
                given.append(self.special(node, name, value, other))
                if name == "__contains__":
                    for special in HASHES:
                        self.special(node, special, value, other)
        return _or(of_type("bool"), *given)


def _or(value: Value, *given: Value) -> Value:
    """``value``, or the objects that methods of the tree gave instead."""
    objects = [v for v in given if v.own or v.refs]
    found = join([value, *objects])
    return Value(found.own, None, found.refs) if objects else value


_SEES = frozenset({"eval", "exec", "locals", "globals", "__import__", "compile"})


def _spelled(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_spelled(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "..."


def _expressions(node: ast.AST) -> list[ast.expr]:
    return [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]


def _stored(target: ast.expr) -> list[str]:
    return [
        n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def _display(frame: Expressions, node: ast.expr) -> Value:
    items: list[Value] = []
    elements: list[ast.expr] = getattr(node, "elts", [])
    for element in elements:
        if isinstance(element, ast.Starred):
            items.append(frame.iterated(element.value))
        else:
            items.append(frame.value(element))
    if isinstance(node, ast.Dict):
        return _mapping(frame, node)
    if isinstance(node, ast.Set):
        for item in items:
            for name in HASHES:
                frame.special(node, name, item)
    made = frame.new(node, type_of_literal(node) or "")
    starred = any(isinstance(element, ast.Starred) for element in elements)
    for index, item in enumerate(items):
        at = f"[{index}]" if isinstance(node, ast.Tuple) and not starred else "[]"
        frame.hold(made.own, item, at)
    return made


def _mapping(frame: Expressions, node: ast.Dict) -> Value:
    found: list[tuple[Value, str]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            merged = frame.value(value)
            frame.unpacked(node, merged)
            found += [(frame.parts(merged), "[]"), (frame.parts(merged, "{}"), "{}")]
            continue
        known = frame.value(key)
        for name in HASHES:
            frame.special(node, name, known)
        found += [(known, "{}"), (frame.value(value), "[]")]
    made = frame.new(node, "dict")
    for part, field in found:
        frame.hold(made.own, part, field)
    return made


def _boolean(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.BoolOp)
    values = frame.values(node.values)
    for value in values:
        frame.asked(node, value)
    return join(values)


def _conditional(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.IfExp)
    frame.asked(node, frame.value(node.test))
    return join([frame.value(node.body), frame.value(node.orelse)])


def _unary(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.UnaryOp)
    value = frame.value(node.operand)
    if isinstance(node.op, ast.Not):
        frame.asked(node, value)
        return of_type("bool")
    given = frame.special(node, _UNARY[type(node.op)], value)
    if value.types is not None and value.types <= NUMBERS:
        return of_type(*value.types)
    return _or(Value(NOTHING, value.types), given)


def _text(frame: Expressions, node: ast.expr) -> Value:
    for child in _expressions(node):
        value = frame.value(child)
        for name in SHOWS:
            frame.special(node, name, value)
    return of_type("str")


def _lambda(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.Lambda)
    frame.values(list(node.args.defaults))
    frame.values([d for d in node.args.kw_defaults if d is not None])
    return code(("def", frame.module.address_of[id(node)]))


def _walrus(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.NamedExpr)
    value = frame.value(node.value)
    frame.bind_target(node.target, value)
    return value


def _yield(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.Yield | ast.YieldFrom | ast.Await)
    if isinstance(node, ast.YieldFrom):
        assert node.value is not None
        source = frame.value(node.value)
        items = frame.items_of(node, source)
        frame.returned.append(frame.new(node, "", items, frame.mixed([source])))
        return join([ANY, frame.mixed([source])])
    value = frame.value(node.value)
    if isinstance(node, ast.Await):
        frame.problem(node, "no", "suspends at `await`")
        frame.lost.append(value)
        return frame.mixed([value])
    frame.returned.append(frame.new(node, "", value, frame.parts(value)))
    return ANY


def _slice(frame: Expressions, node: ast.expr) -> Value:
    assert isinstance(node, ast.Slice)
    for part in (node.lower, node.upper, node.step):
        frame.value(part)
    return of_type("slice")


_HANDLERS: dict[type[ast.expr], Callable[[Expressions, ast.expr], Value]] = {
    ast.Constant: lambda f, n: of_type(type_of_literal(n) or "object"),
    ast.Name: lambda f, n: f.name(n.id),  # type: ignore[attr-defined]
    ast.Attribute: lambda f, n: f.attribute(n),  # type: ignore[arg-type]
    ast.Call: lambda f, n: f.named_getter(n, f.called(n)),  # type: ignore[arg-type]
    ast.Subscript: lambda f, n: f.subscript(n),  # type: ignore[arg-type]
    ast.BinOp: lambda f, n: f.binary(n),  # type: ignore[arg-type]
    ast.Compare: lambda f, n: f.compare(n),  # type: ignore[arg-type]
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.List: _display,
    ast.Tuple: _display,
    ast.Set: _display,
    ast.Dict: _display,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.UnaryOp: _unary,
    ast.JoinedStr: _text,
    ast.FormattedValue: _text,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Await: _yield,
    ast.Slice: _slice,
    ast.Starred: lambda f, n: f.iterated(n.value),  # type: ignore[attr-defined]
}
