"""Plain classes of a module: what their instances hold, and which functions their methods are."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.identity.names import mangled

Held = TypeVar("Held")
OF = "__in__"
"""Between a name and the key of its module, where that is not the function's own."""
_NAMED_MAKER, _NAMED_BASE = "collections.namedtuple", "typing.NamedTuple"
# Bases that give instances nothing and have no say in them.
_EMPTY = frozenset({"abc.ABC", "typing.Generic"})
# With one of these a class has a say in what making an instance, or reading or storing an attribute, does.
_SPECIAL = frozenset(
    {"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__new__", "__del__"}
)


def shown(text: str) -> str:
    """A text of ours with names of other modules as a person writes them.

    >>> shown("list[Item__in__shop__model]")
    'list[shop.model.Item]'
    """
    return re.sub(
        rf"(\w+?){OF}(\w+)", lambda m: f"{m[2].replace('__', '.')}.{m[1]}", text, flags=re.ASCII
    )


@dataclass
class ClassFacts:
    """``methods``: the plain ones that it has, ``homes``: the classes that they stand in.

    ``name`` is the unit's. ``properties``: what reads them; ``setters``: what stores to them. ``values``: what its body binds to
    anything but a literal, with the class where that stands. ``base``: the plain class that it derives from, or empty. ``names``: all that is bound in its body
    and in those of its bases. ``frozen``: nothing may be stored once ``__init__`` has run; ``written``:
    that is the one of ``dataclass``, which makes some defaults anew. ``abstract``: of ``ABCMeta``, which
    decides what an instance of it is. ``statics``: static methods. ``shared``: class methods. ``fields``: of a simple dataclass, each
    with the text of its default. ``wrote``: what ``dataclass`` wrote to compare instances of just this class.
    """

    name: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    properties: dict[str, ast.FunctionDef] = field(default_factory=dict)
    setters: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, int | float | str | bool] = field(default_factory=dict)
    values: dict[str, tuple[str, ast.expr]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    base: str = ""
    statics: dict[str, ast.FunctionDef] = field(default_factory=dict)
    shared: dict[str, ast.FunctionDef] = field(default_factory=dict)
    fields: dict[str, str] | None = None
    names: set[str] = field(default_factory=set)
    frozen: bool = False
    written: bool = False
    wrote: set[str] = field(default_factory=set)
    abstract: bool = False
    node: ast.ClassDef | None = None

    @property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """All that stands in its body by ``def`` and is called, or read as a property."""
        return {**self.methods, **self.properties, **self.statics, **self.shared}

    def spelled(self, attribute: str, inside: str) -> str:
        """The attribute's name as it is, where the text stands in the class ``inside``."""
        return mangled(attribute, inside.partition(OF)[0]) if inside else attribute


def facts_of(
    node: ast.ClassDef,
    name: str,
    find: Callable[[ast.expr], ClassFacts | None],
    names: ModuleNames,
    imports: dict[str, str],
) -> ClassFacts | None:
    """A plain class, called ``name`` in the unit; None where it is none: with several bases or a metaclass.

    ``find`` gives the plain class that a base is.
    """
    abstract = any(
        k.arg == "metaclass" and library_name(k.value, imports) == "abc.ABCMeta"
        for k in node.keywords
    )
    if len(node.keywords) > abstract:
        return None
    bases = []
    for each in node.bases:
        what = library_name(each.value if isinstance(each, ast.Subscript) else each, imports)
        abstract |= what == "abc.ABC"
        if not (what in _EMPTY or (isinstance(each, ast.Name) and each.id == "object")):
            bases.append(each.value if isinstance(each, ast.Subscript) else each)
    base = find(bases[0]) if bases else None
    if len(bases) > 1 or (bases and base is None):
        return None
    made = ClassFacts(name, base=base.name if base else "", abstract=abstract, node=node)
    options = _dataclass_options(node, imports)
    if node.decorator_list and options is None:
        return None
    twice = set[str]()
    for statement in node.body:
        bound = _bound(statement, made, imports)
        if bound is None:
            return None
        spelled = {mangled(each, node.name) for each in bound}
        twice |= spelled & made.names
        made.names |= spelled
    if made.names & _SPECIAL:
        return None
    every = made.methods, made.properties, made.setters, made.statics, made.shared
    for held in (*every, made.constants, made.values):
        for lost in twice & held.keys():
            del held[lost]
    for attribute, value in names.given.get(node.name, {}).items():
        function = any(attribute in held for held in every)
        if attribute.startswith("__") or function or (options and attribute in made.names):
            return None
        made.names.add(attribute)
        made.constants.pop(attribute, None)
        made.values[attribute] = made.name, value
    if options is not None:
        _as_dataclass(made, base, options, names, imports)
    functions = [*made.methods, *made.properties, *made.statics, *made.shared]
    made.homes = dict.fromkeys(functions, name)
    if base is not None:
        _derive(made, base)
    return made


def _bound(statement: ast.stmt, made: ClassFacts, imports: dict[str, str]) -> list[str] | None:
    """The names that a statement of a class's body binds; what they mean goes into ``made``.

    None where the statement may do more than that.
    """
    assert made.node is not None
    cls = made.node.name
    match statement:
        case ast.FunctionDef(name=which, decorator_list=decorators):
            words = [d.id if isinstance(d, ast.Name) else "" for d in decorators]
            if any(library_name(d, imports) == "typing.overload" for d in decorators):
                return []
            match decorators:
                case [
                    ast.Attribute(value=ast.Name(id=other), attr="setter" | "deleter" as part)
                ] if other == which and mangled(which, cls) in made.properties:
                    if part == "setter":
                        made.setters[mangled(which, cls)] = statement
                    return []
            kinds = {"property": made.properties, "staticmethod": made.statics}
            kinds["classmethod"] = made.shared
            if not words:
                made.methods[mangled(which, cls)] = statement
            elif len(words) == 1 and words[0] in kinds:
                kinds[words[0]][mangled(which, cls)] = statement
            return [which]
        case ast.Assign(targets=[ast.Name(id=which)], value=ast.Name(id=other)) if (
            other in made.methods
        ):
            made.methods[which] = made.methods[other]
            return [which]
        case (
            ast.Assign(targets=[ast.Name(id=which)], value=ast.expr() as value)
            | ast.AnnAssign(target=ast.Name(id=which), value=ast.expr() as value)
        ):
            constant = constant_value(value)
            if constant is not None:
                made.constants[mangled(which, cls)] = constant
            else:
                made.values[mangled(which, cls)] = made.name, value
            return [which]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(
            isinstance(t, ast.Name) for t in targets
        ):
            bound = [t.id for t in targets if isinstance(t, ast.Name)]
            for which, constant in zip(bound, _unpacked(value, len(bound)), strict=False):
                made.constants[mangled(which, cls)] = constant
            return bound
        case ast.AnnAssign(value=None) | ast.Expr(value=ast.Constant()) | ast.Pass():
            return []
        case ast.AsyncFunctionDef() | ast.ClassDef() | ast.Assign() | ast.If():
            return _names_in(statement)
    return None


def _unpacked(value: ast.expr, count: int) -> list[int | float | str | bool]:
    """What so many names get of ``range(n)`` or a display of literals; nothing where that is not known."""
    match value:
        case ast.Tuple(elts=parts) if len(parts) == count:
            found = [constant_value(part) for part in parts]
            return [each for each in found if each is not None] if None not in found else []
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(n))], keywords=[]):
            return list(range(count)) if n == count else []
    return []


