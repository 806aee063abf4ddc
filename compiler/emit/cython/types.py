"""The types that compiled code knows, and how two of them join.

``wide`` is a float variable that may still hold an int, as in ``s = 0`` followed by ``s += 0.5``:
a double beside a flag that says that Python would have an int here. ``half``: see ``complexes``.
A str of a list is a ``token`` where the list was copied in and each str became a number, a ``word``
where it is read in place; ``char`` is a str of length one.
"""

from dataclasses import dataclass, replace

# Chosen to be rare among results and to fit an immediate operand: Cython looks for an exception
# only where a helper returns one of these.
BAD_INT = -1987654321
BAD_FLOAT = "-1.98765432125e-300"
BAD_CHAR = "0x110000"


@dataclass(frozen=True, slots=True)
class Type:
    """``kind`` with ``items`` (a list's element, a tuple's members).

    ``frozen``: not to be written to or returned, because it stands for an argument.
    ``boxed``: a Python list or tuple that is read in place, not a flat copy.
    ``fixed``: a tuple.
    ``code``: the typecode of an ``array.array``, which keeps its length.
    """

    kind: str
    items: tuple["Type", ...] = ()
    frozen: bool = False
    boxed: bool = False
    fixed: bool = False
    code: str = ""

    def __str__(self) -> str:
        inner = f"[{', '.join(map(str, self.items))}]" if self.items else ""
        return self.kind + inner

    @property
    def item(self) -> "Type":
        """The element's type of a list."""
        return self.items[0]


UNKNOWN = Type("unknown")
INT = Type("int")
FLOAT = Type("float")
WIDE = Type("wide")
BOOL = Type("bool")
COMPLEX = Type("complex")
HALF = Type("half")
# A condition whose parts have different types: good for its truth, not for its value.
TRUTH = Type("truth")
CHAR = Type("char")
STR = Type("str")
BYTES = Type("bytes")
TOKEN = Type("token")
WORD = Type("word")
NONE = Type("None")

# Typecodes of ``array.array`` whose items are exact here.
ARRAYS = {"d": FLOAT} | dict.fromkeys("bBhHiIlq", INT)

NUMBERS = frozenset({"int", "float", "wide", "bool"})
COMPLEXES = frozenset({"complex", "half"})
WHOLE = frozenset({"int", "bool"})
SCALARS = NUMBERS | {"char", "token"}
TEXT = frozenset({"str", "bytes", "word"})
LETTERS = frozenset({"char", "str", "word"})
# Python objects that were made in the call.
HELD = frozenset({"tuple", "dict", "set"})

_C = {
    "int": "long long",
    "float": "double",
    "wide": "double",
    "bool": "bint",
    "char": "Py_UCS4",
    "str": "sf_text",
    "bytes": "sf_text",
    "token": "long long",
    "word": "object",
    "tuple": "object",
    "dict": "object",
    "set": "object",
    "None": "int",
    "complex": "sf_complex",
    "half": "sf_complex",
}
_BAD = {
    "int": f"? {BAD_INT}",
    "float": f"? {BAD_FLOAT}",
    "bool": " -1",
    "char": f" {BAD_CHAR}",
    "token": f"? {BAD_INT}",
    "None": " -1",
    "complex": " *",
}
_LIST = {"int": "Ints", "float": "Floats", "bool": "Bools", "char": "Chars", "token": "Ints"}
_LIST |= {"word": "Objects", "tuple": "Objects"}


def list_of(item: Type, *, frozen: bool = False, boxed: bool = False) -> Type:
    """A list of ``item``."""
    return Type("list", (item,), frozen, boxed)


def c_name(kind: Type) -> str:
    """The Cython name of a local of this type."""
    if kind.kind != "list":
        return _C[kind.kind]
    if kind.boxed:
        return "object"
    return "Rows" if kind.item.kind == "list" else _LIST[kind.item.kind]


def family(kind: Type) -> str:
    """The name of the helpers' family for a flat list: ``ints``, ``floats``, ``rows`` ..."""
    return c_name(kind).lower()


def bad_value(kind: Type) -> str:
    """What follows ``except`` for a C function that returns this type."""
    return " NULL" if kind.kind == "list" else _BAD.get(kind.kind, "")


def join(a: Type, b: Type) -> Type | None:
    """The type that holds both; None where none does."""
    if a == b or b == UNKNOWN:
        return a
    if a == UNKNOWN:
        return b
    kinds = {a.kind, b.kind}
    if kinds == {"list"}:
        if a.boxed is not b.boxed or a.fixed is not b.fixed or a.code != b.code:
            return None
        item = join(a.item, b.item)
        if item is None or item.kind == "wide":
            return None
        return Type("list", (item,), a.frozen or b.frozen, a.boxed, a.fixed, a.code)
    if kinds <= {"int", "float", "wide"}:
        return WIDE
    if kinds <= {"int", "complex", "half"}:
        return HALF
    if kinds <= LETTERS:
        return WORD
    if a.kind == b.kind and len(a.items) == len(b.items) and a.kind in HELD:
        items = tuple(join(x, y) for x, y in zip(a.items, b.items, strict=True))
        if all(i is not None and i.kind != "wide" for i in items):
            return Type(a.kind, tuple(i for i in items if i is not None))
    return None


def same_list(a: Type, b: Type) -> bool:
    """Whether two lists are held in the same way in C."""
    if a.kind != b.kind:
        return False
    if a.kind != "list":
        return True
    return a.boxed is b.boxed and a.code == b.code and same_list(a.item, b.item)


def as_held(kind: Type) -> Type:
    """The type of a value once it is an object in a tuple, dict, set or list."""
    return WORD if kind.kind in LETTERS else kind


def sure(kind: Type) -> Type:
    """A float for what may still be an int: the int is declined where it is used as a float."""
    if kind == HALF:
        return COMPLEX
    return FLOAT if kind == WIDE else kind


def settled(kind: Type) -> Type:
    """The same type with a choice made for what was never seen: an empty list is of ints."""
    if kind == UNKNOWN:
        return INT
    return replace(kind, items=tuple(map(settled, kind.items)))


def thawed(kind: Type) -> Type:
    """The same list, to be written to; a tuple stays as it is."""
    if kind.kind != "list":
        return kind
    return replace(kind, items=tuple(map(thawed, kind.items)), frozen=kind.fixed)


def parse_type(name: str) -> Type | None:
    """``"list[int]"`` as observed, to the type of that argument; None where it has no form here.

    >>> str(parse_type("list[list[float]]"))
    'list[list[float]]'
    >>> parse_type("dict[str, int]") is None
    True
    """
    plain = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "bytes": BYTES}
    plain["complex"] = COMPLEX
    name = name.strip()
    if name in plain:
        return plain[name]
    if name.startswith("array[") and name[6:-1] in ARRAYS:
        return Type("list", (ARRAYS[name[6:-1]],), frozen=True, code=name[6:-1])
    for outer in ("list", "tuple"):
        if name.startswith(f"{outer}[") and name.endswith("]"):
            inner = name[len(outer) + 1 : -1].removesuffix(", ...")
            item = TOKEN if inner == "str" else parse_type(inner)
            if (
                item is None
                or item.code
                or item.kind not in {"int", "float", "bool", "token", "list"}
            ):
                return None
            return Type("list", (item,), frozen=True, fixed=outer == "tuple")
    return None
