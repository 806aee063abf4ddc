"""Makes containers of what other makers make: lists, and dicts that may lead to themselves."""

import ast
import random
from collections.abc import Callable, Sequence
from typing import Any

from selfsame.runtime.shadow.atoms import Make
from selfsame.runtime.shadow.texts import SIZES

PLACES = 0.2
"""The share of lists of numbers in which these are smaller than the list is long."""
LINKED = 0.5
"""The share of dicts whose values lead to their keys, where they can."""
LISTS = frozenset(
    [
        "list",
        "List",
        "Sequence",
        "MutableSequence",
        "Iterable",
        "Collection",
        "Reversible",
        "Sized",
        "UserList",
    ]
)
DICTS = frozenset(["dict", "Dict", "Mapping", "MutableMapping"])
SETS = frozenset(["set", "Set", "AbstractSet", "MutableSet"])

Link = Callable[[Sequence[Any], Any, random.Random], Any]
"""Makes of keys and a value one that is like it, and leads to some of the keys."""


class Rows:
    """Makes lists: of few different values half the time, and sorted a quarter of it.

    Some of numbers are of places in the list itself, as those of parents, degrees and permutations are.
    """

    def __init__(self, make: Make, depth: int, unique: bool = False) -> None:
        self._make = make
        self._sizes = SIZES if depth == 0 else SIZES[:10] if depth == 1 else SIZES[:6]
        self._unique = unique

    def __call__(self, rng: random.Random) -> list[Any]:
        """One list."""
        size = rng.choice(self._sizes)
        if not self._unique and size > 1 and rng.random() < 0.5:
            pool = [self._make(rng) for _ in range(rng.randint(1, 4))]
            plain = all(isinstance(p, (int, float, str, bytes, tuple)) for p in pool)
            items = [rng.choice(pool) if plain else self._make(rng) for _ in range(size)]
        else:
            items = [self._make(rng) for _ in range(size)]
        if size > 1 and rng.random() < PLACES and set(map(type, items)) == {int}:
            items = [item % size for item in items]
        if rng.random() < 0.25:
            try:
                items.sort()
            except Exception:  # elements that have no order stay as they came
                pass
        return items


class Mappings:
    """Makes dicts. With ``link`` half of them lead to keys of their own, as graphs and trees do."""

    def __init__(self, keys: Rows, value: Make, link: Link | None) -> None:
        self._keys = keys
        self._value = value
        self._link = link

    def __call__(self, rng: random.Random) -> dict[Any, Any]:
        """One dict."""
        made = {key: self._value(rng) for key in self._keys(rng)}
        if self._link is None or rng.random() >= LINKED:
            return made
        keys = list(made)
        return {key: self._link(keys, value, rng) for key, value in made.items()}


def links(annotation: ast.expr, key: ast.expr) -> Link | None:
    """What puts keys where a value's annotation has that of keys; None where it does not.

    So in ``dict[str, list[tuple[str, int]]]`` the texts of the values may be keys.
    """
    if ast.dump(annotation) == ast.dump(key):
        return lambda keys, value, rng: rng.choice(keys)
    if not isinstance(annotation, ast.Subscript):
        return None
    name: str = getattr(annotation.value, "id", "") or getattr(annotation.value, "attr", "")
    index = annotation.slice
    written = index.elts if isinstance(index, ast.Tuple) else [index]
    inside = [links(each, key) for each in written]
    first = inside[0] if inside else None
    if name in DICTS and len(inside) == 2 and any(inside):
        return lambda keys, value, rng: {
            _linked(first, keys, k, rng): _linked(inside[1], keys, v, rng) for k, v in value.items()
        }
    if first is not None and (name in LISTS | SETS or is_any_length(written)):
        return lambda keys, value, rng: type(value)(first(keys, item, rng) for item in value)
    if name in ("tuple", "Tuple") and any(inside):
        return lambda keys, value, rng: tuple(
            _linked(link, keys, item, rng) for link, item in zip(inside, value, strict=True)
        )
    return None


def is_any_length(inside: Sequence[ast.expr]) -> bool:
    """Whether what stands in brackets behind ``tuple`` is that of one with any number of items."""
    return len(inside) == 2 and isinstance(inside[1], ast.Constant) and inside[1].value is Ellipsis


def _linked(link: Link | None, keys: Sequence[Any], value: Any, rng: random.Random) -> Any:
    return value if link is None else link(keys, value, rng)
