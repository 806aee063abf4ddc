"""Makes more inputs out of captured calls: boundaries, mutations, splices, constants of the code.

Input number ``n`` is a pure function of the seed, the captures and ``n``, so that two workers make
the same one without sending it. Mutated values stay in the types that were observed and near to
them (a bool for an int, a subclass of str), because the guards of a variation must hold there too.
"""

import copy
import enum
import math
import random
import re
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, islice, product
from typing import Any

from selfsame.runtime.shadow.encoder import PLAIN
from selfsame.runtime.shadow.inputs import Call
from selfsame.runtime.shadow.layouts import own_state
from selfsame.runtime.shadow.payloads import anew
from selfsame.runtime.shadow.shorten import LENGTHS, shortened
from selfsame.runtime.shadow.twins import has_float, inside, spelled, twin_of

TWINS = 8
"""One amplified input in so many has an equal value of another type in it, where there is one."""
AGAIN = 2
"""So much later the input that it was made from comes again: a cache may have kept either."""
SPELLING = 0.32
"""Below this draw, of those from 0.25 on, a text gets the letters of another argument."""
SMALL_BYTES = 2000
"""Below about this size payloads are drawn equally often and as they are; above it, the larger the more
rarely, and the more often shortened."""
OBSERVE = 200
"""Captures that are looked at for the types of parameters."""


class OddInt(int):
    """An int that does not add or compare as one: a guard by isinstance lets it in wrongly."""

    def __add__(self, other: object) -> int:
        return 7

    __radd__ = __mul__ = __rmul__ = __add__

    def __lt__(self, other: object) -> bool:
        return True


class PlainInt(int):
    """A subclass of int with nothing of its own."""


class PlainStr(str):
    """A subclass of str with nothing of its own."""

    __slots__ = ()


class OddList(list[Any]):
    """A list that iterates from its end."""

    def __iter__(self) -> Any:
        return reversed(self)


class PlainDict(dict[Any, Any]):
    """A subclass of dict that has a default."""

    def __missing__(self, key: object) -> object:
        return 0


INTS: tuple[int, ...] = (0, 1, -1, 2, -2, 3, 7, 10, 255, 256, -(2**31), 2**31, 2**32 - 1)
INTS += (2**63 - 1, 2**63, -(2**63) - 1, 10**25)
FLOATS = (0.0, -0.0, 0.5, -1.5, 1.0, math.nan, math.inf, -math.inf, 1e308, 5e-324, 2.0**53)
STRS = (
    "",
    "a",
    "0",
    " ",
    "\0",
    "é",
    "ß",
    "İ",
    "\U0001f600",
    "\udc80",
    "a\nb",
    "%s",
    "{}",
    "ab" * 40,
)
BYTES = (b"", b"a", b"\0", b"\xff", b"ab" * 40)
CORNERS: dict[type, tuple[float, ...]] = {int: (0, 1, -1), float: (0.0, -0.0, 1.0, -1.0, 0.5)}
MOST_CORNERS = 24
"""So many inputs have zeros for all their numbers, and as many small numbers."""
PARTS = re.compile(r"(\d+|\w+|\s+)")
WHITE = (" ", "\n", "\t", "  ", "\r\n")
NEAR: dict[type, tuple[object, ...]] = {
    int: (True, False, 1.5, 2.0, PlainInt(3), OddInt(3), None),
    float: (1, True, 0, 2**53 + 1, 10**400, None),
    str: (PlainStr("abc"), PlainStr(""), None, b"a"),
    bytes: (bytearray(b"ab"), None, "a"),
    bool: (0, 1, 2, None),
    type(None): (0, "", False),
    list: (None, (), (1, 2), "ab"),
    dict: (None, PlainDict(), ()),
    tuple: (None, [], [1, 2]),
    set: (None, frozenset({1}), []),
}
"""Values of neighbouring types, by observed type."""


