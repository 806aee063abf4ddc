"""What reading and setting an attribute gives and does: data, methods, properties, class data."""

import ast

from selfsame.compiler.analysis.applying import Calls
from selfsame.compiler.analysis.known_functions import ONLY_CLASSES
from selfsame.compiler.analysis.known_methods import ALONE, BY_NAME, DRAWS, METHODS
from selfsame.compiler.analysis.passing import Arguments
from selfsame.compiler.analysis.program import ClassInfo
from selfsame.compiler.analysis.values import (
    ANY,
    BOTTOM,
    IMPORTED,
    NOTHING,
    Value,
    code,
    holders,
    join,
    of_type,
    one,
    ordered,
)

_NAMES_OF_CODE = frozenset({"__name__", "__qualname__", "__module__", "__doc__"})


class Attributes(Calls):
    """The part of the analysis that reads and sets attributes."""

    def value(self, node: ast.expr | None) -> Value:
        """What ``node`` may be; the effects of computing it are noted."""
        raise NotImplementedError

    def values(self, nodes: list[ast.expr]) -> list[Value]:
        """The values of several expressions."""
        return [self.value(node) for node in nodes]

    def attribute(self, node: ast.Attribute) -> Value:
        """``owner.name`` read, not called."""
        if is_super(node.value):
            return self.super_attribute(node)
        owner = self.value(node.value)
        return self.attribute_of(node, owner, node.attr)

    def attribute_of(self, node: ast.AST, owner: Value, name: str) -> Value:
        """An attribute of a value: a module's name, a class's, a method, or data."""
        found: list[Value] = []
        for ref in ordered(owner.refs):
            if ref[0] == "module":
                found.append(self.module_attribute(str(ref[1]), name))
            elif ref[0] == "known":
                found.append(self.names.of_foreign(str(ref[1]), name))
                self.meet_foreign(found[-1])
            elif ref[0] == "class":
                found.append(self.class_attribute(str(ref[1]), name))
            elif name in BY_NAME or name.startswith("cache_"):
                found.append(ANY)
        if owner.is_code:
            return join(found) if found else ANY
        if name == "__class__":
            return join([self.type_of(owner), *self.own_class(node, owner)])
        if name in _NAMES_OF_CODE:
            return of_type("str")
        program = self.names.program
        held = self.parts(owner, "*" if name == "__dict__" else name)
        if name == "__dict__":
            self.any_of_modules(node, owner)
            return held
        if owner.types is None:
            found += self.of_modules(node, name)
        if not owner.own or any(root[0] != "new" for root in owner.own):
            common = self.of_classes(owner, name)  # what was made here has it in its parts
            held = Value(held.own | common.own, None, held.refs | common.refs)
        if self.names.properties(name):
            found.append(self.properties(node, owner, name))
        if self.names.descriptors(name):
            found.append(self.described(node, owner, name, "__get__"))
        for dunder in ("__getattr__", "__getattribute__"):
            self.special(node, dunder, owner)
        # A method taken without being called: it is code where no instance has data of that name.
        is_method = bool(self.names.methods(name)) and not self.names.properties(name)
        if is_method or name in BY_NAME or name in DRAWS or self.is_of_files(name):
            method = one(("virtual", name, owner.without_code()))
            stored = name in program.stored_attributes or name in self.names.class_data
            if stored or not (is_method or name in BY_NAME):
                found.append(Value(held.own, None, held.refs | {method}))
            else:
                found.append(Value(NOTHING, frozenset({"function"}), frozenset({method})))
            return join(found)
        return join([held, *found])

    def module_attribute(self, module: str, name: str) -> Value:
        """A name of a module, noted as read where it is data of the tree."""
        source = self.names.program.module(module)
        if source is not None and self.names.is_data(source, name):
            home, original = self.names.home(source, name)
            self.reads.add((home.name, original))
            return self.names.attribute(module, name)
        value = self.names.attribute(module, name)
        self.meet_foreign(value)
        return value

    def meet_foreign(self, value: Value) -> None:
        """Data of another package, or of a name that is not found, may be an instance of anything."""
        if value.types in ALONE:
            return
        for _, dotted in value.own:
            if dotted.rpartition(".")[0] not in ONLY_CLASSES:
                self.meets.add(IMPORTED)

    def class_attribute(self, address: str, name: str) -> Value:
        """``Class.name``: a function as it stands there, or the class's data."""
        if name in _NAMES_OF_CODE:
            return of_type("str")
        self.meets.add(address)
        inside, outside = self.names.mro(address)
        for info in inside:
            if name in info.methods:
                addresses = info.methods[name]
                decorated = [self.names.program.definition(a) for a in addresses]
                kinds = {
                    d.id
                    for definition in decorated
                    if definition is not None
                    for d in getattr(definition.node, "decorator_list", [])
                    if isinstance(d, ast.Name)
                }
                if "classmethod" in kinds:
                    receiver = code(("class", address))
                    return code(*(("bound", a, receiver) for a in addresses))
                return join(self.names.function(a) for a in addresses)
            if name in info.data:
                own = Value(frozenset({("class", info.address)}))
                found = self.names.in_class(info, name, inside)
                # Of an enumeration the members are no numbers.
                return found if not found.own and found.types and not outside else own
        if not any(base[0] == "?" for base in outside) and not self.names.stored_on(inside, name):
            # `Exception.__init__`, by the name of a class below it.
            for base in (*outside, "object"):
                if name in METHODS.get(base, {}):
                    return code(("known", f"{base}.{name}"))
        return Value(frozenset({("class", address)}))

    def properties(self, node: ast.AST, owner: Value, name: str) -> Value:
        """A read that may run the getter of a property of that name."""
        found = []
        for info in self.names.properties(name):
            if not self.may_be_a(owner, info):
                continue
            for address in info.methods.get(name, ()):
                found.append(self.apply_method(node, address, owner, Arguments([], {}, True), name))
        return join(found)

    def own_class(self, node: ast.AST, owner: Value) -> list[Value]:
        """``owner.__class__``, which ``isinstance`` asks for too, where a class answers for itself."""
        found = [self.special(node, "__getattribute__", owner)]
        if self.names.properties("__class__"):
            found.append(self.properties(node, owner, "__class__"))
        return found

    def described(self, node: ast.AST, owner: Value, name: str, method: str) -> Value:
        """A read or a write of an attribute that an object in the class may answer for."""
        found = []
        for info, described in self.names.descriptors(name):
            if not self.may_be_a(owner, info):
                continue
            if not described:
                self.problem(
                    node, "unknown", f"uses `{name}`, which may run code of another package"
                )
            receiver = Value(frozenset({("class", info.address)}))
            for address in self.in_classes(self.names.mro(described)[0], method):
                given = Arguments([owner], {}, True)
                found.append(self.apply_method(node, address, receiver, given, name))
        return join(found)

    def may_be_a(self, owner: Value, info: ClassInfo) -> bool:
        """Whether a value may be an instance of a class of the tree or of one that inherits from it."""
        if owner.types is None or not owner.types <= self.names.program.classes.keys():
            return True
        return any(
            info in self.names.mro(t)[0] or info in self.names.subclasses(t)
            for t in sorted(owner.types)
        )

    def super_attribute(self, node: ast.Attribute) -> Value:
        """``super().name``."""
        class_ = self.definition.parent
        while class_ is not None and class_ not in self.names.program.classes:
            outer = self.names.program.definition(class_)
            class_ = outer.parent if outer is not None else None
        if class_ is None:
            return ANY
        receiver = self.first_parameter()
        return code(("super", f"{class_}/{node.attr}", receiver.without_code()))

    def first_parameter(self) -> Value:
        """The method's receiver as it came in."""
        arguments = self.definition.node.args  # type: ignore[union-attr]
        plain = arguments.posonlyargs + arguments.args
        if not plain:
            return Value(frozenset({("free", "self")}))
        return Value(frozenset({("param", plain[0].arg)}), None)

    def by_name(self, node: ast.Call, function: str) -> Value | None:
        """``getattr(x, "name")``, ``setattr`` and their like with a name that is written out."""
        name = node.args[1]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return None
        owner = self.value(node.args[0])
        rest = self.values(node.args[2:])
        if function in ("getattr", "hasattr"):
            found = self.attribute_of(node, owner, name.value)
            return join([found, *rest]) if function == "getattr" else of_type("bool")
        self.store_attribute(node, owner, name.value, join(rest))
        return of_type("NoneType")

    def any_attribute(self, node: ast.AST, function: str, given: Arguments) -> Value:
        """``getattr(x, name)`` and its like with a name that is not known, or ``vars(x)``."""
        owner = given.positional[0] if not given.spread else self.mixed(given.all())
        self.any_of_modules(node, owner)
        if function == "vars":
            return self.attribute_of(node, owner, "__dict__") if owner.refs else BOTTOM
        reads = function in ("getattr", "hasattr")
        found = [self.of_classes(owner, "*")] if reads and not owner.is_code else []
        for name in self.names.running_code():
            found.append(self.properties(node, owner, name))
            found.append(self.described(node, owner, name, "__get__" if reads else "__set__"))
        return join(found) if function == "getattr" else BOTTOM

    def store_attribute(self, node: ast.AST, owner: Value, name: str, value: Value) -> None:
        """``owner.name = value``: setters of that name run, the owner changes."""
        self.mutate(node, owner, f"sets attribute `{name}`")
        if name == "__dict__":
            self.problem(node, "unknown", "sets `__dict__`, which other objects may have too")
        told = value.types is not None and value.types <= {"NoneType"}
        if name == "default_factory" and not told:
            self.problem(node, "unknown", "sets `default_factory`, which is called from then on")
        self.hold(holders(owner), value, name)
        self.store_on_code(node, owner)
        if any(ref[0] in ("class", "module") for ref in owner.refs) and not owner.is_code:
            self.problem(node, "unknown", f"may set `{name}` of a class")
        if self.names.properties(name):
            self.properties(node, owner, name)
        if self.names.descriptors(name):
            self.described(node, owner, name, "__set__")
        self.special(node, "__setattr__", owner, value)


def is_super(node: ast.expr) -> bool:
    """Whether an expression is a call of ``super``."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )
