"""What rewrites call in the user's process, in place of placeholder constants.

Nothing here runs code of the user's, keeps state, or imports anything heavy. ``plain`` values are
exact instances of the types below, or exact tuples of plain values: their ``==`` and ``hash`` are
the interpreter's own and agree with each other, NaN (identity, then ``==``) included.
"""

import sys

from selfsame.runtime.agent.handlers import raised_by_program

DEEPEST = 8


def plain(value: object, depth: int = DEEPEST) -> bool:
    """Whether ``value`` is plain; tuples are followed eight levels deep.

    Types are told apart by ``is``: a metaclass may have a ``__hash__`` or ``__eq__`` of its own, and
    ``id`` raises an audit event, which a program may listen to.
    """
    kind = type(value)
    if kind is str or kind is int or kind is float or kind is bytes or kind is bool:
        return True
    if kind is tuple:
        return depth > 0 and _all_plain(value, depth - 1)  # type: ignore[arg-type]
    return value is None or kind is complex


def sequence(value: object) -> bool:
    """Whether ``value`` is plain or an exact list, tuple or range: subscripts run no user code."""
    kind = type(value)
    return kind is list or kind is tuple or kind is range or plain(value)


def container(value: object) -> bool:
    """Whether iterating over ``value``, its length and its truth run no user code."""
    kind = type(value)
    mapped = kind is set or kind is frozenset or kind is dict or kind is bytearray
    return mapped or sequence(value)


def _all_plain(items: tuple[object, ...], depth: int) -> bool:
    # A loop, not a generator expression: this runs for each tuple that is looked up.
    for item in items:
        kind = type(item)
        if kind is not str and kind is not int and not plain(item, depth):
            return False
    return True


def membership_index(items: object) -> set[object]:
    """A set in which ``x in index`` is ``x in items`` for every plain ``x``.

    Raises TypeError where that cannot be promised: ``items`` is no exact list or tuple, an element
    is not plain, or comparing str with bytes would warn (``python -b``).
    """
    if type(items) is list:
        frozen = tuple(items)
    elif type(items) is tuple:
        frozen = items
    else:
        raise TypeError("no index")
    if sys.flags.bytes_warning:
        raise TypeError("no index")
    if not _all_plain(frozen, DEEPEST):
        raise TypeError("no index")
    return set(frozen)


def started(items: list[object]) -> object:
    """What is searched in place of a list that will grow: its index, or itself."""
    try:
        return membership_index(items)
    except TypeError as error:
        if raised_by_program(error):
            raise
        return items
