"""Cuts what was captured down to a size at which a difference shows as well, and a call takes little.

A call on ten thousand rows takes a thousand times as long as one on ten, and hardly ever finds more:
of a trial's time it would leave none for the other inputs.
"""

from collections import deque
from typing import Any, Final

from selfsame.runtime.shadow.encoder import PLAIN
from selfsame.runtime.shadow.layouts import own_state

LENGTHS: Final = (1, 2, 3, 5, 8, 13)
RECORD: Final = 16
"""Dicts and sets up to this size are left whole: they may be records, whose parts all belong."""
TEXT: Final = 25
"""Characters of a text for each element that is kept of a list."""
DEEPEST: Final = 8


def shortened(parameters: list[Any], keep: int) -> None:
    """Cut every list in the parameters, and in what they hold, to its first ``keep`` elements.

    In place, so that what is shared stays shared, and lists that belong together stay of one length.
    Deques, and dicts and sets that are no records, are cut as well; of texts only parameters are.
    """
    seen: set[int] = set()
    for index, value in enumerate(parameters):
        if type(value) in (str, bytes):
            parameters[index] = value[: keep * TEXT]
        else:
            _cut(value, keep, seen, 0)


def _cut(value: Any, keep: int, seen: set[int], depth: int) -> None:
    if id(value) in seen or depth > DEEPEST:
        return
    kind = type(value)
    inside: list[Any] = []
    if kind is list:
        del value[keep:]
        inside = value
    elif kind is deque:
        while len(value) > keep:
            value.pop()
        inside = list(value)
    elif issubclass(kind, dict):
        if len(value) > RECORD:
            for name in list(value)[keep:]:
                del value[name]
        inside = list(value.values())
    elif kind is set:
        if len(value) > RECORD and PLAIN.issuperset(map(type, value)):
            # Ordered, since two workers must keep the same.
            value.difference_update(sorted(value, key=repr)[keep:])
    elif kind is tuple:
        inside = list(value)
    else:
        state = own_state(value)
        if state is not None:
            inside = list(state.values())
    seen.add(id(value))
    for item in inside:
        _cut(item, keep, seen, depth + 1)
