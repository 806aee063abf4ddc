"""Methods of str, dict and set that compiled code calls, with what they return."""

from selfsame.compiler.emit.cython.types import BOOL, INT, WORD, Type, list_of

_WORDS = (
    "strip lstrip rstrip lower upper title capitalize replace zfill ljust rjust center swapcase "
    "removeprefix removesuffix"
)
_BOOLS = (
    "startswith endswith isdigit isalpha isalnum isspace isupper islower isidentifier isnumeric "
    "isdecimal"
)
_INTS = "find rfind count index rindex"
_LISTS = "split rsplit splitlines"
TEXT_METHODS: dict[str, Type] = {
    **dict.fromkeys(_WORDS.split(), WORD),
    **dict.fromkeys(_BOOLS.split(), BOOL),
    **dict.fromkeys(_INTS.split(), INT),
    **dict.fromkeys(_LISTS.split(), list_of(WORD, frozen=True, boxed=True)),
    "join": WORD,
}
# What a dict or a set gives to be looped over.
VIEWS = frozenset({"keys", "values", "items"})
METHODS = frozenset({*TEXT_METHODS, *VIEWS, "get"})
