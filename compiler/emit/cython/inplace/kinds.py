"""The types of values in place: what a name, an item or an attribute is taken for.

That is a claim, not a proof: whatever is read out of an object is checked where it is used.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from selfsame.compiler.emit.cython.inplace.arrays_c import CODES

MOST_NESTED = 6
MOST_CLASSES = 6
MOST_FIELDS = 24
_OF_SEVERAL = {"instance": MOST_CLASSES, "function": 12}
REST = "*"
"""Instead of a key: what the keys hold that are not told."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` with ``parts``: a list's or set's item, a dict's key and value, a tuple's items.

    ``row``: a tuple of any length with one type of item. ``cls``: the class of an ``instance``, or
    several with ``|`` between them; of a ``dict``, the one of `DICTS` that it is, or empty; of an
    ``array``, its type code.
    ``fields``: of a plain dict whose keys are written out as text, what each holds, by name.
    ``unsigned``: an int from 0 to 2**64 - 1. ``member``: one of an enumeration's. ``none``: or None. ``wide``: an int or a float. ``any``: what is only handed on. ``range``: three numbers. ``function``: one of those that ``cls`` names, with ``|`` between them. ``error``: an exception that the call has made or caught, which does not leave it.
    """

    name: str
    parts: tuple["Kind", ...] = ()
    cls: str = ""
    none: bool = False
    fields: tuple[tuple[str, "Kind"], ...] = ()

    def __str__(self) -> str:
        if self.name == "array":
            return f"array[{self.cls}]" + (" or None" if self.none else "")
        if self.name == "function":
            names = self.cls.replace("builtins.", "").replace("|", " or ")
            return f"function {names}" + (" or None" if self.none else "")
        inner = f"[{', '.join(map(str, self.parts))}]" if self.parts else ""
        return (self.cls or self.name) + inner + (" or None" if self.none else "")

    @property
    def boxed(self) -> bool:
        """Whether it is a Python object in C."""
        return self.none or self.name not in UNBOXED

    def at(self, key: object) -> "Kind":
        """What a dict holds under a key; a key that is not known as text is any of its keys."""
        value = self.parts[1]
        return dict(self.fields).get(key, value) if isinstance(key, str) else value

    @property
    def some(self) -> "Kind":
        """The same, where it is not None."""
        return replace(self, none=False)


UNBOXED = frozenset({"int", "float", "bool", "unsigned"})
NUMBERS = frozenset({"int", "float", "bool", "wide"})
SETS = frozenset({"set", "frozenset"})
BYTES_LIKE = frozenset({"bytes", "bytearray"})
CONTAINERS = SETS | {"list", "dict", "tuple", "row"}

# Dicts that say what a missing key gives: a read may put an entry in.
DICTS = ("collections.Counter", "collections.defaultdict")

BOTTOM = Kind("nothing")
ANY = Kind("any")
NONE = Kind("None")
INT = Kind("int")
UNSIGNED = Kind("unsigned")
FLOAT = Kind("float")
BOOL = Kind("bool")
WIDE = Kind("wide")
STR = Kind("str")
RANGE = Kind("range")
RANDOM = Kind("random", cls="random.Random")
PATTERN = Kind("pattern", (ANY,))
MATCH = Kind("match")
ERROR = Kind("error")

_C = {"int": "long long", "float": "double", "bool": "bint", "unsigned": "unsigned long long"}


def c_type(kind: Kind) -> str:
    """The Cython type of a variable that crosses calls."""
    return "object" if kind.boxed else _C[kind.name]


def list_of(item: Kind) -> Kind:
    """A list."""
    return Kind("list", (item,))


def instance(cls: str) -> Kind:
    """An instance of a class of the module."""
    return Kind("instance", cls=cls)


def own_list(cls: str, item: Kind) -> Kind:
    """A list of a class of the module that changes nothing of what a list does."""
    return Kind("own_list", (item,), cls)


def iterator_of(item: Kind) -> Kind:
    """What ``iter`` or ``itertools`` made in the call; none is read out of a container."""
    return Kind("iterator", (item,))


def named(cls: str) -> Kind:
    """An instance of a named tuple's class; what its fields hold is the program's to know."""
    return Kind("named", cls=cls)


def function_kind(names: str) -> Kind:
    """One of these functions, with ``|`` between them; those of libraries by their dotted names."""
    return Kind("function", cls=names)


CLOSURE, LAMBDA = "closure ", "lambda of line "
"""Before the number of a function that the call makes, and before the line of a lambda of the module's."""


