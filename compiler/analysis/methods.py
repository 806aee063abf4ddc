"""Which methods a call or an operator may run on a value, and what they give."""

import ast
from collections.abc import Iterable
from contextlib import nullcontext

from selfsame.compiler.analysis.known_calls import DEEP, KnownCalls
from selfsame.compiler.analysis.known_methods import (
    BY_NAME,
    DRAWS,
    LOGGER,
    METHODS,
    NUMBERS,
    OUTSIDE_NAMES,
    known_method,
    known_methods,
)
from selfsame.compiler.analysis.passing import PLAIN_TYPES, Arguments
from selfsame.compiler.analysis.program import ClassInfo
from selfsame.compiler.analysis.values import (
    BOTTOM,
    Ref,
    Value,
    code,
    join,
    ordered,
)

_OUTSIDE = frozenset(
    [
        "write",
        "writelines",
        "read",
        "readline",
        "readlines",
        "recv",
        "send",
        "sendall",
        "flush",
        "close",
        "commit",
        "execute",
    ]
)


class Methods(KnownCalls):
    """The part of the analysis that finds methods by name and by the types of their receivers."""

    def run(self, node: ast.AST, ref: Ref, given: Arguments, shown: str) -> Value:
        """The result of calling one piece of code."""
        raise NotImplementedError

    def call_unknown(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """A call of something that is not, or not only, known code."""
        raise NotImplementedError

    def call_met(self, node: ast.AST, callee: Value, given: Arguments, shown: str) -> Value:
        """A call of a value of unknown type in a closed world."""
        raise NotImplementedError

    def method(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> Value:
        """The result of ``receiver.name(...)``."""
        if receiver.types is None:
            return self.unknown_method(node, receiver, name, given, shown)
        results = []
        for type_ in sorted(receiver.types - {"NoneType"}):
            narrowed = Value(receiver.own, frozenset({type_}))
            if type_ in self.names.program.classes:
                results.append(self.tree_method(node, narrowed, type_, name, given, shown))
                continue
            entry = known_method(type_, name)
            if entry is not None:
                results.append(self.apply_known(node, entry, narrowed, given, name))
            elif type_ in METHODS and name not in BY_NAME and type_ not in (NUMBERS, LOGGER):
                results.append(BOTTOM)  # AttributeError
            elif type_ in PLAIN_TYPES and name.startswith("__"):
                results.append(BOTTOM)
            elif type_ not in METHODS or type_ in (NUMBERS, LOGGER) or name.startswith("__"):
                self.problem(node, "unknown", f"calls method `{name}` of a {type_}")
                self.lost += [receiver, *given.all()]
                results.append(self.mixed([receiver, *given.all()]))
        return join(results) if results else BOTTOM

    def tree_method(
        self, node: ast.AST, receiver: Value, class_: str, name: str, given: Arguments, shown: str
    ) -> Value:
        """A method of an instance of a class of the tree, or of one that inherits from it."""
        results = self.call_of_class(node, receiver, name, given, shown)
        inside, outside = self.names.mro(class_)
        found = self.in_classes(inside, name)
        overriding = [
            a for info in self.names.subclasses(class_) for a in info.methods.get(name, ())
        ]
        one_of = dict.fromkeys([*found, *overriding])
        for address in one_of:
            with self.perhaps() if len(one_of) > 1 else nullcontext():
                results.append(self.apply_method(node, address, receiver, given, shown))
        if not found:
            entries = [e for e in (known_method(b, name) for b in outside) if e is not None]
            stored = name in self.names.program.stored_attributes
            if entries and not stored:
                results += [self.apply_known(node, e, receiver, given, name) for e in entries]
            elif name.startswith("__") and name.endswith("__") and "?" not in str(outside):
                entry = known_method("object", name)
                if entry is not None:
                    results.append(self.apply_known(node, entry, receiver, given, name))
            elif not results or stored:
                held = self.parts(receiver, name)
                results.append(self.call_unknown(node, held, given, shown))
        return join(results) if results else BOTTOM

    def call_of_class(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> list[Value]:
        """The results of ``receiver.name(...)`` where that may be data of a class: ``show = print``."""
        if name not in self.names.class_data:
            return []
        common = self.of_classes(receiver, name)
        callee = Value(common.own, common.types, common.refs)
        return [self.call(node, callee, given, shown)] if callee.own or callee.refs else []

    def in_classes(self, classes: Iterable[ClassInfo], name: str) -> list[str]:
        """The definitions of a method in the first class of the order that has it."""
        for info in classes:
            if name in info.methods:
                return info.methods[name]
        return []

    def apply_method(
        self, node: ast.AST, address: str, receiver: Value, given: Arguments, shown: str
    ) -> Value:
        """A method found by name: how it was decorated says what comes first."""
        value, kind = self.names.method(address)
        if not value.is_code:
            self.problem(node, "unknown", f"calls `{shown}`, whose decorator is not known")
            self.lost += [receiver, *given.all()]
            return self.mixed([receiver, *given.all()])
        if kind == "classmethod":
            given = given.after(code(("class", address.rsplit(".", 1)[0])))
        elif kind != "staticmethod":
            given = given.after(receiver)
        return join([self.run(node, ref, given, shown) for ref in ordered(value.refs)])

    def unknown_method(
        self, node: ast.AST, receiver: Value, name: str, given: Arguments, shown: str
    ) -> Value:
        """A method of a value of any type: every builtin and every class of the tree counts."""
        program, closed = self.names.program, self.world is not None
        if name in OUTSIDE_NAMES:  # what library functions gave may be a handle of the system's
            closed = closed and all(root[0] in ("param", "in") for root in receiver.own)
        self.meet(receiver)
        results = self.call_of_class(node, receiver, name, given, shown)
        count = -1 if given.spread and name != "replace" else len(given.positional)
        named = bool(given.keywords)
        entries = BY_NAME.get(name, []) if closed else known_methods(name, count, named)
        if self.is_of_files(name):
            entries = [*entries, METHODS["memory file"][name]]
        if not entries and name in DRAWS:
            entries = [DRAWS[name]]
        candidates = self.names.methods(name) if closed or entries or name not in _OUTSIDE else ()
        for entry in dict.fromkeys(entries):
            results.append(self.apply_known(node, entry, receiver, given, name))
        for _, address in candidates:
            with self.perhaps():
                results.append(self.apply_method(node, address, receiver, given, shown))
        results += [self.call(node, v, given, shown) for v in self.of_modules(node, name)]
        stored = name in program.stored_attributes and name not in BY_NAME
        if stored or not (entries or candidates):
            held = self.parts(receiver, name)
            if stored or closed:  # no type that is met has it: what is called was stored there
                results.append(self.call_unknown(node, held, given, shown))
            else:
                text = f"calls method `{name}` of a value whose type is not known"
                self.problem(node, "unknown", text)
                for value in [receiver, *given.all()]:
                    self.let_go(node, value)
                results.append(self.mixed([receiver, *given.all()]))
        return join(results)

    def is_of_files(self, name: str) -> bool:
        """Whether streams in memory, which have a method of that name, may come in."""
        return self.world is not None and self.world.has_files and name in METHODS["memory file"]

    def of_modules(self, node: ast.AST, name: str) -> list[Value]:
        """What a value of unknown type has under a name where it is a module that came in."""
        found = []
        for module in self.world.module_values if self.world is not None else ():
            if self.names.answers_for(module, name):
                self.problem(node, "unknown", f"reads `{name}`, for which a module may run code")
            if self.names.may_have(module, name):
                found.append(self.module_attribute(module, name))
        return found

    def any_of_modules(self, node: ast.AST, owner: Value) -> None:
        """An attribute whose name is not known is taken from a value: it may be a module that came in."""
        if self.world is not None and self.world.module_values and owner.types is None:
            self.problem(node, "unknown", "takes anything that a module has")

    def module_attribute(self, module: str, name: str) -> Value:
        """A name of a module, noted as read where it is data of the tree."""
        raise NotImplementedError

    def special(self, node: ast.AST, name: str, value: Value, *others: Value) -> Value:
        """A special method that may run on ``value``; those of ``DEEP`` on what it holds, too.

        Gives what the tree's own methods of that name return.
        """
        program = self.names.program
        types = value.types
        if types is None:
            self.meet(value)
        made = self.missing(node, value) if name == "__missing__" else []
        methods = self.names.methods(name)
        if not methods or (types is not None and types <= PLAIN_TYPES):
            return join(made)
        found = made
        for info, address in methods:
            if types is not None and types <= program.classes.keys():
                family = {c.address for t in sorted(types) for c in self.names.mro(t)[0]} | {
                    c.address for t in sorted(types) for c in self.names.subclasses(t)
                }
                if info.address not in family:
                    continue
            part = self.mixed([value]) if name in DEEP else value
            given = Arguments(list(others), {}, True)
            with self.perhaps():
                found.append(self.apply_method(node, address, part, given, name))
        return join(found)

    def missing(self, node: ast.AST, owner: Value) -> list[Value]:
        """What a ``defaultdict`` of a module, or one that came in, is given where it is asked for what it does not hold."""
        made = []
        for kind, dotted in sorted(owner.own):
            for factory in self.names.factories(dotted) if kind == "global" else ():
                made.append(self.call(node, factory, Arguments(), "its default_factory"))
                self.mutate(node, owner, "reads an item that may be made then", False)
                self.hold(owner.own, made[-1], "[]")
        came_in = owner.types is None or any(root[0] != "new" for root in owner.own)
        if self.world is not None and self.world.has_makers and owner.own and came_in:
            # With its factory.
            with self.perhaps():
                made.append(self.call_met(node, owner, Arguments(), "a default_factory"))
            self.mutate(node, owner, "reads an item that may be made then", False)
            self.hold(owner.own, made[-1], "[]")
        return made

    def super_call(
        self, node: ast.AST, class_: str, receiver: Value, given: Arguments, shown: str
    ) -> Value:
        """``super().name(...)``: ``class_`` is ``address/name``."""
        address, _, name = class_.rpartition("/")
        inside, outside = self.names.mro(address)
        found = self.in_classes(inside[1:], name)
        results = [self.apply_method(node, a, receiver, given, shown) for a in found]
        if not found:
            entries = [e for e in (known_method(b, name) for b in outside or ["object"]) if e]
            for entry in entries:
                results.append(self.apply_known(node, entry, receiver, given, name))
            if not entries:
                self.problem(node, "unknown", f"calls `super().{name}`, which is not known")
                self.lost += [receiver, *given.all()]
                results.append(self.mixed([receiver, *given.all()]))
        return join(results)
