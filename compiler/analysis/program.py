"""The modules of a user's tree, loaded as they are needed, and what their names are bound to."""

import ast
import math
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from selfsame.compiler.analysis.class_stores import class_stores, given_to_instances
from selfsame.compiler.analysis.replacing import replaced
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import Definition, identify, imported_module
from selfsame.compiler.identity.scopes import Bindings, bindings

_OURS = frozenset({"selfsame"})
Resolve = Callable[[str], Source | None]
Absent = Callable[[str], bool]


def nowhere(name: str) -> bool:
    """That a module cannot be imported, where nothing is known of that."""
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One way a name gets its value: ``kind`` is ``def``, ``class``, ``module``, ``from`` or ``data``.

    ``target`` is an address, a module's name, or ``module:name``; ``value`` is the expression of a
    plain assignment; ``statement`` is what binds it.
    """

    kind: str
    target: str = ""
    value: ast.expr | None = None
    statement: ast.stmt | None = None


@dataclass(slots=True, eq=False)
class ClassInfo:
    """A class of the tree: its methods by name (every definition of each), its data, its bases.

    ``given`` are the attributes that its ``__init__`` gives every instance; ``passes_on``: it also runs
    the next one.
    """

    address: str
    module: "Module"
    node: ast.ClassDef
    methods: dict[str, list[str]] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    data: dict[str, ast.expr | None] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    passes_on: bool = True


class Module:
    """One module: its definitions, and what its top level binds."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.name = source.module
        self.tree = source.tree
        self.stored_attributes: set[str] = set()
        self.identity = identify(source)
        self.functions = {d.address: d for d in self.identity.definitions if d.kind != "class"}
        self.address_of = {id(d.node): d.address for d in self.identity.definitions}
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[str] = []
        self.imports: set[str] = set()
        self.classes: dict[str, ClassInfo] = {}
        self._bound: dict[int, Bindings] = {}
        self._bind(self.tree.body)
        for d in self.identity.definitions:
            if isinstance(d.node, ast.ClassDef):
                self.classes[d.address] = self._class(d, d.node)
        self._inside()
        named = self.bindings.items()
        self.stores = class_stores(
            self.tree,
            (n for n, found in named if any(b.kind != "data" for b in found)),
            (n for n, found in named if all(_is_class_named(n, b) for b in found)),
        )

    def bound_in(self, definition: Definition) -> Bindings:
        """The names that one of its functions or classes binds."""
        key = id(definition.node)
        if key not in self._bound:
            self._bound[key] = bindings(definition.node)
        return self._bound[key]

    def _add(self, name: str, binding: Binding) -> None:
        self.bindings.setdefault(name, []).append(binding)

    def _bind(self, body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                kind = "class" if isinstance(node, ast.ClassDef) else "def"
                self._add(node.name, Binding(kind, self.address_of[id(node)], statement=node))
                continue
            for name, binding in self.imported(node):
                self._add(name, binding)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                self._assign(node)
            elif isinstance(node, ast.For | ast.AsyncFor):
                self._targets(node.target, node)
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if item.optional_vars:
                        self._targets(item.optional_vars, node)
            for block in _blocks(node):
                self._bind(block)
            for part in _expressions(node):
                for inner in ast.walk(part):
                    if isinstance(inner, ast.NamedExpr):
                        self._targets(inner.target, node)

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        plain = not isinstance(node, ast.AugAssign)
        for target in targets:
            if isinstance(target, ast.Name) and plain:
                if node.value is not None:
                    self._add(target.id, Binding("data", "", node.value, node))
            else:
                self._targets(target, node)

    def _targets(self, target: ast.expr, statement: ast.stmt) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._add(node.id, Binding("data", statement=statement))

    def imported(self, node: ast.stmt) -> Iterator[tuple[str, Binding]]:
        """What an import statement binds; stars and imported modules are remembered."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.add(alias.name)
                target = alias.name if alias.asname else alias.name.split(".")[0]
                yield alias.asname or target, Binding("module", target, statement=node)
        elif isinstance(node, ast.ImportFrom):
            base = imported_module(node, self.name, self.source.path)
            self.imports.add(base)
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append(base)
                else:
                    self.imports.add(f"{base}.{alias.name}")
                    target = f"{base}:{alias.name}"
                    yield alias.asname or alias.name, Binding("from", target, statement=node)

    def _class(self, definition: Definition, node: ast.ClassDef) -> ClassInfo:
        info = ClassInfo(definition.address, self, node)
        stack: list[list[ast.stmt]] = [node.body]
        while stack:
            for statement in stack.pop():
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    address = self.address_of[id(statement)]
                    if statement.name == "__init__":
                        info.given, info.passes_on = given_to_instances(statement)
                    info.methods.setdefault(statement.name, []).append(address)
                    if any(_is_property(d) for d in statement.decorator_list):
                        info.properties.add(statement.name)
                elif isinstance(statement, ast.AnnAssign) and statement.value is None:
                    pass  # says what instances have; the class has nothing of that name
                elif isinstance(statement, ast.Assign | ast.AnnAssign):
                    targets = (
                        statement.targets
                        if isinstance(statement, ast.Assign)
                        else [statement.target]
                    )
                    for target in targets:
                        if isinstance(target, ast.Name):
                            known = target.id in info.data
                            info.data[target.id] = None if known else statement.value
                        else:
                            info.data.update(dict.fromkeys(_stored(target)))
                elif isinstance(statement, ast.ClassDef):
                    info.data[statement.name] = None
                elif isinstance(statement, ast.Import | ast.ImportFrom):
                    info.data.update(dict.fromkeys(n for n, _ in self.imported(statement)))
                else:
                    whole = ast.For | ast.With | ast.Expr | ast.AugAssign
                    for part in (
                        (statement,) if isinstance(statement, whole) else _expressions(statement)
                    ):
                        info.data.update(dict.fromkeys(_stored(part)))
                    stack.extend(_blocks(statement))
        for name, value in info.data.items():  # `__radd__ = __add__`, `x = property(get, set)`
            if isinstance(value, ast.Name) and value.id in info.methods:
                info.methods.setdefault(name, []).extend(info.methods[value.id])
            elif isinstance(value, ast.Call) and _is_property(value.func):
                info.properties.add(name)
                for part in (*value.args, *(k.value for k in value.keywords)):
                    if isinstance(part, ast.Name):
                        info.methods.setdefault(name, []).extend(info.methods.get(part.id, []))
        return info

    def _inside(self) -> None:
        """What functions write to the module's names, which attributes are set, what is imported."""
        stack: list[tuple[ast.AST, bool]] = [(self.tree, False)]
        while stack:
            node, in_function = stack.pop()
            if isinstance(node, ast.Attribute):
                if isinstance(node.ctx, ast.Store):
                    self.stored_attributes.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                in_function = True
            elif isinstance(node, ast.Global):
                if in_function:
                    for name in node.names:
                        self._add(name, Binding("data", statement=node))
            elif in_function and isinstance(node, ast.Import | ast.ImportFrom):
                for _ in self.imported(node):
                    pass
            stack.extend((child, in_function) for child in ast.iter_child_nodes(node))


def _is_class_named(name: str, binding: Binding) -> bool:
    if binding.kind == "from":
        return binding.target.rpartition(":")[2] == name
    return binding.kind == "class"


def _stored(node: ast.AST) -> list[str]:
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return [n.id for n in names if isinstance(n.ctx, ast.Store)]


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for handler in getattr(node, "handlers", ()):
        yield handler.body
    for case in getattr(node, "cases", ()):
        yield case.body


def _expressions(node: ast.stmt) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child


def _is_property(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Attribute):
        return decorator.attr in ("setter", "getter", "deleter", "cached_property")
    return isinstance(decorator, ast.Name) and decorator.id in ("property", "cached_property")


class Program:
    """All modules that one ``resolve`` reaches, with the classes' methods by name."""

    def __init__(self, resolve: Resolve, absent: Absent = nowhere) -> None:
        self.resolve = resolve
        self.absent = absent
        self.lock = threading.RLock()
        self.until_s = math.inf  # by `thread_time`: how long whoever holds the lock would wait
        self.hurried = False  # nobody waits any more
        self.modules: dict[str, Module | None] = {}
        self.classes: dict[str, ClassInfo] = {}
        self.methods: dict[str, list[tuple[ClassInfo, str]]] = {}
        self.properties: dict[str, list[ClassInfo]] = {}
        self.stored_attributes: set[str] = set()
        self.replaced: set[str] = set()  # of Python's own functions: by dotted name
        self.foreign = (
            False  # whether the tree imports anything but itself and the standard library
        )
        self.version = 0  # changes with every module that is loaded
        self.scripts: set[str] = set()  # modules that run as `__main__`
        self.imported: tuple[int, frozenset[str] | None] | None = (
            None  # see `importing`, by version
        )
        self._stamps: dict[str, tuple[int, int] | None] = {}

    def add(self, source: Source) -> Module:
        """Load a module and all of the tree that it imports. Raises UserError on a syntax error."""
        module = self._load(source)
        queue = [module]
        while queue:
            for name in sorted(queue.pop().imports):
                if name not in self.modules:
                    found = self.module(name)
                    if found is not None:
                        queue.append(found)
                    elif name.split(".")[0] not in sys.stdlib_module_names | _OURS:
                        self.foreign = self.foreign or self.module(name.split(".")[0]) is None
        return module

    def module(self, name: str) -> Module | None:
        """A module of the tree by its name; None where it is not of the tree or does not parse."""
        if name not in self.modules:
            self.modules[name] = None
            source = self.resolve(name) if name else None
            if source is not None:
                try:
                    self._load(source)
                except UserError:  # its own facts say what is wrong with it; here it is unknown
                    pass
        return self.modules[name]

    def _load(self, source: Source) -> Module:
        module = self.modules[source.module] = Module(source)
        self._stamps[source.module] = _stamp(source.path)
        self.stored_attributes |= module.stored_attributes
        self.replaced |= replaced(module.tree)
        self.version += 1
        for info in module.classes.values():
            self.classes[info.address] = info
            for name, addresses in info.methods.items():
                self.methods.setdefault(name, []).extend((info, a) for a in addresses)
            for name in info.properties:
                self.properties.setdefault(name, []).append(info)
        return module

    def is_current(self, source: Source) -> bool:
        """Whether all that was loaded is still what ``resolve`` gives, ``source`` included."""
        known = self.modules.get(source.module)
        if known is not None and known.source != source:
            return False
        for name, module in list(self.modules.items()):
            if module is None or name == source.module:
                continue
            stamp = _stamp(module.source.path)
            if stamp is not None and stamp == self._stamps[name]:
                continue
            if self.resolve(name) != module.source:
                return False
            self._stamps[name] = stamp
        return True

    def of(self, address: str) -> Module | None:
        """The module of an address."""
        return self.modules.get(address.split(":", 1)[0])

    def definition(self, address: str) -> Definition | None:
        """The function or class at an address."""
        module = self.of(address)
        entry = module.identity.by_address.get(address) if module else None
        return entry if isinstance(entry, Definition) else None

    def is_replaced(self, dotted: str) -> bool:
        """Whether a module of the tree puts something else in place of a function of Python's own."""
        parts = dotted.split(".")
        owners = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
        return bool(self.replaced) and any(
            owner in self.replaced or f"{owner}.*" in self.replaced for owner in owners
        )

    def is_method(self, address: str) -> bool:
        """Whether a function stands in the body of a class."""
        found = self.definition(address)
        return found is not None and found.parent in self.classes


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


_programs: "OrderedDict[Resolve, Program]" = OrderedDict()
_programs_lock = threading.Lock()


def hurry(on: bool) -> None:
    """Whether all facts that are being found out are given up for now, by whichever thread."""
    with _programs_lock:
        for program in _programs.values():
            program.hurried = on


def shared(
    resolve: Resolve, source: Source, script: bool = False, absent: Absent = nowhere
) -> Program:
    """The program of ``resolve``, made again where a loaded source has changed; ``source`` is in it.

    ``script``: it runs as ``__main__``; ``absent``: which modules the program cannot import.
    """
    with _programs_lock:
        program = _programs.pop(resolve, None)
        if program is None or not program.is_current(source):
            program = Program(resolve, absent)
        _programs[resolve] = program
        while len(_programs) > 8:
            _programs.popitem(last=False)
    with program.lock:
        if script:
            program.scripts.add(source.module)
        if program.modules.get(source.module) is None:
            program.add(source)
    return program
