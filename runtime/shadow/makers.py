"""Makes values of annotated types in a worker: plain data, callables, instances of classes.

An annotation is an expression; names in it are the well-known ones or are looked up where the
function would look them up. Instances are made by their own constructors, with made arguments, and
some then have methods called on them, so that they have a history.
"""

import ast
import collections
import datetime
import decimal
import enum
import fractions
import io
import pathlib
import random
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from selfsame.runtime.shadow import callables, things
from selfsame.runtime.shadow.amplify import FLOATS
from selfsame.runtime.shadow.matching import matching
from selfsame.runtime.shadow.texts import SIZES, WORDS, Texts
from selfsame.runtime.shadow.usage import FunctionNode, guesses

Make = Callable[[random.Random], Any]
CLASSES: tuple[type, ...] = (int, str, float, list, dict, bool, KeyError, collections.OrderedDict)
PATTERNS = ("a", "[a-z]+", r"\d", r"\s+", "(b)|c", r"(?P<name>\w+)=(?P<value>\w*)", "")
ODD = 0.4
"""The share of values for what may be anything that are no number and no string."""
DEEP = 3
CALLS = 3
PLACES = 0.2
"""The share of lists of numbers in which these are smaller than the list is long."""
LISTS = frozenset(
    [
        "list",
        "List",
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Collection",
        "Reversible",
        "Sized",
        "UserList",
    ]
)
DICTS = frozenset(["dict", "Dict", "Mapping", "MutableMapping"])
SETS = frozenset(["set", "Set", "AbstractSet", "MutableSet"])
TRANSPARENT = frozenset(
    ["Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Awaitable"]
)


