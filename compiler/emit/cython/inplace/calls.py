"""Calls: of functions, classes and methods of the module; all else is handed on."""

import ast
from dataclasses import replace

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.attributes import Lacks
from selfsame.compiler.emit.cython.inplace.callables import Callables
from selfsame.compiler.emit.cython.inplace.class_methods import for_class
from selfsame.compiler.emit.cython.inplace.homes import simple
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    BYTES_LIKE,
    INT,
    NONE,
    STR,
    Kind,
    instance,
)
from selfsame.compiler.emit.cython.inplace.methods import OF_ONE_CLASS, PARTS
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.texts import TEXT_METHODS

_BY_KEYWORD = frozenset({("list", "sort"), ("random", "choices")})
# What operators do, called by name; the types that do the same either way.
_SUBSCRIPTS = {
    "__contains__": frozenset({"list", "dict", "set", "str"}),
    "__getitem__": frozenset({"list", "dict", "str", "array"}),
}

_WITH_METHODS = frozenset(
    {"list", "own_list", "dict", "set", "frozenset", "deque", "array", "random", "pattern", "match"}
)

_OF_TEXT = PARTS | TEXT_METHODS.keys()
# What texts have, and containers as well.
_AMBIGUOUS = frozenset({"count", "index"})


class Calls(Callables):
    """``_x_call`` gives the value of a call."""

    def _x_call(self, node: ast.Call) -> Value:
        if any(isinstance(a, ast.Starred) for a in node.args):
            raise CannotPrint("calls with a star", node)
        if any(k.arg is None for k in node.keywords):
            raise CannotPrint("calls with a star", node)
        which = self.names.math_function(node.func)
        base = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        free = isinstance(base, ast.Name) and not self.own(base.id)
        if which is not None and free and not node.keywords:
            self.program.used_math.add(which)
            return self._math(which, [self.expression(a) for a in node.args], node)
        library = self._library(node.func)
        if library is not None:
            return self._of_library(library, node)
        target = self.target(node.func)
        if target is not None and target.kind == "class":
            return self.new_instance(target.spelled, node)
        if target is not None and target.kind == "enum":
            return self.of_value(target.spelled, node)
        if target is not None and target.kind == "lists":
            return self.new_list(target.spelled, node)
        if target is not None and target.kind == "named":
            return self.new_named(target.spelled, node)
        if target is not None and target.node is not None:
            return self.of_tree(target, node)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        if isinstance(node.func, ast.Name):
            return self._named(node, node.func)
        called = self._object_called(self.held(self.some(self.expression(node.func))), node)
        if called is None:
            raise CannotPrint("calls the result of an expression", node)
        return called

    def _library(self, function: ast.expr) -> str | None:
        match function:
            case ast.Name(id=which) if not self.own(which):
                found = self.home.imports.get(which, "")
                return found if "." in found else None
            case ast.Attribute(value=ast.Name(id=base), attr=which) if not self.own(base):
                module = self.home.imports.get(base)
                return f"{module}.{which}" if module else None
        return None

    def _named(self, node: ast.Call, function: ast.Name) -> Value:
        which = function.id
        if self.own(which):
            value = self.some(self.load(which))
            bound = self.kept_methods.get(function)
            if bound is not None and self.keeps_method(value.kind, bound.method):
                return self._method_of(value, bound.method, node, (function, *bound.objects))
            called = self._object_called(value, node)
            if called is None:
                raise CannotPrint(f"calls {which}, a local", node)
            return called
        found = self.target(function)
        if found is not None and found.kind == "constant":
            called = self._object_called(self.some(self.expression(function)), node)
            if called is not None:
                return called
        if not self.names.builtin(which):
            raise CannotPrint(f"calls {which}, which has no exact compiled form", node)
        self.program.used_builtins.add(which)
        return self._builtin(which, node)

    def _object_called(self, value: Value, node: ast.Call) -> Value | None:
        """``value(...)``, of a function or by the ``__call__`` of its class; None where it is neither."""
        if value.kind.name == "function":
            return self.function_called(self.some(value), node)
        if value.kind.name == "instance":
            return self.by_class(
                value, lambda one, cls: self._on_instance(one, cls, "__call__", node)
            )
        return value if value.kind == BOTTOM and not self.program.final else None

    def new_instance(self, cls: str, node: ast.Call) -> Value:
        """An instance, and its ``__init__`` on it."""
        facts = self.program.classes[cls]
        self.program.used_classes.add(cls)
        init = facts.methods.get("__init__")
        if init is None:
            if node.args or node.keywords or "__init__" in facts.names:
                raise CannotPrint(f"makes a {cls} by an __init__ of another kind", node)
            return self.made(instance(cls), f"sf_make(&sf_k_{cls})")
        self.plain_function(init, node)
        values = self._bound(init, node, facts.written)
        made = self.made(instance(cls), f"sf_make(&sf_k_{cls})")
        home = facts.homes["__init__"]
        known = self.program.function(f"{cls}__does____init__", init, [made, *values], home)
        self.program.methods.add((cls, "__init__"))
        if known.result not in (BOTTOM, NONE):
            raise CannotPrint(f"makes a {cls}, whose __init__ returns something", node)
        self.called(known, [made, *values], node)
        return made

    def _bound(self, method: ast.FunctionDef, node: ast.Call, anew: bool = False) -> list[Value]:
        """The arguments of a call of a method, without the instance."""
        return [self.expression(a) for a in self._given(method, node, anew)[1:]]

    def _given(self, method: ast.FunctionDef, node: ast.Call, anew: bool = False) -> list[ast.expr]:
        """The arguments as they are written, with something instead of the instance."""
        outer = ast.Call(node.func, [ast.Constant(0), *node.args], node.keywords)
        return bound_arguments(method, ast.copy_location(outer, node), anew)

    def method_call(
        self,
        receiver: Value,
        name: str,
        method: ast.FunctionDef,
        arguments: list[Value],
        node: ast.AST,
    ) -> Value:
        """A call of a method on an instance, by position."""
        cls = receiver.kind.cls
        taken = method.args.posonlyargs + method.args.args
        if len(taken) != len(arguments) + 1 or method.args.kwonlyargs:
            raise CannotPrint(f"calls {name} with other arguments than it takes", node)
        self.program.used_classes.add(cls)
        facts = self.program.classes[cls]
        self.program.methods.add((cls, name))
        self.line(f"sf_own({receiver.text}, &sf_k_{cls})")
        values, home = [receiver, *arguments], facts.homes[name]
        does = "sets" if facts.setters.get(name) is method else "does"
        known = self.program.function(f"{cls}__{does}__{method.name}", method, values, home)
        return self.called(known, values, node)

    def _above(self, base: str, which: str, receiver: Value, node: ast.Call) -> Value:
        """``super().which(...)`` or ``Base.which(self, ...)``: the method of a base, on its own instance."""
        if not base and which == "__init__" and not node.args and not node.keywords:
            return Value(NONE, "None", fresh=True)
        facts = self.program.classes.get(base)
        if facts is None or which not in facts.methods:
            raise CannotPrint(f"calls {which} of a base that does not have it", node)
        method, cls = facts.methods[which], receiver.kind.cls
        values = [receiver, *self._bound(method, node)]
        self.program.used_classes |= {base, cls}
        self.program.methods.add((base, which))
        self.line(f"sf_own({receiver.text}, &sf_k_{cls})")
        name = f"{cls}__does__{which}__of__{base}"
        known = self.program.function(name, method, values, facts.homes[which])
        return self.called(known, values, node)

    def _explicit(self, node: ast.Call, function: ast.Attribute) -> Value | None:
        """A call of a base's method that says so; None where it is no such call."""
        found = self.above_error(node, function)
        if found is not None:
            return found
        match function.value:
            case ast.Call(func=ast.Name(id="super"), args=given, keywords=[]):
                if not self._is_above(given):
                    raise CannotPrint("calls super outside of a method", node)
                receiver = self.load(self.taken[0])
                if receiver.kind.name != "instance" or receiver.kind.none:
                    raise CannotPrint("calls super of something else", node)
                base = self.program.classes[self.inside].base
                return self.by_class(
                    receiver, lambda one, cls: self._above(base, function.attr, one, node)
                )
            case ast.Name() | ast.Attribute() if base := self.class_named(function.value):
                spelled = self.program.classes[base].spelled(function.attr, self.inside)
                if self._bears(base, spelled):
                    return self._static(base, spelled, node)
                if not node.args:
                    raise CannotPrint(f"calls {function.attr} of a class", node)
                receiver = self.some(self.expression(node.args[0]))
                cls = receiver.kind.cls
                while cls in self.program.classes and cls != base:
                    cls = self.program.classes[cls].base
                if cls != base:
                    if receiver.kind == BOTTOM and not self.program.final:
                        return receiver
                    raise CannotPrint(f"calls {function.attr} of a class on another's", node)
                rest = ast.Call(node.func, node.args[1:], node.keywords)
                return self._above(base, function.attr, receiver, ast.copy_location(rest, node))
        return None

    def _is_above(self, given: list[ast.expr]) -> bool:
        """Whether ``super(...)`` is the base of the class whose text this is, for the first parameter."""
        if not self.inside or not self.names.builtin("super") or self.scopes:
            return False
        match given:
            case []:
                return True
            case [ast.Name() as cls, ast.Name(id=which)] if which == self.taken[0]:
                self.program.used_classes |= {self.inside}
                return self.class_named(cls) == self.inside
        return False

    def above_error(self, node: ast.Call, function: ast.Attribute) -> Value | None:
        """``super().__init__(...)`` of an exception: the raising half knows how."""
        raise NotImplementedError

    @property
    def taken(self) -> list[str]:
        """The parameters."""
        raise NotImplementedError

    def _method(self, node: ast.Call, function: ast.Attribute) -> Value:
        above = self._explicit(node, function)
        if above is not None:
            return above
        match function.value:
            case ast.Name(id="dict" | "str" | "int" as which) if (
                not self.own(which) and self.names.builtin(which) and node.args
            ):
                self.program.used_builtins.add(which)
                return self._of_builtin_class(which, function.attr, node)
        target = self.target(function.value) if function.attr == "_make" else None
        if target is not None and target.kind == "named":
            return self.made_of(target.spelled, node)
        base = self.expression(function.value)
        return self._method_of(self.some(base), function.attr, node, (function.value,))

    def _of_builtin_class(self, cls: str, which: str, node: ast.Call) -> Value:
        """``dict.fromkeys(...)``, ``int.from_bytes(...)``, or a method of text called by its class, as ``str.strip(text)``."""
        if cls == "dict" and which == "fromkeys" and not node.keywords:
            return self.from_keys(node)
        if cls == "int" and which == "from_bytes":
            return self.whole_of_bytes(node)
        if cls == "str" and which == "maketrans" and not node.keywords:
            return self._table_of_text(node)
        value = self.some(self.expression(node.args[0]))
        value = self.as_kind(value, STR)
        rest = ast.copy_location(ast.Call(node.func, node.args[1:], node.keywords), node)
        if value.kind == BOTTOM and not self.program.final:
            return value
        if cls != "str" or value.kind != STR:
            raise CannotPrint(f"calls {which} of {cls} on {said(value.kind)}", node)
        return self._method_of(value, which, rest, (node.args[0],))

    def _table_of_text(self, node: ast.Call) -> Value:
        """``str.maketrans(old, new)``, or with what is left out."""
        given = [self.some(self.expression(a)) for a in node.args]
        given = [self.as_kind(each, STR) for each in given]
        if any(each.kind == BOTTOM for each in given) and not self.program.final:
            return Value(BOTTOM, "0")
        if not 2 <= len(given) <= 3 or any(each.kind != STR for each in given):
            raise CannotPrint("calls maketrans with other arguments than texts", node)
        text = ", ".join(each.text for each in given)
        return self.made(Kind("dict", (INT, ANY)), f"str.maketrans({text})")

    def _method_of(
        self, value: Value, which: str, node: ast.Call, places: tuple[ast.expr, ...]
    ) -> Value:
        """``value.which(...)``; ``places``: the expressions that gave the value, the nearest first."""
        if self.unknown(value) and which in OF_ONE_CLASS:
            value = self.as_kind(value, OF_ONE_CLASS[which])
        kind = value.kind
        if kind == BOTTOM and not self.program.final:
            for argument in node.args:
                if not isinstance(argument, ast.Lambda):
                    self.expression(argument)
            return Value(BOTTOM, "0")
        if kind.name == "instance":
            return self.by_class(value, lambda one, cls: self._on_instance(one, cls, which, node))
        if kind.name == "named" and (done := self.on_named(value, which, node)) is not None:
            return done
        if kind == STR and which == "format":
            return self.formatted(value, node)
        if kind == INT and (done := self.on_whole(which, value, node)) is not None:
            return done
        if kind.name in BYTES_LIKE and (done := self.on_bytes(which, value, node)) is not None:
            return done
        if kind == STR and which == "encode":
            return self.encoded(value, node)
        if node.keywords and (kind.name, which) not in _BY_KEYWORD:
            raise CannotPrint(f"calls the method {which} by keyword", node)
        if kind.name in _WITH_METHODS:
            on = "set" if kind.name == "frozenset" else kind.name
            known: Value | None = getattr(self, f"_on_{on}")(which, value, node, places[0])
            if known is not None:
                # What was put in is known of all the places that it came by.
                for place in places[1:]:
                    self.refine(place, self.kind_of(places[0]))
                return known
        if kind.name == "bytearray" and value.fresh and which == "append" and len(node.args) == 1:
            byte = self.whole(self.expression(node.args[0]), node)
            self.line(f"(<object>{value.text}).append({byte})")
            return Value(NONE, "None", fresh=True)
        if which in _SUBSCRIPTS and len(node.args) == 1 and kind.name in _SUBSCRIPTS[which]:
            at = self.expression(node.args[0])
            if which == "__getitem__":
                return self.item(value, at, node)
            return Value(BOOL, self.compared(ast.In(), at, value, node))
        if self.unknown(value) and which in _OF_TEXT - _AMBIGUOUS:
            value, kind = self.as_kind(value, STR), STR
        if kind == STR and which == "translate" and len(node.args) == 1:
            table = self.held(self.some(self.expression(node.args[0])))
            return self.made(STR, f"sf_translated({value.text}, {self.boxed(table)})")
        if kind == STR and which in _OF_TEXT:
            return self._text(which, value, node)
        raise CannotPrint(f"calls the method {which} of {said(kind)}", node)

    def _bears(self, cls: str, name: str) -> bool:
        """Whether a class has a static method, or a class method."""
        facts = self.program.classes[cls]
        return name in facts.statics or name in facts.shared

    def _shared(self, cls: str, name: str, node: ast.AST) -> ast.FunctionDef:
        """A class method as a class has it."""
        facts, linked = self.program.classes[cls], self.program.linked
        if (cls, name) not in self.program.shared:
            if linked.home_of[facts.homes[name]] is not linked.home_of[cls]:
                raise CannotPrint(f"calls {name}, which is of another module's class", node)
            made = for_class(facts.shared[name], simple(cls))
            linked.written[made] = facts.shared[name]
            self.program.shared[cls, name] = made
        return self.program.shared[cls, name]

    def _static(self, cls: str, name: str, node: ast.Call) -> Value:
        """A call of a static method, or of a class method on the class ``cls``."""
        facts = self.program.classes[cls]
        method = facts.statics.get(name) or self._shared(cls, name, node)
        self.program.used_classes.add(cls)
        self.program.methods.add((cls, name))
        values = [self.expression(a) for a in bound_arguments(method, node)]
        known = self.program.function(
            f"{cls}__does__{method.name}", method, values, facts.homes[name]
        )
        return self.called(known, values, node)

    def _on_instance(self, value: Value, cls: str, which: str, node: ast.Call) -> Value:
        facts = self.program.classes[cls]
        name = facts.spelled(which, self.inside)
        if self._bears(cls, name):
            self.line(f"sf_own({value.text}, &sf_k_{cls})")
            return self._static(cls, name, node)
        method = facts.methods.get(name)
        if method is None:
            return self._attribute_called(value, cls, name, node)
        given = self._given(method, node)
        result = self.method_call(
            value, name, method, [self.expression(a) for a in given[1:]], node
        )
        self.filled_by(self.program.functions[f"{cls}__does__{method.name}"], given)
        return result

    def _attribute_called(self, value: Value, cls: str, name: str, node: ast.Call) -> Value:
        """``value.name(...)`` where that is no method, but an instance that the other one holds."""
        called = None
        if name not in self.program.classes[cls].functions:
            found = self.some(self.get(replace(value, kind=instance(cls)), name, node))
            called = self._object_called(self.held(found), node)
        if called is None:
            raise Lacks(f"calls {name}, which {cls} does not have", node)
        return called
