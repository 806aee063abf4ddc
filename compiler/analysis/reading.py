"""Which attributes a function can touch, with all that it may call: what else an object has, it never sees.

By names alone, so that a class hierarchy, a property or a method under a common name is never missed:
every function of the program's whose name is mentioned counts as called. Unknown where code looks at
objects without naming attributes (``getattr``, ``vars``, ``copy``), calls what has no known name, or
would catch the ``AttributeError`` of an attribute that is not there.
"""

import ast
import builtins
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from selfsame.compiler.cst.source import Source

REFLECTING: Final = frozenset({
    "getattr", "setattr", "hasattr", "delattr", "vars", "dir", "eval", "exec", "compile", "globals",
    "locals", "__import__", "open", "input", "breakpoint", "help", "attrgetter", "methodcaller",
    "deepcopy", "dumps", "dump", "asdict", "astuple", "getmembers", "__dict__", "__slots__",
    "__getstate__", "__reduce__", "__reduce_ex__", "__getattribute__", "__code__", "__closure__",
    "singledispatch", "singledispatchmethod",
})  # fmt: skip
LIBRARIES: Final = frozenset({
    "__future__", "abc", "array", "bisect", "cmath", "collections", "contextlib", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "heapq", "itertools", "math", "numbers",
    "operator", "queue", "random", "re", "statistics", "string", "struct", "textwrap", "threading",
    "time", "typing", "zlib",
})  # fmt: skip
"""Modules of the standard library that look at no object's attributes by themselves."""
METHODS: Final = frozenset(
    name
    for kind in (
        str,
        bytes,
        bytearray,
        list,
        dict,
        set,
        frozenset,
        tuple,
        int,
        float,
        complex,
        deque,
    )
    for name in vars(kind)
    if not name.startswith("__")
)
CATCHING: Final = frozenset(("AttributeError", "Exception", "BaseException"))
GIVEN: Final = {
    **dict.fromkeys(("map", "filter", "reduce", "partial", "starmap", "takewhile"), (0,)),
    **dict.fromkeys(("dropwhile", "filterfalse", "defaultdict", "cmp_to_key"), (0,)),
    **dict.fromkeys(("groupby", "accumulate"), (1,)),
    **dict.fromkeys(("sub", "subn"), (0, 1)),
}
"""Which arguments are called, of what calls its arguments."""
NAMED: Final = frozenset(("key", "default", "func", "repl", "default_factory"))
SCOPES: Final = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
UNREADABLE: Final = (ast.MatchClass, ast.Import, ast.ImportFrom, ast.AsyncWith, ast.Await)
FIELD: Final = re.compile(r"\{[^{}]*\.[A-Za-z_]")
BUILTIN: Final = frozenset(vars(builtins)) - REFLECTING


PUTTING: Final = frozenset(("setattr", "delattr", "object"))
MAKING: Final = frozenset(("__init__", "__new__", "__post_init__", "__init_subclass__"))


class _Unknown(Exception):
    """Nothing can be said of what is touched."""


