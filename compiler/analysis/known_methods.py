"""Known methods of builtin and common types. A receiver of unknown type may have any of them."""

from selfsame.compiler.analysis.known import (
    ARITHMETIC,
    HASHES,
    ITEMS,
    ITERATES,
    ORDERS,
    SHOWS,
    Known,
    Table,
    add,
)

METHODS: dict[str, Table] = {}
FORMATS = (*ITEMS, "__getattr__", "__getattribute__")
"""What is asked of the values that go into a text's places, beside being shown."""
EFFECT = "has outside effects"
SENT = Known("data", "NoneType", runs=(*SHOWS, *FORMATS), outside=EFFECT, outgoing=True)
"""What shows its arguments to people and gives nothing back."""
NUMBERS = "random.Random"
"""The type of a generator of random numbers that was made with a seed."""
LOGGER = "logging.Logger"
"""The type of what a module gets from `logging.getLogger`: of its methods only those that log are known."""
ALONE = (frozenset({"object"}), frozenset({LOGGER}))
"""Types of globals of which a copy would be another thing, and that hold nothing of the program's."""


def _add(types: str, names: str, entry: Known) -> None:
    for type_ in types.split(", "):
        add(METHODS.setdefault(type_, {}), names, entry)


_INT = Known("data", "int")
_BOOL = Known("data", "bool")
_STR = Known("data", "str")
_LIST_OF_DATA = Known("data", "list")
_READ = Known("element")
_CHANGE = Known("data", "NoneType", mutates=(-1,))
_ALL_OF = Known("data", "NoneType", mutates=(-1,), runs=ITERATES)
_PUT = Known("data", "NoneType", mutates=(-1,), puts="items")
_TAKE = Known("element", mutates=(-1,))
_FROM_PAIRS = Known("data", "NoneType", (-1,), runs=(*ITERATES, *HASHES, "keys"), puts="pairs")

# str and bytes
_TESTS = (
    "endswith startswith isalnum isalpha isascii isdigit islower isspace istitle isupper"
    " __contains__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__"
)
_add("str, bytes, bytearray", _TESTS, _BOOL)
_add("str", "isdecimal isidentifier isnumeric isprintable", _BOOL)
_add("str, bytes, bytearray", "count find index rfind rindex __len__ __hash__", _INT)
_SAME = (
    "capitalize center expandtabs ljust lower lstrip removeprefix removesuffix rjust rstrip"
    " strip swapcase title upper zfill translate __getitem__ __add__ __mul__ __mod__"
)
_add("str", _SAME + " casefold replace", _STR)
_add("bytes, bytearray", _SAME + " replace", Known("data", "bytes"))
_add("str", "join", Known("data", "str", runs=ITERATES))
_add("bytes, bytearray", "join", Known("data", "bytes", runs=ITERATES))
_add("str", "format format_map", Known("data", "str", runs=(*SHOWS, *FORMATS)))
_add("str", "encode", Known("data", "bytes"))
_add("bytes, bytearray", "decode", _STR)
_add("bytes, bytearray, memoryview", "hex", _STR)
_add("str, bytes, bytearray", "split rsplit splitlines", _LIST_OF_DATA)
_add("str, bytes, bytearray", "partition rpartition", Known("data", "tuple"))
_add("str, bytes, bytearray", "__iter__", Known("data", "iterator"))
_add("str, bytes, bytearray", "maketrans", Known("data", "dict"))
_add("bytes, bytearray", "fromhex", Known("data", "bytes"))
_add("bytearray", "append insert remove reverse clear __delitem__", _CHANGE)
_add("bytearray", "extend __setitem__", _ALL_OF)
_add("bytearray", "pop", Known("data", "int", mutates=(-1,)))
_add("bytearray", "copy", Known("data", "bytearray"))
_add("memoryview", "tobytes tolist release cast toreadonly", Known("fresh"))

# numbers
_add("int, bool", "bit_length bit_count conjugate to_bytes as_integer_ratio __index__", Known())
_add("int, bool", "from_bytes", _INT)
_add("float", "as_integer_ratio conjugate hex is_integer fromhex", Known())
_add("complex", "conjugate", Known("data", "complex"))
_add(
    "number",
    "as_integer_ratio as_tuple compare conjugate copy_abs copy_sign exp fma from_float from_decimal"
    " is_finite is_infinite is_integer is_nan is_normal is_signed is_zero limit_denominator ln log10"
    " max min next_minus next_plus normalize quantize scaleb sqrt to_integral to_integral_value to_eng_string",
    Known(),
)

