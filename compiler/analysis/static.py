"""What module-level names and classes stand for, across the modules of a program."""

import ast
import builtins
from collections.abc import Sequence

from selfsame.compiler.analysis.class_stores import ANY_NAME, ClassStores
from selfsame.compiler.analysis.known import Known
from selfsame.compiler.analysis.known_functions import CONSTANTS, FUNCTIONS, known_function
from selfsame.compiler.analysis.known_methods import ALONE, METHODS, NUMBERS
from selfsame.compiler.analysis.literals import NEVER_CHANGED, is_constant, type_of_literal
from selfsame.compiler.analysis.program import Absent, Binding, ClassInfo, Module, Program, nowhere
from selfsame.compiler.analysis.transparent import (
    CACHES,
    QUIET_BASES,
    QUIET_CLASS_DECORATORS,
    QUIET_METACLASSES,
    TRANSPARENT,
)
from selfsame.compiler.analysis.values import ANY, BOTTOM, Value, code, join, of_type, ordered
from selfsame.runtime.agent.shared import GENERATOR

_ABOVE_FUNCTIONS = frozenset(
    ".".join(parts[:n])
    for parts in (dotted.split(".") for dotted in FUNCTIONS)
    for n in range(1, len(parts))
)
"""The modules and classes that have known functions."""
_OF_THE_MACHINERY = frozenset({"__slots__", "__match_args__", "__annotations__"})


_OF_PYTHON_2 = frozenset(
    [
        "basestring",
        "cmp",
        "coerce",
        "execfile",
        "file",
        "intern",
        "long",
        "raw_input",
        "reload",
        "unichr",
        "unicode",
        "xrange",
    ]
)


_GETATTR = code(("known", "builtins.getattr"))


