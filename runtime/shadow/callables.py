"""Functions that invented calls pass where a parameter wants one: pure, total, found by name.

They are functions of a module, so that a payload may name them and both workers find the same.
"""

from collections.abc import Callable
from typing import Any


def identity(x: Any = None, *_: Any) -> Any:
    """What it was given."""
    return x


def constant(*_: Any) -> int:
    """Always the same."""
    return 3


def size(x: Any = None, *_: Any) -> int:
    """An int for anything: the absolute value of an int, the length of what has one."""
    if isinstance(x, int):
        return abs(x)
    return len(x) if hasattr(x, "__len__") else 0


def low_bits(x: Any = None, *_: Any) -> int:
    """One of three values, so that groups and ties arise."""
    return size(x) % 3


def is_even(x: Any = None, *_: Any) -> bool:
    """Whether the size is even."""
    return size(x) % 2 == 0


def is_small(x: Any = None, *_: Any) -> bool:
    """Whether the size is below 4."""
    return size(x) < 4


def never(*_: Any) -> bool:
    """Always false."""
    return False


def doubled(x: Any = None, *_: Any) -> Any:
    """Twice what can be doubled."""
    return 2 * x if isinstance(x, (int, float, str, list, tuple)) else x


def negated(x: Any = None, *_: Any) -> Any:
    """A number with the other sign, and anything else as it is."""
    return -x if isinstance(x, (int, float)) else x


def as_text(x: Any = None, *_: Any) -> str:
    """The representation of plain values."""
    return repr(x) if isinstance(x, (int, float, str, list, tuple, dict)) else ""


def paired(x: Any = None, *rest: Any) -> tuple[Any, ...]:
    """All of what it was given."""
    return (x, *rest)


def several(x: Any = None, *_: Any) -> list[Any]:
    """A list with what it was given, twice."""
    return [x, x]


def first(x: Any = None, *_: Any) -> Any:
    """The first element of a sequence that has one."""
    return x[0] if isinstance(x, (list, tuple, str)) and x else x


def plus(x: Any = 0, y: Any = 0, *_: Any) -> Any:
    """The sum of two of a kind, else the first."""
    return x + y if _addable(x, y) else x


def _addable(x: object, y: object) -> bool:
    return type(x) is type(y) and isinstance(x, (int, float, str, list, tuple))


def minus(x: Any = 0, y: Any = 0, *_: Any) -> Any:
    """The difference of two numbers, else the first."""
    return x - y if isinstance(x, (int, float)) and isinstance(y, (int, float)) else x


def less(x: Any = 0, y: Any = 0, *_: Any) -> bool:
    """Whether the size of the first is below that of the second."""
    return size(x) < size(y)


def raising(x: Any = None, *_: Any) -> Any:
    """An error for negative numbers and empty collections."""
    if (isinstance(x, int) and x < 0) or (hasattr(x, "__len__") and len(x) == 0):
        raise ValueError("not accepted")
    return x


BY_RESULT: dict[str, tuple[Callable[..., Any], ...]] = {
    "bool": (is_even, is_small, never, less),
    "int": (size, low_bits, constant, minus),
    "str": (as_text,),
    "list": (several,),
    "tuple": (paired,),
}
ANY: tuple[Callable[..., Any], ...] = (identity, low_bits, size, is_even, doubled, negated, plus)
ANY += (minus, is_small, paired, first, constant, raising, several, as_text, less)