def is_closure(kind: Kind) -> bool:
    """Whether it may be a function that the call has made."""
    return kind.name == "function" and CLOSURE in kind.cls


def member(cls: str) -> Kind:
    """A member of an enumeration."""
    return Kind("member", cls=cls)


def array_of(code: str) -> Kind:
    """An ``array.array`` of numbers of a type code."""
    return Kind("array", (FLOAT if CODES[code][1] == "float" else INT,), code)


def tuple_of(*items: Kind) -> Kind:
    """A tuple of so many items."""
    return Kind("tuple", items)


def record(fields: dict[str, Kind]) -> Kind:
    """A dict whose keys are written out, and perhaps others (``*``); with too many, one like any other.

    >>> str(record({"x": INT, "y": STR}).at("x"))
    'int'
    """
    value = BOTTOM
    for held in fields.values():
        value = join(value, held)
    known = tuple(sorted((key, held) for key, held in fields.items() if key != REST))
    return Kind("dict", (STR, value), fields=known if len(known) <= MOST_FIELDS else ())


def _depth(kind: Kind) -> int:
    inner = (*kind.parts, *(held for _, held in kind.fields))
    return 1 + max(map(_depth, inner), default=0)


def join(a: Kind, b: Kind) -> Kind:
    """The type that holds both.

    >>> str(join(INT, NONE)), str(join(list_of(INT), list_of(FLOAT))), str(join(INT, STR))
    ('int or None', 'list[wide]', 'any')
    """
    joined = _join(a, b)
    return ANY if _depth(joined) > MOST_NESTED else joined


def _join(a: Kind, b: Kind) -> Kind:
    if a == b or b == BOTTOM:
        return a
    if a == BOTTOM:
        return b
    if RANGE in (a, b):
        return ANY
    if NONE in (a, b):
        other = b if a == NONE else a
        return other if other == ANY else replace(other, none=True)
    none = a.none or b.none
    if a.name == b.name and a.cls == b.cls and len(a.parts) == len(b.parts):
        parts = tuple(_join(x, y) for x, y in zip(a.parts, b.parts, strict=True))
        return Kind(a.name, parts, a.cls, none, _joined_fields(a, b))
    if a.name == b.name and a.name in _OF_SEVERAL:
        named = sorted({*a.cls.split("|"), *b.cls.split("|")})
        if len(named) > _OF_SEVERAL[a.name]:
            return ANY
        return Kind(a.name, cls="|".join(named), none=none)
    if {a.name, b.name} <= {"tuple", "row"}:
        item = BOTTOM
        for part in (*a.parts, *b.parts):
            item = _join(item, part)
        return Kind("row", (item,), none=none)
    if {a.name, b.name} == {"int", "unsigned"}:
        return replace(UNSIGNED, none=none)
    if {a.name, b.name} <= {"int", "float", "wide"}:
        return replace(WIDE, none=none)
    return ANY


def _joined_fields(a: Kind, b: Kind) -> tuple[tuple[str, Kind], ...]:
    """What the keys of either hold; nothing where one of them holds what it has under any key."""
    if not a.fields or not b.fields:
        empty = (BOTTOM, BOTTOM)
        return a.fields if b.parts == empty else b.fields if a.parts == empty else ()
    fields = dict(a.fields)
    for key, held in b.fields:
        fields[key] = _join(fields.get(key, BOTTOM), held)
    known = tuple(sorted(fields.items(), key=lambda field: field[0]))
    return known if len(known) <= MOST_FIELDS else ()