class CannotMake(Exception):
    """A value of this type could not be made."""


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
        self._constants: dict[type, list[Any]] = {}
        for value in constants:
            self._constants.setdefault(type(value), []).append(value)
        self._patterns = patterns
        self._str = self.texts = Texts(
            self._constants.get(str, ()), [p for p in patterns if isinstance(p.pattern, str)]
        )
        self._instances: dict[type, Make] = {}
        self._atoms: dict[str, Make] = {
            "int": self._int, "float": self._float, "str": self._str, "bool": _bool,
            "bytes": self._bytes, "bytearray": lambda rng: bytearray(self._bytes(rng)),
            "complex": lambda rng: complex(rng.randint(-4, 4), rng.randint(-4, 4) / 2),
            "None": lambda rng: None, "NoneType": lambda rng: None,
            "Any": self._any, "object": self._any, "Hashable": lambda rng: self._any(rng, hashable=True),
            "memoryview": lambda rng: things.viewed(rng, self._bytes(rng)),
            **dict.fromkeys(("Buffer", "ReadableBuffer", "ByteString"), lambda rng: things.buffer(rng, self._bytes(rng))),
            "Number": self._number, "Real": self._number, "Integral": self._int, "Complex": self._number,
            "SupportsFloat": self._number, "SupportsInt": self._int, "SupportsIndex": self._int,
            "SupportsAbs": self._number, "Rational": lambda rng: fractions.Fraction(rng.randint(-9, 9), rng.randint(1, 9)),
            "Decimal": lambda rng: decimal.Decimal(rng.randint(-999, 999)).scaleb(-rng.randint(0, 3)),
            "Fraction": lambda rng: fractions.Fraction(rng.randint(-9, 9), rng.randint(1, 9)),
            "date": _date, "datetime": _datetime, "timedelta": lambda rng: datetime.timedelta(rng.randint(-40, 400), rng.randint(0, 90000)),
            "time": lambda rng: datetime.time(rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)),
            "Path": lambda rng: pathlib.PurePosixPath("/".join(rng.choices(WORDS[:7], k=3))),
            "PurePath": lambda rng: pathlib.PurePosixPath("/".join(rng.choices(WORDS[:7], k=3))),
            "Pattern": self._pattern, "Match": self._match,
            "TextIO": lambda rng: io.StringIO(self._str(rng)), "StringIO": lambda rng: io.StringIO(self._str(rng)),
            "IO": lambda rng: io.StringIO(self._str(rng)), "BytesIO": lambda rng: io.BytesIO(self._str(rng).encode("utf-8", "replace")),
            "BinaryIO": lambda rng: io.BytesIO(self._str(rng).encode("utf-8", "replace")),
            "range": lambda rng: range(rng.randint(-3, 3), rng.randint(-3, 12), rng.choice((1, 1, 2, -1))),
            "slice": lambda rng: slice(rng.choice((None, 0, 1, -2)), rng.choice((None, 3, -1)), rng.choice((None, 1, 2, -1))),
            "type": self._class,
            "Callable": lambda rng: rng.choice(callables.ANY), "FunctionType": lambda rng: rng.choice(callables.ANY),
            "LiteralString": self._str, "AnyStr": self._str, "PathLike": self._str, "StrPath": self._str,
            "Number.Real": self._number,
        }  # fmt: skip

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
        make = value
        if name in ("defaultdict", "DefaultDict"):
            return lambda rng: collections.defaultdict(int, ((k, make(rng)) for k in unique(rng)))
        kind = collections.OrderedDict if name == "OrderedDict" else dict
        return lambda rng: kind((k, make(rng)) for k in unique(rng))

    def _tuple(self, inside: list[ast.expr], depth: int) -> Make | None:
        if not inside or (len(inside) == 2 and _is_ellipsis(inside[1])):
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

    def _arguments(self, cls: type, depth: int) -> "list[tuple[str, Make, bool]] | None":
        """Name, maker and whether it may be left out, for every parameter of the constructor."""
        fields = getattr(cls, "_fields", None)
        if issubclass(cls, tuple) and fields:
            known = getattr(cls, "__annotations__", {})
            return [
                ("", self.of(_text(known.get(f, int)), depth + 1) or self._int, False)
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

    def parameters(
        self, function: types.FunctionType, depth: int, skip: int
    ) -> "list[tuple[str, Make, bool]] | None":
        """Name, maker, and whether it may be left out; None where a needed one cannot be made."""
        node = self._definition_of(function)
        if node is None:
            return None
        hints = guesses(node, lambda name: None)
        arguments = node.args
        regular = [*arguments.posonlyargs, *arguments.args]
        defaults = len(arguments.defaults)
        found: list[tuple[str, Make, bool]] = []
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

    def _methods(self, cls: type, depth: int) -> list[tuple[str, "list[tuple[str, Make, bool]]"]]:
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
        for kind, make in ((re.Pattern, self._pattern), (re.Match, self._match)):
            if all(hasattr(kind, n) for n in names):
                return make
        known = things.having(names)
        return (lambda rng: rng.choice(known)(rng)) if known else None

    # plain values

    def _int(self, rng: random.Random) -> int:
        draw = rng.random()
        constants = self._constants.get(int)
        if draw < 0.12 and constants:
            return int(rng.choice(constants))
        if draw < 0.6:
            return rng.randint(-2, 9)
        return rng.randint(-60, 60) if draw < 0.92 else rng.randint(-(10**6), 10**6)

    def _float(self, rng: random.Random) -> float:
        draw = rng.random()
        constants = self._constants.get(float)
        if draw < 0.1 and constants:
            return float(rng.choice(constants))
        if draw < 0.14:
            return rng.choice(FLOATS)
        if draw < 0.35:
            return rng.uniform(0.0, 1.0)
        return rng.randint(-30, 60) / 4 if draw < 0.75 else rng.uniform(-1000.0, 1000.0)

    def _number(self, rng: random.Random) -> float:
        return self._int(rng) if rng.random() < 0.5 else self._float(rng)

    def _class(self, rng: random.Random) -> type:
        """A builtin class mostly, some with others between them and object; or one of the module's."""
        own = [v for v in self._namespace.values() if isinstance(v, type)]
        home = self._namespace.get("__name__")
        own = [cls for cls in own if cls.__module__ == home]
        return rng.choice(own) if own and rng.random() < 0.4 else rng.choice(CLASSES)

    def _pattern(self, rng: random.Random) -> "re.Pattern[Any]":
        """One of the module's, half the time where it has any."""
        if self._patterns and rng.random() < 0.5:
            return rng.choice(self._patterns)
        return re.compile(rng.choice(PATTERNS))

    def _match(self, rng: random.Random) -> "re.Match[Any]":
        """What a pattern found in a text made for it. Raises CannotMake where it finds nothing."""
        for _ in range(8):
            pattern = self._pattern(rng)
            text = matching(pattern, rng)
            around = self._str(rng) if rng.random() < 0.5 else ""
            given: Any = text if isinstance(text, bytes) else text + around
            found = pattern.search(given)
            if found is not None:
                return found
        raise CannotMake("Match")

    def _bytes(self, rng: random.Random) -> bytes:
        own = [c for c in self._constants.get(bytes, ()) if len(c) <= 40]
        if own and rng.random() < 0.4:
            pieces = rng.choices([*own, b" ", b"0", b"ab"], k=rng.randint(1, 4))
            return b"".join(pieces)
        return self._str(rng).encode("utf-8", "replace")[:30]

    def _any(self, rng: random.Random, hashable: bool = False) -> Any:
        if rng.random() < ODD:
            return rng.choice(list((things.HASHABLE if hashable else things.ALL).values()))(rng)
        return rng.choice((self._int, self._int, self._str, self._float))(rng)


class Rows:
    """Makes lists: of few different values half the time, and sorted a quarter of it.

    Some of numbers are of places in the list itself, as those of parents, degrees and permutations are.
    """

    def __init__(self, make: Make, depth: int, unique: bool = False) -> None:
        self._make = make
        self._sizes = SIZES if depth == 0 else SIZES[:10] if depth == 1 else SIZES[:6]
        self._unique = unique

    def __call__(self, rng: random.Random) -> list[Any]:
        """One list."""
        size = rng.choice(self._sizes)
        if not self._unique and size > 1 and rng.random() < 0.5:
            pool = [self._make(rng) for _ in range(rng.randint(1, 4))]
            plain = all(isinstance(p, (int, float, str, bytes, tuple)) for p in pool)
            items = [rng.choice(pool) if plain else self._make(rng) for _ in range(size)]
        else:
            items = [self._make(rng) for _ in range(size)]
        if size > 1 and rng.random() < PLACES and set(map(type, items)) == {int}:
            items = [item % size for item in items]
        if rng.random() < 0.25:
            try:
                items.sort()
            except Exception:  # elements that have no order stay as they came
                pass
        return items


class Instances:
    """Makes instances by calling the class, and some methods on some of them.

    Those that are mappings with texts or numbers in them get others under some of their keys.
    """

    def __init__(
        self,
        cls: type,
        arguments: list[tuple[str, Make, bool]],
        methods: Callable[[], list[tuple[str, list[tuple[str, Make, bool]]]]],
    ) -> None:
        self._cls = cls
        self._arguments = arguments
        self._list_methods = methods
        self._methods: list[tuple[str, list[tuple[str, Make, bool]]]] | None = None

    def __call__(self, rng: random.Random) -> Any:
        """One instance. Raises CannotMake where the constructor does not take what is made."""
        for _ in range(6):
            try:
                made = _called(self._cls, self._arguments, rng)
                break
            except RecursionError:
                raise CannotMake(self._cls.__qualname__) from None
            except Exception:  # whatever the user's constructor raises on what it does not like
                continue
        else:
            raise CannotMake(self._cls.__qualname__)
        if rng.random() < 0.6:
            if self._methods is None:
                self._methods = self._list_methods()
            for _ in range(rng.randint(1, CALLS) if self._methods else 0):
                name, arguments = rng.choice(self._methods)
                try:
                    _called(getattr(made, name), arguments, rng)
                except Exception:  # a call that the state does not allow leaves it as it is
                    continue
        if isinstance(made, dict) and made and rng.random() < 0.6:
            _refill(made, rng)
        return made


def _refill(mapping: dict[Any, Any], rng: random.Random) -> None:
    """Other texts and numbers under up to three keys, as far as the mapping takes them."""
    keys = list(mapping)
    for key in rng.sample(keys, min(len(keys), rng.randint(1, 3))):
        other: dict[type, object] = {str: rng.choice(WORDS), int: rng.randint(-3, 12)}
        try:
            held = mapping[key]
            if type(held) in other:
                mapping[key] = other[type(held)]
        except Exception:  # whatever the user's class raises on what it does not like
            continue


def _called(what: Any, arguments: list[tuple[str, Make, bool]], rng: random.Random) -> Any:
    positional, keywords = [], {}
    for name, make, optional in arguments:
        if optional and rng.random() < 0.5:
            continue
        if name:
            keywords[name] = make(rng)
        else:
            positional.append(make(rng))
    return what(*positional, **keywords)


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


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _bool(rng: random.Random) -> bool:
    return rng.random() < 0.5


def _date(rng: random.Random) -> datetime.date:
    return datetime.date(
        rng.choice((1999, 2000, 2023, 2024)), rng.randint(1, 12), rng.randint(1, 28)
    )


def _datetime(rng: random.Random) -> datetime.datetime:
    return datetime.datetime.combine(
        _date(rng), datetime.time(rng.randint(0, 23), rng.randint(0, 59))
    )
