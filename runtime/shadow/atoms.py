"""Makes plain values: numbers, texts, times, files, patterns, classes, and whatever may be anything."""

import collections
import datetime
import decimal
import fractions
import io
import pathlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from selfsame.runtime.shadow import callables, things
from selfsame.runtime.shadow.amplify import FLOATS
from selfsame.runtime.shadow.matching import matching
from selfsame.runtime.shadow.texts import WORDS, Texts

Make = Callable[[random.Random], Any]
CLASSES: tuple[type, ...] = (int, str, float, list, dict, bool, KeyError, collections.OrderedDict)
CLASSES += (things.Joined, things.Aside)
PATTERNS = ("a", "[a-z]+", r"\d", r"\s+", "(b)|c", r"(?P<name>\w+)=(?P<value>\w*)", "")
ODD = 0.4
"""The share of values for what may be anything that are no number and no string."""


class CannotMake(Exception):
    """A value of this type could not be made."""


class Atoms:
    """What makes plain values, some from the constants and patterns of one module.

    ``by_name`` has what makes them by the name of their type.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        constants: Sequence[Any],
        patterns: Sequence["re.Pattern[Any]"],
    ) -> None:
        self._namespace = namespace
        self._constants: dict[type, list[Any]] = {}
        for value in constants:
            self._constants.setdefault(type(value), []).append(value)
        self._patterns = patterns
        self.texts = Texts(
            self._constants.get(str, ()), [p for p in patterns if isinstance(p.pattern, str)]
        )
        self.by_name: dict[str, Make] = {
            "int": self._int, "float": self._float, "str": self.texts, "bool": _bool,
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
            "TextIO": lambda rng: io.StringIO(self.texts(rng)), "StringIO": lambda rng: io.StringIO(self.texts(rng)),
            "IO": lambda rng: io.StringIO(self.texts(rng)), "BytesIO": lambda rng: io.BytesIO(self.texts(rng).encode("utf-8", "replace")),
            "BinaryIO": lambda rng: io.BytesIO(self.texts(rng).encode("utf-8", "replace")),
            "range": lambda rng: range(rng.randint(-3, 3), rng.randint(-3, 12), rng.choice((1, 1, 2, -1))),
            "slice": lambda rng: slice(rng.choice((None, 0, 1, -2)), rng.choice((None, 3, -1)), rng.choice((None, 1, 2, -1))),
            "type": self._class,
            "Callable": lambda rng: rng.choice(callables.ANY), "FunctionType": lambda rng: rng.choice(callables.ANY),
            "LiteralString": self.texts, "AnyStr": self.texts, "PathLike": self.texts, "StrPath": self.texts,
            "Number.Real": self._number,
        }  # fmt: skip

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
            around = self.texts(rng) if rng.random() < 0.5 else ""
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
        return self.texts(rng).encode("utf-8", "replace")[:30]

    def _any(self, rng: random.Random, hashable: bool = False) -> Any:
        if rng.random() < ODD:
            return rng.choice(list((things.HASHABLE if hashable else things.ALL).values()))(rng)
        return rng.choice((self._int, self._int, self.texts, self._float))(rng)


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
