"""What the code around a function is written with: constants and patterns of it and of what it calls.

A word that only a helper looks for, a table that is read and a pattern of the module say what inputs
take other ways, as the function's own constants do; these come first and more often.
"""

import itertools
import random
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from selfsame.runtime.shadow.amplify import dictionary
from selfsame.runtime.shadow.matching import matching
from selfsame.runtime.shadow.reach import own_codes

CODES, DEPTH = 24, 2
"""So many functions beside its own are looked at, so many calls away."""
OWN = 8
"""A constant of its own counts like so many of others."""
MOST, ENTRIES = 60, 12
"""Constants from elsewhere, and entries of one table, that are used."""
SAMPLES = 4
"""Texts for each pattern."""
ATOMS = (str, bytes, int, float)
UNPACKING = frozenset(["unpack", "unpack_from", "iter_unpack", "from_bytes", "cast", "frombytes"])
"""What reads numbers from bytes."""
SPECIAL = re.compile(r"[\\\[(.*+?^$|]")


class Vocabulary:
    """Of one function of a module, with the code of a variation where there is one."""

    def __init__(
        self,
        function: types.FunctionType,
        codes: Sequence[types.CodeType],
        module: types.ModuleType,
    ) -> None:
        namespace = function.__globals__
        owner = owner_of(function, module)
        others = list(_called(codes, namespace, owner))
        self.patterns = list(_patterns([*codes, *others], namespace, owner))
        own = dictionary(codes)
        own += _characters(own, codes)
        self.constants = [value for value in own for _ in range(OWN)]
        known = {(type(value), repr(value)) for value in own}
        tables = _tables([*codes, *others], namespace, owner)
        for value in [*tables, *_matched(self.patterns), *dictionary(others)]:
            if len(known) >= len(own) + MOST:
                break
            if (type(value), repr(value)) not in known:
                known.add((type(value), repr(value)))
                self.constants.append(value)


def _characters(numbers: Sequence[Any], codes: Sequence[types.CodeType]) -> Iterator[str | bytes]:
    """What the numbers are as single bytes, which indexing gives; as letters where `ord` is named, as
    they are written where `int` or `float` is, and as the bytes that are read as them.
    """
    whole = sorted({number for number in numbers if type(number) is int})
    named = {name for top in codes for code in own_codes(top) for name in code.co_names}
    yield from (bytes([number]) for number in whole if 0 <= number < 256)
    if "ord" in named:
        yield from (chr(number) for number in whole if 0 <= number <= sys.maxunicode)
    if named & {"int", "float"}:
        yield from map(str, whole)
    if named & UNPACKING:
        for number, size in itertools.product(whole, (2, 4, 8)):
            if 256 <= number < 1 << 8 * size:
                yield from (number.to_bytes(size, "big"), number.to_bytes(size, "little"))


def owner_of(function: types.FunctionType, module: types.ModuleType) -> type | None:
    """The class that a method is defined in; None for what is no method of a class of the module."""
    owner: Any = module
    for part in function.__qualname__.split(".")[:-1]:
        owner = vars(owner).get(part) if part != "<locals>" else None
        if owner is None:
            return None
    return owner if isinstance(owner, type) else None


def _called(
    codes: Iterable[types.CodeType], namespace: Mapping[str, Any], owner: type | None
) -> Iterator[types.CodeType]:
    """Functions of the module, and methods of the class, that are called by their names."""
    done = set(map(id, codes))  # what a rewrite has among its constants may have no hash
    layer = list(codes)
    for _ in range(DEPTH):
        found: list[types.CodeType] = []
        for code in layer:
            for value in _named(code, namespace, owner):
                callee: Any = value  # asked by its type alone: a proxy may answer anything
                if type(value) in (staticmethod, classmethod):
                    callee = callee.__func__
                if type(callee) is not types.FunctionType or callee.__globals__ is not namespace:
                    continue
                if id(callee.__code__) not in done and len(done) < CODES:
                    done.add(id(callee.__code__))
                    found.append(callee.__code__)
        yield from found
        layer = found


def _named(
    code: types.CodeType, namespace: Mapping[str, Any], owner: type | None
) -> Iterator[object]:
    """What the names in a code object are, in the module and in the class."""
    for name in code.co_names:
        if name in namespace:
            yield namespace[name]
        for base in owner.__mro__ if owner is not None else ():
            if name in vars(base):
                yield vars(base)[name]
                break
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _named(constant, namespace, owner)


def _patterns(
    codes: Iterable[types.CodeType], namespace: Mapping[str, Any], owner: type | None
) -> Iterator["re.Pattern[Any]"]:
    """Compiled patterns that are named, and texts that are given to `re`."""
    found: dict[tuple[Any, int], re.Pattern[Any]] = {}
    for code in codes:
        for value in _named(code, namespace, owner):
            one: Any = value
            if type(value) is types.BuiltinMethodType:  # as ``_match = re.compile(...).match``
                one = one.__self__
            if type(one) is re.Pattern:
                found.setdefault((one.pattern, one.flags), one)
        if any(value is re for value in _named(code, namespace, owner)):
            for text in code.co_consts:
                if isinstance(text, (str, bytes)) and _special(text):
                    try:
                        found.setdefault((text, 0), re.compile(text))
                    except (re.error, OverflowError):  # a text that is no pattern
                        continue
    yield from found.values()


def _special(text: str | bytes) -> bool:
    plain = text if isinstance(text, str) else text.decode("latin-1")
    return SPECIAL.search(plain) is not None and len(plain) < 400


def _matched(patterns: Sequence["re.Pattern[Any]"]) -> Iterator[Any]:
    for pattern in patterns:
        rng = random.Random(repr(pattern.pattern))
        for _ in range(SAMPLES):
            yield matching(pattern, rng)


def _tables(
    codes: Iterable[types.CodeType], namespace: Mapping[str, Any], owner: type | None
) -> Iterator[Any]:
    """Numbers and texts that are named, and those in containers that are."""
    for code in codes:
        for value in _named(code, namespace, owner):
            kind = type(value)
            if kind in ATOMS:
                yield value
            elif kind in (list, tuple, set, frozenset, dict):
                items: Any = value
                inside = [item for item in items if type(item) in ATOMS]
                if kind is dict:
                    inside += [item for item in items.values() if type(item) in ATOMS]
                if kind in (set, frozenset):  # in one order in every process
                    inside.sort(key=repr)
                yield from inside[:ENTRIES]
