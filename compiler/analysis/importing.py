"""Of which classes instances are there once a tree's modules are imported, and nothing else ran.

A worker finds what classes, default values, caches and other packages hold as the import left it. What
may run then is found by names, in the manner of rapid type analysis (Bacon and Sweeney, 1996): a function
whose name is mentioned in code that may run may be called, a class may be called, too, and of the
classes that are called all methods with names that are mentioned, and those that the language itself calls.
"""

import ast
from collections.abc import Iterable, Iterator

from selfsame.compiler.analysis.program import ClassInfo, Module
from selfsame.compiler.analysis.scripts import executed
from selfsame.compiler.analysis.static import GlobalNames
from selfsame.compiler.analysis.transparent import CACHES, TRANSPARENT

Function = ast.FunctionDef | ast.AsyncFunctionDef
_OWN_NAMES = frozenset({"eval", "exec", "globals"})
"""Builtins that lead to all names of the module in which they stand."""
_ANY_MODULE = frozenset({"import_module", "__import__", "modules"})
_ANY_METHOD = frozenset({"vars", "__dict__", "attrgetter", "methodcaller", "getmembers"})
_ASKS = frozenset({"isinstance", "issubclass"})
_QUIET = TRANSPARENT | CACHES | {"contextlib.contextmanager", "dataclasses.dataclass"}


def made_at_import(names: GlobalNames) -> frozenset[str] | None:
    """The addresses of the classes of which the import of the tree may make instances; None where any."""
    program = names.program
    if program.imported is None or program.imported[0] != program.version:
        found = _Import(names).made()
        program.imported = program.version, found
    return program.imported[1]


class _Any(Exception):
    """Code runs of which it is not seen what it calls."""


