"""Known functions and classes of the standard library, by dotted name; all else is unknown."""

import builtins
from dataclasses import replace

from selfsame.compiler.analysis.known import (
    ARITHMETIC,
    HASHES,
    IN_PLACE,
    ITEMS,
    ITERATES,
    ORDERS,
    SHOWS,
    TRUTH,
    Known,
    Table,
    add,
)
from selfsame.compiler.analysis.known_methods import EFFECT, LOGGER, SENT
from selfsame.compiler.analysis.replayed import REPLAYED

FUNCTIONS: Table = {}
GETTER = "getter"
"""The type of what gives parts of its argument; of `operator.attrgetter` with the names after it."""


def _add(module: str, names: str, entry: Known) -> None:
    add(FUNCTIONS, names, entry, module + ".")


def _scalar(type_: str = "", *runs: str) -> Known:
    return Known("data", type_, runs=runs)


_FRESH = Known("fresh", runs=ITERATES)

# builtins
_add("builtins", "len", _scalar("int", "__len__"))
_add("builtins", "hash", Known("data", "int", runs=("__hash__",), placed=("__hash__", "__eq__")))
_add("builtins", "id", Known("data", "int", placed=("id",)))
_add("builtins", "ord", _scalar("int"))
_add("builtins", "callable hasattr", _scalar("bool", "__getattr__", "__getattribute__"))
_add(
    "builtins",
    "isinstance issubclass",
    _scalar("bool", "__instancecheck__", "__subclasscheck__", "__class__"),
)
_add("builtins", "bool", _scalar("bool", *TRUTH))
_add("builtins", "any all", _scalar("bool", *ITERATES, *TRUTH))
_add("builtins", "chr ascii bin hex oct", _scalar("str", "__index__", "__repr__"))
_add("builtins", "str repr format", Known("data", "str", runs=SHOWS, placed=SHOWS))
_add("builtins", "int", _scalar("int", "__int__", "__index__", "__trunc__"))
_add("builtins", "float", _scalar("float", "__float__", "__index__"))
_add("builtins", "complex", _scalar("complex", "__complex__", "__float__", "__index__"))
_add("builtins", "bytes", _scalar("bytes", "__bytes__", "__index__", *ITERATES))
_add("builtins", "bytearray", Known("fresh", "bytearray", runs=("__index__", *ITERATES)))
_add("builtins", "memoryview", Known("first", "memoryview"))
_add("builtins", "abs", Known("first", runs=("__abs__",)))
_add("builtins", "pow divmod", _scalar("", "__pow__", "__rpow__", "__divmod__", "__rdivmod__"))
_add("builtins", "round", Known("first", runs=("__round__",)))
_add("builtins", "range", _scalar("range", "__index__"))
_add("builtins", "slice", Known("fresh", "slice"))
_add("builtins", "object", Known("fresh", "object"))
_add("builtins", "list", Known("copy", "list", runs=ITERATES))
_add("builtins", "tuple", Known("copy", "tuple", runs=ITERATES))
_add("builtins", "set", Known("copy", "set", runs=(*ITERATES, *HASHES)))
_add("builtins", "frozenset", Known("copy", "frozenset", runs=(*ITERATES, *HASHES)))
_add("builtins", "dict", Known("rows", "dict", runs=(*ITERATES, *HASHES, "keys")))
_add(
    "builtins",
    "enumerate zip reversed",
    Known("rows", "iterator", runs=(*ITERATES, "__reversed__")),
)
_add("builtins", "iter", Known("copy", "iterator", runs=ITERATES, calls=(0,)))
_add("builtins", "map", Known("rows", "iterator", calls=(0,), runs=ITERATES))
_add("builtins", "filter", Known("rows", "iterator", calls=(0,), runs=(*ITERATES, *TRUTH)))
_add("builtins", "next", Known("element", mutates=(0,), runs=ITERATES))
_add("builtins", "sorted", Known("copy", "list", calls=("key",), runs=(*ITERATES, *ORDERS)))
_add("builtins", "min max", Known("element", calls=("key",), runs=(*ITERATES, *ORDERS)))
_add("builtins", "sum", Known("element", runs=(*ITERATES, "__add__", "__radd__")))
_add("builtins", "getattr", Known("element", runs=("__getattr__", "__getattribute__")))
_add("builtins", "vars", Known("element"))
_add("builtins", "dir", Known("fresh", "list", runs=("__dir__",)))
_add("builtins", "setattr delattr", Known(mutates=(0,), runs=("__setattr__", "__delattr__")))
_add("builtins", "print", SENT)
_add("builtins", "input open breakpoint", Known(outside=EFFECT))
_add("builtins", "exit quit help", Known(outside=EFFECT))
_EXCEPTIONS = [
    name
    for name in sorted(dir(builtins))
    if isinstance(getattr(builtins, name), type)
    and issubclass(getattr(builtins, name), BaseException)
]
_add("builtins", " ".join(_EXCEPTIONS), Known("fresh", "exception"))
_add("builtins", "property staticmethod classmethod", Known("fresh", "descriptor"))