# list, tuple, deque, array
_add("list, tuple, deque, array, range", "index count", Known("data", "int", runs=("__eq__",)))
_add("list, tuple, deque, array, range", "__contains__", Known("data", "bool", runs=("__eq__",)))
_add("list, tuple, deque, dict, set, frozenset, array, range", "__len__", _INT)
_add("list, tuple, deque, array, range", "__getitem__", _READ)
_add("dict", "__getitem__", Known("element", runs=("__missing__",)))
_add(
    "list, tuple, deque, dict, set, frozenset, array, range", "__iter__", Known("copy", "iterator")
)
_add("list, dict, deque, range", "__reversed__", Known("copy", "iterator"))
_add("list, deque, array", "append insert", _PUT)
_add("list, deque, array", "reverse clear __delitem__", _CHANGE)
_add("list, deque, array", "extend __setitem__", _ALL_OF)
_add("list, deque, array", "remove", Known("data", mutates=(-1,), runs=("__eq__",)))
_add("list, deque, array", "pop", _TAKE)
_add("list", "sort", Known("data", "NoneType", mutates=(-1,), calls=("key",), runs=ORDERS))
_add("list, deque, dict, set, frozenset, Counter", "copy", Known("copy"))
_add("deque", "appendleft", _PUT)
_add("deque", "extendleft", _ALL_OF)
_add("deque", "rotate", _CHANGE)
_add("deque", "popleft", _TAKE)
_add("array", "tolist tobytes buffer_info", Known())
_add("array", "frombytes fromlist byteswap", _CHANGE)

# dict, Counter, set
_add("dict, Counter", "get", Known("entry", runs=HASHES))
_add("dict, Counter", "keys", Known("copy", "iterator"))
_add("dict, Counter", "values", Known("values", "iterator"))
_add("dict, Counter", "items", Known("pairs", "iterator"))
_add("dict, Counter", "setdefault pop", Known("entry", mutates=(-1,), runs=HASHES, puts="entry"))
_add("dict, Counter", "popitem", _TAKE)
_add("set", "update", Known("data", "NoneType", (-1,), runs=(*ITERATES, *HASHES)))
_add("dict, Counter", "update", _FROM_PAIRS)
_add("dict, Counter, set, list, deque, exception", "__init__", _FROM_PAIRS)
_add("dict, Counter", "__or__ __ror__", Known("copy", "dict", runs=HASHES))
_add("dict, Counter", "__ior__", Known("first", "", (-1,), runs=(*ITERATES, *HASHES), puts="pairs"))
_add("list, tuple, deque", "__add__ __mul__ __rmul__", Known("copy"))
_add("list, deque", "__iadd__ __imul__", Known("first", mutates=(-1,), runs=ITERATES))
_add("set, frozenset", "__or__ __and__ __sub__ __xor__", Known("copy", "set", runs=HASHES))
_add("set", "__ior__ __iand__ __isub__ __ixor__", Known("first", mutates=(-1,), runs=HASHES))
_add("dict, Counter, set", "clear", _CHANGE)
_add(
    "dict, Counter",
    "__setitem__ __delitem__",
    Known("data", mutates=(-1,), runs=HASHES, puts="entry"),
)
_add("dict, Counter, set, frozenset", "__contains__", Known("data", "bool", runs=HASHES))
_add("dict", "fromkeys", Known("fresh", "dict", runs=(*ITERATES, *HASHES)))
_add("dict", "move_to_end", Known("data", mutates=(-1,), runs=HASHES))
_add("Counter", "most_common elements", Known("fresh"))
_add("Counter", "subtract", _CHANGE)
_add("Counter", "total", _INT)
_add("Counter", "__getitem__", _INT)
_add(
    "set",
    "add discard remove",
    Known("data", "NoneType", mutates=(-1,), runs=HASHES, puts="items"),
)
_add("set", "pop", _TAKE)
_add(
    "set",
    "difference_update intersection_update symmetric_difference_update",
    Known("data", "NoneType", mutates=(-1,), runs=(*ITERATES, *HASHES)),
)
_add(
    "set, frozenset",
    "difference intersection symmetric_difference union",
    Known("copy", "set", runs=(*ITERATES, *HASHES)),
)
_add(
    "set, frozenset",
    "isdisjoint issubset issuperset",
    Known("data", "bool", runs=(*ITERATES, *HASHES)),
)
_add("slice", "indices", Known("data", "tuple"))

# regular expressions
_add("re.Pattern", "match search fullmatch", Known("data", "re.Match"))
_add("re.Pattern", "findall split", _LIST_OF_DATA)
_add("re.Pattern", "finditer scanner", Known("data", "iterator"))
_add("re.Pattern", "sub subn", Known("data", "str", calls=(0, "repl")))
_add("re.Match", "group groups groupdict start end span expand __getitem__", Known())

# dates
_add(
    "datetime",
    "astimezone ctime date dst isocalendar isoformat isoweekday replace strftime time timestamp"
    " timetuple timetz toordinal total_seconds tzname utcoffset utctimetuple weekday",
    Known(),
)