def _names_in(statement: ast.stmt) -> list[str]:
    """At least the names that a statement binds where it stands."""
    found = []
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=which) if not isinstance(node.ctx, ast.Load):
                found.append(which)
            case ast.FunctionDef(name=which) | ast.AsyncFunctionDef(name=which):
                found.append(which)
            case ast.ClassDef(name=which):
                found.append(which)
            case ast.alias(name=which, asname=other):
                found.append(other or which.partition(".")[0])
    return found


def _derive(made: ClassFacts, base: ClassFacts) -> None:
    """Add what a class has from its base."""
    made.methods |= _unbound(base.methods, made)
    made.properties |= _unbound(base.properties, made)
    made.setters |= _unbound(base.setters, made)
    made.constants |= _unbound(base.constants, made)
    made.values |= _unbound(base.values, made)
    made.statics |= _unbound(base.statics, made)
    made.shared |= _unbound(base.shared, made)
    made.homes |= _unbound(base.homes, made)
    made.wrote |= base.wrote - made.names
    made.names |= base.names
    made.frozen |= base.frozen
    made.abstract |= base.abstract
    made.written |= base.written and made.homes.get("__init__") == base.homes.get("__init__")


def _unbound(held: dict[str, Held], made: ClassFacts) -> dict[str, Held]:
    return {name: value for name, value in held.items() if name not in made.names}