# numbers
_FLOATS = (
    "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh degrees dist erf erfc exp exp2"
    " expm1 fabs fma fmod fsum gamma hypot ldexp lgamma log log10 log1p log2 nextafter pow radians"
    " remainder sin sinh sqrt sumprod tan tanh ulp"
)
_add("math", _FLOATS, _scalar("float", "__float__", "__index__", *ITERATES))
_add("math", "ceil floor trunc", _scalar("int", "__ceil__", "__floor__", "__trunc__", "__float__"))
_add("math", "comb factorial gcd isqrt lcm perm", _scalar("int", "__index__"))
_add("math", "isclose isfinite isinf isnan", _scalar("bool", "__float__", "__index__"))
_add("math", "frexp modf", _scalar("tuple", "__float__"))
_add("math", "prod", Known("element", runs=(*ITERATES, "__mul__", "__rmul__")))
_add("cmath", "sqrt exp log log10 sin cos tan polar rect phase isnan isinf isclose", _scalar())
_add("statistics", "mean fmean median mode stdev variance pstdev pvariance quantiles", _scalar())
_add("fractions", "Fraction", _scalar("number"))
_add("decimal", "Decimal", _scalar("number"))

# operator: the functions that change nothing, and those that do
_add(
    "operator",
    "lt le eq ne ge gt not_ truth is_ is_not index contains countOf indexOf length_hint",
    _scalar("", *ORDERS, "__ne__", "__bool__", "__contains__", *ITERATES),
)
_OPERATORS = "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor matmul neg pos abs inv invert concat"
_add("operator", _OPERATORS, Known("fresh", runs=(*ARITHMETIC, "__neg__", "__pos__", "__abs__")))
_add("operator", "getitem", Known("element", runs=ITEMS))
_add("operator", "setitem delitem", Known(mutates=(0,), runs=("__setitem__", "__delitem__")))
_add(
    "operator",
    " ".join([*(name.strip("_") for name in IN_PLACE), "iconcat"]),
    Known("first", mutates=(0,), runs=(*IN_PLACE, *ARITHMETIC, *ITERATES)),
)
_add("operator", "itemgetter", Known("data", GETTER))
_add("operator", "attrgetter", Known("data", f"{GETTER} of *"))