# random numbers of a generator with a seed: what it draws is given by its state, which changes.
# A class that inherits from it may draw with methods of its own, and so may numbers count.
_DRAWING = (
    *("random", "getrandbits", "_randbelow", "_randbelow_with_getrandbits"),
    *("randrange", "sample", "normalvariate", "gammavariate"),
)
_COUNTING = (*_DRAWING, *ARITHMETIC, *ORDERS, "__neg__", "__float__", "__index__", "__bool__")
_add(
    NUMBERS,
    "random uniform triangular gauss normalvariate lognormvariate expovariate vonmisesvariate"
    " gammavariate betavariate paretovariate weibullvariate",
    Known("data", "float", (-1,), runs=_COUNTING, puts="none"),
)
_add(
    NUMBERS,
    "randint randrange getrandbits binomialvariate _randbelow _randbelow_with_getrandbits"
    " _randbelow_without_getrandbits",
    Known("data", "int", (-1,), runs=_COUNTING, puts="none"),
)
_add(NUMBERS, "randbytes", Known("data", "bytes", (-1,), runs=_COUNTING, puts="none"))
_PICKING = (*_COUNTING, *ITERATES)
_add(NUMBERS, "choice", Known("element", mutates=(-1,), runs=_PICKING, puts="none"))
_add(NUMBERS, "choices sample", Known("copy", "list", (-1,), runs=_PICKING, puts="none"))
_add(
    NUMBERS,
    "shuffle",
    Known("data", "NoneType", (-1, 0), runs=(*_PICKING, "__setitem__"), puts="none"),
)
_add(NUMBERS, "seed", Known("data", "NoneType", mutates=(-1,), puts="none", seeds=True))
_add(NUMBERS, "getstate __getstate__ __reduce__", Known("data", "tuple"))
_add(NUMBERS, "setstate __setstate__", Known("data", "NoneType", mutates=(-1,), puts="none"))
DRAWS = METHODS[NUMBERS]
"""The methods of a generator of random numbers. Their names are ordinary words, so a value of unknown
type has them only beside what may have been stored under them."""

# hashes, files in memory, iterators
_add("hash", "update", _CHANGE)
_add("hash", "digest hexdigest", Known())
_add("hash", "copy", Known("data", "hash"))
_add("memory file", "write writelines truncate seek close", Known("data", mutates=(-1,)))
_add("memory file", "read readline readlines __next__", Known("data", mutates=(-1,)))
_add("memory file", "getvalue tell", Known())
_add("iterator", "__iter__", Known("first"))
_add("iterator", "__next__", _TAKE)
_add("exception", "with_traceback add_note", Known("first", mutates=(-1,)))
_add("pure path", "joinpath with_suffix with_name with_stem relative_to as_posix match", Known())
_add("pure path", "is_absolute is_relative_to", Known())
_add("namedtuple", "_replace _asdict", Known("fresh"))
_add("namedtuple", "index count", _INT)
_add(
    "object",
    "__init__ __init_subclass__ __eq__ __ne__ __hash__ __repr__ __str__ __format__ __class_getitem__"
    " __sizeof__ __post_init__",
    Known(),
)
_add("object", "__setattr__ __delattr__ __enter__ __exit__", Known(mutates=(-1,)))
_add("object", "__getattribute__ __getattr__", _READ)
_add("object", "__new__", Known("fresh"))

_add(
    LOGGER,
    "critical debug error exception info log warning",
    SENT,
)

BY_NAME: dict[str, list[Known]] = {}
for _type, _table in METHODS.items():
    if _type not in ("object", "memory file", "pure path", NUMBERS, LOGGER):
        for _name, _entry in _table.items():
            BY_NAME.setdefault(_name, []).append(_entry)

# Methods of files, connections and paths: refused on a receiver of unknown type, whatever else
# has a method of that name. `Path.replace(target)` moves a file; `str.replace` takes two arguments.
OUTSIDE_NAMES = frozenset(
    [
        "write",
        "writelines",
        "read",
        "readline",
        "readlines",
        "readinto",
        "recv",
        "send",
        "sendall",
        "flush",
        "close",
        "commit",
        "execute",
        "executemany",
        "unlink",
        "mkdir",
        "rmdir",
        "touch",
        "write_text",
        "write_bytes",
        "read_text",
        "read_bytes",
        "rename",
        "fsync",
        "connect",
        "acquire",
        "release",
        "terminate",
        "kill",
        "communicate",
        "submit",
    ]
)


def known_method(type_: str, name: str) -> Known | None:
    """The entry of a method of a known type; every object has those of ``object``."""
    return METHODS.get(type_, {}).get(name) or METHODS["object"].get(name)


_TAKES = {
    **dict.fromkeys(("keys", "values", "items", "copy"), (0, 0)),
    **dict.fromkeys(("count", "index"), (1, 3)),
    "get": (1, 2),
}
"""How many arguments they take: `queue.get()` and `get(timeout=1)` are no look into a dict."""


def known_methods(name: str, arguments: int, named: bool) -> list[Known]:
    """The entries a receiver of unknown type may have under ``name``; empty where unknown.

    ``arguments``: how many are given by their position, -1 where that is not known; ``named``:
    whether others are given by name.
    """
    if name in OUTSIDE_NAMES or (name == "replace" and arguments < 2):
        return []
    least, most = _TAKES.get(name, (0, 0))
    if name in _TAKES and (named or not (arguments < 0 or least <= arguments <= most)):
        return []
    return BY_NAME.get(name, [])