class Reading:
    """What can be said of the functions of some modules, which are all of the user's that are loaded."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._trees = [source.tree for source in sources]
        self._modules = [source.module for source in sources]
        self._own = frozenset(self._modules)

    def touched(self, function: ast.AST) -> frozenset[str] | None:
        """The names of attributes that it can read or set, with what it calls; None where unknown."""
        try:
            return self._touched(function)
        except _Unknown:
            return None

    @cached_property
    def plain_classes(self) -> list[tuple[str, str]]:
        """Classes at the top of modules in which all code is written out: module and name.

        What a decorator or a metaclass adds, such as a comparison of all fields, is not seen here,
        nor what is put into a class from outside.
        """
        return [named for named, _ in self._plain]

    @cached_property
    def _plain(self) -> list[tuple[tuple[str, str], list[ast.AST]]]:
        """Such classes, with what their bodies make other than functions: a property, another name."""
        found = []
        for module, tree in zip(self._modules, self._trees, strict=True):
            for node in tree.body:
                if not isinstance(node, ast.ClassDef) or node.name in self._changed:
                    continue
                if node.decorator_list or node.keywords or _changes_itself(node):
                    continue
                made = [value for part in node.body for value in _made(part)]
                try:
                    self._reached(made)
                except _Unknown:
                    continue
                found.append(((module, node.name), made))
        return found

    @cached_property
    def _changed(self) -> set[str]:
        """Names of what is given attributes by name or bound anew: where that is a class, it is not as written."""
        found: set[str] = set()
        for node in self._everything:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                owner: ast.AST = node.value
            elif isinstance(node, ast.Call) and node.args and _last(node.func) in PUTTING:
                owner = node.args[0]
            else:
                continue
            found.add(_last(owner))
        for node in self._everything:  # another name of a class
            if isinstance(node, ast.Assign) and found & {_last(t) for t in node.targets}:
                found.add(_last(node.value))
        return found | self._bound

    def _touched(self, function: ast.AST) -> frozenset[str]:
        made = [value for _, values in self._plain for value in values]
        attributes = self._reached([function, *self._protocols, *made])
        private = {a for a in attributes if a.startswith("__") and not a.endswith("__")}
        if private:  # in a class, the name has the class's in front
            classes = [n.name.lstrip("_") for n in self._everything if isinstance(n, ast.ClassDef)]
            attributes |= {f"_{owner}{name}" for owner in classes for name in private}
        return frozenset(attributes)

    def _reached(self, roots: Sequence[ast.AST]) -> set[str]:
        attributes: set[str] = set()
        known: set[str] = set()
        todo = list(roots)
        done: set[int] = set()
        while todo:
            node = todo.pop()
            if id(node) in done:
                continue
            done.add(id(node))
            own, bound = _own_names(node), _bound_names(node)
            for name in self._names(node, bound, attributes):
                if name not in known and name not in own:
                    known.add(name)
                    todo += self._defined.get(name, ())
        return attributes

    def _names(self, top: ast.AST, local: set[str], attributes: set[str]) -> Iterator[str]:
        """Every name that is mentioned, by which something may be called. Raises _Unknown."""
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute):
                if node.attr in REFLECTING:
                    raise _Unknown
                attributes.add(node.attr)
                yield node.attr
            elif isinstance(node, ast.Name):
                yield from self._meaning(node.id)
            elif isinstance(node, ast.Call):
                self._check_call(node, local)
            elif isinstance(node, ast.ExceptHandler):
                self._check_caught([node.type])
            elif (isinstance(node, ast.FunctionDef) and node.name == "__exit__") or (
                isinstance(node, ast.Try | ast.TryStar) and node.finalbody
            ):
                _check_ending(node)
            elif isinstance(node, UNREADABLE) or (
                isinstance(node, ast.Constant)
                and type(node.value) is str
                and FIELD.search(node.value)
            ):
                raise _Unknown

    def _meaning(self, name: str) -> list[str]:
        """The names of what a name in code stands for; those of other modules only where they look at nothing."""
        if name in REFLECTING:
            raise _Unknown
        found = [name]
        for module, original in self._imported.get(name, ()):
            if not module or module in self._own:  # a relative import is of the user's
                found.append(original)
            elif module.partition(".")[0] not in LIBRARIES:
                raise _Unknown
        return found

    def _check_call(self, call: ast.Call, local: set[str]) -> None:
        callee = call.func
        if isinstance(callee, ast.Attribute):
            name, of = callee.attr, callee.value
            on_module = isinstance(of, ast.Name) and of.id in self._imported and of.id not in local
            known = name in self._defined or name in METHODS or on_module
            if name in self._stored or not known:
                raise _Unknown
        elif isinstance(callee, ast.Name):
            name = callee.id
            known = name in self._defined or name in BUILTIN or name in self._imported
            if name in local or name in self._bound or not known:
                raise _Unknown
        else:
            raise _Unknown
        given = [k.value for k in call.keywords if k.arg is None or k.arg in NAMED]
        places = (0,) if name == "iter" and len(call.args) > 1 else GIVEN.get(name, ())
        given += [call.args[place] for place in places if place < len(call.args)]
        if places and any(isinstance(a, ast.Starred) for a in call.args):
            raise _Unknown
        if name == "suppress":
            self._check_caught(call.args)
        for value in given:  # is called, or holds what is
            plain = isinstance(value, ast.Lambda | ast.Constant)
            if not plain and not (
                isinstance(value, ast.Name)
                and value.id not in local
                and (value.id in self._defined or value.id in BUILTIN)
            ):
                raise _Unknown

    def _check_caught(self, kinds: Sequence[ast.AST | None]) -> None:
        """Raise _Unknown where what is caught may be an AttributeError."""
        for kind in kinds:
            if isinstance(kind, ast.Tuple):
                self._check_caught(kind.elts)
            elif not isinstance(kind, ast.Name | ast.Attribute) or _last(kind) in CATCHING:
                raise _Unknown
            elif isinstance(kind, ast.Name) and (
                kind.id in self._bound
                or not (kind.id in self._defined or kind.id in BUILTIN or kind.id in self._imported)
            ):
                raise _Unknown  # a tuple of errors, say

    @cached_property
    def _everything(self) -> list[ast.AST]:
        return [node for tree in self._trees for node in ast.walk(tree)]

    @cached_property
    def _defined(self) -> dict[str, list[ast.AST]]:
        """What calling a name may run: functions, and what making an instance of a class runs."""
        found: dict[str, list[ast.AST]] = {}
        for node in self._everything:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ClassDef):
                made = [
                    *(m for m in node.body if getattr(m, "name", "") in MAKING),
                    *(ast.Expr(base) for base in node.bases),
                    *(ast.Expr(decorator) for decorator in node.decorator_list),
                ]
                found.setdefault(node.name, []).extend(made)
        return found

    @cached_property
    def _protocols(self) -> list[ast.AST]:
        """Methods that operators and built-in functions call, of any class."""
        return [
            node
            for node in self._everything
            if isinstance(node, ast.FunctionDef)
            and node.name.startswith("__")
            and node.name.endswith("__")
            and node.name not in MAKING
        ]

    @cached_property
    def _bound(self) -> set[str]:
        """Names that are assigned somewhere: of a function that is bound anew, not all is known."""
        return {
            node.id
            for node in self._everything
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    @cached_property
    def _stored(self) -> set[str]:
        """Attributes that are assigned somewhere: what is called by such a name may be anything."""
        return {
            node.attr
            for node in self._everything
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }

    @cached_property
    def _imported(self) -> dict[str, list[tuple[str, str]]]:
        """What names are bound to by imports: module and original name, "" for the module itself."""
        found: dict[str, list[tuple[str, str]]] = {}
        for node in self._everything:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    found.setdefault(bound, []).append((alias.name, ""))
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    row = ("" if node.level else node.module or "", alias.name)
                    found.setdefault(alias.asname or alias.name, []).append(row)
        return found


def _last(node: ast.AST) -> str:
    """The last name of ``a.b.c``; empty where it is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


