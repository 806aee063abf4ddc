"""What a function may come across that it did not make itself: the world that a fact assumes.

An **open** world (``None``) has the instances of all classes of the tree. A closed one has only what
was seen to come in: instances of some classes, some functions, and data of builtin types. Class
hierarchies are narrowed in it as in rapid type analysis (Bacon and Sweeney, 1996): what the function
and its callees make, and what the attributes of the classes hold, is added until nothing is new.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from selfsame.compiler.analysis.class_stores import ANY_NAME
from selfsame.compiler.analysis.known_methods import known_method
from selfsame.compiler.analysis.met import Names
from selfsame.compiler.analysis.program import Binding, Module
from selfsame.compiler.analysis.static import known_entry
from selfsame.compiler.analysis.values import ANYTHING, IMPORTED, ordered
from selfsame.compiler.identity.dependencies import attribute_names

_LIBRARY = frozenset(
    [
        "array.array",
        "copyreg.__newobj_ex__",
        "copyreg._reconstructor",
        "selfsame.runtime.agent.reduce.bound",
        "selfsame.runtime.agent.reduce.matched",
        "selfsame.runtime.agent.reduce.numbers",
        "selfsame.runtime.agent.reduce.variable",
        "selfsame.runtime.agent.closures.cell",
        "selfsame.runtime.agent.closures.filled",
        "selfsame.runtime.agent.closures.filled_cell",
        "selfsame.runtime.agent.plans.attributed",
        "selfsame.runtime.agent.plans.gathered",
        "selfsame.runtime.agent.plans.held",
        "selfsame.runtime.agent.plans.placed",
        "collections.abc._CallableGenericAlias",
        "collections.deque",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.Counter",
        "datetime.date",
        "datetime.time",
        "datetime.datetime",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "itertools.count",
        "fractions.Fraction",
        "re._compile",
        "uuid.UUID",
        "pathlib.PurePosixPath",
        "types.GenericAlias",
        "types.SimpleNamespace",
        "typing._CallableGenericAlias",
        "typing._GenericAlias",
        "typing._UnionGenericAlias",
    ]
)
"""What the standard library's values in a captured call are made with: no code of the user's."""

_TOLD_APART = {
    "functools.partial": "partial",
    "_io.BytesIO": "memory file",
    "_io.StringIO": "memory file",
    "selfsame.runtime.agent.reduce.maker": "maker",
}
"""Values of the standard library's that do more than hold data: what they are in a world's code."""

_METHODS_OF = {"Pattern": "re.Pattern"}

_NEVER_FILLED = frozenset(
    [
        *("int", "float", "complex", "bool", "str", "bytes", "range", "number", "datetime"),
        *("re.Pattern", "re.Match", "slice", "pure path", "getter", "descriptor"),
    ]
)
"""Types whose instances hold what they were made with, and nothing else later."""


@dataclass(frozen=True, slots=True)
class World:
    """Of itself, only data of builtin types. ``classes``: addresses of the tree's classes whose instances are met.

    ``code``: functions and classes that may come in as values: ``("def", address)``,
    ``("class", address)``, ``("known", dotted name)``, ``("module", name)``, ``("method", name)`` of a
    builtin value or ``("closure", address)`` of a function that no name leads to, which has variables,
    defaults and attributes of its own; ``("partial", "")`` where any of it may come with arguments,
    ``("memory file", "")`` where streams in memory may, ``("maker", "")`` where dicts may that call any of it. A method of the tree may come in bound to its receiver.
    """

    classes: frozenset[str] = frozenset()
    code: frozenset[tuple[str, str]] = frozenset()

    @property
    def has_code(self) -> bool:
        """Whether what can be given attributes comes in: functions or classes of the tree, modules."""
        return any(
            kind in ("def", "class", "cached", "manager", "module", "closure")
            for kind, _ in self.code
        )

    @property
    def module_values(self) -> list[str]:
        """The names of the modules that come in as values, sorted."""
        return sorted(name for kind, name in self.code if kind == "module")

    @property
    def has_files(self) -> bool:
        """Whether streams in memory come in."""
        return ("memory file", "") in self.code

    @property
    def has_makers(self) -> bool:
        """Whether dicts come in that call something for what they do not hold."""
        return ("maker", "") in self.code

    @property
    def open(self) -> bool:
        """Whether instances of any class may be met beside what else is known to come in."""
        return ANYTHING in self.classes

    @property
    def modules(self) -> frozenset[str]:
        """The names of modules that come in, and that classes and functions which come in are of."""
        found = [*self.classes, *(address for _, address in self.code if ":" in address)]
        homes = (address.partition(":")[0] for address in found if address != ANYTHING)
        return frozenset([*homes, *self.module_values])

    def with_classes(self, more: Iterable[str]) -> "World":
        """The same world with instances of more classes."""
        return World(self.classes | frozenset(more), self.code)


class Named(NamedTuple):
    """A class or function of ``module`` in captured calls; ``value``: itself, not an instance alone.

    With an empty ``name`` it is the module itself; ``name:line`` is the place of a function's code.
    """

    module: str
    name: str
    value: bool


def seen(names: Names, named: Sequence[Named]) -> World | None:
    """The world of captured calls that name these classes and functions.

    None, the open world, where one of them is of another package: what its methods do is not known.
    Modules that come in are told all the same, in a world that is `World.open`.
    """
    modules = frozenset(("module", one.module) for one in named if not one.name and one.module)
    found = _closed(names, [one for one in named if one.name or not one.module])
    if found is not None:
        return World(found.classes, found.code | modules)
    return World(frozenset({ANYTHING}), modules) if modules else None


def _closed(names: Names, named: Iterable[Named]) -> World | None:
    program = names.program
    classes: set[str] = set()
    code: set[tuple[str, str]] = set()
    for module, name, value in named:
        address = f"{module}:{name}"
        dotted = f"{module}.{name}"
        if dotted in _LIBRARY:
            continue
        if dotted in _TOLD_APART:
            code.add((_TOLD_APART[dotted], ""))
            continue
        if module == "builtins" and name.startswith("."):
            type_, _, method = name[1:].rpartition(".")
            if known_method(_METHODS_OF.get(type_, type_), method) is None:
                return None
            code.add(("method", method))
        elif ":" in name:
            placed = _at(program.module(module), name)
            if not placed:
                return None
            code.update(placed)
        elif module == "builtins":
            code.add(("known", dotted))
        elif program.module(module) is None:
            if known_entry(dotted) is None:
                return None
            code.add(("known", dotted))
        elif address in program.classes:
            classes.add(address)
            if value:  # its bases are reached from it, as ``cls.__mro__[1]``
                code.update(("class", info.address) for info in names.mro(address)[0])
        else:
            function = names.function(address)
            if not function.is_code:  # not found, or behind a decorator of which nothing is known
                return None
            code.update((ref[0], str(ref[1])) for ref in function.refs)
    return World(frozenset(classes), frozenset(code))


def _at(module: Module | None, place: str) -> list[tuple[str, str]]:
    """The functions of a module whose code stands at ``qualified name:line``."""
    name, _, line = place.rpartition(":")
    found = module.functions.values() if module is not None else ()
    return [("closure", d.address) for d in found if (d.qualname, str(d.line)) == (name, line)]


def held_by_classes(
    names: Names, classes: Iterable[str], functions: Iterable[ast.AST]
) -> frozenset[str]:
    """The classes whose instances the attributes of ``classes`` hold, as far as they are read.

    ``functions`` are all that run. `IMPORTED` is among them where it cannot be seen.
    """
    attributes: set[str] = set()
    for node in functions:
        attributes.update(attribute_names(node))
        if any(isinstance(n, ast.Name) and n.id in ("getattr", "vars") for n in ast.walk(node)):
            attributes.add(ANY_NAME)
    found: set[str] = set()
    for address in sorted(classes):
        inside = names.mro(address)[0]
        read = attributes if ANY_NAME not in attributes else names.stores.changeable
        if names.stored_on(inside, *(read & names.stores.changeable)):
            return frozenset({IMPORTED})
        for info in inside:
            for name, value in info.data.items():
                if name in attributes or ANY_NAME in attributes:
                    if value is None or names.stored_on(inside, name, ANY_NAME):
                        return frozenset({IMPORTED})
                    found |= _Made(names, info.module).of(value)
    return frozenset(found)


class _Made:
    """The classes whose instances what an expression of a class's body makes holds for good.

    What can be filled later, by whoever gets hold of it, may hold anything.
    """

    def __init__(self, names: Names, module: Module) -> None:
        self.names = names
        self.module = module
        self._met: set[str] = set()

    def of(self, node: ast.expr) -> frozenset[str]:
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Lambda():
                return frozenset()
            case ast.Name():
                return self._name(node.id)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                value = self.names.expression(self.module, node)
                return _classes(value.refs) if value.is_code else frozenset({IMPORTED})
            case (
                ast.Tuple()
                | ast.UnaryOp()
                | ast.BinOp()
                | ast.BoolOp()
                | ast.IfExp()
                | ast.Compare()
                | ast.Starred()
                | ast.Subscript()
                | ast.Slice()
            ):
                parts = (c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))
                return frozenset().union(*(self.of(part) for part in parts))
            case _:
                return frozenset({IMPORTED})

    def _name(self, name: str) -> frozenset[str]:
        if name in self._met:
            return frozenset()
        self._met.add(name)
        value = self.names.of(self.module, name)
        if value.is_code:
            return _classes(value.refs)
        bindings: list[Binding] = self.module.bindings.get(name, [])
        if not bindings or any(b.kind != "data" or b.value is None for b in bindings):
            return frozenset({IMPORTED})
        return frozenset().union(*(self.of(b.value) for b in bindings if b.value is not None))

    def _call(self, node: ast.Call) -> frozenset[str]:
        callee = self.names.expression(self.module, node.func)
        if not callee.is_code:
            return frozenset({IMPORTED})
        found: set[str] = set(_classes(callee.refs))
        for ref in ordered(callee.refs):
            if ref[0] == "class":
                if not self._holds_nothing(ref[1]):
                    return frozenset({IMPORTED})
                continue
            entry = known_entry(str(ref[1])) if ref[0] == "known" else None
            if entry is None or entry.type not in _NEVER_FILLED:
                return frozenset({IMPORTED})
        parts = [*node.args, *(k.value for k in node.keywords)]
        return frozenset(found).union(*(self.of(part) for part in parts))

    def _holds_nothing(self, address: str) -> bool:
        """Whether the instances of a class have no state: a descriptor that works on its owner."""
        inside, outside = self.names.mro(address)
        if set(outside) - {"object"}:
            return False
        for info in inside:
            for node in ast.walk(info.node):
                match node:
                    case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                        return False
        return not any("__init__" in info.methods for info in inside)


def _classes(refs: Iterable[tuple[object, ...]]) -> frozenset[str]:
    return frozenset(str(ref[1]) for ref in refs if ref[0] == "class")
