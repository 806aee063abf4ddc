"""Every input of a small space: what is different mostly shows with small inputs, and of these none is left.

The space is grown until the next step would pass a bound: ints from -n to n, texts and containers of up to n
items, over a handful of characters and over small items. It is told in words, as what is claimed is claimed of it
alone.

Source: Jackson's small scope hypothesis; SmallCheck (Runciman, Naylor, Lindblad 2008) for the depth of what is
held.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args, get_origin

from selfsame.runtime.shadow.kinds import Seen, Unknown, alternatives
from selfsame.runtime.shadow.payloads import anew

LETTERS: Final = ("a", "B", "1", " ")
OCTETS: Final = (0, 97, 255)
FLOATS: Final = (0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan)
MOST_STEPS: Final = 10_000
SMALLEST: Final = 2
"""A space in which some parameter has fewer steps than this is not worth a claim."""
FEWEST: Final = 20
"""Nor is one with fewer inputs, unless there are no others."""


@dataclass(frozen=True, slots=True)
class Scope:
    """All inputs of a space as payloads, and which these are; or the reason why there is none."""

    payloads: tuple[bytes, ...] = ()
    told: str = ""
    reason: str = ""


class TooLarge(Exception):
    """Even the smallest space that says anything has more inputs than the bound."""


def scope(seen: Seen, most: int) -> Scope:
    """The largest space of inputs of a function with at most ``most`` of them."""
    for name, kind in seen.kinds.items():
        if isinstance(kind, Unknown):
            return Scope(reason=f"{name!r} is {kind}")
    kinds = list(seen.kinds.values())
    try:
        steps = space(kinds, most)
    except TooLarge:
        return Scope(reason=f"small values of all its parameters are more than {most:,} inputs")
    others = any(count(kind, n + 1) > count(kind, n) for kind, n in zip(kinds, steps, strict=True))
    if _size(kinds, steps) < FEWEST and others:
        return Scope(reason=f"the space with at most {most:,} inputs has fewer than {FEWEST}")
    rows = itertools.product(*map(values, kinds, steps))
    made = dict.fromkeys(anew(seen.call, map(apart, row)) for row in rows)
    each = [f"{name}: {words(k, n)}" for name, k, n in zip(seen.kinds, kinds, steps, strict=True)]
    return Scope(tuple(made), "; ".join([*each, *seen.beside]))


def apart(value: Any) -> Any:
    """A copy in which nothing is held twice: no caller was seen to pass one object in two places."""
    kind = type(value)
    if kind in (list, tuple):
        return kind(map(apart, value))
    if kind is dict:
        return {key: apart(held) for key, held in value.items()}
    return kind(value) if kind in (set, frozenset) else value


def space(kinds: Sequence[Any], most: int) -> list[int]:
    """For each parameter, by its type, how many steps it can be taken with ``most`` inputs in all.

    All grow together, and then each as far as there is room. Raises TooLarge.
    """
    steps = [SMALLEST] * len(kinds)
    if _size(kinds, steps) > most:
        raise TooLarge
    growing = [True] * len(kinds)
    while any(growing):
        for index in range(len(kinds)):
            if not growing[index]:
                continue
            steps[index] += 1
            before = count(kinds[index], steps[index] - 1)
            same = count(kinds[index], steps[index]) == before
            if same or _size(kinds, steps) > most or steps[index] > MOST_STEPS:
                steps[index] -= 1
                growing[index] = False
    return steps


def _size(kinds: Sequence[Any], steps: Sequence[int]) -> int:
    return math.prod(map(count, kinds, steps))


def count(kind: Any, steps: int) -> int:
    """How many values of a type there are within so many steps."""
    return sum(_count(one, steps) for one in alternatives(kind))


def _count(kind: Any, steps: int) -> int:
    origin, held = get_origin(kind), get_args(kind)
    if origin is None:
        atoms = {bool: 2, float: len(FLOATS), type(None): 1, int: 2 * steps + 1}
        if kind in atoms:
            return atoms[kind]
        return _sequences(len(LETTERS if kind is str else OCTETS), steps)
    inner = max(1, steps - 1)
    if origin is dict:
        keys, each = count(held[0], inner), count(held[1], inner)
        return sum(math.perm(keys, n) * each**n for n in range(steps + 1))
    if origin in (set, frozenset):
        return sum(math.comb(count(held[0], inner), n) for n in range(steps + 1))
    if origin is tuple and held[-1] is not Ellipsis:
        return math.prod(count(item, steps) for item in held)
    return _sequences(count(held[0], inner), steps)


def _sequences(letters: int, most: int) -> int:
    return sum(letters**n for n in range(most + 1))


def values(kind: Any, steps: int) -> list[Any]:
    """The values of a type within so many steps, small ones first."""
    return [value for one in alternatives(kind) for value in _values(one, steps)]


def _values(kind: Any, steps: int) -> list[Any]:
    origin, held = get_origin(kind), get_args(kind)
    if origin is None:
        return _atoms(kind, steps)
    inner = max(1, steps - 1)
    if origin is dict:
        keys, each = values(held[0], inner), values(held[1], inner)
        return [
            dict(zip(chosen, filled, strict=True))
            for n in range(steps + 1)
            for chosen in itertools.permutations(keys, n)
            for filled in itertools.product(each, repeat=n)
        ]
    if origin in (set, frozenset):
        items = values(held[0], inner)
        chosen_ = (some for n in range(steps + 1) for some in itertools.combinations(items, n))
        return [origin(some) for some in chosen_]
    if origin is tuple and held[-1] is not Ellipsis:
        return list(itertools.product(*(values(item, steps) for item in held)))
    return [origin(word) for word in _all(values(held[0], inner), steps)]


def _atoms(kind: type, steps: int) -> list[Any]:
    if kind is int:
        return [0, *(n * sign for n in range(1, steps + 1) for sign in (1, -1))]
    if kind is str:
        return ["".join(word) for word in _all(LETTERS, steps)]
    if kind is bytes:
        return [bytes(word) for word in _all(OCTETS, steps)]
    if kind is bool:
        return [False, True]
    return list(FLOATS) if kind is float else [None]


def _all(items: Sequence[Any], most: int) -> Iterator[tuple[Any, ...]]:
    return itertools.chain.from_iterable(
        itertools.product(items, repeat=n) for n in range(most + 1)
    )


def words(kind: Any, steps: int) -> str:
    """The values of a type within so many steps, told in words."""
    return " or ".join(_told(one, steps) for one in alternatives(kind))


def _told(kind: Any, steps: int) -> str:
    origin, held = get_origin(kind), get_args(kind)
    if origin is None:
        atoms = {
            int: f"ints from {-steps} to {steps}",
            bool: "True and False",
            float: "zeros, 0.5, ±1, infinities and nan",
            str: f"texts of up to {steps} of {len(LETTERS)} characters",
            bytes: f"bytes of up to {steps} of {len(OCTETS)} octets",
        }
        return atoms.get(kind, "None")
    inner = max(1, steps - 1)
    if origin is dict:
        return f"dicts of up to {steps} items ({words(held[0], inner)}: {words(held[1], inner)})"
    if origin is tuple and held[-1] is not Ellipsis:
        return f"tuples ({', '.join(words(item, steps) for item in held)})"
    return f"{origin.__name__}s of up to {steps} items ({words(held[0], inner)})"
