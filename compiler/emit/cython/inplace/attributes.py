"""Attributes of instances, which may be of several classes, and the methods that operators name."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from selfsame.compiler.emit.cython.inplace.bound_methods import BoundMethod, has_method
from selfsame.compiler.emit.cython.inplace.class_facts import ClassFacts
from selfsame.compiler.emit.cython.inplace.enums import Enums
from selfsame.compiler.emit.cython.inplace.homes import Target
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    ERROR,
    NONE,
    Kind,
    instance,
)
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.refusal import CannotPrint


class Lacks(CannotPrint):
    """A class does not have what is asked of it."""


class Attributes(Enums):
    """Reads and stores attributes, one way for each class."""

    several: Value | None = None  # the instance that is asked what others of several classes are
    kept_methods: Mapping[ast.expr, BoundMethod] = MappingProxyType({})
    passed_lambdas: frozenset[ast.Lambda] = frozenset()
    listed_ranges: frozenset[ast.expr] = frozenset()

    @property
    def names(self) -> ModuleNames:
        """What the module says whose text it is."""
        return self.home.names

    def target(self, node: ast.expr) -> Target | None:
        """What ``name`` or ``module.name`` stands for in the tree; None where that is a local or not known."""
        first = node
        while isinstance(first, ast.Attribute):
            first = first.value
        if not isinstance(first, ast.Name) or self.own(first.id):
            return None
        found = self.program.linked.at(self.home, node)
        if found is not None:
            self.program.linked.rely(self.home, node)
        return found

    def class_named(self, node: ast.expr) -> str:
        """The plain class that ``node`` is the name of, or empty."""
        found = self.target(node)
        return found.spelled if found is not None and found.kind == "class" else ""

    @property
    def own_names(self) -> set[str]:
        """The names that the function binds."""
        raise NotImplementedError

    def own(self, name: str) -> bool:
        """Whether a name is the function's, or a comprehension's around here."""
        return name in self.own_names or any(name in scope for scope in self.scopes)

    def is_builtin(self, name: str) -> bool:
        """Whether a name is that of a builtin here."""
        return not self.own(name) and self.names.builtin(name)

    def expression(self, node: ast.expr) -> Value:
        """The value of ``node``: the values' part knows how."""
        raise NotImplementedError

    def literal(self, value: object, node: ast.AST) -> Value:
        """The value of a literal: the values' part knows how."""
        raise NotImplementedError

    def either(self, ways: list[Callable[[], Value]], tests: list[str]) -> Value:
        """The value of the first way whose test holds, else of the last: the values' part knows how."""
        raise NotImplementedError

    def owner(self, node: ast.Attribute) -> Value | None:
        """The instance of an attribute; None where nothing is known yet."""
        value = self.some(self.expression(node.value))
        if value.kind == BOTTOM and not self.program.final:
            return None
        if value.kind.name not in ("instance", "named", "member", "match", "error"):
            raise CannotPrint(f"reads the attribute {node.attr} of {said(value.kind)}", node)
        return value

    def keeps_method(self, kind: Kind, method: str) -> bool:
        """Whether a local that is only called, and holds this, stands for its method."""
        if kind.name == "instance":
            classes = [self.program.classes[cls] for cls in kind.cls.split("|")]
            return all(facts.spelled(method, self.inside) in facts.methods for facts in classes)
        return has_method(kind, method)

    def bound_to(self, node: ast.Attribute, method: str) -> Value:
        """The object whose method a local is bound to; what else such a local is bound to is that itself."""
        value = self.held(self.some(self.expression(node.value)))
        if value.kind == BOTTOM and not self.program.final:
            return value
        if self.keeps_method(value.kind, method):
            if value.kind.name == "instance":
                self.by_class(value, lambda one, cls: self.keep(one, cls, method))
            return value
        if value.kind.name != "instance":
            raise CannotPrint(f"reads the attribute {method} of {said(value.kind)}", node)
        found = self.get(value, method, node)
        if self.keeps_method(found.kind.some, method):
            raise CannotPrint(f"calls the attribute {method}, which is {said(found.kind)}", node)
        return found

    def keep(self, value: Value, cls: str, method: str) -> Value:
        """Sees to it that the method is the one of the class."""
        spelled = self.program.classes[cls].spelled(method, self.inside)
        self.program.methods.add((cls, spelled))
        self.line(f"sf_own({value.text}, &sf_k_{cls})")
        return Value(NONE, "None", fresh=True)

    def by_class(self, value: Value, act: Callable[[Value, str], Value]) -> Value:
        """What ``act`` gives for an instance; one way for each class that it may be of."""
        classes = value.kind.cls.split("|")
        self.program.used_classes |= set(classes)
        if len(classes) == 1:
            return act(value, classes[0])
        value = self.held(value)

        def way(cls: str) -> Callable[[], Value]:
            return lambda: self._one_of(act, replace(value, kind=instance(cls)), cls)

        tests = [f"sf_is_of({value.text}, &sf_k_{cls})" for cls in classes[:-1]]
        return self.either([way(cls) for cls in classes], tests)

    def _one_of(self, act: Callable[[Value, str], Value], value: Value, cls: str) -> Value:
        """What ``act`` gives, where there are other classes: what this one lacks is left to Python."""
        outer, self.several = self.several, value
        try:
            return self.or_declined(lambda: act(value, cls), Lacks)
        finally:
            self.several = outer

    def or_declined(self, way: Callable[[], Value], refusal: type[CannotPrint]) -> Value:
        """What one of several ways gives; it is left to Python where it has no compiled form."""
        depth, lines = self.depth, len(self.lines)
        scopes, bound = list(self.scopes), set(self.bound)
        try:
            made = way()
        except refusal:
            made = None
        if made is None or (made.kind == BOTTOM and self.program.final):
            self.depth, self.scopes, self.bound = depth, scopes, bound
            del self.lines[lines:]
            self.line("sf_deopt()")
            return Value(BOTTOM, "0")
        return made

    def above(self, facts: ClassFacts) -> set[str]:
        """The classes that a class derives from."""
        found: set[str] = set()
        while facts.base:
            found.add(facts.base)
            facts = self.program.classes[facts.base]
        return found

    def facts(self, kind: Kind, node: ast.AST) -> ClassFacts:
        """The one class of an instance."""
        if kind.cls not in self.program.classes:
            raise CannotPrint(f"uses {said(kind)}, of several classes, in one way", node)
        return self.program.classes[kind.cls]

    def get(self, value: Value, attribute: str, node: ast.AST) -> Value:
        """``value.attribute``."""
        if value.kind.name == "named":
            return self.field(value, attribute, node)
        if value.kind.name == "member":
            return self.of_member(value, attribute, node)
        if value.kind == ERROR:
            return self.of_error(value, attribute, node)
        return self.by_class(value, lambda one, cls: self._get(one, cls, attribute, node))

    def _get(self, value: Value, cls: str, attribute: str, node: ast.AST) -> Value:
        facts = self.program.classes[cls]
        attribute = facts.spelled(attribute, self.inside)
        if attribute in facts.properties:
            return self.method_call(value, attribute, facts.properties[attribute], [], node)
        if attribute in facts.functions:
            return self.method_taken(value, cls, attribute, node)
        kind = self.program.attribute(cls, attribute)
        if kind == BOTTOM:
            kind = self.held_by_class(facts, attribute, node)
        if kind == BOTTOM:
            # What nothing is known of may be read all the same, where there is only one class.
            alone = self.program.final and value is not self.several
            kind = ANY if alone else BOTTOM
        if kind == BOTTOM:
            return Value(BOTTOM, "0")
        place = f"{value.text}, &sf_p_{len(cls)}{cls}_{attribute}"
        if kind.boxed and attribute not in facts.names and self.owns(value, (cls, attribute)):
            return self.checked(kind, f"sf_get_own({place})", own=True)
        return self.read(kind, "sf_get", place)

    def method_taken(self, value: Value, cls: str, name: str, node: ast.AST) -> Value:
        """A method as a value: the calls' half knows how."""
        raise NotImplementedError

    def held_by_class(self, facts: ClassFacts, attribute: str, node: ast.AST) -> Kind:
        """The type of what the body of a class binds a name to."""
        if attribute in facts.constants:
            return self.literal(facts.constants[attribute], node).kind
        if attribute not in facts.values:
            return BOTTOM
        home, value = facts.values[attribute]
        kind = self.program.linked.kind_of(self.program.linked.home_of[home], value)
        return BOTTOM if kind == ANY else kind

    def put(self, value: Value, attribute: str, new: Value, node: ast.AST) -> None:
        """``value.attribute = new``."""
        if value.kind == ERROR:
            self.put_in_error(value, attribute, new, node)
            return
        if value.kind.name != "instance":
            raise CannotPrint(f"stores to {attribute} of {said(value.kind)}", node)
        self.by_class(value, lambda one, cls: self._put(one, cls, attribute, new, node))

    def _put(self, value: Value, cls: str, attribute: str, new: Value, node: ast.AST) -> Value:
        facts = self.program.classes[cls]
        attribute = facts.spelled(attribute, self.inside)
        if attribute in facts.setters:
            self.method_call(value, attribute, facts.setters[attribute], [new], node)
            return Value(NONE, "None", fresh=True)
        if attribute in facts.functions:
            raise CannotPrint(f"stores to {attribute}, which the class {cls} has", node)
        written = facts.methods.get("__init__") if facts.written else None
        if facts.frozen and self.known.node is not written:
            raise CannotPrint(f"stores to {attribute} of a {cls}, which is frozen", node)
        self.program.set_attribute(cls, attribute, new.kind)
        pool = "NULL" if value.fresh else "pool"
        place = f"{pool}, {value.text}, &sf_p_{len(cls)}{cls}_{attribute}"
        if new.kind.name in {"int", "float", "bool"} and not new.kind.none:
            self.line(f"sf_put_{new.kind.name}({place}, {new.text})")
        elif new.kind != BOTTOM:
            self.line(f"sf_put_object({place}, {self.boxed(new, value, (cls, attribute))})")
        return Value(NONE, "None", fresh=True)

    def method_call(
        self,
        receiver: Value,
        name: str,
        method: ast.FunctionDef,
        arguments: list[Value],
        node: ast.AST,
    ) -> Value:
        """A call of a method of the unit: the calls' half knows how."""
        raise NotImplementedError

    def special(self, value: Value, name: str, arguments: list[Value], node: ast.AST) -> Value:
        """A call of the method that an operator or a subscript names."""
        arguments = [self.held(a) for a in arguments] if "|" in value.kind.cls else arguments

        def act(one: Value, cls: str) -> Value:
            facts = self.program.classes[cls]
            if name not in facts.methods:
                raise Lacks(f"uses {name}, which {cls} does not have", node)
            return self.method_call(one, name, facts.methods[name], arguments, node)

        return self.by_class(value, act)

    def _sure(self, kind: Kind) -> Kind:
        return ANY if kind == BOTTOM and self.program.final else kind

    def class_of(self, value: Value) -> str:
        """The class of an instance, which the unit relies on."""
        self.program.used_classes.add(value.kind.cls)
        return value.kind.cls
