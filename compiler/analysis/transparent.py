"""Decorators, metaclasses and bases that leave what the code below them does as it is written."""

# A decorator that leaves what a call does as the function's body says.
TRANSPARENT = frozenset(
    [
        "staticmethod",
        "classmethod",
        "property",
        "abc.abstractmethod",
        "typing.override",
        "typing.final",
        "typing.overload",
        "typing.no_type_check",
        "functools.wraps",
        "functools.cached_property",
        "functools.singledispatchmethod",
        "selfsame.node",
        "selfsame.algorithm",
        "functools.total_ordering",
        "typing.runtime_checkable",
        "enum.unique",
    ]
)
CACHES = frozenset({"functools.lru_cache", "functools.cache"})
QUIET_CLASS_DECORATORS = TRANSPARENT | {"dataclasses.dataclass"}
QUIET_METACLASSES = frozenset({"abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "builtins.type"})
QUIET_BASES = {
    **{
        f"enum.{n}": "object" for n in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum")
    },
    **{f"typing.{n}": "object" for n in ("Generic", "Protocol", "TypedDict")},
    "typing.NamedTuple": "namedtuple",
    "abc.ABC": "object",
    "numbers.Rational": "object",
    "numbers.Number": "object",
}
