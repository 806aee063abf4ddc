"""What the values of each parameter were seen to be, as types: what may be made up for it and be no surprise.

What was seen, and not what is annotated: the same rule as for amplified inputs, since what a variation's
guards let through is what was seen, and an annotation may promise more than any caller passes.
"""

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import CodeType, UnionType
from typing import Any, Final, get_args

from selfsame.runtime.shadow.inputs import Call

ATOMS: Final[tuple[type, ...]] = (int, bool, float, str, bytes)
DEPTH: Final = 4
IN_ONE_STATE: Final = "what it reads beside them as it was in one call"


class Unknown(Exception):
    """No type says what values may be; the message is what they are instead."""


def kind_of(values: Iterable[Any], depth: int = DEPTH) -> Any:
    """The type of values, with what containers hold: ``int``, ``list[str] | None``, ``tuple[int, str]``.

    Only the builtin ones that hold others by value. Raises Unknown.
    """
    found: dict[type, list[Any]] = {}
    for value in values:
        found.setdefault(type(value), []).append(value)
    if not found:
        raise Unknown("nothing that any of them held")
    kinds = [_one(kind, some, depth) for kind, some in found.items()]
    return functools.reduce(operator.or_, kinds)


@dataclass(frozen=True, slots=True)
class Seen:
    """Calls of one function, put together: ``kinds`` are the types of its parameters by their names.

    Where there is no type for one, the reason is in its place. ``call`` is the smallest of the calls: what
    is made up takes from it what else a call reads. ``beside`` says so where that differs between them.
    """

    kinds: dict[str, Any]
    call: Call
    beside: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, payloads: Sequence[bytes], names: Sequence[str], state: Callable[[Call], bytes]
    ) -> "Seen":
        """What payloads tell; ``state`` gives what a call reads beside its parameters, to compare."""
        calls = [Call.of(payload) for payload in payloads]
        kinds: dict[str, Any] = {}
        for name, values in zip(
            names, zip(*(c.parameters for c in calls), strict=True), strict=True
        ):
            try:
                kinds[name] = kind_of(values)
            except Unknown as why:
                kinds[name] = why
        smallest = min(range(len(payloads)), key=lambda number: len(payloads[number]))
        several = len(set(map(state, calls))) > 1
        return cls(kinds, calls[smallest], (IN_ONE_STATE,) if several else ())

    def without_stars(self, code: CodeType) -> "Seen":
        """The same with no type for ``*`` and ``**``, which are no values by themselves."""
        named = code.co_argcount + code.co_kwonlyargcount
        kinds = {
            name: kind if number < named else Unknown("all that remains")
            for number, (name, kind) in enumerate(self.kinds.items())
        }
        return replace(self, kinds=kinds)


def alternatives(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def told(kind: Any) -> str:
    """A type as one writes it in an annotation."""
    return " | ".join(
        "None" if one is type(None) else one.__name__ if type(one) is type else str(one)
        for one in alternatives(kind)
    )


def _one(kind: type, values: Sequence[Any], depth: int) -> Any:
    if kind in ATOMS or kind is type(None):
        return kind
    if depth == 0:
        raise Unknown("values in values in values")
    if kind in (list, set, frozenset):
        return kind[_held(kind, (item for value in values for item in value), depth)]
    if kind is dict:
        keys = _held(kind, (key for value in values for key in value), depth)
        return dict[keys, _held(kind, (v for value in values for v in value.values()), depth)]  # type: ignore[valid-type,misc]
    if kind is tuple:
        sizes = {len(value) for value in values}
        if len(sizes) == 1 and sizes != {0}:
            columns = zip(*values, strict=True)
            return tuple[tuple(kind_of(column, depth - 1) for column in columns)]  # type: ignore[misc]
        return tuple[_held(kind, (item for value in values for item in value), depth), ...]  # type: ignore[misc]
    raise Unknown(f"a {kind.__name__}")


def _held(kind: type, items: Iterable[Any], depth: int) -> Any:
    held = list(items)
    if not held:
        raise Unknown(f"a {kind.__name__} that was always empty")
    return kind_of(held, depth - 1)
