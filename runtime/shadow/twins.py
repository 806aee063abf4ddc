"""Values that have to do with others: equal ones of other types, and what another argument holds."""

import random
from collections import deque
from typing import Any

from selfsame.runtime.shadow.encoder import PLAIN
from selfsame.runtime.shadow.layouts import own_state

WALKS, STEPS = 4, 6
SPELLED = (1, 2, 3, 4, 8, 8, 12, 16, 16, 24)
"""How long texts are that are made of the letters of others: many a code comes in blocks."""


def has_float(value: Any, depth: int = 3) -> bool:
    """Whether a value is a float, or plain containers of it hold one."""
    if type(value) is float:
        return True
    if depth > 0 and type(value) in (list, tuple, set):
        return any(has_float(item, depth - 1) for item in list(value)[:50])
    return depth > 0 and type(value) is dict and has_float(list(value.values()), depth)


def twin_of(value: Any, floats: bool, rng: random.Random, depth: int = 3) -> Any:
    """An equal value of another type; the very ``value`` where there is none."""
    kind = type(value)
    if kind is float:
        if value == 0.0:
            return rng.choice((-value, 0))
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if kind is int:
        if value in (0, 1) and (not floats or rng.random() < 0.5):
            return bool(value)
        return float(value) if floats and abs(value) < 2**53 else value
    if kind is bool:
        return int(value)
    if depth > 0 and kind in (list, tuple):
        items = [twin_of(item, floats, rng, depth - 1) for item in value]
        return kind(items) if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if depth > 0 and kind is dict:
        named = {key: twin_of(item, floats, rng, depth - 1) for key, item in value.items()}
        return named if any(named[key] is not value[key] for key in value) else value
    return value


def inside(values: list[Any], kind: type, rng: random.Random) -> Any:
    """A value of a type that some of ``values`` hold: a key that is there; None where none is met."""
    holding = [value for value in values if type(value) not in (*PLAIN, float)]
    for _ in range(WALKS):
        here: Any = holding
        for _ in range(STEPS):
            held = _held(here, rng)
            if not held:
                break
            here = rng.choice(held)
            if type(here) is kind:
                return here
    return None


def spelled(values: list[Any], kind: Any, rng: random.Random) -> Any:
    """A text in the letters of a text or of bytes among ``values``, as of an alphabet; None without one."""
    alphabets = [v for v in values if type(v) in (str, bytes) and len(v) > 1]
    if not alphabets:
        return None
    alphabet = rng.choice(alphabets)
    letters = alphabet if type(alphabet) is str else alphabet.decode("latin-1")
    found = "".join(rng.choices(letters, k=rng.choice(SPELLED)))
    return (
        found
        if kind is str
        else found.encode("utf-8" if type(alphabet) is str else "latin-1", "replace")
    )


def _held(value: Any, rng: random.Random) -> list[Any]:
    """What a container or an instance holds, or the keys of a dict."""
    kind = type(value)
    if kind in (list, tuple, deque):
        return list(value)
    if kind in (set, frozenset):  # in one order in every process, or not at all
        return sorted(value, key=repr) if PLAIN.issuperset(map(type, value)) else []
    if isinstance(value, dict):
        return list(dict.keys(value) if rng.random() < 0.5 else dict.values(value))
    state = own_state(value)
    return list(state.values()) if state is not None else []
