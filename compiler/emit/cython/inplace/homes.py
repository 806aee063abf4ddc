"""The modules of the user's tree that a unit spans, and what a name of one of them stands for.

Each module's functions are compiled with its own names. What stands in another module than the function
that is compiled is read there, in the module's namespace as it is at the call; and where one module has
a name of another's, both must then mean the same object (``Relied``).
"""

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.cython.closures import lifted
from selfsame.compiler.emit.cython.flattening import flattened
from selfsame.compiler.emit.cython.inplace.borrowed import freed_of_defaults, freed_of_imports
from selfsame.compiler.emit.cython.inplace.class_facts import OF, ClassFacts
from selfsame.compiler.emit.cython.inplace.classes import (
    facts_of,
    fields_in,
    is_own_list,
    methods_of_named,
    named_in,
)
from selfsame.compiler.emit.cython.inplace.enum_classes import EnumFacts, enum_in
from selfsame.compiler.emit.cython.inplace.error_classes import ErrorFacts, error_in
from selfsame.compiler.emit.cython.inplace.imports import imported
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    CONTAINERS,
    NUMBERS,
    Kind,
)
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import imported_module

Sources = Callable[[str], Source | None]
_MOST_STEPS = 8
_names_of: "WeakKeyDictionary[ast.Module, ModuleNames]" = WeakKeyDictionary()
_DATA = CONTAINERS | NUMBERS
_DATA |= {"str", "bytes", "bytearray", "deque", "array", "instance", "pattern"}


@dataclass(eq=False)
class Home:
    """One module: ``key`` is empty for the one of the function that is compiled.

    ``imports``: what it has of libraries. ``bound``: what it has of the tree, as module and name; without a
    name, the module itself.
    """

    name: str
    key: str
    tree: ast.Module
    names: ModuleNames
    imports: dict[str, str] = field(default_factory=dict)
    bound: dict[str, tuple[str, str]] = field(default_factory=dict)
    classes: dict[str, ClassFacts | None] = field(default_factory=dict)
    imported_at: dict[str, int] = field(default_factory=dict)
    """The line at which the module's own text imports a name, at its top level."""

    def spelled(self, name: str) -> str:
        """How the unit calls what the module calls ``name``."""
        return f"{name}{OF}{self.key}" if self.key else name


@dataclass(frozen=True)
class Target:
    """What a name stands for: a ``class``, a ``named`` tuple's, an ``enum``, a class of ``lists``, an ``error``'s, a ``function``, a ``constant`` or a whole
    ``module``.
    """

    kind: str
    home: Home
    name: str = ""
    node: ast.FunctionDef | None = None

    @property
    def spelled(self) -> str:
        """Its name in the unit."""
        return self.home.spelled(self.name)


@dataclass(frozen=True)
class Relied:
    """That ``name`` of the module ``home`` is what ``target`` says."""

    home: Home
    name: str
    target: Target


