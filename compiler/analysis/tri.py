"""Three-valued answers: a fact holds, does not hold, or is not known. Unknown is unsafe."""

import enum


class Tri(enum.Enum):
    """The answer to a question about a program; true in a condition only where it is ``YES``."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"

    def __bool__(self) -> bool:
        return self is Tri.YES

    @classmethod
    def of(cls, answer: bool | None) -> "Tri":
        """``YES`` for True, ``NO`` for False, ``UNKNOWN`` for None."""
        if answer is None:
            return cls.UNKNOWN
        return cls.YES if answer else cls.NO

    def __and__(self, other: "Tri") -> "Tri":
        if Tri.NO in (self, other):
            return Tri.NO
        return Tri.YES if self is other is Tri.YES else Tri.UNKNOWN

    def __or__(self, other: "Tri") -> "Tri":
        if Tri.YES in (self, other):
            return Tri.YES
        return Tri.NO if self is other is Tri.NO else Tri.UNKNOWN

    def __invert__(self) -> "Tri":
        return {Tri.YES: Tri.NO, Tri.NO: Tri.YES, Tri.UNKNOWN: Tri.UNKNOWN}[self]