def dictionary(codes: Iterable[types.CodeType]) -> list[Any]:
    """The constants of code objects, at any depth, without a cap; ints with their neighbours."""
    found: dict[tuple[type, str], Any] = {}

    def add(value: Any) -> None:
        if isinstance(value, types.CodeType):
            for constant in value.co_consts:
                add(constant)
        elif isinstance(value, (tuple, frozenset)):
            for item in sorted(value, key=repr):
                add(item)
        elif type(value) is int:
            for near in (value, value + 1, value - 1):
                found.setdefault((int, hex(near)), near)
        elif type(value) in (float, str, bytes):
            found.setdefault((type(value), repr(value)), value)

    for code in codes:
        add(code)
    return list(found.values())


class Amplifier:
    """Inputs by number, for one node. ``near`` also tries neighbouring types."""

    def __init__(
        self, seed: str, payloads: Sequence[bytes], constants: Sequence[Any], near: bool = True
    ) -> None:
        self._seed = seed
        self._payloads = payloads
        # What a change brings to light shows with small inputs too, and sooner.
        self._weights = list(accumulate(1.0 / (SMALL_BYTES + len(p)) for p in payloads))
        self._short: dict[tuple[bytes, int], bytes] = {}
        self._constants: dict[type, list[Any]] = {}
        for value in constants:
            self._constants.setdefault(type(value), []).append(value)
        self.near = near

    @cached_property
    def _grid(self) -> list[dict[int, object]]:
        """Every parameter with every boundary value of the types observed for it, shuffled.

        And all numbers among them with small ones at once: a sum is zero, or minus zero, only then.
        """
        observed: dict[int, dict[type, None]] = {}
        for payload in self._payloads[:OBSERVE]:
            for index, value in enumerate(Call.of(payload).parameters):
                observed.setdefault(index, {})[type(value)] = None
        rng = random.Random(f"{self._seed}:grid")
        cells: list[dict[int, object]] = [
            {index: value}
            for index, kinds in observed.items()
            for kind in kinds
            for value in self._boundaries(kind)
        ]
        together: list[dict[int, object]] = []
        numbers = {
            index: [corner for kind in kinds for corner in CORNERS.get(kind, ())]
            for index, kinds in observed.items()
            if not kinds.keys().isdisjoint(CORNERS)
        }
        if len(numbers) > 1:
            # Zeros of floats first, the negative ones before the others; then with whole ones.
            zeros = [
                sorted((c for c in corners if c == 0), key=repr) for corners in numbers.values()
            ]
            rows = [*islice(product(*zeros), MOST_CORNERS)]
            rows += [tuple(map(rng.choice, numbers.values())) for _ in range(MOST_CORNERS)]
            together = [
                dict(zip(numbers, row, strict=True))
                for row in {repr(row): row for row in rows}.values()
            ]
        rng.shuffle(cells)
        return together + cells

    def make(self, number: int) -> Call:
        """Input ``number``, a fresh copy: every second one is a boundary while there are any."""
        if number % TWINS == TWINS - 1:
            _, twin = self._twin(number)
            if twin is not None:
                return twin
        elif number > TWINS and (number - AGAIN) % TWINS == TWINS - 1:
            of, twin = self._twin(number - AGAIN)
            if twin is not None:
                return of
        rng = random.Random(f"{self._seed}:{number}")
        payload = self._drawn(rng)
        call = self._call(payload, self._keep(payload, rng))
        parameters = list(call.parameters)
        cell, turn = divmod(number, 2)
        if turn == 0 and cell < len(self._grid):
            for index, value in self._grid[cell].items():
                if index < len(parameters):
                    parameters[index] = _fresh(value)
        elif parameters:
            for _ in range(rng.choice((1, 1, 2, 3))):
                self._step(parameters, call.globals, rng)
        if call.globals and rng.random() < 0.1:
            # Only as they were seen with another call: one that never changes may be relied on.
            call.globals = Call.of(self._drawn(rng)).globals
        call.parameters = tuple(parameters)
        return call

    def _drawn(self, rng: random.Random) -> bytes:
        """Any payload; of large ones, the smaller more often."""
        return rng.choices(self._payloads, cum_weights=self._weights)[0]

    def _keep(self, payload: bytes, rng: random.Random) -> int:
        """How many elements its lists keep; 0 where it stays as it is."""
        return rng.choice(LENGTHS) if rng.random() > SMALL_BYTES / len(payload) else 0

    def _call(self, payload: bytes, keep: int) -> Call:
        """A fresh copy; a shortened one is kept as a payload, which is read in much less time."""
        if not keep:
            return Call.of(payload)
        short = self._short.get((payload, keep))
        if short is not None:
            return Call.of(short)
        call = Call.of(payload)
        parameters = list(call.parameters)
        shortened(parameters, keep)
        call.parameters = tuple(parameters)
        try:
            short = anew(call, call.parameters)
        except Exception:  # instances whose class does not let itself be pickled like this
            return call
        self._short[payload, keep] = short
        return Call.of(short)

    def _twin(self, number: int) -> tuple[Call, Call | None]:
        """An input, and it with an equal value of another type: a cache that mixes these up is wrong.

        An int becomes a float only where floats were seen, and a bool where it is 0 or 1. None where
        it has nothing of the kind.
        """
        rng = random.Random(f"{self._seed}:twin {number}")
        payload = self._drawn(rng)
        keep = self._keep(payload, rng)
        of, call = self._call(payload, keep), self._call(payload, keep)
        parameters = list(call.parameters)
        for index in rng.sample(range(len(parameters)), len(parameters)):
            twin = twin_of(parameters[index], index in self._with_floats, rng)
            if twin is not parameters[index]:
                parameters[index] = twin
                call.parameters = tuple(parameters)
                return of, call
        return of, None

    @cached_property
    def _with_floats(self) -> frozenset[int]:
        found = set()
        for payload in self._payloads[:OBSERVE]:
            for index, value in enumerate(Call.of(payload).parameters):
                if index not in found and has_float(value):
                    found.add(index)
        return frozenset(found)

    @cached_property
    def _records(self) -> bool:
        """Whether all tuples seen are of one length: rows, of which none is shorter."""
        sizes: set[int] = set()
        for payload in self._payloads[:OBSERVE]:
            for value in Call.of(payload).parameters:
                sizes |= _tuple_sizes(value)
        return len(sizes) == 1

    def _step(
        self, parameters: list[Any], live: dict[tuple[str, str], Any], rng: random.Random
    ) -> None:
        index = rng.randrange(len(parameters))
        draw = rng.random()
        if draw < 0.1:  # the same object twice, or the values of two parameters exchanged
            other = rng.randrange(len(parameters))
            if type(parameters[other]) is type(parameters[index]):
                swapped = parameters[index]
                parameters[index] = parameters[other]
                if draw < 0.05:
                    parameters[other] = swapped
        elif draw < 0.25:
            donor = Call.of(self._drawn(rng)).parameters
            if index < len(donor) and not self._crossed(parameters[index], donor[index], rng):
                parameters[index] = donor[index]
        else:
            held = None
            if draw < 0.4 and type(parameters[index]) in (int, str, bytes):
                rest = parameters[:index] + parameters[index + 1 :]
                kind = type(parameters[index])
                if draw < SPELLING and kind is not int:
                    held = spelled(rest, kind, rng)
                if held is None:
                    held = inside([*rest, *live.values()], kind, rng)
            if held is None:
                held = self._other(parameters[index], rng, self.near)
            parameters[index] = held

    def _crossed(self, items: Any, donor: Any, rng: random.Random) -> bool:
        """Half the time, one item of another list put into a list: what was seen apart, in one."""
        if type(items) is not list or type(donor) is not list or not donor or rng.random() < 0.5:
            return False
        place = rng.randrange(len(items) + 1)
        items[place : place + rng.randrange(2)] = [rng.choice(donor)]
        return True

    def _boundaries(self, kind: type) -> list[object]:
        plain: dict[type, Sequence[object]] = {
            int: INTS, float: FLOATS, str: STRS, bytes: BYTES, bool: (True, False),
            list: ([],), dict: ({},), tuple: () if self._records else ((),), set: (set(),), type(None): (None,),
        }  # fmt: skip
        values = [*plain.get(kind, ()), *self._constants.get(kind, ())]
        return values + list(NEAR.get(kind, ())) if self.near else values

    def _other(self, value: Any, rng: random.Random, near: bool, depth: int = 0) -> Any:
        """``value`` changed: containers and instances in place or anew, atoms replaced."""
        kind = type(value)
        if near and rng.random() < 0.12 and kind in NEAR:
            return _fresh(rng.choice(NEAR[kind]))
        if kind is int:
            return self._int(value, rng)
        if kind is float:
            drawn = (value + 1.0, -value, value * 0.5, value * 1e6, *FLOATS)
            return rng.choice((*drawn, *self._constants.get(float, ())))
        if kind is bool:
            return not value
        if kind in (str, bytes):
            return self._text(value, rng)
        if depth < 6 and kind in (list, deque):
            return self._sequence(value, rng, near, depth)
        if depth < 6 and kind is tuple:
            items = list(value)
            if items and self._records:
                index = rng.randrange(len(items))
                items[index] = self._other(items[index], rng, near, depth + 1)
                return tuple(items)
            return tuple(self._sequence(items, rng, near, depth))
        if depth < 6 and kind in (set, frozenset):
            items = sorted(value, key=repr) if PLAIN.issuperset(map(type, value)) else list(value)
            return kind(x for x in self._sequence(items, rng, near, depth) if _hashable(x))
        if depth < 6 and kind in (dict, OrderedDict, defaultdict, Counter):
            return self._dict(value, rng, near, depth)
        return self._instance(value, rng, depth)

    def _int(self, value: int, rng: random.Random) -> int:
        less = rng.randrange(abs(value) + 1)  # what is a size works as well with a smaller one
        drawn = (value + 1, value - 1, -value, value * 2, value // 2, value ^ 1, less, less // 100)
        return int(rng.choice((*drawn, *drawn, *INTS, *self._constants.get(int, ()))))

    def _text(self, value: Any, rng: random.Random) -> Any:
        kind = type(value)
        cut = rng.randrange(len(value) + 1)
        pool = STRS if kind is str else BYTES
        one = rng.choice((*pool, *self._constants.get(kind, ())))
        spliced = value[:cut] + one + value[cut:]
        end = rng.randrange(cut, len(value) + 1)
        drawn = [value[:cut], value[cut:], value[::-1], spliced, one, value + value[:1000]]
        drawn += [
            value[:cut] + value[end:],
            value[:end] + value[cut:],
        ]  # less, and some of it twice
        drawn.append(one + value + rng.choice((*pool, *self._constants.get(kind, ()))))
        # One letter another, a piece several times, nothing but one letter.
        letter = one[:1] or value[:1]
        drawn += [value[:cut] + letter + value[cut + 1 :]] * 2
        drawn += [one * rng.randint(2, 4) + value, letter * len(value[:1000])]
        white = rng.choice(WHITE) if kind is str else rng.choice(WHITE).encode()
        drawn += [white + value, value + white, white + value + white]
        if kind is str:
            drawn += [value.upper(), value.lower(), value.strip(), self._worded(value, rng)]
        return rng.choice(drawn)

    def _worded(self, value: str, rng: random.Random) -> str:
        """One word, number or line of a text changed, doubled, left out or put elsewhere."""
        parts = PARTS.split(value) if rng.random() < 0.6 else value.splitlines(keepends=True)
        if len(parts) < 2:
            return value
        here, there = rng.randrange(len(parts)), rng.randrange(len(parts))
        draw = rng.random()
        if draw < 0.35 and parts[here].isdecimal():
            parts[here] = str(self._int(int(parts[here][:30]), rng))
        elif draw < 0.5:
            parts[here] = parts[there]
        elif draw < 0.65:
            parts[here], parts[there] = parts[there], parts[here]
        elif draw < 0.8:
            parts.insert(there, parts[here])
        elif draw < 0.9:
            del parts[here]
        else:
            parts[here] = parts[here].swapcase()
        return "".join(parts)

    def _sequence(self, items: Any, rng: random.Random, near: bool, depth: int) -> Any:
        draw = rng.random()
        if items and draw < 0.5:
            index = rng.randrange(len(items))
            items[index] = self._other(items[index], rng, near, depth + 1)
        elif draw < 0.6:
            items.reverse()
        elif items and draw < 0.68:
            items.append(items[rng.randrange(len(items))])
        elif items and draw < 0.76:
            del items[rng.randrange(len(items))]
        elif draw < 0.78:
            items.clear()
        elif draw < 0.81 and items and set(map(type, items)) == {int}:
            places = [item % len(items) for item in items]  # as those of parents and degrees are
            items.clear()
            items.extend(places)
        elif draw < 0.88:
            kept = list(items)[: rng.choice((1, max(1, len(items) // 2)))]
            items.clear()
            items.extend(kept)
        elif draw < 0.94:
            items.extend(list(items)[:1000])
        else:
            try:
                ranked = sorted(items)
            except Exception:  # elements that have no order stay as they are
                ranked = list(items)
            items.clear()
            items.extend(ranked)
        if near and depth == 0 and type(items) is list and rng.random() < 0.05:
            return OddList(items)
        return items

    def _dict(self, value: dict[Any, Any], rng: random.Random, near: bool, depth: int) -> Any:
        draw = rng.random()
        names = list(value)
        if names and draw < 0.55:
            name = rng.choice(names)
            value[name] = self._other(value[name], rng, near, depth + 1)
        elif names and draw < 0.7:
            del value[rng.choice(names)]
        elif names and draw < 0.85:
            name = rng.choice(names)
            changed = self._other(name, rng, near, depth + 1)
            if _hashable(changed):
                value[changed] = value[name]
        elif draw < 0.92:
            value.clear()
        else:
            turned = [(name, value[name]) for name in reversed(names)]
            value.clear()
            value.update(turned)
        return value

    def _instance(self, value: Any, rng: random.Random, depth: int) -> Any:
        """One attribute of an instance changed within its type, or another member of an enumeration; other objects stay."""
        if type(value) is random.Random:
            value.seed(rng.randrange(1 << 16))
            return value
        if isinstance(value, enum.Enum):
            return rng.choice(list(type(value)))
        state = own_state(value)
        if depth < 6 and state:
            name = rng.choice(sorted(state, key=str))
            state[name] = self._other(state[name], rng, near=False, depth=depth + 1)
        return value


def _tuple_sizes(value: Any, depth: int = 3) -> set[int]:
    kind = type(value)
    if depth == 0 or kind not in (tuple, list, dict, set):
        return set()
    found = {len(value)} if kind is tuple else set()
    items = list(value.items() if kind is dict else value)[:50]
    inside = [part for item in items for part in (item if kind is dict else (item,))]
    return found.union(*(_tuple_sizes(item, depth - 1) for item in inside))


def _fresh(value: Any) -> Any:
    """A boundary value, copied where it is mutable, so that no two inputs share it."""
    return copy.copy(value) if isinstance(value, (list, dict, set, bytearray)) else value


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except Exception:  # whatever a user's __hash__ raises
        return False
    return True
