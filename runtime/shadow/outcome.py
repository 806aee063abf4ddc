"""What a call did, and whether two did the same. Only digests leave a worker, so that no value does."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from selfsame.runtime.shadow.encoder import digest

CODES = "code of functions made in the call"
"""The label of a part in which two of the same function may differ: nobody knows what they do."""
UNTOLD = f"cannot be compared: the {CODES} differs"
Part = tuple[str, bytes]
"""A digest with its label."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call did, without any value: digests of its parts, by label, in order.

    ``ended`` is "returned", "raised", "late" (its time budget ran out), or "refused" (with
    ``reason``: it cannot be compared). ``flags`` are the outside effects that were stopped.
    ``floats`` are the gathered doubles where a tolerance was asked for. ``mistyped``: a TypeError or
    AttributeError that no ``raise`` in the source raised, as values of a wrong type bring about.
    ``unreadable``: refused because the input is no payload; that says nothing of the function.
    ``shared``: what it returned may change, and an earlier call of the side returned it as well.
    ``lacks``: it needs a name of a script that a worker cannot make, as a flag says too.
    """

    ended: str
    parts: tuple[Part, ...] = ()
    floats: bytes = b""
    flags: tuple[str, ...] = ()
    reason: str = ""
    raised: str = ""
    input: bytes = b""
    nanoseconds: int = 0
    deopts: int = 0
    mistyped: bool = False
    unreadable: bool = False
    shared: bool = False
    lacks: bool = False

    def row(self) -> tuple[Any, ...]:
        """The fields in their order, as they go between processes."""
        return _ROW(self)


_ROW = attrgetter(*(field.name for field in fields(Outcome)))


def coded(codes: Sequence[bytes]) -> tuple[Part, ...]:
    """The part of an outcome that the code of functions in it is; none where there are none."""
    return ((CODES, digest(b"".join(codes))),) if codes else ()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two outcomes may be apart and still be equal.

    Floats by ``relative`` and ``absolute`` (zero and zero mean bit for bit); the items of a result
    in any order where ``unordered``; exceptions whatever their text where ``any_message``. With
    ``where_succeeds`` calls in which the original raised decide nothing.
    """

    relative: float = 0.0
    absolute: float = 0.0
    unordered: bool = False
    any_message: bool = False
    where_succeeds: bool = False

    @property
    def floats(self) -> bool:
        """Whether floats may differ at all."""
        return self.relative > 0.0 or self.absolute > 0.0


EXACT = Tolerance()


def same_floats(a: bytes, b: bytes, tolerance: Tolerance) -> bool:
    """Whether two runs of doubles agree one by one; NaN agrees with NaN."""
    left, right = array("d", a), array("d", b)
    return len(left) == len(right) and all(
        math.isclose(x, y, rel_tol=tolerance.relative, abs_tol=tolerance.absolute)
        or (x != x and y != y)
        for x, y in zip(left, right, strict=True)
    )


def difference(a: Outcome, b: Outcome, tolerance: Tolerance) -> str:
    """Where two outcomes differ ("" where they do not): what ended otherwise, or which part.

    `UNTOLD` where nothing but the code of functions does.
    """
    if a.ended != b.ended:
        return f"one {a.ended}, the other {b.ended}"
    if a.raised != b.raised:
        return f"one raised {a.raised}, the other {b.raised}"
    if len(a.parts) != len(b.parts):
        return "the number of parts differs"
    for (label, left), (_, right) in zip(a.parts, b.parts, strict=True):
        if left != right and label != CODES:
            return f"the {label} differs"
    if a.floats != b.floats and not same_floats(a.floats, b.floats, tolerance):
        return "floats differ by more than the tolerance"
    return "" if a.parts == b.parts else UNTOLD
