"""What the text of modules says of the types of values, and what those mean that were seen.

Both are claims: what is read out of an object is checked where it is used.
"""

import ast
from collections import Counter
from dataclasses import replace
from functools import cached_property

from selfsame.compiler.emit.cython.inplace.by_name import BY_NAME
from selfsame.compiler.emit.cython.inplace.homes import Home, Modules, Target
from selfsame.compiler.emit.cython.inplace.imports import library_name
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOTTOM,
    LAMBDA,
    NONE,
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
from selfsame.compiler.emit.cython.module_names import constant_value

_MOST_ITEMS = 500
_LONGEST_TUPLE = 8


def _own_list(cls: str) -> Kind:
    return own_list(cls, BOTTOM)


_MADE_BY = {"class": instance, "named": named, "enum": member, "lists": _own_list}


class Linked(Modules):
    """The modules that a unit spans, with the types of what they hold."""

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
        made = self._lambdas.get(line)
        if made is None:
            return ""
        self.functions.setdefault(which, Target("function", home, made.name, made))
        return which

    @cached_property
    def _lambdas(self) -> dict[int, ast.FunctionDef]:
        return _top_lambdas(self.own.tree)

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
