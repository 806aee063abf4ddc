"""Results whose items may come in any order: brought into one order before they are encoded."""

import dataclasses
import math
from array import array
from typing import Any

from selfsame.runtime.shadow.consume import Consumed
from selfsame.runtime.shadow.encoder import Encoder


def in_one_order(encoder: Encoder, value: object) -> object:
    """``value`` with its own items sorted: a list, a tuple, a dict, or what an iterator gave.

    Anything else is returned as it is, and so is what was encoded before: an argument, whose order
    its owner sees. The order inside the items counts.
    """
    if id(value) in encoder.memo:
        return value
    if type(value) is list:
        return _sorted(encoder, value)
    if type(value) is tuple:
        return tuple(_sorted(encoder, list(value)))
    if type(value) is dict:
        return dict(_sorted(encoder, list(value.items())))
    if type(value) is Consumed:
        return dataclasses.replace(value, items=_sorted(encoder, value.items))
    return value


def _sorted(encoder: Encoder, items: list[Any]) -> list[Any]:
    """By the bytes of each, then by what is kept apart: floats that may differ, and code."""
    chunks, floats, known = encoder.chunks, encoder.floats, len(encoder.memo)
    codes = len(encoder.codes)
    found: list[tuple[bytes, list[float], bytes, int]] = []
    for number, item in enumerate(items):
        encoder.floats = array("d")
        data = encoder.part(item)
        own = [math.inf if x != x else x for x in encoder.floats]
        found.append((data, own, b"".join(encoder.codes[codes:]), number))
        del encoder.codes[codes:]
        while len(encoder.memo) > known:
            encoder.memo.popitem()
    encoder.chunks, encoder.floats = chunks, floats
    return [items[number] for *_, number in sorted(found)]