# containers and iteration
_add("collections", "deque", Known("copy", "deque", runs=ITERATES))
_add("collections", "OrderedDict", Known("rows", "dict", runs=(*ITERATES, *HASHES)))
_add("collections", "Counter", Known("rows", "Counter", runs=(*ITERATES, *HASHES)))
_add("collections", "defaultdict", Known("rows", "dict", calls=(0,), runs=(*ITERATES, *HASHES)))
_add("collections", "namedtuple", Known("data", "namedtuple type"))
_add("typing", "NamedTuple", Known("data", "namedtuple type"))
_add("typing", "NamedTuple.instance NamedTuple.instance._make", Known("fresh", "namedtuple"))
_add("typing", "cast", Known("second"))
_add("array", "array", Known("fresh", "array", runs=ITERATES))
_add(
    "itertools",
    "batched chain combinations combinations_with_replacement compress count cycle islice pairwise"
    " permutations product repeat tee zip_longest",
    Known("fresh", "iterator", runs=ITERATES),
)
_add("itertools", "chain.from_iterable", Known("flat", "iterator", runs=ITERATES))
_add("itertools", "accumulate", Known("fresh", "iterator", calls=(1, "func"), runs=ITERATES))
_add("itertools", "dropwhile filterfalse takewhile starmap", Known("fresh", "iterator", calls=(0,)))
_add(
    "itertools", "groupby", Known("fresh", "iterator", calls=(1, "key"), runs=(*ITERATES, "__eq__"))
)
_add("functools", "reduce", Known("element", calls=(0,), runs=ITERATES))
_add("functools", "partial", Known("fresh", "partial", calls=(0,)))
_add("functools", "cmp_to_key", Known("first"))  # called with what is ordered
_add("bisect", "bisect bisect_left bisect_right", Known("data", "int", calls=("key",), runs=ORDERS))
_add("bisect", "insort insort_left insort_right", Known(mutates=(0,), calls=("key",), runs=ORDERS))
_add("heapq", "heappush heapify", Known(mutates=(0,), runs=ORDERS))
_add("heapq", "heappop heappushpop heapreplace", Known("element", mutates=(0,), runs=ORDERS))
_add(
    "heapq",
    "nlargest nsmallest",
    Known("copy", "list", calls=(2, "key"), runs=(*ITERATES, *ORDERS)),
)
_add("heapq", "merge", Known("fresh", "iterator", calls=("key",), runs=(*ITERATES, *ORDERS)))
_add(
    "copy", "copy", Known("fresh", runs=("__copy__", "__reduce_ex__", "__reduce__", "__getstate__"))
)
_DEEPLY = ("__deepcopy__", "__reduce_ex__", "__reduce__", "__getstate__", "__setstate__")
_add("copy", "deepcopy", Known("anew", runs=_DEEPLY))
_add("dataclasses", "fields is_dataclass field", Known("fresh"))
_add("dataclasses", "replace", Known("fresh", runs=("__init__", "__post_init__")))
_add("dataclasses", "asdict", Known("fresh", calls=(1, "dict_factory"), runs=_DEEPLY))
_add("dataclasses", "astuple", Known("fresh", calls=(1, "tuple_factory"), runs=_DEEPLY))
_add("enum", "auto", _scalar())