# What a class made by ``dataclass`` with these has no more of a say in than one made without.
_OPTIONS = frozenset({"eq", "frozen", "order", "repr", "slots", "unsafe_hash"})
_FACTORIES = {"list": "[]", "dict": "{}", "set": "set()"}


def _dataclass_options(node: ast.ClassDef, imports: dict[str, str]) -> set[str] | None:
    """What a ``@dataclass`` is asked for; None where the class is none, or is asked for something else."""
    if len(node.decorator_list) != 1:
        return None
    decorator, keywords = node.decorator_list[0], list[ast.keyword]()
    if isinstance(decorator, ast.Call) and not decorator.args:
        keywords = decorator.keywords
        decorator = decorator.func
    if library_name(decorator, imports) != "dataclasses.dataclass":
        return None
    asked = set()
    for keyword in keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg not in _OPTIONS or type(value) is not bool:
            return None
        if value:
            asked.add(keyword.arg)
    return asked


def fields_in(tree: ast.Module, name: str, imports: dict[str, str]) -> tuple[str, ...]:
    """The fields of the named tuple that a module's text binds to a name; none where it is no such class."""
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=bound)],
                value=ast.Call(func=function, args=[ast.Constant(), given], keywords=[]),
            ) if bound == name and library_name(function, imports) == _NAMED_MAKER:
                return _listed(given)
            case ast.ClassDef(name=bound, bases=[base], keywords=[], decorator_list=[]) if (
                bound == name and library_name(base, imports) == _NAMED_BASE
            ):
                return tuple(
                    each.target.id
                    for each in statement.body
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
                )
    return ()


def _listed(given: ast.expr) -> tuple[str, ...]:
    match given:
        case ast.Constant(value=str(text)):
            return tuple(text.replace(",", " ").split())
        case ast.List(elts=items) | ast.Tuple(elts=items):
            words = [item.value for item in items if isinstance(item, ast.Constant)]
            if len(words) == len(items) and all(isinstance(word, str) for word in words):
                return tuple(map(str, words))
    return ()


# What a class has of ``object`` and every class has anew, and what has no say in what a list does.
_SAID_BY_ALL = frozenset({"__doc__", "__module__", "__repr__", "__str__", "__slots__", "__hash__"})
_OF_LISTS = frozenset(dir(list)) | {"__del__", "__getattr__", "__bool__", "__next__", "__slots__"}


def is_own_list(tree: ast.Module, name: str, names: ModuleNames) -> bool:
    """Whether a module's text binds a name to a class of lists that changes nothing of what a list does."""
    for node in tree.body:
        match node:
            case ast.ClassDef(
                name=bound, bases=[ast.Name(id="list")], keywords=[], decorator_list=[]
            ) if bound == name and names.builtin("list"):
                made = ClassFacts(name, node=node)
                said = set[str]()
                for statement in node.body:
                    what = _bound(statement, made, {})
                    if what is None:
                        return False
                    said |= set(what)
                return not said & (_OF_LISTS - _SAID_BY_ALL)
    return False


def library_name(node: ast.expr, imports: dict[str, str]) -> str:
    """``heapq.heappush``, of what ``node`` names in a module with these imports; empty where it is none of those."""
    match node:
        case ast.Name(id=which):
            return imports.get(which, "")
        case ast.Attribute(value=ast.Name(id=base), attr=which) if base in imports:
            return f"{imports[base]}.{which}"
    return ""


def _default(value: ast.expr, names: ModuleNames, imports: dict[str, str]) -> str | None:
    """The default of a field, as text: a literal, or what is made anew for each instance; else None."""
    if isinstance(value, ast.Constant) and value.value is None:
        return "None"
    if constant_value(value) is not None:
        return ast.unparse(value)
    if not isinstance(value, ast.Call) or library_name(value.func, imports) != "dataclasses.field":
        return None
    default = ""
    for keyword in value.keywords:
        match keyword:
            case ast.keyword(arg="default", value=given) if not isinstance(given, ast.Call):
                found = _default(given, names, imports)
                if found is None:
                    return None
                default = found
            case ast.keyword(arg="default_factory", value=ast.Name(id=which)) if (
                which in _FACTORIES and names.builtin(which)
            ):
                default = _FACTORIES[which]
            case ast.keyword(arg="compare" | "repr" | "hash", value=ast.Constant()):
                pass
            case _:
                return None
    return default if not value.args else None


