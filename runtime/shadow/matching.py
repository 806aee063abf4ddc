"""Texts that a regular expression matches, made by walking what `re` parsed of it.

Not every text made so does match (a look-around may refuse it): what comes near is worth a call too.
"""

import random
import re
from collections.abc import Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, AnyStr

REPEATS = (0, 1, 1, 2, 3)
ANY = "ab1 ._-/:é"
CLASSES: dict[Any, str] = {
    ops.CATEGORY_DIGIT: "0123456789",
    ops.CATEGORY_SPACE: " \t\n ",
    ops.CATEGORY_WORD: "abcXYZ019_",
    ops.CATEGORY_NOT_DIGIT: "ab -._",
    ops.CATEGORY_NOT_SPACE: "ab19-.,",
    ops.CATEGORY_NOT_WORD: " -.,:;/'\"",
}
"""Characters of each class, and more of them than one."""


def matching(pattern: "re.Pattern[AnyStr]", rng: random.Random) -> AnyStr:
    """A text that most likely matches; of bytes for a pattern of bytes."""
    whole = pattern.pattern
    text = whole if isinstance(whole, str) else whole.decode("latin-1")
    flags = pattern.flags & ~(re.DEBUG | re.LOCALE | re.UNICODE | re.ASCII)
    try:
        made = _Walk(rng).several(parser.parse(text, flags))
    except (re.error, RecursionError):  # of bytes, or deeper than one can walk
        made = ""
    found: Any = made if isinstance(whole, str) else made.encode("latin-1", "replace")
    return found  # type: ignore[no-any-return]


class _Walk:
    """One text: what the groups gave is remembered for what refers to them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._groups: dict[int, str] = {}

    def several(self, parsed: Any) -> str:
        return "".join(self._one(op, argument) for op, argument in parsed)

    def _one(self, op: Any, argument: Any) -> str:
        rng = self._rng
        if op is ops.LITERAL:
            return chr(argument)
        if op is ops.NOT_LITERAL:
            return rng.choice([c for c in ANY if ord(c) != argument])
        if op is ops.ANY:
            return rng.choice(ANY)
        if op is ops.IN:
            return self._member(argument)
        if op is ops.BRANCH:
            return self.several(rng.choice(argument[1]))
        if op is ops.SUBPATTERN:
            group, _, _, inside = argument
            made = self.several(inside)
            if group is not None:
                self._groups[group] = made
            return made
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            least, most, inside = argument
            count = min(int(most), int(least) + rng.choice(REPEATS))
            return "".join(self.several(inside) for _ in range(min(count, 40)))
        if op is ops.ATOMIC_GROUP:
            return self.several(argument)
        if op is ops.GROUPREF:
            return self._groups.get(argument, "")
        if op is ops.GROUPREF_EXISTS:
            group, there, other = argument
            chosen = there if group in self._groups else other
            return self.several(chosen) if chosen is not None else ""
        if op is ops.ASSERT and argument[0] > 0:
            return self.several(argument[1]) if rng.random() < 0.5 else ""
        return ""  # an anchor, or what must not be there

    def _member(self, items: Sequence[tuple[Any, Any]]) -> str:
        rng = self._rng
        if items[0][0] is ops.NEGATE:
            refused = "".join(map(self._members, items[1:]))
            left = [c for c in ANY + "Z9,;=\"'" if c not in refused]
            return rng.choice(left) if left else "\x7f"
        pool = self._members(rng.choice(items))
        return rng.choice(pool) if pool else ""

    def _members(self, item: tuple[Any, Any]) -> str:
        op, argument = item
        if op is ops.LITERAL:
            return chr(argument)
        if op is ops.RANGE:
            low, high = argument
            step = max(1, (high - low) // 64)
            return "".join(map(chr, range(low, high + 1, step))) + chr(high)
        return CLASSES.get(argument, "") if op is ops.CATEGORY else ""
