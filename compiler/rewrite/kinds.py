"""What a template's parameters may stand for, as annotations, and the words of templates.

Templates are read, never run: these definitions make their text ordinary Python.
"""

from collections.abc import Callable, Iterable
from typing import Any

Expr = Any  # an expression
Target = Any  # what a loop or an assignment stores to
Block = Any  # statements, as many as there are
Call = Any  # a call
Local = Any  # a name; the same one in every hole of a block
Loop = Any  # a statement that runs part of itself repeatedly: a loop, or one with a comprehension
Items = Any  # the elements of a display
Comprehension = Any  # a list comprehension


class Only:
    """``Only[x]``: an expression that mentions target x and no other target of the pattern."""

    def __class_getitem__(cls, item: object) -> Any:
        """An annotation; it has no meaning at run time."""
        return Any


class Same:
    """The replacement of a use that stays as it is."""


SAME = Same()


def with_hole(block: object, pattern: object) -> None:
    """``block``, in which ``pattern`` occurs somewhere: all its occurrences are meant."""


def source(comprehension: object) -> Iterable[Any]:
    """In ``after``: what a list comprehension iterates over, the outermost of it."""
    raise NotImplementedError("templates are read, not run")


def each(comprehension: object) -> Callable[[Iterable[Any]], list[Any]]:
    """In ``after``: ``lambda part: [... for ... in part]``, the comprehension of another source."""
    raise NotImplementedError("templates are read, not run")


def once(value: object) -> Any:
    """In ``after`` of a template that ``retries``: made on first use in the repeated region."""
    raise NotImplementedError("templates are read, not run")


def plain(value: object) -> bool:
    """Whether a value is an exact plain one, in ``after``: expands to a check without user code."""
    raise NotImplementedError("templates are read, not run")
