"""Describes values by types and sizes only, for counterexamples that give no value away."""

import collections
from typing import Any

from selfsame.runtime.shadow.consume import Consumed
from selfsame.runtime.shadow.definitions import class_name
from selfsame.runtime.shadow.encoder import CannotCompare
from selfsame.runtime.shadow.layouts import attributes

DEPTH = 3
KINDS = 4


def shape(value: Any, depth: int = DEPTH) -> str:
    """Types and sizes of ``value``: ``list of 3 (int)``, ``dict of 2 (str: float)``, ``str of 12``.

    No value, dict key or element appears in it; sizes are numbers of items or characters. Numbers
    carry no size, except that an int beyond 64 bits says so.
    """
    cls = type(value)
    name = class_name(cls).removeprefix("builtins.")
    if cls is int:
        return "int over 64 bits" if int.bit_length(value) > 64 else "int"
    for text in (str, bytes, bytearray):
        if issubclass(cls, text):
            return f"{name} of {text.__len__(value)}"
    if issubclass(cls, dict):
        keys, items = list(dict.keys(value)), list(dict.values(value))
        inside = "" if not keys else f" ({_kinds(keys, depth)}: {_kinds(items, depth)})"
        return f"{name} of {len(keys)}{inside}"
    bases: tuple[Any, ...] = (list, tuple, set, frozenset, collections.deque)
    for base in bases:
        if issubclass(cls, base):
            content: list[Any] = list(base.__iter__(value))
            inside = f" ({_kinds(content, depth)})" if content else ""
            return f"{name} of {len(content)}{inside}"
    if cls is Consumed:
        return f"{value.kind} of {_count(value)}"
    if value is None or cls in (float, bool, complex) or depth <= 0:
        return name
    try:
        state = attributes(value)
    except CannotCompare:
        return name
    return f"{name} with {len(state)} attributes" if state else name


def _count(given: Consumed) -> str:
    """What was read of an iterator, and how it ended where that was not its end."""
    told = f"{len(given.items)}" + ("" if given.ended != "more" else " and more")
    if given.items:
        told += f" ({_kinds(given.items, DEPTH)})"
    return told + (f", then {class_name(type(given.error))}" if given.error is not None else "")


def _kinds(items: Any, depth: int) -> str:
    """The different shapes among items, the commonest first; beyond four they are counted."""
    if depth <= 0:
        return "..."
    counted = collections.Counter(shape(item, depth - 1) for item in list(items)[:2000])
    names = [name for name, _ in counted.most_common(KINDS)]
    more = len(counted) - len(names)
    return " | ".join(names) + (f" and {more} more" if more > 0 else "")


def shape_of_call(names: tuple[str, ...], values: tuple[object, ...]) -> str:
    """The shape of a call's arguments: ``f(items: list of 3 (int), k: int)`` without the ``f``."""
    return "(" + ", ".join(f"{n}: {shape(v)}" for n, v in zip(names, values, strict=True)) + ")"
