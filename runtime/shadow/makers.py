"""Makes values of annotated types in a worker: plain data, callables, instances of classes.

An annotation is an expression; names in it are the well-known ones or are looked up where the
function would look them up. Instances are made by their own constructors, with made arguments, and
some then have methods called on them, so that they have a history.
"""

import ast
import collections
import enum
import random
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from selfsame.runtime.shadow import callables, things
from selfsame.runtime.shadow.atoms import Atoms, CannotMake, Make
from selfsame.runtime.shadow.constructed import Arguments, Instances
from selfsame.runtime.shadow.rows import DICTS, LISTS, SETS, Mappings, Rows, is_any_length, links
from selfsame.runtime.shadow.usage import FunctionNode, guesses

DEEP = 3
TRANSPARENT = frozenset(
    ["Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Awaitable"]
)


class Makers:
    """What makes values for the annotations of one module."""

    def __init__(
        self,
        namespace: Mapping[str, Any],
        constants: Sequence[Any],
        definition_of: Callable[[types.FunctionType], FunctionNode | None],
        patterns: Sequence["re.Pattern[Any]"] = (),
    ) -> None:
        self._namespace = namespace
        self._definition_of = definition_of
        plain = Atoms(namespace, constants, patterns)
        self._atoms, self.texts = plain.by_name, plain.texts
        self._instances: dict[type, Make] = {}

    def of(self, annotation: str | ast.expr | None, depth: int = 0) -> Make | None:
        """What makes values of an annotation; None where it is not known."""
        if isinstance(annotation, str):
            if annotation.startswith("<"):
                own = annotation.startswith("<=")
                return self._with_attributes(annotation.strip("<=>").split(","), depth, own)
            try:
                annotation = ast.parse(annotation.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return None
        if annotation is None or depth > DEEP + 3:
            return None
        if isinstance(annotation, ast.Constant):
            if annotation.value is None:
                return self._atoms["None"]
            return self.of(annotation.value, depth) if isinstance(annotation.value, str) else None
        if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
            return self._one_of([annotation.left, annotation.right], depth)
        if isinstance(annotation, ast.Subscript):
            index = annotation.slice
            inside = list(index.elts) if isinstance(index, ast.Tuple) else [index]
            return self._generic(annotation.value, inside, depth)
        return self._generic(annotation, [], depth)

    def _generic(self, head: ast.expr, inside: list[ast.expr], depth: int) -> Make | None:
        name: str = getattr(head, "id", "") or getattr(head, "attr", "")
        if name in ("Optional", "Union"):
            extra = [ast.Constant(None)] if name == "Optional" else []
            return self._one_of([*inside, *extra], depth)
        if name == "Literal":
            values = [
                ast.literal_eval(e) for e in inside if isinstance(e, (ast.Constant, ast.UnaryOp))
            ]
            return (lambda rng: rng.choice(values)) if values else None
        if name in TRANSPARENT and inside:
            return self.of(inside[0], depth)
        if name == "Callable" and len(inside) == 2:
            return self._callable(inside[1])
        own = self._lookup(head)
        if isinstance(own, type) and getattr(own, "__module__", "") == self._namespace.get(
            "__name__"
        ):
            return self.instance(own, depth)
        container = self._container(name, inside, depth)
        if container is not None:
            return container
        if name in self._atoms:
            return self._atoms[name]
        return self._named(own, depth)

    def _lookup(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            return self._namespace.get(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self._lookup(node.value), node.attr, None)
        return None

    def _named(self, value: Any, depth: int) -> Make | None:
        """A class, a type variable, a new type, an alias of an annotation, or a tuple of classes."""
        if type(value) is tuple:
            return self._one_of([ast.Constant(_text(one)) for one in value], depth + 1)
        if isinstance(value, typing.TypeVar):
            if value.__constraints__:
                return self.of(_text(value.__constraints__[0]), depth)
            return self.of(_text(value.__bound__), depth) if value.__bound__ else self._atoms["int"]
        supertype = getattr(value, "__supertype__", None) or getattr(value, "__value__", None)
        if supertype is not None:
            return self.of(_text(supertype), depth + 1)
        if isinstance(value, type) and not isinstance(value, types.GenericAlias):
            if value.__module__ == "builtins" or value.__module__.startswith("collections"):
                return self.of(value.__name__, depth + 1) if value.__name__ in self._atoms else None
            return self.instance(value, depth)
        if value is not None and type(value).__module__ in ("typing", "types"):
            return self.of(_text(value), depth + 1)
        return None

    def _one_of(self, choices: Sequence[ast.expr], depth: int) -> Make | None:
        makers = [make for make in (self.of(c, depth) for c in choices) if make is not None]
        return (lambda rng: rng.choice(makers)(rng)) if makers else None

    def _callable(self, result: ast.expr) -> Make:
        name: str = getattr(result, "id", "") or getattr(getattr(result, "value", None), "id", "")
        pool = callables.BY_RESULT.get(name, callables.ANY)
        return lambda rng: rng.choice(pool)

    def _container(self, name: str, inside: list[ast.expr], depth: int) -> Make | None:
        if name in ("tuple", "Tuple"):
            return self._tuple(inside, depth)
        known = LISTS | DICTS | SETS
        if name not in known | {
            "frozenset", "FrozenSet", "deque", "Deque", "Iterator", "Generator", "Counter",
            "defaultdict", "DefaultDict", "OrderedDict", "Type",
        }:  # fmt: skip
            return None
        if name == "Type":
            return self._atoms["type"]
        item = self.of(inside[0], depth + 1) if inside else None
        if item is None and inside and not isinstance(self._lookup(inside[0]), typing.TypeVar):
            return None
        rows = Rows(item or self._atoms["int"], depth)
        unique = Rows(item or self._atoms["int"], depth, unique=True)
        if name in LISTS:
            return rows
        if name in SETS:
            return lambda rng: set(unique(rng))
        if name in ("frozenset", "FrozenSet"):
            return lambda rng: frozenset(unique(rng))
        if name in ("deque", "Deque"):
            return lambda rng: collections.deque(rows(rng))
        if name in ("Iterator", "Generator"):
            return lambda rng: iter(rows(rng))
        if name == "Counter":
            return lambda rng: collections.Counter(rows(rng))
        value = self.of(inside[1], depth + 1) if len(inside) == 2 else self._atoms["int"]
        if value is None:
            return None
        items = Mappings(unique, value, links(inside[1], inside[0]) if len(inside) == 2 else None)
        if name in ("defaultdict", "DefaultDict"):
            return lambda rng: collections.defaultdict(int, items(rng))
        return (lambda rng: collections.OrderedDict(items(rng))) if name == "OrderedDict" else items

    def _tuple(self, inside: list[ast.expr], depth: int) -> Make | None:
        if not inside or is_any_length(inside):
            item = self.of(inside[0], depth + 1) if inside else self._atoms["int"]
            if item is None:
                return None
            rows = Rows(item, depth)
            return lambda rng: tuple(rows(rng))
        makers = [make for make in (self.of(i, depth + 1) for i in inside) if make is not None]
        whole = len(makers) == len(inside)
        return (lambda rng: tuple(make(rng) for make in makers)) if whole else None

    # instances

    def instance(self, cls: type, depth: int = 0) -> Make | None:
        """What makes instances of a class; None where its constructor asks for too much."""
        if cls in self._instances:
            return self._instances[cls]
        if depth > DEEP:
            return None
        if issubclass(cls, enum.Enum):
            members = list(cls)
            return (lambda rng: rng.choice(members)) if members else None
        if getattr(cls, "__abstractmethods__", None):
            for below in cls.__subclasses__():
                made = self.instance(below, depth + 1)
                if made is not None:
                    return made
            return None

        def unfinished(rng: random.Random) -> Any:
            raise CannotMake(cls.__qualname__)

        self._instances[cls] = unfinished  # for classes whose constructors want their own kind
        makers = self._arguments(cls, depth)
        if makers is None:
            del self._instances[cls]
            return None
        construct = Instances(cls, makers, lambda: self._methods(cls, depth))
        self._instances[cls] = construct
        return construct

    def _arguments(self, cls: type, depth: int) -> Arguments | None:
        """Name, maker and whether it may be left out, for every parameter of the constructor."""
        fields = getattr(cls, "_fields", None)
        if issubclass(cls, tuple) and fields:
            known = getattr(cls, "__annotations__", {})
            return [
                ("", self.of(_text(known.get(f, int)), depth + 1) or self._atoms["int"], False)
                for f in fields
            ]
        if "__dataclass_fields__" in vars(cls):
            found = []
            for field in vars(cls)["__dataclass_fields__"].values():
                if field.init and field._field_type.name == "_FIELD":
                    made = self.of(_text(field.type), depth + 1)
                    optional = any(
                        "MISSING" not in repr(d) for d in (field.default, field.default_factory)
                    )
                    if made is None and not optional:
                        return None
                    if made is not None:
                        found.append((field.name, made, optional))
            return found
        init = cls.__init__  # type: ignore[misc]
        if isinstance(init, types.FunctionType):
            return self.parameters(init, depth + 1, skip=1)
        new = cls.__new__
        return (
            self.parameters(new, depth + 1, skip=1) if isinstance(new, types.FunctionType) else []
        )

    def parameters(self, function: types.FunctionType, depth: int, skip: int) -> Arguments | None:
        """Name, maker, and whether it may be left out; None where a needed one cannot be made."""
        node = self._definition_of(function)
        if node is None:
            return None
        hints = guesses(node, lambda name: None)
        arguments = node.args
        regular = [*arguments.posonlyargs, *arguments.args]
        defaults = len(arguments.defaults)
        found: Arguments = []
        for position, parameter in enumerate([*regular, *arguments.kwonlyargs]):
            if position < skip:
                continue
            optional = len(regular) - defaults <= position < len(regular) or (
                position >= len(regular)
                and arguments.kw_defaults[position - len(regular)] is not None
            )
            made = self.of(parameter.annotation, depth)
            for text, _ in hints.get(parameter.arg, []) if made is None else []:
                made = self.of(text, depth)
                if made is not None:
                    break
            if made is None and not optional:
                return None
            if made is not None:
                name = "" if parameter in arguments.posonlyargs else parameter.arg
                found.append((name, made, optional))
        return found

    def _methods(self, cls: type, depth: int) -> list[tuple[str, Arguments]]:
        """Public methods that can be called with made arguments."""
        found = []
        for owner in cls.__mro__[:-1]:
            for name, value in vars(owner).items():
                if isinstance(value, types.FunctionType) and not name.startswith("_"):
                    makers = self.parameters(value, depth + 1, skip=1) if depth <= DEEP else None
                    if makers is not None:
                        found.append((name, makers))
        return found

    def _with_attributes(self, names: list[str], depth: int, own: bool) -> Make | None:
        """Instances of the module's classes that have all of these attributes, or of others' too."""
        home = self._namespace.get("__name__")
        classes = [v for v in self._namespace.values() if isinstance(v, type)]
        classes.sort(key=lambda c: c.__module__ != home)
        if own:
            classes = [c for c in classes if c.__module__ == home]
        for cls in classes:
            assigned = _assigned(self._definition_of, cls)
            if all(hasattr(cls, n) or n in assigned for n in names):
                made = self.instance(cls, depth + 1)
                if made is not None:
                    return made
        if own:
            return None
        for kind, make in ((re.Pattern, self._atoms["Pattern"]), (re.Match, self._atoms["Match"])):
            if all(hasattr(kind, n) for n in names):
                return make
        known = things.having(names)
        return (lambda rng: rng.choice(known)(rng)) if known else None


def _assigned(definition_of: Callable[..., FunctionNode | None], cls: type) -> set[str]:
    """Names of attributes that a constructor or a class body gives."""
    found = set(getattr(cls, "__annotations__", ()))
    init = cls.__init__  # type: ignore[misc]
    node = definition_of(init) if isinstance(init, types.FunctionType) else None
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            found.add(inner.attr)
    return found


def _text(annotation: Any) -> str:
    """An annotation that was evaluated, as source again."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation.__qualname__ if annotation is not type(None) else "None"
    return re.sub(r"\b(typing|collections\.abc|collections|__main__)\.|~", "", repr(annotation))
