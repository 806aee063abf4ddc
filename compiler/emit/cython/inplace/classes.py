"""Plain classes, classes of lists and named tuples, as the text of a module has them."""

import ast
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from selfsame.compiler.emit.cython.inplace.class_facts import ClassFacts
from selfsame.compiler.emit.cython.inplace.data_classes import complete, options_of
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.module_names import ModuleNames, constant_value
from selfsame.compiler.emit.cython.plain_classes import SPECIAL
from selfsame.compiler.emit.cython.renaming import bound_names
from selfsame.compiler.identity.names import mangled

Held = TypeVar("Held")
_NAMED_MAKER, _NAMED_BASE = "collections.namedtuple", "typing.NamedTuple"
# Bases that give instances nothing and have no say in them.
_EMPTY = frozenset({"abc.ABC", "typing.Generic"})


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
    options = options_of(node, imports)
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
    if made.names & SPECIAL:
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
        complete(made, base, options, names, imports)
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


def fields_in(tree: ast.Module, name: str, imports: dict[str, str]) -> tuple[str, ...]:
    """The fields of the named tuple that a module's text binds to a name; none where it is no such class."""
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=bound)],
                value=ast.Call(func=function, args=[ast.Constant(), given], keywords=[]),
            ) if bound == name and library_name(function, imports) == _NAMED_MAKER:
                return _listed(given)
    written = named_in(tree, name, imports)
    return tuple(
        each.target.id
        for each in (written.body if written is not None else ())
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    )


def named_in(tree: ast.Module, name: str, imports: dict[str, str]) -> ast.ClassDef | None:
    """The class of named tuples that stands in a module's text under a name."""
    for statement in tree.body:
        match statement:
            case ast.ClassDef(name=bound, bases=[base], keywords=[], decorator_list=[]) if (
                bound == name and library_name(base, imports) == _NAMED_BASE
            ):
                return statement
    return None


def defaults_of_named(written: ast.ClassDef) -> dict[str, ast.expr]:
    """What its fields are where nothing is given, by name, in their order."""
    return {
        each.target.id: each.value
        for each in written.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value
    }


def methods_of_named(written: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """Its methods and properties, by name: those that are defined once, and none that Python itself calls."""
    bound = Counter(which for each in written.body for which in bound_names([each]))
    return {
        each.name: each
        for each in written.body
        if isinstance(each, ast.FunctionDef)
        and bound[each.name] == 1
        and not each.name.startswith("__")
        and [ast.unparse(d) for d in each.decorator_list] in ([], ["property"])
    }


def first_line(function: ast.FunctionDef) -> int:
    """The first line of its code object: that of its first decorator, if it has any."""
    return min([function.lineno, *(d.lineno for d in function.decorator_list)])


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
