"""Texts of the kinds that programs read: words, tables, fields, formats, paths, and what patterns match."""

import random
import re
from collections.abc import Callable, Sequence

from selfsame.runtime.shadow.amplify import STRS
from selfsame.runtime.shadow.matching import matching

SIZES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 30)
WORDS = ("a", "b", "c", "ab", "abc", "foo", "bar", "Hello World", "the quick brown fox", "x1", "A")
PIECES = (
    *" \n\t,.-_/:=()[]'\"01%\\#&aBz*?+$^|@;!~<>", "  ", ", ", "12", "3.5", "-7", "é", "ß", "{}", "<b>",
    "\r\n", "--",
)  # fmt: skip
FIELDS = (
    "{}", "{0}", "{1}", "{a}", "{:>{}}", "{0:{1}}", "{!r}", "{a!s:^8}", "{0[1]}", "{a.b}", "{{", "}}", "{:.2f}",
    "{:,}", "%s", "%d", "%(a)s", "%5.1f", "%%", "$a", "${b}", "$$",
)  # fmt: skip
GLOBS = (
    "*",
    "?",
    "a*",
    "*.py",
    "[a-c]",
    "[!a]",
    "**",
    "a?c",
    "*b*",
    ".*",
    "[a-z]+",
    r"\d",
    "(a|b)",
)
HOSTS = ("example.com", "localhost", "127.0.0.1", "[::1]", "user@host", "user:pw@host.org", "")
SCHEMES = ("http://", "https://", "ftp://", "file:///", "mailto:", "//", "HTTP://", "")
MOST = 40
"""A constant that is longer is no piece of a text."""


LEARNED = 0.5
"""What a kind of text gains at most where all of its calls led along new ways; all have 1 to begin with."""


class Texts:
    """Makes texts, of the constants and for the patterns of the code that is to read them.

    Kinds that led along new ways are made more often.
    """

    def __init__(self, constants: Sequence[str], patterns: Sequence["re.Pattern[str]"]) -> None:
        self._own = [c for c in constants if len(c) <= MOST]
        self._patterns = patterns
        kinds: list[tuple[Callable[[random.Random], str], float]] = [
            (lambda rng: rng.choice(STRS), 0.05),
            (lambda rng: rng.choice(WORDS), 0.17),
            (lambda rng: str(rng.randint(-5, 2000)), 0.1),
            (self._glued, 0.28),
            *((kind, 0.2 / len(KINDS)) for kind in KINDS),
        ]
        if patterns:
            kinds.append((self._matched, 0.16))
        if self._own:
            kinds.append((self._between, 0.06))
        self._kinds = kinds
        self._tried = [0] * len(kinds)
        self._fresh = [0] * len(kinds)
        self._used: set[int] = set()

    def __call__(self, rng: random.Random) -> str:
        """One text."""
        weights = [
            usual + LEARNED * fresh / (tried + 4)
            for (_, usual), fresh, tried in zip(self._kinds, self._fresh, self._tried, strict=True)
        ]
        index = rng.choices(range(len(weights)), weights)[0]
        self._used.add(index)
        return self._kinds[index][0](rng)

    def learn(self, fresh: bool) -> None:
        """Whether the call that the latest texts were made for led along new ways."""
        for index in self._used:
            self._tried[index] += 1
            self._fresh[index] += fresh
        self._used.clear()

    def _glued(self, rng: random.Random) -> str:
        pool: tuple[str, ...] = (*WORDS, *PIECES)
        return "".join(
            rng.choice(self._own) if self._own and rng.random() < 0.4 else rng.choice(pool)
            for _ in range(rng.choice(SIZES))
        )

    def _between(self, rng: random.Random) -> str:
        return rng.choice(self._own) + rng.choice(WORDS) + rng.choice(self._own)

    def _matched(self, rng: random.Random) -> str:
        """What a pattern matches: alone, among others, or with something around it."""
        made = [matching(rng.choice(self._patterns), rng) for _ in range(rng.choice((1, 1, 2, 4)))]
        text = rng.choice(("", " ", ", ", "\n")).join(made)
        return rng.choice(WORDS) + text + rng.choice(PIECES) if rng.random() < 0.3 else text


def _cell(rng: random.Random, kind: int) -> str:
    match kind:
        case 0:
            return str(rng.randint(-20, 2000))
        case 1:
            return f"{rng.uniform(-9, 99):.2f}"
        case 2:
            return rng.choice(("abc", "xyz", "foo"))
        case 3:
            return f'"{rng.choice(WORDS)}"'
    return rng.choice(WORDS)