def _first(node: ast.expr) -> str:
    """The name at the beginning of ``a.b.c``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def known_entry(dotted: str) -> Known | None:
    """The entry of a known function, class, or method of a known class (``str.join``)."""
    found = known_function(dotted)
    if found is None and "." in dotted:
        owner, name = dotted.rsplit(".", 1)
        if owner in METHODS:
            return METHODS[owner].get(name)
        base = FUNCTIONS.get(owner)
        if base is not None and base.type:
            return METHODS.get(base.type, {}).get(name)
    return found


class GlobalNames:
    """The global names and the classes of a program. Results are kept: a program does not change."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._values: dict[tuple[str, str], Value] = {}
        self._methods: dict[str, tuple[Value, str]] = {}
        self._is_data: dict[tuple[str, str], bool] = {}
        self._data: frozenset[str] | None = None
        self._common: dict[tuple[str, str], Value] = {}
        self._mro: dict[str, tuple[list[ClassInfo], list[str]]] = {}
        self._stores: ClassStores | None = None
        self._factories: dict[str, list[Value]] = {}
        self.absent: Absent = nowhere

    def of(self, module: Module, name: str) -> Value:
        """What ``name`` is at the top level of ``module``; a builtin where it is not bound there."""
        key = (module.name, name)
        if key not in self._values:
            self._values[key] = ANY  # a name defined through itself is unknown
            self._values[key] = self._of(module, name)
        return self._values[key]

    def is_data(self, module: Module, name: str) -> bool:
        """Whether a module binds ``name`` to something else than functions, classes and modules."""
        key = (module.name, name)
        if key not in self._is_data:
            self._is_data[key] = self._binds_data(module, name)
        return self._is_data[key]

    def _binds_data(self, module: Module, name: str) -> bool:
        home, original = self.home(module, name)
        found = home.bindings.get(original, [])
        if not any(b.kind == "data" for b in found):
            return False
        value = self.of(home, original)
        # `_missing = object()` is known by what it is, and a copy of it would be another; a logger is
        # found by its name.
        return not value.refs and value.types not in ALONE

    def captured(self, dotted: str) -> tuple[str, str] | None:
        """The module and name of data of the tree that goes with captured calls; None of any other.

        What is bound nowhere but in functions may not be there when a call begins.
        """
        module, _, name = dotted.rpartition(".")
        if (module, name) == GENERATOR:  # not of the tree, but its state can go with a call
            return GENERATOR
        source = self.program.modules.get(module)
        found = source.bindings.get(name, []) if source is not None else []
        if source is None or not any(
            b.kind == "data" and not isinstance(b.statement, ast.Global) for b in found
        ):
            return None
        return (module, name) if self.is_data(source, name) else None

    def home(self, module: Module, name: str) -> tuple[Module, str]:
        """The module of the tree whose data ``name`` is: imports are followed."""
        for _ in range(20):
            found = module.bindings.get(name, [])
            if len(found) != 1 or found[0].kind != "from":
                break
            base, _, attribute = found[0].target.partition(":")
            source = self.program.module(base)
            if source is None or attribute not in source.bindings:
                break
            module, name = source, attribute
        return module, name

    def _of(self, module: Module, name: str) -> Value:
        found = module.bindings.get(name)
        if found:
            found = [b for b in found if self._happens(module, name, b)]
            value = join(self._binding(module, name, b, len(found) == 1) for b in found)
            # A star import of an unknown module may replace it; accelerators (`_heapq`) mean the same.
            risky = [s for s in module.stars if not self.program.module(s) and s[:1] != "_"]
            return join([value, ANY]) if risky else value
        for star in module.stars:
            source = self.program.module(star)
            if source is not None and name in source.bindings:
                return self.of(source, name)
        if any(not self.program.module(s) and s[:1] != "_" for s in module.stars):
            return Value(frozenset({("global", f"{module.name}.{name}")}))
        return self.builtin(name)

    def builtin(self, name: str) -> Value:
        """A name that nobody in the tree binds."""
        if name in ("__name__", "__file__", "__doc__", "__debug__"):
            return of_type("str")
        if hasattr(builtins, name):
            return code(("known", f"builtins.{name}"))
        if name in _OF_PYTHON_2 and not self.program.is_replaced(f"builtins.{name}"):
            return BOTTOM  # NameError
        return Value(frozenset({("global", f"builtins.{name}")}))

    def _binding(self, module: Module, name: str, binding: Binding, alone: bool) -> Value:
        if binding.kind == "def":
            return self.function(binding.target)
        if binding.kind == "class":
            return code(("class", binding.target))
        if binding.kind == "module":
            return self.imported_module(binding.target)
        if binding.kind == "from":
            return self.from_import(binding.target)
        data = Value(frozenset({("global", f"{module.name}.{name}")}))
        value = self._bound_to(module, binding)
        if value.is_code and value.refs:
            return value
        if not alone:
            return data
        if value.types is not None and value.types <= NEVER_CHANGED:
            return of_type(*value.types)  # nobody can change what it is
        return Value(data.own, value.types)

    def _happens(self, module: Module, name: str, binding: Binding) -> bool:
        """Whether a name is ever bound so: not by the import of what is not installed, nor to what that has."""
        if binding.kind == "module" and isinstance(binding.statement, ast.Import):
            return not all(self.absent(a.name) for a in binding.statement.names)
        if binding.kind in ("module", "from"):
            return not self.absent(binding.target.partition(":")[0])
        if binding.kind != "data":
            return True
        if isinstance(binding.value, ast.Name) and binding.value.id == name:
            return self.builtin(name) != BOTTOM  # `xrange = xrange`
        if isinstance(binding.value, ast.Attribute) and _first(binding.value) == name:
            others = [b for b in module.bindings[name] if b is not binding]
            return not all(_is_none(b.value) or not self._happens(module, name, b) for b in others)
        return self._bound_to(module, binding) != BOTTOM

    def _bound_to(self, module: Module, binding: Binding) -> Value:
        """What a module's statement gives a name, as far as types and code go."""
        if binding.value is not None:
            return self.expression(module, binding.value)
        statement = binding.statement
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            unpacked = all(isinstance(target, ast.Tuple | ast.List) for target in statement.targets)
            starred = any(
                isinstance(n, ast.Starred) for t in statement.targets for n in ast.walk(t)
            )
            if unpacked and not starred and self.dotted(module, statement.value) == "range":
                return of_type("int")  # `FIRST, SECOND = range(2)`
        return ANY

    def imported_module(self, name: str) -> Value:
        """A module: one of the tree, or one that is known by name only."""
        return Value(types=frozenset({"module"}), refs=frozenset({("module", name)}))

    def from_import(self, target: str) -> Value:
        """What ``from base import name`` gives."""
        base, _, name = target.partition(":")
        source = self.program.module(base)
        bound = source.bindings.get(name, []) if source is not None else []
        itself = all(b.kind == "from" and b.target == target for b in bound)
        if source is not None and bound and not itself:
            return self.of(source, name)
        if self.program.module(f"{base}.{name}") is not None:
            return self.imported_module(f"{base}.{name}")
        if source is not None:
            return self.of(source, name)
        return self.foreign(f"{base}.{name}")

    def foreign(self, dotted: str) -> Value:
        """A name of a module that is not of the tree: known code, or data of which nothing is known."""
        if dotted in CONSTANTS:
            return of_type(CONSTANTS[dotted])
        if known_entry(dotted) is not None or dotted in _ABOVE_FUNCTIONS:
            return code(("known", dotted))
        return Value(frozenset({("global", dotted)}), None, frozenset({("known", dotted)}))

    def of_foreign(self, dotted: str, name: str) -> Value:
        """An attribute of what is known by a dotted name.

        Of data it is told by name only so far: who follows it from one object to the next, in a loop, would
        find a longer name each time. All that is reached from data is the same to us.
        """
        found = self.foreign(f"{dotted}.{name}")
        if found.own and dotted.count(".") >= (1 if dotted.startswith("builtins.") else 3):
            whole = self.foreign(dotted)
            return whole if whole.own else found
        return found

    def attribute(self, module: str, name: str) -> Value:
        """``module.name``."""
        source = self.program.module(module)
        if source is not None:
            if name in source.bindings or source.stars:
                return self.of(source, name)
            if self.program.module(f"{module}.{name}"):
                return self.imported_module(f"{module}.{name}")
            return Value(frozenset({("global", f"{module}.{name}")}))
        if module == "os" and name == "path":
            return self.imported_module("os.path")
        return self.foreign(f"{module}.{name}")

    def may_have(self, module: str, name: str) -> bool:
        """Whether a module has a name, as far as is known."""
        source = self.program.module(module)
        if source is None or name in source.bindings or source.stars:
            return True
        return self.program.module(f"{module}.{name}") is not None

    def answers_for(self, module: str, name: str) -> bool:
        """Whether a module of the tree has a function that is asked for a name."""
        source = self.program.module(module)
        return (
            source is not None and "__getattr__" in source.bindings and name not in source.bindings
        )

    def expression(self, module: Module, node: ast.expr) -> Value:
        """A module-level expression: names, attributes of modules, literals, known constructors."""
        if isinstance(node, ast.Name):
            return self.of(module, node.id)
        if isinstance(node, ast.Lambda):
            return code(("def", module.address_of[id(node)]))
        if isinstance(node, ast.Subscript):
            return self.expression(module, node.value)
        if isinstance(node, ast.Attribute):
            owner = self.expression(module, node.value)
            found = [self._part(ref[0], ref[1], node.attr) for ref in owner.refs]
            if owner.is_code and found:
                return join(found)
            if owner.types is not None and owner.types <= {"NoneType"}:
                return BOTTOM  # of what could not be imported: this is not reached
            return self._method_of(owner, node.attr)
        if isinstance(node, ast.Call):
            callee = self.expression(module, node.func)
            if callee == _GETATTR:
                return self._attribute_named(module, node)
            if callee.is_code and len(callee.refs) == 1:
                ((kind, target, *_),) = callee.refs
                entry = known_entry(str(target)) if kind == "known" else None
                if entry is not None and entry.type == "namedtuple type":
                    return code(("known", "typing.NamedTuple.instance"))
                if entry is not None and entry.type:
                    return of_type(entry.type)
                if kind == "class":
                    return of_type(str(target))
                if kind == "def" and self._gives_back(str(target)) and len(node.args) == 1:
                    return self.expression(module, node.args[0])
            return ANY
        literal = type_of_literal(node)
        return of_type(literal) if literal else ANY

    def _attribute_named(self, module: Module, node: ast.Call) -> Value:
        """``getattr(owner, "name", default)`` as a module's statement has it."""
        match node.args:
            case [owner, ast.Constant(value=str(name)), *default]:
                found = self.expression(module, ast.Attribute(owner, name, ast.Load()))
                return join([found, *(self.expression(module, d) for d in default)])
        return ANY

    def _gives_back(self, address: str) -> bool:
        """Whether a function does nothing but give back its one argument."""
        definition = self.program.definition(address)
        match definition.node if definition is not None else None:
            case ast.Lambda(args=ast.arguments(args=[only]), body=ast.Name(id=name)):
                return only.arg == name
            case (
                ast.FunctionDef(
                    args=ast.arguments(args=[only]), body=[*_, ast.Return(value=ast.Name(id=name))]
                ) as node
            ):
                said = node.body[:-1]
                return only.arg == name and all(
                    isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) for s in said
                )
        return False

    def told_by_logging(self) -> list[tuple[ClassInfo, list[str]]]:
        """The classes of the tree that logging calls, each with its bases outside."""
        known = list(self.program.classes.values())  # a copy: looking at one may load a module
        outside = [(info, self.mro(info.address)[1]) for info in known]
        return [(info, bases) for info, bases in outside if any("logging." in b for b in bases)]

    def factories(self, dotted: str) -> Sequence[Value]:
        """What each ``defaultdict`` in a module's data calls for a key that it does not hold."""
        if dotted not in self._factories:
            module, _, name = dotted.rpartition(".")
            source = self.program.modules.get(module)
            found = source.bindings.get(name, []) if source is not None else []
            self._factories[dotted] = [
                self.expression(source, node.args[0])
                for binding in found
                if source is not None and binding.value is not None
                for node in ast.walk(binding.value)
                if isinstance(node, ast.Call) and node.args and self._defaults(source, node.func)
            ]
        return self._factories[dotted]

    def _defaults(self, module: Module, node: ast.expr) -> bool:
        """Whether it is ``collections.defaultdict``, or a class of the tree that derives from it."""
        found = set(self.expression(module, node).refs)
        for ref in list(found):
            for info in self.mro(str(ref[1]))[0] if ref[0] == "class" else ():
                found.update(*(self.expression(info.module, b).refs for b in info.node.bases))
        return ("known", "collections.defaultdict") in found

    def _method_of(self, owner: Value, name: str) -> Value:
        """A method that is taken from an object for good: ``_match = re.compile("a").fullmatch``."""
        if owner.types is None or len(owner.types) != 1:
            return ANY
        (type_,) = owner.types
        entry = METHODS.get(type_, {}).get(name)
        changes = entry is None or entry.mutates or entry.result not in ("data", "fresh")
        return ANY if changes else code(("known", f"{type_}.{name}"))

    def _part(self, kind: str, target: str, name: str) -> Value:
        if kind == "module":
            return self.attribute(target, name)
        if kind == "known":
            return self.of_foreign(target, name)
        if kind == "class":
            for info in self.mro(target)[0]:
                if name in info.methods:
                    return join(self.function(a) for a in info.methods[name])
        return ANY

    def dotted(self, module: Module, node: ast.expr) -> str:
        """The dotted name of a decorator or base outside the tree; empty where it is not one."""
        if isinstance(node, ast.Call):
            node = node.func
        value = self.expression(module, node)
        if len(value.refs) == 1:
            ((kind, target, *_),) = value.refs
            if kind == "known":
                return str(target).removeprefix("builtins.")
        return ""

    def of_instances(self, address: str, name: str) -> Value:
        """What an instance has from its class under ``name``, or under any name (``*``).

        Data that all instances have in common; what nobody can change is left out of it.
        """
        key = (address, name)
        if key not in self._common:
            self._common[key] = BOTTOM
            self._common[key] = self._of_instances(address, name)
        return self._common[key]

    def _of_instances(self, address: str, name: str) -> Value:
        inside, _ = self.mro(address)
        if name == "*":
            every = {n for info in inside for n in info.data if n not in _OF_THE_MACHINERY}
            every |= {n for n in self.stores.changeable if self.stored_on(inside, n)}
            return join(self.of_instances(address, n) for n in sorted(every - {ANY_NAME}))
        if name in self._given(inside):
            return BOTTOM
        later = BOTTOM
        if name in self.stores.changeable and self.stored_on(inside, name):
            later = Value(frozenset({("class", address)}))
        for info in inside:
            if name in info.methods:
                return later
            if name in info.data:
                return join([later, self.in_class(info, name, inside)])
        return later

    def _given(self, inside: Sequence[ClassInfo]) -> set[str]:
        """The attributes that every instance has of its own since its ``__init__`` ran."""
        found: set[str] = set()
        for info in inside if not self.stores.raw else ():
            found |= info.given
            if not info.passes_on:
                break
        return found

    def stored_on(self, inside: Sequence[ClassInfo], *names: str) -> bool:
        """Whether the tree may give a class, or one it inherits from, such an attribute after its body ran."""
        return bool(inside) and self.stores.on((info.node.name for info in inside), names)

    @property
    def stores(self) -> ClassStores:
        """What all modules of the tree put into classes from outside of their bodies."""
        if self._stores is None:
            found = ClassStores()
            for module in self.program.modules.values():
                if module is not None:
                    found.add(module.stores)
            self._stores = found
        return self._stores

    def in_class(self, info: ClassInfo, name: str, inside: Sequence[ClassInfo]) -> Value:
        """The data of a class under ``name``: nothing where it is a value that nobody can change.

        ``inside`` are the classes of the tree of whose instances one is asked for it.
        """
        own = Value(frozenset({("class", info.address)}))
        value = info.data[name]
        if self.stored_on(inside, name, ANY_NAME):
            return own
        if isinstance(value, ast.Call) and self.dotted(info.module, value) == "dataclasses.field":
            given = [k.value for k in value.keywords if k.arg == "default"]
            if not given:  # the class has none then
                return BOTTOM if self.is_dataclass(info) else own
            value = given[0]
        if value is None:
            return own
        if is_constant(value):
            return of_type(type_of_literal(value) or "object")
        found = self.expression(info.module, value)
        if found.is_code and found.refs and all(r[0] in ("known", "class") for r in found.refs):
            return found
        if found.types is not None and found.types <= NEVER_CHANGED:
            return of_type(*found.types)
        return Value(own.own | {root for root in found.own if root[0] == "global"})

    @property
    def class_data(self) -> frozenset[str]:
        """The names under which a class of the tree has data."""
        if self._data is None:
            self._data = frozenset(n for info in self.program.classes.values() for n in info.data)
        return self._data

    def function(self, address: str) -> Value:
        """A function as a call of its name meets it, decorators included."""
        definition = self.program.definition(address)
        module = self.program.of(address)
        if definition is None or module is None:
            return ANY
        kind = "def"
        for decorator in getattr(definition.node, "decorator_list", []):
            name = self.dotted(module, decorator)
            if name in CACHES:
                kind = "cached"
            elif name == "contextlib.contextmanager":
                kind = "manager"
            elif name not in TRANSPARENT and not name.endswith((".setter", ".getter", ".deleter")):
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                if not (isinstance(target, ast.Attribute) and target.attr in ("setter", "deleter")):
                    return Value(frozenset({("global", address)}))
        return code((kind, address))

    def method(self, address: str) -> tuple[Value, str]:
        """A method as a function, and whether it is a ``classmethod`` or ``staticmethod``."""
        if address not in self._methods:
            definition = self.program.definition(address)
            decorators = getattr(definition.node, "decorator_list", []) if definition else []
            kinds = {d.id for d in decorators if isinstance(d, ast.Name)}
            kind = next((k for k in ("classmethod", "staticmethod") if k in kinds), "")
            self._methods[address] = self.function(address), kind
        return self._methods[address]

    def mro(self, address: str) -> tuple[list[ClassInfo], list[str]]:
        """A class's tree classes in method order, and its bases outside: types, or ``?name``."""
        if address not in self._mro:
            self._mro[address] = ([], ["?itself"])
            self._mro[address] = self._linear(address)
        return self._mro[address]

    def _linear(self, address: str) -> tuple[list[ClassInfo], list[str]]:
        info = self.program.classes.get(address)
        if info is None:
            return [], [f"?{address}"]
        inside, outside = [info], []
        for keyword in info.node.keywords:
            if keyword.arg == "metaclass":
                name = self.dotted(info.module, keyword.value)
                if name not in QUIET_METACLASSES and name != "type":
                    outside.append(f"?metaclass {ast.unparse(keyword.value)}")
        for decorator in info.node.decorator_list:
            if self.dotted(info.module, decorator) not in QUIET_CLASS_DECORATORS:
                outside.append(f"?decorator {ast.unparse(decorator)}")
        for base in info.node.bases:
            value = self.expression(info.module, base)
            refs = ordered(value.refs) if value.is_code else []
            for ref in refs:
                if ref[0] == "class":
                    deeper, beyond = self.mro(ref[1])
                    inside += [c for c in deeper if c not in inside]
                    outside += beyond
                else:
                    outside.append(self._outside_base(str(ref[1])))
            if not refs:
                dotted = self.dotted(info.module, base)
                outside.append(QUIET_BASES.get(dotted, f"?{ast.unparse(base)}"))
        return inside, list(dict.fromkeys(outside))

    def _outside_base(self, dotted: str) -> str:
        if dotted in QUIET_BASES:
            return QUIET_BASES[dotted]
        if dotted == "typing.NamedTuple.instance":
            return "namedtuple"
        entry = FUNCTIONS.get(dotted)
        known = entry is not None and entry.type and dotted != NUMBERS  # made without a seed?
        return entry.type if entry is not None and known else f"?{dotted}"

    def is_dataclass(self, info: ClassInfo) -> bool:
        """Whether its ``__init__`` is made by ``@dataclass``."""
        names = (self.dotted(info.module, d) for d in info.node.decorator_list)
        return "dataclasses.dataclass" in names
