"""The modules of the user's tree that a unit spans, and what a name of one of them stands for.

Each module's functions are compiled with its own names. What stands in another module than the function
that is compiled is read there, in the module's namespace as it is at the call; and where one module has
a name of another's, both must then mean the same object (``Relied``).
"""

import ast
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.cython.closures import lifted
from selfsame.compiler.emit.cython.inplace.borrowed import freed_of_defaults, freed_of_imports
from selfsame.compiler.emit.cython.inplace.by_name import BY_NAME
from selfsame.compiler.emit.cython.inplace.class_facts import OF, ClassFacts
from selfsame.compiler.emit.cython.inplace.classes import facts_of, fields_in, is_own_list
from selfsame.compiler.emit.cython.inplace.enum_classes import EnumFacts, enum_in
from selfsame.compiler.emit.cython.inplace.error_classes import ErrorFacts, error_in
from selfsame.compiler.emit.cython.inplace.imports import imported, library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    CONTAINERS,
    LAMBDA,
    NONE,
    NUMBERS,
    PATTERN,
    RANDOM,
    UNSIGNED,
    Kind,
    function_kind,
    instance,
    join,
    member,
    named,
    own_list,
    parse_kind,
    tuple_of,
)
from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import imported_module

Sources = Callable[[str], Source | None]
_MOST_STEPS = 8
_DATA = CONTAINERS | NUMBERS
_DATA |= {"str", "bytes", "bytearray", "deque", "array", "instance", "pattern"}
_MOST_ITEMS = 500
_LONGEST_TUPLE = 8


def _own_list(cls: str) -> Kind:
    return own_list(cls, BOTTOM)


_MADE_BY = {"class": instance, "named": named, "enum": member, "lists": _own_list}
_names_of: "WeakKeyDictionary[ast.Module, ModuleNames]" = WeakKeyDictionary()


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