def _as_dataclass(
    made: ClassFacts,
    base: ClassFacts | None,
    options: set[str],
    names: ModuleNames,
    imports: dict[str, str],
) -> None:
    """Add what ``dataclass`` gives a class."""
    assert made.node is not None
    own, above = _fields(made.node, names, imports), base.fields if base is not None else None
    derived = base is not None and "__dataclass_fields__" in base.names
    if own is not None and not (derived and above is None):
        fields = {**(above or {}), **own}
        late = list(map(bool, fields.values()))
        made.fields = fields if late == sorted(late) else None
    inherited = base.names if base is not None else set()
    by_hand = "__init__" in made.names or "__post_init__" in made.names | inherited
    if made.fields is not None and not by_hand:
        made.methods["__init__"], made.written = _init(made.node, made.fields), True
    made.frozen = "frozen" in options
    if made.fields is not None and own is not None and list(made.fields) == list(own):
        _as_compared(made, made.node, own, options)
    made.names |= {"__init__", "__eq__", "__hash__", "__repr__", "__dataclass_fields__"}
    if "order" in options:
        made.names |= {"__lt__", "__le__", "__gt__", "__ge__"}


_COMPARING = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}


def _as_compared(
    made: ClassFacts, node: ast.ClassDef, fields: dict[str, str], options: set[str]
) -> None:
    """Add the comparisons that ``dataclass`` writes, as they are for instances of one class."""
    left_out, asked = _left_out(node), node.decorator_list[0]
    keywords = asked.keywords if isinstance(asked, ast.Call) else []
    no_eq = any(k.arg == "eq" and ast.unparse(k.value) == "False" for k in keywords)
    if left_out is None or no_eq:
        return
    compared = [name for name in fields if name not in left_out]
    for method, sign in _COMPARING.items():
        if method in made.names or not (method == "__eq__" or "order" in options) or not compared:
            continue
        mine, other = ("".join(f"{s}.{name}, " for name in compared) for s in ("self", "other"))
        text = f"def {method}(self, other):\n    return ({mine}) {sign} ({other})\n"
        made.methods[method] = _made(text, node)
        made.wrote.add(method)
    if "frozen" in options and "__eq__" in made.wrote and "__hash__" not in made.names:
        made.wrote.add("__hash__")


def _left_out(node: ast.ClassDef) -> set[str] | None:
    """The fields that are not compared; None where that is not known."""
    found = set()
    for each in node.body:
        if not isinstance(each, ast.AnnAssign) or not isinstance(each.value, ast.Call):
            continue
        for keyword in each.value.keywords:
            match keyword:
                case ast.keyword(arg="compare", value=ast.Constant(value=bool(compared))):
                    found |= set() if compared else {ast.unparse(each.target)}
                case ast.keyword(arg="compare" | "hash"):
                    return None
    return found


def _fields(
    node: ast.ClassDef, names: ModuleNames, imports: dict[str, str]
) -> dict[str, str] | None:
    """The fields of a dataclass, each with the text of its default; None where they are not simple."""
    found = {}
    for each in node.body:
        if not isinstance(each, ast.AnnAssign):
            continue
        said = ast.unparse(each.annotation)
        default = "" if each.value is None else _default(each.value, names, imports)
        simple = isinstance(each.target, ast.Name) and default is not None
        if not simple or "ClassVar" in said or "InitVar" in said or "KW_ONLY" in said:
            return None
        assert isinstance(each.target, ast.Name) and default is not None
        found[each.target.id] = default
    return found


def _init(node: ast.ClassDef, fields: dict[str, str]) -> ast.FunctionDef:
    """The ``__init__`` that ``dataclass`` writes."""
    taken = [
        "self",
        *(f"{name}={default}" if default else name for name, default in fields.items()),
    ]
    body = [f"    self.{name} = {name}" for name in fields]
    text = f"def __init__({', '.join(taken)}):\n" + "\n".join(body or ["    pass"])
    return _made(text, node)


def _made(text: str, node: ast.ClassDef) -> ast.FunctionDef:
    """The function that a text defines, as if it stood where the class does."""
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    for part in ast.walk(made):
        if isinstance(part, ast.expr | ast.stmt):
            ast.copy_location(part, node)
    return made


def imported(module: ast.Module, names: ModuleNames) -> dict[str, str]:
    """Local name -> ``heapq`` or ``heapq.heappush``, of what the module imports at its top level."""
    found: dict[str, str] = {}
    for statement in module.body:
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    found[alias.asname or alias.name] = alias.name
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                for alias in aliases:
                    found[alias.asname or alias.name] = f"{origin}.{alias.name}"
    return {local: what for local, what in found.items() if names.once(local)}
