"""Runs each number and each length of an input through all small values: what is off by one shows at one.

Where a sum of sizes is held against a limit (``indent + len(text) > width``), chance seldom hits the very
value; of a run through all of them one does.
"""

from collections.abc import Iterator
from typing import Any, Final

from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.layouts import own_state
from selfsame.runtime.shadow.payloads import anew

NUMBERS: Final = range(-2, 81)
MOST_PLACES: Final = 8


def sweeps(payload: bytes) -> Iterator[bytes]:
    """Payloads that differ from this one in one number, text or list, of parameters and their attributes."""
    call = Call.of(payload)
    places = [(i, name) for i, held in enumerate(call.parameters) for name in _names(held)]
    places.sort(key=lambda place: place[1] is not None)
    for index, name in places[:MOST_PLACES]:
        for number in NUMBERS:
            call = Call.of(payload)
            parameters = list(call.parameters)
            if name is None:
                changed, parameters[index] = _sized(parameters[index], number)
            else:
                state = vars(parameters[index])
                changed, state[name] = _sized(state[name], number)
            if changed:
                yield anew(call, parameters)


def _names(value: Any) -> Iterator[str | None]:
    """What of a parameter can be swept: itself (None), or attributes."""
    if type(value) in (int, str, bytes, list):
        yield None
    state = own_state(value)
    if state is not None:
        yield from (name for name in sorted(state) if type(state[name]) in (int, str, bytes, list))


def _sized(value: Any, size: int) -> tuple[bool, Any]:
    """A number in the place of one; a text or list cut to a length, or over and over up to it."""
    if type(value) is int:
        return value != size, size
    if size < 0 or not value or len(value) == size:
        return False, value
    return True, (value * (size // len(value) + 1))[:size]