def _table(rng: random.Random) -> str:
    """Rows of as many fields, mostly, of the same kinds; often with a row of names above."""
    separator = rng.choice((",", ",", ";", "\t", "|", " ", ", ", ":"))
    kinds = [rng.randrange(5) for _ in range(rng.randint(1, 4))]
    rows = [[_cell(rng, kind) for kind in kinds] for _ in range(rng.randint(1, 7))]
    if rng.random() < 0.6:
        rows.insert(0, [rng.choice(("name", "Value", "n", "total", "x")) for _ in kinds])
    if rng.random() < 0.3:
        rng.choice(rows)[:] = rng.choice(rows)[: rng.randint(0, len(kinds))]
    end = rng.choice(("\n", "\n", "\r\n"))
    return end.join(map(separator.join, rows)) + rng.choice(("", end))


def _pairs(rng: random.Random) -> str:
    """Names with values, as of headers, queries, cookies and settings."""
    equals = rng.choice(("=", ": ", " = ", ":"))
    between = rng.choice(("&", "; ", "\n", ", ", ";", "\n\n"))
    names = rng.choices(("a", "b", "key", "X-Name", "path", "[part]"), k=rng.randint(1, 4))
    return between.join(f"{name}{equals}{_cell(rng, rng.randrange(5))}" for name in names)


def _nested(rng: random.Random, depth: int = 3) -> str:
    """Brackets and quotes within each other, now and then one without its other."""
    if depth == 0 or rng.random() < 0.25:
        return _cell(rng, rng.randrange(5))
    left, right = rng.choice(("()", "[]", "{}", "<>", '""', "''", ("<b>", "</b>"), ("/*", "*/")))
    inside = rng.choice((", ", " ", ",")).join(
        _nested(rng, depth - 1) for _ in range(rng.randint(0, 3))
    )
    return f"{rng.choice(('', 'f', 'x '))}{left}{inside}{right if rng.random() < 0.9 else ''}"


def _format(rng: random.Random) -> str:
    return "".join(rng.choice((*FIELDS, "a", " ")) for _ in range(rng.randint(1, 4)))


def _glob(rng: random.Random) -> str:
    return "".join(rng.choice((*GLOBS, "a", "b")) for _ in range(rng.randint(1, 3)))


def _path(rng: random.Random) -> str:
    parts = rng.choices(
        ("a", "b.txt", "..", ".", "", "c.tar.gz", "x y", ".hid"), k=rng.randint(1, 4)
    )
    return rng.choice(("/", "", "./", "C:\\", "//")) + rng.choice(("/", "/", "\\")).join(parts)


def _address(rng: random.Random) -> str:
    port = rng.choice(("", ":80", ":8080", ":"))
    query = rng.choice(("", "?a=1&b=2", "?q=x+y%20z", "?", ";p"))
    path = rng.choice(("", "/", "/a/b", "/a/../b%2f", "/é"))
    return rng.choice(SCHEMES) + rng.choice(HOSTS) + port + path + query + rng.choice(("", "#f"))


def _moment(rng: random.Random) -> str:
    date = f"{rng.choice((1999, 2000, 2024))}-{rng.randint(1, 13):02}-{rng.randint(1, 31):02}"
    clock = f"{rng.randint(0, 24):02}:{rng.randint(0, 60):02}:{rng.randint(0, 60):02}"
    zone = rng.choice(("", "Z", "+01:00", "-0530", " GMT", ".123456"))
    return rng.choice((date, clock, f"{date}T{clock}{zone}", f"{date} {clock}{zone}"))


def _lines(rng: random.Random) -> str:
    """Lines with indentation, comments and words that come again."""
    words = ("a", "if x:", "# note", "", "the", "the", "return 1", "- item", "* b", "b  c", "END")
    lines = [
        rng.choice(("", "", " ", "    ", "\t")) + " ".join(rng.choices(words, k=rng.randint(1, 3)))
        for _ in range(rng.randint(1, 6))
    ]
    return rng.choice(("\n", "\n", "\r\n")).join(lines) + rng.choice(("", "\n", "\n\n"))


KINDS: tuple[Callable[[random.Random], str], ...] = (
    _table, _pairs, _nested, _format, _glob, _path, _address, _moment, _lines,
)  # fmt: skip