def item_of(kind: Kind) -> Kind:
    """The one type of all items of a list, set, tuple or str."""
    if kind.name == "str":
        return STR
    if kind.name in BYTES_LIKE:
        return INT
    item = BOTTOM
    for part in kind.parts:
        item = join(item, part)
    return item


_PLAIN_KEYS = frozenset({"int", "unsigned", "str", "bool", "member", "nothing"})


def hashes_plainly(kind: Kind) -> bool:
    """Whether a key of this type is found by its value alone, or by identity alone."""
    if kind.name == "tuple":
        return not kind.none and all(map(hashes_plainly, kind.parts))
    return not kind.none and kind.name in _PLAIN_KEYS


Named = Callable[[str], str]
"""The class of the unit that a word means; empty where it means none."""


def _none_named(word: str) -> str:
    return ""


def parse_kind(text: str, classes: Named = _none_named) -> Kind:
    """A type as `full_name` writes it; what it does not know is ``any``.

    >>> str(parse_kind("list[tuple[int, shop.Cart]|None]", lambda word: word.rpartition(".")[2]))
    'list[tuple[int, Cart] or None]'
    """
    found, rest = _alternatives(text, classes)
    return found if not rest else ANY


def _alternatives(text: str, classes: Named) -> tuple[Kind, str]:
    found = BOTTOM
    while True:
        one, text = _one(text, classes)
        found = join(found, one)
        if not text.startswith("|"):
            return found, text
        text = text[1:]


def _one(text: str, classes: Named) -> tuple[Kind, str]:
    end = next((i for i, c in enumerate(text) if c in "[]|,:"), len(text))
    word, text = text[:end].strip(), text[end:]
    if word == "record" and text.startswith("["):
        return _record(text[1:], classes)
    if word == "array" and text[1:2] in CODES and text[2:3] == "]":
        return array_of(text[1]), text[3:]
    if word == "function" and text.startswith("["):
        which, _, text = text[1:].partition("]")
        return function_kind(which), text
    parts: list[Kind] = []
    inside = text.startswith("[")
    keyless = text.startswith("[:")
    if inside:
        text = text[1:]
        while text and text[0] != "]":
            part, text = _alternatives(text.lstrip(" ,:"), classes)
            parts.append(part)
            if text and text[0] not in ",:]":
                return ANY, ""
        text = text[1:]
    if word in BYTES_LIKE:
        return Kind(word), text
    plain = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "NoneType": NONE, "None": NONE}
    plain |= {"random.Random": RANDOM, "re._compile": PATTERN, "re.Match": MATCH}
    if word in plain:
        return plain[word], text
    if word in {"list", "set", "frozenset", "row"} and inside:
        return Kind(word, (parts[0] if parts else BOTTOM,)), text
    if word == "tuple" and inside:
        return Kind("tuple", tuple(parts)), text
    if word == "dict" and inside:
        return Kind("dict", tuple(parts) if len(parts) == 2 else (BOTTOM, BOTTOM)), text
    if word == "collections.deque":
        return Kind("deque", tuple(parts[:1]) or (BOTTOM,)), text
    if word in DICTS:
        key, value = [*([BOTTOM] if keyless else []), *parts, BOTTOM, BOTTOM][:2]
        value = join(value, INT) if word == "collections.Counter" else value
        return Kind("dict", (key, value), word), text
    cls = classes(word)
    if cls:
        return instance(cls), text
    return ANY, text


def _record(text: str, classes: Named) -> tuple[Kind, str]:
    fields = {}
    while text and text[0] != "]":
        key, _, text = text.lstrip(",").partition(":")
        fields[key], text = _alternatives(text, classes)
        if text and text[0] not in ",]":
            return ANY, ""
    return record(fields), text[1:]