class Modules:
    """The function's own module, and the others as they are asked for: what their names stand for."""

    def __init__(self, source: Source, sources: Sources) -> None:
        self._sources = sources
        self._homes: dict[str, Home | None] = {}
        self.keys: dict[str, Home] = {}
        self.classes: dict[str, ClassFacts] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        """The fields of named tuples' classes, and in ``named_of`` where the class is."""
        self.named_of: dict[str, tuple[Home, str]] = {}
        self.named_written: dict[str, ast.ClassDef] = {}
        self.named_methods: dict[str, dict[str, ast.FunctionDef]] = {}
        self.lists: dict[str, bool] = {}
        """The classes of lists, and in ``list_of`` where the class is."""
        self.list_of: dict[str, tuple[Home, str]] = {}
        self.enums: dict[str, EnumFacts | None] = {}
        self.enum_of: dict[str, tuple[Home, str]] = {}
        self.errors: dict[str, ErrorFacts | None] = {}
        self.error_of: dict[str, tuple[Home, str]] = {}
        self.home_of: dict[str, Home] = {}
        self.functions: dict[str, Target] = {}
        """The functions that are used as values."""
        self.relied: set[Relied] = set()
        self._freed: dict[ast.FunctionDef, ast.FunctionDef] = {}
        self.written: dict[ast.FunctionDef, ast.FunctionDef] = {}
        """What stands in the text, of functions that have lost imports or parameters."""
        self.standing: dict[ast.FunctionDef, dict[str, str]] = {}
        """By parameter that a function has lost, what it is by default: ``builtins.len``."""
        self.seen: dict[tuple[str, str], Kind] = {}
        """What modules' data were seen to be, by module and name."""
        self.own = self._made(source, "")
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef):
                self.class_at(self.own, node.name)

    def home(self, module: str) -> Home | None:
        """A module of the tree; None where it is none."""
        if module not in self._homes:
            self._homes[module] = None
            source = self._sources(module) if module else None
            if source is not None:
                key = module.replace(".", "__")
                try:
                    free = key.isidentifier() and key.isascii() and key not in self.keys
                    self._homes[module] = self._made(source, key) if free else None
                except UserError:  # it does not parse: its own facts say so
                    pass
        return self._homes[module]

    def _made(self, source: Source, key: str) -> Home:
        tree = source.tree
        if tree not in _names_of:
            _names_of[tree] = ModuleNames.of(tree)
        home = Home(source.module, key, tree, _names_of[tree])
        self._homes[source.module] = self.keys[key] = home
        for local, (module, name) in _imports(source).items():
            if home.names.once(local):
                home.bound[local] = (module, name)
        libraries = imported(tree, home.names)
        home.imported_at = {
            alias.asname or alias.name: statement.lineno
            for statement in tree.body
            if isinstance(statement, ast.Import | ast.ImportFrom)
            for alias in statement.names
        }
        home.imports = {n: w for n, w in libraries.items() if not self._of_tree(w)}
        return home

    def _of_tree(self, what: str) -> bool:
        return any(
            self._sources(name) is not None for name in (what, what.rpartition(".")[0]) if name
        )

    def freed(
        self, home: Home, function: ast.FunctionDef, hidden: Collection[str] = ()
    ) -> ast.FunctionDef:
        """The function without imports and defaults of what libraries have.

        ``hidden``: what the class binds whose body it stands in.
        """
        if function in self._freed:
            return self._freed[function]

        def above(name: str) -> bool:
            return home.imported_at.get(name, function.lineno) < function.lineno

        made, told = freed_of_defaults(function, home.names, home.imports, above, hidden)
        made, home.names, home.imports = freed_of_imports(made, home.names, home.imports)
        self._freed[function] = self._freed[made] = made
        self.written[made] = self.written.get(function, function)
        self.standing[made] = told
        return made

    def lifted(self, home: Home, function: ast.FunctionDef) -> ast.FunctionDef:
        """The function without inner functions, which become functions of the module, and loops over generators."""
        function = flattened(function)
        if home.key:
            return function
        outer, home.names = lifted(function, home.names)
        return outer

    def target(self, home: Home, name: str, steps: int = 0) -> Target | None:
        """What a global of a module always is, as far as the tree's text says so; or it is data."""
        if steps > _MOST_STEPS:
            return None
        seen = self.seen.get((home.name, name), ANY)
        if not home.names.once(name):
            data = home.names.settled(name) and seen.name in _DATA
            return Target("constant", home, name) if data else None
        function = home.names.function(name)
        if function is not None and not name.startswith("sf_"):
            return Target("function", home, name, self.freed(home, function))
        if self.class_at(home, name) is not None:
            return Target("class", home, name)
        if self.named_at(home, name):
            return Target("named", home, name)
        if self.enum_at(home, name):
            return Target("enum", home, name)
        if self.list_at(home, name):
            return Target("lists", home, name)
        if self.error_at(home, name) is not None:
            return Target("error", home, name)
        if name in home.names.data:
            return Target("constant", home, name)
        if name not in home.bound or name in home.names.touched:
            return None  # or the module changes what it has of another
        module, attribute = home.bound[name]
        other = self.home(module)
        if other is None:
            return None
        if not attribute:
            return Target("module", other)
        if other.names.bound[attribute] or other.names.star:
            return self.target(other, attribute, steps + 1)
        inner = self.home(f"{module}.{attribute}")
        return Target("module", inner) if inner is not None else None

    def member(self, outer: Target, name: str) -> Target | None:
        """What ``module.name`` is."""
        if outer.kind != "module":
            return None
        if outer.home.names.bound[name] or outer.home.names.star:
            return self.target(outer.home, name)
        inner = self.home(f"{outer.home.name}.{name}")
        return Target("module", inner) if inner is not None else None

    def at(self, home: Home, node: ast.expr) -> Target | None:
        """What a name or ``module.name`` is in the text of a module."""
        match node:
            case ast.Name(id=which):
                return self.target(home, which)
            case ast.Attribute(value=outer, attr=which):
                found = self.at(home, outer)
                return self.member(found, which) if found is not None else None
        return None

    def rely(self, home: Home, node: ast.expr) -> None:
        """Note what has to hold for `at` to be right."""
        found = self.at(home, node)
        if isinstance(node, ast.Attribute):
            outer = self.at(home, node.value)
            assert outer is not None
            self.rely(home, node.value)
            home, name = outer.home, node.attr
        else:
            assert isinstance(node, ast.Name)
            name = node.id
        if found is None or (found.home, found.name) == (home, name):
            return
        if found.kind != "constant":  # its value is looked at where it is read
            self.relied.add(Relied(home, name, found))

    def class_at(self, home: Home, name: str) -> ClassFacts | None:
        """The plain class that stands in a module; None where it is none."""
        if name not in home.classes:
            home.classes[name] = None  # also while it is looked at
            names = home.names
            once = names.once(name) and (name not in names.touched or name in names.given)
            for node in home.tree.body if once and OF not in name else ():
                if isinstance(node, ast.ClassDef) and node.name == name:
                    made = facts_of(
                        node, home.spelled(name), self._base_in(home), names, home.imports
                    )
                    if made is not None:
                        every = made.methods, made.properties, made.setters, made.statics
                        for held in (*every, made.shared):
                            for which, method in held.items():
                                held[which] = self.freed(home, method, made.names)
                        home.classes[name] = self.classes[made.name] = made
                        self.home_of[made.name] = home
        return home.classes[name]

    def named_at(self, home: Home, name: str) -> bool:
        """Whether a named tuple's class stands in a module under a name."""
        spelled = home.spelled(name)
        if spelled not in self.named:
            once = home.names.once(name) and name not in home.names.touched and OF not in name
            self.named[spelled] = fields_in(home.tree, name, home.imports) if once else ()
            self.named_of[spelled] = home, name
            self.named_methods[spelled] = {}
            written = named_in(home.tree, name, home.imports)
            if self.named[spelled] and written is not None:
                found = methods_of_named(written)
                hidden = {*self.named[spelled], *found}
                self.named_written[spelled] = written
                self.named_methods[spelled] = {
                    which: self.freed(home, method, hidden) for which, method in found.items()
                }
        return bool(self.named[spelled])

    def list_at(self, home: Home, name: str) -> bool:
        """Whether a class of lists that are like any other stands in a module under a name."""
        spelled = home.spelled(name)
        if spelled not in self.lists:
            once = home.names.once(name) and name not in home.names.touched and OF not in name
            self.lists[spelled] = once and is_own_list(home.tree, name, home.names)
            self.list_of[spelled] = home, name
        return self.lists[spelled]

    def enum_at(self, home: Home, name: str) -> bool:
        """Whether a plain enumeration stands in a module under a name."""
        spelled = home.spelled(name)
        if spelled not in self.enums:
            once = home.names.once(name) and name not in home.names.touched and OF not in name
            self.enums[spelled] = enum_in(home.tree, name, home.imports) if once else None
            self.enum_of[spelled] = home, name
        return self.enums[spelled] is not None

    def error_at(self, home: Home, name: str) -> ErrorFacts | None:
        """The plain exception class that stands in a module; None where it is none."""
        spelled = home.spelled(name)
        if spelled not in self.errors:
            self.errors[spelled] = None  # also while it is looked at
            names = home.names
            if names.once(name) and name not in names.touched and OF not in name:
                self.errors[spelled] = error_in(
                    home.tree, name, spelled, names, self._error_in(home)
                )
            self.error_of[spelled] = home, name
        return self.errors[spelled]

    def _error_in(self, home: Home) -> Callable[[ast.expr], ErrorFacts | None]:
        def base(node: ast.expr) -> ErrorFacts | None:
            found = self.at(home, node)
            own = found is not None and found.kind == "error"
            return self.errors[found.spelled] if found is not None and own else None

        return base

    def is_whole(self, cls: str) -> bool:
        """Whether the members of an enumeration are ints as well."""
        facts = self.enums[cls]
        return facts is not None and facts.whole

    def _base_in(self, home: Home) -> Callable[[ast.expr], ClassFacts | None]:
        def base(node: ast.expr) -> ClassFacts | None:
            found = self.at(home, node)
            if found is None or found.kind != "class":
                return None
            return self.classes[found.spelled]

        return base


def simple(cls: str) -> str:
    """A class's name as its module has it."""
    return cls.partition(OF)[0]


def _imports(source: Source) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for statement in source.tree.body:
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    if alias.asname:
                        found[alias.asname] = (alias.name, "")
                    else:
                        first = alias.name.partition(".")[0]
                        found[first] = (first, "")
            case ast.ImportFrom(names=aliases):
                module = imported_module(statement, source.module, source.path)
                for alias in aliases:
                    found[alias.asname or alias.name] = (module, alias.name)
    return found
