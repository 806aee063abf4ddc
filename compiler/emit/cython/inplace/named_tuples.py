"""Named tuples in place: a field is an item of the tuple, and a new one is made as its class makes it.

No code of the user's runs for either. Their methods are functions of the unit. That the class is the one of the text is looked at when a call
starts: the fields in their order, and how an instance is made.
"""

import ast
from collections.abc import Sequence

from selfsame.compiler.emit.cython.expressions import bound_arguments
from selfsame.compiler.emit.cython.inplace.classes import defaults_of_named
from selfsame.compiler.emit.cython.inplace.kinds import BOTTOM, INT, named
from selfsame.compiler.emit.cython.inplace.live import Live
from selfsame.compiler.emit.cython.inplace.state import MADE, Known, Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.module_names import constant_value
from selfsame.compiler.emit.cython.refusal import CannotPrint


class NamedTuples(Live):
    """Reads the fields of named tuples, and makes new ones."""

    def expression(self, node: ast.expr) -> Value:
        """The value of ``node``: the values' part knows how."""
        raise NotImplementedError

    def field(self, value: Value, attribute: str, node: ast.AST) -> Value:
        """``value.attribute``. Raises CannotPrint for what is no field."""
        fields = self.program.linked.named[value.kind.cls]
        if attribute not in fields:
            method = self.program.linked.named_methods[value.kind.cls].get(attribute)
            if method is not None and method.decorator_list:
                return self._does(value, attribute, [], node)
            raise CannotPrint(f"reads {attribute} of a {value.kind.cls}, which is no field", node)
        return self.field_at(value, fields.index(attribute))

    def on_named(self, value: Value, which: str, node: ast.Call) -> Value | None:
        """``value.which(...)``, where its class has that method; else None."""
        if which == "_replace":
            return self._replaced(value, node)
        method = self.program.linked.named_methods[value.kind.cls].get(which)
        if method is None or method.decorator_list:
            return None
        outer = ast.Call(node.func, [ast.Constant(0), *node.args], node.keywords)
        given = bound_arguments(method, ast.copy_location(outer, node))[1:]
        return self._does(value, which, [self.expression(each) for each in given], node)

    def _does(self, value: Value, which: str, given: list[Value], node: ast.AST) -> Value:
        cls = value.kind.cls
        linked = self.program.linked
        method = linked.named_methods[cls][which]
        self.program.use_named(cls)
        self.program.named_called.add((cls, which))
        values = [value, *given]
        home, _ = linked.named_of[cls]
        known = self.program.function(f"{cls}__does__{which}", method, values, "", home)
        return self.called(known, values, node)

    def called(self, known: Known, values: Sequence[Value], node: ast.AST) -> Value:
        """A call of a function of the unit: the calls' part knows how."""
        raise NotImplementedError

    def field_at(self, value: Value, number: int) -> Value:
        """``value[number]``."""
        kind = self.program.field(value.kind.cls, number)
        return self.read(kind, "sf_tuple", f"{value.text}, {number}")

    def new_named(self, cls: str, node: ast.Call) -> Value:
        """``Point(x, y)``; what is not given is a literal in the class's text."""
        fields = self.program.linked.named[cls]
        given = [*zip(fields, node.args, strict=False)]
        given += [(k.arg or "", k.value) for k in node.keywords]
        names = {name for name, _ in given}
        by_default = self._by_default(cls, set(fields) - names)
        given += by_default.items()
        if len(node.args) > len(fields) or sorted(name for name, _ in given) != sorted(fields):
            raise CannotPrint(f"makes a {cls} without giving each field once", node)
        held = {name: self.held(self.expression(value)) for name, value in given}
        return self._of_fields(cls, [held[name] for name in fields])

    def _by_default(self, cls: str, missing: set[str]) -> dict[str, ast.expr]:
        """What these fields are by default: those that are literals."""
        written = self.program.linked.named_written.get(cls)
        if not missing or written is None:
            return {}
        defaults = defaults_of_named(written)
        values = {name: constant_value(each) for name, each in defaults.items()}
        if any(v is None and ast.unparse(defaults[name]) != "None" for name, v in values.items()):
            return {}
        self.program.named_defaults[cls] = tuple(values.values())
        return {name: value for name, value in defaults.items() if name in missing}

    def made_of(self, cls: str, node: ast.Call) -> Value:
        """``Point._make(values)``, of as many as it has fields."""
        if len(node.args) != 1 or node.keywords:
            raise CannotPrint(f"calls _make of {cls} with other arguments than it takes", node)
        value, count = self.held(self.some(self.expression(node.args[0]))), self._count(cls)
        if value.kind == BOTTOM and not self.program.final:
            return value
        if value.kind.name in {"list", "row"}:
            self.decline(f"sf_seq_len({value.text}) != {count}")
        elif value.kind.name != "tuple" or len(value.kind.parts) != count:
            raise CannotPrint(f"makes a {cls} of {said(value.kind)}", node)
        self.program.named_own.add((cls, "_make"))
        items = [self.item(value, Value(INT, str(at)), node) for at in range(count)]
        return self._of_fields(cls, [self.held(item) for item in items])

    def _replaced(self, value: Value, node: ast.Call) -> Value:
        """``value._replace(x=...)``."""
        cls = value.kind.cls
        fields = self.program.linked.named[cls]
        given = {k.arg: k.value for k in node.keywords}
        if node.args or not given.keys() <= set(fields):
            raise CannotPrint(f"replaces what is no field of a {cls}", node)
        new = {name: self.held(self.expression(each)) for name, each in given.items()}
        self.program.named_own.add((cls, "_replace"))
        old = {
            name: self.held(self.field_at(value, at))
            for at, name in enumerate(fields)
            if name not in new
        }
        return self._of_fields(cls, [(new | old)[name] for name in fields])

    def _count(self, cls: str) -> int:
        return len(self.program.linked.named[cls])

    def _of_fields(self, cls: str, held: Sequence[Value]) -> Value:
        for number, value in enumerate(held):
            self.program.set_field(cls, number, value.kind)
        self.program.use_named(cls)
        items = "".join(f"{self.boxed(value, MADE)}, " for value in held)
        return self.made(named(cls), f"sf_new_named(sf_g_{cls}, ({items}))")

    def item(self, value: Value, at: Value, node: ast.AST) -> Value:
        """``value[at]``: the values' part knows how."""
        raise NotImplementedError