IMPLICIT: Final = frozenset(("__new__", "__init_subclass__", "__class_getitem__"))
DATA: Final = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.BinOp, ast.JoinedStr)


def _changes_itself(made: ast.ClassDef) -> bool:
    """Whether code in a class may put other than data into it, or into what is derived from it."""
    own = {
        function.args.args[0].arg
        for function in made.body
        if isinstance(function, ast.FunctionDef) and function.args.args
        if function.name in IMPLICIT or "classmethod" in map(_last, function.decorator_list)
    }

    def meant(owner: ast.AST) -> bool:
        if isinstance(owner, ast.Call):
            return _last(owner.func) == "type"
        if isinstance(owner, ast.Attribute):
            return owner.attr == "__class__"
        return isinstance(owner, ast.Name) and owner.id in own

    for node in ast.walk(made):
        if isinstance(node, ast.Call) and _last(node.func) in PUTTING and node.args:
            if meant(node.args[0]):
                return True
        elif isinstance(node, ast.Assign) and not isinstance(node.value, DATA):
            owners = [t.value for t in node.targets if isinstance(t, ast.Attribute)]
            if any(map(meant, owners)):
                return True
    return False


def _made(part: ast.stmt) -> list[ast.AST]:
    """What a statement in a class's body makes; functions are looked at where their names are used."""
    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass):
        return []
    if isinstance(part, ast.AnnAssign):
        return [] if part.value is None else [part.value]
    return [part.value] if isinstance(part, ast.Assign | ast.Expr) else [part]


def _check_ending(node: ast.FunctionDef | ast.Try | ast.TryStar) -> None:
    """Raise _Unknown where what ends a block may end an error: ``__exit__``, or a jump in ``finally``."""
    parts = [node] if isinstance(node, ast.FunctionDef) else node.finalbody
    for part in (n for top in parts for n in ast.walk(top)):
        if isinstance(part, ast.Return):
            nothing = part.value is None or (
                isinstance(part.value, ast.Constant) and not part.value.value
            )
            if not nothing or not isinstance(node, ast.FunctionDef):
                raise _Unknown
        if isinstance(part, ast.Break | ast.Continue) and not isinstance(node, ast.FunctionDef):
            raise _Unknown


def _bound_names(top: ast.AST) -> set[str]:
    """Names that code binds at any depth, parameters too: a call of one is of anything."""
    stored = {
        n.id for n in ast.walk(top) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return stored | {n.arg for n in ast.walk(top) if isinstance(n, ast.arg)}


def _own_names(top: ast.AST) -> set[str]:
    """Names that are a function's own variables everywhere in it: they are no function's."""
    if not isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return set()
    arguments = top.args
    found = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    todo: list[ast.AST] = list(top.body) if not isinstance(top, ast.Lambda) else []
    while todo:
        node = todo.pop()
        if isinstance(node, SCOPES):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        todo += ast.iter_child_nodes(node)
    globals_ = {name for n in ast.walk(top) if isinstance(n, ast.Global) for name in n.names}
    return found - globals_
