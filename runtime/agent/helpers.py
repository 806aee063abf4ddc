"""What rewrites call in the user's process, in place of placeholder constants.

Nothing here runs code of the user's, keeps state, or imports anything heavy. ``plain`` values are
exact instances of the types below, or exact tuples of plain values: their ``==`` and ``hash`` are
the interpreter's own and agree with each other, NaN (identity, then ``==``) included.
"""

import sys

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
# Types are told apart by id: a metaclass may have a `__hash__` or `__eq__` of its own.
PLAIN_IDS = frozenset(map(id, _PLAIN))
SEQUENCE_IDS = PLAIN_IDS | frozenset(map(id, (list, tuple, range)))
CONTAINER_IDS = SEQUENCE_IDS | frozenset(map(id, (set, frozenset, dict, bytearray)))
_TUPLE_IDS = PLAIN_IDS | {id(tuple)}


def plain(value: object) -> bool:
    """Whether ``value`` is plain; tuples are followed eight levels deep."""
    if id(type(value)) in PLAIN_IDS:
        return True
    return type(value) is tuple and _plain_items(value, 8)


def sequence(value: object) -> bool:
    """Whether ``value`` is plain or an exact list, tuple or range: subscripts run no user code."""
    return id(type(value)) in SEQUENCE_IDS


def container(value: object) -> bool:
    """Whether iterating over ``value``, its length and its truth run no user code."""
    return id(type(value)) in CONTAINER_IDS


def _plain_items(items: tuple[object, ...], depth: int) -> bool:
    kinds = set(map(id, map(type, items)))
    if kinds <= PLAIN_IDS:
        return True
    if not depth or not kinds <= _TUPLE_IDS:
        return False
    # A loop, not a generator expression: this runs once for each tuple that is looked up.
    for item in items:  # noqa: SIM110
        if type(item) is tuple and not _plain_items(item, depth - 1):
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
    if not _plain_items(frozen, 8):
        raise TypeError("no index")
    return set(frozen)