class Linked:
    """The function's own module, and the others as they are asked for."""

    def __init__(self, source: Source, sources: Sources) -> None:
        self._sources = sources
        self._homes: dict[str, Home | None] = {}
        self.keys: dict[str, Home] = {}
        self.classes: dict[str, ClassFacts] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        """The fields of named tuples' classes, and in ``named_of`` where the class is."""
        self.named_of: dict[str, tuple[Home, str]] = {}
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
        """The function without inner functions, which become functions of the module."""
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

    def kind_of_data(self, home: Home, name: str) -> Kind:
        """What the text of a module says of the type of its data, and what was seen of it."""
        seen = self.seen.get((home.name, name), BOTTOM)
        if not home.names.once(name):
            return seen
        told = self.kind_of(home, home.names.data[name])
        return seen if seen != BOTTOM and _open(told) else join(told, seen)

    def kind_of(self, home: Home, node: ast.expr) -> Kind:
        """What the text of a module says of the type of a value; that is a claim, as all types are."""
        scalar = constant_value(node)
        if type(scalar) is int and 1 << 63 <= scalar < 1 << 64:
            return UNSIGNED
        if scalar is not None:
            return parse_kind(type(scalar).__name__)
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.List(elts=items) | ast.Set(elts=items):
                return Kind(type(node).__name__.lower(), (self._joined(home, items),))
            case ast.Tuple(elts=items):
                if len(items) > _LONGEST_TUPLE or any(isinstance(e, ast.Starred) for e in items):
                    return Kind("row", (self._joined(home, items),))
                return tuple_of(*(self.kind_of(home, e) for e in items))
            case ast.Dict(keys=keys, values=values):
                known = self._joined(home, [k for k in keys if k is not None])
                return Kind(
                    "dict", (known if None not in keys else ANY, self._joined(home, values))
                )
            case ast.ListComp(elt=item) | ast.SetComp(elt=item):
                name = "list" if isinstance(node, ast.ListComp) else "set"
                return Kind(name, (self.kind_of(home, item),))
            case ast.DictComp(key=key, value=value):
                return Kind("dict", (self.kind_of(home, key), self.kind_of(home, value)))
            case ast.Attribute(value=outer):
                found = self.at(home, outer)
                if found is not None and found.kind == "enum":
                    return member(found.spelled)
            case ast.Call(func=function):
                found = self.at(home, function)
                if found is not None and found.kind in _MADE_BY:
                    return _MADE_BY[found.kind](found.spelled)
                if library_name(function, home.imports) == "random.Random":
                    return RANDOM
                if library_name(function, home.imports) == "re.compile":
                    return PATTERN
        if isinstance(node, ast.Name | ast.Attribute) and (which := self.function_at(home, node)):
            return function_kind(which)
        if isinstance(node, ast.Lambda) and (which := self.lambda_at(home, node.lineno)):
            return function_kind(which)
        return ANY

    def _joined(self, home: Home, items: list[ast.expr]) -> Kind:
        found = BOTTOM
        for item in items[:_MOST_ITEMS]:
            found = join(found, self.kind_of(home, item))
        return found

    def function_at(self, home: Home, node: ast.expr) -> str:
        """The function or plain class that a name or ``module.name`` is, as the unit calls it; empty where it is none.

        One of a library's, or a builtin, is called by its dotted name.
        """
        found = self.at(home, node)
        if found is not None:
            if found.kind not in ("function", "class"):
                return ""
            self.functions[found.spelled] = found
            return found.spelled
        if isinstance(node, ast.Name) and home.names.builtin(node.id):
            return _called_by_value(f"builtins.{node.id}")
        name = home.names.math_function(node)
        return _called_by_value(f"math.{name}" if name else library_name(node, home.imports))

    def lambda_at(self, home: Home, line: int) -> str:
        """The lambda that stands alone in a line of the own module's top level, as a type names it; else empty."""
        if home.key:
            return ""
        which = f"{LAMBDA}{line}"
        if which not in self.functions:
            made = _top_lambdas(home.tree).get(line)
            if made is None:
                return ""
            self.functions[which] = Target("function", home, made.name, made)
        return which

    def _function_seen(self, dotted: str) -> str:
        """The function that was seen under its module's name and its own; empty where it is not known."""
        module, _, name = dotted.rpartition(".")
        home = self.home(module) or (self.own if module == "__main__" else None)
        if home is not None and name.startswith("<lambda>:"):
            return self.lambda_at(home, int(name.partition(":")[2]))
        if home is not None:
            return self.function_at(home, ast.Name(name))
        return _called_by_value(dotted.removeprefix("_") if module == "_operator" else dotted)

    def with_named(self, kind: Kind) -> Kind:
        """The type with instances of named tuples, members of enumerations, and functions told from others."""
        if kind.name == "function":
            names = [self._function_seen(which) for which in kind.cls.split("|")]
            return replace(kind, cls="|".join(sorted(names))) if all(names) else ANY
        classes = set(kind.cls.split("|")) if kind.name == "instance" else set[str]()
        for what, made in ((self.named, named), (self.enums, member), (self.lists, _own_list)):
            if any(what.get(cls) for cls in classes):
                return replace(made(kind.cls), none=kind.none) if len(classes) == 1 else ANY
        fields = tuple((key, self.with_named(held)) for key, held in kind.fields)
        return replace(kind, parts=tuple(map(self.with_named, kind.parts)), fields=fields)

    def class_called(self, word: str) -> str:
        """The class that a type's name means, as it was seen or as the own module has it; else empty."""
        module, _, name = word.rpartition(".")
        home = self.home(module) if module else None
        known = (self.class_at, self.named_at, self.enum_at, self.list_at)
        if home is not None and any(at(home, name) for at in known):
            return home.spelled(name)
        first, *rest = word.split(".")
        if first.isidentifier():
            node: ast.expr = ast.Name(first)
            for part in rest:
                node = ast.Attribute(node, part)
            found = self.at(self.own, node)
            if found is not None and found.kind in _MADE_BY:
                return found.spelled
        # A script's own are seen as ``__main__``'s.
        return name if any(at(self.own, name) for at in known) else ""


def _open(kind: Kind) -> bool:
    """Whether the text leaves open what it is, or what is in it."""
    inner = (*kind.parts, *(held for _, held in kind.fields))
    return kind == ANY or any(map(_open, inner))


def _top_lambdas(tree: ast.Module) -> dict[int, ast.FunctionDef]:
    """The lambdas of a module's top level by their lines, as functions: those that stand alone there and take no more
    than what they are given in order.
    """
    lines = Counter(node.lineno for node in ast.walk(tree) if isinstance(node, ast.Lambda))
    found = {}
    todo: list[ast.AST] = [*tree.body]
    for node in todo:
        if isinstance(node, ast.Lambda):
            taken = node.args
            more = taken.vararg or taken.kwarg or taken.kwonlyargs or taken.defaults
            if lines[node.lineno] == 1 and not more:
                name = f"sf_lambda_in_line_{node.lineno}"
                made = ast.FunctionDef(name, taken, [ast.Return(node.body)], [])
                ast.copy_location(made.body[0], node.body)
                found[node.lineno] = ast.fix_missing_locations(ast.copy_location(made, node))
        elif not isinstance(node, _INSIDE):
            todo += ast.iter_child_nodes(node)
    return found


_INSIDE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_BY_VALUE = {
    "builtins": frozenset(
        {"abs", "bool", "chr", "float", "int", "len", "max", "min", "ord", "round", "str", "sum"}
    ),
    "operator": frozenset(BY_NAME),
}


def _called_by_value(dotted: str) -> str:
    """A function of a library's that has a compiled form wherever it is called; else empty."""
    module, _, name = dotted.rpartition(".")
    return dotted if module == "math" or name in _BY_VALUE.get(module, ()) else ""


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