class _Import:
    """The code that may run when the modules of a program are imported."""

    def __init__(self, names: GlobalNames) -> None:
        self.names = names
        self.program = names.program
        self.classes: dict[str, list[ClassInfo]] = {}
        self.functions: dict[str, list[tuple[Module, ast.AST]]] = {}
        self.instances: dict[str, ClassInfo] = {}
        self.methods: dict[str, list[tuple[Module, ast.AST]]] = {}  # of these, by name
        self.known: set[int] = set()  # which methods' classes were looked at
        self.mentioned: set[str] = set()
        self.any_method = False  # whether attributes are taken by names that are not seen
        self.escaped: set[Module | None] = set()  # of what else than objects; None is any module
        self.todo: list[tuple[Module, ast.AST, bool]] = []
        self.run: set[int] = set()
        for module in list(self.program.modules.values()):
            if module is not None:
                self._index(module)

    def _index(self, module: Module) -> None:
        for info in module.classes.values():
            self.classes.setdefault(info.node.name, []).append(info)
        for definition in module.functions.values():
            if isinstance(definition.node, Function) and definition.parent not in module.classes:
                self.functions.setdefault(definition.node.name, []).append(
                    (module, definition.node)
                )

    def made(self) -> frozenset[str] | None:
        """The classes that are called."""
        try:
            modules = [m for m in self.program.modules.values() if m is not None]
            imported = {name for m in modules for name in m.imports}
            for module in modules:
                script = module.name in self.program.scripts and module.name not in imported
                body = module.tree.body
                if script:
                    body = [statement for statement, runs in executed(body) if runs]
                self.todo += [(module, statement, False) for statement in body]
                self.functions_of(module, "__getattr__")
            while self.todo:
                module, node, inside = self.todo.pop()
                self.visit(module, node, inside)
        except (_Any, RecursionError):
            return None
        return frozenset(self.instances)

    def functions_of(self, module: Module, name: str) -> None:
        """The interpreter calls a function of a module by this name."""
        for home, node in self.functions.get(name, ()):
            if home is module:
                self.call(home, node)

    def call(self, module: Module, node: ast.AST) -> None:
        """A function runs."""
        if id(node) not in self.run:
            self.run.add(id(node))
            self.todo.append((module, node, True))

    def mention(self, name: str) -> None:
        """Something of a name may be called."""
        if name in self.mentioned:
            return
        self.mentioned.add(name)
        if name == "__subclasses__":
            raise _Any
        if name in _ANY_METHOD:
            self.take_any()
        if name in _ANY_MODULE:
            self.escape(None)
        for module, node in (*self.functions.get(name, ()), *self.methods.get(name, ())):
            self.call(module, node)
        for info in self.classes.get(name, ()):
            self.instance(info)

    def take_any(self) -> None:
        """Methods, or names of modules, are taken by names that are not seen."""
        if self.any_method:
            return
        self.any_method = True
        for module in list(self.escaped):
            self.mention_all(module)
        for found in list(self.methods.values()):
            for home, node in found:
                self.call(home, node)

    def escape(self, module: Module | None) -> None:
        """A module is used as a value, so that its names may be taken from it."""
        if module not in self.escaped:
            self.escaped.add(module)
            if self.any_method:
                self.mention_all(module)

    def mention_all(self, module: Module | None) -> None:
        """Anything that a module names may be called."""
        if module is None:
            raise _Any
        for name in list(module.bindings):
            self.mention(name)
        for star in module.stars:
            if (other := self.program.modules.get(star)) is not None and other is not module:
                self.escape(other)

    def instance(self, info: ClassInfo) -> None:
        """A class is called."""
        if info.address in self.instances:
            return
        self.instances[info.address] = info
        inside, outside = self.names.mro(info.address)
        told = bool(set(outside) - {"object"})  # what is not of the tree may call any method
        for each in inside:
            for name, addresses in each.methods.items():
                special = name[:2] == "__" and name[-2:] == "__"
                for address in addresses:
                    definition = self.program.definition(address)
                    if definition is None:
                        continue
                    self.methods.setdefault(name, []).append((each.module, definition.node))
                    if told or special or self.any_method or name in self.mentioned:
                        self.call(each.module, definition.node)

    # --- what runs ---------------------------------------------------------------------------

    def visit(self, module: Module, node: ast.AST, inside: bool) -> None:
        """A node runs; ``inside`` a function that does, functions that it makes may run as well."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self.function(module, node, inside)
            case ast.ClassDef():
                self.class_made(module, node)
            case ast.AnnAssign():
                self.visit_all(module, (node.target, node.value), inside)
            case ast.ImportFrom():
                for alias in node.names:
                    if alias.asname:
                        self.mention(alias.name)
            case ast.ExceptHandler():
                self.visit_all(module, node.body, inside)
            case ast.If() if _never(node.test):
                self.visit_all(module, node.orelse, inside)
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _ASKS:
                self.visit(module, first, inside)
            case ast.Attribute():
                self.mention(node.attr)
                if isinstance(node.value, ast.Name):
                    self.mention(node.value.id)
                else:
                    self.visit(module, node.value, inside)
            case ast.Name():
                self.mention(node.id)
                if node.id in _OWN_NAMES:
                    self.mention_all(module)
                    if node.id != "globals":
                        self.take_any()
                        self.escape(module)
                for binding in module.bindings.get(node.id, ()):
                    other = self.program.modules.get(binding.target.replace(":", "."))
                    if binding.kind in ("module", "from") and other is not None:
                        self.escape(other)
            case _:
                for taken in _taken(node):
                    if taken is None:
                        self.take_any()
                    else:
                        self.mention(taken)
                self.visit_all(module, ast.iter_child_nodes(node), inside)

    def visit_all(self, module: Module, nodes: Iterable[ast.AST | None], inside: bool) -> None:
        """Several nodes run."""
        for node in nodes:
            if node is not None:
                self.visit(module, node, inside)

    def function(self, module: Module, node: Function | ast.Lambda, inside: bool) -> None:
        """A function is made, or runs: its decorators and defaults do, and its body."""
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        if inside or isinstance(node, ast.Lambda) or id(node) in self.run:
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            self.run.add(id(node))
            self.visit_all(module, (*_defaults(node.args), *body), True)
        else:
            self.visit_all(module, _defaults(node.args), False)
        for decorator in decorators:
            if not self._quiet(module, decorator):
                self.visit(module, decorator, inside)
                self.call(module, node)

    def _quiet(self, module: Module, decorator: ast.expr) -> bool:
        name = self.names.dotted(module, decorator)
        return name in _QUIET or (
            isinstance(decorator, ast.Attribute)
            and decorator.attr in ("setter", "getter", "deleter")
        )

    def class_made(self, module: Module, node: ast.ClassDef) -> None:
        """A class is made: its body runs, and whoever decorates it or made its bases may call it."""
        self.visit_all(module, (k.value for k in node.keywords), False)
        for base in node.bases:
            if not isinstance(base, ast.Name | ast.Attribute):
                self.visit(module, base, False)
        for decorator in node.decorator_list:
            if not self._quiet(module, decorator):
                self.visit(module, decorator, False)
        for statement in node.body:
            self.visit(module, statement, False)
        info = module.classes.get(module.address_of[id(node)])
        if info is None:
            return
        inside, outside = self.names.mro(info.address)
        told = any(base[0] == "?" for base in outside)
        told = told or any("__init_subclass__" in above.methods for above in inside)
        if told or any(self._counts(above, base) for above in inside for base in above.node.bases):
            self.instance(info)

    def _counts(self, info: ClassInfo, base: ast.expr) -> bool:
        """Whether it is an enumeration's: its members are made with it."""
        return self.names.dotted(info.module, base).startswith("enum.")


def _defaults(args: ast.arguments) -> Iterator[ast.expr]:
    yield from args.defaults
    yield from (d for d in args.kw_defaults if d is not None)


def _never(test: ast.expr) -> bool:
    """Whether a test is not met while a module is imported."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
            return True
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _taken(node: ast.AST) -> Iterator[str | None]:
    """The attributes that ``getattr(x, "name")`` and its like take; None for one that is not written out."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[_, name, *_]):
            yield str(name.value) if isinstance(name, ast.Constant) else None