# text and bytes
_add("re", "compile", _scalar("re.Pattern"))
_add("re", "match search fullmatch", _scalar("re.Match", *()))
_add("re", "findall split", _scalar("list"))
_add("re", "finditer", Known("data", "iterator"))
_add("re", "escape", _scalar("str"))
_add("re", "sub subn", Known("data", calls=(1, "repl")))
_add("textwrap", "wrap", _scalar("list"))
_add("textwrap", "fill dedent shorten", _scalar("str"))
_add("textwrap", "indent", Known("data", "str", calls=(2, "predicate")))
_add("string", "capwords", _scalar("str"))
_add("string", "Template Formatter", Known("fresh"))
_add("difflib", "get_close_matches unified_diff context_diff", Known("data", runs=ITERATES))
_add(
    "unicodedata",
    "normalize category name lookup bidirectional combining east_asian_width",
    _scalar(),
)
_add("html", "escape unescape", _scalar("str"))
_add("urllib.parse", "quote quote_plus unquote unquote_plus urljoin", _scalar("str"))
_add("urllib.parse", "urlencode", _scalar("str", *SHOWS, *ITERATES, "items"))
_add("urllib.parse", "urlparse urlsplit urlunparse urlunsplit parse_qs parse_qsl", _scalar())
_add(
    "base64",
    "b64encode b64decode urlsafe_b64encode urlsafe_b64decode b32encode b32decode",
    _scalar("bytes"),
)
_add("base64", "b16encode b16decode b85encode b85decode a85encode a85decode", _scalar("bytes"))
_add("binascii", "hexlify unhexlify crc32 crc_hqx a2b_base64 b2a_base64 b2a_hex a2b_hex", _scalar())
_add("struct", "unpack unpack_from calcsize iter_unpack", _scalar())
_add("struct", "pack", _scalar("bytes", "__index__", "__float__", "__bool__"))
_add("struct", "pack_into", Known(mutates=(1,), runs=("__index__", "__float__", "__bool__")))
_add("zlib", "compress decompress crc32 adler32", _scalar())
_HOOKS = ("cls", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant")
_add("json", "dumps", Known("data", "str", calls=("default", "cls"), runs=ITERATES))
_add(
    "json",
    "loads",
    Known("data", calls=_HOOKS),
)
_add(
    "hashlib",
    "blake2b blake2s md5 sha1 sha224 sha256 sha384 sha512 sha3_256 sha3_512 new",
    _scalar("hash"),
)
_add("io", "StringIO BytesIO", Known("data", "memory file"))
_add("random", "Random", Known("fresh", "random.Random", seeds=True))
_add("csv", "reader", Known("fresh", "iterator", runs=ITERATES))
_add("ast", "literal_eval", _scalar())
_add("ipaddress", "ip_address ip_network ip_interface IPv4Address IPv6Address", _scalar())
_add("uuid", "UUID uuid3 uuid5", _scalar())

# what is shown to people; whoever makes a logger changes the list of them
_add("logging", "critical debug error exception info log warning", SENT)
_add("logging", "getLogger", Known("data", LOGGER, outside=EFFECT))
_add("warnings", "warn", replace(SENT, calls=(1, "category")))
_WRITTEN = Known("data", "int", outside=EFFECT, outgoing=True)
_add("sys", "stdout.write stderr.write", _WRITTEN)
_add("sys", "stdout.flush stderr.flush", SENT)

# dates without the clock
_add("datetime", "date datetime time timedelta timezone", _scalar("datetime"))
_add(
    "datetime",
    "date.fromisoformat datetime.fromisoformat date.fromordinal datetime.combine datetime.strptime"
    " datetime.fromordinal time.fromisoformat date.fromisocalendar",
    _scalar("datetime"),
)
_add("calendar", "isleap leapdays monthrange weekday timegm monthcalendar", _scalar())

# paths as text
_add(
    "os.path",
    "basename commonpath commonprefix dirname isabs join normcase normpath split splitdrive splitext",
    _scalar("", "__fspath__", *ITERATES),
)
_add("os", "fspath fsencode fsdecode", _scalar("", "__fspath__"))
_add("pathlib", "PurePath PurePosixPath PureWindowsPath", _scalar("pure path", "__fspath__"))
_add("fnmatch", "fnmatch fnmatchcase filter translate", _scalar())
_add("shlex", "split quote join", _scalar())
_add("posixpath", "basename dirname isabs join normpath split splitext", _scalar("", "__fspath__"))
_add("inspect", "cleandoc", _scalar("str"))
# By type and flags alone. Not `isabstract` or `ismethoddescriptor`, which ask classes for attributes.
_add(
    "inspect",
    "isasyncgen isasyncgenfunction isbuiltin isclass iscode iscoroutine iscoroutinefunction isframe"
    " isfunction isgenerator isgeneratorfunction ismethod ismodule isroutine istraceback",
    _scalar("bool", "__instancecheck__", "__getattr__", "__getattribute__"),
)
_add("inspect", "getmro", Known("element", runs=("__getattr__", "__getattribute__")))
_add("keyword", "iskeyword issoftkeyword", _scalar("bool", *HASHES))
_add("typing", "get_args get_origin", Known("element"))
_add("pprint", "pformat", _scalar("str", *SHOWS, *ITERATES, *ORDERS, *HASHES))
_add("types", "SimpleNamespace MappingProxyType", Known("fresh"))
_add("sys", "getrecursionlimit intern", Known("first"))
_add("sys", "getsizeof", _scalar("int", "__sizeof__"))
_add(
    "colorsys",
    "rgb_to_hls hls_to_rgb rgb_to_hsv hsv_to_rgb rgb_to_yiq yiq_to_rgb",
    _scalar("tuple"),
)
_add("contextlib", "suppress nullcontext", Known("fresh", "manager"))
_add("typing", "TypeVar NewType ParamSpec", Known("data"))

# Modules of which every other function is taken to have outside effects, with the words for it.
OUTSIDE_MODULES = {
    "random": "draws random numbers",
    "secrets": "draws random numbers",
    "time": "depends on the clock",
    "os": "has outside effects",
    "sys": "reads or changes the interpreter",
    "io": "has outside effects",
    "socket": "has outside effects",
    "subprocess": "has outside effects",
    "shutil": "has outside effects",
    "threading": "has outside effects",
    "multiprocessing": "has outside effects",
    "asyncio": "has outside effects",
    "logging": "has outside effects",
    "warnings": "has outside effects",
    "signal": "has outside effects",
    "gc": "changes the interpreter",
    "urllib.request": "has outside effects",
    "http": "has outside effects",
    "sqlite3": "has outside effects",
    "tempfile": "has outside effects",
    "pathlib": "has outside effects",
    "glob": "has outside effects",
}
OUTSIDE = {
    "datetime.datetime.now": "depends on the clock",
    "datetime.datetime.utcnow": "depends on the clock",
    "datetime.datetime.today": "depends on the clock",
    "datetime.date.today": "depends on the clock",
    "uuid.uuid1": "depends on the clock",
    "uuid.uuid4": "draws random numbers",
    "os.urandom": "draws random numbers",
}
for _dotted, _type in REPLAYED.items():
    _words = OUTSIDE_MODULES[_dotted.partition(".")[0]]
    FUNCTIONS[_dotted] = Known("data", _type, outside=_words, replayed=_dotted)
# Data of the standard library's that stays as it is, with its type.
CONSTANTS: dict[str, str] = {"sys.version_info": "tuple"}


def _constants(module: str, names: str, type_: str) -> None:
    CONSTANTS.update((f"{module}.{name}", type_) for name in names.split())


_constants("math", "e inf nan pi tau", "float")
_constants("string", "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits", "str")
_constants("string", "octdigits printable punctuation whitespace", "str")
_constants("sys", "hexversion maxsize maxunicode", "int")
_constants("sys", "byteorder platform version", "str")
_constants("os", "curdir devnull extsep linesep name pardir pathsep sep", "str")
_constants("re", "A ASCII DEBUG DOTALL I IGNORECASE L LOCALE M MULTILINE S U UNICODE", "int")
_constants("re", "VERBOSE X", "int")

# Modules that have nothing but classes and functions.
ONLY_CLASSES = frozenset(["abc", "collections.abc", "enum", "numbers", "queue", "types", "typing"])

# Importing these has no effect that matters: a function may do it.
QUIET_MODULES = frozenset(
    {name.rsplit(".", 1)[0] for name in FUNCTIONS}
    | set(OUTSIDE_MODULES)
    | {"typing", "abc", "enum"}
)


def known_function(dotted: str) -> Known | None:
    """The entry of a function or class by its dotted name; None where nothing is known of it."""
    found = FUNCTIONS.get(dotted)
    if found is not None:
        return found
    if dotted in OUTSIDE:
        return Known(outside=OUTSIDE[dotted])
    module = dotted
    while "." in module:
        module = module.rsplit(".", 1)[0]
        if module in OUTSIDE_MODULES and not dotted.startswith("os.path."):
            return Known(outside=OUTSIDE_MODULES[module])
    return None
